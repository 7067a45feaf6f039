package codriver

import (
	"context"
	"encoding/json"

	"github.com/codriver/go/codriver/internal/cabi"
)

// LogHealth is the state of a stored session's event log.
type LogHealth struct {
	// SessionID is the session.
	SessionID string `json:"sessionId"`
	// Bytes says how long the log is; before the repair, if there was one.
	Bytes uint64 `json:"bytes"`
	// Events says how many events are whole.
	Events uint64 `json:"events"`
	// Damage says what is wrong, in the log's order; after a repair, what was.
	Damage []Damage `json:"damage"`
	// Quarantine is the file of the session that holds what a repair took out of the log; empty where nothing was.
	Quarantine string `json:"quarantine"`
	// Err says why the log cannot be read or repaired; only in what [Store.CheckAll] and [Store.RepairAll] give.
	Err error `json:"-"`
}

// Damage is one thing that is wrong with an event log.
type Damage struct {
	// Kind says what is wrong, e.g. torn or not_json.
	Kind string `json:"kind"`
	// Line is its line, from 1.
	Line uint64 `json:"line"`
	// Offset is its first byte, from 0.
	Offset uint64 `json:"offset"`
	// Bytes says how many bytes it has; 0 where something is missing.
	Bytes uint64 `json:"bytes"`
}

// IsHealthy says whether the log was read and nothing is wrong with it.
func (h *LogHealth) IsHealthy() bool { return h.Err == nil && len(h.Damage) == 0 }

// UnmarshalJSON reads what the core writes.
func (h *LogHealth) UnmarshalJSON(data []byte) error {
	type plain LogHealth
	told := struct {
		*plain
		Error json.RawMessage `json:"error"`
	}{plain: (*plain)(h)}
	if err := json.Unmarshal(data, &told); err != nil {
		return err
	}
	if told.Error != nil {
		h.Err = fromC(cabi.ReadError(told.Error))
	}
	return nil
}

// Check says what is wrong with the event log of a session; it changes nothing. Errors: [ErrSessionNotFound].
func (s *Store) Check(ctx context.Context, sessionID string) (*LogHealth, error) {
	return readHealth(cabi.StoreCheck(ctx, s.id, sessionID))
}

// CheckAll checks every session, the last changed first. One that cannot be read does not hinder the others: it has its error
// in Err.
func (s *Store) CheckAll(ctx context.Context) ([]LogHealth, error) {
	return readHealths(cabi.StoreCheckAll(ctx, s.id))
}

// Repair repairs the event log of a session, and says what was wrong. What is not whole goes to the file that Quarantine names;
// nothing is deleted. The session must not be open meanwhile. Errors: [ErrSessionNotFound], and [ErrFSCorrupt] where no event
// is whole: that log is left as it is.
func (s *Store) Repair(ctx context.Context, sessionID string) (*LogHealth, error) {
	return readHealth(cabi.StoreRepair(ctx, s.id, sessionID))
}

// RepairAll repairs every session, as [Store.CheckAll] checks them.
func (s *Store) RepairAll(ctx context.Context) ([]LogHealth, error) {
	return readHealths(cabi.StoreRepairAll(ctx, s.id))
}

func readHealth(text []byte, err error) (*LogHealth, error) {
	var health LogHealth
	if err := read(text, err, &health); err != nil {
		return nil, err
	}
	return &health, nil
}

func readHealths(text []byte, err error) ([]LogHealth, error) {
	var all []LogHealth
	err = read(text, err, &all)
	return all, err
}
