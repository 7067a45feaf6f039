package codriver

import (
	"context"
	"encoding/json"

	"github.com/codriver/go/codriver/internal/cabi"
)

// read reads what the core gave into v.
func read(text []byte, err error, v any) error {
	if err != nil {
		return fromC(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return newError(ErrProtocol, "what the runtime answered cannot be read: %v", err)
	}
	return nil
}

// readText reads a text; null is an empty one.
func readText(text []byte, err error) (string, error) {
	var found string
	err = read(text, err, &found)
	return found, err
}

// Ping asks the runtime for a sign of life. It answers `pong: ` and the message.
func (c *Client) Ping(ctx context.Context, message string) (*PingResult, error) {
	var result PingResult
	text, err := cabi.ClientPing(ctx, c.id, message)
	if err := read(text, err, &result); err != nil {
		return nil, err
	}
	return &result, nil
}

// Status gives the runtime's version and protocol.
func (c *Client) Status(ctx context.Context) (*RuntimeStatus, error) {
	var status RuntimeStatus
	text, err := cabi.ClientGetStatus(ctx, c.id)
	if err := read(text, err, &status); err != nil {
		return nil, err
	}
	return &status, nil
}

// AuthStatus says who is logged in, and how.
func (c *Client) AuthStatus(ctx context.Context) (*AuthStatus, error) {
	var status AuthStatus
	text, err := cabi.ClientGetAuthStatus(ctx, c.id)
	if err := read(text, err, &status); err != nil {
		return nil, err
	}
	return &status, nil
}

// ListModels gives the models that the logged-in user may use; without a login the runtime refuses.
func (c *Client) ListModels(ctx context.Context) ([]ModelInfo, error) {
	var models []ModelInfo
	text, err := cabi.ClientListModels(ctx, c.id)
	if err := read(text, err, &models); err != nil {
		return nil, err
	}
	return models, nil
}

// SessionListFilter says which stored sessions to list: those that match every field that is set, exactly.
type SessionListFilter struct {
	// Cwd is the working directory.
	Cwd string `json:"cwd,omitempty"`
	// GitRoot is the root of the git repository.
	GitRoot string `json:"gitRoot,omitempty"`
	// Repository is `owner/name`.
	Repository string `json:"repository,omitempty"`
	// Branch is the branch.
	Branch string `json:"branch,omitempty"`
}

// ListSessions gives the stored sessions; a nil filter matches all.
func (c *Client) ListSessions(ctx context.Context, filter *SessionListFilter) ([]SessionMetadata, error) {
	wanted, err := encodeFilter(filter)
	if err != nil {
		return nil, err
	}
	var sessions []SessionMetadata
	text, err := cabi.ClientListSessions(ctx, c.id, wanted)
	if err := read(text, err, &sessions); err != nil {
		return nil, err
	}
	return sessions, nil
}

func encodeFilter(filter *SessionListFilter) ([]byte, error) {
	if filter == nil {
		return nil, nil
	}
	text, err := json.Marshal(filter)
	if err != nil {
		return nil, newError(ErrInvalidArgument, "the filter has no JSON: %v", err)
	}
	return text, nil
}

// GetEvents gives the stored events of a session, whether or not anybody has it open. They have no sequence numbers.
func (c *Client) GetEvents(ctx context.Context, sessionID string) ([]Event, error) {
	var stored []Event
	text, err := cabi.ClientGetEvents(ctx, c.id, sessionID)
	if err := read(text, err, &stored); err != nil {
		return nil, err
	}
	return stored, nil
}

// SessionMetadata gives what is known of a stored session; nil without an error where there is none of that id.
func (c *Client) SessionMetadata(ctx context.Context, sessionID string) (*SessionMetadata, error) {
	var metadata *SessionMetadata
	text, err := cabi.ClientGetSessionMetadata(ctx, c.id, sessionID)
	if err := read(text, err, &metadata); err != nil {
		return nil, err
	}
	return metadata, nil
}

// LastSessionID gives the id of the session that was used last; empty where there is none.
func (c *Client) LastSessionID(ctx context.Context) (string, error) {
	return readText(cabi.ClientGetLastSessionID(ctx, c.id))
}

// DeleteSession erases a stored session. One that is open in this client ends here too. Errors: [ErrSessionNotFound].
func (c *Client) DeleteSession(ctx context.Context, sessionID string) error {
	_, err := cabi.ClientDeleteSession(ctx, c.id, sessionID)
	return fromC(err)
}

// ForegroundSessionID gives the session the terminal shows; empty where there is no terminal.
func (c *Client) ForegroundSessionID(ctx context.Context) (string, error) {
	return readText(cabi.ClientGetForegroundSessionID(ctx, c.id))
}

// SetForegroundSessionID makes the terminal show a session.
func (c *Client) SetForegroundSessionID(ctx context.Context, sessionID string) error {
	_, err := cabi.ClientSetForegroundSessionID(ctx, c.id, sessionID)
	return fromC(err)
}

// RPC calls any method of the runtime and gives its result as it came: the way to everything this package has no name for.
// Params are anything that encodes to JSON; nil is an empty object.
//
// Errors: [ErrMethodNotFound], [ErrRPC] with the runtime's code, [ErrClosed], [ErrRuntimeLost], [ErrTimeout].
func (c *Client) RPC(ctx context.Context, method string, params any) (json.RawMessage, error) {
	wanted, err := encodeParams(params)
	if err != nil {
		return nil, err
	}
	text, err := cabi.ClientRPC(ctx, c.id, method, wanted)
	return text, fromC(err)
}

func encodeParams(params any) ([]byte, error) {
	if params == nil {
		return nil, nil
	}
	text, err := json.Marshal(params)
	if err != nil {
		return nil, newError(ErrInvalidArgument, "the parameters have no JSON: %v", err)
	}
	return text, nil
}
