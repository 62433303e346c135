// SPDX-License-Identifier: MIT

package stage

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
)

func preview(t *testing.T, s Session, stack Stack, d cfn.Document, b Bucket) *Preview {
	return &Preview{
		Project: projectOf(service(t, ordersYAML)), Session: pipeline.Known(s), Stack: pipeline.Known(stack), Document: pipeline.Known(d), Pace: fast, Token: "run",
		Artifacts: pipeline.Known(Artifacts{Bucket: b, Code: Code{App: map[string]Object{"arm64": {Key: "orders/aa.zip"}}}}),
	}
}

// TestPreview asks the embedded CloudFormation what a template would change, and
// leaves nothing behind: no change set, and no template that was too large for a
// request.
func TestPreview(t *testing.T) {
	t.Parallel()
	b := artifactBucket(t, nil)
	client, name := b.session.Clients.CloudFormation, "orders"
	before := document(t, nil).Template.JSON()
	_, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: new(string(before))})
	must(t, err)
	stack, err := (&follower{client: client, name: name, id: name, pace: fast, moving: true}).follow(t.Context())
	must(t, err)
	queue := func(properties map[string]any) cfn.Document {
		return document(t, func(t *cfn.Template) { t.Resources["Queue"].Properties = properties })
	}
	large := queue(map[string]any{"VisibilityTimeout": 60})
	large.Template.Metadata = map[string]any{"Note": strings.Repeat("x", maxInline)}
	for _, test := range []struct {
		name     string
		document cfn.Document
		want     []Change
	}{
		{"nothing", document(t, nil), nil},
		{"a value", queue(map[string]any{"VisibilityTimeout": 60}), []Change{{
			Kind: ChangeModify, LogicalID: "Queue", Type: "AWS::SQS::Queue", Values: []ValueChange{{Path: "Properties.VisibilityTimeout", After: "60"}},
		}}},
		{"a replacement", queue(map[string]any{"QueueName": "q"}), []Change{{
			Kind: ChangeReplace, LogicalID: "Queue", Type: "AWS::SQS::Queue", LosesData: true,
			Values: []ValueChange{{Path: "Properties.QueueName", After: "q", Replaces: true}},
		}}},
		{"a large template", large, []Change{{
			Kind: ChangeModify, LogicalID: "Queue", Type: "AWS::SQS::Queue", Values: []ValueChange{{Path: "Properties.VisibilityTimeout", After: "60"}},
		}}},
	} {
		got, err := preview(t, b.session, stack, test.document, b).Run(t.Context())
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		for i := range got {
			if got[i].PhysicalID == "" {
				t.Errorf("%s: %s has no physical id", test.name, got[i].LogicalID)
			}
			got[i].PhysicalID = ""
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		sets, err := client.ListChangeSets(t.Context(), &cloudformation.ListChangeSetsInput{StackName: &name})
		if keys := keysIn(t, b); err != nil || len(sets.Summaries) > 0 || len(keys) > 0 {
			t.Errorf("%s: stays behind: %v, %v, %v", test.name, sets.Summaries, keys, err)
		}
	}
}

// TestPreviewStates: where no change set can be made, it is told what would be,
// or why that can't be told.
func TestPreviewStates(t *testing.T) {
	t.Parallel()
	added := []Change{{Kind: ChangeAdd, LogicalID: "Queue", Type: "AWS::SQS::Queue"}}
	for _, test := range []struct {
		status string
		want   []Change
		says   string
	}{
		{"", added, ""},
		{"DELETE_COMPLETE", added, ""},
		{"ROLLBACK_COMPLETE", added, ""},
		{"UPDATE_IN_PROGRESS", nil, "is in UPDATE_IN_PROGRESS: what would change can't be told"},
		{"UPDATE_ROLLBACK_FAILED", nil, "is in UPDATE_ROLLBACK_FAILED: what would change can't be told"},
	} {
		f := newFakeCloudFormation(t, test.status)
		got, err := preview(t, f.session(), f.stack(), document(t, nil), Bucket{Name: "b", session: f.session()}).Run(t.Context())
		if test.says != "" {
			wantError(t, err, test.says)
		} else if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", test.status, err, diff)
		}
		if calls := f.called(); len(calls) > 0 {
			t.Errorf("%s: %v was called", test.status, calls)
		}
	}
}
