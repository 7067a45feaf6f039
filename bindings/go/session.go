package codriver

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/codriver/go/codriver/internal/cabi"
)

// Session is a session that is open in a client; made by [Client.CreateSession], [Client.ResumeSession] or
// [Client.JoinSession]. It is safe for concurrent use.
//
// [Session.Close] ends it here and tells the runtime, which keeps what it stored. One that is not closed ends with its
// client.
type Session struct {
	handle         uint64
	client         *Client
	id             string
	workspacePath  string
	handlers       map[handlerKey]handler
	onHandlerError func(*HandlerFailure)
	dispatch       *dispatcher
	free           sync.Once
}

// CreateSession creates a session. Its handlers, its filesystem and its events are served before the request is written.
// The context bounds the creation only; where it ends first, what came to exist is destroyed.
//
// Errors: [ErrInvalidConfig] with the name of the field, [ErrSessionAlreadyOpen], [ErrSessionIDMismatch], [ErrClosed],
// [ErrRuntimeLost], [ErrTimeout], [ErrRPC] and its kin; for cloud sessions [ErrAuthenticationRequired] and
// [ErrCloudPolicyBlocked].
func (c *Client) CreateSession(ctx context.Context, config SessionConfig) (*Session, error) {
	return c.open(config, func(handle uint64) ([]byte, error) { return cabi.SessionCreate(ctx, handle) })
}

// ResumeSession resumes a stored session, with the options and handlers it shall have now. The runtime does not store
// provider keys: give them again. Errors: as [Client.CreateSession], and [ErrSessionNotFound].
func (c *Client) ResumeSession(ctx context.Context, sessionID string, config SessionConfig) (*Session, error) {
	return c.open(config, func(handle uint64) ([]byte, error) { return cabi.SessionResume(ctx, handle, sessionID) })
}

// JoinSession joins the live session of the runtime that started this process as an extension, over our own standard
// streams ([Parent]): its id is in the environment variable SESSION_ID.
func (c *Client) JoinSession(ctx context.Context, config SessionConfig) (*Session, error) {
	return c.open(config, func(handle uint64) ([]byte, error) { return cabi.SessionJoin(ctx, handle) })
}

func (c *Client) open(config SessionConfig, open func(handle uint64) ([]byte, error)) (*Session, error) {
	handlers, text, err := config.split()
	if err != nil {
		return nil, err
	}
	handle, err := cabi.NewSession(c.id, text)
	if err != nil {
		return nil, fromC(err)
	}
	s := &Session{handle: handle, client: c, handlers: handlers, onHandlerError: config.OnHandlerError}
	s.dispatch = newDispatcher(s)
	if config.OnEvent != nil {
		s.dispatch.first(config.OnEvent)
	}
	c.shared.addSession(s)
	var opened sessionInfo
	answer, err := open(handle)
	if err := read(answer, err, &opened); err != nil {
		s.release()
		return nil, err
	}
	s.id, s.workspacePath = opened.SessionID, opened.WorkspacePath
	return s, nil
}

// release gives up the handle: after it nothing of the session works.
func (s *Session) release() {
	s.free.Do(func() {
		s.client.shared.removeSession(s)
		s.dispatch.end()
		cabi.Close(s.handle)
	})
}

type sessionInfo struct {
	SessionID     string              `json:"sessionId"`
	WorkspacePath string              `json:"workspacePath"`
	Capabilities  SessionCapabilities `json:"capabilities"`
}

// ID gives the session's id.
func (s *Session) ID() string { return s.id }

// WorkspacePath says where the runtime keeps the session's state; empty for cloud sessions.
func (s *Session) WorkspacePath() string { return s.workspacePath }

// Capabilities says what the host's interface can do, as the runtime said last.
func (s *Session) Capabilities() SessionCapabilities {
	var info sessionInfo
	if text, err := cabi.SessionInfo(s.handle); err == nil {
		_ = json.Unmarshal(text, &info)
	}
	return info.Capabilities
}

// Counters gives what was counted for the session.
func (s *Session) Counters() Counters {
	var counters Counters
	if text, err := cabi.SessionCounters(s.handle); err == nil {
		_ = json.Unmarshal(text, &counters)
	}
	return counters
}

// Abort stops what the session is doing. Handlers at work are cancelled; a hook that is waited for gets its secure default.
func (s *Session) Abort(ctx context.Context) error {
	_, err := cabi.SessionAbort(ctx, s.handle)
	return fromC(err)
}

// GetEvents gives the stored events: what is ephemeral is not among them. They have no sequence numbers.
func (s *Session) GetEvents(ctx context.Context) ([]Event, error) {
	var stored []Event
	text, err := cabi.SessionGetEvents(ctx, s.handle)
	if err := read(text, err, &stored); err != nil {
		return nil, err
	}
	return stored, nil
}

// SetModel switches to another model, from the next turn on; an empty effort leaves it to the runtime.
func (s *Session) SetModel(ctx context.Context, model, reasoningEffort string) error {
	_, err := cabi.SessionSetModel(ctx, s.handle, model, reasoningEffort)
	return fromC(err)
}

// LogOptions say how a line goes into the log.
type LogOptions struct {
	// Level is info, warning or error; default: info.
	Level string
	// Ephemeral lines are not stored.
	Ephemeral bool
}

// Log puts a line into the session's log: an event session.info, session.warning or session.error. It gives the event's id.
func (s *Session) Log(ctx context.Context, message string, options LogOptions) (string, error) {
	return readText(cabi.SessionLog(ctx, s.handle, message, options.Level, options.Ephemeral))
}

// WaitUntilReady waits until the session takes prompts. Only a cloud session's worker has to come first; [Session.Send]
// waits for it by itself, at most two minutes. Errors: [ErrCloudNotReady] when the patience is over (0: as long as the
// context), [ErrClosed] or [ErrRuntimeLost] when the session ends before.
func (s *Session) WaitUntilReady(ctx context.Context, patience time.Duration) error {
	_, err := cabi.SessionWaitUntilReady(ctx, s.handle, timeoutMs(patience))
	return fromC(err)
}

// RPC calls any method of the runtime, with sessionId added to params, and gives its result as it came. Params are
// anything that encodes to a JSON object; nil is an empty one.
func (s *Session) RPC(ctx context.Context, method string, params any) (json.RawMessage, error) {
	wanted, err := encodeParams(params)
	if err != nil {
		return nil, err
	}
	text, err := cabi.SessionRPC(ctx, s.handle, method, wanted)
	return text, fromC(err)
}

// Disconnect ends the session here and tells the runtime, which keeps what it stored. Handlers are served until it has
// answered; iterators over its events get what is left, then end. A second time it does nothing. Where it fails, the
// session is over here all the same. [Session.Close] is needed after it, too.
func (s *Session) Disconnect(ctx context.Context) error {
	_, err := cabi.SessionDisconnect(ctx, s.handle)
	if files := s.client.shared.files; files != nil {
		files.forget(s.id)
	}
	return fromC(err)
}

// Close is [Session.Disconnect] without a deadline but the client's own, and frees what the session has: iterators over its
// events end, and [SessionConfig.OnEvent] gets what is left first. Closing twice is fine.
func (s *Session) Close() error {
	err := s.Disconnect(context.Background())
	if err != nil {
		s.release()
	} else {
		s.dispatch.close()
	}
	if isGone(err) {
		return nil
	}
	return err
}

// isGone says whether there was nothing left to disconnect.
func isGone(err error) bool {
	known, ok := err.(*Error)
	return ok && (known.Kind == ErrBadHandle || known.Kind == ErrClosed)
}

// forever is a time that does not come.
const forever = 1<<63 - 1

// timeoutMs is a duration in milliseconds as the core takes them; 0 is none.
func timeoutMs(d time.Duration) uint64 {
	if d <= 0 {
		return forever
	}
	return uint64(max(1, d.Milliseconds()))
}
