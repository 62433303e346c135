// SPDX-License-Identifier: MIT

package ui_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/ui"
)

// TestResultListsTheStack: resources and changes, a line each, in columns.
func TestResultListsTheStack(t *testing.T) {
	t.Parallel()
	var out tape
	u := ui.New(ui.Options{Stdout: &out.stdout, Stderr: &out.stderr})
	err := u.Result(ui.Result{
		Service: "Shop", Status: "UPDATE_COMPLETE", Outputs: []ui.Output{{Name: "Url", Value: "http://x/"}},
		Resources: []ui.Resource{
			{LogicalID: "Jobs", Type: "AWS::SQS::Queue", PhysicalID: "http://q", Status: "UPDATE_COMPLETE"},
			{LogicalID: "JobsFunction", Type: "AWS::Lambda::Function", Status: "CREATE_FAILED", Reason: "no\x1b role"},
		},
		Changes: []ui.Change{
			{Kind: "remove", LogicalID: "A", Type: "AWS::SQS::Queue", LosesData: true},
			{Kind: "remove", LogicalID: "Bb", Type: "AWS::SQS::Queue", Retained: true},
			{Kind: "modify", LogicalID: "C", Type: "T", Values: []ui.ValueChange{
				{Path: "P", Before: "1", After: "2"}, {Path: "Q", After: strings.Repeat("x", 80)}, {Path: "R", Before: "old", Replaces: true}, {Path: "S"},
			}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `Shop: UPDATE_COMPLETE
  Url  http://x/

  Jobs          AWS::SQS::Queue        http://q
  JobsFunction  AWS::Lambda::Function    CREATE_FAILED no\x1b role
  remove  A   AWS::SQS::Queue  its data is lost
  remove  Bb  AWS::SQS::Queue  it stays in AWS
  modify  C   T
            P: 1 -> 2
            Q: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
            R: no longer old (replaces it)
            S
`
	if diff := cmp.Diff(want, out.stdout.String()); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}
