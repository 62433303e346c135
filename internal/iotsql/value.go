// SPDX-License-Identifier: MIT

package iotsql

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// A value is nil for Null, a bool, a string, a number, an []any, a *members, or
// undefined.
type undefined struct{}

// members is an object; it keeps the order of its names. An object that was made
// does not change.
type members struct {
	names  []string
	values map[string]any
}

func newMembers() *members { return &members{values: map[string]any{}} }

// set adds a member or replaces its value. What is undefined is not added.
func (o *members) set(name string, v any) {
	if v == (any)(undefined{}) {
		return
	}
	if _, there := o.values[name]; !there {
		o.names = append(o.names, name)
	}
	o.values[name] = v
}

// get returns the value of a member.
func (o *members) get(name string) any {
	if v, there := o.values[name]; there {
		return v
	}
	return undefined{}
}

// isUndefined reports whether a value is none.
func isUndefined(v any) bool { _, is := v.(undefined); return is }

var errDepth = errors.New("values are nested too deep")

// maxJSONDepth is how deep values of a payload may be in one another.
const maxJSONDepth = 200

// decodeJSON reads JSON, whose numbers are made Int if they are whole in the
// versions of the language that do so.
func decodeJSON(data []byte, v Version) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	out, err := decodeValue(d, v, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is more behind the value")
	}
	return out, nil
}

func decodeValue(d *json.Decoder, v Version, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, errDepth
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Number:
		n, ok := parseNumber(t.String())
		if !ok {
			return undefined{}, nil
		}
		return v.numeric(n), nil
	case json.Delim:
		if t == '{' {
			return decodeObject(d, v, depth)
		}
		list := []any{}
		for d.More() {
			item, err := decodeValue(d, v, depth+1)
			if err != nil {
				return nil, err
			}
			if !isUndefined(item) {
				list = append(list, item)
			}
		}
		_, err := d.Token()
		return list, err
	}
	return t, nil
}

func decodeObject(d *json.Decoder, v Version, depth int) (any, error) {
	o := newMembers()
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := decodeValue(d, v, depth+1)
		if err != nil {
			return nil, err
		}
		text, _ := name.(string)
		o.set(text, value)
	}
	_, err := d.Token()
	return o, err
}

// numeric returns a number as the version has it.
func (v Version) numeric(n number) number {
	if v == V2015 {
		return n
	}
	return n.reduced()
}

// maxText bounds the texts that a statement makes, in bytes.
const maxText = 1 << 20

// encodeJSON writes a value; what is undefined becomes nothing. It reports false
// if that takes more than maxText.
func encodeJSON(v any) ([]byte, bool) {
	var b bytes.Buffer
	writeJSON(&b, v)
	return b.Bytes(), b.Len() <= maxText
}

// writeJSON ends early in what is too large: values may be in many places.
func writeJSON(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case undefined:
	case number:
		b.WriteString(v.String())
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if b.Len() > maxText {
				return
			}
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, item)
		}
		b.WriteByte(']')
	case *members:
		b.WriteByte('{')
		for i, name := range v.names {
			if b.Len() > maxText {
				return
			}
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(name) + ":")
			writeJSON(b, v.values[name])
		}
		b.WriteByte('}')
	case string:
		b.WriteString(quote(v))
	case bool:
		b.WriteString(strconv.FormatBool(v))
	default:
		b.WriteString("null")
	}
}

// quote writes a text as JSON, without escaping <, > and &.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text always can be
	return strings.TrimSuffix(b.String(), "\n")
}
