package codriver

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// same says whether two texts are the same JSON.
func same(t *testing.T, got, want []byte) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if err := json.Unmarshal(want, &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEveryOptionOfTheSharedVectorsHasAFieldAndComesBack(t *testing.T) {
	text, err := os.ReadFile("../../tests/vectors/session-options.json")
	if err != nil {
		t.Fatal(err)
	}
	var config SessionConfig
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	// Only what the vectors have in order to be unknown may be without a field.
	for name := range config.Extra {
		if field, ok := reflect.TypeFor[SessionConfig]().FieldByName(strings.ToUpper(name[:1]) + name[1:]); ok {
			t.Errorf("%s is unknown beside the field %s", name, field.Name)
		}
	}
	if len(config.Extra) > 2 {
		t.Errorf("without a field: %v", config.Extra)
	}
	again, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	same(t, again, text)
}

func TestAConfigThatCannotBeReadNamesTheField(t *testing.T) {
	var config SessionConfig
	err := json.Unmarshal([]byte(`{"providers": [{"name": "p", "baseUrl": 5}]}`), &config)
	if !errors.Is(err, ErrInvalidConfig) || !contains(err.Error(), "providers[0].baseUrl") {
		t.Errorf("got %v", err)
	}
}

func TestOptionsAreWrittenWithTheNamesOfTheCore(t *testing.T) {
	options := Options{
		Transport: External("h", 7, "t"), CLIPath: "/opt/copilot", CLIArgs: []string{"a"}, Env: map[string]Secret{"A": "b"},
		LogLevel: LogLevelDebug, GitHubToken: "g", UseLoggedInUser: Ptr(false), Mode: ModeEmpty,
		ClientInfo: &ClientInfo{Name: "n", Version: "1"}, EnableGitHubTelemetryForwarding: true,
		Telemetry: &Telemetry{OTLPEndpoint: "http://127.0.0.1:1"},
		SessionFS: &SessionFSOptions{InitialCwd: "/w", StatePath: "/state", Store: "memory:", Rest: FromNowhere, Cache: Ptr(false)},
		Limits:    &Limits{FSDeadline: 1500 * time.Millisecond, HandlerDeadline: time.Microsecond, ReplayMaxBytes: Ptr[int64](0)},
		Extra:     map[string]any{"threads": 2},
	}
	got, err := options.wire()
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []byte(`{
		"transport": {"kind": "external", "host": "h", "port": 7, "token": "t"}, "cliPath": "/opt/copilot", "cliArgs": ["a"],
		"env": {"A": "b"}, "logLevel": "debug", "githubToken": "g", "useLoggedInUser": false, "mode": "empty",
		"clientInfo": {"name": "n", "version": "1"}, "enableGitHubTelemetryForwarding": true,
		"telemetry": {"otlpEndpoint": "http://127.0.0.1:1"},
		"sessionFs": {"initialCwd": "/w", "statePath": "/state", "store": "memory:", "rest": "none", "cache": false},
		"limits": {"fsDeadlineMs": 1500, "handlerDeadlineMs": 1, "replayMaxBytes": 0}, "threads": 2}`))
}

func TestAStoreIsSaidInOneWay(t *testing.T) {
	for _, options := range []SessionFSOptions{
		{InitialCwd: "/w", StatePath: "/s"},
		{InitialCwd: "/w", StatePath: "/s", Store: "memory:", Open: FromFSForAll},
	} {
		_, err := New(Options{SessionFS: &options})
		if !errors.Is(err, ErrInvalidConfig) || !contains(err.Error(), "SessionFS.") {
			t.Errorf("%+v: %v", options, err)
		}
	}
}

func TestHandlersAreSaidToTheCore(t *testing.T) {
	type args struct {
		City string `json:"city"`
	}
	config := everyHandler()
	config.Model = "m"
	config.Tools = []Tool{
		NewTool("lookup", "Looks up", func(ctxt, args) (string, error) { return "", nil }),
		{Name: "declared", Description: "Only declared"},
	}
	handlers, text, err := config.split()
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Model    string
		Tools    []Tool
		Handlers map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &told); err != nil {
		t.Fatal(err)
	}
	if told.Model != "m" || len(told.Tools) != 1 || told.Tools[0].Name != "declared" {
		t.Errorf("the config is %s", text)
	}
	// 10 kinds that have one handler, 17 hooks, 2 tools or commands, 1 section.
	if len(handlers) != 10+17+2+1 {
		t.Errorf("%d handlers", len(handlers))
	}
	for _, name := range []string{
		"onEvent", "permission", "userInput", "elicitation", "exitPlanMode", "autoModeSwitch", "mcpAuth", "mcpHeaders", "sampling",
		"sessionLimits", "providerToken",
	} {
		if string(told.Handlers[name]) != "true" {
			t.Errorf("%s is %s", name, told.Handlers[name])
		}
	}
	if len(HookKinds) != 17 || !contains(string(told.Handlers["hooks"]), `"prePRDescription"`) {
		t.Errorf("hooks are %s", told.Handlers["hooks"])
	}
	same(t, told.Handlers["commands"], []byte(`[{"name": "deploy", "description": "Deploys"}]`))
	empty := SessionConfig{}
	if _, text, _ := empty.split(); string(text) != `{"handlers":{}}` {
		t.Errorf("nothing is said as %s", text)
	}
}
