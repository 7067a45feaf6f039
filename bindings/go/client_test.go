package codriver

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"
)

func TestOneTurnFromStartToStop(t *testing.T) {
	client := started(t, script())
	info, ok := client.Runtime()
	if !ok || info.ProtocolVersion != 3 || client.State() != StateConnected || client.RuntimePID() == 0 {
		t.Errorf("it is %v, %v, %d", info, client.State(), client.RuntimePID())
	}
	session := opened(t, client, SessionConfig{})
	if session.ID() != "s-1" || session.WorkspacePath() == "" {
		t.Errorf("the session is %q at %q", session.ID(), session.WorkspacePath())
	}
	turn, err := session.SendAndWait(soon(t), Prompt("hello"))
	if err != nil || turn.Text() == "" || turn.MessageID == "" || turn.Aborted {
		t.Fatalf("%+v, %v", turn, err)
	}
	stored, err := session.GetEvents(soon(t))
	if err != nil || len(stored) == 0 || stored[0].Seq() != 0 {
		t.Errorf("%v, %v", stored, err)
	}
	status, err := client.Status(soon(t))
	if err != nil || status.ProtocolVersion != 3 {
		t.Errorf("%+v, %v", status, err)
	}
	if last, err := client.LastSessionID(soon(t)); err != nil || last != "s-1" {
		t.Errorf("the last one is %q, %v", last, err)
	}
	if err := session.Close(); err != nil {
		t.Errorf("the session: %v", err)
	}
	if err := session.Close(); err != nil {
		t.Errorf("the session again: %v", err)
	}
	if err := client.Stop(soon(t)); err != nil || client.State() != StateDisconnected {
		t.Errorf("%v, %v", err, client.State())
	}
	if _, err := client.Ping(soon(t), ""); !errors.Is(err, ErrClosed) {
		t.Errorf("a ping after the stop: %v", err)
	}
}

func TestARuntimeThatIsNotThereIsNotFound(t *testing.T) {
	_, err := Start(soon(t), Options{CLIPath: "/nowhere/copilot"})
	if !errors.Is(err, ErrRuntimeNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := New(Options{Extra: map[string]any{"cliPaht": 1}}); !errors.Is(err, ErrInvalidConfig) {
		t.Errorf("an unknown option: %v", err)
	}
}

func TestAnErrorOfTheRuntimeCarriesItsCode(t *testing.T) {
	client := started(t, script(expect("test.fail"), object{"reply_error": object{"error": object{
		"code": -32099, "message": "broken", "data": object{"why": "test"},
	}}}))
	_, err := client.RPC(soon(t), "test.fail", map[string]int{"a": 1})
	var known *Error
	if !errors.As(err, &known) || known.Kind != ErrRPC || known.RPC == nil || known.RPC.Code != -32099 ||
		known.RPC.Message != "broken" || string(known.RPC.Data) != `{"why":"test"}` {
		t.Errorf("got %#v", err)
	}
	if _, err := client.RPC(soon(t), "test.unknown", nil); !errors.Is(err, ErrMethodNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestAContextBoundsItsCallAndNeverTheRuntime(t *testing.T) {
	client := started(t, object{"ignore": []string{"test.silent"}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := client.RPC(ctx, "test.silent", nil)
		ended <- err
	}()
	cancel()
	if err := within(t, ended); !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := client.RPC(ctx, "test.silent", nil); !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("past its deadline: %v", err)
	}
	if _, err := client.Ping(ctx, ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a context that had ended before: %v", err)
	}
	if pong, err := client.Ping(context.Background(), "still"); err != nil || pong.Message != "pong: still" {
		t.Errorf("the runtime: %v, %v", pong, err)
	}
}

func TestALateCompletionAfterACancelIsDiscarded(t *testing.T) {
	client := started(t, script(
		object{"expect": object{"method": "test.slow", "as": "slow"}}, object{"notify": object{"method": "test.asked"}},
		object{"expect": object{"method": "test.go", "as": "go"}},
		object{"reply": object{"to": "slow", "result": "late"}}, object{"reply": object{"to": "go", "result": "in time"}},
		object{"notify": object{"method": "test.late"}}))
	heard := make(chan string, 8)
	client.OnNotification(func(n *Notification) { heard <- n.Method })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := client.RPC(ctx, "test.slow", nil)
		ended <- err
	}()
	if method := within(t, heard); method != "test.asked" {
		t.Errorf("heard %s", method)
	}
	cancel()
	if err := within(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	// The late answer comes before this one, and is not taken for it.
	if answer, err := client.RPC(soon(t), "test.go", nil); err != nil || string(answer) != `"in time"` {
		t.Errorf("got %s, %v", answer, err)
	}
	if method := within(t, heard); method != "test.late" {
		t.Errorf("heard %s", method)
	}
	if pong, err := client.Ping(soon(t), "still"); err != nil || pong.Message != "pong: still" {
		t.Errorf("got %v, %v", pong, err)
	}
}

func TestACallThatIsCancelledAtTheMomentOfItsAnswerHasOneOutcome(t *testing.T) {
	client := started(t, script())
	// Whoever was first has less time next, so that both stay close to each other.
	patience := 200 * time.Microsecond
	answered, cancelled := 0, 0
	for i := range 1_000 {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		message := strconv.Itoa(i)
		pong, err := client.Ping(ctx, message)
		cancel()
		switch {
		case err == nil && pong.Message == "pong: "+message:
			answered++
			patience -= patience / 50
		case err != nil && pong == nil && errors.Is(err, context.DeadlineExceeded) && errors.Is(err, ErrTimeout):
			cancelled++
			patience += patience/50 + 1
		default:
			t.Fatalf("call %d gave %v, %v", i, pong, err)
		}
	}
	if answered < 100 || cancelled < 100 {
		t.Errorf("%d were answered and %d cancelled", answered, cancelled)
	}
	if pong, err := client.Ping(soon(t), "still"); err != nil || pong.Message != "pong: still" {
		t.Errorf("got %v, %v", pong, err)
	}
}

func TestACancelledCreateLeavesNothingBehind(t *testing.T) {
	client := started(t, script(
		object{"expect": object{"method": "session.create", "as": "create"}}, object{"sleep_ms": 50},
		object{"reply_builtin": object{"to": "create"}},
		expectWith("session.destroy", object{"sessionId": "s-1"}), replyBuiltin(),
		object{"notify": object{"method": "test.destroyed"}}))
	heard := make(chan string, 8)
	client.OnNotification(func(n *Notification) { heard <- n.Method })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := client.CreateSession(ctx, SessionConfig{SessionID: "s-1"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if method := within(t, heard); method != "test.destroyed" {
		t.Errorf("heard %s", method)
	}
}

func TestStateLifecycleAndNotificationsAreTold(t *testing.T) {
	options := mocked(t, script(expect("test.tell"), reply(nil), object{"notify": object{
		"method": "host.event", "params": object{"a": []int{1}},
	}}))
	states, created, told := make(chan State, 8), make(chan *SessionLifecycleEvent, 8), make(chan *Notification, 8)
	options.OnState = func(state State) { states <- state; panic("on purpose") }
	options.OnLifecycle = func(event *SessionLifecycleEvent) { created <- event }
	options.OnNotification = func(notification *Notification) { told <- notification }
	client := startedWith(t, options)
	if a, b := within(t, states), within(t, states); a != StateConnecting || b != StateConnected {
		t.Errorf("states were %v, %v", a, b)
	}
	later := make(chan *Notification, 8)
	off := client.OnNotification(func(notification *Notification) { later <- notification })
	opened(t, client, SessionConfig{})
	if event := within(t, created); event.Kind != SessionCreated || event.SessionID != "s-1" {
		t.Errorf("lifecycle was %+v", event)
	}
	if _, err := client.RPC(soon(t), "test.tell", nil); err != nil {
		t.Fatal(err)
	}
	if n := within(t, told); n.Method != "host.event" || string(n.Params) != `{"a":[1]}` {
		t.Errorf("told %+v", n)
	}
	within(t, later)
	off()
	off()
}

func TestManyGoroutinesShareOneClient(t *testing.T) {
	client := started(t, script())
	var group sync.WaitGroup
	for i := range 32 {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := range 20 {
				message := strconv.Itoa(i*100 + j)
				if pong, err := client.Ping(context.Background(), message); err != nil || pong.Message != "pong: "+message {
					t.Errorf("%v, %v", pong, err)
				}
			}
		}()
	}
	group.Wait()
}
