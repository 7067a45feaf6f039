package codriver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// FromFS makes a [SessionFS] of an [fs.FS]: its root is the path "/". It can be read only; what would change it fails with
// [errors.ErrUnsupported].
func FromFS(fsys fs.FS) SessionFS { return readOnly{fsys} }

type readOnly struct{ fsys fs.FS }

func (r readOnly) ReadFile(_ context.Context, name string) ([]byte, error) {
	return fs.ReadFile(r.fsys, inFS(name))
}

func (r readOnly) Stat(_ context.Context, name string) (FileStat, error) {
	info, err := fs.Stat(r.fsys, inFS(name))
	if err != nil {
		return FileStat{}, err
	}
	return FileStat{IsDir: info.IsDir(), Size: info.Size(), Modified: info.ModTime(), Created: info.ModTime()}, nil
}

func (r readOnly) ReadDir(_ context.Context, name string) ([]DirEntry, error) {
	entries, err := fs.ReadDir(r.fsys, inFS(name))
	if err != nil {
		return nil, err
	}
	found := make([]DirEntry, 0, len(entries))
	for _, entry := range entries {
		found = append(found, DirEntry{Name: entry.Name(), IsDir: entry.IsDir()})
	}
	return found, nil
}

func (r readOnly) WriteFile(_ context.Context, name string, _ []byte, _ fs.FileMode) error {
	return readOnlyError("write", name)
}

func (r readOnly) AppendFile(_ context.Context, name string, _ []byte, _ fs.FileMode) error {
	return readOnlyError("append", name)
}

func (r readOnly) Mkdir(_ context.Context, name string, _ bool, _ fs.FileMode) error {
	if info, err := fs.Stat(r.fsys, inFS(name)); err == nil && info.IsDir() {
		return nil
	}
	return readOnlyError("mkdir", name)
}

func (r readOnly) Remove(_ context.Context, name string, _, _ bool) error {
	return readOnlyError("remove", name)
}

func (r readOnly) Rename(_ context.Context, from, _ string) error {
	return readOnlyError("rename", from)
}

func readOnlyError(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fmt.Errorf("the filesystem is read-only: %w", errors.ErrUnsupported)}
}

// inFS is the name that an fs.FS has for an absolute path.
func inFS(name string) string {
	if trimmed := strings.Trim(name, "/"); trimmed != "" {
		return trimmed
	}
	return "."
}

// ToFS shows a [SessionFS] as an [fs.FS] with the path "/" as its root, for everything that reads one: [fs.WalkDir],
// templates, a web server. It can be read only. The context bounds all that is read through it.
func ToFS(ctx context.Context, files SessionFS) fs.FS { return shown{ctx, files} }

type shown struct {
	// An fs.FS has no other place for it.
	ctx   context.Context
	files SessionFS
}

var (
	_ fs.ReadFileFS = shown{}
	_ fs.ReadDirFS  = shown{}
	_ fs.StatFS     = shown{}
)

func (s shown) Open(name string) (fs.File, error) {
	info, err := s.stat("open", name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		entries, err := s.ReadDir(name)
		if err != nil {
			return nil, err
		}
		return &openDir{info: info, name: name, entries: entries}, nil
	}
	data, err := s.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &openFile{info: info, Reader: bytes.NewReader(data)}, nil
}

func (s shown) ReadFile(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	}
	data, err := s.files.ReadFile(s.ctx, path.Join("/", name))
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return data, nil
}

func (s shown) Stat(name string) (fs.FileInfo, error) { return s.stat("stat", name) }

func (s shown) stat(op, name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	stat, err := s.files.Stat(s.ctx, path.Join("/", name))
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return fileInfo{name: path.Base(name), stat: stat}, nil
}

func (s shown) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	found, err := s.files.ReadDir(s.ctx, path.Join("/", name))
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	entries := make([]fs.DirEntry, 0, len(found))
	for _, entry := range found {
		entries = append(entries, dirEntry{files: s, path: path.Join(name, entry.Name), entry: entry})
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

type fileInfo struct {
	name string
	stat FileStat
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.stat.Size }
func (i fileInfo) ModTime() time.Time { return i.stat.Modified }
func (i fileInfo) IsDir() bool        { return i.stat.IsDir }
func (i fileInfo) Sys() any           { return nil }
func (i fileInfo) Mode() fs.FileMode {
	if i.stat.IsDir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

type dirEntry struct {
	files shown
	path  string
	entry DirEntry
}

func (e dirEntry) Name() string               { return e.entry.Name }
func (e dirEntry) IsDir() bool                { return e.entry.IsDir }
func (e dirEntry) Info() (fs.FileInfo, error) { return e.files.stat("stat", e.path) }
func (e dirEntry) Type() fs.FileMode {
	if e.entry.IsDir {
		return fs.ModeDir
	}
	return 0
}

type openFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

type openDir struct {
	info    fs.FileInfo
	name    string
	entries []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errors.New("is a directory")}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(d.entries) == 0 {
		return nil, io.EOF
	}
	count := len(d.entries)
	if n > 0 {
		count = min(n, count)
	}
	var taken []fs.DirEntry
	taken, d.entries = d.entries[:count], d.entries[count:]
	return taken, nil
}
