// SPDX-License-Identifier: MIT

package cfn_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
)

func TestRename(t *testing.T) {
	t.Parallel()
	all := func(id string) []any {
		return []any{
			cfn.Ref(id), cfn.GetAtt(id, "Arn"), map[string]any{"Fn::GetAtt": id + ".Arn"}, cfn.Sub("a ${" + id + "} ${" + id + ".Arn} ${Others} ${!" + "Old}"),
			cfn.SubWith("${"+id+"} ${X}", map[string]any{"X": cfn.Ref(id)}), cfn.Join("", cfn.Ref(id), "Old"),
			map[string]any{"Old": "Old", "Ref": "Old"},
		}
	}
	untouched := cfn.SubWith("${Old}", map[string]any{"Old": "own"})
	document := func(id string) cfn.Document {
		var d cfn.Document
		for name, r := range map[string]*cfn.Resource{
			id:      {Type: "AWS::SNS::Topic"},
			"Other": {Type: "AWS::SNS::Topic", DependsOn: []string{"Third", id}, Properties: map[string]any{"P": all(id), "Own": untouched}, Metadata: map[string]any{"M": cfn.Ref(id)}},
		} {
			if err := d.Add(name, r, cfn.Origin{By: "r"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.AddOutput("O", &cfn.Output{Value: cfn.Ref(id), Export: map[string]any{"Name": cfn.Sub("${" + id + "}")}}, cfn.Origin{By: "o"}); err != nil {
			t.Fatal(err)
		}
		return d
	}
	got, want := document("Old"), document("New")
	got.Rename("Missing", "X")
	got.Rename("Old", "New")
	if diff := cmp.Diff(want.Template, got.Template); diff != "" {
		t.Errorf("template (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Origins, got.Origins); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
}
