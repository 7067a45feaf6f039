package codriver

import (
	"bytes"
	"encoding/json"

	"github.com/codriver/go/codriver/events"
	"github.com/codriver/go/codriver/internal/cabi"
)

// eventBatch is what was taken of a stream.
type eventBatch struct {
	events      []Event
	more, ended bool
}

func takeEvents(stream uint64) (eventBatch, error) {
	batch, err := cabi.Take(stream, eventsAtOnce, bytesAtOnce)
	if err != nil {
		return eventBatch{}, fromC(err)
	}
	taken, err := readEvents(batch.JSON)
	return eventBatch{events: taken, more: batch.More, ended: batch.Ended}, err
}

// readEvents cuts the events out of a batch: its arrays `seq`, `first`, `type` and `size` say what the events are, whose
// bytes stand one after the other behind them. An event has memory of its own, so that one that is kept keeps no batch.
func readEvents(text []byte) ([]Event, error) {
	const begin = `,"events":[`
	at := bytes.Index(text, []byte(begin))
	if at < 0 {
		return nil, newError(ErrInternal, "a batch of events has no events")
	}
	var head struct {
		Seq   []uint64 `json:"seq"`
		First []uint64 `json:"first"`
		Type  []string `json:"type"`
		Size  []int    `json:"size"`
	}
	if err := json.Unmarshal(append(text[:at:at], '}'), &head); err != nil {
		return nil, newError(ErrInternal, "a batch of events cannot be read: %v", err)
	}
	if len(head.Type) != len(head.Seq) || len(head.Size) != len(head.Seq) {
		return nil, newError(ErrInternal, "a batch of events has arrays of different lengths")
	}
	all := make([]Event, len(head.Seq))
	at += len(begin)
	for i := range all {
		end := at + head.Size[i]
		if end > len(text) {
			return nil, newError(ErrInternal, "a batch of events is shorter than it says")
		}
		seq := head.Seq[i]
		all[i] = Event{seq: seq, firstSeq: seq, kind: events.Intern(head.Type[i]), raw: string(text[at:end])}
		if i < len(head.First) {
			all[i].firstSeq = head.First[i]
		}
		at = end + 1
	}
	return all, nil
}
