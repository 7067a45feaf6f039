package codriver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"
)

func TestNumbersAndNamesAreThoseOfTheSharedVectors(t *testing.T) {
	text, err := os.ReadFile("../../tests/vectors/errors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors map[string]int
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	delete(vectors, "OK")
	if len(vectors) != len(kindNames) {
		t.Errorf("%d kinds here, %d in the vectors", len(kindNames), len(vectors))
	}
	for name, number := range vectors {
		if got := kindNames[Kind(number)]; got != name {
			t.Errorf("number %d is %q here, %q in the vectors", number, got, name)
		}
	}
}

func TestAnErrorIsItsKindAndTheStandardErrorOfItsMeaning(t *testing.T) {
	err := fmt.Errorf("while listing: %w", newError(ErrSessionNotFound, "no session %q", "s"))
	if !errors.Is(err, ErrSessionNotFound) || errors.Is(err, ErrClosed) {
		t.Errorf("%v is not told by its kind", err)
	}
	var known *Error
	if !errors.As(err, &known) || known.Number() != 60 || known.Name() != "SESSION_NOT_FOUND" {
		t.Errorf("got %+v", known)
	}
	if text := known.Error(); text != `SESSION_NOT_FOUND: no session "s"` {
		t.Errorf("it says %s", text)
	}
	for kind, standard := range map[Kind]error{
		ErrFSNotFound: fs.ErrNotExist, ErrFSInvalidPath: fs.ErrInvalid, ErrFSUnsupported: errors.ErrUnsupported,
	} {
		if !errors.Is(newError(kind, "x"), standard) || errors.Is(newError(ErrFSIO, "x"), standard) {
			t.Errorf("%v is not %v", kind, standard)
		}
		if got := fsKind(&fs.PathError{Op: "read", Path: "/x", Err: standard}); got != kind {
			t.Errorf("%v became %v", standard, got)
		}
	}
	if got := fsKind(fmt.Errorf("disk: %w", ErrFSConflict)); got != ErrFSConflict {
		t.Errorf("a kind that was wrapped became %v", got)
	}
	if got := fsKind(errors.New("disk full")); got != ErrFSIO {
		t.Errorf("an unknown error became %v", got)
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	options := Options{
		GitHubToken: "ghp_hush", Env: map[string]Secret{"KEY": "hush"}, Transport: External("h", 1, "hush"),
	}
	config := SessionConfig{GitHubToken: "hush", Provider: &ProviderConfig{APIKey: "hush"}}
	answer := MCPToken("hush")
	for _, shown := range []string{
		fmt.Sprintf("%v %+v %#v", options.GitHubToken, options.Env, config.GitHubToken),
		fmt.Sprintf("%+v", config.Provider), fmt.Sprintf("%#v", *config.Provider), fmt.Sprintf("%+v", answer),
		fmt.Sprintf("%v %+v %#v", *options.Transport, options.Transport, *options.Transport),
	} {
		if contains(shown, "hush") {
			t.Errorf("it shows: %s", shown)
		}
	}
	wire, err := json.Marshal(config)
	if err != nil || !contains(string(wire), `"gitHubToken":"hush"`) {
		t.Errorf("the wire does not get it: %s, %v", wire, err)
	}
}
