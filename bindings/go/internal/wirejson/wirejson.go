// Package wirejson reads and writes the JSON objects of the wire.
//
// It differs from encoding/json in what the wire needs:
//
//   - A struct's field `Extra map[string]any` (tagged `json:"-"`) holds the object's unknown members, both ways.
//   - `omitzero` and `omitempty` leave out a nil list, but write an empty one: `[]` says "none", absence says "the default".
//     What is read for an `omitzero` field and is zero, an empty text for example, is kept in Extra and written again.
//   - Reading is tolerant as the core is: null is the zero value everywhere, and a whole number may come with a fraction.
package wirejson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// FieldError says which member of an object could not be read.
type FieldError struct {
	// Path is the member, as in `providers[0].baseUrl`.
	Path string
	// Err says why.
	Err error
}

func (e *FieldError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *FieldError) Unwrap() error { return e.Err }

type field struct {
	name     string
	index    int
	omitZero bool
	// lossless: a zero that was read is kept in Extra, since it is not written from here.
	lossless bool
}

type layout struct {
	fields []field
	// extra is the index of the field Extra, or -1.
	extra int
}

var layouts sync.Map // reflect.Type → *layout

func layoutOf(t reflect.Type) *layout {
	if known, ok := layouts.Load(t); ok {
		return known.(*layout)
	}
	l := &layout{extra: -1}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "Extra" && f.Type == reflect.TypeFor[map[string]any]() {
			l.extra = i
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" || !f.IsExported() {
			continue
		}
		l.fields = append(l.fields, field{
			name: name, index: i, omitZero: options != "", lossless: options == "omitzero",
		})
	}
	known, _ := layouts.LoadOrStore(t, l)
	return known.(*layout)
}

// Marshal writes the struct v, or what it points to. Members of Extra win over nothing: a typed field that is set is
// written, and the unknown member of the same name is not.
func Marshal(v any) ([]byte, error) {
	value := reflect.Indirect(reflect.ValueOf(v))
	l := layoutOf(value.Type())
	var out bytes.Buffer
	out.WriteByte('{')
	write := func(name string, member any) error {
		text, err := json.Marshal(member)
		if err != nil {
			return &FieldError{Path: name, Err: err}
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return &FieldError{Path: name, Err: err}
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(text)
		return nil
	}
	for _, f := range l.fields {
		member := value.Field(f.index)
		if f.omitZero && member.IsZero() {
			continue
		}
		if err := write(f.name, member.Interface()); err != nil {
			return nil, err
		}
	}
	if l.extra >= 0 {
		extra := value.Field(l.extra).Interface().(map[string]any)
		for _, name := range sortedKeys(extra) {
			known := slices.IndexFunc(l.fields, func(f field) bool { return f.name == name })
			if known >= 0 && !(l.fields[known].omitZero && value.Field(l.fields[known].index).IsZero()) {
				continue
			}
			if err := write(name, extra[name]); err != nil {
				return nil, err
			}
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func sortedKeys(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Unmarshal reads an object into the struct that v points to. Its errors are of type *FieldError where a member is at
// fault.
func Unmarshal(data []byte, v any) error {
	return decodeStruct(data, reflect.ValueOf(v).Elem())
}

// UnmarshalPlain is Unmarshal for structs without Extra, made for speed: the standard decoder reads what has nothing
// unusual.
func UnmarshalPlain(data []byte, v any) error {
	if json.Unmarshal(data, v) == nil {
		return nil
	}
	target := reflect.ValueOf(v).Elem()
	target.SetZero()
	return decodeStruct(data, target)
}

func decodeStruct(data []byte, target reflect.Value) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	l := layoutOf(target.Type())
	for _, f := range l.fields {
		raw, there := members[f.name]
		if !there {
			continue
		}
		if err := decode(raw, target.Field(f.index)); err != nil {
			return within(f.name, err)
		}
		if !f.lossless || !target.Field(f.index).IsZero() || string(raw) == "null" {
			delete(members, f.name)
		}
	}
	if l.extra < 0 || len(members) == 0 {
		return nil
	}
	extra := make(map[string]any, len(members))
	for name, raw := range members {
		var member any
		if err := json.Unmarshal(raw, &member); err != nil {
			return within(name, err)
		}
		extra[name] = member
	}
	target.Field(l.extra).Set(reflect.ValueOf(extra))
	return nil
}

func within(name string, err error) error {
	inner, ok := err.(*FieldError)
	switch {
	case !ok:
		return &FieldError{Path: name, Err: err}
	case strings.HasPrefix(inner.Path, "["):
		return &FieldError{Path: name + inner.Path, Err: inner.Err}
	default:
		return &FieldError{Path: name + "." + inner.Path, Err: inner.Err}
	}
}

func decode(raw json.RawMessage, target reflect.Value) error {
	if string(raw) == "null" {
		target.SetZero()
		return nil
	}
	switch kind := target.Kind(); {
	case target.Type() == reflect.TypeFor[json.RawMessage](), kind == reflect.Interface:
		return json.Unmarshal(raw, target.Addr().Interface())
	case kind == reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return decode(raw, target.Elem())
	case target.CanAddr() && target.Addr().Type().Implements(reflect.TypeFor[json.Unmarshaler]()):
		return target.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw)
	case kind == reflect.Struct:
		return decodeStruct(raw, target)
	case kind == reflect.Slice:
		return decodeList(raw, target)
	case kind == reflect.Map:
		return decodeMap(raw, target)
	case kind == reflect.Int64 || kind == reflect.Int:
		return decodeInt(raw, target)
	default:
		return json.Unmarshal(raw, target.Addr().Interface())
	}
}

func decodeList(raw json.RawMessage, target reflect.Value) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return err
	}
	list := reflect.MakeSlice(target.Type(), len(items), len(items))
	for i, item := range items {
		if err := decode(item, list.Index(i)); err != nil {
			return within(fmt.Sprintf("[%d]", i), err)
		}
	}
	target.Set(list)
	return nil
}

func decodeMap(raw json.RawMessage, target reflect.Value) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	made := reflect.MakeMapWithSize(target.Type(), len(members))
	for name, member := range members {
		value := reflect.New(target.Type().Elem()).Elem()
		if err := decode(member, value); err != nil {
			return within(name, err)
		}
		made.SetMapIndex(reflect.ValueOf(name).Convert(target.Type().Key()), value)
	}
	target.Set(made)
	return nil
}

func decodeInt(raw json.RawMessage, target reflect.Value) error {
	if json.Unmarshal(raw, target.Addr().Interface()) == nil {
		return nil
	}
	var number float64
	if err := json.Unmarshal(raw, &number); err != nil {
		return err
	}
	if math.Abs(number) >= 1<<63 {
		return fmt.Errorf("%s is no 64-bit number", raw)
	}
	target.SetInt(int64(math.Round(number)))
	return nil
}
