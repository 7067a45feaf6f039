package codriver

import (
	"bytes"
	"encoding/json"

	"github.com/codriver/go/codriver/events"
	"github.com/codriver/go/codriver/internal/cabi"
)

// eventBatch is what was taken of a stream.
type eventBatch struct {
	events      []Event
	more, ended bool
}

func takeEvents(stream uint64) (eventBatch, error) {
	var taken []Event
	batch, err := cabi.Take(stream, eventsAtOnce, bytesAtOnce, func(text []byte) (err error) {
		taken, err = readEvents(text)
		return err
	})
	return eventBatch{events: taken, more: batch.More, ended: batch.Ended}, fromC(err)
}

// readEvents cuts the events out of a batch: its arrays `seq`, `first`, `type` and `size` say what the events are, whose
// bytes stand one after the other behind them. It keeps nothing of text: an event has memory of its own, so that one that is kept
// keeps no batch.
func readEvents(text []byte) ([]Event, error) {
	const begin = `,"events":[`
	at := bytes.Index(text, []byte(begin))
	if at < 0 {
		return nil, newError(ErrInternal, "a batch of events has no events")
	}
	head, err := readHead(text[:at])
	if err != nil {
		return nil, err
	}
	all := make([]Event, len(head.seq))
	at += len(begin)
	for i := range all {
		end := at + head.size[i]
		if end > len(text) {
			return nil, newError(ErrInternal, "a batch of events is shorter than it says")
		}
		seq := head.seq[i]
		all[i] = Event{seq: seq, firstSeq: seq, kind: head.kind[i], raw: string(text[at:end])}
		if i < len(head.first) {
			all[i].firstSeq = head.first[i]
		}
		at = end + 1
	}
	return all, nil
}

// batchHead has the arrays of a batch before its events.
type batchHead struct {
	seq, first []uint64
	kind       []string
	size       []int
}

// readHead reads `{"seq":[…],"first":[…],"type":[…],"size":[…]` as the core writes it, in one pass: it is read for every
// batch, so it must cost little.
func readHead(text []byte) (head batchHead, err error) {
	broken := newError(ErrInternal, "a batch of events cannot be read")
	for len(text) > 0 {
		// `{"name":[` or `,"name":[`
		name, rest, ok := bytes.Cut(text[min(2, len(text)):], []byte(`":[`))
		if !ok {
			return head, broken
		}
		if string(name) == "type" {
			head.kind, text, ok = readTexts(rest)
		} else {
			var numbers []uint64
			numbers, text, ok = readNumbers(rest)
			switch string(name) {
			case "seq":
				head.seq = numbers
			case "first":
				head.first = numbers
			case "size":
				head.size = make([]int, len(numbers))
				for i, number := range numbers {
					head.size[i] = int(number)
				}
			}
		}
		if !ok {
			return head, broken
		}
	}
	if len(head.kind) != len(head.seq) || len(head.size) != len(head.seq) {
		return head, newError(ErrInternal, "a batch of events has arrays of different lengths")
	}
	return head, nil
}

// readNumbers reads `1,2]` and gives what is behind it.
func readNumbers(text []byte) (numbers []uint64, rest []byte, ok bool) {
	numbers = make([]uint64, 0, eventsAtOnce)
	number, digits := uint64(0), false
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			number, digits = number*10+uint64(c-'0'), true
		case c == ',' && digits, c == ']' && digits:
			numbers = append(numbers, number)
			number, digits = 0, false
			if c == ']' {
				return numbers, text[i+1:], true
			}
		case c == ']' && len(numbers) == 0:
			return numbers, text[i+1:], true
		default:
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// readTexts reads `"a","b"]` and gives what is behind it.
func readTexts(text []byte) (texts []string, rest []byte, ok bool) {
	texts = make([]string, 0, eventsAtOnce)
	for len(text) > 0 {
		switch text[0] {
		case ']':
			return texts, text[1:], true
		case ',':
			text = text[1:]
		case '"':
			end := closing(text)
			if end < 0 {
				return nil, nil, false
			}
			quoted := text[:end+1]
			if bytes.IndexByte(quoted, '\\') < 0 {
				texts = append(texts, events.Intern(quoted[1:end]))
			} else {
				var decoded string
				if json.Unmarshal(quoted, &decoded) != nil {
					return nil, nil, false
				}
				texts = append(texts, decoded)
			}
			text = text[end+1:]
		default:
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// closing gives the place of the quote that ends the text which begins with one; -1 where there is none.
func closing(text []byte) int {
	for from := 1; ; {
		at := bytes.IndexAny(text[from:], "\"\\")
		if at < 0 {
			return -1
		}
		if text[from+at] == '"' {
			return from + at
		}
		if from += at + 2; from > len(text) {
			return -1
		}
	}
}
