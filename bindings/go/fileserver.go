package codriver

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/codriver/go/codriver/internal/cabi"
)

// SessionFSOptions keep session state in a store of one's own. Two sessions share paths and are told apart by their id only.
// Store, Opened or Open says where: give one of them.
type SessionFSOptions struct {
	// InitialCwd is the working directory of sessions, an absolute path.
	InitialCwd string `json:"initialCwd"`
	// StatePath is where the runtime keeps a session's state in the session's files, an absolute path.
	StatePath string `json:"statePath"`
	// Conventions say how paths look; default: [Posix].
	Conventions Conventions `json:"conventions,omitempty"`
	// Binary says whether files may hold any bytes; default: what the store can do, and true with Open.
	Binary *bool `json:"binary,omitempty"`
	// SQLite says whether the runtime may keep a database there; default: what the store can do, and false with Open.
	SQLite *bool `json:"sqlite,omitempty"`

	// Workspace says where the files of a session's working directory and of its additional directories are; default: on
	// the disk with Store, and with Open those that it gives.
	Workspace FileSource `json:"workspace,omitempty"`
	// Rest says where everything else is; default: on the disk if the workspace is, the runtime was started by this client
	// and its mode is not empty.
	Rest FileSource `json:"rest,omitempty"`
	// Cache says whether a session's small files are kept in memory while it is open; default: where the store is far away.
	Cache *bool `json:"cache,omitempty"`

	// Store is a ready store by its URL: `memory:`, `dir:` and a path, or `sqlite:` and a path. It is opened with the client.
	// It may hold a password.
	Store Secret `json:"-"`
	// Opened is a ready store that is open already. It must be open when the client is made; the client has it open for itself
	// from then on, so that it may be closed at any time after that.
	Opened *Store `json:"-"`
	// Open gives the files of a session, which are those of the same session each time. It is called when the runtime first
	// asks for a file of a session, so it may take its time; the context is that of the call which asked.
	Open func(ctx context.Context, sessionID string) (SessionFS, error) `json:"-"`
}

// MarshalJSON writes the names of the wire.
func (o *SessionFSOptions) MarshalJSON() ([]byte, error) {
	type plain SessionFSOptions
	told := struct {
		*plain
		Store any `json:"store"`
	}{(*plain)(o), o.Store}
	if o.Opened != nil {
		told.Store = o.Opened.id
	}
	if o.Open != nil {
		told.Store = "foreign"
	}
	if o.Open != nil && o.Binary == nil {
		copied := *told.plain
		copied.Binary = Ptr(true)
		told.plain = &copied
	}
	return json.Marshal(told)
}

func (o *SessionFSOptions) check() error {
	var given []string
	for _, place := range []struct {
		name string
		is   bool
	}{{"Store", o.Store != ""}, {"Opened", o.Opened != nil}, {"Open", o.Open != nil}} {
		if place.is {
			given = append(given, place.name)
		}
	}
	switch len(given) {
	case 0:
		return newError(ErrInvalidConfig, "SessionFS.Store: is missing; give the URL of a store, Opened, or Open")
	case 1:
		return nil
	default:
		return newError(ErrInvalidConfig, "SessionFS.%s: is given beside %s; give one of them", given[1], given[0])
	}
}

// FileSource says where files come from that are not a session's state.
type FileSource string

const (
	// FromDisk is the disk of this machine, under the same paths.
	FromDisk FileSource = "disk"
	// FromNowhere is nothing: reads find nothing, changes are refused.
	FromNowhere FileSource = "none"
)

// fileServer answers the calls of filesystems that are written in Go.
type fileServer struct {
	open func(ctx context.Context, sessionID string) (SessionFS, error)

	mu   sync.Mutex
	byID map[string]*openFiles
}

// openFiles are the files of one session, opened once.
type openFiles struct {
	mu    sync.Mutex
	files SessionFS
}

func newFileServer(open func(ctx context.Context, sessionID string) (SessionFS, error)) *fileServer {
	return &fileServer{open: open, byID: map[string]*openFiles{}}
}

// of gives the files of a session. Where they cannot be opened, the next call tries again.
func (s *fileServer) of(ctx context.Context, sessionID string) (SessionFS, error) {
	s.mu.Lock()
	known, ok := s.byID[sessionID]
	if !ok {
		known = &openFiles{}
		s.byID[sessionID] = known
	}
	s.mu.Unlock()
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.files == nil {
		files, err := s.open(ctx, sessionID)
		if err != nil {
			return nil, err
		}
		if files == nil {
			return nil, newError(ErrFSIO, "SessionFS.Open gave no files")
		}
		known.files = files
	}
	return known.files, nil
}

// forget drops the files of a session; whoever asks for one opens them again.
func (s *fileServer) forget(sessionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, sessionID)
}

// serve runs one call and answers it, whichever way it ends.
func (s *fileServer) serve(ctx context.Context, request *cabi.FSRequest) {
	settle(func() error {
		return s.run(ctx, request)
	}, func(err error) {
		if err != nil {
			// Where nobody waits any more there is nobody to tell.
			_ = cabi.Fail(request.Call, int(fsKind(err)), fsMessage(err))
		}
	})
}

// fsMessage says what went wrong without the name of the kind, which the other side knows by its number.
func fsMessage(err error) string {
	var known *Error
	if errors.As(err, &known) && err == error(known) {
		return known.Message
	}
	return err.Error()
}

func (s *fileServer) run(ctx context.Context, r *cabi.FSRequest) error {
	files, err := s.of(ctx, r.SessionID)
	if err != nil {
		return err
	}
	mode := fs.FileMode(r.Mode) & fs.ModePerm
	switch r.Op {
	case cabi.FSRead:
		content, err := files.ReadFile(ctx, r.Path)
		if err != nil {
			return err
		}
		return cabi.RespondContent(r.Call, content)
	case cabi.FSWrite:
		return done(r, files.WriteFile(ctx, r.Path, r.Content, mode))
	case cabi.FSAppend:
		return done(r, files.AppendFile(ctx, r.Path, r.Content, mode))
	case cabi.FSExists:
		there, err := exists(ctx, files, r.Path)
		return answered(r, there, err)
	case cabi.FSStat:
		stat, err := files.Stat(ctx, r.Path)
		return answered(r, statOf(stat), err)
	case cabi.FSMkdir:
		return done(r, files.Mkdir(ctx, r.Path, r.Recursive, mode))
	case cabi.FSReadDir:
		found, err := files.ReadDir(ctx, r.Path)
		return answered(r, entriesOf(found), err)
	case cabi.FSRemove:
		return done(r, files.Remove(ctx, r.Path, r.Recursive, r.Force))
	case cabi.FSRename:
		return done(r, files.Rename(ctx, r.Path, r.To))
	default:
		return newError(ErrFSUnsupported, "filesystem call %d is not known", r.Op)
	}
}

func exists(ctx context.Context, files SessionFS, name string) (bool, error) {
	if quick, ok := files.(ExistsFS); ok {
		return quick.Exists(ctx, name)
	}
	_, err := files.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func done(r *cabi.FSRequest, err error) error {
	if err != nil {
		return err
	}
	return cabi.Respond(r.Call, []byte("null"))
}

func answered(r *cabi.FSRequest, answer any, err error) error {
	if err != nil {
		return err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return cabi.Respond(r.Call, text)
}

type wireStat struct {
	Kind       string `json:"kind"`
	Size       uint64 `json:"size"`
	ModifiedMs uint64 `json:"modifiedMs"`
	CreatedMs  uint64 `json:"createdMs"`
}

type wireEntry struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

func kindOf(isDir bool) string {
	if isDir {
		return "directory"
	}
	return "file"
}

func statOf(stat FileStat) wireStat {
	return wireStat{
		Kind: kindOf(stat.IsDir), Size: uint64(max(0, stat.Size)),
		ModifiedMs: millis(stat.Modified), CreatedMs: millis(stat.Created),
	}
}

// millis is the time in milliseconds since 1970; what is before is 1970.
func millis(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(0, t.UnixMilli()))
}

func entriesOf(found []DirEntry) []wireEntry {
	entries := make([]wireEntry, 0, len(found))
	for _, entry := range found {
		entries = append(entries, wireEntry{entry.Name, kindOf(entry.IsDir)})
	}
	return entries
}
