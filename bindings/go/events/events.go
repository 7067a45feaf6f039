// Package events has a Go type for the data of each event that a session can send, and its name.
//
// Unknown members are passed over and unknown events have no type here: the event keeps the runtime's own JSON. Sets of
// words that newer runtimes may extend are strings, with those known in the field's comment.
package events

import (
	"encoding/json"

	"github.com/codriver/go/codriver/internal/wirejson"
)

// EventsLost is the data of [TypeEventsLost], which stands for ephemeral events that were given up at the bound of the
// queue. It never comes from the runtime.
type EventsLost struct {
	// Count says how many.
	Count int64 `json:"count"`
	// From is the first sequence number.
	From int64 `json:"from"`
	// To is the last sequence number.
	To int64 `json:"to"`
}

// Decode reads the data of an event of the type named; nil without an error where there is no type for it here. Absent
// data is an empty object.
func Decode(eventType string, data json.RawMessage) (any, error) {
	make, known := made[eventType]
	if !known {
		return nil, nil
	}
	value := make()
	if len(data) == 0 || string(data) == "null" {
		return value, nil
	}
	if err := wirejson.UnmarshalPlain(data, value); err != nil {
		return nil, err
	}
	return value, nil
}

// Intern gives the type of an event as a text of this package where it has it, which costs no memory.
func Intern(eventType []byte) string {
	if known, ok := names[string(eventType)]; ok {
		return known
	}
	return string(eventType)
}

var names = func() map[string]string {
	all := make(map[string]string, len(made))
	for name := range made {
		all[name] = name
	}
	return all
}()

// Notice reads what the notification is about: *[AgentCompleted], *[AgentIdle], *[NewInboxMessage], *[ShellCompleted],
// *[ShellDetachedCompleted], *[InstructionDiscovered] or *[FactoryCompleted]; nil where its type is none of these.
func (n *SystemNotification) Notice() any {
	var kind struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(n.Kind, &kind) != nil {
		return nil
	}
	var value any
	switch kind.Type {
	case "agent_completed":
		value = new(AgentCompleted)
	case "agent_idle":
		value = new(AgentIdle)
	case "new_inbox_message":
		value = new(NewInboxMessage)
	case "shell_completed":
		value = new(ShellCompleted)
	case "shell_detached_completed":
		value = new(ShellDetachedCompleted)
	case "instruction_discovered":
		value = new(InstructionDiscovered)
	case "factory_completed":
		value = new(FactoryCompleted)
	default:
		return nil
	}
	if wirejson.UnmarshalPlain(n.Kind, value) != nil {
		return nil
	}
	return value
}
