// SPDX-License-Identifier: MIT

package resource_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func value(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestChanged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, old, new string
		want           bool
	}{
		{"same", `{"Name":"a"}`, `{"Name":"a"}`, false},
		{"renamed", `{"Name":"a"}`, `{"Name":"b"}`, true},
		{"dropped", `{"Name":"a"}`, `{}`, true},
		{"same number as text", `{"Name":1000000}`, `{"Name":"1000000"}`, false},
		{"another property", `{"Name":"a","Size":1}`, `{"Name":"a","Size":2}`, false},
		{"object instead of text", `{"Name":"a"}`, `{"Name":{"A":[1]}}`, true},
		{"equal objects", `{"Name":{"A":[1,null]}}`, `{"Name":{"A":["1",null]}}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := resource.Changed(value(t, test.old), value(t, test.new), "Name", "Other"); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	type nested struct{ Depth *int }
	var got struct {
		Name      string
		Size      int
		Public    bool
		Nested    nested
		Variables map[string]string
		Names     []string
		Document  any
	}
	err := resource.Decode(value(t, `{"Name":1048576,"Size":"3","Public":"true","Nested":{"Depth":"7"},
		"Variables":{"A":1.5,"B":true},"Names":[1,"b"],"Document":{"keep":1},"Unknown":1}`), &got)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "1048576" || got.Size != 3 || !got.Public || *got.Nested.Depth != 7 {
		t.Errorf("scalars: %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"A": "1.5", "B": "true"}, got.Variables); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1", "b"}, got.Names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"keep": json.Number("1")}, got.Document); diff != "" {
		t.Error(diff)
	}
	if err := resource.Decode(map[string]any{"Size": "many"}, &got); err == nil {
		t.Error(`Decode took "many" for a number`)
	}
}
