// SPDX-License-Identifier: MIT

package shape_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/shape"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	rule := shape.Object(shape.Fields{
		"Name": shape.Pattern(regexp.MustCompile(`^[a-z]+$`), 4), "Size": shape.Integer(1, 10), "On": shape.Boolean, "Mode": shape.Enum("A", "B"),
		"List": shape.List(shape.String), "Doc": shape.Document, "Any": shape.Any, "Tags": shape.Tags, "New": shape.Unmodelled, "One": shape.Only("a"), "In": shape.Object(shape.Fields{"X": shape.String}, "X"), "By": shape.Entries(shape.Boolean),
	}, "Name")
	for _, test := range []struct {
		properties string
		want       []string
	}{
		{`{"Name":"ab","Size":"3","On":"true","Mode":"A","List":["a",1],"Doc":"{}","Any":[],"Tags":[{"Key":"k","Value":"v"}],"In":{"X":"x"}}`, nil},
		{`{"Name":{"Ref":"P"},"Size":{"Fn::If":[1,2,3]},"List":{"Fn::Split":[]},"On":{"Ref":"P"},"In":{"Fn::If":["c",{},{}]},"Mode":{"Ref":"P"}}`, nil},
		{`{"Name":"a","List":[{"Ref":"P"},"b"],"Tags":[{"Fn::If":["c",{},{"Ref":"AWS::NoValue"}]}]}`, nil},
		{`{"Name":"a","One":"a"}`, nil},
		{`{"Name":"a","One":{"Ref":"P"}}`, nil},
		{`{"Name":"a","By":{"a":true,"b":{"Ref":"P"}}}`, nil},
		{`{"Name":"a","By":{"Ref":"P"}}`, nil},
		{`{"Name":"a","By":[]}`, []string{"#/By: expected type: JSONObject, found: JSONArray"}},
		{`{"Name":"a","By":{"b":1,"a":"x"}}`, []string{"#/By/a: expected type: Boolean, found: String", "#/By/b: expected type: Boolean, found: Number"}},
		{`{"Name":"a","One":"b"}`, []string{"#/One: the embedded AWS models a only"}},
		{`{}`, []string{"#: required key [Name] not found"}},
		{`{"Name":"abcde"}`, []string{"#/Name: expected maxLength: 4, actual: 5"}},
		{`{"Name":"AB"}`, []string{"#/Name: failed validation constraint for keyword [pattern]: ^[a-z]+$"}},
		{`{"Name":["a"]}`, []string{"#/Name: expected type: String, found: JSONArray"}},
		{`{"Name":"a","Size":0}`, []string{"#/Size: 0 is not greater or equal to 1"}},
		{`{"Name":"a","Size":11}`, []string{"#/Size: 11 is not less or equal to 10"}},
		{`{"Name":"a","Size":1.5}`, []string{"#/Size: expected type: Integer, found: Number"}},
		{`{"Name":"a","On":1}`, []string{"#/On: expected type: Boolean, found: Number"}},
		{`{"Name":"a","Mode":"C"}`, []string{"#/Mode: C is not a valid enum value"}},
		{`{"Name":"a","List":["a",{"b":1}]}`, []string{"#/List/1: expected type: String, found: JSONObject"}},
		{`{"Name":"a","In":{},"Doc":1,"Zed":null}`, []string{"#/Doc: expected type: JSONObject, found: Number", "#/In: required key [X] not found", "#: extraneous key [Zed] is not permitted"}},
		{`{"Name":"a","New":{"Ref":"P"},"Tags":[{"Key":"k"}]}`, []string{"#/New: the embedded AWS does not model this property", "#/Tags/0: required key [Value] not found"}},
	} {
		var properties map[string]any
		if err := json.Unmarshal([]byte(test.properties), &properties); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, shape.Check(rule, properties)); diff != "" {
			t.Errorf("%s: %s", test.properties, diff)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	object := map[string]any{"S": "x", "N": 3.0, "B": "true", "L": []any{"a", 1.0, map[string]any{}}, "Tags": []any{map[string]any{"Key": "k", "Value": 1.0}}}
	if got := shape.Member(object, "S") + shape.Member(object, "N") + shape.Member(object, "None") + shape.Member("no object", "S"); got != "x3" {
		t.Errorf("got %q", got)
	}
	if !shape.Flag(object, "B") || shape.Flag(object, "S") {
		t.Error("flags are wrong")
	}
	if diff := cmp.Diff([]string{"a", "1"}, shape.Texts(object, "L")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"k": "1", "stack": "s"}, shape.TagMap(map[string]string{"stack": "s", "k": "0"}, object)); diff != "" {
		t.Error(diff)
	}
	if n, ok := shape.Int(json.Number("12")); !ok || n != 12 {
		t.Errorf("got %d", n)
	}
}
