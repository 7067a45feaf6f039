package codriver

import "log/slog"

const hidden = "***"

// Secret is text that must never show: a token, a key, the value of a header or of an environment variable. Printing and
// logging hide it; [Secret.Expose] and JSON, because the wire needs it, do not.
type Secret string

// Expose gives the text itself; keep it out of logs and errors.
func (s Secret) Expose() string { return string(s) }

// String hides it.
func (s Secret) String() string { return hidden }

// GoString hides it.
func (s Secret) GoString() string { return "codriver.Secret(" + hidden + ")" }

// LogValue hides it.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// SecretObject is a JSON object that printing and logging hide.
type SecretObject map[string]any

// String hides it.
func (s SecretObject) String() string { return hidden }

// GoString hides it.
func (s SecretObject) GoString() string { return "codriver.SecretObject(" + hidden + ")" }

// LogValue hides it.
func (s SecretObject) LogValue() slog.Value { return slog.StringValue(hidden) }
