package codriver

import (
	"encoding/json"

	"github.com/codriver/go/codriver/internal/cabi"
	"github.com/codriver/go/codriver/internal/wirejson"
)

// Kinds of permission requests: see [PermissionRequest.Kind].
const (
	// PermissionShell is a shell command: fullCommandText, intention, commands, …
	PermissionShell = "shell"
	// PermissionWrite is a file that is written: fileName, diff, intention, …
	PermissionWrite = "write"
	// PermissionRead is a file or directory that is read: path, intention.
	PermissionRead = "read"
	// PermissionMCP is a tool of an MCP server: serverName, toolName, toolTitle, args, readOnly.
	PermissionMCP = "mcp"
	// PermissionURL is a URL that is fetched: url, intention.
	PermissionURL = "url"
	// PermissionCustomTool is a tool of this client: toolName, toolDescription, args.
	PermissionCustomTool = "custom-tool"
	// PermissionMemory is a write to long-term memory: fact, subject, …
	PermissionMemory = "memory"
	// PermissionHook is for a [PreToolUse] hook that answered ask: toolName, toolArgs, hookMessage.
	PermissionHook = "hook"
)

// Kind says what the permission is for, e.g. [PermissionShell]; newer runtimes may have kinds that are not here.
func (r *PermissionRequest) Kind() string { return r.Text("kind") }

// ToolCallID gives the tool call that wants it; empty where none does.
func (r *PermissionRequest) ToolCallID() string { return r.Text("toolCallId") }

// Text gives a field of the request that is text, e.g. fullCommandText, path or url.
func (r *PermissionRequest) Text(field string) string {
	text, _ := r.PermissionRequest[field].(string)
	return text
}

// PermissionDecision is the answer to a permission request.
//
// Which ones the runtime takes depends on the kind of the prompt (the kind of PromptRequest):
//
//	prompt                                    for the session             for longer
//	commands, write, read, mcp, custom-tool   with an Approval            for a location, with an Approval
//	path                                      without one, or read-only   –
//	url                                       with a domain               permanently, with a domain
//
// Once, reject and user-not-available fit all of them.
type PermissionDecision struct {
	// Kind is approve-once, approve-for-session, approve-read-only-for-session, approve-for-location,
	// approve-permanently, reject or user-not-available.
	Kind string `json:"kind"`
	// Feedback is what the model is told of a reject.
	Feedback string `json:"feedback,omitzero"`
	// Approval says what is approved from now on.
	Approval *Approval `json:"approval,omitzero"`
	// Domain is the origin that is approved from now on, e.g. `https://` and a host.
	Domain string `json:"domain,omitzero"`
	// LocationKey is the project that is approved for: its git root or working directory.
	LocationKey string `json:"locationKey,omitzero"`
	// Extra has fields that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (v PermissionDecision) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (v *PermissionDecision) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, v) }

// Approval says what is approved from now on, for a session or a location.
type Approval struct {
	// Kind is commands, write, read, mcp, custom-tool or memory.
	Kind string `json:"kind"`
	// CommandIdentifiers are command lines, spelled as in the prompt's commandIdentifiers.
	CommandIdentifiers []string `json:"commandIdentifiers,omitzero"`
	// ServerName is an MCP server.
	ServerName string `json:"serverName,omitzero"`
	// ToolName is a tool; for mcp, empty is every tool of the server.
	ToolName string `json:"toolName,omitzero"`
	// Extra has fields that this package does not know yet; sent as they are.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (v Approval) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.
func (v *Approval) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, v) }

// ApproveOnce says yes, this time.
func ApproveOnce() PermissionDecision { return PermissionDecision{Kind: "approve-once"} }

// ApproveForSession says yes, and in this session do not ask again for what approval covers; nil fits the prompt path.
func ApproveForSession(approval *Approval) PermissionDecision {
	return PermissionDecision{Kind: "approve-for-session", Approval: approval}
}

// ApproveRequestForSession says yes, and in this session do not ask again for the same thing as request: the same command line,
// any write, the same tool, the same origin of a URL. What the runtime cannot remember is approved once.
func ApproveRequestForSession(request *PermissionRequest) PermissionDecision {
	// A request that was read has JSON, and the core reads it again; else the next best is what it does with what it does not
	// know.
	decision := ApproveOnce()
	if asked, err := json.Marshal(request); err == nil {
		if text, err := cabi.ApproveForSession(asked); err == nil {
			_ = json.Unmarshal(text, &decision)
		}
	}
	return decision
}

// Reject says no; the model is told why, where feedback says so.
func Reject(feedback string) PermissionDecision {
	return PermissionDecision{Kind: "reject", Feedback: feedback}
}

// UserNotAvailable says that nobody is there who could say yes; counts as a no.
func UserNotAvailable() PermissionDecision { return PermissionDecision{Kind: "user-not-available"} }
