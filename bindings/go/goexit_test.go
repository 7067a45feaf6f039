package codriver

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"
)

func TestEventsGoOnAfterAHandlerHasEndedItsGoroutine(t *testing.T) {
	client := started(t, eventsAfterSend(50))
	heard, failures := make(chan Event, 256), make(chan *HandlerFailure, 256)
	session := opened(t, client, SessionConfig{
		OnEvent: func(event Event) {
			if event.Type() == "custom.tick" {
				runtime.Goexit()
			}
		},
		OnHandlerError: func(failure *HandlerFailure) { failures <- failure; runtime.Goexit() },
	})
	session.On(func(event Event) { heard <- event })
	// One that goes and ends its goroutine takes nothing with it.
	offs := make(chan func(), 1)
	offs <- session.On(func(Event) { (<-offs)(); runtime.Goexit() })
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	// The other handler misses nothing and hears nothing twice.
	var ticks []uint64
	for event := within(t, heard); event.Type() != "custom.end"; event = within(t, heard) {
		if event.Type() == "custom.tick" {
			ticks = append(ticks, event.Seq())
		}
	}
	if len(ticks) != 50 || !slices.IsSorted(ticks) || len(slices.Compact(slices.Clone(ticks))) != 50 {
		t.Errorf("heard %v", ticks)
	}
	for range 51 {
		failure := within(t, failures)
		if failure.Place != "on_event" || !contains(failure.Err.Error(), "Goexit") {
			t.Errorf("told %+v", failure)
		}
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
}

func TestNoticesGoOnAfterAHandlerHasEndedItsGoroutine(t *testing.T) {
	options := mocked(t, script(expect("test.tell"), reply(nil), object{"notify": object{"method": "test.told"}},
		object{"notify": object{"method": "test.told"}}))
	states, told := make(chan State, 8), make(chan *Notification, 8)
	options.OnState = func(state State) { states <- state; runtime.Goexit() }
	options.OnNotification = func(*Notification) { runtime.Goexit() }
	client := startedWith(t, options)
	client.OnNotification(func(notification *Notification) { told <- notification })
	if a, b := within(t, states), within(t, states); a != StateConnecting || b != StateConnected {
		t.Errorf("states were %v, %v", a, b)
	}
	if _, err := client.RPC(soon(t), "test.tell", nil); err != nil {
		t.Fatal(err)
	}
	within(t, told)
	within(t, told)
}

func TestAToolThatEndsItsGoroutineIsAnsweredWithAnError(t *testing.T) {
	failures := make(chan *HandlerFailure, 4)
	answersOfATool(t, 1, object{"resultType": "failure", "textResultForLlm": "$_", "error": "$_"},
		func(ctxt, *ToolInvocation) (any, error) { runtime.Goexit(); panic("unreachable") }, failures)
	if failure := within(t, failures); failure.Place != "tool" || !contains(failure.Err.Error(), "Goexit") {
		t.Errorf("told %+v", failure)
	}
}

func TestAFilesystemThatEndsItsGoroutineFailsItsCall(t *testing.T) {
	options := mocked(t, script())
	options.SessionFS = &SessionFSOptions{
		InitialCwd: "/work", StatePath: "/state",
		Open: func(context.Context, string) (SessionFS, error) { runtime.Goexit(); panic("unreachable") },
	}
	// The deadline of a call is no help.
	options.Limits = &Limits{FSDeadline: 10 * time.Minute}
	client := startedWith(t, options)
	ended := make(chan error, 1)
	go func() {
		_, err := client.CreateSession(soon(t), SessionConfig{})
		ended <- err
	}()
	if err := within(t, ended); err == nil || errors.Is(err, ErrTimeout) {
		t.Errorf("the session was made, or nobody knows: %v", err)
	}
	if _, err := client.Ping(soon(t), ""); err != nil {
		t.Error(err)
	}
}
