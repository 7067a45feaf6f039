package codriver

import (
	"context"
	"errors"
	"testing/fstest"
)

// ctxt keeps signatures of handlers short.
type ctxt = context.Context

// FromFSForAll opens the same read-only files for every session.
func FromFSForAll(context.Context, string) (SessionFS, error) {
	return FromFS(fstest.MapFS{"state/a.txt": {Data: []byte("a")}}), nil
}

var errOnPurpose = errors.New("failed on purpose")

// everyHandler is a config in which every question has a handler.
func everyHandler() SessionConfig {
	hooks := map[HookKind]HookHandler{}
	for _, kind := range HookKinds {
		hooks[kind] = func(context.Context, *HookInput) (HookOutput, error) { return HookOutput{}, nil }
	}
	return SessionConfig{
		OnEvent: func(Event) {},
		OnPermissionRequest: func(ctxt, *PermissionRequest) (PermissionDecision, error) {
			return ApproveOnce(), nil
		},
		OnUserInputRequest: func(ctxt, *UserInputRequest) (UserInputResponse, error) { return Choice("a"), nil },
		OnElicitationRequest: func(ctxt, *ElicitationRequest) (ElicitationResult, error) {
			return AcceptForm(map[string]any{"name": "Bob"}), nil
		},
		OnExitPlanMode: func(ctxt, *ExitPlanModeRequest) (ExitPlanModeResponse, error) {
			return ExitPlanModeResponse{Approved: true}, nil
		},
		OnAutoModeSwitch: func(ctxt, *AutoModeSwitchRequest) (AutoModeSwitchResponse, error) { return SwitchYes, nil },
		OnMCPAuthRequest: func(ctxt, *MCPAuthRequest) (MCPAuthResponse, error) { return MCPToken("t"), nil },
		OnMCPHeadersRequest: func(ctxt, *MCPHeadersRequest) (MCPHeadersResponse, error) {
			return MCPHeaders(map[string]Secret{"X-Key": "k"}), nil
		},
		OnSamplingRequest: func(ctxt, *SamplingRequest) (SamplingResponse, error) { return SampledText("m", "hi"), nil },
		OnSessionLimitsExhausted: func(ctxt, *SessionLimitsRequest) (SessionLimitsResponse, error) {
			return AddCredits(5), nil
		},
		OnProviderToken: func(ctxt, *ProviderTokenRequest) (Secret, error) { return "token", nil },
		Hooks:           hooks,
		Commands: []Command{{
			Name: "deploy", Description: "Deploys", Run: func(ctxt, *CommandInvocation) error { return nil },
		}},
		SystemMessageSections: map[string]func(ctxt, string) (string, error){
			"tone": func(_ ctxt, section string) (string, error) { return section + " kindly", nil },
		},
	}
}
