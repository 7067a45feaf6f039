package codriver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/codriver/go/codriver/events"
)

func TestEventsReachTheHandlerFromTheFirstOneOn(t *testing.T) {
	client := started(t, script(
		expect("session.create"), event("s-1", "custom.early", object{"n": 1}), replyBuiltin(),
		event("s-1", "custom.late", object{"n": 2})))
	heard := make(chan Event, 16)
	session := opened(t, client, SessionConfig{OnEvent: func(event Event) { heard <- event }})
	var types []string
	for seq := uint64(1); !slices.Contains(types, "custom.late"); seq++ {
		event := within(t, heard)
		if event.Seq() != seq {
			t.Errorf("%v has number %d", event, seq)
		}
		types = append(types, event.Type())
	}
	if types[0] != "custom.early" {
		t.Errorf("heard %v", types)
	}
	if counters := session.Counters(); counters.EventsReceived < 3 || counters.EventsLost != 0 {
		t.Errorf("counted %+v", counters)
	}
}

// aTurn is a script that sends n events after each prompt.
func eventsAfterSend(n int) object {
	return script(expect("session.send"), reply(object{"messageId": "m"}), object{"repeat": object{
		"times": n, "steps": []any{event("s-1", "custom.tick", object{"n": "$i"})},
	}}, object{"event": object{"session": "s-1", "type": "custom.end", "data": object{}}})
}

func TestAnIteratorBeginsWithItsCallAndEndsWithTheLoop(t *testing.T) {
	client := started(t, eventsAfterSend(100))
	session := opened(t, client, SessionConfig{})
	all := session.Events(soon(t))
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	// Nothing is lost between the call and the loop.
	ticks := 0
	for event, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		if event.Type() == "custom.tick" {
			ticks++
		}
		if event.Type() == "custom.end" {
			break
		}
	}
	if ticks != 100 {
		t.Errorf("%d of 100 events", ticks)
	}
	for event, err := range all {
		t.Errorf("a second loop gives %v, %v", event, err)
	}
	var replayed []uint64
	for event, err := range session.EventsFrom(soon(t), 50) {
		if err != nil {
			t.Fatal(err)
		}
		replayed = append(replayed, event.Seq())
		if event.Type() == "custom.end" {
			break
		}
	}
	if replayed[0] != 50 || !slices.IsSorted(replayed) {
		t.Errorf("replayed %v", replayed)
	}
}

func TestAnIteratorEndsWithItsContextAndWithItsSession(t *testing.T) {
	client := started(t, script())
	session := opened(t, client, SessionConfig{})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		time.Sleep(20 * time.Millisecond)
		cancel()
	}()
	var last error
	for _, last = range session.Events(ctx) {
	}
	if !errors.Is(last, context.Canceled) || !errors.Is(last, ErrCancelled) {
		t.Errorf("the last error is %v", last)
	}
	over := make(chan error, 1)
	all := session.Events(context.Background())
	go func() {
		for _, err := range all {
			if err != nil {
				over <- err
				return
			}
		}
		over <- nil
	}()
	if err := session.Disconnect(soon(t)); err != nil {
		t.Fatal(err)
	}
	if err := within(t, over); err != nil {
		t.Errorf("it ends with %v", err)
	}
	for _, err := range session.Events(context.Background()) {
		if err != nil && !errors.Is(err, ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	}
}

func TestHandlersRunInOrderOneEventAtATimeAndAPanicStopsNothing(t *testing.T) {
	client := started(t, eventsAfterSend(50))
	var at atomic.Int32
	order, failures, done := make(chan string, 1024), make(chan *HandlerFailure, 1024), make(chan bool, 1)
	session := opened(t, client, SessionConfig{
		OnEvent: func(event Event) {
			if at.Add(1) != 1 {
				t.Error("two handlers at a time")
			}
			order <- "first"
			at.Add(-1)
			if event.Type() == "custom.tick" {
				panic("on purpose")
			}
		},
		OnHandlerError: func(failure *HandlerFailure) { failures <- failure; panic("here too") },
	})
	off := session.On(func(event Event) {
		at.Add(1)
		order <- "second"
		at.Add(-1)
		if event.Type() == "custom.end" {
			done <- true
		}
	})
	defer off()
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	within(t, done)
	failure := within(t, failures)
	if failure.Place != "on_event" || failure.SessionID != "s-1" || !contains(failure.Err.Error(), "on purpose") {
		t.Errorf("told %+v", failure)
	}
	close(order)
	var heard []string
	for who := range order {
		heard = append(heard, who)
	}
	for i, who := range heard {
		if who == "second" && (i == 0 || heard[i-1] != "first") {
			t.Fatalf("heard %v", heard)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for session.Counters().HandlerErrors < 50 && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	if counted := session.Counters().HandlerErrors; counted != 50 {
		t.Errorf("counted %d", counted)
	}
}

func TestAHandlerThatComesLaterHearsFromThenOn(t *testing.T) {
	client := started(t, eventsAfterSend(20))
	session := opened(t, client, SessionConfig{})
	var first, second atomic.Int32
	done := make(chan bool, 2)
	count := func(counter *atomic.Int32) func(Event) {
		return func(event Event) {
			counter.Add(1)
			if event.Type() == "custom.end" {
				done <- true
			}
		}
	}
	offFirst := session.On(count(&first))
	session.On(count(&second))()
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	within(t, done)
	offFirst()
	if first.Load() < 21 || second.Load() != 0 {
		t.Errorf("heard %d and %d", first.Load(), second.Load())
	}
}

func TestAFirehoseIsCountedWhole(t *testing.T) {
	const many = 20_000
	client := started(t, script(expect("session.send"), reply(object{"messageId": "m"}), object{"firehose": object{
		"session": "s-1", "burst": object{"events": many, "type": "assistant.message", "bytes": 300},
	}}, event("s-1", "custom.end", object{})))
	var heard atomic.Int64
	done := make(chan bool, 1)
	session := opened(t, client, SessionConfig{OnEvent: func(event Event) {
		switch event.Type() {
		case events.TypeAssistantMessage:
			heard.Add(1)
		case "custom.end":
			done <- true
		}
	}})
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	within(t, done)
	if heard.Load() != many || session.Counters().EventsLost != 0 {
		t.Errorf("heard %d of %d, %+v", heard.Load(), many, session.Counters())
	}
}

func TestProgramMayEndASessionWhileEventsFlow(t *testing.T) {
	client := started(t, script(expect("session.send"), reply(object{"messageId": "m"}), "checkpoint", object{"firehose": object{
		"session": "s-1", "burst": object{"events": 1_000_000},
	}}))
	begun := make(chan bool, 1_000_000)
	session := opened(t, client, SessionConfig{OnEvent: func(event Event) {
		if event.Type() == events.TypeAssistantMessageDelta {
			select {
			case begun <- true:
			default:
			}
		}
	}})
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	within(t, begun)
	if err := client.ForceStop(soon(t)); err != nil {
		t.Error(err)
	}
}

func TestATimeoutSaysWhatIsPending(t *testing.T) {
	client := started(t, script(
		object{"expect": object{"method": "session.send", "as": "send"}}, object{"reply": object{
			"to": "send", "result": object{"messageId": "m"},
		}}))
	session := opened(t, client, SessionConfig{})
	_, err := session.SendAndWait(soon(t), SendOptions{Prompt: "hello", Timeout: 50 * time.Millisecond})
	if !errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestCallsAfterTheEndAreErrorsAndNotCrashes(t *testing.T) {
	client, err := Start(soon(t), mocked(t, script()))
	if err != nil {
		t.Fatal(err)
	}
	session := opened(t, client, SessionConfig{OnEvent: func(Event) {}})
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if err := client.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	calls := map[string]error{}
	_, calls["ping"] = client.Ping(soon(t), "")
	_, calls["send"] = session.Send(soon(t), Prompt("x"))
	_, calls["create"] = client.CreateSession(soon(t), SessionConfig{})
	for _, calls["events"] = range session.Events(soon(t)) {
	}
	for name, err := range calls {
		if err == nil || !(errors.Is(err, ErrBadHandle) || errors.Is(err, ErrClosed)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	session.On(func(Event) {})()
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	if fmt.Sprint(session.Counters(), session.Capabilities(), client.State()) == "" {
		t.Error("nothing to say")
	}
}

func TestTheHandlerGetsWhatIsLeftWhenItsSessionIsClosed(t *testing.T) {
	client := started(t, eventsAfterSend(2_000))
	heard := make(chan string, 4096)
	session := opened(t, client, SessionConfig{OnEvent: func(event Event) {
		if event.Type() == "custom.tick" && event.Seq()%100 == 0 {
			time.Sleep(time.Millisecond)
		}
		heard <- event.Type()
	}})
	all := session.Events(soon(t))
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	for event := range all {
		if event.Type() == "custom.end" {
			break
		}
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	for ticks := 0; ; {
		switch within(t, heard) {
		case "custom.tick":
			ticks++
		case "custom.end":
			if ticks != 2_000 {
				t.Errorf("heard %d", ticks)
			}
			return
		}
	}
}

func TestASessionMayBeClosedByItsOwnHandler(t *testing.T) {
	client := started(t, eventsAfterSend(1))
	closed := make(chan error, 1)
	sessions := make(chan *Session, 1)
	session := opened(t, client, SessionConfig{OnEvent: func(event Event) {
		if event.Type() == "custom.tick" {
			closed <- (<-sessions).Close()
		}
	}})
	sessions <- session
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		t.Fatal(err)
	}
	if err := within(t, closed); err != nil {
		t.Error(err)
	}
}
