// SPDX-License-Identifier: MIT

package cfn_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	tree := func(id string) any {
		return map[string]any{
			"A": []any{cfn.Ref(id), "Old", cfn.Join(",", cfn.Ref(id))}, "B": map[string]any{"Ref": "Old", "Other": "x"}, "C": 1.5,
		}
	}
	before := tree("Old")
	got := cfn.Rewrite(before, func(name string, argument any) (any, bool) {
		return cfn.Ref("New"), name == "Ref" && argument == "Old"
	})
	if diff := cmp.Diff(tree("New"), got); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(tree("Old"), before); diff != "" {
		t.Errorf("the tree itself has changed:\n%s", diff)
	}
}
