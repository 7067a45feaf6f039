package main

import (
	"fmt"
	"strings"
)

// source is the text of one file, without its head.
type source struct{ text strings.Builder }

func (s *source) line(text string) {
	s.text.WriteString(text)
	s.text.WriteByte('\n')
}

func (s *source) comment(indent string, lines []string) {
	for _, line := range lines {
		s.line(strings.TrimRight(indent+"// "+line, " "))
	}
}

// goFields are names that Go needs another word for.
var goFields = map[string]string{
	"SessionConfig.hooks": "RequestHooks",
}

// counts are whole numbers of options whose zero says something.
var counts = map[string]bool{"ToolSearch.defer_threshold": true, "VisionLimits.max_prompt_images": true}

// options writes a struct of options; more is the text of fields that are Go's own.
func (s *source) options(d *declaration, more string) {
	name := typeName(d.name)
	s.comment("", typeDoc(name, d.doc))
	s.line("type " + name + " struct {")
	for _, f := range d.fields {
		s.comment("\t", goDoc(f.doc))
		typ, tag := goType(f.typ, !f.required), f.wire+",omitzero"
		if f.required {
			tag = f.wire
		}
		if counts[d.name+"."+f.name] {
			typ = "*" + typ
		}
		field := fieldName(f.name)
		if known, ok := goFields[d.name+"."+f.name]; ok {
			field = known
		}
		s.line(fmt.Sprintf("\t%s %s `json:%q`", field, typ, tag))
	}
	if d.name == "Command" {
		s.line("\t// Run does it. An error is told to whoever ran the command.")
		s.line("\tRun func(ctx context.Context, call *CommandInvocation) error `json:\"-\"`")
	}
	s.text.WriteString(more)
	s.extra(name, "Extra has fields that this package does not know yet; sent as they are.")
}

// result writes a struct that the runtime fills.
func (s *source) result(d *declaration) {
	name := typeName(d.name)
	s.comment("", typeDoc(name, d.doc))
	s.line("type " + name + " struct {")
	hasExtra := false
	for _, f := range d.fields {
		if f.name == "extra" {
			hasExtra = true
			continue
		}
		s.comment("\t", goDoc(f.doc))
		typ, tag := goType(f.typ, false), f.wire
		if f.wire != "-" && (strings.HasPrefix(f.typ, "Option<") || strings.HasPrefix(f.typ, "Vec<") || strings.HasPrefix(f.typ, "BTreeMap<")) {
			tag += ",omitempty"
		}
		s.line(fmt.Sprintf("\t%s %s `json:%q`", fieldName(f.name), typ, tag))
	}
	if hasExtra {
		s.extra(name, "Extra has what this package does not know yet, as the runtime sent it.")
	} else {
		s.line("}\n")
	}
}

func (s *source) extra(name, doc string) {
	s.line("\t// " + doc)
	s.line("\tExtra map[string]any `json:\"-\"`\n}\n")
	s.line("// MarshalJSON writes the names of the wire.")
	s.line(fmt.Sprintf("func (v %s) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }\n", name))
	s.line("// UnmarshalJSON reads the names of the wire; unknown ones go to Extra.")
	read := "wirejson.Unmarshal(data, v)"
	if name == "SessionConfig" {
		read = "invalidConfig(" + read + ")"
	}
	s.line(fmt.Sprintf("func (v *%s) UnmarshalJSON(data []byte) error { return %s }\n", name, read))
}

// word writes a set of words of the runtime: a string, since a newer runtime may have more.
func (s *source) word(d *declaration) {
	name := typeName(d.name)
	doc := typeDoc(name, d.doc)
	s.comment("", append(doc, "Words that are not here go on the wire as they are."))
	s.line("type " + name + " string\n\n// Words of [" + name + "].\nconst (")
	for _, w := range d.words {
		constant := name + typeName(w.name)
		lines := goDoc(w.doc)
		if len(lines) > 0 {
			lines[0] = constant + ": " + strings.ToLower(lines[0][:1]) + lines[0][1:]
		}
		s.comment("\t", lines)
		s.line(fmt.Sprintf("\t%s %s = %q", constant, name, w.text))
	}
	s.line(")\n")
}

const configDoc = `SessionConfig holds the options and handlers of one session. A field that is not set is not sent, so that the runtime's
default holds; [Ptr] says false or zero.

Handlers are called on goroutines of their own. Their context ends when nobody waits for the answer any more: the runtime
cancelled or aborted, the session was disconnected, the connection was lost, or the client stops. A panic is as good as an
error. Without a handler nothing is approved.`

const handlers = `	// Tools are answered by this process, or declared for whoever answers them.
	Tools []Tool ` + "`json:\"tools,omitzero\"`" + `

	// OnEvent sees every event from the first one on, also those before create answers, in wire order, one at a time. A
	// panic goes to OnHandlerError, and the next events still come.
	OnEvent func(event Event) ` + "`json:\"-\"`" + `
	// OnHandlerError is told when a handler failed; without it such failures are only counted.
	OnHandlerError func(failure *HandlerFailure) ` + "`json:\"-\"`" + `
	// OnPermissionRequest decides on permissions. Without it nothing is approved: requests stay pending for whoever answers
	// them. One that fails answers that the user is not available.
	OnPermissionRequest func(ctx context.Context, request *PermissionRequest) (PermissionDecision, error) ` + "`json:\"-\"`" + `
	// OnUserInputRequest answers what the model asks people.
	OnUserInputRequest func(ctx context.Context, request *UserInputRequest) (UserInputResponse, error) ` + "`json:\"-\"`" + `
	// OnElicitationRequest answers the forms of MCP servers.
	OnElicitationRequest func(ctx context.Context, request *ElicitationRequest) (ElicitationResult, error) ` + "`json:\"-\"`" + `
	// OnExitPlanMode decides whether a plan is good and the plan mode may be left.
	OnExitPlanMode func(ctx context.Context, request *ExitPlanModeRequest) (ExitPlanModeResponse, error) ` + "`json:\"-\"`" + `
	// OnAutoModeSwitch decides whether the runtime may switch the model.
	OnAutoModeSwitch func(ctx context.Context, request *AutoModeSwitchRequest) (AutoModeSwitchResponse, error) ` + "`json:\"-\"`" + `
	// Hooks are asked at fixed places of the runtime's work. One that fails denies the tool where it is [PreToolUse], and
	// changes nothing elsewhere.
	Hooks map[HookKind]HookHandler ` + "`json:\"-\"`" + `
	// SystemMessageSections rewrite sections of the system message by id: each gets the section's text and returns the new
	// one.
	SystemMessageSections map[string]func(ctx context.Context, section string) (string, error) ` + "`json:\"-\"`" + `
	// OnMCPAuthRequest logs in to MCP servers that want OAuth.
	OnMCPAuthRequest func(ctx context.Context, request *MCPAuthRequest) (MCPAuthResponse, error) ` + "`json:\"-\"`" + `
	// OnMCPHeadersRequest gives the headers for MCP servers whose headers have run out.
	OnMCPHeadersRequest func(ctx context.Context, request *MCPHeadersRequest) (MCPHeadersResponse, error) ` + "`json:\"-\"`" + `
	// OnSamplingRequest lets MCP servers ask the model.
	OnSamplingRequest func(ctx context.Context, request *SamplingRequest) (SamplingResponse, error) ` + "`json:\"-\"`" + `
	// OnSessionLimitsExhausted decides when the limits of the session are used up.
	OnSessionLimitsExhausted func(ctx context.Context, request *SessionLimitsRequest) (SessionLimitsResponse, error) ` + "`json:\"-\"`" + `
	// OnProviderToken gives the bearer token for each request to Provider, or to those of Providers without a credential.
	OnProviderToken func(ctx context.Context, request *ProviderTokenRequest) (Secret, error) ` + "`json:\"-\"`" + `

`
