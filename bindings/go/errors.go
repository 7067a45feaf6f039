package codriver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// Kind is the number of an error. Numbers and names are the same in every language and never change. A Kind is an error
// itself, so that it can be asked for: errors.Is(err, codriver.ErrSessionNotFound).
type Kind int

// The kinds of errors.
const (
	// ErrInvalidArgument: an argument of a call is not usable.
	ErrInvalidArgument Kind = 1
	// ErrInvalidConfig: a client or session option is not usable; the message names the field.
	ErrInvalidConfig Kind = 2
	// ErrClosed: the client or session was stopped, disconnected or never connected.
	ErrClosed Kind = 3
	// ErrWouldDeadlock: a blocking call from a thread that must not block.
	ErrWouldDeadlock Kind = 4
	// ErrForked: the handle was made before a fork; make a new client in the child.
	ErrForked Kind = 5
	// ErrBadHandle: a handle that names nothing.
	ErrBadHandle Kind = 6
	// ErrInvalidUTF8: text that is not UTF-8.
	ErrInvalidUTF8 Kind = 7
	// ErrRuntimeNotFound: no runtime was found, or it cannot be executed.
	ErrRuntimeNotFound Kind = 20
	// ErrRuntimeLost: the runtime or the connection to it is gone; the message has exit status and stderr.
	ErrRuntimeLost Kind = 21
	// ErrConnectFailed: no connection could be made.
	ErrConnectFailed Kind = 22
	// ErrAuthenticationRequired: the runtime wants a connection token or a login.
	ErrAuthenticationRequired Kind = 23
	// ErrAuthenticationFailed: the token was refused.
	ErrAuthenticationFailed Kind = 24
	// ErrProtocol: the peer broke the protocol.
	ErrProtocol Kind = 40
	// ErrVersionMismatch: the runtime speaks a protocol version that this library does not.
	ErrVersionMismatch Kind = 41
	// ErrRPC: the runtime answered with an error; see [Error.RPC].
	ErrRPC Kind = 42
	// ErrMethodNotFound: the runtime does not know the method.
	ErrMethodNotFound Kind = 43
	// ErrFrameTooLarge: a frame over the limit.
	ErrFrameTooLarge Kind = 44
	// ErrSessionNotFound: no session has that id.
	ErrSessionNotFound Kind = 60
	// ErrSessionAlreadyOpen: that session is open in this client already.
	ErrSessionAlreadyOpen Kind = 61
	// ErrSessionIDMismatch: the runtime answered with another id than the one asked for.
	ErrSessionIDMismatch Kind = 62
	// ErrSessionError: the session reported an error while a call waited for it.
	ErrSessionError Kind = 63
	// ErrCloudNotReady: the cloud worker was not there before the deadline.
	ErrCloudNotReady Kind = 64
	// ErrCloudPolicyBlocked: policy forbids the cloud session.
	ErrCloudPolicyBlocked Kind = 65
	// ErrSessionLocked: another holder has the session open for writing.
	ErrSessionLocked Kind = 66
	// ErrFSNotFound: a file or directory is not there. It is also [fs.ErrNotExist].
	ErrFSNotFound Kind = 80
	// ErrFSInvalidPath: a path that is malformed or leaves its mount. It is also [fs.ErrInvalid].
	ErrFSInvalidPath Kind = 81
	// ErrFSUnsupported: the store cannot do this. It is also [errors.ErrUnsupported].
	ErrFSUnsupported Kind = 82
	// ErrFSIO: the store failed.
	ErrFSIO Kind = 83
	// ErrFSConflict: a file was changed by somebody else meanwhile.
	ErrFSConflict Kind = 84
	// ErrFSCorrupt: what is stored is damaged, or not what it says it is.
	ErrFSCorrupt Kind = 85
	// ErrCancelled: the caller cancelled.
	ErrCancelled Kind = 100
	// ErrTimeout: a deadline passed.
	ErrTimeout Kind = 101
	// ErrInternal: a bug in this library.
	ErrInternal Kind = 120
)

// kindNames has every kind with its stable name.
var kindNames = map[Kind]string{
	ErrInvalidArgument:        "INVALID_ARGUMENT",
	ErrInvalidConfig:          "INVALID_CONFIG",
	ErrClosed:                 "CLOSED",
	ErrWouldDeadlock:          "WOULD_DEADLOCK",
	ErrForked:                 "FORKED",
	ErrBadHandle:              "BAD_HANDLE",
	ErrInvalidUTF8:            "INVALID_UTF8",
	ErrRuntimeNotFound:        "RUNTIME_NOT_FOUND",
	ErrRuntimeLost:            "RUNTIME_LOST",
	ErrConnectFailed:          "CONNECT_FAILED",
	ErrAuthenticationRequired: "AUTHENTICATION_REQUIRED",
	ErrAuthenticationFailed:   "AUTHENTICATION_FAILED",
	ErrProtocol:               "PROTOCOL",
	ErrVersionMismatch:        "VERSION_MISMATCH",
	ErrRPC:                    "RPC",
	ErrMethodNotFound:         "METHOD_NOT_FOUND",
	ErrFrameTooLarge:          "FRAME_TOO_LARGE",
	ErrSessionNotFound:        "SESSION_NOT_FOUND",
	ErrSessionAlreadyOpen:     "SESSION_ALREADY_OPEN",
	ErrSessionIDMismatch:      "SESSION_ID_MISMATCH",
	ErrSessionError:           "SESSION_ERROR",
	ErrCloudNotReady:          "CLOUD_NOT_READY",
	ErrCloudPolicyBlocked:     "CLOUD_POLICY_BLOCKED",
	ErrSessionLocked:          "SESSION_LOCKED",
	ErrFSNotFound:             "FS_NOT_FOUND",
	ErrFSInvalidPath:          "FS_INVALID_PATH",
	ErrFSUnsupported:          "FS_UNSUPPORTED",
	ErrFSIO:                   "FS_IO",
	ErrFSConflict:             "FS_CONFLICT",
	ErrFSCorrupt:              "FS_CORRUPT",
	ErrCancelled:              "CANCELLED",
	ErrTimeout:                "TIMEOUT",
	ErrInternal:               "INTERNAL",
}

// String gives the stable name, e.g. SESSION_NOT_FOUND.
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("ERROR_%d", int(k))
}

// Error gives the stable name.
func (k Kind) Error() string { return k.String() }

// Error is what fails in Codriver; it comes by errors.As. errors.Is compares it with its [Kind], and with the standard
// error of the same meaning, if there is one.
type Error struct {
	// Kind is the numbered kind.
	Kind Kind
	// Message is a sentence for people.
	Message string
	// RPC is the runtime's own error object, where the runtime answered with one.
	RPC *RPCError

	// cause is an error of this side: that of a context, for example.
	cause error
}

// RPCError is the JSON-RPC error object that the runtime answered with.
type RPCError struct {
	// Code is the JSON-RPC code, e.g. -32601.
	Code int64 `json:"code"`
	// Message is the runtime's own words.
	Message string `json:"message"`
	// Data is the runtime's data, if it sent any.
	Data json.RawMessage `json:"data,omitempty"`
}

// Number gives the stable number of the kind.
func (e *Error) Number() int { return int(e.Kind) }

// Name gives the stable name of the kind.
func (e *Error) Name() string { return e.Kind.String() }

// Error gives name and sentence.
func (e *Error) Error() string { return e.Kind.String() + ": " + e.Message }

// Unwrap gives the cause on this side, e.g. that of the context which ended the call.
func (e *Error) Unwrap() error { return e.cause }

// Is tells errors.Is which kind this is.
func (e *Error) Is(target error) bool {
	if kind, ok := target.(Kind); ok {
		return e.Kind == kind
	}
	switch e.Kind {
	case ErrFSNotFound:
		return target == fs.ErrNotExist
	case ErrFSInvalidPath:
		return target == fs.ErrInvalid
	case ErrFSUnsupported:
		return target == errors.ErrUnsupported
	default:
		return false
	}
}

func newError(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// invalidConfig is the error of a config that was read from JSON; nil stays nil.
func invalidConfig(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: ErrInvalidConfig, Message: err.Error(), cause: err}
}

// fsKind is the kind of what a filesystem failed with: its own, or that of the standard errors.
func fsKind(err error) Kind {
	var known *Error
	var kind Kind
	switch {
	case errors.As(err, &known):
		return known.Kind
	case errors.As(err, &kind):
		return kind
	case errors.Is(err, fs.ErrNotExist):
		return ErrFSNotFound
	case errors.Is(err, fs.ErrInvalid):
		return ErrFSInvalidPath
	case errors.Is(err, errors.ErrUnsupported):
		return ErrFSUnsupported
	default:
		return ErrFSIO
	}
}
