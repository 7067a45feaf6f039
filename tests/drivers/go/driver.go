package main

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/codriver/go/codriver"
)

const patience = time.Minute

// driver has the client and the sessions that the commands speak of.
type driver struct {
	files *foreignFiles

	mu       sync.Mutex
	started  *started
	sessions map[string]*codriver.Session
}

// started is a client, and how it was asked for.
type started struct {
	runtime   runtimeSpec
	sessionFS *sessionFS
	options   string
	client    *codriver.Client
	stopped   bool
}

type empty = struct{}

// run runs one command.
func (d *driver) run(ctx context.Context, c *command) (any, error) {
	switch c.Op {
	case "start":
		return d.start(ctx, c)
	case "create_session", "resume_session":
		return d.open(ctx, c)
	case "send", "send_and_wait", "wait_ready", "abort", "disconnect", "get_events", "set_model", "subscribe":
		session, err := d.session(c.Session)
		if err != nil {
			return nil, err
		}
		return d.inSession(ctx, session, c)
	case "rpc", "counters":
		if c.Session != "" {
			session, err := d.session(c.Session)
			if err != nil {
				return nil, err
			}
			return d.inSession(ctx, session, c)
		}
	}
	client, err := d.client(c.Op == "stop" || c.Op == "force_stop")
	if err != nil {
		return nil, err
	}
	return inClient(ctx, client, c)
}

func inClient(ctx context.Context, client *codriver.Client, c *command) (any, error) {
	switch c.Op {
	case "list_sessions":
		var filter *codriver.SessionListFilter
		if err := json.Unmarshal(orNull(c.Filter), &filter); err != nil {
			return nil, unusable(err)
		}
		sessions, err := client.ListSessions(ctx, filter)
		ids := make([]string, 0, len(sessions))
		for _, session := range sessions {
			ids = append(ids, session.SessionID)
		}
		return map[string]any{"ids": ids}, err
	case "get_metadata":
		metadata, err := client.SessionMetadata(ctx, c.SessionID)
		return map[string]any{"found": metadata != nil}, err
	case "delete_session":
		return empty{}, client.DeleteSession(ctx, c.SessionID)
	case "last_session_id":
		id, err := client.LastSessionID(ctx)
		if id == "" {
			return map[string]any{"session_id": nil}, err
		}
		return map[string]any{"session_id": id}, err
	case "ping":
		pong, err := client.Ping(ctx, c.Message)
		if err != nil {
			return nil, err
		}
		return map[string]any{"message": pong.Message}, nil
	case "rpc":
		return client.RPC(ctx, c.Method, orNull(c.Params))
	case "counters":
		return client.Counters(), nil
	case "stop":
		return errorsOf(client.Stop(ctx)), nil
	case "force_stop":
		return errorsOf(client.ForceStop(ctx)), nil
	default:
		return nil, &codriver.Error{Kind: codriver.ErrInvalidArgument, Message: "there is no command " + c.Op}
	}
}

func (d *driver) inSession(ctx context.Context, session *codriver.Session, c *command) (any, error) {
	switch c.Op {
	case "send":
		id, err := session.Send(ctx, codriver.Prompt(c.Prompt))
		return map[string]any{"message_id": id}, err
	case "send_and_wait":
		options := codriver.SendOptions{Prompt: c.Prompt, Timeout: patience}
		if c.TimeoutMs != nil {
			options.Timeout = time.Duration(*c.TimeoutMs) * time.Millisecond
		}
		turn, err := session.SendAndWait(ctx, options)
		if err != nil {
			return nil, err
		}
		return map[string]any{"content": turn.Content}, nil
	case "wait_ready":
		return empty{}, session.WaitUntilReady(ctx, patience)
	case "abort":
		return empty{}, session.Abort(ctx)
	case "disconnect":
		return empty{}, session.Disconnect(ctx)
	case "get_events":
		stored, err := session.GetEvents(ctx)
		types := make([]string, 0, len(stored))
		for _, event := range stored {
			types = append(types, event.Type())
		}
		return map[string]any{"types": types}, err
	case "set_model":
		return empty{}, session.SetModel(ctx, c.Model, "")
	case "subscribe":
		events := session.Events(context.Background())
		if c.FromSeq != nil {
			events = session.EventsFrom(context.Background(), *c.FromSeq)
		}
		go func() {
			for event, err := range events {
				if err == nil {
					sayEvent(c.Session, event, c.ID)
				}
			}
		}()
		return empty{}, nil
	case "rpc":
		return session.RPC(ctx, c.Method, orNull(c.Params))
	default: // counters
		return session.Counters(), nil
	}
}

// start connects: the client there is, if it was asked for in the same words and was not stopped; else a new one.
func (d *driver) start(ctx context.Context, c *command) (any, error) {
	client, err := d.prepared(c)
	if err != nil {
		return nil, err
	}
	if err := client.Connect(ctx); err != nil {
		return nil, err
	}
	runtime, ok := client.Runtime()
	if !ok {
		return nil, &codriver.Error{Kind: codriver.ErrClosed, Message: "the connection ended at once"}
	}
	return map[string]any{"protocol_version": runtime.ProtocolVersion, "runtime_version": runtime.Version}, nil
}

func (d *driver) prepared(c *command) (*codriver.Client, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := &started{runtime: c.Runtime, sessionFS: c.SessionFS, options: string(c.Options)}
	if there := d.started; there != nil && !there.stopped && reflect.DeepEqual(there.runtime, asked.runtime) &&
		reflect.DeepEqual(there.sessionFS, asked.sessionFS) && there.options == asked.options {
		return there.client, nil
	}
	options, err := d.clientOptions(c)
	if err != nil {
		return nil, err
	}
	client, err := codriver.New(options)
	if err != nil {
		return nil, err
	}
	asked.client = client
	d.started = asked
	return client, nil
}

func (d *driver) clientOptions(c *command) (codriver.Options, error) {
	options := codriver.Options{
		OnState: func(state codriver.State) { say(map[string]any{"obs": "state", "state": state}) },
		OnLifecycle: func(event *codriver.SessionLifecycleEvent) {
			say(map[string]any{"obs": "lifecycle", "type": event.Kind, "session_id": event.SessionID})
		},
	}
	if err := json.Unmarshal(orNull(c.Options), &options.Extra); err != nil {
		return options, unusable(err)
	}
	switch c.Runtime.Kind {
	case "tcp":
		options.Transport = codriver.External(c.Runtime.Host, c.Runtime.Port, codriver.Secret(c.Runtime.Token))
	default:
		options.CLIPath, options.CLIArgs = c.Runtime.Path, c.Runtime.Args
		options.Env = map[string]codriver.Secret{}
		for name, value := range c.Runtime.Env {
			options.Env[name] = codriver.Secret(value)
		}
	}
	if fs := c.SessionFS; fs != nil {
		options.SessionFS = &codriver.SessionFSOptions{
			InitialCwd: fs.InitialCwd, StatePath: fs.StatePath, Conventions: codriver.Conventions(fs.Conventions),
			SQLite: &fs.SQLite, Binary: &fs.Binary,
		}
		switch fs.Store {
		case "foreign":
			options.SessionFS.Open = d.files.open
		case "memory":
			options.SessionFS.Store = "memory:"
		default:
			// What the contract calls a directory is `dir:` in a URL.
			url := fs.Store
			if path, ok := strings.CutPrefix(url, "directory:"); ok {
				url = "dir:" + path
			}
			options.SessionFS.Store = codriver.Secret(url)
		}
	}
	return options, nil
}

func (d *driver) open(ctx context.Context, c *command) (any, error) {
	client, err := d.client(false)
	if err != nil {
		return nil, err
	}
	var config codriver.SessionConfig
	if len(c.Config) > 0 && string(c.Config) != "null" {
		if err := json.Unmarshal(c.Config, &config); err != nil {
			return nil, err
		}
	}
	attach(&config, c.Session, &c.Handlers, client)
	var session *codriver.Session
	if c.Op == "resume_session" {
		d.files.expect(c.SessionID, c.Handlers.FS)
		session, err = client.ResumeSession(ctx, c.SessionID, config)
	} else {
		d.files.expect(config.SessionID, c.Handlers.FS)
		session, err = client.CreateSession(ctx, config)
	}
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.sessions[c.Session] = session
	d.mu.Unlock()
	value := map[string]any{"session_id": session.ID()}
	if path := session.WorkspacePath(); path != "" {
		value["workspace_path"] = path
	}
	return value, nil
}

// client gives the client there is; stopping, it takes no further start.
func (d *driver) client(stopping bool) (*codriver.Client, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.started == nil {
		return nil, &codriver.Error{Kind: codriver.ErrInvalidArgument, Message: "no start came before this"}
	}
	d.started.stopped = d.started.stopped || stopping
	return d.started.client, nil
}

func (d *driver) session(name string) (*codriver.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if session := d.sessions[name]; session != nil {
		return session, nil
	}
	return nil, &codriver.Error{Kind: codriver.ErrInvalidArgument, Message: "no session is called " + name}
}

// errorsOf takes apart what Stop joined.
func errorsOf(err error) any {
	all := []any{}
	var joined interface{ Unwrap() []error }
	switch {
	case err == nil:
	case errors.As(err, &joined):
		for _, one := range joined.Unwrap() {
			all = append(all, told(one))
		}
	default:
		all = append(all, told(err))
	}
	return map[string]any{"errors": all}
}

func unusable(err error) error {
	return &codriver.Error{Kind: codriver.ErrInvalidArgument, Message: err.Error()}
}

func orNull(text json.RawMessage) json.RawMessage {
	if len(text) == 0 {
		return json.RawMessage("null")
	}
	return text
}
