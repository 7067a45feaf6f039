package codriver

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/codriver/go/codriver/internal/cabi"
)

// handlerKey names a question: its kind, and which one of that kind (a tool, a hook, a section, a command).
type handlerKey struct{ kind, name string }

// handler answers a question with what its answer is in JSON.
type handler func(ctx context.Context, request *cabi.Request) (any, error)

// wanted tells the core which questions are answered here (the member `handlers` of a config).
type wanted struct {
	OnEvent        bool       `json:"onEvent,omitempty"`
	Permission     bool       `json:"permission,omitempty"`
	UserInput      bool       `json:"userInput,omitempty"`
	Elicitation    bool       `json:"elicitation,omitempty"`
	ExitPlanMode   bool       `json:"exitPlanMode,omitempty"`
	AutoModeSwitch bool       `json:"autoModeSwitch,omitempty"`
	MCPAuth        bool       `json:"mcpAuth,omitempty"`
	MCPHeaders     bool       `json:"mcpHeaders,omitempty"`
	Sampling       bool       `json:"sampling,omitempty"`
	SessionLimits  bool       `json:"sessionLimits,omitempty"`
	ProviderToken  bool       `json:"providerToken,omitempty"`
	Tools          []Tool     `json:"tools,omitempty"`
	Hooks          []HookKind `json:"hooks,omitempty"`
	SystemMessage  []string   `json:"systemMessage,omitempty"`
	Commands       []Command  `json:"commands,omitempty"`
}

// answering reads the question and calls what answers it; nil stays nil.
func answering[Q, A any](answer func(ctx context.Context, question *Q) (A, error)) handler {
	if answer == nil {
		return nil
	}
	return func(ctx context.Context, request *cabi.Request) (any, error) {
		question := new(Q)
		if err := json.Unmarshal(request.Payload, question); err != nil {
			return nil, newError(ErrProtocol, "the runtime's question cannot be read: %v", err)
		}
		if id := reflect.ValueOf(question).Elem().FieldByName("SessionID"); id.IsValid() && id.String() == "" {
			id.SetString(request.SessionID)
		}
		return answer(ctx, question)
	}
}

// split gives the handlers of a config, and the config with `handlers` as the core reads it.
func (c *SessionConfig) split() (map[handlerKey]handler, []byte, error) {
	all := map[handlerKey]handler{}
	set := func(kind, name string, h handler) bool {
		if h != nil {
			all[handlerKey{kind, name}] = h
		}
		return h != nil
	}
	config := *c
	want := wanted{
		OnEvent:        c.OnEvent != nil,
		Permission:     set("permission", "", answering(c.OnPermissionRequest)),
		UserInput:      set("userInput", "", answering(c.OnUserInputRequest)),
		Elicitation:    set("elicitation", "", answering(c.OnElicitationRequest)),
		ExitPlanMode:   set("exitPlanMode", "", answering(c.OnExitPlanMode)),
		AutoModeSwitch: set("autoModeSwitch", "", answering(c.OnAutoModeSwitch)),
		MCPAuth:        set("mcpAuth", "", answering(c.OnMCPAuthRequest)),
		MCPHeaders:     set("mcpHeaders", "", answering(c.OnMCPHeadersRequest)),
		Sampling:       set("sampling", "", answering(c.OnSamplingRequest)),
		SessionLimits:  set("sessionLimits", "", answering(c.OnSessionLimitsExhausted)),
		ProviderToken:  set("providerToken", "", answering(c.OnProviderToken)),
	}
	config.Tools = nil
	for _, tool := range c.Tools {
		if tool.err != nil {
			return nil, nil, tool.err
		}
		if set("tool", tool.Name, answering(tool.Handler)) {
			want.Tools = append(want.Tools, tool)
		} else {
			config.Tools = append(config.Tools, tool)
		}
	}
	config.Commands = nil
	for _, command := range c.Commands {
		if set("command", command.Name, running(command.Run)) {
			want.Commands = append(want.Commands, command)
		} else {
			config.Commands = append(config.Commands, command)
		}
	}
	for kind, hook := range c.Hooks {
		if set("hook", string(kind), answering(hook)) {
			want.Hooks = append(want.Hooks, kind)
		}
	}
	for id, rewrite := range c.SystemMessageSections {
		if set("systemMessage", id, rewriting(rewrite)) {
			want.SystemMessage = append(want.SystemMessage, id)
		}
	}
	slices.Sort(want.Hooks)
	slices.Sort(want.SystemMessage)
	text, err := json.Marshal(config)
	if err != nil {
		return nil, nil, newError(ErrInvalidConfig, "the session config has no JSON: %v", err)
	}
	handlers, err := json.Marshal(want)
	if err != nil {
		return nil, nil, newError(ErrInvalidConfig, "the tools have no JSON: %v", err)
	}
	// A config is an object, so `handlers` can be put behind its brace.
	whole := append([]byte(`{"handlers":`), handlers...)
	if len(text) > len("{}") {
		whole = append(whole, ',')
	}
	return all, append(whole, text[1:]...), nil
}

func running(run func(ctx context.Context, call *CommandInvocation) error) handler {
	if run == nil {
		return nil
	}
	return answering(func(ctx context.Context, call *CommandInvocation) (any, error) { return nil, run(ctx, call) })
}

func rewriting(rewrite func(ctx context.Context, section string) (string, error)) handler {
	if rewrite == nil {
		return nil
	}
	return func(ctx context.Context, request *cabi.Request) (any, error) {
		var section string
		if err := json.Unmarshal(request.Payload, &section); err != nil {
			return nil, newError(ErrProtocol, "the section cannot be read: %v", err)
		}
		return rewrite(ctx, section)
	}
}
