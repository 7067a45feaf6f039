package codriver

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/codriver/go/codriver/events"
	"github.com/codriver/go/codriver/internal/wirejson"
)

// Event is one event of a session, with the runtime's own bytes. Everything but its type and its number is decoded when it
// is asked for.
type Event struct {
	seq, firstSeq uint64
	kind          string
	raw           string
}

// ParseEvent reads an event from its JSON, as it was stored or recorded: its sequence number is 0, which no event of a live
// session has.
func ParseEvent(data []byte) (Event, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Event{}, newError(ErrProtocol, "this is no event: %v", err)
	}
	if head.Type == "" {
		return Event{}, newError(ErrProtocol, "this is no event: it has no type")
	}
	return Event{kind: head.Type, raw: string(data)}, nil
}

// Seq gives the sequence number in this session: from 1, in wire order. An event that stands for several (merged deltas,
// [events.TypeEventsLost]) has the last of them here and the first in FirstSeq: ranges have no holes.
func (e Event) Seq() uint64 { return e.seq }

// FirstSeq gives the first sequence number this event stands for; equal to Seq for nearly all.
func (e Event) FirstSeq() uint64 { return e.firstSeq }

// Type gives the type, e.g. [events.TypeAssistantMessageDelta].
func (e Event) Type() string { return e.kind }

// ID gives the runtime's id of the event (a UUID); empty where it sent none.
func (e Event) ID() string { return e.members().ID }

// IsEphemeral says whether the event is live only: never stored, never in [Session.GetEvents].
func (e Event) IsEphemeral() bool { return e.members().Ephemeral }

// IsLost says whether this stands for events that were given up at the bound of the queue; its data is
// [events.EventsLost].
func (e Event) IsLost() bool { return e.kind == events.TypeEventsLost }

// Timestamp gives the time the runtime wrote on it; the zero time where it wrote none.
func (e Event) Timestamp() time.Time {
	at, _ := time.Parse(time.RFC3339Nano, e.members().Timestamp)
	return at
}

// ParentID gives the id of the event before it in its conversation; empty where there is none.
func (e Event) ParentID() string { return e.members().ParentID }

// AgentID gives the sub-agent it comes from; empty for the main agent.
func (e Event) AgentID() string { return e.members().AgentID }

type eventMembers struct {
	ID        string `json:"id"`
	Timestamp string `json:"timestamp"`
	ParentID  string `json:"parentId"`
	AgentID   string `json:"agentId"`
	Ephemeral bool   `json:"ephemeral"`
}

func (e Event) members() (members eventMembers) {
	// A member of another type leaves the others read.
	_ = json.Unmarshal([]byte(e.raw), &members)
	return members
}

// Raw gives the whole event as the runtime sent it.
func (e Event) Raw() json.RawMessage { return json.RawMessage(e.raw) }

// RawData gives the event's data as the runtime sent it; nil where it sent none.
func (e Event) RawData() json.RawMessage {
	// Whoever made the event has read it, so it is JSON.
	if data, there := wirejson.Member(e.raw, "data"); there {
		return json.RawMessage(data)
	}
	return nil
}

// Data gives the event's data as a pointer to the type that package events has for it, e.g. [*events.AssistantMessage];
// nil where the type of event is not known there, or where the data is not what its type promises. RawData has it anyway.
//
//	switch data := event.Data().(type) {
//	case *events.AssistantMessageDelta:
//		fmt.Print(data.DeltaContent)
//	}
func (e Event) Data() any {
	data, err := events.Decode(e.kind, e.RawData())
	if err != nil {
		return nil
	}
	return data
}

// DecodeData reads the event's data into the struct that v points to.
func (e Event) DecodeData(v any) error {
	data := e.RawData()
	if data == nil {
		data = json.RawMessage("{}")
	}
	if err := wirejson.UnmarshalPlain(data, v); err != nil {
		return newError(ErrProtocol, "the data of %q is not what was asked for: %v", e.kind, err)
	}
	return nil
}

// MarshalJSON writes the event as the runtime sent it.
func (e Event) MarshalJSON() ([]byte, error) {
	if e.raw == "" {
		return []byte("null"), nil
	}
	return []byte(e.raw), nil
}

// UnmarshalJSON is [ParseEvent].
func (e *Event) UnmarshalJSON(data []byte) error {
	parsed, err := ParseEvent(data)
	*e = parsed
	return err
}

// String gives type and sequence number.
func (e Event) String() string { return fmt.Sprintf("%s#%d", e.kind, e.seq) }
