package codriver

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/codriver/go/codriver/events"
)

func TestABatchIsCutIntoTheRuntimesOwnBytes(t *testing.T) {
	raw := []string{`{"type":"a.b","id":"1","data":{"x":"]}"}}`, `{ "type" : "q\"", "data" : {"events":["\"events\":["]} }`, `{"type":"ü"}`}
	batch := `{"seq":[4,7,8],"first":[4,5,8],"type":["a.b","q\"","ü"],"size":[` +
		sizes(raw) + `],"events":[` + strings.Join(raw, ",") + `]}`
	got, err := readEvents([]byte(batch))
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %v", got, err)
	}
	for i, event := range got {
		if string(event.Raw()) != raw[i] {
			t.Errorf("event %d is %s", i, event.Raw())
		}
	}
	if got[1].Seq() != 7 || got[1].FirstSeq() != 5 || got[1].Type() != `q"` || got[0].ID() != "1" {
		t.Errorf("heads are %+v", got)
	}
	for _, broken := range []string{`{}`, `{"seq":[1],"type":[],"size":[],"events":[]}`, `{"seq":[1],"type":["a"],"size":[99],"events":[{}]}`,
		`{"seq":[1,],"type":["a"],"size":[2],"events":[{}]}`, `{"seq":[1],"type":["a],"size":[2],"events":[{}]}`,
		`{"seq":[1],"type":[a],"size":[2],"events":[{}]}`, `{"seq":[-1],"type":["a"],"size":[2],"events":[{}]}`} {
		if _, err := readEvents([]byte(broken)); err == nil {
			t.Errorf("%s was read", broken)
		}
	}
}

func sizes(raw []string) string {
	var all []string
	for _, text := range raw {
		all = append(all, string(must(json.Marshal(len(text)))))
	}
	return strings.Join(all, ",")
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestEveryRecordedEventIsReadAndKeptWhole(t *testing.T) {
	text, err := os.ReadFile("../../tests/vectors/events.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	read, known := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var recorded struct {
			Event json.RawMessage `json:"event"`
		}
		if err := json.Unmarshal([]byte(line), &recorded); err != nil {
			t.Fatal(err)
		}
		if recorded.Event == nil {
			recorded.Event = json.RawMessage(line)
		}
		event, err := ParseEvent(recorded.Event)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if string(event.Raw()) != string(recorded.Event) {
			t.Errorf("%s came back as %s", recorded.Event, event.Raw())
		}
		data, err := events.Decode(event.Type(), event.RawData())
		if err != nil {
			t.Errorf("%s: %v", event.Type(), err)
		}
		read++
		if data != nil {
			known++
		}
	}
	if read < 50 || known < read*3/4 {
		t.Errorf("%d events, of which %d are known", read, known)
	}
}

func TestDataIsOfItsTypeAndWhatIsUnknownStaysRaw(t *testing.T) {
	event := must(ParseEvent([]byte(`{"id":"e","timestamp":"2026-01-02T03:04:05.006Z","parentId":"p","agentId":"a","ephemeral":true,
		"type":"assistant.message_delta","data":{"messageId":"m","deltaContent":"hi","later":1}}`)))
	delta, ok := event.Data().(*events.AssistantMessageDelta)
	if !ok || delta.DeltaContent != "hi" || delta.MessageID != "m" {
		t.Errorf("data is %+v", event.Data())
	}
	if at := event.Timestamp(); at.UnixMilli() != 1767323045006 {
		t.Errorf("the time is %v", at)
	}
	if event.ParentID() != "p" || event.AgentID() != "a" || !event.IsEphemeral() || event.ID() != "e" {
		t.Errorf("members of %s are wrong", event.Raw())
	}
	unknown := must(ParseEvent([]byte(`{"type":"model.thinks","data":{"a":1.5}}`)))
	var data struct{ A float64 }
	if unknown.Data() != nil || unknown.DecodeData(&data) != nil || data.A != 1.5 {
		t.Errorf("%+v", data)
	}
	wrong := must(ParseEvent([]byte(`{"type":"assistant.message","data":{"content":[1]}}`)))
	if wrong.Data() != nil || string(wrong.RawData()) != `{"content":[1]}` {
		t.Errorf("data is %v", wrong.Data())
	}
	fraction := must(ParseEvent([]byte(`{"type":"hook.end","data":{}}`)))
	if _, ok := fraction.Data().(*events.HookEnd); !ok {
		t.Errorf("empty data is %v", fraction.Data())
	}
	for _, text := range []string{`{}`, `[]`, `nonsense`} {
		if _, err := ParseEvent([]byte(text)); err == nil {
			t.Errorf("%s is an event", text)
		}
	}
}

func TestANotificationSaysWhatItIsAbout(t *testing.T) {
	event := must(ParseEvent([]byte(`{"type":"system.notification","data":{"content":"c","kind":{"type":"agent_completed","agentId":"a"}}}`)))
	notice, ok := event.Data().(*events.SystemNotification).Notice().(*events.AgentCompleted)
	if !ok || notice.AgentID != "a" {
		t.Errorf("got %+v", notice)
	}
}

func BenchmarkReadingABatch(b *testing.B) {
	raw := strings.Repeat("x", 200)
	one := `{"type":"assistant.message_delta","data":{"deltaContent":"` + raw + `"}}`
	var seqs, types, lengths, all []string
	for i := range eventsAtOnce {
		seqs = append(seqs, string(must(json.Marshal(100_000+i))))
		types = append(types, `"assistant.message_delta"`)
		lengths = append(lengths, string(must(json.Marshal(len(one)))))
		all = append(all, one)
	}
	list := func(items []string) string { return strings.Join(items, ",") }
	batch := []byte(`{"seq":[` + list(seqs) + `],"first":[` + list(seqs) + `],"type":[` + list(types) + `],"size":[` +
		list(lengths) + `],"events":[` + list(all) + `]}`)
	for range b.N {
		if _, err := readEvents(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*eventsAtOnce), "ns/event")
}
