package main

import (
	"regexp"
	"strings"
	"unicode"
)

// initialisms are words that Go writes in its own way.
var initialisms = map[string]string{
	"ai": "AI", "api": "API", "capi": "CAPI", "github": "GitHub", "http": "HTTP", "id": "ID", "ids": "IDs", "json": "JSON",
	"llm": "LLM", "lsp": "LSP", "mcp": "MCP", "oauth": "OAuth", "openai": "OpenAI", "otlp": "OTLP", "pr": "PR", "sdk": "SDK",
	"sse": "SSE", "ttl": "TTL", "ui": "UI", "url": "URL", "urls": "URLs", "traceparent": "TraceParent",
	"tracestate": "TraceState",
}

// renames are types whose name in Rust needs its module.
var renames = map[string]string{}

func camel(snake string) string {
	parts := strings.Split(snake, "_")
	for i := 1; i < len(parts); i++ {
		parts[i] = title(parts[i])
	}
	return strings.Join(parts, "")
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// fieldName is the Go name of a snake_case one.
func fieldName(snake string) string {
	var out strings.Builder
	for _, part := range strings.Split(snake, "_") {
		if known, ok := initialisms[part]; ok {
			out.WriteString(known)
		} else {
			out.WriteString(title(part))
		}
	}
	return out.String()
}

// typeName is the Go name of a PascalCase one.
func typeName(pascal string) string {
	if known, ok := renames[pascal]; ok {
		return known
	}
	var snake strings.Builder
	for i, r := range pascal {
		if i > 0 && unicode.IsUpper(r) {
			snake.WriteByte('_')
		}
		snake.WriteRune(unicode.ToLower(r))
	}
	return fieldName(strings.ReplaceAll(snake.String(), "open_ai", "openai"))
}

var container = regexp.MustCompile(`^(\w+)<(.*)>$`)

// goType is the Go type of a Rust one. Options are told apart from results: an option that is not set is not sent, and a
// result that is absent is the zero value.
func goType(rust string, option bool) string {
	if option {
		switch rust {
		case "bool":
			return "*bool"
		case "f64":
			return "*float64"
		}
	}
	switch rust {
	case "String":
		return "string"
	case "bool":
		return "bool"
	case "u64", "i64":
		return "int64"
	case "f64":
		return "float64"
	case "Value":
		if option {
			return "any"
		}
		return "json.RawMessage"
	case "Map<String, Value>":
		return "map[string]any"
	}
	m := container.FindStringSubmatch(rust)
	if m == nil {
		name := typeName(rust)
		if option && !isWord[rust] && rust != "Secret" {
			return "*" + name
		}
		return name
	}
	switch m[1] {
	case "Vec":
		return "[]" + element(m[2], option)
	case "BTreeMap":
		return "map[string]" + element(strings.TrimPrefix(m[2], "String, "), option)
	case "Option":
		switch inner := goType(m[2], false); {
		case strings.HasPrefix(inner, "[]"), strings.HasPrefix(inner, "map["), isWord[m[2]],
			inner == "string", inner == "bool", inner == "json.RawMessage":
			return inner
		default:
			return "*" + inner
		}
	default: // Box
		return goType(m[2], option)
	}
}

func element(rust string, option bool) string {
	inner := goType(rust, option)
	return strings.TrimPrefix(inner, "*")
}

// isWord says which types are sets of words: strings in Go.
var isWord = map[string]bool{}

var (
	link     = regexp.MustCompile("\\[`([^`]+)`\\](\\([^)]*\\))?")
	pathPart = regexp.MustCompile(`\b(?:crate|super|Self)(?:::\w+)*::`)
)

// knownFields are fields that comments speak of.
var knownFields = map[string]bool{}

// member is a field of a type in words: `Type::field`.
var member = regexp.MustCompile("`([A-Z]\\w*)::([a-z_]+)`")

var snake = regexp.MustCompile("`[a-z0-9]+(_[a-z0-9]+)+`")

// spoken are methods of the Rust API that comments speak of.
var spoken = map[string]string{
	"on_provider_token":         "OnProviderToken",
	"on_system_message_section": "SystemMessageSections",
	"create_params":             "OnPermissionRequest",
}

// goDoc turns the words of a Rust comment into those of a Go one.
func goDoc(lines []string) []string {
	out := make([]string, 0, len(lines))
	for _, line := range lines {
		line = link.ReplaceAllStringFunc(line, func(found string) string {
			target := link.FindStringSubmatch(found)[1]
			target = pathPart.ReplaceAllString(target, "")
			parts := strings.Split(target, "::")
			for i, part := range parts {
				if i == 0 {
					parts[i] = typeName(part)
				} else {
					parts[i] = fieldName(part)
				}
			}
			return strings.Join(parts, ".")
		})
		line = strings.ReplaceAll(line, "`None`", "absent")
		line = strings.ReplaceAll(line, "`ui()` of the session works", "[Session.UI] works")
		line = member.ReplaceAllStringFunc(line, func(found string) string {
			m := member.FindStringSubmatch(found)
			return typeName(m[1]) + "." + fieldName(m[2])
		})
		line = strings.ReplaceAll(line, "`command()` adds one with its handler", "Run has the handler")
		line = snake.ReplaceAllStringFunc(line, func(found string) string {
			name := strings.Trim(found, "`")
			if known, ok := spoken[name]; ok {
				return known
			}
			if knownFields[name] {
				return fieldName(name)
			}
			return found
		})
		out = append(out, line)
	}
	return out
}

// typeDoc makes the first sentence one that begins with the name, as Go wants it.
func typeDoc(name string, lines []string) []string {
	lines = goDoc(lines)
	if len(lines) == 0 {
		return []string{name + " is a type of the wire."}
	}
	first := lines[0]
	word, rest, _ := strings.Cut(first, " ")
	lower := strings.ToLower(first[:1]) + first[1:]
	switch {
	case word == name:
	case word == "Somebody":
		lines[0] = name + " says that " + lower
	case word == "Tools" || word == "Overrides" || word == "Options" || word == "Limits":
		lines[0] = name + " are " + lower
	case strings.HasPrefix(first, "`"):
		lines[0] = name + " is the data of " + first
	case word == "A" || word == "An" || word == "The" || word == "One":
		lines[0] = name + " is " + lower
	case word == "What" || word == "Where" || word == "Whether" || word == "How" || word == "Who" || word == "Which":
		lines[0] = name + " says " + lower
	case word == "Asks":
		lines[0] = name + " asks " + rest
	case word == "Makes":
		lines[0] = name + " makes " + rest
	case strings.Contains(first, ":"):
		lines[0] = name + " is about " + lower
	case strings.HasSuffix(word, "s") && word != "Tools":
		lines[0] = name + " holds " + lower
	default:
		lines[0] = name + " is about " + lower
	}
	return lines
}
