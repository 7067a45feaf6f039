package codriver

import (
	"context"
	"encoding/json"
	"time"

	"github.com/codriver/go/codriver/internal/cabi"
	"github.com/codriver/go/codriver/internal/wirejson"
)

// SendOptions are a prompt and what goes with it.
type SendOptions struct {
	// Prompt is what the model reads.
	Prompt string `json:"prompt"`
	// DisplayPrompt is what people read instead.
	DisplayPrompt string `json:"displayPrompt,omitzero"`
	// Attachments are files, directories, selections, …, as the runtime's schema has them.
	Attachments []any `json:"attachments,omitzero"`
	// Mode is enqueue (the default), which waits for the running turn, or immediate, which steers it.
	Mode string `json:"mode,omitzero"`
	// AgentMode is the agent's mode for this prompt, e.g. plan.
	AgentMode string `json:"agentMode,omitzero"`
	// RequestHeaders are headers for the model provider.
	RequestHeaders map[string]any `json:"requestHeaders,omitzero"`
	// TraceParent is the W3C trace context.
	TraceParent string `json:"traceparent,omitzero"`
	// TraceState is the W3C trace state.
	TraceState string `json:"tracestate,omitzero"`

	// Timeout is how long [Session.SendAndWait] waits; 0: as long as its context. Unlike a context's deadline, which only
	// says that it has passed, its error names the last event, pending tools and permissions, and whether the runtime lives.
	Timeout time.Duration `json:"-"`
	// AbortOnTimeout makes SendAndWait abort the session when Timeout is over; default: the turn goes on.
	AbortOnTimeout bool `json:"-"`

	// Extra has options that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (o SendOptions) MarshalJSON() ([]byte, error) { return wirejson.Marshal(o) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (o *SendOptions) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, o) }

// Prompt is a prompt with nothing else.
func Prompt(prompt string) SendOptions { return SendOptions{Prompt: prompt} }

// TurnResult says how a turn ended.
type TurnResult struct {
	// MessageID is the id the runtime gave the prompt.
	MessageID string `json:"messageId"`
	// Content is the last text the assistant said in this turn; nil where it said none.
	Content *string `json:"content"`
	// Aborted says whether the turn was aborted.
	Aborted bool `json:"aborted"`
}

// Text gives the content; empty where there is none.
func (r *TurnResult) Text() string {
	if r.Content == nil {
		return ""
	}
	return *r.Content
}

// Send sends a prompt and gives its message id; the turn goes on by itself. Prompts of one session go out in the order of
// the calls. To a cloud session whose worker is not there yet, the prompt waits for it.
//
// Errors: [ErrCloudNotReady], and as [Session.RPC].
func (s *Session) Send(ctx context.Context, options SendOptions) (messageID string, err error) {
	text, err := json.Marshal(options)
	if err != nil {
		return "", newError(ErrInvalidArgument, "the prompt has no JSON: %v", err)
	}
	return readText(cabi.SessionSend(ctx, s.handle, text))
}

// SendAndWait sends a prompt and waits for the end of its turn, whatever else the session does. Where the context ends
// first, the turn goes on; [Session.Abort] stops it.
//
// Errors: [ErrTimeout] after [SendOptions.Timeout], [ErrSessionError] where the turn failed, [ErrClosed] where the session
// ended, and as [Session.Send].
func (s *Session) SendAndWait(ctx context.Context, options SendOptions) (*TurnResult, error) {
	wanted, err := json.Marshal(options)
	if err != nil {
		return nil, newError(ErrInvalidArgument, "the prompt has no JSON: %v", err)
	}
	var turn TurnResult
	text, err := cabi.SessionSendAndWait(ctx, s.handle, wanted, timeoutMs(options.Timeout), options.AbortOnTimeout)
	if err := read(text, err, &turn); err != nil {
		return nil, err
	}
	return &turn, nil
}
