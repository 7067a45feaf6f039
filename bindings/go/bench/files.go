//go:build codriver_test_hooks

package main

import (
	"context"
	"encoding/json"

	"github.com/codriver/go/codriver"
	"github.com/codriver/go/codriver/internal/cabi"
	"github.com/codriver/go/codriver/internal/memfs"
)

func init() { measureFiles = oursFiles }

// oursFiles measures a call of the core into a filesystem written in Go, and back.
func oursFiles() numbers {
	files := memfs.New()
	ours := must(codriver.New(codriver.Options{SessionFS: &codriver.SessionFSOptions{
		InitialCwd: "/work", StatePath: "/state",
		Open: func(context.Context, string) (codriver.SessionFS, error) { return files, nil },
	}}))
	defer ours.Close()
	var took struct{ Nanoseconds float64 }
	for _, calls := range []int{*reads / 10, *reads} {
		text := must(cabi.TestFSRoundTrips(context.Background(), ours.Handle(), uint64(calls)))
		if err := json.Unmarshal(text, &took); err != nil {
			fail(err)
		}
	}
	return numbers{"microseconds": took.Nanoseconds / 1000 / float64(*reads)}
}
