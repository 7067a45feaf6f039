package codriver

import (
	"context"
	"encoding/json"

	"github.com/codriver/go/codriver/internal/cabi"
)

// Store is a store of sessions that is open without a runtime; made by [OpenStore]. What a [SessionFSOptions.Store] of the
// same URL keeps, is here. It is safe for concurrent use.
type Store struct{ id uint64 }

// OpenStore opens the store that a URL names: `memory:`, `dir:` and a path, or `sqlite:` and a path. What is not there is
// made. Errors: [ErrInvalidConfig] for a URL that names no store, [ErrFSIO] for one that cannot be opened.
//
// It takes no context, as nothing can end it: it blocks while it opens, and where another process has the store locked it waits
// for that, at most 15 seconds. What has less time calls it on a goroutine of its own, and closes a store that comes too late.
func OpenStore(url string) (*Store, error) {
	id, err := cabi.OpenStore(url)
	if err != nil {
		return nil, fromC(err)
	}
	return &Store{id}, nil
}

// OpenExistingStore opens a store as [OpenStore] does, with the same wait, and makes nothing: where nothing is, the error is
// [ErrFSNotFound].
func OpenExistingStore(url string) (*Store, error) {
	id, err := cabi.OpenExistingStore(url)
	if err != nil {
		return nil, fromC(err)
	}
	return &Store{id}, nil
}

// SessionStore opens the store of [SessionFSOptions.Store], which is there from the first [Client.Connect] on, or that of
// [SessionFSOptions.Opened]; the caller closes it. It is nil without an error where the runtime keeps the sessions, or
// [SessionFSOptions.Open] does.
func (c *Client) SessionStore() (*Store, error) {
	id, err := cabi.ClientSessionStore(c.id)
	if err != nil || id == 0 {
		return nil, fromC(err)
	}
	return &Store{id}, nil
}

// ListSessions gives the sessions that are there, the last changed first; a nil filter matches all.
func (s *Store) ListSessions(ctx context.Context, filter *SessionListFilter) ([]SessionMetadata, error) {
	wanted, err := encodeFilter(filter)
	if err != nil {
		return nil, err
	}
	var sessions []SessionMetadata
	text, err := cabi.StoreListSessions(ctx, s.id, wanted)
	if err := read(text, err, &sessions); err != nil {
		return nil, err
	}
	return sessions, nil
}

// SessionMetadata gives what is known of a session; nil without an error where there is none of that id.
func (s *Store) SessionMetadata(ctx context.Context, sessionID string) (*SessionMetadata, error) {
	var metadata *SessionMetadata
	text, err := cabi.StoreGetSessionMetadata(ctx, s.id, sessionID)
	if err := read(text, err, &metadata); err != nil {
		return nil, err
	}
	return metadata, nil
}

// LastSessionID gives the id of the session that was changed last; empty where there is none.
func (s *Store) LastSessionID(ctx context.Context) (string, error) {
	return readText(cabi.StoreGetLastSessionID(ctx, s.id))
}

// StoredEvents are the events of a session, read from its store.
type StoredEvents struct {
	// Events are in the order they were stored. They have no sequence numbers.
	Events []Event `json:"events"`
	// Unreadable says how many lines of the log are no events.
	Unreadable int `json:"unreadable"`
}

// GetEvents gives the events of a session. Errors: [ErrSessionNotFound].
func (s *Store) GetEvents(ctx context.Context, sessionID string) (*StoredEvents, error) {
	var stored StoredEvents
	text, err := cabi.StoreGetEvents(ctx, s.id, sessionID)
	if err := read(text, err, &stored); err != nil {
		return nil, err
	}
	return &stored, nil
}

// DeleteSession erases a session with all its files, in one step. Errors: [ErrSessionNotFound].
func (s *Store) DeleteSession(ctx context.Context, sessionID string) error {
	_, err := cabi.StoreDeleteSession(ctx, s.id, sessionID)
	return fromC(err)
}

// ForkSession makes the session newID of what sessionID is now; each goes on by itself. Errors: [ErrSessionNotFound] where
// sessionID is not there, [ErrInvalidArgument] where newID is: nothing is overwritten.
func (s *Store) ForkSession(ctx context.Context, sessionID, newID string) error {
	_, err := cabi.StoreForkSession(ctx, s.id, sessionID, newID)
	return fromC(err)
}

// ExportSession writes a session into a new file, and gives the archive's manifest.
func (s *Store) ExportSession(ctx context.Context, sessionID, path string) (json.RawMessage, error) {
	manifest, err := cabi.StoreExportSession(ctx, s.id, sessionID, path)
	return manifest, fromC(err)
}

// ImportSession makes a session of what [Store.ExportSession] wrote, under the id it had or, where it is not empty, newID. It
// gives the id.
func (s *Store) ImportSession(ctx context.Context, path, newID string) (string, error) {
	return readText(cabi.StoreImportSession(ctx, s.id, path, newID))
}

// Close frees the store here; sessions that are served from it go on.
func (s *Store) Close() error {
	cabi.Close(s.id)
	return nil
}
