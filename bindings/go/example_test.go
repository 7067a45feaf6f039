package codriver_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/codriver/go/codriver"
	"github.com/codriver/go/codriver/events"
)

// mock makes the examples run without a login: the runtime is one that says its lines.
func mock(lines string) codriver.Options {
	path := os.Getenv("CODRIVER_MOCK_RUNTIME")
	if path == "" {
		target := os.Getenv("CARGO_TARGET_DIR")
		if target == "" {
			target = filepath.Join("..", "..", "target")
		}
		path = filepath.Join(target, "debug", "mock-runtime")
	}
	script := codriver.Secret(`{"steps": [` + lines + `]}`)
	return codriver.Options{CLIPath: path, Env: map[string]codriver.Secret{"MOCK_RUNTIME_SCRIPT": script}}
}

const oneTurn = `
	{"expect": {"method": "session.send"}}, {"reply": {"result": {"messageId": "m-1"}}},
	{"turn": {"session": "s-1", "message_id": "m-1", "prompt": "p", "content": "Paris"}}`

func Example() {
	ctx := context.Background()
	client, err := codriver.Start(ctx, mock(oneTurn)) // yours: codriver.Options{}
	if err != nil {
		panic(err)
	}
	defer client.Close()

	session, err := client.CreateSession(ctx, codriver.SessionConfig{SessionID: "s-1", Model: "gpt-5"})
	if err != nil {
		panic(err)
	}
	turn, err := session.SendAndWait(ctx, codriver.Prompt("What is the capital of France?"))
	if err != nil {
		panic(err)
	}
	fmt.Println(turn.Text())
	// Output: Paris
}

func ExampleSession_Events() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client, err := codriver.Start(ctx, mock(oneTurn))
	if err != nil {
		panic(err)
	}
	defer client.Close()
	session, err := client.CreateSession(ctx, codriver.SessionConfig{SessionID: "s-1", Streaming: codriver.Ptr(true)})
	if err != nil {
		panic(err)
	}

	all := session.Events(ctx) // from here on, so that nothing is missed
	if _, err := session.Send(ctx, codriver.Prompt("What is the capital of France?")); err != nil {
		panic(err)
	}
	for event, err := range all {
		if err != nil {
			panic(err)
		}
		switch data := event.Data().(type) {
		case *events.AssistantMessageDelta:
			fmt.Print(data.DeltaContent)
		case *events.SessionIdle:
			fmt.Println()
			return
		}
	}
	// Output: Paris
}

func ExampleNewTool() {
	type place struct {
		City string `json:"city" jsonschema:"the city's name"`
	}
	weather := codriver.NewTool("get_weather", "Tells the weather",
		func(ctx context.Context, in place) (string, error) {
			return "22 °C in " + in.City, nil
		})

	answer, err := weather.Handler(context.Background(), &codriver.ToolInvocation{Arguments: []byte(`{"city": "Paris"}`)})
	fmt.Println(answer, err)
	// Output: 22 °C in Paris <nil>
}

func ExampleError() {
	ctx := context.Background()
	client, err := codriver.Start(ctx, mock(""))
	if err != nil {
		panic(err)
	}
	defer client.Close()

	_, err = client.ResumeSession(ctx, "nobody-knows", codriver.SessionConfig{})
	var known *codriver.Error
	fmt.Println(errors.Is(err, codriver.ErrSessionNotFound), errors.As(err, &known), known.Name(), known.Number())
	// Output: true true SESSION_NOT_FOUND 60
}

func ExampleSessionConfig() {
	config := codriver.SessionConfig{
		Model:         "gpt-5",
		ExcludedTools: []string{"bash"},
		OnPermissionRequest: func(ctx context.Context, request *codriver.PermissionRequest) (codriver.PermissionDecision, error) {
			if request.Kind() == codriver.PermissionRead {
				return codriver.ApproveOnce(), nil
			}
			return codriver.Reject("this program only reads"), nil
		},
		Hooks: map[codriver.HookKind]codriver.HookHandler{
			codriver.PreToolUse: func(ctx context.Context, input *codriver.HookInput) (codriver.HookOutput, error) {
				if input.ToolName() == "web_fetch" {
					return codriver.DenyTool("no network here"), nil
				}
				return codriver.HookOutput{}, nil
			},
		},
	}
	decision, _ := config.OnPermissionRequest(context.Background(), &codriver.PermissionRequest{
		PermissionRequest: map[string]any{"kind": "shell"},
	})
	fmt.Println(decision.Kind)
	// Output: reject
}

func ExampleSessionFSOptions() {
	// The state of all sessions in one file.
	options := mock("")
	directory, err := os.MkdirTemp("", "codriver")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(directory)
	url := "sqlite:" + filepath.Join(directory, "sessions.db")
	options.SessionFS = &codriver.SessionFSOptions{
		InitialCwd: "/work", StatePath: "/state", Store: codriver.Secret(url),
	}

	ctx := context.Background()
	client, err := codriver.Start(ctx, options)
	if err != nil {
		panic(err)
	}
	defer client.Close()
	if _, err := client.CreateSession(ctx, codriver.SessionConfig{SessionID: "s-1"}); err != nil {
		panic(err)
	}

	store, err := codriver.OpenStore(url)
	if err != nil {
		panic(err)
	}
	defer store.Close()
	sessions, err := store.ListSessions(ctx, nil)
	fmt.Println(len(sessions), sessions[0].SessionID, err)
	// Output: 1 s-1 <nil>
}

func ExampleToFS() {
	files := codriver.FromFS(fstest.MapFS{"state/plan.md": {Data: []byte("1. Rest.")}})

	text, err := fs.ReadFile(codriver.ToFS(context.Background(), files), "state/plan.md")
	fmt.Println(string(text), err)
	// Output: 1. Rest. <nil>
}
