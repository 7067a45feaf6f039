package codriver_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/codriver/go/codriver"
	"github.com/codriver/go/codriver/events"
	"github.com/codriver/go/codriver/internal/memfs"
)

// realRuntimes gives the programs of the pinned runtimes by version. Where CODRIVER_REAL_RUNTIMES does not say where they
// are, nothing real is played.
func realRuntimes(t *testing.T) map[string]string {
	t.Helper()
	root := os.Getenv("CODRIVER_REAL_RUNTIMES")
	if root == "" {
		t.Skip("CODRIVER_REAL_RUNTIMES does not name a directory of runtimes")
	}
	text, err := os.ReadFile("../../tests/real/runtimes.json")
	if err != nil {
		t.Fatal(err)
	}
	var pins struct{ Versions []string }
	if err := json.Unmarshal(text, &pins); err != nil || len(pins.Versions) == 0 {
		t.Fatalf("runtimes.json: %v", err)
	}
	programs := map[string]string{}
	for _, version := range pins.Versions {
		modules := filepath.Join(root, version, "node_modules", "@github")
		native, _ := filepath.Glob(filepath.Join(modules, "copilot-*", "copilot"))
		for _, program := range append(native, filepath.Join(modules, "copilot", "npm-loader.js")) {
			if _, err := os.Stat(program); err == nil {
				programs[version] = program
				break
			}
		}
		if programs[version] == "" {
			t.Errorf("there is no runtime %s in %s", version, modules)
		}
	}
	return programs
}

// model starts the scripted model, and gives its URL.
func model(t *testing.T) string {
	t.Helper()
	path := os.Getenv("CODRIVER_MODEL_STUB")
	if path == "" {
		target := os.Getenv("CARGO_TARGET_DIR")
		if target == "" {
			target = filepath.Join("..", "..", "target")
		}
		path = filepath.Join(target, "debug", "model-stub")
	}
	stub := exec.Command(path)
	stub.Stderr = os.Stderr
	stdin, err := stub.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := stub.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stub.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = stub.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var ready struct{ BaseURL string }
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatal(err)
	}
	return ready.BaseURL
}

func TestARealRuntimeAnswersCallsToolsAndKeepsItsStateInGo(t *testing.T) {
	for version, program := range realRuntimes(t) {
		t.Run(version, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
			defer cancel()
			home, work := t.TempDir(), t.TempDir()
			stores := &byID{files: map[string]*memfs.FS{}}
			client, err := codriver.Start(ctx, codriver.Options{
				CLIPath: program, Cwd: work, BaseDirectory: home, UseLoggedInUser: codriver.Ptr(false),
				EnvRemove: []string{"GH_TOKEN", "GITHUB_TOKEN", "COPILOT_GITHUB_TOKEN"},
				Env:       map[string]codriver.Secret{"NO_PROXY": "127.0.0.1"},
				SessionFS: &codriver.SessionFSOptions{InitialCwd: work, StatePath: "/state", Open: stores.open},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := client.Close(); err != nil {
					t.Errorf("it did not stop well: %v", err)
				}
			}()
			if info, ok := client.Runtime(); !ok || (info.Version != "" && info.Version != version) {
				t.Errorf("it is %+v", info)
			}
			type place struct {
				City string `json:"city" jsonschema:"the city's name"`
			}
			asked, streamed := make(chan string, 16), make(chan string, 1)
			var text strings.Builder
			session, err := client.CreateSession(ctx, codriver.SessionConfig{
				Model: "stub", Streaming: codriver.Ptr(true), WorkingDirectory: work,
				Provider: &codriver.ProviderConfig{
					BaseURL: model(t), ProviderType: codriver.ProviderTypeOpenAI, WireAPI: codriver.WireAPICompletions, APIKey: "none",
				},
				Tools: []codriver.Tool{codriver.NewTool("get_weather", "Tells the weather",
					func(_ context.Context, in place) (string, error) { return "22 degrees in " + in.City, nil })},
				OnPermissionRequest: func(_ context.Context, request *codriver.PermissionRequest) (codriver.PermissionDecision, error) {
					asked <- request.Kind()
					return codriver.ApproveOnce(), nil
				},
				OnEvent: func(event codriver.Event) {
					switch data := event.Data().(type) {
					case *events.AssistantMessageDelta:
						text.WriteString(data.DeltaContent)
					case *events.SessionIdle:
						select {
						case streamed <- text.String():
						default:
						}
					}
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			turn, err := session.SendAndWait(ctx, codriver.Prompt("TOOL get_weather {\"city\": \"Paris\"}\nSAY it is warm"))
			if err != nil {
				t.Fatal(err)
			}
			if kind := <-asked; !strings.Contains(turn.Text(), "warm") || kind != codriver.PermissionCustomTool {
				t.Errorf("it said %q and asked for %v", turn.Text(), kind)
			}
			stored, err := session.GetEvents(ctx)
			if err != nil {
				t.Fatal(err)
			}
			answered := false
			for _, event := range stored {
				if done, ok := event.Data().(*events.ToolExecutionComplete); ok && done.Success && done.Result != nil {
					answered = answered || strings.Contains(done.Result.Content, "22 degrees in Paris")
				}
			}
			if !answered {
				t.Error("the tool's answer is not among the stored events")
			}
			if err := session.Close(); err != nil {
				t.Error(err)
			}
			select {
			case text := <-streamed:
				if !strings.Contains(text, "warm") {
					t.Errorf("streamed %q", text)
				}
			case <-ctx.Done():
				t.Error("the handler did not hear that the turn was over")
			}
			log, err := stores.files[session.ID()].ReadFile(ctx, "/state/events.jsonl")
			if err != nil || !strings.Contains(string(log), "get_weather") {
				t.Errorf("the log in Go's memory has %d bytes, %v", len(log), err)
			}
			resumed, err := client.ResumeSession(ctx, session.ID(), codriver.SessionConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if again, err := resumed.GetEvents(ctx); err != nil || len(again) < len(stored) {
				t.Errorf("resumed with %d events of %d, %v", len(again), len(stored), err)
			}
		})
	}
}
