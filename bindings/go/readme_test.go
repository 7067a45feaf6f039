package codriver_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// Each example of the README is the body of a function with these around.
const aroundAnExample = `package readme

import (
	"context"
	"errors"
	"fmt"

	"github.com/codriver/go/codriver"
	"github.com/codriver/go/codriver/events"
)

var (
	_ = errors.Is
	_ = fmt.Println
	_ *events.SessionIdle
	_ = codriver.Start
)

`

func TestTheExamplesOfTheReadmeCompile(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```go\n")[1:]
	if len(blocks) < 5 {
		t.Fatalf("only %d examples", len(blocks))
	}
	source := aroundAnExample
	for i, block := range blocks {
		body, _, _ := strings.Cut(block, "```")
		// What an example does not say itself is given to it; what it makes and does not use is used.
		given := []string{"ctx context.Context"}
		for name, typ := range map[string]string{
			"client": "*codriver.Client", "session": "*codriver.Session", "config": "codriver.SessionConfig", "err": "error",
		} {
			if !strings.Contains(body, name+" :=") && !strings.Contains(body, name+", err :=") {
				given = append(given, name+" "+typ)
			}
		}
		var used string
		for _, name := range []string{"config", "options", "session"} {
			if strings.Contains(body, name+" :=") || strings.Contains(body, name+", err :=") {
				used += "_ = " + name + "\n"
			}
		}
		source += fmt.Sprintf("func example%d(%s) error {\n%s\n%sreturn nil\n}\n\n", i, strings.Join(given, ", "), body, used)
	}
	directory, err := os.MkdirTemp(".", "testdata-readme-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(directory)
	if err := os.WriteFile(filepath.Join(directory, "readme.go"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	// With the tags of this test, whose library is there.
	arguments := []string{"vet"}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "-tags" {
				arguments = append(arguments, "-tags", setting.Value)
			}
		}
	}
	if out, err := exec.Command("go", append(arguments, "./"+directory)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, source)
	}
}
