//go:build codriver_test_hooks

package codriver

import (
	"bytes"
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/codriver/go/codriver/internal/cabi"
)

// residentBytes is how much memory the process has, the core's included.
func residentBytes(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("this platform does not tell")
	}
	pages, err := strconv.Atoi(string(bytes.Fields(text)[1]))
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// cancelledContext has ended.
var cancelledContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func TestMemoryIsFlatOverAHundredThousandCallsAndEveryHandleIsFreed(t *testing.T) {
	const many, rounds, callers = 100_000, 4, 8
	unused := cabi.OpenHandles()
	client, err := Start(soon(t), mocked(t, object{"ignore": []string{"test.silent"}}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	session := opened(t, client, SessionConfig{})
	// Each of n is a call that goes to the runtime and comes back; some of the other kinds are among them.
	calls := func(n int) {
		var group sync.WaitGroup
		for range callers {
			group.Add(1)
			go func() {
				defer group.Done()
				for i := range n / callers {
					if _, err := client.Ping(context.Background(), "x"); err != nil {
						t.Error(err)
						return
					}
					switch i % 50 {
					case 0:
						if _, err := client.Ping(cancelledContext, ""); !errors.Is(err, context.Canceled) {
							t.Error(err)
						}
					case 10:
						ctx, cancel := context.WithCancel(context.Background())
						go cancel()
						if _, err := client.RPC(ctx, "test.silent", nil); !errors.Is(err, context.Canceled) {
							t.Error(err)
						}
					case 20:
						session.Counters()
					case 30:
						session.On(func(Event) {})()
					case 40:
						for range session.Events(cancelledContext) {
							break
						}
					}
				}
			}()
		}
		group.Wait()
		runtime.GC()
	}
	// What is left behind is left behind in each of the rounds; what an allocator keeps is not.
	least := 1 << 62
	for range rounds {
		before, handles := residentBytes(t), cabi.OpenHandles()
		calls(many / rounds)
		if t.Failed() {
			return
		}
		if left := cabi.OpenHandles(); left != handles {
			t.Fatalf("there were %d handles before %d calls, and %d are left", handles, many/rounds, left)
		}
		least = min(least, residentBytes(t)-before)
	}
	if least > 4<<20 {
		t.Errorf("each %d calls left %d KiB behind or more", many/rounds, least>>10)
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	// What a client has of its own goes when the last of its callbacks has come back.
	for deadline := time.Now().Add(10 * time.Second); cabi.OpenHandles() > unused; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("there were %d handles before the client, and %d are left", unused, cabi.OpenHandles())
		}
	}
}
