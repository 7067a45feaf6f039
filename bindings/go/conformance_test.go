//go:build codriver_test_hooks

package codriver_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/codriver/go/codriver"
	"github.com/codriver/go/codriver/internal/cabi"
	"github.com/codriver/go/codriver/internal/memfs"
)

// report is what the conformance suite says.
type report struct {
	Passed   []string `json:"passed"`
	Failures []struct {
		Case   string `json:"case"`
		Reason string `json:"reason"`
	} `json:"failures"`
}

func conformance(t *testing.T, open func(context.Context, string) (codriver.SessionFS, error)) report {
	t.Helper()
	client, err := codriver.New(options(t, codriver.SessionFSOptions{Open: open}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	text, err := cabi.TestFSConformance(context.Background(), client.Handle())
	if err != nil {
		t.Fatal(err)
	}
	var found report
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAFilesystemWrittenInGoPassesTheConformanceSuite(t *testing.T) {
	stores := &byID{files: map[string]*memfs.FS{}}
	found := conformance(t, stores.open)
	for _, failure := range found.Failures {
		t.Errorf("%s: %s", failure.Case, failure.Reason)
	}
	if len(found.Passed) < 50 {
		t.Errorf("only %d cases were run", len(found.Passed))
	}
}

// forgetful acknowledges what it does not keep.
type forgetful struct{ *memfs.FS }

func (forgetful) Rename(context.Context, string, string) error { return nil }

func TestTheConformanceSuiteFindsAFaultOfAFilesystemWrittenInGo(t *testing.T) {
	found := conformance(t, func(context.Context, string) (codriver.SessionFS, error) { return forgetful{memfs.New()}, nil })
	if len(found.Failures) == 0 {
		t.Error("a filesystem whose Rename does nothing passes")
	}
}

func TestAPanicOfTheCoreIsAnErrorHere(t *testing.T) {
	var known *cabi.Error
	if err := cabi.TestPanic(); !errors.As(err, &known) || codriver.Kind(known.Number) != codriver.ErrInternal {
		t.Errorf("got %v", err)
	}
}
