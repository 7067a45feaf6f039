package codriver

import (
	"context"
	"io/fs"
	"time"
)

// SessionFS holds the files of one session, wherever they are. What every implementation owes, and the conformance suite
// checks:
//
//   - An operation that changes state is atomic: whoever reads, also after a crash, sees all of it or nothing.
//   - What was acknowledged is seen by every later read.
//   - WriteFile, AppendFile and the destination of Rename make missing parent directories; a directory stays until it is
//     removed.
//   - What is not there is [fs.ErrNotExist], which errors.Is must find. A file where a directory is needed, or the reverse,
//     is any other error and changes nothing.
//   - The mode is a POSIX mode for what is newly made, 0 where the runtime gave none; a store without modes ignores it.
//
// Paths are absolute, normalised, and of the conventions of [SessionFSOptions]. Calls that change state come one at a time
// and in order; reads overlap with them and with each other. The context of a call ends at its deadline, or when nobody
// waits for its answer any more.
type SessionFS interface {
	// ReadFile gives the whole content of a file.
	ReadFile(ctx context.Context, name string) ([]byte, error)
	// WriteFile replaces a file's whole content, or makes the file. It must not keep data.
	WriteFile(ctx context.Context, name string, data []byte, mode fs.FileMode) error
	// AppendFile adds to the end of a file, or makes it. The event log grows so: the cost must not depend on the file's
	// size. It must not keep data.
	AppendFile(ctx context.Context, name string, data []byte, mode fs.FileMode) error
	// Stat gives kind, size and times.
	Stat(ctx context.Context, name string) (FileStat, error)
	// Mkdir makes a directory, with its parents if recursive; fine if it is there already.
	Mkdir(ctx context.Context, name string, recursive bool, mode fs.FileMode) error
	// ReadDir gives what is directly in a directory, in any order.
	ReadDir(ctx context.Context, name string) ([]DirEntry, error)
	// Remove removes a file, or if recursive a directory and all in it. With force it is fine if nothing is there.
	Remove(ctx context.Context, name string, recursive, force bool) error
	// Rename moves a file or directory. A file at the destination is replaced in one step; a directory there is not.
	Rename(ctx context.Context, from, to string) error
}

// ExistsFS is a [SessionFS] that knows a shorter way than Stat to say whether there is a file or directory.
type ExistsFS interface {
	SessionFS
	// Exists says whether there is a file or directory. An error means nobody knows: it is never told as "no".
	Exists(ctx context.Context, name string) (bool, error)
}

// FileStat is what [SessionFS.Stat] gives.
type FileStat struct {
	// IsDir says whether it is a directory; else it is a file.
	IsDir bool
	// Size is the number of bytes of a file; of a directory any number.
	Size int64
	// Modified is when the content last changed.
	Modified time.Time
	// Created is when it was made.
	Created time.Time
}

// DirEntry is one name in a directory.
type DirEntry struct {
	// Name is without any directory.
	Name string
	// IsDir says whether it is a directory; else it is a file.
	IsDir bool
}

// Conventions say how paths look.
type Conventions string

const (
	// Posix paths begin with a slash; the default.
	Posix Conventions = "posix"
	// Windows paths begin with a drive or a share.
	Windows Conventions = "windows"
)
