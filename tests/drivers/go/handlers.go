package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/codriver/go/codriver"
)

var errThrown = errors.New("thrown on purpose")

func sayEvent(session string, event codriver.Event, subscriber uint64) {
	var data map[string]json.RawMessage
	_ = json.Unmarshal(event.RawData(), &data)
	var line map[string]any
	if event.IsLost() {
		line = map[string]any{"obs": "events_lost", "session": session, "count": data["count"]}
	} else {
		line = map[string]any{
			"obs": "event", "session": session, "seq": event.Seq(), "type": event.Type(), "event_id": event.ID(),
			"ephemeral": event.IsEphemeral(),
		}
		for _, name := range []string{"deltaContent", "content"} {
			if content, ok := data[name]; ok {
				line["content"] = content
			}
		}
	}
	if subscriber != 0 {
		line["subscriber"] = subscriber
	}
	say(line)
}

// attach hangs handlers onto a config of a session that the runner calls name.
func attach(config *codriver.SessionConfig, name string, h *handlers, client *codriver.Client) {
	config.OnHandlerError = func(failure *codriver.HandlerFailure) {
		say(map[string]any{"obs": "handler_error", "session": name, "where": failure.Place})
	}
	config.OnEvent = onEvent(name, h.OnEvent, client)
	if behaviour := h.Permission; behaviour != nil {
		config.OnPermissionRequest = func(ctx context.Context, request *codriver.PermissionRequest) (codriver.PermissionDecision, error) {
			say(map[string]any{"obs": "permission", "session": name, "kind": request.Kind()})
			switch behaviour.word {
			case "approve":
				return codriver.ApproveOnce(), nil
			case "deny":
				return codriver.Reject(""), nil
			case "hang":
				select {}
			default:
				return codriver.PermissionDecision{}, errThrown
			}
		}
	}
	if behaviour := h.UserInput; behaviour != nil {
		config.OnUserInputRequest = func(_ context.Context, request *codriver.UserInputRequest) (codriver.UserInputResponse, error) {
			say(map[string]any{"obs": "user_input", "session": name, "question": request.Question})
			if behaviour.word == "answer" {
				return codriver.Freeform(behaviour.rest), nil
			}
			return codriver.UserInputResponse{}, errThrown
		}
	}
	if behaviour := h.Elicitation; behaviour != nil {
		config.OnElicitationRequest = func(context.Context, *codriver.ElicitationRequest) (codriver.ElicitationResult, error) {
			switch behaviour.word {
			case "accept":
				return codriver.AcceptForm(nil), nil
			case "cancel":
				return codriver.CancelForm(), nil
			default:
				return codriver.ElicitationResult{}, errThrown
			}
		}
	}
	for kind, behaviour := range h.Hooks {
		if config.Hooks == nil {
			config.Hooks = map[codriver.HookKind]codriver.HookHandler{}
		}
		config.Hooks[codriver.HookKind(kind)] = func(context.Context, *codriver.HookInput) (codriver.HookOutput, error) {
			say(map[string]any{"obs": "hook", "session": name, "hook": kind})
			switch behaviour.word {
			case "allow":
				return codriver.AllowTool(), nil
			case "deny":
				return codriver.DenyTool("denied on purpose"), nil
			case "empty":
				return codriver.HookOutput{}, nil
			default:
				return codriver.HookOutput{}, errThrown
			}
		}
	}
	for _, tool := range h.Tools {
		run := func(ctx context.Context, call *codriver.ToolInvocation) (any, error) {
			return runTool(ctx, name, tool.Behaviour, call)
		}
		at := slices.IndexFunc(config.Tools, func(known codriver.Tool) bool { return known.Name == tool.Name })
		if at < 0 {
			at = len(config.Tools)
			config.Tools = append(config.Tools, codriver.Tool{Name: tool.Name, Description: "A tool of the driver"})
		}
		config.Tools[at].Handler = run
	}
}

func onEvent(session string, behaviour behaviour, client *codriver.Client) func(codriver.Event) {
	return func(event codriver.Event) {
		if behaviour.word != "count" {
			sayEvent(session, event, 0)
		}
		switch behaviour.word {
		case "slow":
			time.Sleep(behaviour.delay())
		case "throw":
			panic(errThrown)
		case "call_ping":
			if _, err := client.Ping(context.Background(), ""); err != nil {
				panic(err)
			}
		}
	}
}

func runTool(ctx context.Context, session string, behaviour behaviour, call *codriver.ToolInvocation) (any, error) {
	say(map[string]any{"obs": "tool", "session": session, "name": call.ToolName, "arguments": call.Arguments})
	switch behaviour.word {
	case "echo":
		return string(call.Arguments), nil
	case "text":
		return behaviour.rest, nil
	case "empty":
		return "", nil
	case "hang":
		<-ctx.Done()
		say(map[string]any{"obs": "tool_cancelled", "session": session, "name": call.ToolName})
		select {}
	default:
		return nil, errThrown
	}
}
