package wirejson

import (
	"encoding/json"
	"strings"
)

// Member gives the value of a member of an object, as it stands there; false where none has that name. Of several the last
// one counts. The object must be valid JSON: it is looked through, which costs a fraction of decoding it, and not checked.
func Member(object, name string) (value string, there bool) {
	at := behindSpace(object, 0)
	if at >= len(object) || object[at] != '{' {
		return "", false
	}
	at = behindSpace(object, at+1)
	for at < len(object) && object[at] == '"' {
		end := behindText(object, at)
		key := object[at:end]
		// The colon.
		begin := behindSpace(object, behindSpace(object, end)+1)
		at = behindValue(object, begin)
		if isKey(key, name) && begin < at {
			value, there = object[begin:at], true
		}
		at = behindSpace(object, at)
		if at < len(object) && object[at] == ',' {
			at = behindSpace(object, at+1)
		}
	}
	return value, there
}

// isKey says whether key, with its quotes, is the name.
func isKey(key, name string) bool {
	if strings.IndexByte(key, '\\') < 0 {
		return len(key) == len(name)+2 && key[1:len(key)-1] == name
	}
	var decoded string
	return json.Unmarshal([]byte(key), &decoded) == nil && decoded == name
}

func behindSpace(text string, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') {
		at++
	}
	return min(at, len(text))
}

// behindText gives the place behind the text whose quote is at.
func behindText(text string, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(text)
}

// behindValue gives the place behind the value that begins at.
func behindValue(text string, at int) int {
	depth := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			at = behindText(text, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			if depth == 0 {
				return at
			}
			depth--
			at++
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return at
			}
			at++
			continue
		default:
			at++
			continue
		}
		if depth == 0 {
			return at
		}
	}
	return at
}
