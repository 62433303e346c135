// SPDX-License-Identifier: MIT

package cfn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
)

func written(refs []cfn.Reference) []string {
	var out []string
	for _, r := range refs {
		text := string(r.Kind) + " " + r.ID
		if r.Attribute != "" {
			text += "." + r.Attribute
		}
		out = append(out, text+" at "+strings.Join(r.Path, "/"))
	}
	return out
}

func TestReferences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		value any
		want  []string
	}{
		{"ref", cfn.Ref("A"), []string{"Ref A at Ref"}},
		{"get attribute", cfn.GetAtt("A", "B.C"), []string{"Fn::GetAtt A.B.C at Fn::GetAtt"}},
		{"get attribute as text", map[string]any{"Fn::GetAtt": "A.B.C"}, []string{"Fn::GetAtt A.B.C at Fn::GetAtt"}},
		{"computed attribute", map[string]any{"Fn::GetAtt": []any{"A", cfn.Ref("P")}},
			[]string{"Fn::GetAtt A at Fn::GetAtt", "Ref P at Fn::GetAtt/1/Ref"}},
		{"sub", cfn.Sub("${A}-${A.B.C}-${!A}-${AWS::Region}-${open"),
			[]string{"Ref A at Fn::Sub", "Fn::GetAtt A.B.C at Fn::Sub", "Ref AWS::Region at Fn::Sub"}},
		{"sub with values", cfn.SubWith("${L}${G}${L.x}", map[string]any{"L": cfn.Ref("X"), "L.x": "y"}),
			[]string{"Ref X at Fn::Sub/1/L/Ref", "Ref G at Fn::Sub"}},
		{"if", cfn.If("C", cfn.Ref("A"), cfn.Ref(cfn.NoValue)),
			[]string{"Condition C at Fn::If/0", "Ref A at Fn::If/1/Ref", "Ref AWS::NoValue at Fn::If/2/Ref"}},
		{"map", cfn.FindInMap("M", cfn.Ref("AWS::Region"), "x"),
			[]string{"Fn::FindInMap M at Fn::FindInMap/0", "Ref AWS::Region at Fn::FindInMap/1/Ref"}},
		{"conditions", cfn.And(cfn.Condition("C"), cfn.Not(cfn.Condition("D")), cfn.Equals("a", cfn.Ref("P"))),
			[]string{"Condition C at Fn::And/0/Condition", "Condition D at Fn::And/1/Fn::Not/0/Condition", "Ref P at Fn::And/2/Fn::Equals/1/Ref"}},
		{"a policy's condition is none", map[string]any{"Condition": "C"}, nil},
		{"nested", cfn.Join("", "a", cfn.Select(0, cfn.Split(",", cfn.ImportValue(cfn.Base64(cfn.Ref("A")))))),
			[]string{"Ref A at Fn::Join/1/1/Fn::Select/1/Fn::Split/1/Fn::ImportValue/Fn::Base64/Ref"}},
		{"ref with more keys is an object", map[string]any{"Ref": "A", "x": 1}, nil},
		{"malformed", []any{map[string]any{"Ref": 1}, map[string]any{"Fn::GetAtt": []any{}}, map[string]any{"Fn::Sub": nil}, map[string]any{"Fn::If": nil}}, nil},
		{"resource", &cfn.Resource{Condition: "C", DependsOn: []string{"A", "B"}, Properties: map[string]any{"x": cfn.Ref("D")}},
			[]string{"Condition C at Condition", "DependsOn A at DependsOn/0", "DependsOn B at DependsOn/1", "Ref D at Properties/x/Ref"}},
		{"output", &cfn.Output{Condition: "C", Value: cfn.Ref("A"), Export: map[string]any{"Name": cfn.Sub("${B}")}},
			[]string{"Condition C at Condition", "Ref B at Export/Name/Fn::Sub", "Ref A at Value/Ref"}},
		{"template", parse(t, wholeTemplate), []string{
			"Ref P at Conditions/C/Fn::Equals/1/Ref",
			"Ref P at Rules/R/Assertions/0/Assert/Fn::Contains/1/Ref",
			"Condition C at Resources/Table/Condition", "DependsOn Bucket at Resources/Table/DependsOn/0",
			"Condition C at Outputs/O/Condition", "Ref Table at Outputs/O/Value/Ref",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, written(cfn.References(test.value))); diff != "" {
				t.Errorf("references (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSubNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		format string
		want   []string
		fails  bool
	}{
		{"plain $ {A}", nil, false},
		{"${A}${A}${!B}${C.D_e}", []string{"A", "A", "C.D_e"}, false},
		{"${A", nil, false},
		{"${}", nil, true},
		{"${ A }", nil, true},
		{"${A-b}${C}", []string{"C"}, true},
	}
	for _, test := range tests {
		names, err := cfn.SubNames(test.format)
		if !slices.Equal(names, test.want) || (err != nil) != test.fails {
			t.Errorf("%q: got %q, %v", test.format, names, err)
		}
	}
}

func FuzzSubNames(f *testing.F) {
	f.Add("${A}${!B}${C.D}$${")
	f.Fuzz(func(t *testing.T, format string) {
		names, _ := cfn.SubNames(format)
		for _, name := range names {
			if !strings.Contains(format, "${"+name+"}") {
				t.Errorf("%q: name %q is not in it", format, name)
			}
		}
	})
}

func TestOrder(t *testing.T) {
	t.Parallel()
	template := &cfn.Template{Resources: map[string]*cfn.Resource{
		"Url":      {Properties: map[string]any{"F": cfn.Ref("Function")}},
		"Function": {Properties: map[string]any{"R": cfn.GetAtt("Role", "Arn"), "T": cfn.Sub("${Table}")}, DependsOn: []string{"Logs"}},
		"Role":     {}, "Table": {}, "Logs": {Condition: "Url"},
	}}
	got, err := cfn.Order(template)
	want := [][]string{{"Logs", "Role", "Table"}, {"Function"}, {"Url"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("order: %v (-want +got):\n%s", err, diff)
	}
	template.Resources["Table"].DependsOn = []string{"Url"}
	if _, err := cfn.Order(template); err == nil || err.Error() != "circular dependency: Function -> Table -> Url -> Function" {
		t.Errorf("circle: got %v", err)
	}
}

func BenchmarkCheck500Resources(b *testing.B) {
	d := cfn.Document{}
	for i := range 500 {
		r := &cfn.Resource{Type: "AWS::SNS::Topic", Properties: map[string]any{"Tags": []any{map[string]any{"Key": "k", "Value": "v"}}}}
		if i > 0 {
			r.Properties["Name"] = cfn.Sub(fmt.Sprintf("${R%d}-x", i-1))
		}
		if err := d.Add(fmt.Sprintf("R%d", i), r, cfn.Origin{}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if l := d.Check(); len(l) > 0 {
			b.Fatal(l)
		}
	}
}
