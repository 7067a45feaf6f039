package codriver

import (
	"context"
	"encoding/json"
	"time"

	"github.com/codriver/go/codriver/internal/cabi"
)

// Store is a store of sessions that is open without a runtime; made by [OpenStore]. What a [SessionFSOptions.Store] of the
// same URL keeps, is here. It is safe for concurrent use.
type Store struct{ id uint64 }

// OpenStore opens the store that a URL names: `memory:`, `dir:` and a path, or `sqlite:` and a path. What is not there is
// made. Errors: [ErrInvalidConfig] for a URL that names no store, [ErrFSIO] for one that cannot be opened.
func OpenStore(url string) (*Store, error) {
	id, err := cabi.OpenStore(url)
	if err != nil {
		return nil, fromC(err)
	}
	return &Store{id}, nil
}

// StoredSession is what a store knows of a session without looking at its files.
type StoredSession struct {
	// ID is the session's id.
	ID string
	// Modified is when the session was last changed.
	Modified time.Time
	// Created is when the session was first stored; where a store cannot know, the time of a change.
	Created time.Time
}

// UnmarshalJSON reads what the core gives.
func (s *StoredSession) UnmarshalJSON(data []byte) error {
	var told struct {
		SessionID  string `json:"sessionId"`
		ModifiedMs int64  `json:"modifiedMs"`
		CreatedMs  int64  `json:"createdMs"`
	}
	if err := json.Unmarshal(data, &told); err != nil {
		return err
	}
	*s = StoredSession{told.SessionID, time.UnixMilli(told.ModifiedMs), time.UnixMilli(told.CreatedMs)}
	return nil
}

// List gives the sessions that are there, the last changed first.
func (s *Store) List(ctx context.Context) ([]StoredSession, error) {
	var sessions []StoredSession
	text, err := cabi.StoreList(ctx, s.id)
	if err := read(text, err, &sessions); err != nil {
		return nil, err
	}
	return sessions, nil
}

// Exists says whether a session is there.
func (s *Store) Exists(ctx context.Context, sessionID string) (bool, error) {
	var there bool
	text, err := cabi.StoreExists(ctx, s.id, sessionID)
	err = read(text, err, &there)
	return there, err
}

// Delete removes a session with all its files, in one step. Errors: [ErrSessionNotFound].
func (s *Store) Delete(ctx context.Context, sessionID string) error {
	_, err := cabi.StoreDelete(ctx, s.id, sessionID)
	return fromC(err)
}

// Copy makes the session `to` with the files of `from`. Errors: [ErrSessionNotFound] where `from` is not there,
// [ErrInvalidArgument] where `to` is: nothing is overwritten.
func (s *Store) Copy(ctx context.Context, from, to string) error {
	_, err := cabi.StoreCopy(ctx, s.id, from, to)
	return fromC(err)
}

// Close frees the store here; sessions that are served from it go on.
func (s *Store) Close() error {
	cabi.Close(s.id)
	return nil
}
