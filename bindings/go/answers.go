package codriver

import (
	"encoding/json"

	"github.com/codriver/go/codriver/internal/wirejson"
)

// UserInputResponse is the user's answer to a question. An error in its place makes the runtime tell the model that the
// user was unable to respond.
type UserInputResponse struct {
	// Answer is the answer; the runtime takes an empty one for none.
	Answer string `json:"answer"`
	// WasFreeform says whether it is in free words, not one of the choices.
	WasFreeform bool `json:"wasFreeform"`
}

// Choice answers with one of the choices.
func Choice(answer string) UserInputResponse { return UserInputResponse{Answer: answer} }

// Freeform answers in free words.
func Freeform(answer string) UserInputResponse {
	return UserInputResponse{Answer: answer, WasFreeform: true}
}

// ElicitationResult is the user's answer to a form.
type ElicitationResult struct {
	// Action is accept, decline or cancel.
	Action string `json:"action"`
	// Content has the values by field name (string, number, boolean or list of strings).
	Content map[string]any `json:"content,omitempty"`
	// Extra has fields that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (v ElicitationResult) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (v *ElicitationResult) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, v) }

// AcceptForm says that the user filled the form in.
func AcceptForm(content map[string]any) ElicitationResult {
	if content == nil {
		content = map[string]any{}
	}
	return ElicitationResult{Action: "accept", Content: content}
}

// DeclineForm says that the user refused.
func DeclineForm() ElicitationResult { return ElicitationResult{Action: "decline"} }

// CancelForm says that the user closed the form, or that there was none.
func CancelForm() ElicitationResult { return ElicitationResult{Action: "cancel"} }

// ExitPlanModeResponse is the answer to a plan.
type ExitPlanModeResponse struct {
	// Approved says whether the plan is good.
	Approved bool `json:"approved"`
	// SelectedAction is one of the request's actions; without it the runtime chooses.
	SelectedAction string `json:"selectedAction,omitempty"`
	// AutoApproveEdits says whether edits need no permission from now on.
	AutoApproveEdits *bool `json:"autoApproveEdits,omitempty"`
	// Feedback says what should be different.
	Feedback string `json:"feedback,omitempty"`
}

// AutoModeSwitchResponse is the answer to a switch of the model.
type AutoModeSwitchResponse string

const (
	// SwitchYes allows it for this turn.
	SwitchYes AutoModeSwitchResponse = "yes"
	// SwitchYesAlways allows it from now on; the runtime stores that.
	SwitchYesAlways AutoModeSwitchResponse = "yes_always"
	// SwitchNo ends the turn.
	SwitchNo AutoModeSwitchResponse = "no"
)

// MCPAuthResponse is the answer to a login: a token, or none. Printing hides the token.
type MCPAuthResponse struct {
	// Kind is token or cancelled.
	Kind string `json:"kind"`
	// AccessToken is the token.
	AccessToken Secret `json:"accessToken,omitempty"`
	// TokenType is the token's type; default: Bearer.
	TokenType string `json:"tokenType,omitempty"`
	// ExpiresIn says how many seconds the token lives; 0: nobody knows.
	ExpiresIn int64 `json:"expiresIn,omitempty"`
	// Extra has fields that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (v MCPAuthResponse) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (v *MCPAuthResponse) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, v) }

// MCPToken answers with an access token of type Bearer.
func MCPToken(accessToken Secret) MCPAuthResponse {
	return MCPAuthResponse{Kind: "token", AccessToken: accessToken}
}

// NoMCPToken answers without a login; the server stays as it is, and the runtime may ask again.
func NoMCPToken() MCPAuthResponse { return MCPAuthResponse{Kind: "cancelled"} }

// MCPHeadersResponse is the answer to a request for headers.
type MCPHeadersResponse struct {
	// Kind is headers, none or error.
	Kind string `json:"kind"`
	// Headers win over the configured ones.
	Headers map[string]Secret `json:"headers,omitempty"`
	// TTLMs says for how many milliseconds the headers may be kept; 0: as long as they work.
	TTLMs int64 `json:"ttlMs,omitempty"`
	// Message says why they could not be got.
	Message string `json:"message,omitempty"`
	// Extra has fields that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (v MCPHeadersResponse) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (v *MCPHeadersResponse) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, v) }

// MCPHeaders answers with headers.
func MCPHeaders(headers map[string]Secret) MCPHeadersResponse {
	return MCPHeadersResponse{Kind: "headers", Headers: headers}
}

// NoMCPHeaders answers that there are none.
func NoMCPHeaders() MCPHeadersResponse { return MCPHeadersResponse{Kind: "none"} }

// SessionLimitsResponse says what to do about a used up limit.
type SessionLimitsResponse struct {
	// Action is add, set, unset or cancel.
	Action string `json:"action"`
	// AdditionalAICredits is what add adds.
	AdditionalAICredits float64 `json:"additionalAiCredits,omitempty"`
	// MaxAICredits is what set sets.
	MaxAICredits float64 `json:"maxAiCredits,omitempty"`
	// Extra has fields that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (v SessionLimitsResponse) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (v *SessionLimitsResponse) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, v) }

// AddCredits raises the limit, by more than zero.
func AddCredits(credits float64) SessionLimitsResponse {
	return SessionLimitsResponse{Action: "add", AdditionalAICredits: credits}
}

// SetCredits sets the limit, above zero.
func SetCredits(credits float64) SessionLimitsResponse {
	return SessionLimitsResponse{Action: "set", MaxAICredits: credits}
}

// UnsetCredits removes the limit.
func UnsetCredits() SessionLimitsResponse { return SessionLimitsResponse{Action: "unset"} }

// CancelCredits leaves the limit; the request to the model is cancelled.
func CancelCredits() SessionLimitsResponse { return SessionLimitsResponse{Action: "cancel"} }

// SamplingResponse is MCP's CreateMessageResult as JSON; nil refuses the request.
type SamplingResponse json.RawMessage

// SampledText answers with a message of text by model.
func SampledText(model, text string) SamplingResponse {
	message := map[string]any{"role": "assistant", "model": model, "content": map[string]any{"type": "text", "text": text}}
	encoded, _ := json.Marshal(message) // Text of strings always encodes.
	return encoded
}

// MarshalJSON writes the message, or null for a refusal.
func (s SamplingResponse) MarshalJSON() ([]byte, error) { return json.RawMessage(s).MarshalJSON() }
