package codriver

import (
	"context"
	"encoding/json"

	"github.com/codriver/go/codriver/internal/wirejson"
)

// HookKind is a place where a hook is asked.
type HookKind string

// The places where hooks are asked. Inputs and outputs are named as on the wire.
const (
	// PreToolUse: before a tool runs. Input: toolName, toolArgs. Takes PermissionDecision (allow asks no permission any
	// more, deny, ask), PermissionDecisionReason, ModifiedArgs, AdditionalContext. Denies the tool where it fails.
	PreToolUse HookKind = "preToolUse"
	// PreMCPToolCall: before a tool of an MCP server is called. Input: serverName, toolName, arguments, toolCallId. Takes
	// MetaToUse.
	PreMCPToolCall HookKind = "preMcpToolCall"
	// PostToolUse: after a tool worked. Input: toolName, toolArgs, toolResult. Takes ModifiedResult, AdditionalContext.
	PostToolUse HookKind = "postToolUse"
	// PostToolUseFailure: after a tool failed. Input: toolName, toolArgs, error. Takes AdditionalContext.
	PostToolUseFailure HookKind = "postToolUseFailure"
	// UserPromptSubmitted: a prompt came in. Input: prompt. Takes ModifiedPrompt, AdditionalContext, or Decision block with
	// Reason, which ends the turn before the model is called.
	UserPromptSubmitted HookKind = "userPromptSubmitted"
	// UserPromptTransformed: the prompt as the model will read it. Input: prompt, transformedPrompt. Takes
	// ModifiedTransformedPrompt.
	UserPromptTransformed HookKind = "userPromptTransformed"
	// SessionStart: before the first turn. Input: source, initialPrompt. Takes AdditionalContext.
	SessionStart HookKind = "sessionStart"
	// SessionEnd: the session is destroyed (1.0.57 and 1.0.85: a turn ended). Input: reason.
	SessionEnd HookKind = "sessionEnd"
	// ErrorOccurred: something failed. Input: error (an object), errorContext, recoverable.
	ErrorOccurred HookKind = "errorOccurred"
	// AgentStop: the agent is about to stop. Input: stopReason, transcriptPath. Takes Decision block with Reason, which
	// becomes the next prompt.
	AgentStop HookKind = "agentStop"
	// SubagentStart: a sub-agent starts. Input: agentName, agentType, agentId. Takes AdditionalContext.
	SubagentStart HookKind = "subagentStart"
	// SubagentStop: a sub-agent is about to stop. Takes what AgentStop takes.
	SubagentStop HookKind = "subagentStop"
	// PreCompact: before the conversation is compacted.
	PreCompact HookKind = "preCompact"
	// PermissionRequestHook: a permission is asked for.
	PermissionRequestHook HookKind = "permissionRequest"
	// NotificationHook: the agent notifies.
	NotificationHook HookKind = "notification"
	// PostResult: a result is there.
	PostResult HookKind = "postResult"
	// PrePRDescription: before the description of a pull request is written.
	PrePRDescription HookKind = "prePRDescription"
)

// HookKinds has every kind.
var HookKinds = []HookKind{
	PreToolUse, PreMCPToolCall, PostToolUse, PostToolUseFailure, UserPromptSubmitted, UserPromptTransformed, SessionStart,
	SessionEnd, ErrorOccurred, AgentStop, SubagentStart, SubagentStop, PreCompact, PermissionRequestHook, NotificationHook,
	PostResult, PrePRDescription,
}

// HookHandler answers a hook.
type HookHandler func(ctx context.Context, input *HookInput) (HookOutput, error)

// HookInput is what a hook is told. The input is kept as it came; what is asked for often has a method.
type HookInput struct {
	// SessionID is the session; for a sub-agent's hook the session it belongs to.
	SessionID string `json:"sessionId"`
	// Kind says which hook.
	Kind HookKind `json:"hookType"`
	// Input is the whole input as the runtime sent it.
	Input map[string]any `json:"input"`
	// Extra has what this package does not know yet.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (h HookInput) MarshalJSON() ([]byte, error) { return wirejson.Marshal(h) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (h *HookInput) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, h) }

// Text gives a field of the input that is text; empty where it is not.
func (h *HookInput) Text(field string) string {
	text, _ := h.Input[field].(string)
	return text
}

// ToolName gives the tool (hooks about tools).
func (h *HookInput) ToolName() string { return h.Text("toolName") }

// ToolArgs gives the tool's arguments (hooks about tools); nil where there are none. Runtime 1.0.57 sends those of custom
// tools as a string of JSON: that is parsed.
func (h *HookInput) ToolArgs() any {
	value, ok := h.Input["toolArgs"]
	if !ok {
		value = h.Input["arguments"]
	}
	if text, ok := value.(string); ok {
		var parsed map[string]any
		if json.Unmarshal([]byte(text), &parsed) == nil && parsed != nil {
			return parsed
		}
	}
	return value
}

// Cwd gives the session's working directory.
func (h *HookInput) Cwd() string { return h.Text("cwd") }

// AgentID gives the sub-agent that asks; empty for the main one.
func (h *HookInput) AgentID() string { return h.Text("agentId") }

// Prompt gives the user's prompt (UserPromptSubmitted, UserPromptTransformed).
func (h *HookInput) Prompt() string { return h.Text("prompt") }

// HookOutput is the answer of a hook; the zero value has no opinion. Which fields have an effect depends on the kind: see
// [HookKind].
type HookOutput struct {
	// PermissionDecision is allow, deny or ask.
	PermissionDecision string `json:"permissionDecision,omitzero"`
	// PermissionDecisionReason is what the model reads of a deny, and the user of an ask.
	PermissionDecisionReason string `json:"permissionDecisionReason,omitzero"`
	// ModifiedArgs are the arguments that the tool gets.
	ModifiedArgs any `json:"modifiedArgs,omitzero"`
	// AdditionalContext is read by the model too. (1.0.57 ignores it for PreToolUse.)
	AdditionalContext string `json:"additionalContext,omitzero"`
	// ModifiedResult is what the model gets in place of the tool's result.
	ModifiedResult *ToolResult `json:"modifiedResult,omitzero"`
	// ModifiedPrompt takes the prompt's place.
	ModifiedPrompt string `json:"modifiedPrompt,omitzero"`
	// ModifiedTransformedPrompt is exactly what the model reads.
	ModifiedTransformedPrompt string `json:"modifiedTransformedPrompt,omitzero"`
	// Decision is block, with a Reason.
	Decision string `json:"decision,omitzero"`
	// Reason is what is told of a block.
	Reason string `json:"reason,omitzero"`
	// MetaToUse are the `_meta` fields that go with a call; to take away those that would, set Extra["metaToUse"] to nil.
	MetaToUse map[string]any `json:"metaToUse,omitzero"`
	// Extra has fields that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (h HookOutput) MarshalJSON() ([]byte, error) { return wirejson.Marshal(h) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (h *HookOutput) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, h) }

// AllowTool answers PreToolUse: the tool runs, and no permission is asked for.
func AllowTool() HookOutput { return HookOutput{PermissionDecision: "allow"} }

// DenyTool answers PreToolUse: the tool does not run; the model reads why.
func DenyTool(reason string) HookOutput {
	return HookOutput{PermissionDecision: "deny", PermissionDecisionReason: reason}
}

// AskAboutTool answers PreToolUse: the user decides; asked as a permission that shows the reason.
func AskAboutTool(reason string) HookOutput {
	return HookOutput{PermissionDecision: "ask", PermissionDecisionReason: reason}
}

// Block answers UserPromptSubmitted: the turn ends here and the user reads why; or AgentStop and SubagentStop: the agent
// goes on, with the reason as its prompt.
func Block(reason string) HookOutput { return HookOutput{Decision: "block", Reason: reason} }
