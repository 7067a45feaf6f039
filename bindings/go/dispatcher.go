package codriver

import (
	"slices"
	"sync"

	"github.com/codriver/go/codriver/internal/cabi"
)

// dispatcher calls the event handlers of a session: all of them for one event, then for the next. It runs only while there
// are events.
type dispatcher struct {
	session *Session
	pump    pump
	// batch is what was taken of the stream from and is not told yet; telling is the event that waiting have not heard yet.
	// Only the pump has them: they outlive a goroutine that is ended by a handler.
	batch   *eventBatch
	from    uint64
	telling Event
	waiting []eventHandler

	mu       sync.Mutex
	handlers []eventHandler
	last     int
	// stream has the events: the session's own where there was a handler from the first one on, else a subscription of the
	// first handler that came later. 0: nobody listens.
	stream uint64
	// drained: the session is over and its handlers have seen everything. closing: its handle is to be given up then.
	drained, closing bool
	ended            bool
}

type eventHandler struct {
	number int
	// after is the last event that the handler is too late for.
	after uint64
	call  func(Event)
}

func newDispatcher(session *Session) *dispatcher {
	d := &dispatcher{session: session}
	d.pump.work = d.work
	return d
}

// first adds the handler that sees every event.
func (d *dispatcher) first(call func(Event)) {
	d.handlers = append(d.handlers, eventHandler{call: call})
	d.stream = d.session.handle
	d.session.client.shared.onWake(d.stream, d.pump.wake)
}

func (d *dispatcher) add(call func(Event)) (off func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return func() {}
	}
	d.last++
	handler := eventHandler{number: d.last, call: call}
	if d.stream == 0 {
		stream, err := cabi.SessionSubscribe(d.session.handle, 0)
		if err != nil {
			// The session is over: there are no events to come.
			return func() {}
		}
		d.stream = stream
		d.session.client.shared.onWake(stream, d.pump.wake)
		d.pump.wake()
	} else {
		// Events are numbered as they are received.
		handler.after = d.session.Counters().EventsReceived
	}
	d.handlers = append(d.handlers[:len(d.handlers):len(d.handlers)], handler)
	return func() { d.remove(handler.number) }
}

func (d *dispatcher) remove(number int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handlers = slices.DeleteFunc(slices.Clone(d.handlers), func(h eventHandler) bool { return h.number == number })
	if len(d.handlers) == 0 {
		d.leave()
	}
}

// leave gives the stream up, unless it is the session's own.
func (d *dispatcher) leave() {
	if d.stream != 0 && d.stream != d.session.handle {
		d.session.client.shared.onWake(d.stream, nil)
		cabi.Close(d.stream)
		d.stream = 0
	}
}

// close gives the session's handle up, as soon as the handler that sees every event has seen the last one. It does not wait
// for that: it may be called by that very handler.
func (d *dispatcher) close() {
	d.mu.Lock()
	d.closing = true
	now := d.stream != d.session.handle || d.drained
	d.mu.Unlock()
	if now {
		d.session.release()
	}
}

// end is called when the session's handle is given up.
func (d *dispatcher) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	d.session.client.shared.onWake(d.session.handle, nil)
	d.leave()
}

func (d *dispatcher) work() (more bool) {
	d.mu.Lock()
	stream := d.stream
	d.mu.Unlock()
	if stream != d.from {
		d.batch, d.waiting = nil, nil
	}
	if stream == 0 {
		return false
	}
	// A wake that came since a handler ended the goroutine is this call's; what is left was taken before it.
	left := d.batch != nil
	if !left {
		taken, err := takeEvents(stream)
		if err != nil {
			return false
		}
		d.batch, d.from = &taken, stream
	}
	for d.next() {
		for len(d.waiting) > 0 {
			handler := d.waiting[0]
			d.waiting = d.waiting[1:]
			if d.telling.seq > handler.after {
				d.call(stream, handler, d.telling)
			}
		}
	}
	batch := d.batch
	d.batch, d.telling = nil, Event{}
	if batch.ended {
		d.mu.Lock()
		d.drained = true
		closing := d.closing
		d.mu.Unlock()
		if closing {
			d.session.release()
		}
	}
	return left || batch.more
}

// next says whether there is an event to tell; where the last one was heard by all, it is the next one.
func (d *dispatcher) next() bool {
	if len(d.waiting) > 0 {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// Who listens to another stream by now wants nothing of this one.
	if len(d.batch.events) == 0 || d.stream != 0 && d.stream != d.from {
		return false
	}
	d.telling, d.batch.events = d.batch.events[0], d.batch.events[1:]
	d.waiting = d.handlers
	return true
}

func (d *dispatcher) call(stream uint64, handler eventHandler, event Event) {
	settle(func() error {
		handler.call(event)
		return nil
	}, func(err error) {
		if err != nil {
			_ = cabi.ReportHandlerError(stream, "on_event", err.Error())
		}
	})
}
