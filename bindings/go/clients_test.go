package codriver

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// busy is a script that calls a tool again and again between events. Where it ends, everything was answered.
func busy(rounds int, endless bool) object {
	call := object{"event": object{"session": "s-1", "type": "external_tool.requested", "data": object{
		"requestId": "t-${i}", "sessionId": "s-1", "toolCallId": "c-1", "toolName": "work", "arguments": object{"n": "$i"},
	}}}
	tick := event("s-1", "custom.tick", object{"n": "$i"})
	answer := expectWith("session.tools.handlePendingToolCall",
		object{"sessionId": "s-1", "requestId": "$_", "result": object{"resultType": "success", "textResultForLlm": "$_"}})
	steps := []any{expect("session.send"), reply(object{"messageId": "m"})}
	if endless {
		steps = append(steps, "checkpoint")
	}
	return script(append(steps,
		object{"repeat": object{"times": rounds, "steps": []any{call, tick, tick, answer, replyBuiltin(), tick}}},
		event("s-1", "custom.end", object{}))...)
}

func TestManyClientsAreToldAndAskedAtOnceAndSomeAreClosedMeanwhile(t *testing.T) {
	const clients, rounds = 8, 200
	var all sync.WaitGroup
	for number := range clients {
		all.Add(1)
		go func() {
			defer all.Done()
			leaves := number%2 == 1
			if err := beBusy(t, number, rounds, leaves); err != nil {
				t.Errorf("client %d: %v", number, err)
			}
		}()
	}
	all.Wait()
}

// came waits for something.
func came(from <-chan bool) error {
	select {
	case <-from:
		return nil
	case <-time.After(30 * time.Second):
		return errors.New("it did not come")
	}
}

// beBusy is one client from its start to its end: it leaves in the middle of it all, or counts that nothing is missing.
func beBusy(t *testing.T, number, rounds int, leaves bool) error {
	played := rounds
	if leaves {
		played = 1_000_000
	}
	client, err := Start(soon(t), mocked(t, busy(played, leaves)))
	if err != nil {
		return err
	}
	defer client.Close()
	var ticks, calls, heard atomic.Int64
	done, middle := make(chan bool, 1), make(chan bool, 1)
	session, err := client.CreateSession(soon(t), SessionConfig{
		SessionID: "s-1",
		OnEvent: func(event Event) {
			switch event.Type() {
			case "custom.tick":
				ticks.Add(1)
			case "custom.end":
				done <- true
			}
		},
		Tools: []Tool{{Name: "work", Handler: func(ctxt, *ToolInvocation) (any, error) {
			if calls.Add(1) == 50 {
				middle <- true
			}
			return fmt.Sprintf("by %d", number), nil
		}}},
	})
	if err != nil {
		return err
	}
	session.On(func(Event) { heard.Add(1) })
	if _, err := session.Send(soon(t), Prompt("go")); err != nil {
		return err
	}
	if leaves {
		if err := came(middle); err != nil {
			return err
		}
		// Others call it while it goes.
		ctx := soon(t)
		var group sync.WaitGroup
		for range 4 {
			group.Add(1)
			go func() {
				defer group.Done()
				for {
					if _, err := client.Ping(ctx, ""); err != nil {
						if !errors.Is(err, ErrClosed) && !errors.Is(err, ErrBadHandle) {
							t.Errorf("client %d: %v", number, err)
						}
						return
					}
				}
			}()
		}
		err := client.Close()
		group.Wait()
		return err
	}
	if err := came(done); err != nil {
		return err
	}
	if ticks.Load() != int64(3*rounds) || calls.Load() != int64(rounds) || heard.Load() < int64(3*rounds) {
		return fmt.Errorf("%d ticks, %d calls, %d heard", ticks.Load(), calls.Load(), heard.Load())
	}
	return client.Stop(soon(t))
}
