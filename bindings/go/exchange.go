package codriver

import (
	"context"
	"encoding/json"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/codriver/go/codriver/internal/cabi"
)

// exchange is where the core tells and asks one client. Its callbacks come on one goroutine and return at once;
// the work is done on goroutines, which end with it.
type exchange struct {
	// ctx ends with the client; every handler's context is below it.
	ctx    context.Context
	cancel context.CancelFunc

	states        listeners[State]
	lifecycles    listeners[*SessionLifecycleEvent]
	notifications listeners[*Notification]
	files         *fileServer
	notices       pump

	mu       sync.Mutex
	sessions map[uint64]*Session
	wakers   map[uint64]func()
	calls    map[uint64]context.CancelFunc
}

func newExchange(options Options) *exchange {
	ctx, cancel := context.WithCancel(context.Background())
	e := &exchange{
		ctx: ctx, cancel: cancel,
		sessions: map[uint64]*Session{}, wakers: map[uint64]func(){}, calls: map[uint64]context.CancelFunc{},
	}
	if options.SessionFS != nil && options.SessionFS.Open != nil {
		e.files = newFileServer(options.SessionFS.Open)
	}
	if options.OnState != nil {
		e.states.add(options.OnState)
	}
	if options.OnLifecycle != nil {
		e.lifecycles.add(options.OnLifecycle)
	}
	if options.OnNotification != nil {
		e.notifications.add(options.OnNotification)
	}
	return e
}

// begin is called when the client has its id. What it told before was a wake for nobody.
func (e *exchange) begin(client uint64) {
	e.notices.work = func() (more bool) { return e.takeNotices(client) }
	e.onWake(client, e.notices.wake)
	e.notices.wake()
}

// end is called when the client is closed: streams see their end, handlers that their answer is for nobody.
func (e *exchange) end() {
	e.cancel()
	e.mu.Lock()
	wakers := make([]func(), 0, len(e.wakers))
	for _, wake := range e.wakers {
		wakers = append(wakers, wake)
	}
	clear(e.wakers)
	clear(e.sessions)
	e.mu.Unlock()
	for _, wake := range wakers {
		wake()
	}
}

// onWake says who is to be told that id has something to take; nil: nobody any more.
func (e *exchange) onWake(id uint64, wake func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if wake == nil {
		delete(e.wakers, id)
		return
	}
	e.wakers[id] = wake
}

func (e *exchange) addSession(session *Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sessions[session.handle] = session
}

func (e *exchange) removeSession(session *Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sessions, session.handle)
}

func (e *exchange) session(id uint64) *Session {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sessions[id]
}

// Wake implements cabi.Callbacks.
func (e *exchange) Wake(id uint64) {
	e.mu.Lock()
	wake := e.wakers[id]
	e.mu.Unlock()
	if wake != nil {
		wake()
	}
}

// Cancel implements cabi.Callbacks.
func (e *exchange) Cancel(call uint64) {
	e.mu.Lock()
	cancel := e.calls[call]
	e.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// Request implements cabi.Callbacks.
func (e *exchange) Request(request cabi.Request) {
	ctx, done := e.open(request.Call)
	go func() {
		defer done()
		e.answer(ctx, &request)
	}()
}

// FSRequest implements cabi.Callbacks.
func (e *exchange) FSRequest(request cabi.FSRequest) {
	ctx, done := e.open(request.Call)
	go func() {
		defer done()
		if e.files == nil {
			_ = cabi.Fail(request.Call, int(ErrInternal), "this client serves no files")
			return
		}
		e.files.serve(ctx, &request)
	}()
}

// open gives the context of a call, which ends with Cancel, and what is to be called when it is answered.
func (e *exchange) open(call uint64) (context.Context, func()) {
	ctx, cancel := context.WithCancel(e.ctx)
	e.mu.Lock()
	e.calls[call] = cancel
	e.mu.Unlock()
	return ctx, func() {
		e.mu.Lock()
		delete(e.calls, call)
		e.mu.Unlock()
		cancel()
	}
}

// answer runs the handler of a question and tells its answer, whichever way the handler ends. The core refuses one that it
// cannot use; then the handler has failed.
func (e *exchange) answer(ctx context.Context, request *cabi.Request) {
	settle(func() error {
		text, err := e.ask(ctx, request)
		if err != nil {
			return err
		}
		return cabi.Respond(request.Call, text)
	}, func(err error) {
		if err != nil {
			// Where nobody waits any more there is nobody to tell.
			_ = cabi.Fail(request.Call, 0, err.Error())
		}
	})
}

func (e *exchange) ask(ctx context.Context, request *cabi.Request) ([]byte, error) {
	session := e.session(request.Session)
	if session == nil {
		return nil, newError(ErrClosed, "the session is closed")
	}
	handler := session.handlers[handlerKey{request.Kind, request.Name}]
	if handler == nil {
		return nil, newError(ErrInternal, "nobody here answers %s %q", request.Kind, request.Name)
	}
	answer, err := handler(ctx, request)
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// errGoexit is the error of a handler that never came back: it ended its goroutine.
var errGoexit = newError(ErrInternal, "the handler ended its goroutine (runtime.Goexit)")

// settle runs what calls a handler and tells its error once, whichever way it ends: one that panics or ends its goroutine has
// failed.
func settle(run func() error, tell func(error)) {
	var err error = errGoexit
	defer func() { tell(err) }()
	defer func() {
		if panicked := recover(); panicked != nil {
			slog.Error("codriver: a handler panicked", "panic", panicked, "stack", string(debug.Stack()))
			err = newError(ErrInternal, "the handler panicked: %v", panicked)
		}
	}()
	err = run()
}

const noticesAtOnce = 256

func (e *exchange) takeNotices(client uint64) (more bool) {
	var notices []json.RawMessage
	batch, err := cabi.Take(client, noticesAtOnce, 0, func(text []byte) error {
		if err := json.Unmarshal(text, &notices); err != nil {
			slog.Error("codriver: notices cannot be read", "error", err)
		}
		return nil
	})
	if err != nil {
		return false
	}
	for _, notice := range notices {
		e.tell(notice)
	}
	return batch.More
}

func (e *exchange) tell(text []byte) {
	var notice struct {
		Kind    string          `json:"kind"`
		State   State           `json:"state"`
		Event   json.RawMessage `json:"event"`
		Method  string          `json:"method"`
		Params  json.RawMessage `json:"params"`
		Session uint64          `json:"session"`
		ID      string          `json:"sessionId"`
		Place   string          `json:"place"`
		Error   json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(text, &notice); err != nil {
		slog.Error("codriver: a notice cannot be read", "error", err)
		return
	}
	switch notice.Kind {
	case "state":
		e.states.call(notice.State)
	case "lifecycle":
		var event SessionLifecycleEvent
		if err := json.Unmarshal(notice.Event, &event); err != nil {
			slog.Error("codriver: a lifecycle notification cannot be read", "error", err)
			return
		}
		e.lifecycles.call(&event)
	case "notification":
		e.notifications.call(&Notification{Method: notice.Method, Params: notice.Params})
	case "handlerError":
		session := e.session(notice.Session)
		if session == nil || session.onHandlerError == nil {
			return
		}
		failure := &HandlerFailure{Place: notice.Place, SessionID: notice.ID, Err: fromC(cabi.ReadError(notice.Error))}
		guarded(func() { session.onHandlerError(failure) })
	}
}

// guarded calls a handler that has nobody to report its failure to. The handler has a goroutine of its own, so that it can
// end no other; it is waited for.
func guarded(call func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		settle(func() error {
			call()
			return nil
		}, func(err error) {
			if err == error(errGoexit) {
				slog.Error("codriver: a handler ended its goroutine")
			}
		})
	}()
	<-done
}
