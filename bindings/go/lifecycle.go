package codriver

import "encoding/json"

// State says whether a client is connected.
type State string

// The states of a client.
const (
	// StateConnecting: it starts or connects.
	StateConnecting State = "connecting"
	// StateConnected: the runtime answers.
	StateConnected State = "connected"
	// StateDisconnected: it was stopped, or never connected.
	StateDisconnected State = "disconnected"
	// StateError: it could not connect, or the runtime was lost.
	StateError State = "error"
)

// SessionLifecycleKind says what happened to a session. Newer runtimes may have kinds that are not here.
type SessionLifecycleKind string

// What happens to sessions.
const (
	// SessionCreated: it was created or resumed.
	SessionCreated SessionLifecycleKind = "session.created"
	// SessionDeleted: it was deleted, or only left by its client.
	SessionDeleted SessionLifecycleKind = "session.deleted"
	// SessionUpdated: its metadata changed; comes with nearly every stored event.
	SessionUpdated SessionLifecycleKind = "session.updated"
	// SessionForeground: the terminal shows it.
	SessionForeground SessionLifecycleKind = "session.foreground"
	// SessionBackground: the terminal shows another.
	SessionBackground SessionLifecycleKind = "session.background"
)

// Notification is one that Codriver has no name for, e.g. `host.event`.
type Notification struct {
	// Method is its name.
	Method string `json:"method"`
	// Params is what it carries, as the runtime sent it.
	Params json.RawMessage `json:"params"`
}

// HandlerFailure says where a handler failed, and how.
type HandlerFailure struct {
	// Place is the handler's name as on the wire: on_event, permission, tool, a hook's name, …
	Place string
	// SessionID is the session.
	SessionID string
	// Err is what it failed with.
	Err error
}

// RuntimeInfo is what the handshake said of the runtime.
type RuntimeInfo struct {
	// ProtocolVersion is the version of the protocol; 3.
	ProtocolVersion int64 `json:"protocolVersion"`
	// Version is the runtime's, e.g. 1.0.102; empty where an old runtime gave none.
	Version string `json:"version"`
}

// Counters are counts since the client or the session was made. All only grow.
type Counters struct {
	// EventsReceived counts events that came for a session, doubles not counted.
	EventsReceived uint64 `json:"events_received"`
	// EventsDelivered counts events handed over: once for each stream and once for all handlers of a session together.
	EventsDelivered uint64 `json:"events_delivered"`
	// EventsMerged counts events whose content went into another one at the queue's bound.
	EventsMerged uint64 `json:"events_merged"`
	// EventsLost counts ephemeral events given up at the queue's bound.
	EventsLost uint64 `json:"events_lost"`
	// Duplicates counts events that came a second time.
	Duplicates uint64 `json:"duplicates"`
	// Parked counts events and requests kept for a session that was not known yet.
	Parked uint64 `json:"parked"`
	// Expired counts events and requests given up: nobody here ever knew their session.
	Expired uint64 `json:"expired"`
	// HandlerErrors counts handlers that failed, panicked or timed out.
	HandlerErrors uint64 `json:"handler_errors"`
}
