package codriver

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(joining) != "" {
		if err := extend(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// Handlers that hang are meant to outlive their tests.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/codriver/go/codriver.hang"))
}

// hang is a handler that never returns.
func hang() { select {} }

// mockRuntime is the executable that plays scripts; `cargo build -p mock-runtime` makes it.
func mockRuntime(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("CODRIVER_MOCK_RUNTIME"); path != "" {
		return path
	}
	target := os.Getenv("CARGO_TARGET_DIR")
	if target == "" {
		target = filepath.Join("..", "..", "target")
	}
	path, err := exec.LookPath(filepath.Join(target, "debug", "mock-runtime"))
	if err != nil {
		t.Fatalf("there is no mock runtime: `cargo build --package mock-runtime`, or set CODRIVER_MOCK_RUNTIME (%v)", err)
	}
	return path
}

type object = map[string]any

// script is what the mock runtime does.
func script(steps ...any) object {
	if steps == nil {
		steps = []any{}
	}
	return object{"steps": steps}
}

func expect(method string) object {
	return object{"expect": object{"method": method}}
}

func expectWith(method string, params object) object {
	return object{"expect": object{"method": method, "params": params}}
}

func reply(result any) object { return object{"reply": object{"result": result}} }

func replyBuiltin() object { return object{"reply_builtin": object{}} }

func event(session, kind string, data object) object {
	return object{"event": object{"session": session, "type": kind, "data": data}}
}

// mocked gives options for a client of a mock that plays what is said.
func mocked(t testing.TB, plays object) Options {
	t.Helper()
	text, err := json.Marshal(plays)
	if err != nil {
		t.Fatal(err)
	}
	return Options{CLIPath: mockRuntime(t), Env: map[string]Secret{"MOCK_RUNTIME_SCRIPT": Secret(text)}}
}

// started gives a client of a mock, closed at the end of the test.
func started(t testing.TB, plays object) *Client {
	t.Helper()
	return startedWith(t, mocked(t, plays))
}

func startedWith(t testing.TB, options Options) *Client {
	t.Helper()
	client, err := Start(soon(t), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Errorf("the client did not stop well: %v", err)
		}
	})
	return client
}

// opened gives a session of the id s-1.
func opened(t testing.TB, client *Client, config SessionConfig) *Session {
	t.Helper()
	config.SessionID = "s-1"
	session, err := client.CreateSession(soon(t), config)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// soon is a context in which everything that works is done.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// within waits for something that a test waits for.
func within[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case value, ok := <-from:
		if !ok {
			t.Fatal("it was closed")
		}
		return value
	case <-time.After(30 * time.Second):
		t.Fatal("it did not come")
		panic("unreachable")
	}
}
