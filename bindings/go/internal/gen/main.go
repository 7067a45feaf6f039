// Command gen writes the Go types of the wire from the core's own tables, so that no option, request, result or event is
// ever missing here. Run it with `go generate ./...`; a test fails where what is committed is not what it writes.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	core := flag.String("core", "../../core/src", "the core's sources")
	out := flag.String("out", ".", "the module")
	flag.Parse()
	files, err := Generate(*core)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(*out, name), text, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
	}
}

// Generate gives the generated files by name.
func Generate(core string) (map[string][]byte, error) {
	g := &generator{core: core, files: map[string][]byte{}}
	for _, step := range []func() error{g.learnWords, g.options, g.results, g.requests, g.events} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return g.files, nil
}

type generator struct {
	core  string
	words []*declaration
	files map[string][]byte
}

func (g *generator) read(path, macro string) ([]*declaration, error) {
	source, err := os.ReadFile(filepath.Join(g.core, path))
	if err != nil {
		return nil, err
	}
	var all []*declaration
	for _, inside := range blocks(string(source), macro) {
		found, err := parse(inside)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

var optionModules = []string{"agent", "cloud", "feature", "mcp", "model", "provider", "system_message", "client"}

func (g *generator) learnWords() error {
	for _, module := range optionModules {
		found, err := g.read("options/"+module+".rs", "choices")
		if err != nil {
			return err
		}
		for _, d := range found {
			isWord[d.name] = true
		}
		g.words = append(g.words, found...)
	}
	isWord["SessionLifecycleKind"] = true
	return nil
}

func (g *generator) options() error {
	knownFields["api_key"], knownFields["bearer_token"], knownFields["provider_type"] = true, true, true
	byName := map[string]*declaration{}
	for _, module := range optionModules {
		found, err := g.read("options/"+module+".rs", "record")
		if err != nil {
			return err
		}
		var file source
		for _, d := range found {
			byName[d.name] = d
			if d.name != "McpStdio" && d.name != "McpHttp" {
				file.options(d, "")
			}
		}
		if module == "mcp" {
			file.options(mcpServer(byName["McpStdio"], byName["McpHttp"]), "")
		}
		for _, d := range g.words {
			if declaredIn(g.core, module, d.name) {
				file.word(d)
			}
		}
		g.add("options_"+module+"_gen.go", "codriver", &file)
	}
	table, err := g.read("options/session.rs", "session_options")
	if err != nil || len(table) != 1 {
		return fmt.Errorf("options/session.rs: %d tables, %w", len(table), err)
	}
	for _, f := range table[0].fields {
		knownFields[f.name] = true
	}
	var file source
	config := table[0]
	config.doc = strings.Split(configDoc, "\n")
	file.options(config, handlers)
	g.add("session_config_gen.go", "codriver", &file)
	return nil
}

func declaredIn(core, module, name string) bool {
	source, err := os.ReadFile(filepath.Join(core, "options", module+".rs"))
	return err == nil && strings.Contains(string(source), "pub enum "+name+" {")
}

// mcpServer is both kinds of servers in one: which one it is, `type` says, or what is set.
func mcpServer(stdio, http *declaration) *declaration {
	d := &declaration{name: "McpServer", doc: []string{
		"An MCP server (wire: a value of `mcpServers`): a child process where `Command` is set, reached over HTTP where `URL`",
		"is.",
	}}
	d.fields = append(d.fields, field{name: "type", wire: "type", typ: "String", doc: []string{
		"`stdio`, `http` or `sse`; default: `stdio` with a command, `http` with a URL.",
	}})
	for _, from := range []*declaration{stdio, http} {
		for _, f := range from.fields {
			if !slices.ContainsFunc(d.fields, func(known field) bool { return known.wire == f.wire }) {
				f.required = false
				d.fields = append(d.fields, f)
			}
		}
	}
	return d
}

func (g *generator) results() error {
	renames["ModelCapabilities"] = "ModelInfoCapabilities"
	renames["ModelSupports"] = "ModelInfoSupports"
	renames["ModelLimits"] = "ModelInfoLimits"
	defer clear(renames)
	for _, module := range []string{"results", "model_info", "capabilities", "lifecycle"} {
		found, err := g.read("protocol/"+module+".rs", "tolerant")
		if err != nil {
			return err
		}
		var file source
		for _, d := range found {
			file.result(d)
		}
		g.add("protocol_"+module+"_gen.go", "codriver", &file)
	}
	return nil
}

func (g *generator) requests() error {
	renames["Secret"] = "SecretObject"
	defer clear(renames)
	var file source
	for _, module := range []string{
		"command", "elicitation", "limits", "mcp_auth", "mcp_headers", "mode", "permission", "provider", "sampling", "user_input",
	} {
		found, err := g.read("protocol/requests/"+module+".rs", "tolerant")
		if err != nil {
			return err
		}
		for _, d := range found {
			if !slices.ContainsFunc(d.fields, func(f field) bool { return f.name == "session_id" }) {
				d.fields = append([]field{{name: "session_id", wire: "-", typ: "String", doc: []string{"The session."}}}, d.fields...)
			}
			file.result(d)
		}
	}
	g.add("protocol_requests_gen.go", "codriver", &file)
	return nil
}

var eventRow = regexp.MustCompile(`(?m)^    "([a-z_.]+)" => \w+\((?:Box<)?(\w+)>?\),$`)

func (g *generator) events() error {
	renames["SystemNotificationKind"] = "json.RawMessage"
	defer clear(renames)
	mod, err := os.ReadFile(filepath.Join(g.core, "protocol/event_data/mod.rs"))
	if err != nil {
		return err
	}
	for _, m := range regexp.MustCompile(`(?m)^pub use (\w+)::\*;$`).FindAllStringSubmatch(string(mod), -1) {
		found, err := g.read("protocol/event_data/"+m[1]+".rs", "tolerant")
		if err != nil {
			return err
		}
		var file source
		for _, d := range found {
			file.result(d)
		}
		g.add("events/"+m[1]+"_gen.go", "events", &file)
	}
	var names, table source
	names.line("// The types of events that this package has a Go type for.\nconst (")
	table.line("// made has for each type of event what makes the value that its data is read into.")
	table.line("var made = map[string]func() any{")
	for _, m := range eventRow.FindAllStringSubmatch(string(mod), -1) {
		constant := "Type" + fieldName(strings.NewReplacer(".", "_").Replace(m[1]))
		if m[1] == "codriver.events_lost" {
			constant = "TypeEventsLost"
		}
		names.line(fmt.Sprintf("\t// %s is the type of events whose data is [%s].", constant, typeName(m[2])))
		names.line(fmt.Sprintf("\t%s = %q", constant, m[1]))
		table.line(fmt.Sprintf("\t%s: func() any { return new(%s) },", constant, typeName(m[2])))
	}
	names.line(")")
	table.line("}")
	g.add("events/types_gen.go", "events", &names)
	g.add("events/table_gen.go", "events", &table)
	return nil
}

func (g *generator) add(name, pkg string, file *source) {
	body := file.text.String()
	if strings.TrimSpace(body) == "" {
		return
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "// Code generated by internal/gen from the core's tables. DO NOT EDIT.\n\npackage %s\n\n", pkg)
	code := regexp.MustCompile(`//.*`).ReplaceAllString(body, "")
	var imports []string
	for _, i := range []struct{ use, path string }{
		{"context.", "context"},
		{"json.", "encoding/json"},
		{"wirejson.", "github.com/codriver/go/codriver/internal/wirejson"},
	} {
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(i.use)).MatchString(code) {
			if strings.Contains(i.path, ".") && len(imports) > 0 {
				imports = append(imports, "")
			}
			imports = append(imports, fmt.Sprintf("%q", i.path))
		}
	}
	if len(imports) > 0 {
		fmt.Fprintf(&out, "import (\n%s\n)\n\n", strings.Join(imports, "\n"))
	}
	out.WriteString(body)
	text, err := format.Source(out.Bytes())
	if err != nil {
		panic(fmt.Sprintf("%s: %v\n%s", name, err, out.String()))
	}
	g.files[name] = text
}
