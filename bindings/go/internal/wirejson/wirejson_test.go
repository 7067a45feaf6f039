package wirejson_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/codriver/go/codriver/internal/wirejson"
)

type sample struct {
	Text   string            `json:"text,omitzero"`
	Always string            `json:"always"`
	List   []string          `json:"list,omitzero"`
	Flag   *bool             `json:"flag,omitzero"`
	Count  int64             `json:"count,omitempty"`
	Inner  *inner            `json:"inner,omitzero"`
	Many   []inner           `json:"many,omitzero"`
	Named  map[string]inner  `json:"named,omitzero"`
	Raw    json.RawMessage   `json:"raw,omitempty"`
	Words  map[string]string `json:"words,omitempty"`
	Extra  map[string]any    `json:"-"`
}

func (s sample) MarshalJSON() ([]byte, error)     { return wirejson.Marshal(s) }
func (s *sample) UnmarshalJSON(data []byte) error { return wirejson.Unmarshal(data, s) }

type inner struct {
	A int64 `json:"a,omitempty"`
}

func TestWhatIsNotSetIsNotWrittenAndAnEmptyListIs(t *testing.T) {
	no := false
	for _, test := range []struct {
		value sample
		want  string
	}{
		{sample{}, `{"always":""}`},
		{sample{List: []string{}, Flag: &no}, `{"always":"","list":[],"flag":false}`},
		{sample{Extra: map[string]any{"later": 1, "text": "kept"}}, `{"always":"","later":1,"text":"kept"}`},
		{sample{Text: "typed", Extra: map[string]any{"text": "unknown"}}, `{"text":"typed","always":""}`},
		{sample{Extra: map[string]any{"q\"\u0001": nil}}, `{"always":"","q\"\u0001":null}`},
	} {
		got, err := json.Marshal(test.value)
		if err != nil || string(got) != test.want {
			t.Errorf("%+v: %s, %v; want %s", test.value, got, err, test.want)
		}
	}
}

func TestWhatWasReadIsWrittenAgain(t *testing.T) {
	for _, text := range []string{
		`{"text":"t","always":"a","list":["x"],"flag":true,"count":3,"inner":{"a":1},"many":[{"a":2}],"named":{"n":{"a":3}},"raw":[1]}`,
		`{"always":"","list":[],"later":{"deep":[1,null]},"text":""}`,
	} {
		var value sample
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(value)
		if err != nil || string(got) != text {
			t.Errorf("%s\nbecame %s, %v", text, got, err)
		}
	}
}

func TestNullIsZeroAndWholeNumbersMayHaveAFraction(t *testing.T) {
	var value sample
	text := `{"text":null,"list":[null,"b"],"flag":null,"count":5.6,"inner":null,"many":[null,{"a":7.0}],"named":{"n":null},"words":{"w":null}}`
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	if value.Count != 6 || value.Many[1].A != 7 || value.List[0] != "" || value.Inner != nil || len(value.Extra) != 0 {
		t.Errorf("read %+v", value)
	}
	var plain inner
	if err := wirejson.UnmarshalPlain([]byte(`{"a":12.7,"unknown":1}`), &plain); err != nil || plain.A != 13 {
		t.Errorf("read %+v, %v", plain, err)
	}
}

func TestAnErrorNamesTheMember(t *testing.T) {
	for text, path := range map[string]string{
		`{"text":5}`:                   "text",
		`{"many":[{"a":1},{"a":"x"}]}`: "many[1].a",
		`{"named":{"n":{"a":true}}}`:   "named.n.a",
		`{"count":1e300}`:              "count",
		`{"list":{}}`:                  "list",
		`{"inner":[]}`:                 "inner",
	} {
		var value sample
		err := json.Unmarshal([]byte(text), &value)
		var member *wirejson.FieldError
		if !errors.As(err, &member) || member.Path != path {
			t.Errorf("%s: %v; want an error at %s", text, err, path)
		}
	}
}
