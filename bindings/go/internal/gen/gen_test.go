package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsCommittedIsWhatTheCoreSays(t *testing.T) {
	module := filepath.Join("..", "..")
	files, err := Generate(filepath.Join(module, "..", "..", "core", "src"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 30 {
		t.Fatalf("only %d files are generated", len(files))
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(module, name)); err != nil || string(got) != string(want) {
			t.Errorf("%s is stale: run `go generate ./...`", name)
		}
	}
	for _, pattern := range []string{"*_gen.go", "events/*_gen.go"} {
		there, _ := filepath.Glob(filepath.Join(module, pattern))
		for _, path := range there {
			name, _ := filepath.Rel(module, path)
			if _, ok := files[filepath.ToSlash(name)]; !ok {
				t.Errorf("%s is not generated any more: remove it", name)
			}
		}
	}
}

func TestALineThatIsNotUnderstoodIsAnError(t *testing.T) {
	if _, err := parse("/// A thing.\npub struct Thing {\n  odd field => 3\n}"); err == nil || !strings.Contains(err.Error(), "odd field") {
		t.Errorf("got %v", err)
	}
}

func TestNamesAreThoseOfGo(t *testing.T) {
	for rust, want := range map[string]string{
		"session_id": "SessionID", "github_token": "GitHubToken", "mcp_oauth_token_storage": "MCPOAuthTokenStorage",
		"text_result_for_llm": "TextResultForLLM", "wire_api": "WireAPI",
	} {
		if got := fieldName(rust); got != want {
			t.Errorf("%s became %s", rust, got)
		}
	}
	for rust, want := range map[string]string{"McpServer": "MCPServer", "OpenAi": "OpenAI", "SessionFs": "SessionFs"} {
		if got := typeName(rust); got != want {
			t.Errorf("%s became %s", rust, got)
		}
	}
}
