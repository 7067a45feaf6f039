package codriver_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/codriver/go/codriver"
)

func TestTheRuntimeIsFoundWhereAClientWouldFindIt(t *testing.T) {
	program := filepath.Join(t.TempDir(), "copilot")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	found, err := codriver.FindRuntime(codriver.Options{CLIPath: program})
	if err != nil || found.Path != program || found.Origin == "" {
		t.Errorf("%+v, %v", found, err)
	}
	if found, err := codriver.FindRuntime(codriver.Options{CLIPath: program + "-none"}); !errors.Is(err, codriver.ErrRuntimeNotFound) {
		t.Errorf("one that is not there: %+v, %v", found, err)
	}
	if codriver.Version() == "" {
		t.Error("the core has no version")
	}
	if directory := codriver.RuntimeInstallDir(); directory != "" && !filepath.IsAbs(directory) {
		t.Errorf("the directory of doctor is %q", directory)
	}
}

func TestTheCoreSaysWhatApprovesTheSameThingForASession(t *testing.T) {
	prompt := func(fields map[string]any) *codriver.PermissionRequest {
		return &codriver.PermissionRequest{RequestID: "p", PermissionRequest: fields, PromptRequest: fields}
	}
	url := codriver.ApproveRequestForSession(prompt(map[string]any{"kind": "url", "url": "https://example.org/a?b"}))
	if url.Kind != "approve-for-session" || url.Domain != "https://example.org" {
		t.Errorf("url: %+v", url)
	}
	commands := codriver.ApproveRequestForSession(prompt(map[string]any{"kind": "commands", "commandIdentifiers": []any{"ls"}}))
	if commands.Approval == nil || commands.Approval.Kind != "commands" || len(commands.Approval.CommandIdentifiers) != 1 {
		t.Errorf("commands: %+v", commands)
	}
	if unknown := codriver.ApproveRequestForSession(prompt(map[string]any{"kind": "moon"})); unknown.Kind != "approve-once" {
		t.Errorf("a kind that nobody knows: %+v", unknown)
	}
}
