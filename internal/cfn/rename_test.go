// SPDX-License-Identifier: MIT

package cfn_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
)

func TestRename(t *testing.T) {
	t.Parallel()
	before := `{"Resources":{
"A":{"Type":"T::T::T","Properties":{"Name":"A","Text":"${A}"}},
"B":{"Type":"T::T::T","DependsOn":["A","C"],"Properties":{
"Ref":{"Ref":"A"},"Att":{"Fn::GetAtt":["A","Arn"]},"Dotted":{"Fn::GetAtt":"A.Arn"},"Other":{"Ref":"AA"},
"Sub":{"Fn::Sub":"${A} ${A.Arn} ${AA} ${!A} A"},
"Local":{"Fn::Sub":["${A} ${X}",{"A":"x","X":{"Ref":"A"}}]},
"With":{"Fn::Sub":["${A} ${X}",{"X":{"Ref":"A"}}]},
"Deep":[{"Fn::If":["A",{"Ref":"A"},"A"]}]}},
"C":{"Type":"T::T::T"}},
"Outputs":{"A":{"Value":{"Ref":"A"}}}}`
	want := `{"Resources":{
"A1":{"Type":"T::T::T","Properties":{"Name":"A","Text":"${A}"}},
"B":{"Type":"T::T::T","DependsOn":["A1","C"],"Properties":{
"Ref":{"Ref":"A1"},"Att":{"Fn::GetAtt":["A1","Arn"]},"Dotted":{"Fn::GetAtt":"A1.Arn"},"Other":{"Ref":"AA"},
"Sub":{"Fn::Sub":"${A1} ${A1.Arn} ${AA} ${!A} A"},
"Local":{"Fn::Sub":["${A} ${X}",{"A":"x","X":{"Ref":"A1"}}]},
"With":{"Fn::Sub":["${A1} ${X}",{"X":{"Ref":"A1"}}]},
"Deep":[{"Fn::If":["A",{"Ref":"A1"},"A"]}]}},
"C":{"Type":"T::T::T"}},
"Outputs":{"A":{"Value":{"Ref":"A1"}}}}`
	template, wanted := mustTemplate(t, before), mustTemplate(t, want)
	origin := cfn.Origin{By: "functions.a"}
	d := cfn.Document{Template: template, Origins: map[string]cfn.Origin{"Resources/A": origin}}
	got, err := d.Rename("A", "A1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(wanted.Indent()), string(got.Template.Indent())); diff != "" {
		t.Errorf("template (-want +got):\n%s", diff)
	}
	if o, _ := got.Origin("A1"); o != origin {
		t.Errorf("origin of A1 is %v, want %v", o, origin)
	}
	if template.Resources["A"] == nil {
		t.Error("the document itself has changed")
	}
	_, err = d.Rename("A", "C")
	if _, clash := errors.AsType[*cfn.ClashError](err); !clash {
		t.Errorf("a name that is taken: got %v", err)
	}
	if same, err := d.Rename("Missing", "X"); err != nil || same.Template != template {
		t.Errorf("a resource that is not there: got %v", err)
	}
}

func mustTemplate(t *testing.T, text string) *cfn.Template {
	t.Helper()
	template, err := cfn.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return template
}
