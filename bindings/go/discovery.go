package codriver

import "github.com/codriver/go/codriver/internal/cabi"

// FoundRuntime is a runtime that can be started.
type FoundRuntime struct {
	// Path is the file that was found.
	Path string `json:"path"`
	// Origin says how it was found, e.g. PATH.
	Origin string `json:"origin"`
}

// FindRuntime finds the runtime that a client with these options would start: that of the option, of COPILOT_CLI_PATH, on
// PATH, or in [RuntimeInstallDir]. Errors: [ErrRuntimeNotFound], which says where was looked.
func FindRuntime(options Options) (*FoundRuntime, error) {
	wanted, err := options.wire()
	if err != nil {
		return nil, err
	}
	var found FoundRuntime
	text, err := cabi.FindRuntime(wanted)
	if err := read(text, err, &found); err != nil {
		return nil, err
	}
	return &found, nil
}

// RuntimeInstallDir gives the directory that `codriver doctor --install` fills, which is looked at last; empty where there is
// no home directory.
func RuntimeInstallDir() string {
	directory, _ := cabi.RuntimeInstallDir()
	return directory
}
