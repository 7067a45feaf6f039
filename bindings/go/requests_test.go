package codriver

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// recorded gives what a runtime asked, from the shared vectors.
func recorded(t *testing.T, file, kind string) object {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../tests/vectors/requests", file+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]object
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	found := all[kind]["1.0.102"]
	if found == nil {
		t.Fatalf("%s has no %s", file, kind)
	}
	return found
}

func copyWith(from object, members object) object {
	made := object{}
	for name, value := range from {
		made[name] = value
	}
	for name, value := range members {
		made[name] = value
	}
	return made
}

// asks is a question of the runtime and the answer that it must get.
type asks struct {
	name   string
	steps  []any
	config SessionConfig
}

// byEvent is a question that comes as an event.
func byEvent(name, kind string, data object, answer string, result object, config SessionConfig) asks {
	data = copyWith(data, object{"requestId": "q-1"})
	want := copyWith(result, object{"requestId": "q-1", "sessionId": "s-1"})
	return asks{name, []any{event("s-1", kind, data), expectWith(answer, want), reply(object{"success": true})}, config}
}

// byRequest is a question that comes as a request.
func byRequest(name, method string, params object, result any, config SessionConfig) asks {
	params = copyWith(params, object{"sessionId": "s-1"})
	return asks{name, []any{
		object{"request": object{"method": method, "params": params, "as": "q"}},
		object{"expect_response": object{"to": "q", "result": result}},
	}, config}
}

func TestEveryQuestionReachesItsHandlerAndItsAnswerGoesBack(t *testing.T) {
	every := everyHandler()
	every.Provider, every.Model = &ProviderConfig{BaseURL: "http://127.0.0.1:1/v1"}, "m"
	permissions := make(chan *PermissionRequest, 1)
	every.OnPermissionRequest = func(_ ctxt, request *PermissionRequest) (PermissionDecision, error) {
		permissions <- request
		return ApproveOnce(), nil
	}
	every.Hooks[PreToolUse] = func(_ ctxt, input *HookInput) (HookOutput, error) {
		if input.Kind != PreToolUse || input.SessionID != "s-1" {
			return HookOutput{}, errOnPurpose
		}
		return DenyTool("not " + input.ToolName()), nil
	}
	type args struct {
		City string `json:"city"`
	}
	every.Tools = []Tool{NewTool("get_weather", "Weather", func(_ ctxt, in args) (object, error) {
		return object{"city": in.City, "celsius": 22}, nil
	})}
	every.OnExitPlanMode = func(_ ctxt, request *ExitPlanModeRequest) (ExitPlanModeResponse, error) {
		return ExitPlanModeResponse{Approved: true, SelectedAction: request.Actions[0]}, nil
	}
	every.OnMCPAuthRequest = func(_ ctxt, request *MCPAuthRequest) (MCPAuthResponse, error) {
		if request.SessionID != "s-1" || request.ServerURL == "" || request.Reason != "initial" ||
			request.WwwAuthenticateParams["scope"] != "a b" {
			return MCPAuthResponse{}, errOnPurpose
		}
		return MCPToken(Secret("t-" + request.ServerName)), nil
	}
	every.OnMCPHeadersRequest = func(_ ctxt, request *MCPHeadersRequest) (MCPHeadersResponse, error) {
		if request.SessionID != "s-1" || request.ServerURL == "" {
			return MCPHeadersResponse{}, errOnPurpose
		}
		answer := MCPHeaders(map[string]Secret{"X-Key": Secret("k-" + request.ServerName + "-" + request.Reason)})
		answer.TTLMs = 1500
		return answer, nil
	}
	every.OnSessionLimitsExhausted = func(_ ctxt, request *SessionLimitsRequest) (SessionLimitsResponse, error) {
		if request.SessionID != "s-1" {
			return SessionLimitsResponse{}, errOnPurpose
		}
		return AddCredits(request.UsedAICredits + request.MaxAICredits), nil
	}
	hook := object{"hookType": "preToolUse", "input": object{"toolName": "bash", "toolArgs": object{"command": "ls"}}}
	for _, question := range []asks{
		byEvent("permission", "permission.requested", recorded(t, "permission", "commands"),
			"session.permissions.handlePendingPermissionRequest", object{"result": object{"kind": "approve-once"}}, every),
		byEvent("tool", "external_tool.requested", recorded(t, "tool", "external_tool.requested"),
			"session.tools.handlePendingToolCall", object{"result": object{
				"textResultForLlm": `{"celsius":22,"city":"Paris"}`, "resultType": "success",
			}}, every),
		byEvent("elicitation", "elicitation.requested", recorded(t, "elicitation", "mcp"),
			"session.ui.handlePendingElicitation", object{"result": object{
				"action": "accept", "content": object{"name": "Bob"},
			}}, every),
		byEvent("command", "command.execute", recorded(t, "command", "command.execute"),
			"session.commands.handlePendingCommand", object{}, every),
		byEvent("sampling", "sampling.requested", recorded(t, "sampling", "sampling.requested"),
			"session.ui.handlePendingSampling", object{"response": object{
				"role": "assistant", "model": "m", "content": object{"type": "text", "text": "hi"},
			}}, every),
		byEvent("MCP login", "mcp.oauth_required", recorded(t, "mcp_auth", "mcp.oauth_required"),
			"session.mcp.oauth.handlePendingRequest", object{"result": object{
				"kind": "token", "accessToken": "t-guarded", "tokenType": object{"$absent": true},
			}}, every),
		byEvent("MCP headers", "mcp.headers_refresh_required", object{
			"serverName": "far", "serverUrl": "http://127.0.0.1:1/mcp", "reason": "ttl-expired",
		}, "session.mcp.headers.handlePendingHeadersRefreshRequest", object{"result": object{
			"kind": "headers", "headers": object{"X-Key": "k-far-ttl-expired"}, "ttlMs": 1500,
		}}, every),
		byEvent("session limits", "session_limits_exhausted.requested", object{"usedAiCredits": 10.5, "maxAiCredits": 10},
			"session.ui.handlePendingSessionLimitsExhausted", object{"response": object{
				"action": "add", "additionalAiCredits": 20.5,
			}}, every),
		byRequest("user input", "userInput.request", recorded(t, "user_input", "userInput.request"),
			object{"answer": "a", "wasFreeform": false}, every),
		byRequest("exit plan mode", "exitPlanMode.request", recorded(t, "exit_plan_mode", "exitPlanMode.request"),
			object{"approved": true, "selectedAction": "$_"}, every),
		byRequest("auto mode switch", "autoModeSwitch.request", object{}, object{"response": "yes"}, every),
		byRequest("hook", "hooks.invoke", hook, object{"output": object{
			"permissionDecision": "deny", "permissionDecisionReason": "not bash",
		}}, every),
		byRequest("provider token", "providerToken.getToken", object{"providerName": "default"},
			object{"token": "token"}, every),
		byRequest("system message", "systemMessage.transform", object{"sections": object{"tone": object{"content": "Speak"}}},
			object{"sections": object{"tone": object{"content": "Speak kindly"}}}, every),
	} {
		t.Run(question.name, func(t *testing.T) {
			steps := append([]any{expect("test.ask"), reply(nil)}, question.steps...)
			steps = append(steps, object{"notify": object{"method": "test.answered"}})
			client := started(t, script(steps...))
			answered := make(chan *Notification, 1)
			client.OnNotification(func(n *Notification) { answered <- n })
			question.config.Name = question.name
			opened(t, client, question.config)
			if _, err := client.RPC(soon(t), "test.ask", nil); err != nil {
				t.Fatal(err)
			}
			within(t, answered)
		})
	}
	request := within(t, permissions)
	if request.Kind() != PermissionShell || request.Text("fullCommandText") == "" || request.SessionID != "s-1" ||
		request.ToolCallID() == "" || request.Extra["ownerSessionId"] == nil {
		t.Errorf("asked %+v", request)
	}
}

// askTool is a script that calls a tool n times and waits for the answers.
func askTool(n int, want object) object {
	var steps []any
	for i := range n {
		id := "t-" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		steps = append(steps, event("s-1", "external_tool.requested", object{
			"requestId": id, "sessionId": "s-1", "toolCallId": "c" + id, "toolName": "work", "arguments": object{},
		}))
	}
	for i := range n {
		id := "t-" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		steps = append(steps, expectWith("session.tools.handlePendingToolCall",
			object{"requestId": id, "sessionId": "s-1", "result": want}), replyBuiltin())
	}
	steps = append([]any{expect("session.send"), reply(object{"messageId": "m"})}, steps...)
	return script(append(steps, object{"notify": object{"method": "test.answered"}})...)
}

func answersOfATool(t *testing.T, n int, want object, handler func(ctxt, *ToolInvocation) (any, error), failures chan *HandlerFailure) {
	t.Helper()
	client := started(t, askTool(n, want))
	answered := make(chan *Notification, 1)
	client.OnNotification(func(n *Notification) { answered <- n })
	session := opened(t, client, SessionConfig{
		Tools:          []Tool{{Name: "work", Handler: handler}},
		OnHandlerError: func(failure *HandlerFailure) { failures <- failure },
	})
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	within(t, answered)
}

func TestAPanicInAHandlerIsAHandlerError(t *testing.T) {
	failures := make(chan *HandlerFailure, 4)
	answersOfATool(t, 1, object{"resultType": "failure", "textResultForLlm": "$_", "error": "$_"},
		func(ctxt, *ToolInvocation) (any, error) { panic("on purpose") }, failures)
	failure := within(t, failures)
	if failure.Place != "tool" || !contains(failure.Err.Error(), "on purpose") {
		t.Errorf("told %+v", failure)
	}
}

func TestAnAnswerThatCannotBeUsedIsAHandlerError(t *testing.T) {
	failures := make(chan *HandlerFailure, 4)
	answersOfATool(t, 1, object{"resultType": "failure", "textResultForLlm": "$_", "error": "$_"},
		func(ctxt, *ToolInvocation) (any, error) { return ToolResult{ResultType: "sucess"}, nil }, failures)
	failure := within(t, failures)
	if !contains(failure.Err.Error(), "resultType") {
		t.Errorf("told %+v", failure)
	}
}

func TestCallbacksComeManyAtOnceAndAnswersFromManyGoroutines(t *testing.T) {
	const many = 60
	var gate sync.WaitGroup
	gate.Add(many)
	answersOfATool(t, many, object{"resultType": "success", "textResultForLlm": "done"},
		func(ctxt, *ToolInvocation) (any, error) {
			// Nobody answers before all were asked.
			gate.Done()
			gate.Wait()
			return "done", nil
		}, make(chan *HandlerFailure, many))
}

func TestAToolHearsThatNobodyWaitsAnyMore(t *testing.T) {
	client := started(t, script(expect("session.send"), reply(object{"messageId": "m"}),
		event("s-1", "external_tool.requested", object{
			"requestId": "t-1", "sessionId": "s-1", "toolCallId": "c-1", "toolName": "work", "arguments": object{},
		})))
	called, cancelled := make(chan bool, 1), make(chan error, 1)
	session := opened(t, client, SessionConfig{Tools: []Tool{{Name: "work", Handler: func(ctx ctxt, _ *ToolInvocation) (any, error) {
		called <- true
		<-ctx.Done()
		cancelled <- ctx.Err()
		return nil, ctx.Err()
	}}}})
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	within(t, called)
	if err := session.Abort(soon(t)); err != nil {
		t.Fatal(err)
	}
	if err := within(t, cancelled); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestAHandlerThatHangsHoldsUpNothing(t *testing.T) {
	client := started(t, script(expect("session.send"), reply(object{"messageId": "m"}),
		event("s-1", "permission.requested", object{"requestId": "p-1", "permissionRequest": object{"kind": "shell"}})))
	asked := make(chan bool, 1)
	session := opened(t, client, SessionConfig{
		OnPermissionRequest: func(ctxt, *PermissionRequest) (PermissionDecision, error) {
			asked <- true
			hang()
			panic("unreachable")
		},
	})
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	within(t, asked)
	if _, err := client.Ping(soon(t), ""); err != nil {
		t.Error(err)
	}
	begun := time.Now()
	if err := session.Close(); err != nil || time.Since(begun) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
}

func TestTheUIAsksWhoeverShowsTheSession(t *testing.T) {
	client := started(t, script(
		expect("session.create"), object{"reply": object{"result": object{
			"sessionId": "s-1", "capabilities": object{"ui": object{"elicitation": true}, "later": 1},
		}}},
		expect("session.ui.elicitation"), reply(object{"action": "accept", "content": object{"answer": true}}),
		expect("session.ui.elicitation"), reply(object{"action": "accept", "content": object{"answer": "b"}}),
		expect("session.ui.elicitation"), reply(object{"action": "cancel"}),
		expectWith("session.ui.elicitation", object{"message": "Form?", "requestedSchema": object{"type": "object"}, "sessionId": "s-1"}),
		reply(object{"action": "decline"})))
	session := opened(t, client, SessionConfig{})
	if capabilities := session.Capabilities(); !capabilities.UI.Elicitation || capabilities.Extra["later"] != 1.0 {
		t.Errorf("it can %+v", capabilities)
	}
	ui := session.UI()
	if yes, err := ui.Confirm(soon(t), "Sure?"); err != nil || !yes {
		t.Errorf("%v, %v", yes, err)
	}
	if choice, ok, err := ui.Select(soon(t), "Which?", []string{"a", "b"}); err != nil || !ok || choice != "b" {
		t.Errorf("%q, %v, %v", choice, ok, err)
	}
	if _, ok, err := ui.Input(soon(t), "What?"); err != nil || ok {
		t.Errorf("%v, %v", ok, err)
	}
	if result, err := ui.Elicitation(soon(t), "Form?", object{"type": "object"}); err != nil || result.Action != "decline" {
		t.Errorf("%+v, %v", result, err)
	}
}
