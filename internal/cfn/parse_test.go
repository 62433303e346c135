// SPDX-License-Identifier: MIT

package cfn_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
)

const wholeTemplate = `{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Description": "größer <b> & more",
  "Metadata": {"a": [1, 2.50, 12345678901234567890]},
  "Parameters": {"P": {"Type": "String", "Default": "x"}},
  "Mappings": {"M": {"a": {"b": "c"}}},
  "Conditions": {"C": {"Fn::Equals": ["a", {"Ref": "P"}]}},
  "Rules": {"R": {"Assertions": [{"Assert": {"Fn::Contains": [["a"], {"Ref": "P"}]}}]}},
  "Hooks": {"H": {"Type": "AWS::CodeDeploy::BlueGreen"}},
  "Transform": ["AWS::LanguageExtensions"],
  "Resources": {
    "Table": {
      "Type": "AWS::DynamoDB::Table",
      "Properties": {"N": 1.0, "Flag": true},
      "DependsOn": "Bucket",
      "Condition": "C",
      "DeletionPolicy": "Retain",
      "UpdateReplacePolicy": "Delete",
      "CreationPolicy": {"a": 1},
      "UpdatePolicy": {"b": 1},
      "Metadata": {"c": 1}
    },
    "Bucket": {"Type": "AWS::S3::Bucket"}
  },
  "Outputs": {"O": {"Description": "d", "Value": {"Ref": "Table"}, "Export": {"Name": "n"}, "Condition": "C"}}
}`

const wholeCanonical = `{"AWSTemplateFormatVersion":"2010-09-09","Conditions":{"C":{"Fn::Equals":["a",{"Ref":"P"}]}},` +
	`"Description":"größer <b> & more","Hooks":{"H":{"Type":"AWS::CodeDeploy::BlueGreen"}},` +
	`"Mappings":{"M":{"a":{"b":"c"}}},"Metadata":{"a":[1,2.50,12345678901234567890]},` +
	`"Outputs":{"O":{"Condition":"C","Description":"d","Export":{"Name":"n"},"Value":{"Ref":"Table"}}},` +
	`"Parameters":{"P":{"Default":"x","Type":"String"}},"Resources":{"Bucket":{"Type":"AWS::S3::Bucket"},` +
	`"Table":{"Condition":"C","CreationPolicy":{"a":1},"DeletionPolicy":"Retain","DependsOn":["Bucket"],"Metadata":{"c":1},` +
	`"Properties":{"Flag":true,"N":1.0},"Type":"AWS::DynamoDB::Table","UpdatePolicy":{"b":1},"UpdateReplacePolicy":"Delete"}},` +
	`"Rules":{"R":{"Assertions":[{"Assert":{"Fn::Contains":[["a"],{"Ref":"P"}]}}]}},"Transform":["AWS::LanguageExtensions"]}`

func parse(t testing.TB, text string) *cfn.Template {
	t.Helper()
	template, err := cfn.Parse([]byte(text))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return template
}

func TestParse(t *testing.T) {
	t.Parallel()
	template := parse(t, wholeTemplate)
	if got := template.Size(); got != len(wholeCanonical) {
		t.Errorf("size %d, want %d", got, len(wholeCanonical))
	}
	if diff := cmp.Diff(wholeCanonical, string(template.JSON())); diff != "" {
		t.Errorf("canonical (-want +got):\n%s", diff)
	}
	if template.Resources["Table"].Properties["N"] != json.Number("1.0") {
		t.Errorf("number: got %v", template.Resources["Table"].Properties["N"])
	}
	again := parse(t, "\ufeff"+string(template.Indent()))
	if diff := cmp.Diff(template, again); diff != "" {
		t.Errorf("indented and read again (-want +got):\n%s", diff)
	}
	if a, b := template.Hash(), again.Hash(); a != b || len(a) != 64 {
		t.Errorf("hashes %s and %s differ", a, b)
	}
}

func TestParseFails(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"empty", " \n", `template:1:1: empty: a JSON object is needed`},
		{"list", "\n []", `template:2:2: a list where an object is needed`},
		{"syntax", "{\n  \"Resources\": {,}\n}", `template:2:17: invalid character ',' looking for beginning of object key string`},
		{"cut off", `{"Resources": {`, `template:1:15: unexpected end of JSON input`},
		{"trailing", "{\"Resources\": {}}\n x", `template:2:2: invalid character 'x' after top-level value`},
		{"no UTF-8", "{\"Description\": \"ab\xff\"}", `template:1:20: not UTF-8`},
		{"duplicate", "{\"Resources\": {\n\"A\": {\"Type\": \"x\"},\n \"A\": 1}}", `template:3:2: key "A" stands twice in one object`},
		{"unknown section", "{\"Resources\": {},\n \"Outptus\": {}}", `template:2:2: Outptus: unknown key "Outptus"`},
		{"unknown resource key", "{\"Resources\": {\"ä\": 1, \"T\": {\n  \"Type\": \"x\", \"Propertis\": {}}}}", `template:1:16: Resources.ä: a number where an object is needed [SP0410] (and 1 more)`},
		{"version", `{"AWSTemplateFormatVersion": "2011"}`, `template:1:2: AWSTemplateFormatVersion: must be "2010-09-09"`},
		{"type", `{"Resources": {"T": {"Type": 3}}}`, `template:1:22: Resources.T.Type: a number where text is needed`},
		{"properties", `{"Resources": {"T": {"Properties": []}}}`, `template:1:22: Resources.T.Properties: a list where an object is needed`},
		{"depends on", `{"Resources": {"T": {"DependsOn": ["A", true]}}}`, `template:1:41: Resources.T.DependsOn.1: a boolean where a logical id is needed`},
		{"depends on null", `{"Resources": {"T": {"DependsOn": null}}}`, `null where a logical id or a list of them is needed`},
		{"for each", `{"Resources": {"T": {}}, "Fn::Transform": {}}`, `template:1:26: Fn::Transform: Fn::Transform is not supported here`},
		{"output", `{"Outputs": {"O": "x"}}`, `template:1:14: Outputs.O: text where an object is needed`},
		{"deep", `{"Metadata": {"a":` + strings.Repeat("[", 120) + strings.Repeat("]", 120) + `}}`, `template:1:118: nested deeper than 100`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := cfn.Parse([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if _, ok := errors.AsType[*diag.Fault](err); !ok {
				t.Errorf("got a %T, want *diag.Fault", err)
			}
		})
	}
}

func TestParseShowsThePlace(t *testing.T) {
	t.Parallel()
	_, err := cfn.Parse([]byte("{\"Resources\": {\n  \"T\": {\"Größe\": 1, \"Propertis\": {}}}}"))
	fault, ok := errors.AsType[*diag.Fault](err)
	if !ok || len(fault.Problems) != 2 {
		t.Fatalf("got %v", err)
	}
	p := fault.Problems[1]
	want := "  \"T\": {\"Größe\": 1, \"Propertis\": {}}}}\n                    ^"
	if got := p.Snippet(); got != want || p.Hint != "did you mean Properties?" {
		t.Errorf("got\n%s\nhint %q, want\n%s", got, p.Hint, want)
	}
}

func TestFromValue(t *testing.T) {
	t.Parallel()
	tree := map[string]any{"Resources": map[string]any{"T": map[string]any{
		"Type": "AWS::SNS::Topic", "Properties": map[string]any{"Tags": []string{"a"}, "N": uint8(3)},
	}}}
	template, err := cfn.FromValue(tree)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(template.JSON()), `{"AWSTemplateFormatVersion":"2010-09-09","Resources":{"T":{"Properties":{"N":3,"Tags":["a"]},"Type":"AWS::SNS::Topic"}}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, bad := range []any{func() {}, "a\xff", json.Number("1x"), json.Number(" 1"), map[string]any{"\xff": 1}, []any{make(chan int)}} {
		if _, err := cfn.FromValue(map[string]any{"Metadata": map[string]any{"a": bad}}); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	if _, err := cfn.ResourceFromValue("T", map[string]any{"Typ": "x"}); err == nil || err.Error() != `Resources.T.Typ: unknown key "Typ" [SP0410]` {
		t.Errorf("resource: got %v", err)
	}
	if o, err := cfn.OutputFromValue("O", map[string]any{"Value": "v"}); err != nil || o.Value != "v" {
		t.Errorf("output: got %v, %v", o, err)
	}
	if _, err := cfn.OutputFromValue("O", []any{}); err == nil || err.Error() != `Outputs.O: a list where an object is needed [SP0410]` {
		t.Errorf("output: got %v", err)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	template := parse(t, wholeTemplate)
	clone := template.Clone()
	clone.Resources["Table"].Properties["N"] = 7
	clone.Resources["Table"].DependsOn[0] = "Other"
	clone.Metadata["a"].([]any)[0] = "x"
	clone.Outputs["O"].Export.(map[string]any)["Name"] = "m"
	if got := string(template.JSON()); got != wholeCanonical {
		t.Errorf("the original has changed: %s", got)
	}
}

// FuzzParse looks for text that makes Parse panic, that it takes although it is
// no JSON, or that changes when it is written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(wholeTemplate))
	f.Add([]byte(`{"Resources":{"A":{"Type":"X","Properties":{"a":{"Ref":"B"},"b":[{"Fn::Sub":"${A.B}${!x}"}]}}}}`))
	f.Add([]byte(`{"Resources":{"A":null},"Outputs":[]}`))
	f.Add([]byte("{\"a\" : \n[1,2,{}],\"a\":1e400}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		template, err := cfn.Parse(data)
		if err != nil {
			fault, ok := errors.AsType[*diag.Fault](err)
			if !ok || fault.Problems[0].Position.Line < 1 || fault.Problems[0].Position.Column < 1 {
				t.Errorf("error without a place: %v", err)
			}
			return
		}
		if !json.Valid(bytes.TrimPrefix(data, []byte("\ufeff"))) {
			t.Fatalf("took what is no JSON: %q", data)
		}
		first := template.JSON()
		if got := template.Size(); got != len(first) {
			t.Errorf("size %d of %d bytes: %s", got, len(first), first)
		}
		again, err := cfn.Parse(first)
		if err != nil {
			t.Fatalf("own output: %v", err)
		}
		if second := again.JSON(); !bytes.Equal(first, second) {
			t.Errorf("got %s, then %s", first, second)
		}
		(&cfn.Document{Template: template}).Check()
		cfn.References(template)
	})
}

// TestSize: the size is that of the JSON, whatever is in the template.
func TestSize(t *testing.T) {
	t.Parallel()
	for name, template := range map[string]*cfn.Template{
		"empty":        {},
		"one resource": {Resources: map[string]*cfn.Resource{"A": {Type: "A::B"}}},
		"some": {
			Description: "<a & b>",
			Resources: map[string]*cfn.Resource{
				"A": {Type: "A::B", Properties: map[string]any{"P": []string{"not", "normal"}}},
				"B": {Type: "A::B", DependsOn: []string{"A"}}, "C": nil,
			},
			Outputs: map[string]*cfn.Output{"O": {Value: 1}},
		},
	} {
		if got, want := template.Size(), len(template.JSON()); got != want {
			t.Errorf("%s: size %d, want %d", name, got, want)
		}
	}
}
