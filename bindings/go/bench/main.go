// Command bench measures the Go package beside the official Go SDK, both against the mock runtime, and prints one JSON object:
//
//	{"events": {"ours": {"perSecond", "lost"}, "decoded": …, "official": …}, "ping": {"ours": {"microseconds"}, …}, …}
//
// The official SDK is the version that go.mod pins; it speaks protocol 2, which the mock says to it. Run it by ./run.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/codriver/go/codriver"
	"github.com/codriver/go/codriver/events"
	copilot "github.com/github/copilot-sdk/go"
)

var (
	mock   = flag.String("mock", os.Getenv("CODRIVER_MOCK_RUNTIME"), "the mock runtime's executable")
	many   = flag.Int("events", 500_000, "events in a round")
	pings  = flag.Int("pings", 5_000, "pings in a round")
	reads  = flag.Int("reads", 20_000, "filesystem calls in a round")
	rounds = flag.Int("rounds", 3, "rounds; the median counts")
)

type numbers = map[string]float64

func main() {
	flag.Parse()
	report := map[string]map[string]numbers{
		"events": {
			"ours":     median(func() numbers { return oursEvents(false) }),
			"decoded":  median(func() numbers { return oursEvents(true) }),
			"official": median(officialEvents),
		},
		"ping": {"ours": median(oursPing), "official": median(officialPing)},
	}
	if measureFiles != nil {
		report["filesystem"] = map[string]numbers{"ours": median(measureFiles)}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		fail(err)
	}
}

// measureFiles is there in a build with the tag codriver_test_hooks.
var measureFiles func() numbers

// median measures several times and gives the median of each number.
func median(measure func() numbers) numbers {
	all := map[string][]float64{}
	for range *rounds {
		for name, value := range measure() {
			all[name] = append(all[name], value)
		}
	}
	middle := numbers{}
	for name, values := range all {
		slices.Sort(values)
		middle[name] = values[len(values)/2]
	}
	return middle
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func must[T any](value T, err error) T {
	if err != nil {
		fail(err)
	}
	return value
}

func firehose() string {
	return fmt.Sprintf(`{"events": %d, "bytes": 300, "type": "assistant.message_delta"}`, *many)
}

const patience = 30 * time.Second

// counted waits until all events were heard, or none comes any more.
func counted(begun time.Time, heard *atomic.Int64, last *atomic.Int64) numbers {
	for heard.Load() < int64(*many) && time.Since(time.Unix(0, max(last.Load(), begun.UnixNano()))) < 5*time.Second &&
		time.Since(begun) < 10*patience {
		time.Sleep(time.Millisecond)
	}
	took := time.Unix(0, last.Load()).Sub(begun)
	return numbers{"perSecond": float64(heard.Load()) / took.Seconds(), "lost": float64(int64(*many) - heard.Load())}
}

func client(env map[string]codriver.Secret) *codriver.Client {
	if env == nil {
		env = map[string]codriver.Secret{}
	}
	env["MOCK_RUNTIME_SCRIPT"] = `{"steps": []}`
	return must(codriver.Start(context.Background(), codriver.Options{CLIPath: *mock, Env: env}))
}

func oursEvents(decode bool) numbers {
	ours := client(map[string]codriver.Secret{"MOCK_FIREHOSE": codriver.Secret(firehose())})
	defer ours.ForceStop(context.Background())
	var heard, last atomic.Int64
	session := must(ours.CreateSession(context.Background(), codriver.SessionConfig{OnEvent: func(event codriver.Event) {
		if event.Type() != events.TypeAssistantMessageDelta {
			return
		}
		if decode {
			if data, ok := event.Data().(*events.AssistantMessageDelta); !ok || data.DeltaContent == "" {
				fail(fmt.Errorf("an event without content: %s", event.Raw()))
			}
		}
		// A merged event stands for several.
		heard.Add(int64(event.Seq() - event.FirstSeq() + 1))
		last.Store(time.Now().UnixNano())
	}}))
	begun := time.Now()
	must(session.Send(context.Background(), codriver.Prompt("go")))
	return counted(begun, &heard, &last)
}

func oursPing() numbers {
	ours := client(nil)
	defer ours.ForceStop(context.Background())
	return perCall(*pings, func() { must(ours.Ping(context.Background(), "x")) })
}

func perCall(calls int, call func()) numbers {
	for range calls / 10 {
		call()
	}
	begun := time.Now()
	for range calls {
		call()
	}
	return numbers{"microseconds": float64(time.Since(begun).Microseconds()) / float64(calls)}
}

func official(env ...string) *copilot.Client {
	script := `{"steps": [], "auto": {"ping": {"result": {"message": "pong: x", "timestamp": 0, "protocolVersion": 2}}}}`
	theirs := copilot.NewClient(&copilot.ClientOptions{
		CLIPath: *mock, Env: append(append(os.Environ(), "MOCK_RUNTIME_SCRIPT="+script), env...),
	})
	if err := theirs.Start(); err != nil {
		fail(err)
	}
	return theirs
}

func officialEvents() numbers {
	theirs := official("MOCK_FIREHOSE=" + firehose())
	defer theirs.ForceStop()
	session := must(theirs.CreateSession(&copilot.SessionConfig{}))
	var heard, last atomic.Int64
	session.On(func(event copilot.SessionEvent) {
		if event.Type == copilot.AssistantMessageDelta {
			heard.Add(1)
			last.Store(time.Now().UnixNano())
		}
	})
	begun := time.Now()
	go func() { _, _ = session.Send(copilot.MessageOptions{Prompt: "go"}) }()
	return counted(begun, &heard, &last)
}

func officialPing() numbers {
	theirs := official()
	defer theirs.ForceStop()
	return perCall(*pings, func() { must(theirs.Ping("x")) })
}
