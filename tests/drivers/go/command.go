package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// command is a line of the runner.
type command struct {
	ID uint64 `json:"id"`
	Op string `json:"op"`

	Runtime   runtimeSpec     `json:"runtime"`
	SessionFS *sessionFS      `json:"session_fs"`
	Options   json.RawMessage `json:"options"`

	Session   string          `json:"session"`
	SessionID string          `json:"session_id"`
	Config    json.RawMessage `json:"config"`
	Handlers  handlers        `json:"handlers"`
	Prompt    string          `json:"prompt"`
	TimeoutMs *int64          `json:"timeout_ms"`
	Model     string          `json:"model"`
	FromSeq   *uint64         `json:"from_seq"`
	Filter    json.RawMessage `json:"filter"`
	Message   string          `json:"message"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Target    uint64          `json:"target"`
}

// runtimeSpec says which runtime.
type runtimeSpec struct {
	Kind  string            `json:"kind"`
	Path  string            `json:"path"`
	Args  []string          `json:"args"`
	Env   map[string]string `json:"env"`
	Host  string            `json:"host"`
	Port  uint16            `json:"port"`
	Token string            `json:"token"`
}

type sessionFS struct {
	Store       string `json:"store"`
	InitialCwd  string `json:"initial_cwd"`
	StatePath   string `json:"state_path"`
	Conventions string `json:"conventions"`
	SQLite      bool   `json:"sqlite"`
	Binary      bool   `json:"binary"`
}

// handlers say how the handlers of a session behave.
type handlers struct {
	OnEvent     behaviour            `json:"on_event"`
	Permission  *behaviour           `json:"permission"`
	Tools       []toolBehaviour      `json:"tools"`
	UserInput   *behaviour           `json:"user_input"`
	Hooks       map[string]behaviour `json:"hooks"`
	FS          behaviour            `json:"fs"`
	Elicitation *behaviour           `json:"elicitation"`
}

type toolBehaviour struct {
	Name      string    `json:"name"`
	Behaviour behaviour `json:"behaviour"`
}

// behaviour is a word, and what stands after its colon: `slow:20`.
type behaviour struct{ word, rest string }

func (b *behaviour) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	b.word, b.rest, _ = strings.Cut(text, ":")
	return nil
}

// delay is what stands after the colon, as a time.
func (b behaviour) delay() time.Duration {
	ms, _ := strconv.Atoi(b.rest)
	return time.Duration(ms) * time.Millisecond
}
