// SPDX-License-Identifier: MIT

package customresource

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type rule struct {
	Glob  string
	Times *int `json:"n"`
}

type base struct{ Deep bool }

type target2 struct {
	base
	Text    string
	On      bool
	Count   int8
	Size    uint16
	Rate    float64
	Rules   []rule
	Limits  map[string]int
	At      time.Time
	Any     any
	Renamed bool `json:"other"`
	Quoted  int  `json:",string"`
	Skipped int  `json:"-"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	r := Request{Properties: map[string]any{
		"Text": "12", "On": "true", "Count": "-3", "Size": "65535", "Rate": "0.5", "Deep": "TRUE",
		"Rules":  []any{map[string]any{"Glob": "*.css", "n": "4"}},
		"Limits": map[string]any{"a": "1", "b": json.Number("2")},
		"At":     "2026-11-23T12:00:00Z", "Any": "true", "other": "true", "quoted": "7",
		"Unknown": map[string]any{"a": "b"}, "count": nil,
	}}
	delete(r.Properties, "count")
	var got target2
	if err := r.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := target2{
		base: base{true}, Text: "12", On: true, Count: -3, Size: 65535, Rate: 0.5,
		Rules: []rule{{"*.css", new(4)}}, Limits: map[string]int{"a": 1, "b": 2},
		At: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Any: "true", Renamed: true, Quoted: 7,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(target2{})); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
}

func TestDecodeFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		properties map[string]any
		want       string
	}{
		{"bool", map[string]any{"On": "yes"}, `properties: On: "yes" is neither true nor false`},
		{"range", map[string]any{"Count": "128"}, `properties: Count: "128" is no integer of 8 bits`},
		{"sign", map[string]any{"Size": "-1"}, `properties: Size: "-1" is no integer of 16 bits without sign`},
		{"fraction", map[string]any{"Count": "1.5"}, `properties: Count: "1.5" is no integer of 8 bits`},
		{"number", map[string]any{"Rate": "NaN"}, `properties: Rate: "NaN" is no number`},
		{"list", map[string]any{"Rules": []any{map[string]any{"n": "x"}}}, `properties: Rules: 0: n: "x" is no integer of 64 bits`},
		{"shape", map[string]any{"Rules": "x"}, `cannot unmarshal string`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := Request{OldProperties: test.properties}.DecodeOld(&target2{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if err := (Request{}).Decode(target2{}); err == nil {
		t.Error("a target that is no pointer was taken")
	}
	if err := (Request{}).Decode(&target2{}); err != nil {
		t.Errorf("no properties: %v", err)
	}
}

// FuzzDecode looks for JSON objects that make Decode panic, or that it takes
// where encoding/json alone gives something else.
func FuzzDecode(f *testing.F) {
	f.Add(`{"On":"true","Count":"1","Rules":[{"n":"2"}],"Limits":{"a":"1"}}`)
	f.Add(`{"Rate":"1e999","At":"x","Rules":{"a":[]},"base":{"Deep":"true"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var properties map[string]any
		if json.Unmarshal([]byte(text), &properties) != nil {
			return
		}
		var plain, got target2
		plainErr := json.Unmarshal([]byte(text), &plain)
		err := Request{Properties: properties}.Decode(&got)
		if plainErr == nil && err == nil && !cmp.Equal(plain, got, cmp.AllowUnexported(target2{})) && len(text) == len(strings.ToLower(text)) {
			// encoding/json and Decode may differ only where one key stands in two spellings.
			if len(properties) == strings.Count(text, ":") {
				t.Errorf("%s: got %+v, encoding/json gives %+v", text, got, plain)
			}
		}
	})
}
