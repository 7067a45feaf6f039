package codriver

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/codriver/go/codriver/internal/wirejson"
)

// Options are the options of a client. The zero value starts a child over stdio and leaves everything else to the runtime.
type Options struct {
	// Transport says how the runtime is reached; default: a child over stdio.
	Transport *Transport `json:"transport,omitzero"`
	// CLIPath is the runtime's program; default: COPILOT_CLI_PATH, then `copilot` on PATH, then what
	// `codriver doctor --install` installed.
	CLIPath string `json:"cliPath,omitzero"`
	// CLIArgs are arguments before our own, e.g. a script when CLIPath is an interpreter.
	CLIArgs []string `json:"cliArgs,omitzero"`
	// Cwd is the runtime's working directory, which must exist; default: this process's.
	Cwd string `json:"cwd,omitzero"`
	// Env has environment variables of the runtime, over those of this process.
	Env map[string]Secret `json:"env,omitzero"`
	// EnvRemove has environment variables that the runtime does not inherit.
	EnvRemove []string `json:"envRemove,omitzero"`
	// LogLevel says how much the runtime writes to its log files.
	LogLevel LogLevel `json:"logLevel,omitzero"`
	// GitHubToken is the user's; it reaches the runtime in its environment, never in its arguments.
	GitHubToken Secret `json:"githubToken,omitzero"`
	// UseLoggedInUser says whether the login stored on this machine may be used; default: true, and false with GitHubToken.
	UseLoggedInUser *bool `json:"useLoggedInUser,omitzero"`
	// ConnectionToken is the token of the connection; default for a TCP child: a random one. Not for stdio.
	ConnectionToken Secret `json:"connectionToken,omitzero"`
	// BaseDirectory is where the runtime keeps state, configuration and logs (COPILOT_HOME); default: `~/.copilot`.
	BaseDirectory string `json:"baseDirectory,omitzero"`
	// SessionIdleTimeoutSeconds says after how many seconds the runtime closes an idle session; 0: never.
	SessionIdleTimeoutSeconds int64 `json:"sessionIdleTimeoutSeconds,omitzero"`
	// Remote says whether sessions may be steered from elsewhere.
	Remote bool `json:"remote,omitzero"`
	// Telemetry is OpenTelemetry of the runtime; default: off.
	Telemetry *Telemetry `json:"telemetry,omitzero"`
	// Mode says how much of its surroundings sessions take in.
	Mode Mode `json:"mode,omitzero"`
	// ClientInfo says who this program is.
	ClientInfo *ClientInfo `json:"clientInfo,omitzero"`
	// BuiltinPlugins are directories of plugins that every session has.
	BuiltinPlugins []string `json:"builtinPlugins,omitzero"`
	// EnableGitHubTelemetryForwarding makes the runtime forward its telemetry as notifications gitHubTelemetry.event.
	EnableGitHubTelemetryForwarding bool `json:"enableGitHubTelemetryForwarding,omitzero"`
	// SessionFS keeps session state in a store of one's own; default: the runtime's files.
	SessionFS *SessionFSOptions `json:"sessionFs,omitzero"`
	// Limits are bounds and deadlines.
	Limits *Limits `json:"limits,omitzero"`

	// OnState is called at each change of [Client.State], in order, from the first one on.
	OnState func(state State) `json:"-"`
	// OnLifecycle is called for each `session.lifecycle` notification, in order, from the first one on.
	OnLifecycle func(event *SessionLifecycleEvent) `json:"-"`
	// OnNotification is called for each notification that Codriver has no name for.
	OnNotification func(notification *Notification) `json:"-"`

	// Extra has options by their wire names that this package has no field for. Unlike elsewhere, unknown ones are refused.
	Extra map[string]any `json:"-"`
}

// MarshalJSON writes the names of the wire; secrets show.
func (v Options) MarshalJSON() ([]byte, error) { return wirejson.Marshal(v) }

// Mode says how much of its surroundings a client's sessions take in.
type Mode string

const (
	// ModeCopilot takes in what the `copilot` command line does: configuration, git, skills, memory. The default.
	ModeCopilot Mode = "copilot"
	// ModeEmpty takes in nothing but what a config names; for servers with many users. It needs BaseDirectory or SessionFS.
	ModeEmpty Mode = "empty"
)

// ClientInfo says who this program is, for the runtime's telemetry.
type ClientInfo struct {
	// Name is the program.
	Name string `json:"name"`
	// Version is its version.
	Version string `json:"version,omitempty"`
}

// Telemetry is OpenTelemetry of the runtime; that it is there turns it on.
type Telemetry struct {
	// OTLPEndpoint is an http or https URL.
	OTLPEndpoint string `json:"otlpEndpoint,omitempty"`
	// OTLPProtocol is http/json or http/protobuf.
	OTLPProtocol string `json:"otlpProtocol,omitempty"`
	// FilePath is the file for the file exporter.
	FilePath string `json:"filePath,omitempty"`
	// ExporterType is otlp-http or file.
	ExporterType string `json:"exporterType,omitempty"`
	// SourceName is the name of the instrumentation scope.
	SourceName string `json:"sourceName,omitempty"`
	// CaptureContent says whether prompts and answers are recorded.
	CaptureContent *bool `json:"captureContent,omitempty"`
}

// Transport says how a client reaches its runtime; made by [Stdio], [TCP], [External] or [Parent].
type Transport struct {
	kind, host string
	port       uint16
	token      Secret
}

// Stdio is a child of ours, over its stdin and stdout; the default.
func Stdio() *Transport { return &Transport{kind: "stdio"} }

// TCP is a child of ours, over TCP on loopback; port 0 is any.
func TCP(port uint16) *Transport { return &Transport{kind: "tcp", port: port} }

// External is a runtime somebody else started and will end; the token is empty where it was started without one.
func External(host string, port uint16, token Secret) *Transport {
	return &Transport{kind: "external", host: host, port: port, token: token}
}

// Parent is the runtime that started this process as an extension, over our own stdin and stdout; for
// [Client.JoinSession].
func Parent() *Transport { return &Transport{kind: "parent"} }

// String says which, without the token.
func (t Transport) String() string {
	if t.host == "" {
		return t.kind
	}
	return fmt.Sprintf("%s %s:%d", t.kind, t.host, t.port)
}

// GoString is String: fields that are not exported would show.
func (t Transport) GoString() string { return "codriver.Transport(" + t.String() + ")" }

// MarshalJSON writes the names of the wire.
func (t *Transport) MarshalJSON() ([]byte, error) {
	fields := map[string]any{"kind": t.kind}
	switch t.kind {
	case "tcp":
		fields["port"] = t.port
	case "external":
		fields["host"], fields["port"] = t.host, t.port
		if t.token != "" {
			fields["token"] = t.token
		}
	}
	return json.Marshal(fields)
}

// Limits are the bounds and deadlines of a client. What is zero (or nil) is the default; durations count in whole
// milliseconds.
type Limits struct {
	// MaxFrameBytes is the largest frame taken from the runtime; a larger one ends the connection with
	// [ErrFrameTooLarge]. Default: 64 MiB + 64 KiB.
	MaxFrameBytes int64
	// EventQueueMaxBytes is how much of undelivered events a session holds before deltas are merged; default: 64 MiB.
	EventQueueMaxBytes int64
	// ReplayMaxBytes is how much of delivered events a session holds for [Session.EventsFrom]; default: 64 KiB.
	ReplayMaxBytes *int64
	// ParkingMaxItems is how many parked messages an unknown session id may have; default: 1,024.
	ParkingMaxItems *int64
	// ParkingMaxBytes is how many parked bytes an unknown session id may have; default: 4 MiB.
	ParkingMaxBytes *int64
	// ParkingMaxIDs is how many unknown session ids may have parked messages; default: 64.
	ParkingMaxIDs *int64
	// ParkingTimeout is how long a message is parked; default: 120 s.
	ParkingTimeout time.Duration
	// FSDeadline is how long a filesystem call may take; default: 30 s.
	FSDeadline time.Duration
	// HandlerDeadline is how long a handler may take; default: as long as it likes.
	HandlerDeadline time.Duration
	// StartTimeout is how long starting and connecting may take; default: 60 s.
	StartTimeout time.Duration
	// StopTimeout is how long each step of stopping may take; default: 10 s.
	StopTimeout time.Duration
	// CloudReadyTimeout is how long a prompt waits for a cloud session's worker; default: 120 s.
	CloudReadyTimeout time.Duration
	// RequestTimeout is how long a call of the runtime may take; default: until it answers or is gone.
	RequestTimeout time.Duration
}

// MarshalJSON writes the names of the wire.
func (l Limits) MarshalJSON() ([]byte, error) {
	milliseconds := func(d time.Duration) int64 {
		if d > 0 {
			return max(1, d.Milliseconds())
		}
		return d.Milliseconds()
	}
	return json.Marshal(struct {
		MaxFrameBytes       int64  `json:"maxFrameBytes,omitempty"`
		EventQueueMaxBytes  int64  `json:"eventQueueMaxBytes,omitempty"`
		ReplayMaxBytes      *int64 `json:"replayMaxBytes,omitempty"`
		ParkingMaxItems     *int64 `json:"parkingMaxItems,omitempty"`
		ParkingMaxBytes     *int64 `json:"parkingMaxBytes,omitempty"`
		ParkingMaxIDs       *int64 `json:"parkingMaxIds,omitempty"`
		ParkingTimeoutMs    int64  `json:"parkingTimeoutMs,omitempty"`
		FSDeadlineMs        int64  `json:"fsDeadlineMs,omitempty"`
		HandlerDeadlineMs   int64  `json:"handlerDeadlineMs,omitempty"`
		StartTimeoutMs      int64  `json:"startTimeoutMs,omitempty"`
		StopTimeoutMs       int64  `json:"stopTimeoutMs,omitempty"`
		CloudReadyTimeoutMs int64  `json:"cloudReadyTimeoutMs,omitempty"`
		RequestTimeoutMs    int64  `json:"requestTimeoutMs,omitempty"`
	}{
		l.MaxFrameBytes, l.EventQueueMaxBytes, l.ReplayMaxBytes, l.ParkingMaxItems, l.ParkingMaxBytes, l.ParkingMaxIDs,
		milliseconds(l.ParkingTimeout), milliseconds(l.FSDeadline), milliseconds(l.HandlerDeadline),
		milliseconds(l.StartTimeout), milliseconds(l.StopTimeout), milliseconds(l.CloudReadyTimeout),
		milliseconds(l.RequestTimeout),
	})
}

// Ptr gives a pointer to v, for options that can be said to be false or zero.
func Ptr[T any](v T) *T { return &v }
