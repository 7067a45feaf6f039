package codriver

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"reflect"
	"testing"
)

// call is a method of this package, what it asks of the runtime, and what becomes of the answer.
type call struct {
	name, method   string
	params, result object
	run            func(ctx context.Context, client *Client, session *Session) (any, error)
	want           any
}

var calls = []call{
	{
		"Status", "status.get", object{}, object{"version": "1.2.3", "protocolVersion": 3, "later": 1},
		func(ctx context.Context, client *Client, _ *Session) (any, error) { return client.Status(ctx) },
		&RuntimeStatus{Version: "1.2.3", ProtocolVersion: 3, Extra: map[string]any{"later": 1.0}},
	},
	{
		"AuthStatus", "auth.getStatus", object{}, object{
			"isAuthenticated": true, "authType": "user", "host": "https://github.com", "login": "octocat",
			"statusMessage": "octocat is logged in", "copilotPlan": "individual_pro", "later": "x",
		},
		func(ctx context.Context, client *Client, _ *Session) (any, error) { return client.AuthStatus(ctx) },
		&AuthStatus{
			IsAuthenticated: true, AuthType: "user", Host: "https://github.com", Login: "octocat",
			StatusMessage: "octocat is logged in", CopilotPlan: "individual_pro", Extra: map[string]any{"later": "x"},
		},
	},
	{
		"AuthStatus of nobody", "auth.getStatus", object{}, object{"isAuthenticated": false},
		func(ctx context.Context, client *Client, _ *Session) (any, error) { return client.AuthStatus(ctx) },
		&AuthStatus{},
	},
	{
		"ListModels", "models.list", object{}, object{"models": []object{
			{"id": "gpt-5", "name": "GPT-5", "supportedReasoningEfforts": []string{"low", "high"}, "defaultReasoningEffort": "low"},
			{"id": "later", "name": "Later"},
		}},
		func(ctx context.Context, client *Client, _ *Session) (any, error) {
			models, err := client.ListModels(ctx)
			var found []string
			for _, model := range models {
				found = append(found, model.ID, model.Name, model.DefaultReasoningEffort)
				found = append(found, model.SupportedReasoningEfforts...)
			}
			return found, err
		},
		[]string{"gpt-5", "GPT-5", "low", "low", "high", "later", "Later", ""},
	},
	{
		"ForegroundSessionID", "session.getForeground", object{}, object{"sessionId": "s-7"},
		func(ctx context.Context, client *Client, _ *Session) (any, error) {
			return client.ForegroundSessionID(ctx)
		},
		"s-7",
	},
	{
		"ForegroundSessionID without a terminal", "session.getForeground", object{}, object{},
		func(ctx context.Context, client *Client, _ *Session) (any, error) {
			return client.ForegroundSessionID(ctx)
		},
		"",
	},
	{
		"SetForegroundSessionID", "session.setForeground", object{"sessionId": "s-7"}, object{"success": true},
		func(ctx context.Context, client *Client, _ *Session) (any, error) {
			return nil, client.SetForegroundSessionID(ctx, "s-7")
		},
		nil,
	},
	{
		"Log", "session.log", object{"sessionId": "s-1", "message": "by the way"}, object{"eventId": "e-1"},
		func(ctx context.Context, _ *Client, session *Session) (any, error) {
			return session.Log(ctx, "by the way", LogOptions{})
		},
		"e-1",
	},
	{
		"Log with options", "session.log", object{
			"sessionId": "s-1", "message": "mind this", "level": "warning", "ephemeral": true,
		}, object{"eventId": "e-2"},
		func(ctx context.Context, _ *Client, session *Session) (any, error) {
			return session.Log(ctx, "mind this", LogOptions{Level: "warning", Ephemeral: true})
		},
		"e-2",
	},
	{
		"SetModel", "session.model.switchTo", object{"sessionId": "s-1", "modelId": "m", "reasoningEffort": "high"},
		object{"modelId": "m"},
		func(ctx context.Context, _ *Client, session *Session) (any, error) {
			return nil, session.SetModel(ctx, "m", "high")
		},
		nil,
	},
}

func TestEachCallAsksTheRuntimeAndReadsItsAnswer(t *testing.T) {
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			// A second answer is a failure of the runtime's.
			client := started(t, script(expectWith(call.method, call.params), reply(call.result),
				expectWith(call.method, call.params), object{"reply_error": object{"error": object{"code": -32099, "message": "broken"}}}))
			session := opened(t, client, SessionConfig{})
			got, err := call.run(soon(t), client, session)
			if err != nil || !reflect.DeepEqual(got, call.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, call.want)
			}
			if _, err := call.run(soon(t), client, session); !errors.Is(err, ErrRPC) {
				t.Errorf("an error of the runtime: %v", err)
			}
		})
	}
}

// joining names the variable that makes this program an extension instead of a test.
const joining = "CODRIVER_TEST_JOINS"

// extend is what an extension does: it joins the session of its parent, and tells it what it knows.
func extend() error {
	ctx := context.Background()
	client, err := Start(ctx, Options{Transport: Parent()})
	if err != nil {
		return err
	}
	session, err := client.JoinSession(ctx, SessionConfig{})
	if err != nil {
		return err
	}
	if _, err := session.Send(ctx, Prompt("from "+session.ID()+" at "+session.WorkspacePath())); err != nil {
		return err
	}
	return client.Close()
}

func TestAnExtensionJoinsTheSessionOfItsParent(t *testing.T) {
	plays, err := json.Marshal(script(
		expectWith("session.resume", object{"sessionId": "s-7", "disableResume": true}),
		reply(object{"sessionId": "s-7", "workspacePath": "/there"}),
		expectWith("session.send", object{"sessionId": "s-7", "prompt": "from s-7 at /there"}), reply(object{"messageId": "m"}),
		expectWith("session.destroy", object{"sessionId": "s-7"}), reply(object{"success": true}), object{"exit": object{}}))
	if err != nil {
		t.Fatal(err)
	}
	runtime := exec.Command(mockRuntime(t), "--server", "--stdio")
	runtime.Env = append(os.Environ(), "MOCK_RUNTIME_SCRIPT="+string(plays))
	extension := exec.CommandContext(soon(t), os.Args[0])
	extension.Env = append(os.Environ(), joining+"=1", "SESSION_ID=s-7")
	runtime.Stderr, extension.Stderr = os.Stderr, os.Stderr
	// Each reads what the other writes.
	for reader, writer := range map[*exec.Cmd]*exec.Cmd{runtime: extension, extension: runtime} {
		from, to, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close()
		defer to.Close()
		reader.Stdin, writer.Stdout = from, to
	}
	if err := runtime.Start(); err != nil {
		t.Fatal(err)
	}
	if err := extension.Run(); err != nil {
		t.Errorf("the extension: %v", err)
		_ = runtime.Process.Kill()
	}
	// It ends with another number where it was not asked what it waited for.
	if err := runtime.Wait(); err != nil {
		t.Errorf("the runtime: %v", err)
	}
}

func TestNobodyJoinsASessionThroughARuntimeOfItsOwn(t *testing.T) {
	t.Setenv("SESSION_ID", "s-7")
	client := started(t, script())
	if _, err := client.JoinSession(soon(t), SessionConfig{}); !errors.Is(err, ErrInvalidConfig) {
		t.Errorf("got %v", err)
	}
}
