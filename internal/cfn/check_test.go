// SPDX-License-Identifier: MIT

package cfn_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
)

func TestCheckValid(t *testing.T) {
	t.Parallel()
	text := strings.Replace(wholeTemplate, `"Transform": ["AWS::LanguageExtensions"],`, "", 1)
	if l := (&cfn.Document{Template: parse(t, text)}).Check(); len(l) > 0 {
		t.Errorf("got %v", l)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const bucket = `"B": {"Type": "AWS::S3::Bucket"}`
	tests := []struct {
		name, text string
		want       []string
	}{
		{"no resources", `{}`, []string{`Resources: a template needs at least one resource`}},
		{"logical id", `{"Resources": {"my-table": {"Type": "AWS::S3::Bucket"}}}`,
			[]string{`Resources.my-table: logical id "my-table": only 1 to 255 letters and digits are allowed`}},
		{"no type", `{"Resources": {"T": {}}}`, []string{`Resources.T.Type: missing; hint: such as AWS::S3::Bucket`}},
		{"type", `{"Resources": {"T": {"Type": "S3::Bucket"}}}`, []string{`Resources.T.Type: "S3::Bucket" is no resource type; hint: such as AWS::S3::Bucket`}},
		{"custom type", `{"Resources": {"T": {"Type": "Custom::My-Seed_1@x"}, "U": {"Type": "Custom::a b"}}}`,
			[]string{`Resources.U.Type: "Custom::a b": a custom type has at most 60 letters, digits and _@-`}},
		{"policy", `{"Resources": {"T": {"Type": "A::B::C", "DeletionPolicy": "Retian"}}}`,
			[]string{`Resources.T.DeletionPolicy: "Retian" is none of Delete, Retain, RetainExceptOnCreate, Snapshot; hint: did you mean Retain?`}},
		{"references", `{"Resources": {` + bucket + `, "Table": {"Type": "A::B::C", "DependsOn": ["Bb", "Nothing"], "Condition": "Prod",
			"Properties": {"a": {"Ref": "Tabel"}, "b": {"Fn::GetAtt": ["Tabel", "Arn"]}, "c": {"Fn::Sub": "${Nope.Arn}${AWS::Regoin}"}, "d": {"Fn::FindInMap": ["M", "a", "b"]}}}}}`,
			[]string{
				`Resources.Table.Condition: condition "Prod": not in the template`,
				`Resources.Table.DependsOn.0: resource "Bb": not in the template; hint: did you mean B?`,
				`Resources.Table.DependsOn.1: resource "Nothing": not in the template`,
				`Resources.Table.Properties.a.Ref: resource or parameter "Tabel": not in the template; hint: did you mean Table?`,
				`Resources.Table.Properties.b.Fn::GetAtt: resource "Tabel": not in the template; hint: did you mean Table?`,
				`Resources.Table.Properties.c.Fn::Sub: resource "Nope": not in the template`,
				`Resources.Table.Properties.c.Fn::Sub: pseudo parameter "AWS::Regoin": not in the template; hint: did you mean AWS::Region?`,
				`Resources.Table.Properties.d.Fn::FindInMap.0: mapping "M": not in the template`,
			}},
		{"references with a macro", `{"Transform": "Macro", "Resources": {"T": {"Type": "A::B::C", "DependsOn": "X"}}}`, nil},
		{"pseudo parameters", `{"Resources": {"T": {"Type": "A::B::C", "Properties": {"a": {"Fn::Sub": "${AWS::AccountId}${AWS::Partition}"}, "b": {"Ref": "AWS::NoValue"}}}}}`, nil},
		{"attribute of a parameter", `{"Parameters": {"P": {}}, "Resources": {` + bucket + `}, "Outputs": {"O": {"Value": {"Fn::GetAtt": ["P", "x"]}}}}`,
			[]string{`Outputs.O.Value.Fn::GetAtt: parameter "P" has no attributes; hint: use Ref`}},
		{"malformed intrinsics", `{"Resources": {"T": {"Type": "A::B::C", "Properties": {"a": {"Ref": 1}, "b": {"Fn::GetAtt": "x"}, "c": {"Fn::Sub": "${a b}"}, "d": {"Fn::Sub": ["x"]}}}}}`,
			[]string{
				`Resources.T.Properties.a.Ref: needs a name, not a number`,
				`Resources.T.Properties.b.Fn::GetAtt: needs a logical id and an attribute; hint: such as ["Table", "Arn"]`,
				`Resources.T.Properties.c.Fn::Sub: ${a b}: a name is made of letters, digits, underscores, periods and colons`,
				`Resources.T.Properties.d.Fn::Sub: needs a text, or a text and an object`,
			}},
		{"circle", `{"Resources": {"C": {"Type": "A::B::C", "DependsOn": "A"}, "A": {"Type": "A::B::C", "Properties": {"x": {"Ref": "B"}}},
			"B": {"Type": "A::B::C", "Properties": {"x": {"Fn::Sub": "${C.Arn}"}}}, "D": {"Type": "A::B::C", "DependsOn": "A"},
			"X": {"Type": "A::B::C", "DependsOn": "Y"}, "Y": {"Type": "A::B::C", "DependsOn": "X"}}}`,
			[]string{`Resources.A: circular dependency: A -> B -> C -> A`, `Resources.X: circular dependency: X -> Y -> X`}},
		{"itself", `{"Resources": {"A": {"Type": "A::B::C", "DependsOn": "A"}, "B": {"Type": "A::B::C", "Properties": {"x": {"Ref": "B"}}}}}`,
			[]string{`Resources.A.DependsOn.0: A depends on itself`, `Resources.B: circular dependency: B -> B`}},
		{"circular conditions", `{"Conditions": {"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}}, "Resources": {` + bucket + `}}`,
			[]string{`Conditions.A: circular condition: A -> B -> A`}},
		{"output", `{"Resources": {` + bucket + `}, "Outputs": {"O": {}, "P_1": {"Value": 1, "Export": {"Nmae": 1}}}}`,
			[]string{`Outputs.O: an output needs a Value`,
				`Outputs.P_1: logical id "P_1": only 1 to 255 letters and digits are allowed`,
				`Outputs.P_1.Export: must be an object with the single key "Name"`}},
		{"null", `{"Resources": {"T": {"Type": "A::B::C", "Properties": {"a": [1, null]}}}}`,
			[]string{`Resources.T.Properties.a.1: null is not allowed; hint: remove the key, or use Ref AWS::NoValue`}},
		{"parameter of a resource's name", `{"Parameters": {"B": {}}, "Resources": {` + bucket + `}}`, []string{`Parameters.B: "B" names a resource, too`}},
		{"long description", `{"Description": "` + strings.Repeat("ü", 513) + `", "Resources": {` + bucket + `}}`,
			[]string{`Description: 1026 bytes where CloudFormation takes 1024`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range (&cfn.Document{Template: parse(t, test.text)}).Check() {
				text := strings.TrimSuffix(p.String(), " [SP0409]")
				if p.Hint != "" {
					text += "; hint: " + p.Hint
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckQuotas(t *testing.T) {
	t.Parallel()
	d := cfn.Document{}
	for i := range 501 {
		if err := d.Add(fmt.Sprintf("R%d", i), &cfn.Resource{Type: "AWS::SNS::Topic"}, cfn.Origin{}); err != nil {
			t.Fatal(err)
		}
		if i > 200 {
			continue
		}
		if err := d.AddOutput(fmt.Sprintf("O%d", i), &cfn.Output{Value: i}, cfn.Origin{}); err != nil {
			t.Fatal(err)
		}
	}
	d.Template.Metadata = map[string]any{"big": strings.Repeat("x", 1_000_000)}
	var got []string
	for _, p := range d.Check() {
		got = append(got, strings.TrimSuffix(p.String(), " [SP0409]"))
	}
	if len(got) != 3 || got[0] != "Resources: 501 entries where CloudFormation takes 500" ||
		got[1] != "Outputs: 201 entries where CloudFormation takes 200" || !strings.HasSuffix(got[2], "bytes where CloudFormation takes 1000000") {
		t.Errorf("got %q", got)
	}
}

func yamlOrigin(by string, line int) cfn.Origin {
	return cfn.Origin{By: by, Position: diag.Position{File: "sparta.yaml", Line: line, Column: 3}}
}

func TestCheckNamesTheOrigin(t *testing.T) {
	t.Parallel()
	d := cfn.Document{}
	bad := func() *cfn.Resource {
		return &cfn.Resource{Type: "A::B::C", Properties: map[string]any{"x": cfn.Ref("Y")}}
	}
	if err := errors.Join(d.Add("T", bad(), yamlOrigin("resources.T", 40)), d.Add("U", bad(), cfn.Origin{By: `decorator "tables"`})); err != nil {
		t.Fatal(err)
	}
	l := d.Check()
	if len(l) != 2 || l[0].String() != `sparta.yaml:40:3: Resources.T.Properties.x.Ref: resource or parameter "Y": not in the template [SP0409]` ||
		l[1].String() != `Resources.U.Properties.x.Ref: resource or parameter "Y": not in the template (written by decorator "tables") [SP0409]` {
		t.Errorf("got %v", l)
	}
}

func TestAddClash(t *testing.T) {
	t.Parallel()
	d := cfn.Document{}
	first, second := yamlOrigin("resources.Table", 40), cfn.Origin{By: `decorator "tables"`}
	if err := errors.Join(d.Add("Table", &cfn.Resource{}, first), d.AddOutput("Url", &cfn.Output{}, first)); err != nil {
		t.Fatal(err)
	}
	err := d.Add("Table", &cfn.Resource{}, second)
	if want := `resource "Table" is made by both resources.Table (sparta.yaml:40:3) and decorator "tables"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	clash, ok := errors.AsType[*cfn.ClashError](err)
	if !ok || clash.First != first || clash.Second != second || clash.Hint() == "" {
		t.Errorf("got %#v", clash)
	}
	err = d.AddOutput("Url", &cfn.Output{}, second)
	if want := `output "Url" is made by both resources.Table (sparta.yaml:40:3) and decorator "tables"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if o, ok := d.Origin("Table"); !ok || o != first {
		t.Errorf("origin: got %v", o)
	}
	if _, ok := d.Origin("Nothing"); ok {
		t.Error("origin of nothing")
	}
	if d.Add("N", nil, first) == nil || d.Add("N", &cfn.Resource{Metadata: map[string]any{"a": func() {}}}, first) == nil || d.AddOutput("N", nil, first) == nil {
		t.Error("what is no resource was taken")
	}
}
