package wirejson

import (
	"encoding/json"
	"testing"
)

func TestAMemberIsWhatADecoderFinds(t *testing.T) {
	for _, object := range []string{
		`{}`, `{"data":{}}`, ` { "data" : [1, {"data": 2}, "]"] , "x" : null } `, `{"data":1,"data":2}`, `{"x":{"data":1}}`,
		`{"d\u0061ta":"a\"b\\"}`, `{"a":"}","data":-1.5e3}`, `{"data":true}`, `{"a":[[],{}],"data":"\u007d","b":[]}`, `[]`, `1`,
		"{\"data\"\n:\t{ \"deep\" : [ ] }\r\n}", `{"Data":1}`, `{"data":""}`,
	} {
		var members map[string]json.RawMessage
		_ = json.Unmarshal([]byte(object), &members)
		wanted, known := members["data"]
		if found, there := Member(object, "data"); there != known || found != string(wanted) {
			t.Errorf("%s: %q, %v instead of %q, %v", object, found, there, wanted, known)
		}
	}
}

func FuzzAMemberIsWhatADecoderFinds(f *testing.F) {
	f.Add(`{"data":{"a":[1,"}"]},"x":"\\"}`)
	f.Add(`{"data`)
	f.Fuzz(func(t *testing.T, text string) {
		// Whatever it is, it does no harm.
		found, there := Member(text, "data")
		var members map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &members) != nil {
			return
		}
		if wanted, known := members["data"]; there != known || found != string(wanted) {
			t.Errorf("%q, %v instead of %q, %v", found, there, wanted, known)
		}
	})
}
