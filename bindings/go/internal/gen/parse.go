package main

import (
	"fmt"
	"regexp"
	"strings"
)

// A declaration of the core: a struct of the wire, or a set of words.
type declaration struct {
	name   string
	doc    []string
	fields []field
	words  []word
}

type field struct {
	name string // snake_case, as in Rust
	wire string
	typ  string // as in Rust
	doc  []string
	// required: always on the wire.
	required bool
	flatten  bool
}

type word struct {
	name, text string
	doc        []string
}

var (
	docLine     = regexp.MustCompile(`^///\s?(.*)$`)
	renamed     = regexp.MustCompile(`^#\[serde\(rename = "([^"]+)"\)\]$`)
	structStart = regexp.MustCompile(`^pub struct (\w+) (new\(|\{)(\}?)`)
	enumStart   = regexp.MustCompile(`^pub enum (\w+) \{$`)
	wordLine    = regexp.MustCompile(`^(\w+) = "([^"]+)",$`)
	rowLine     = regexp.MustCompile(`^(into|is|list) (\w+): (.+?)(?: = "(\w+)")?;$`)
	pubLine     = regexp.MustCompile(`^pub (\w+): (.+),$`)
	newLine     = regexp.MustCompile(`^(\w+): (.+),$`)
	scopeLine   = regexp.MustCompile(`^(create|resume|both|update) \{$`)
)

// blocks gives the insides of every `macro! { … }` that begins at the start of a line.
func blocks(source, macro string) []string {
	var found []string
	for rest := source; ; {
		_, after, ok := strings.Cut(rest, "\n"+macro+"! {\n")
		if !ok {
			return found
		}
		inside, after, _ := strings.Cut(after, "\n}\n")
		found = append(found, inside)
		rest = "\n" + after
	}
}

// parse reads the insides of `record!`, `tolerant!` or `choices!`; those of `session_options!` become one struct.
func parse(inside string) ([]*declaration, error) {
	var all []*declaration
	current := &declaration{name: "SessionConfig"}
	var doc []string
	var rename string
	var flatten, constructor bool
	take := func() ([]string, string, bool) {
		d, r, f := doc, rename, flatten
		doc, rename, flatten = nil, "", false
		return d, r, f
	}
	add := func(kind, name, typ, wire string, required bool) {
		d, r, f := take()
		if kind == "list" {
			typ = "Vec<" + typ + ">"
		}
		switch {
		case r != "":
			wire = r
		case wire == "":
			wire = camel(name)
		}
		current.fields = append(current.fields, field{name, wire, typ, d, required, f})
	}
	for _, line := range strings.Split(inside, "\n") {
		line = strings.TrimSpace(line)
		if m := docLine.FindStringSubmatch(line); m != nil {
			doc = append(doc, m[1])
			continue
		}
		if m := renamed.FindStringSubmatch(line); m != nil {
			rename = m[1]
			continue
		}
		switch {
		case line == "#[serde(flatten)]":
			flatten = true
		case line == "", strings.HasPrefix(line, "#["), scopeLine.MatchString(line), line == "}", line == ") {}":
		case line == ") {":
			constructor = false
		case structStart.MatchString(line):
			m := structStart.FindStringSubmatch(line)
			d, _, _ := take()
			current = &declaration{name: m[1], doc: d}
			all = append(all, current)
			constructor = m[2] == "new("
		case enumStart.MatchString(line):
			d, _, _ := take()
			current = &declaration{name: enumStart.FindStringSubmatch(line)[1], doc: d}
			all = append(all, current)
		case wordLine.MatchString(line):
			m := wordLine.FindStringSubmatch(line)
			d, _, _ := take()
			current.words = append(current.words, word{m[1], m[2], d})
		case rowLine.MatchString(line):
			m := rowLine.FindStringSubmatch(line)
			add(m[1], m[2], m[3], m[4], false)
		case pubLine.MatchString(line):
			m := pubLine.FindStringSubmatch(line)
			add("", m[1], m[2], "", false)
		case constructor && newLine.MatchString(line):
			m := newLine.FindStringSubmatch(line)
			add("", m[1], m[2], "", true)
		default:
			return nil, fmt.Errorf("cannot read %q", line)
		}
	}
	if len(all) == 0 {
		all = append(all, current)
	}
	return all, nil
}
