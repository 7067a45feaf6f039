package codriver

import (
	"context"
	"errors"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/codriver/go/codriver/internal/cabi"
)

// What is taken from the core at once. What is taken does not count for the bound of the queue any more, so it is little.
const (
	eventsAtOnce = 256
	bytesAtOnce  = 64 * 1024
)

// Events gives the events from now on: from this call, not from when the loop begins. It ends with the context, whose error
// is the last thing it yields, or without an error when the session does, after the last event. Breaking out of the loop
// ends it too. It can be ranged over once.
//
//	for event, err := range session.Events(ctx) {
//
// One that is never ranged over holds events until its context ends or the session is closed.
func (s *Session) Events(ctx context.Context) iter.Seq2[Event, error] {
	return s.subscribe(ctx, 0)
}

// EventsFrom gives the events from sequence number seq on, as far as they are still held (those that are not read by all,
// and [Limits.ReplayMaxBytes] of the others); then it is as [Session.Events].
func (s *Session) EventsFrom(ctx context.Context, seq uint64) iter.Seq2[Event, error] {
	return s.subscribe(ctx, max(1, seq))
}

func (s *Session) subscribe(ctx context.Context, from uint64) iter.Seq2[Event, error] {
	stream, err := cabi.SessionSubscribe(s.handle, from)
	if err != nil {
		return func(yield func(Event, error) bool) { yield(Event{}, fromC(err)) }
	}
	ready := make(chan struct{}, 1)
	wake := func() {
		select {
		case ready <- struct{}{}:
		default:
		}
	}
	s.client.shared.onWake(stream, wake)
	// It may have woken before anybody listened.
	wake()
	var once sync.Once
	end := func() {
		once.Do(func() {
			s.client.shared.onWake(stream, nil)
			cabi.Close(stream)
		})
	}
	stop := context.AfterFunc(ctx, end)
	var ranged atomic.Bool
	return func(yield func(Event, error) bool) {
		if ranged.Swap(true) {
			return
		}
		defer end()
		defer stop()
		for {
			select {
			case <-ctx.Done():
				yield(Event{}, ended(ctx))
				return
			case <-ready:
			}
			for more := true; more; {
				batch, err := takeEvents(stream)
				if err != nil {
					if ctx.Err() != nil {
						yield(Event{}, ended(ctx))
					} else if !errors.Is(err, ErrBadHandle) {
						yield(Event{}, err)
					}
					return
				}
				for _, event := range batch.events {
					if !yield(event, nil) {
						return
					}
				}
				if batch.ended {
					return
				}
				more = batch.more && ctx.Err() == nil
			}
		}
	}
}

// ended is the error of a context that has ended.
func ended(ctx context.Context) error {
	return fromC(cabi.ContextError(ctx))
}

// On calls handler for each event from now on: in wire order, one at a time, after the handlers that were added before,
// on a goroutine of its own where it may block. One that panics is reported to [SessionConfig.OnHandlerError] and called
// for the next event again. What it returns ends that.
func (s *Session) On(handler func(event Event)) (off func()) {
	return s.dispatch.add(handler)
}
