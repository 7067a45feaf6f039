package codriver

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/codriver/go/codriver/internal/wirejson"
)

// Tool is a tool of a session. Without a Handler it is declared only: a call of it stays pending for whoever answers
// `session.tools.handlePendingToolCall`.
type Tool struct {
	// Name is what the model calls; unique in a session.
	Name string `json:"name"`
	// Description is what the model is told about it.
	Description string `json:"description"`
	// Parameters is the JSON schema of the arguments, an object schema: anything that encodes to one.
	Parameters any `json:"parameters,omitempty"`
	// OverridesBuiltInTool says whether it replaces a built-in tool of the same name; without it such a name is refused.
	OverridesBuiltInTool bool `json:"overridesBuiltInTool,omitempty"`
	// SkipPermission says whether the runtime calls it without asking for a permission.
	SkipPermission bool `json:"skipPermission,omitempty"`
	// Defer is auto or never: whether the runtime may hide it behind tool search.
	Defer string `json:"defer,omitempty"`
	// Metadata is sent as it is.
	Metadata map[string]any `json:"metadata,omitempty"`
	// IsTerminal says whether a call of it ends the turn.
	IsTerminal bool `json:"isTerminal,omitempty"`
	// Handler answers a call. What it returns is what the model reads: a [ToolResult], text, nil for an empty text, or
	// anything else as JSON. An error or a panic is a failure that the model is told of.
	Handler func(ctx context.Context, call *ToolInvocation) (any, error) `json:"-"`
	// Extra has fields that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`

	// err is what is wrong with it; told when a session is made of it.
	err error
}

// MarshalJSON writes the names of the wire.
func (v Tool) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (v *Tool) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, v) }

// NewTool makes a tool of a function. In is a struct (or a map with string keys): the JSON schema of the arguments comes
// from it, with field names from `json` tags, descriptions from `jsonschema` tags, and fields with omitempty or omitzero
// as optional. Arguments that do not fit the schema are answered to the model as a failure, so that it can try again.
// Out is what [Tool.Handler] may return.
//
// The context ends when nobody waits for the result any more: the turn was aborted, the session or the client ends.
func NewTool[In, Out any](name, description string, handler func(ctx context.Context, in In) (Out, error)) Tool {
	tool := Tool{Name: name, Description: description}
	schema, resolved, err := schemaOf[In]()
	if err != nil {
		tool.err = newError(ErrInvalidConfig, "tools.%s: its arguments make no schema: %v", name, err)
		return tool
	}
	tool.Parameters = schema
	tool.Handler = func(ctx context.Context, call *ToolInvocation) (any, error) {
		var in In
		if err := decodeArguments(call.Arguments, resolved, &in); err != nil {
			return ToolFailure("invalid arguments: " + err.Error()), nil
		}
		return handler(ctx, in)
	}
	return tool
}

func schemaOf[In any]() (*jsonschema.Schema, *jsonschema.Resolved, error) {
	schema, err := jsonschema.For[In](nil)
	if err != nil {
		return nil, nil, err
	}
	if schema.Type != "object" {
		return nil, nil, fmt.Errorf("they must be a struct or a map, so that they have names")
	}
	resolved, err := schema.Resolve(nil)
	return schema, resolved, err
}

func decodeArguments(arguments json.RawMessage, schema *jsonschema.Resolved, in any) error {
	var instance any
	if err := json.Unmarshal(arguments, &instance); err != nil {
		return err
	}
	if err := schema.Validate(instance); err != nil {
		return err
	}
	return json.Unmarshal(arguments, in)
}

// ToolInvocation is a call of a tool (event `external_tool.requested`). It is durable: its answer may come from another
// process, after a resume, by the same RequestID.
type ToolInvocation struct {
	// RequestID is the id that the answer carries.
	RequestID string `json:"requestId"`
	// SessionID is the session.
	SessionID string `json:"sessionId"`
	// ToolCallID is the model's id of the call.
	ToolCallID string `json:"toolCallId"`
	// ToolName is the tool.
	ToolName string `json:"toolName"`
	// Arguments is what the model gives it: an object for nearly every tool.
	Arguments json.RawMessage `json:"arguments"`
	// WorkingDirectory is that of the session.
	WorkingDirectory string `json:"workingDirectory,omitempty"`
	// TraceParent is the W3C trace context of the call.
	TraceParent string `json:"traceparent,omitempty"`
	// TraceState is the W3C trace state of the call.
	TraceState string `json:"tracestate,omitempty"`
	// Extra has what this package does not know yet.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (v ToolInvocation) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (v *ToolInvocation) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, v) }

// ToolResult is the answer to a tool call.
type ToolResult struct {
	// TextResultForLLM is what the model reads; may be empty.
	TextResultForLLM string `json:"textResultForLlm"`
	// ResultType is success, failure, rejected (the turn ends), denied or timeout; empty is success, and failure where
	// Error is set.
	ResultType string `json:"resultType,omitempty"`
	// Error is what users and logs read of a failure; the model does not.
	Error string `json:"error,omitempty"`
	// SessionLog is what the timeline shows in place of the text.
	SessionLog string `json:"sessionLog,omitempty"`
	// BinaryResultsForLLM are images and other bytes for the model.
	BinaryResultsForLLM []BinaryResult `json:"binaryResultsForLlm,omitempty"`
	// Contents are content blocks: `{type: text|terminal|image|audio|resource|…, …}`.
	Contents []any `json:"contents,omitempty"`
	// ToolTelemetry is `{properties?, metrics?}`.
	ToolTelemetry map[string]any `json:"toolTelemetry,omitempty"`
	// Extra has fields that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (v ToolResult) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (v *ToolResult) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, v) }

// BinaryResult is an image or other bytes for the model.
type BinaryResult struct {
	// Type is image or resource.
	Type string `json:"type"`
	// Data is the bytes; base64 on the wire.
	Data []byte `json:"data"`
	// MIMEType says what they are, e.g. image/png.
	MIMEType string `json:"mimeType"`
	// Description says what they show.
	Description string `json:"description,omitempty"`
}

// ToolText answers that it worked.
func ToolText(text string) ToolResult {
	return ToolResult{TextResultForLLM: text, ResultType: "success"}
}

// ToolFailure answers that it failed; the model reads why.
func ToolFailure(text string) ToolResult {
	return ToolResult{TextResultForLLM: text, ResultType: "failure", Error: text}
}

// ToolDenied answers that it was not allowed; the model reads why.
func ToolDenied(text string) ToolResult {
	return ToolResult{TextResultForLLM: text, ResultType: "denied"}
}

// ToolRejected answers that the user refused; the turn ends.
func ToolRejected(text string) ToolResult {
	return ToolResult{TextResultForLLM: text, ResultType: "rejected"}
}
