package codriver

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestAnFSThatIsShownAsASessionFSIsShownBackWhole(t *testing.T) {
	files := fstest.MapFS{
		"state/a.txt": {Data: []byte("alpha")}, "state/deep/b.txt": {Data: []byte("beta")}, "c": {Data: nil},
	}
	shown := ToFS(context.Background(), FromFS(files))
	if err := fstest.TestFS(shown, "state/a.txt", "state/deep/b.txt", "c"); err != nil {
		t.Fatal(err)
	}
}

func TestAnFSCannotBeChanged(t *testing.T) {
	files, ctx := FromFS(fstest.MapFS{"d/a": {}}), context.Background()
	for name, err := range map[string]error{
		"write": files.WriteFile(ctx, "/d/a", nil, 0), "append": files.AppendFile(ctx, "/d/a", nil, 0),
		"remove": files.Remove(ctx, "/d/a", false, true), "rename": files.Rename(ctx, "/d/a", "/d/b"),
		"mkdir": files.Mkdir(ctx, "/e", true, 0),
	} {
		if fsKind(err) != ErrFSUnsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := files.Mkdir(ctx, "/d", true, 0); err != nil {
		t.Errorf("a directory that is there: %v", err)
	}
	if _, err := files.ReadFile(ctx, "/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
