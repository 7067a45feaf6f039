package codriver

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/codriver/go/codriver/internal/cabi"
)

// Client is a client of one runtime; made by [Start]. It is safe for concurrent use.
//
// [Client.Stop] ends it in order, and must be called: until then the runtime goes on, whatever context it was started with.
type Client struct {
	id      uint64
	shared  *exchange
	stopped sync.Once
}

// Start starts the runtime, or connects to one, and gives the client when it answers. The context bounds the start only:
// the client and its runtime live until [Client.Stop].
//
// Errors: [ErrInvalidConfig] with the name of the option, [ErrRuntimeNotFound], [ErrConnectFailed], [ErrRuntimeLost],
// [ErrAuthenticationRequired], [ErrAuthenticationFailed], [ErrProtocol], [ErrVersionMismatch], [ErrTimeout].
func Start(ctx context.Context, options Options) (*Client, error) {
	client, err := New(options)
	if err != nil {
		return nil, err
	}
	if err := client.Connect(ctx); err != nil {
		client.release()
		return nil, err
	}
	return client, nil
}

// New makes a client that is not connected yet; [Client.Connect] connects it. Most programs use [Start].
func New(options Options) (*Client, error) {
	shared := newExchange(options)
	text, err := options.wire()
	if err != nil {
		return nil, err
	}
	id, err := cabi.NewClient(text, shared)
	if err != nil {
		return nil, fromC(err)
	}
	shared.begin(id)
	go cabi.CallBack(id)
	return &Client{id: id, shared: shared}, nil
}

// wire gives the options as the core reads them.
func (o Options) wire() ([]byte, error) {
	if o.SessionFS != nil {
		if err := o.SessionFS.check(); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, newError(ErrInvalidConfig, "the options have no JSON: %v", err)
	}
	return text, nil
}

// Connect connects, and starts the runtime where that is ours to do. It does nothing where the client is connected.
// Concurrent calls share one start, and its error. After an error, a lost runtime, or [Client.Stop], it may be called
// again: sessions of the old connection are over, and can be resumed.
func (c *Client) Connect(ctx context.Context) error {
	_, err := cabi.ClientConnect(ctx, c.id)
	return fromC(err)
}

// Stop ends the client in order: its sessions are destroyed, all at once; the runtime is told to shut down, and if it does
// not end by itself it is killed, with all its descendants. A runtime that is not ours is only disconnected from. What
// went wrong comes back joined ([errors.Join]); the client is stopped all the same. Stopping twice is fine.
//
// Each step has a deadline of its own ([Limits.StopTimeout]). Where the context ends first, the client is stopped by
// force.
func (c *Client) Stop(ctx context.Context) error {
	text, err := cabi.ClientStop(ctx, c.id)
	if err != nil && ctx.Err() != nil {
		return errors.Join(fromC(err), c.ForceStop(context.WithoutCancel(ctx)))
	}
	return stopErrors(text, err)
}

// ForceStop ends the client at once: the runtime is killed with all its descendants, and nobody is asked.
func (c *Client) ForceStop(ctx context.Context) error {
	return stopErrors(cabi.ClientForceStop(ctx, c.id))
}

func stopErrors(text []byte, err error) error {
	if err != nil {
		return fromC(err)
	}
	var objects []json.RawMessage
	if err := json.Unmarshal(text, &objects); err != nil {
		return newError(ErrInternal, "the errors of a stop cannot be read: %v", err)
	}
	var all []error
	for _, object := range objects {
		all = append(all, fromC(cabi.ReadError(object)))
	}
	return errors.Join(all...)
}

// Close stops the client in order ([Client.Stop]) and frees what it has. No call on it or its sessions works any more. Closing
// twice is fine.
func (c *Client) Close() error {
	err := c.Stop(context.Background())
	c.release()
	// What went wrong with the stop of a client that was there is of another kind.
	if isGone(err) {
		return nil
	}
	return err
}

func (c *Client) release() {
	c.stopped.Do(func() {
		cabi.Close(c.id)
		c.shared.end()
	})
}

// State says whether the client is connected.
func (c *Client) State() State { return c.info().State }

// Runtime gives the version the runtime gave, and the protocol it speaks; false where the client is not connected.
func (c *Client) Runtime() (RuntimeInfo, bool) {
	info := c.info()
	return RuntimeInfo{ProtocolVersion: info.ProtocolVersion, Version: info.RuntimeVersion}, info.ProtocolVersion != 0
}

// RuntimePID gives the process id of the runtime; 0 where it is no child of this client.
func (c *Client) RuntimePID() int { return c.info().RuntimePID }

type clientInfo struct {
	State           State  `json:"state"`
	ProtocolVersion int64  `json:"protocolVersion"`
	RuntimeVersion  string `json:"runtimeVersion"`
	RuntimePID      int    `json:"runtimePid"`
}

func (c *Client) info() clientInfo {
	info := clientInfo{State: StateDisconnected}
	if text, err := cabi.ClientInfo(c.id); err == nil {
		_ = json.Unmarshal(text, &info)
	}
	return info
}

// Counters gives the counts of all sessions of this client together.
func (c *Client) Counters() Counters {
	var counters Counters
	if text, err := cabi.ClientCounters(c.id); err == nil {
		_ = json.Unmarshal(text, &counters)
	}
	return counters
}

// OnState calls handler at each change of [Client.State], in order, one at a time; what it returns ends that.
// [Options.OnState] sees the first ones too.
func (c *Client) OnState(handler func(state State)) (off func()) {
	return c.shared.states.add(handler)
}

// OnLifecycle calls handler for each `session.lifecycle` notification, also of sessions that are not this client's: in
// order, one at a time; what it returns ends that.
func (c *Client) OnLifecycle(handler func(event *SessionLifecycleEvent)) (off func()) {
	return c.shared.lifecycles.add(handler)
}

// OnNotification calls handler for each notification that Codriver has no name for; what it returns ends that.
func (c *Client) OnNotification(handler func(notification *Notification)) (off func()) {
	return c.shared.notifications.add(handler)
}

// fromC makes an error of the core one of this package; nil stays nil.
func fromC(err error) error {
	if err == nil {
		return nil
	}
	var core *cabi.Error
	if !errors.As(err, &core) {
		return err
	}
	made := &Error{Kind: Kind(core.Number), Message: core.Message, cause: core.Cause}
	if core.RPC != nil {
		made.RPC = &RPCError{Code: core.RPC.Code, Message: core.RPC.Message, Data: core.RPC.Data}
	}
	return made
}
