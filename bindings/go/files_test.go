package codriver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codriver/go/codriver"
	"github.com/codriver/go/codriver/internal/memfs"
)

// byID are filesystems in memory, one a session.
type byID struct {
	mu    sync.Mutex
	files map[string]*memfs.FS
}

func (b *byID) open(_ context.Context, sessionID string) (codriver.SessionFS, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.files[sessionID] == nil {
		b.files[sessionID] = memfs.New()
	}
	return b.files[sessionID], nil
}

func options(t testing.TB, fs codriver.SessionFSOptions) codriver.Options {
	t.Helper()
	path := os.Getenv("CODRIVER_MOCK_RUNTIME")
	if path == "" {
		target := os.Getenv("CARGO_TARGET_DIR")
		if target == "" {
			target = filepath.Join("..", "..", "target")
		}
		path = filepath.Join(target, "debug", "mock-runtime")
	}
	if _, err := exec.LookPath(path); err != nil {
		t.Fatalf("there is no mock runtime: %v", err)
	}
	fs.InitialCwd, fs.StatePath = "/work", "/state"
	return codriver.Options{
		CLIPath: path, SessionFS: &fs, Env: map[string]codriver.Secret{"MOCK_RUNTIME_SCRIPT": `{"steps": []}`},
	}
}

func start(t testing.TB, options codriver.Options) (*codriver.Client, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	client, err := codriver.Start(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Errorf("the client did not stop well: %v", err)
		}
	})
	return client, ctx
}

func TestASessionsStateIsInAFilesystemWrittenInGo(t *testing.T) {
	stores := &byID{files: map[string]*memfs.FS{}}
	client, ctx := start(t, options(t, codriver.SessionFSOptions{Open: stores.open}))
	session, err := client.CreateSession(ctx, codriver.SessionConfig{SessionID: "s-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := session.SendAndWait(ctx, codriver.Prompt("hello")); err != nil {
		t.Fatal(err)
	}
	var names []string
	shown := codriver.ToFS(ctx, stores.files["s-1"])
	err = fs.WalkDir(shown, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil || len(names) == 0 {
		t.Errorf("the files are %v, %v", names, err)
	}
}

func TestAFilesystemThatFailsFailsTheCreateAndNotTheProgram(t *testing.T) {
	for name, open := range map[string]func(context.Context, string) (codriver.SessionFS, error){
		"cannot be opened": func(context.Context, string) (codriver.SessionFS, error) { return nil, errors.New("no disk") },
		"is not there":     func(context.Context, string) (codriver.SessionFS, error) { return nil, nil },
		"panics":           func(context.Context, string) (codriver.SessionFS, error) { panic("on purpose") },
	} {
		t.Run(name, func(t *testing.T) {
			client, ctx := start(t, options(t, codriver.SessionFSOptions{Open: open}))
			if _, err := client.CreateSession(ctx, codriver.SessionConfig{}); err == nil {
				t.Error("the session was made")
			}
			if _, err := client.Ping(ctx, ""); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAReadyStoreKeepsSessionsAndIsReadWithoutARuntime(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "sessions.db")
	client, ctx := start(t, options(t, codriver.SessionFSOptions{Store: codriver.Secret(url)}))
	if _, err := client.CreateSession(ctx, codriver.SessionConfig{SessionID: "s-1"}); err != nil {
		t.Fatal(err)
	}
	store, err := codriver.OpenStore(url)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	sessions, err := store.ListSessions(ctx, nil)
	if err != nil || len(sessions) != 1 || sessions[0].SessionID != "s-1" {
		t.Errorf("%+v, %v", sessions, err)
	}
	if last, err := store.LastSessionID(ctx); err != nil || last != "s-1" {
		t.Errorf("the last one is %q, %v", last, err)
	}
	if err := store.ForkSession(ctx, "s-1", "s-2"); err != nil {
		t.Fatal(err)
	}
	if metadata, err := store.SessionMetadata(ctx, "s-2"); err != nil || metadata == nil {
		t.Errorf("the fork: %v, %v", metadata, err)
	}
	stored, err := store.GetEvents(ctx, "s-2")
	if err != nil || stored.Unreadable != 0 {
		t.Errorf("its events: %+v, %v", stored, err)
	}
	if opened, err := client.SessionStore(); err != nil || opened == nil {
		t.Errorf("the client's store: %v, %v", opened, err)
	} else {
		if metadata, err := opened.SessionMetadata(ctx, "s-2"); err != nil || metadata == nil {
			t.Errorf("the fork, in the client's store: %v, %v", metadata, err)
		}
		opened.Close()
	}
	archive := filepath.Join(t.TempDir(), "s-2.session")
	if manifest, err := store.ExportSession(ctx, "s-2", archive); err != nil || !json.Valid(manifest) {
		t.Fatalf("%s, %v", manifest, err)
	}
	if id, err := store.ImportSession(ctx, archive, "s-3"); err != nil || id != "s-3" {
		t.Errorf("imported %q, %v", id, err)
	}
	if err := store.DeleteSession(ctx, "s-2"); err != nil {
		t.Error(err)
	}
	if err := store.DeleteSession(ctx, "s-2"); !errors.Is(err, codriver.ErrSessionNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	none := &codriver.SessionListFilter{Repository: "no/body"}
	if sessions, err := store.ListSessions(ctx, none); err != nil || len(sessions) != 0 {
		t.Errorf("with a filter: %+v, %v", sessions, err)
	}
	if _, err := codriver.OpenStore("redis://hush@h"); !errors.Is(err, codriver.ErrInvalidConfig) {
		t.Errorf("got %v", err)
	}
}

func TestAClientServesItsSessionsFromAStoreThatIsOpenAlready(t *testing.T) {
	store, err := codriver.OpenStore("memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	client, ctx := start(t, options(t, codriver.SessionFSOptions{Opened: store}))
	if _, err := client.CreateSession(ctx, codriver.SessionConfig{SessionID: "s-1"}); err != nil {
		t.Fatal(err)
	}
	// Memory has no other name: who sees the session here has the same store.
	if sessions, err := store.ListSessions(ctx, nil); err != nil || len(sessions) != 1 || sessions[0].SessionID != "s-1" {
		t.Errorf("the store has %+v, %v", sessions, err)
	}
	if err := store.ForkSession(ctx, "s-1", "s-2"); err != nil {
		t.Fatal(err)
	}
	// The client goes on with it when it is closed here.
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	if sessions, err := client.ListSessions(ctx, nil); err != nil || len(sessions) != 2 {
		t.Errorf("the client has %+v, %v", sessions, err)
	}
	if _, err := client.CreateSession(ctx, codriver.SessionConfig{SessionID: "s-3"}); err != nil {
		t.Error(err)
	}
	again, err := client.SessionStore()
	if err != nil || again == nil {
		t.Fatalf("the client's store: %v, %v", again, err)
	}
	defer again.Close()
	if sessions, err := again.ListSessions(ctx, nil); err != nil || len(sessions) != 3 {
		t.Errorf("the client's store has %+v, %v", sessions, err)
	}
	if _, err := codriver.New(options(t, codriver.SessionFSOptions{Opened: store})); !errors.Is(err, codriver.ErrBadHandle) {
		t.Errorf("a store that was closed: %v", err)
	}
}

func TestOneOfStoreOpenedAndOpenSaysWhereSessionsAre(t *testing.T) {
	store, err := codriver.OpenStore("memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	open := func(context.Context, string) (codriver.SessionFS, error) { return memfs.New(), nil }
	for words, given := range map[string]codriver.SessionFSOptions{
		"SessionFS.Store: is missing":                   {},
		"SessionFS.Opened: is given beside Store":       {Store: "memory:", Opened: store},
		"SessionFS.Open: is given beside Store":         {Store: "memory:", Open: open},
		"SessionFS.Open: is given beside Opened":        {Opened: store, Open: open},
		"SessionFS.Opened: is given beside Store; give": {Store: "memory:", Opened: store, Open: open},
	} {
		if _, err := codriver.New(options(t, given)); !errors.Is(err, codriver.ErrInvalidConfig) || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

func TestADamagedLogIsFoundAndRepaired(t *testing.T) {
	directory, ctx := t.TempDir(), context.Background()
	url := "dir:" + directory
	client, _ := start(t, options(t, codriver.SessionFSOptions{Store: codriver.Secret(url)}))
	if _, err := client.CreateSession(ctx, codriver.SessionConfig{SessionID: "s-1"}); err != nil {
		t.Fatal(err)
	}
	if err := client.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	whole := `{"type":"session.start","data":{"sessionId":"s-1"},"id":"0b5d2b2c-6f0e-4f0c-9e9a-0d1d2f7f6a01",` +
		`"timestamp":"2026-01-01T00:00:00.000Z","parentId":null}` + "\n"
	state := filepath.Join(directory, "s-1", "files", "state")
	if err := os.MkdirAll(state, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, "events.jsonl"), []byte(whole+`{"type":"assist`), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := codriver.OpenExistingStore(url)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for name, look := range map[string]func() (*codriver.LogHealth, error){
		"one": func() (*codriver.LogHealth, error) { return store.Check(ctx, "s-1") },
		"all": func() (*codriver.LogHealth, error) {
			all, err := store.CheckAll(ctx)
			if err != nil || len(all) != 1 {
				return nil, fmt.Errorf("%v, %w", all, err)
			}
			return &all[0], nil
		},
	} {
		health, err := look()
		if err != nil || health.IsHealthy() || health.SessionID != "s-1" || health.Events != 1 ||
			len(health.Damage) != 1 || health.Damage[0].Kind != "torn" || health.Damage[0].Line != 2 {
			t.Errorf("%s: %+v, %v", name, health, err)
		}
	}
	if repaired, err := store.RepairAll(ctx); err != nil || len(repaired) != 1 || repaired[0].Quarantine == "" {
		t.Errorf("repaired: %+v, %v", repaired, err)
	}
	if health, err := store.Repair(ctx, "s-1"); err != nil || !health.IsHealthy() {
		t.Errorf("repaired again: %+v, %v", health, err)
	}
	if _, err := store.Check(ctx, "nobody"); !errors.Is(err, codriver.ErrSessionNotFound) {
		t.Errorf("a session that is not there: %v", err)
	}
	if _, err := codriver.OpenExistingStore("dir:" + filepath.Join(directory, "none")); !errors.Is(err, codriver.ErrFSNotFound) {
		t.Errorf("a store that is not there: %v", err)
	}
}
