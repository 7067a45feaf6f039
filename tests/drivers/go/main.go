// Command driver is the conformance driver of the Go package: JSON lines in, JSON lines out, by nothing but the public API.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/codriver/go/codriver"
)

func main() {
	d := &driver{sessions: map[string]*codriver.Session{}, files: newForeignFiles()}
	running := &running{cancels: map[uint64]context.CancelFunc{}}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 && !perform(d, running, line) {
			break
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			os.Exit(1)
		}
	}
	os.Exit(0)
}

// running are the commands that have no result yet.
type running struct {
	mu      sync.Mutex
	cancels map[uint64]context.CancelFunc
}

func (r *running) add(id uint64) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cancels[id] = cancel
	return ctx
}

func (r *running) end(id uint64) {
	r.mu.Lock()
	cancel := r.cancels[id]
	delete(r.cancels, id)
	r.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// perform starts a command; false ends the driver. Commands start in the order they came: the next one is read when this one
// waits for its call to end, or is over.
func perform(d *driver, running *running, line []byte) bool {
	var c command
	if err := json.Unmarshal(line, &c); err != nil {
		say(map[string]any{"id": nil, "error": told(&codriver.Error{
			Kind: codriver.ErrInvalidArgument, Message: "not a command: " + err.Error(),
		})})
		return true
	}
	switch c.Op {
	case "exit":
		return false
	case "cancel":
		// The target says its own end; one that has ended already is as cancelled as can be.
		running.end(c.Target)
		say(map[string]any{"id": c.ID, "ok": struct{}{}})
		return true
	}
	ctx := &waiting{Context: running.add(c.ID), begun: make(chan struct{})}
	go func() {
		value, err := d.run(ctx, &c)
		ctx.begin()
		running.end(c.ID)
		if err != nil {
			say(map[string]any{"id": c.ID, "error": told(err)})
			return
		}
		say(map[string]any{"id": c.ID, "ok": value})
	}()
	<-ctx.begun
	return true
}

// waiting is a context that tells when somebody first waits for its end: then the call that it bounds is under way.
type waiting struct {
	context.Context
	once  sync.Once
	begun chan struct{}
}

func (w *waiting) begin() { w.once.Do(func() { close(w.begun) }) }

func (w *waiting) Done() <-chan struct{} {
	w.begin()
	return w.Context.Done()
}

// told is an error as the contract has it.
func told(err error) map[string]any {
	var known *codriver.Error
	if !errors.As(err, &known) {
		return map[string]any{"number": int(codriver.ErrInternal), "name": "INTERNAL", "message": err.Error()}
	}
	value := map[string]any{"number": known.Number(), "name": known.Name(), "message": known.Message}
	if known.RPC != nil {
		value["rpc_code"] = known.RPC.Code
	}
	return value
}

var output struct {
	mu  sync.Mutex
	out *json.Encoder
}

func init() {
	output.out = json.NewEncoder(os.Stdout)
	output.out.SetEscapeHTML(false)
}

// say says one line, whole, in the order it was said.
func say(value any) {
	output.mu.Lock()
	defer output.mu.Unlock()
	// A runner that is gone hears nothing; the driver ends with its standard input.
	_ = output.out.Encode(value)
}
