package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/codriver/go/codriver"
)

// foreignFiles are the files of all sessions, written in the driver, and how each session's behave.
type foreignFiles struct {
	mu         sync.Mutex
	bySession  map[string]*files
	behaviours map[string]behaviour
	latest     behaviour
}

func newForeignFiles() *foreignFiles {
	return &foreignFiles{bySession: map[string]*files{}, behaviours: map[string]behaviour{}}
}

// expect says how the files of a session will behave; without an id, those of the next one nobody spoke of.
func (f *foreignFiles) expect(sessionID string, behaviour behaviour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if sessionID == "" {
		f.latest = behaviour
		return
	}
	f.behaviours[sessionID] = behaviour
}

// open gives the files of a session: the same ones each time.
func (f *foreignFiles) open(_ context.Context, sessionID string) (codriver.SessionFS, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	behaviour, ok := f.behaviours[sessionID]
	if !ok {
		behaviour = f.latest
	}
	there := f.bySession[sessionID]
	if there == nil {
		there = &files{content: map[string]*[]byte{}}
		f.bySession[sessionID] = there
	}
	return &foreignFS{sessionID, behaviour, there}, nil
}

// files are a session's; a directory has no content.
type files struct {
	mu      sync.Mutex
	content map[string]*[]byte
}

type foreignFS struct {
	sessionID string
	behaviour behaviour
	files     *files
}

var errIsDirectory = errors.New("is a directory")

// enter says that a call came, and then behaves.
func (f *foreignFS) enter(op, name string) error {
	say(map[string]any{"obs": "fs", "session_id": f.sessionID, "op": op, "path": name})
	switch f.behaviour.word {
	case "throw":
		return errThrown
	case "hang":
		select {}
	case "slow":
		time.Sleep(f.behaviour.delay())
	}
	return nil
}

func (f *foreignFS) ReadFile(_ context.Context, name string) ([]byte, error) {
	if err := f.enter("readFile", name); err != nil {
		return nil, err
	}
	f.files.mu.Lock()
	defer f.files.mu.Unlock()
	content, ok := f.files.content[name]
	switch {
	case !ok:
		return nil, fs.ErrNotExist
	case content == nil:
		return nil, errIsDirectory
	}
	return append([]byte(nil), *content...), nil
}

func (f *foreignFS) WriteFile(_ context.Context, name string, data []byte, _ fs.FileMode) error {
	return f.change("writeFile", name, func(there []byte) []byte { return append([]byte(nil), data...) })
}

func (f *foreignFS) AppendFile(_ context.Context, name string, data []byte, _ fs.FileMode) error {
	return f.change("appendFile", name, func(there []byte) []byte { return append(there, data...) })
}

func (f *foreignFS) change(op, name string, change func([]byte) []byte) error {
	if err := f.enter(op, name); err != nil {
		return err
	}
	f.files.mu.Lock()
	defer f.files.mu.Unlock()
	f.files.directories(path.Dir(name))
	content, ok := f.files.content[name]
	switch {
	case !ok:
		content = new([]byte)
		f.files.content[name] = content
	case content == nil:
		return errIsDirectory
	}
	*content = change(*content)
	return nil
}

// directories makes a directory and those above it.
func (f *files) directories(name string) {
	for ; ; name = path.Dir(name) {
		if _, ok := f.content[name]; !ok {
			f.content[name] = nil
		}
		if name == path.Dir(name) {
			return
		}
	}
}

func (f *foreignFS) Exists(_ context.Context, name string) (bool, error) {
	if err := f.enter("exists", name); err != nil {
		return false, err
	}
	f.files.mu.Lock()
	defer f.files.mu.Unlock()
	_, ok := f.files.content[name]
	return ok, nil
}

func (f *foreignFS) Stat(_ context.Context, name string) (codriver.FileStat, error) {
	if err := f.enter("stat", name); err != nil {
		return codriver.FileStat{}, err
	}
	f.files.mu.Lock()
	defer f.files.mu.Unlock()
	content, ok := f.files.content[name]
	switch {
	case !ok:
		return codriver.FileStat{}, fs.ErrNotExist
	case content == nil:
		return codriver.FileStat{IsDir: true}, nil
	}
	return codriver.FileStat{Size: int64(len(*content))}, nil
}

func (f *foreignFS) Mkdir(_ context.Context, name string, _ bool, _ fs.FileMode) error {
	if err := f.enter("mkdir", name); err != nil {
		return err
	}
	f.files.mu.Lock()
	defer f.files.mu.Unlock()
	f.files.directories(name)
	return nil
}

func (f *foreignFS) ReadDir(_ context.Context, name string) ([]codriver.DirEntry, error) {
	if err := f.enter("readdir", name); err != nil {
		return nil, err
	}
	f.files.mu.Lock()
	defer f.files.mu.Unlock()
	if content, ok := f.files.content[name]; !ok || content != nil {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	inside := strings.TrimRight(name, "/") + "/"
	var entries []codriver.DirEntry
	for other, content := range f.files.content {
		child, ok := strings.CutPrefix(other, inside)
		if ok && child != "" && !strings.Contains(child, "/") {
			entries = append(entries, codriver.DirEntry{Name: child, IsDir: content == nil})
		}
	}
	return entries, nil
}

func (f *foreignFS) Remove(_ context.Context, name string, _, force bool) error {
	if err := f.enter("rm", name); err != nil {
		return err
	}
	f.files.mu.Lock()
	defer f.files.mu.Unlock()
	found := force
	for other := range f.files.content {
		if other == name || strings.HasPrefix(other, name+"/") {
			delete(f.files.content, other)
			found = true
		}
	}
	if !found {
		return fs.ErrNotExist
	}
	return nil
}

func (f *foreignFS) Rename(_ context.Context, from, to string) error {
	if err := f.enter("rename", from); err != nil {
		return err
	}
	f.files.mu.Lock()
	defer f.files.mu.Unlock()
	moved := map[string]*[]byte{}
	for other, content := range f.files.content {
		if other == from || strings.HasPrefix(other, from+"/") {
			moved[to+other[len(from):]] = content
			delete(f.files.content, other)
		}
	}
	if len(moved) == 0 {
		return fs.ErrNotExist
	}
	for name, content := range moved {
		f.files.content[name] = content
	}
	return nil
}
