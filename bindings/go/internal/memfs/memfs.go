// Package memfs is a filesystem of a session in memory: what the conformance suite and the tests put behind the interface.
package memfs

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/codriver/go/codriver"
)

// FS is the filesystem; the zero value is not usable, use [New].
type FS struct {
	mu    sync.RWMutex
	nodes map[string]*node
}

type node struct {
	dir               bool
	data              []byte
	modified, created time.Time
}

// New makes an empty one, with nothing but its root.
func New() *FS {
	now := time.Now()
	return &FS{nodes: map[string]*node{"/": {dir: true, modified: now, created: now}}}
}

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// file gives the file there; a directory is an error.
func (f *FS) file(op, name string) (*node, error) {
	found, ok := f.nodes[name]
	switch {
	case !ok:
		return nil, pathError(op, name, fs.ErrNotExist)
	case found.dir:
		return nil, pathError(op, name, fmt.Errorf("is a directory"))
	}
	return found, nil
}

// parents makes the directories above name, after it is known that all of them can be.
func (f *FS) parents(op, name string) error {
	var missing []string
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		found, ok := f.nodes[dir]
		if ok && !found.dir {
			return pathError(op, name, fmt.Errorf("%s is a file", dir))
		}
		if ok {
			break
		}
		missing = append(missing, dir)
	}
	now := time.Now()
	for _, dir := range missing {
		f.nodes[dir] = &node{dir: true, modified: now, created: now}
	}
	return nil
}

// ReadFile implements codriver.SessionFS.
func (f *FS) ReadFile(_ context.Context, name string) ([]byte, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	found, err := f.file("read", name)
	if err != nil {
		return nil, err
	}
	return slices.Clone(found.data), nil
}

// WriteFile implements codriver.SessionFS.
func (f *FS) WriteFile(_ context.Context, name string, data []byte, _ fs.FileMode) error {
	return f.change("write", name, func(*node) []byte { return slices.Clone(data) })
}

// AppendFile implements codriver.SessionFS.
func (f *FS) AppendFile(_ context.Context, name string, data []byte, _ fs.FileMode) error {
	return f.change("append", name, func(found *node) []byte { return append(found.data, data...) })
}

func (f *FS) change(op, name string, content func(*node) []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	found, ok := f.nodes[name]
	if ok && found.dir {
		return pathError(op, name, fmt.Errorf("is a directory"))
	}
	if !ok {
		if err := f.parents(op, name); err != nil {
			return err
		}
		found = &node{created: now}
		f.nodes[name] = found
	}
	found.data, found.modified = content(found), now
	return nil
}

// Stat implements codriver.SessionFS.
func (f *FS) Stat(_ context.Context, name string) (codriver.FileStat, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	found, ok := f.nodes[name]
	if !ok {
		return codriver.FileStat{}, pathError("stat", name, fs.ErrNotExist)
	}
	return codriver.FileStat{
		IsDir: found.dir, Size: int64(len(found.data)), Modified: found.modified, Created: found.created,
	}, nil
}

// Mkdir implements codriver.SessionFS.
func (f *FS) Mkdir(_ context.Context, name string, recursive bool, _ fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if found, ok := f.nodes[name]; ok {
		if found.dir {
			return nil
		}
		return pathError("mkdir", name, fs.ErrExist)
	}
	if _, ok := f.nodes[path.Dir(name)]; !ok && !recursive {
		return pathError("mkdir", name, fs.ErrNotExist)
	}
	return f.parents("mkdir", path.Join(name, "child"))
}

// ReadDir implements codriver.SessionFS.
func (f *FS) ReadDir(_ context.Context, name string) ([]codriver.DirEntry, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	found, ok := f.nodes[name]
	switch {
	case !ok:
		return nil, pathError("readdir", name, fs.ErrNotExist)
	case !found.dir:
		return nil, pathError("readdir", name, fmt.Errorf("is a file"))
	}
	inside := below(name)
	var entries []codriver.DirEntry
	for other, entry := range f.nodes {
		child, ok := strings.CutPrefix(other, inside)
		if ok && child != "" && !strings.Contains(child, "/") {
			entries = append(entries, codriver.DirEntry{Name: child, IsDir: entry.dir})
		}
	}
	return entries, nil
}

// Remove implements codriver.SessionFS.
func (f *FS) Remove(_ context.Context, name string, recursive, force bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	found, ok := f.nodes[name]
	switch {
	case !ok && force:
		return nil
	case !ok:
		return pathError("remove", name, fs.ErrNotExist)
	case found.dir && !recursive:
		return pathError("remove", name, fmt.Errorf("is a directory"))
	}
	inside := below(name)
	for other := range f.nodes {
		if other != "/" && (other == name || strings.HasPrefix(other, inside)) {
			delete(f.nodes, other)
		}
	}
	return nil
}

// Rename implements codriver.SessionFS.
func (f *FS) Rename(_ context.Context, from, to string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	found, ok := f.nodes[from]
	if !ok {
		return pathError("rename", from, fs.ErrNotExist)
	}
	if from == to {
		return nil
	}
	if found.dir && strings.HasPrefix(to, below(from)) {
		return pathError("rename", from, fmt.Errorf("%s is inside of it", to))
	}
	if there, ok := f.nodes[to]; ok && (there.dir || found.dir) {
		return pathError("rename", to, fs.ErrExist)
	}
	if err := f.parents("rename", to); err != nil {
		return err
	}
	inside := below(from)
	moved := map[string]*node{to: found}
	delete(f.nodes, from)
	for other, entry := range f.nodes {
		if rest, ok := strings.CutPrefix(other, inside); ok {
			moved[below(to)+rest] = entry
			delete(f.nodes, other)
		}
	}
	for name, entry := range moved {
		f.nodes[name] = entry
	}
	return nil
}

func below(name string) string { return strings.TrimSuffix(name, "/") + "/" }
