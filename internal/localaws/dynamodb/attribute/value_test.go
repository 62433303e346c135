// SPDX-License-Identifier: MIT

package attribute_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	nested := strings.Repeat(`{"L":[`, 32) + strings.Repeat(`]}`, 32)
	for text, want := range map[string]string{ // "" is: as given
		`{"S":""}`: "", `{"S":"é\n\"<&>"}`: "{\"S\":\"é\\n\\\"\\u003c\\u0026\\u003e\"}", `{"N":"01.50"}`: `{"N":"1.5"}`, `{"B":"AAE="}`: "", `{"BOOL":false}`: "",
		`{"NULL":true}`: "", `{"L":[]}`: "", `{"M":{}}`: "", `{"M":{"b":{"N":"1"},"a":{"L":[{"S":"x"}]}}}`: `{"M":{"a":{"L":[{"S":"x"}]},"b":{"N":"1"}}}`,
		`{"SS":["b","a"]}`: "", `{"NS":["2","1.0"]}`: `{"NS":["2","1"]}`, `{"BS":["AA==","AQ=="]}`: "", `{"S":"x","N":null}`: `{"S":"x"}`, nested: "",
	} {
		v, err := attribute.Decode([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if want == "" {
			want = text
		}
		if got := string(attribute.Encode(v)); got != want || !json.Valid([]byte(got)) {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	const lists, one = "ValidationException: One or more parameter values were invalid: ", "must contain exactly one of the supported datatypes"
	for text, want := range map[string]string{
		`{}`: one, `{"X":"a"}`: one, `{"S":"a","N":"1"}`: "has more than one datatypes set, " + one, `"a"`: "SerializationException: Unexpected value type",
		`{"S":1}`: "SerializationException: NUMBER_VALUE cannot be converted to String", `{"S":1.5}`: "DECIMAL_VALUE", `{"S":true}`: "TRUE_VALUE", `{"S":[]}`: "collection", `{"S":{}}`: "Start of structure",
		`{"N":1}`: "SerializationException", `{"N":"x"}`: "cannot be converted to a numeric value: x", `{"B":"A"}`: "SerializationException", `{"B":"AB=="}`: "SerializationException", `{"B":1}`: "base-64",
		`{"BOOL":"true"}`: "SerializationException", `{"NULL":false}`: lists + "Null attribute value types must have the value of true", `{"NULL":1}`: "SerializationException",
		`{"L":1}`: "SerializationException", `{"M":[]}`: "SerializationException", `{"SS":"a"}`: "SerializationException", `{"SS":[1]}`: "SerializationException", `{"NS":1}`: "SerializationException", `{"BS":1}`: "SerializationException",
		`{"SS":[]}`: lists + "An string set  may not be empty", `{"NS":[]}`: lists + "An number set  may not be empty", `{"BS":[]}`: lists + "Binary sets should not be empty",
		`{"SS":["a",""]}`: lists + "An string set may not have a empty string as a member", `{"SS":["a","b","a"]}`: lists + "Input collection [a, b, a] contains duplicates.",
		`{"NS":["1","1.0"]}`: "Input collection contains duplicates", `{"NS":["x"]}`: "numeric", `{"BS":["AA==","AA=="]}`: lists + "Input collection [AA==, AA==]of type BS contains duplicates.", `{"BS":["!"]}`: "SerializationException",
		`{"L":[{}]}`: one, `{"M":{"a":{"N":""}}}`: "numeric", strings.Repeat(`{"L":[`, 33) + strings.Repeat(`]}`, 33): "Nesting Levels have exceeded supported limits",
		`{"S":`: "SerializationException",
	} {
		if v, err := attribute.Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, error %v, want %s", text, v, err, want)
		}
	}
}

func decode(t testing.TB, text string) attribute.Value {
	t.Helper()
	v, err := attribute.Decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestEqual(t *testing.T) {
	t.Parallel()
	values := []string{
		`{"S":"a"}`, `{"S":"b"}`, `{"N":"1"}`, `{"B":"AA=="}`, `{"B":"AQ=="}`, `{"BOOL":true}`, `{"BOOL":false}`, `{"NULL":true}`, `{"L":[{"S":"a"}]}`, `{"L":[]}`, `{"M":{"a":{"S":"a"}}}`,
		`{"M":{"b":{"S":"a"}}}`, `{"SS":["a","b"]}`, `{"SS":["a","c"]}`, `{"NS":["1"]}`, `{"NS":["1","2"]}`, `{"BS":["AA=="]}`, `{"BS":["AQ=="]}`,
	}
	for i, a := range values {
		for j, b := range values {
			if got := attribute.Equal(decode(t, a), decode(t, b)); got != (i == j) {
				t.Errorf("%s and %s: got %v", a, b, got)
			}
		}
		if attribute.Equal(decode(t, a), nil) || attribute.Equal(nil, decode(t, a)) {
			t.Errorf("%s equals what is not there", a)
		}
	}
	for a, b := range map[string]string{`{"N":"1.0"}`: `{"N":"1"}`, `{"SS":["a","b"]}`: `{"SS":["b","a"]}`, `{"NS":["1","2"]}`: `{"NS":["2","1e0"]}`, `{"BS":["AA==","AQ=="]}`: `{"BS":["AQ==","AA=="]}`} {
		if !attribute.Equal(decode(t, a), decode(t, b)) {
			t.Errorf("%s and %s differ", a, b)
		}
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"S":"é"}`: 2, `{"B":"AAE="}`: 2, `{"BOOL":true}`: 1, `{"NULL":true}`: 1, `{"N":"0"}`: 1, `{"N":"1"}`: 2, `{"N":"-12"}`: 3, `{"N":"123"}`: 3, `{"SS":["ab","c"]}`: 3, `{"BS":["AAE="]}`: 2,
		`{"NS":["1","2"]}`: 4, `{"L":[]}`: 3, `{"L":[{"S":"ab"}]}`: 6, `{"M":{}}`: 3, `{"M":{"ab":{"S":"c"}}}`: 7,
	} {
		if got := attribute.Size(decode(t, text)); got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
	if got := (attribute.Item{"é": attribute.String("abc"), "b": attribute.Null{}}).Size(); got != 7 {
		t.Errorf("item: got %d, want 7", got)
	}
}

// Keys and what begins with them lie together, whatever bytes they have.
func TestKeyOrder(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, a := range []string{"", "\x00", "\x00\x00", "\x00\xff", "\x01", "a", "a\x00", "a\x00b", "a\x01", "ab", "b", "\xc3\xa9", "\xff", "\xff\xff"} {
		for _, b := range []string{"", "\x00", "z", "\xff"} {
			texts = append(texts, a+b)
		}
	}
	for _, a := range texts {
		for _, b := range texts {
			keyA, keyB := string(attribute.AppendKey(nil, attribute.Binary(a))), string(attribute.AppendKey(nil, attribute.Binary(b)))
			if strings.Compare(keyA, keyB) != strings.Compare(a, b) {
				t.Errorf("%q and %q are encoded in the wrong order", a, b)
			}
			prefix := attribute.AppendPrefix(nil, attribute.Binary(a))
			end := attribute.Successor(prefix)
			if within := keyB >= string(prefix) && (end == "" || keyB < end); len(prefix) > 0 && within != strings.HasPrefix(b, a) {
				t.Errorf("%q begins with %q: got %v", b, a, within)
			}
		}
	}
}

func TestSets(t *testing.T) {
	t.Parallel()
	for _, test := range [][4]string{
		{`{"SS":["a","b"]}`, `{"SS":["b","c"]}`, `{"SS":["a","b","c"]}`, `{"SS":["a"]}`}, {`{"NS":["1"]}`, `{"NS":["1.0"]}`, `{"NS":["1"]}`, ""},
		{`{"BS":["AA=="]}`, `{"BS":["AQ=="]}`, `{"BS":["AA==","AQ=="]}`, `{"BS":["AA=="]}`},
		{`{"BS":["","AQ=="]}`, `{"BS":["AQ=="]}`, `{"BS":["","AQ=="]}`, `{"BS":[""]}`},
	} {
		a, b := decode(t, test[0]), decode(t, test[1])
		if got, ok := attribute.Union(a, b); !ok || string(attribute.Encode(got)) != test[2] {
			t.Errorf("union of %s and %s: %v", test[0], test[1], got)
		}
		switch got, ok := attribute.Difference(a, b); {
		case !ok || (got == nil) != (test[3] == ""):
			t.Errorf("difference of %s and %s: %v", test[0], test[1], got)
		case got != nil && string(attribute.Encode(got)) != test[3]:
			t.Errorf("difference of %s and %s: %s", test[0], test[1], attribute.Encode(got))
		}
		if string(attribute.Encode(a)) != test[0] {
			t.Errorf("%s has changed", test[0])
		}
	}
	if _, ok := attribute.Union(attribute.StringSet{"a"}, attribute.NumberSet{}); ok {
		t.Error("sets of two types were joined")
	}
	if _, ok := attribute.Difference(attribute.String("a"), attribute.String("a")); ok {
		t.Error("texts are no sets")
	}
}

// What is decoded is encoded as the same value.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{`{"M":{"a":{"L":[{"N":"1"},{"SS":["a"]}]}}}`, `{"BS":["AA=="]}`, `{"S":"\u0000\ud800"}`, `{"NULL":true}`, `{"NS":["1e2"]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := attribute.Decode(data)
		if err != nil {
			return
		}
		encoded := attribute.Encode(v)
		again, err := attribute.Decode(encoded)
		if err != nil || !attribute.Equal(v, again) || attribute.Size(v) != attribute.Size(again) {
			t.Fatalf("%s becomes %s: %v", data, encoded, err)
		}
		var item attribute.Item
		members, err := json.Marshal(attribute.Item{"a": v})
		if err == nil {
			err = json.Unmarshal(members, &item)
		}
		if err != nil || !item.Equal(attribute.Item{"a": v}) {
			t.Errorf("%s: %v", members, err)
		}
		if key := attribute.AppendKey(nil, v); !slices.Equal(key, attribute.AppendKey(nil, again)) {
			t.Errorf("%s has two keys", data)
		}
	})
}
