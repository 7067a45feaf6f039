// Command bench measures the Go package beside the official Go SDK, both against the mock runtime, and prints a table for
// BENCHMARKS.md. The official SDK is the version that go.mod pins; it speaks protocol 2, which the mock says to it. Run it by
// ./run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/codriver/go/codriver"
	"github.com/codriver/go/codriver/events"
	copilot "github.com/github/copilot-sdk/go"
)

var (
	mock   = flag.String("mock", os.Getenv("CODRIVER_MOCK_RUNTIME"), "the mock runtime's executable")
	commit = flag.String("commit", "unknown", "what is measured")
	only   = flag.String("only", "", "only rows whose name contains this")
	quick  = flag.Bool("quick", false, "a tenth of the work, one round")
	many   = flag.Int("events", 500_000, "events in a round")
	pings  = flag.Int("pings", 5_000, "pings in a round")
	reads  = flag.Int("reads", 20_000, "filesystem calls in a round")
	rounds = flag.Int("rounds", 3, "rounds; the sides take turns, and the median counts")
)

// row is a line of the table; a side that cannot be measured is nil.
type row struct {
	name, target   string
	official, ours func() numbers
	show           func(numbers) string
	reached        func(numbers) bool
}

func rows() []row {
	return []row{
		{"events: 300 bytes", "≥ 300 k events/s, 0 lost", officialEvents, func() numbers { return oursEvents(false) }, showEvents,
			func(n numbers) bool { return n["perSecond"] >= 300_000 && n["lost"] == 0 }},
		{"events: 300 bytes, the handler reads the text", "", nil, func() numbers { return oursEvents(true) }, showEvents, nil},
		{"`ping` round trip", "", officialPing, oursPing, showCall, nil},
		{"filesystem call into Go and back", "≤ 60 µs", nil, measureFiles, showCall,
			func(n numbers) bool { return n["microseconds"] <= 60 }},
	}
}

func main() {
	flag.Parse()
	if *quick {
		*many, *pings, *reads, *rounds = *many/10, *pings/10, *reads/10, 1
	}
	fmt.Printf("Codriver %s for Go beside `github.com/github/copilot-sdk/go`; load average %s before; medians of %d rounds.\n\n",
		*commit, loadAverage(), *rounds)
	fmt.Print("| | official | codriver | target |\n|---|---|---|---|\n")
	for _, row := range rows() {
		if !strings.Contains(row.name, *only) {
			continue
		}
		official, ours := measured(row.official, row.ours)
		target := row.target
		switch {
		case target == "":
			target = "–"
		case ours != nil && row.reached(ours):
			target += ": reached"
		case ours != nil:
			target += ": **missed**"
		}
		fmt.Printf("| %s | %s | %s | %s |\n", row.name, shown(row, official), shown(row, ours), target)
	}
}

// loadAverage is that of the last minute, as Linux tells it.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	last, _, _ := strings.Cut(string(text), " ")
	return last
}

func shown(row row, found numbers) string {
	if found == nil {
		return "–"
	}
	return row.show(found)
}

func showEvents(n numbers) string {
	return fmt.Sprintf("**%.0f** events/s, %.1f %% lost, %.2f CPU s per million", n["perSecond"], 100*n["lost"]/float64(*many), n["cpu"])
}

func showCall(n numbers) string { return fmt.Sprintf("**%.1f** µs", n["microseconds"]) }

type numbers = map[string]float64

// measureFiles is there in a build with the tag codriver_test_hooks.
var measureFiles func() numbers

// measured measures both sides in turns and gives the median of each number.
func measured(official, ours func() numbers) (theirs, own numbers) {
	sides := [2]map[string][]float64{{}, {}}
	for range *rounds {
		for side, measure := range []func() numbers{official, ours} {
			if measure == nil {
				continue
			}
			for name, value := range measure() {
				sides[side][name] = append(sides[side][name], value)
			}
		}
	}
	return median(sides[0]), median(sides[1])
}

func median(all map[string][]float64) numbers {
	if len(all) == 0 {
		return nil
	}
	middle := numbers{}
	for name, values := range all {
		slices.Sort(values)
		middle[name] = values[len(values)/2]
	}
	return middle
}

// cpu is the time that this process has had of the processors.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
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
func counted(begun time.Time, before time.Duration, heard *atomic.Int64, last *atomic.Int64) numbers {
	for heard.Load() < int64(*many) && time.Since(time.Unix(0, max(last.Load(), begun.UnixNano()))) < 5*time.Second &&
		time.Since(begun) < 10*patience {
		time.Sleep(time.Millisecond)
	}
	took := time.Unix(0, last.Load()).Sub(begun)
	return numbers{
		"perSecond": float64(heard.Load()) / took.Seconds(), "lost": float64(int64(*many) - heard.Load()),
		"cpu": (cpu() - before).Seconds() * 1e6 / float64(*many),
	}
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
	begun, before := time.Now(), cpu()
	must(session.Send(context.Background(), codriver.Prompt("go")))
	return counted(begun, before, &heard, &last)
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
	begun, before := time.Now(), cpu()
	go func() { _, _ = session.Send(copilot.MessageOptions{Prompt: "go"}) }()
	return counted(begun, before, &heard, &last)
}

func officialPing() numbers {
	theirs := official()
	defer theirs.ForceStop()
	return perCall(*pings, func() { must(theirs.Ping("x")) })
}
