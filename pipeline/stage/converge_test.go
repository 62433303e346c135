// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

const ordersYAML = `serviceName: orders
resources:
  Queue:
    Type: AWS::SQS::Queue
`

// ours is the template of a stack that Sparta made, other that of one it did not.
const (
	ours  = `{"Resources":{"Queue":{"Type":"AWS::SQS::Queue"}},"Outputs":{"SpartaLive":{"Value":"template:x bucket:b"}}}`
	other = `{"Resources":{"Queue":{"Type":"AWS::SQS::Queue"}}}`
)

// converge returns the stage on a fake.
func converge(t *testing.T, f *fakeCloudFormation, confirm Confirm) *Converge {
	s := service(t, ordersYAML)
	d := document(t, nil)
	d.Origins["Resources/Queue"] = cfn.Origin{By: "resources.Queue", Position: s.Position("resources", "Queue")}
	return &Converge{
		Project: projectOf(s), Session: pipeline.Known(f.session()), Stack: pipeline.Known(f.stack()),
		Template: pipeline.Known(TemplateObject{URL: "https://b.s3.eu-west-1.amazonaws.com/t.json", Document: d}),
		Confirm:  confirm, Token: "run",
	}
}

// TestConvergeStates has a row for every state of stackstate.go: what is called,
// and how it ends.
func TestConvergeStates(t *testing.T) {
	t.Parallel()
	change := []string{"CreateChangeSet", "ExecuteChangeSet"}
	then := func(calls ...string) []string { return append(calls, change...) }
	busy := "another operation is under way"
	tests := []struct {
		status string
		after  map[string][]Event
		queue  []Event // what happens by itself
		calls  []string
		kind   OperationKind
		typ    string // of the change set
		fault  string
	}{
		{status: "", calls: change, kind: Created, typ: "CREATE"},
		{status: "DELETE_COMPLETE", calls: change, kind: Created, typ: "CREATE"},
		{status: "REVIEW_IN_PROGRESS", calls: change, kind: Created, typ: "CREATE"},
		{status: "CREATE_COMPLETE", calls: then("GetTemplate"), kind: Updated, typ: "UPDATE"},
		{status: "UPDATE_COMPLETE", calls: then("GetTemplate"), kind: Updated, typ: "UPDATE"},
		{status: "UPDATE_ROLLBACK_COMPLETE", calls: then("GetTemplate"), kind: Updated, typ: "UPDATE"},
		{status: "IMPORT_COMPLETE", calls: then("GetTemplate"), kind: Updated, typ: "UPDATE"},
		{status: "IMPORT_ROLLBACK_COMPLETE", calls: then("GetTemplate"), kind: Updated, typ: "UPDATE"},
		{
			status: "ROLLBACK_COMPLETE", after: map[string][]Event{"DeleteStack": states("DELETE_IN_PROGRESS", "DELETE_COMPLETE")},
			calls: then("GetTemplate", "DeleteStack"), kind: Created, typ: "CREATE",
		},
		{
			status: "ROLLBACK_FAILED", after: map[string][]Event{"DeleteStack": states("DELETE_IN_PROGRESS", "DELETE_COMPLETE")},
			calls: then("GetTemplate", "DeleteStack"), kind: Created, typ: "CREATE",
		},
		{
			status: "CREATE_FAILED", after: map[string][]Event{"DeleteStack": states("DELETE_IN_PROGRESS", "DELETE_COMPLETE")},
			calls: then("GetTemplate", "DeleteStack"), kind: Created, typ: "CREATE",
		},
		{
			status: "DELETE_FAILED", after: map[string][]Event{"DeleteStack": states("DELETE_IN_PROGRESS", "DELETE_COMPLETE")},
			calls: then("GetTemplate", "DeleteStack"), kind: Created, typ: "CREATE",
		},
		{
			status: "DELETE_FAILED", after: map[string][]Event{"DeleteStack": append(states("DELETE_IN_PROGRESS"),
				Event{LogicalID: "Files", Type: "AWS::S3::Bucket", Status: "DELETE_FAILED", Reason: "The bucket you tried to delete is not empty"},
				Event{Status: "DELETE_FAILED"})},
			calls: []string{"GetTemplate", "DeleteStack"}, fault: "Files (AWS::S3::Bucket) DELETE_FAILED: The bucket you tried to delete is not empty",
		},
		{
			status: "UPDATE_FAILED", after: map[string][]Event{"RollbackStack": states("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")},
			calls: append([]string{"GetTemplate", "RollbackStack"}, then("GetTemplate")...), kind: Updated, typ: "UPDATE",
		},
		{
			status: "UPDATE_ROLLBACK_FAILED",
			after:  map[string][]Event{"ContinueUpdateRollback": states("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")},
			calls:  append([]string{"GetTemplate", "ContinueUpdateRollback"}, then("GetTemplate")...), kind: Updated, typ: "UPDATE",
		},
		{
			status: "UPDATE_ROLLBACK_FAILED",
			after: map[string][]Event{"ContinueUpdateRollback": append(states("UPDATE_ROLLBACK_IN_PROGRESS"),
				Event{LogicalID: "Queue", Type: "AWS::SQS::Queue", Status: "UPDATE_FAILED", Reason: "queue is gone"},
				Event{Status: "UPDATE_ROLLBACK_FAILED"})},
			calls: []string{"GetTemplate", "ContinueUpdateRollback"}, fault: "queue is gone",
		},
		{ // the rollback of a failed update gets stuck, and is continued
			status: "UPDATE_FAILED",
			after: map[string][]Event{
				"RollbackStack":          states("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"),
				"ContinueUpdateRollback": states("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
			},
			calls: append([]string{"GetTemplate", "RollbackStack", "GetTemplate", "ContinueUpdateRollback"}, then("GetTemplate")...), kind: Updated, typ: "UPDATE",
		},
		{status: "CREATE_IN_PROGRESS", fault: busy},
		{status: "UPDATE_IN_PROGRESS", fault: busy},
		{status: "IMPORT_IN_PROGRESS", fault: busy},
		{status: "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", queue: states("UPDATE_COMPLETE"), calls: then("GetTemplate"), kind: Updated, typ: "UPDATE"},
		{
			status: "UPDATE_ROLLBACK_IN_PROGRESS", queue: states("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
			calls: then("GetTemplate"), kind: Updated, typ: "UPDATE",
		},
		{status: "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", queue: states("UPDATE_ROLLBACK_COMPLETE"), calls: then("GetTemplate"), kind: Updated, typ: "UPDATE"},
		{status: "IMPORT_ROLLBACK_IN_PROGRESS", queue: states("IMPORT_ROLLBACK_COMPLETE"), calls: then("GetTemplate"), kind: Updated, typ: "UPDATE"},
		{
			status: "ROLLBACK_IN_PROGRESS", queue: states("ROLLBACK_COMPLETE"),
			after: map[string][]Event{"DeleteStack": states("DELETE_IN_PROGRESS", "DELETE_COMPLETE")},
			calls: then("GetTemplate", "DeleteStack"), kind: Created, typ: "CREATE",
		},
		{status: "DELETE_IN_PROGRESS", queue: states("DELETE_COMPLETE"), calls: change, kind: Created, typ: "CREATE"},
		{status: "IMPORT_ROLLBACK_FAILED", fault: "stack \"orders\" is in IMPORT_ROLLBACK_FAILED, which can't be updated"},
		{status: "SOMETHING_NEW", fault: "SOMETHING_NEW"},
	}
	for i, test := range tests {
		t.Run(fmt.Sprintf("%d-%s", i, test.status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCloudFormation(t, test.status)
				f.template = ours
				c := converge(t, f, refuse)
				f.queue = test.queue
				if test.after != nil {
					f.after = test.after
				}
				operation, err := c.Run(t.Context())
				if diff := cmp.Diff(test.calls, f.called()); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				if test.fault != "" {
					wantError(t, err, test.fault)
					if hintOf(err) == "" {
						t.Errorf("error %q has no hint", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if operation.Kind != test.kind || operation.Stack.ID != fakeStackID {
					t.Errorf("got %s of stack %s, want %s of %s", operation.Kind, operation.Stack.ID, test.kind, fakeStackID)
				}
				if got := f.forms["CreateChangeSet"].Get("ChangeSetType"); got != test.typ {
					t.Errorf("change set: got type %s, want %s", got, test.typ)
				}
			})
		})
	}
}

// TestConvergeChecksOwnership: a stack of that name that Sparta did not make is
// left alone without consent, whatever state it is in.
func TestConvergeChecksOwnership(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			f := newFakeCloudFormation(t, status)
			f.template = other
			_, err := converge(t, f, refuse).Run(t.Context())
			wantError(t, err, `stack "orders" exists and was not made by Sparta`)
			if diff := cmp.Diff([]string{"GetTemplate"}, f.called()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("consent", func(t *testing.T) {
		t.Parallel()
		f := newFakeCloudFormation(t, "CREATE_COMPLETE")
		f.template = other
		if operation, err := converge(t, f, agree).Run(t.Context()); err != nil || operation.Kind != Updated {
			t.Errorf("got %v, %v", operation.Kind, err)
		}
	})
	t.Run("known by its outputs", func(t *testing.T) {
		t.Parallel()
		f := newFakeCloudFormation(t, "CREATE_COMPLETE")
		f.outputs = "<member><OutputKey>SpartaLive</OutputKey><OutputValue>template:old bucket:b</OutputValue></member>"
		if _, err := converge(t, f, refuse).Run(t.Context()); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"CreateChangeSet", "ExecuteChangeSet"}, f.called()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

// TestConvergeChangeSets: what becomes of change sets that are not executed.
func TestConvergeChangeSets(t *testing.T) {
	t.Parallel()
	remove := "<member><Type>Resource</Type><ResourceChange><Action>Remove</Action><LogicalResourceId>Table</LogicalResourceId>" +
		"<PhysicalResourceId>orders-Table-1</PhysicalResourceId><ResourceType>AWS::DynamoDB::Table</ResourceType></ResourceChange></member>"
	replace := strings.NewReplacer("Remove", "Modify", "<ResourceType>", "<Replacement>True</Replacement><ResourceType>").Replace(remove)
	tests := []struct {
		name    string
		status  string
		set     [2]string
		changes string
		faults  map[string][]fault
		found   string // of early validation
		calls   []string
		kind    OperationKind
		says    []string
		hint    string
		kept    bool
	}{
		{
			name: "no changes", status: "CREATE_COMPLETE", kind: Unchanged,
			set:   [2]string{"FAILED", "The submitted information didn't contain changes. Submit different information to create a change set."},
			calls: []string{"CreateChangeSet", "DeleteChangeSet"},
		},
		{
			name: "no changes with a transform", status: "CREATE_COMPLETE", kind: Unchanged,
			set: [2]string{"FAILED", "No updates are to be performed."}, calls: []string{"CreateChangeSet", "DeleteChangeSet"},
		},
		{
			name: "refused update", status: "CREATE_COMPLETE", set: [2]string{"FAILED", "Template format error"},
			calls: []string{"CreateChangeSet", "DeleteChangeSet"}, says: []string{"CloudFormation refused the change set: Template format error"},
		},
		{
			name: "refused for a resource", status: "CREATE_COMPLETE",
			set:   [2]string{"FAILED", "the embedded AWS does not model resource type AWS::SQS::Queue (resource Queue)"},
			calls: []string{"CreateChangeSet", "DeleteChangeSet"}, says: []string{"sparta.yaml:3:3", "resources.Queue", "does not model"},
			hint: "leave the resource out with --local",
		},
		{
			name: "refused for a type", status: "CREATE_COMPLETE",
			set:   [2]string{"FAILED", "Template format error: Unrecognized resource types: [AWS::SQS::Queue]"},
			calls: []string{"CreateChangeSet", "DeleteChangeSet"}, says: []string{"sparta.yaml:3:3", "resources.Queue", "Unrecognized resource types"},
		},
		{
			name: "refused for what is not in the template", status: "CREATE_COMPLETE",
			set:   [2]string{"FAILED", "Template format error: Unrecognized resource types: [AWS::No::Such] (resource Nobody)"},
			calls: []string{"CreateChangeSet", "DeleteChangeSet"}, says: []string{"CloudFormation refused the change set"},
		},
		{
			name: "refused creation", set: [2]string{"FAILED", "Template format error"},
			calls: []string{"CreateChangeSet", "DeleteChangeSet", "DeleteStack"}, says: []string{"Template format error"},
		},
		{
			name: "early validation", set: [2]string{"FAILED", "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]."},
			found: "<member><EventType>VALIDATION_ERROR</EventType><LogicalResourceId>Queue</LogicalResourceId><ResourceType>AWS::SQS::Queue</ResourceType>" +
				"<ValidationStatusReason>DelaySeconds: 9999 is above 900</ValidationStatusReason></member>",
			calls: []string{"CreateChangeSet", "DescribeEvents", "DeleteChangeSet", "DeleteStack"},
			says:  []string{"sparta.yaml:3:3", "resources.Queue", "DelaySeconds: 9999 is above 900"},
		},
		{
			name: "early validation without permission", status: "CREATE_COMPLETE",
			set:    [2]string{"FAILED", "The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]."},
			faults: map[string][]fault{"DescribeEvents": {{http.StatusForbidden, "AccessDenied", "not you"}}},
			calls:  []string{"CreateChangeSet", "DescribeEvents", "DeleteChangeSet"}, says: []string{"ResourceExistenceCheck"},
			hint: "cloudformation:DescribeEvents",
		},
		{
			name: "deletion without consent", status: "CREATE_COMPLETE", changes: remove,
			calls: []string{"CreateChangeSet", "DeleteChangeSet"},
			says:  []string{"delete Table (AWS::DynamoDB::Table, orders-Table-1)"}, hint: "nothing was changed; add --yes",
		},
		{
			name: "replacement without consent", status: "CREATE_COMPLETE", changes: replace,
			calls: []string{"CreateChangeSet", "DeleteChangeSet"}, says: []string{"replace Table (AWS::DynamoDB::Table, orders-Table-1)"}, hint: "--yes",
		},
		{
			name: "deletion that retains", status: "CREATE_COMPLETE", kind: Updated,
			changes: strings.Replace(remove, "<LogicalResourceId>", "<PolicyAction>Retain</PolicyAction><LogicalResourceId>", 1),
			calls:   []string{"CreateChangeSet", "ExecuteChangeSet"},
		},
		{
			name: "deletion of what holds no data", status: "CREATE_COMPLETE", kind: Updated,
			changes: strings.Replace(remove, "AWS::DynamoDB::Table", "AWS::SNS::Topic", 1), calls: []string{"CreateChangeSet", "ExecuteChangeSet"},
		},
		{
			name: "deletion of the site's copies", status: "CREATE_COMPLETE", kind: Updated,
			changes: strings.NewReplacer("AWS::DynamoDB::Table", "AWS::S3::Bucket", ">Table<", ">SiteBucket<").Replace(remove),
			calls:   []string{"CreateChangeSet", "ExecuteChangeSet"},
		},
		{
			name: "creation not permitted", faults: map[string][]fault{"CreateChangeSet": {{http.StatusForbidden, "AccessDenied", "not you"}}},
			calls: []string{"CreateChangeSet"}, says: []string{`create change set for stack "orders": AccessDenied: not you`},
		},
		{
			name: "execution refused", faults: map[string][]fault{"ExecuteChangeSet": {{http.StatusForbidden, "AccessDenied", "not you"}}},
			calls: []string{"CreateChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "DeleteStack"}, says: []string{"execute change set: AccessDenied: not you"},
		},
		{
			name: "execution not answered", faults: map[string][]fault{"ExecuteChangeSet": {{http.StatusInternalServerError, "InternalFailure", "oops"}}},
			calls: []string{"CreateChangeSet", "ExecuteChangeSet"}, says: []string{"execute change set: InternalFailure"}, kept: true,
		},
		{
			name: "description refused", status: "CREATE_COMPLETE",
			faults: map[string][]fault{"DescribeChangeSet": {{http.StatusForbidden, "AccessDenied", "not you"}}},
			calls:  []string{"CreateChangeSet", "DeleteChangeSet"}, says: []string{"describe change set: AccessDenied: not you"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFakeCloudFormation(t, test.status)
			f.outputs = "<member><OutputKey>SpartaLive</OutputKey><OutputValue>template:old bucket:b</OutputValue></member>"
			f.set, f.changes, f.findings = test.set, test.changes, test.found
			if test.faults != nil {
				f.faults = test.faults
			}
			operation, err := converge(t, f, refuse).Run(t.Context())
			if diff := cmp.Diff(test.calls, f.called()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if pipeline.Kept(err) != test.kept {
				t.Errorf("uploads are kept: got %v, want %v", !test.kept, test.kept)
			}
			if len(test.says) == 0 {
				if err != nil || operation.Kind != test.kind {
					t.Errorf("got %q, %v, want %q", operation.Kind, err, test.kind)
				}
				return
			}
			wantError(t, err, test.says...)
			if !strings.Contains(hintOf(err), test.hint) {
				t.Errorf("hint %q does not say %q", hintOf(err), test.hint)
			}
		})
	}
}

// TestConvergeEarlyValidationHasAPlace: a finding is shown with its line.
func TestConvergeEarlyValidationHasAPlace(t *testing.T) {
	t.Parallel()
	f := newFakeCloudFormation(t, "")
	f.set = [2]string{"FAILED", "[AWS::EarlyValidation::PropertyValidation]"}
	f.findings = "<member><EventType>VALIDATION_ERROR</EventType><LogicalResourceId>Queue</LogicalResourceId></member>"
	_, err := converge(t, f, refuse).Run(t.Context())
	found, ok := errors.AsType[*diag.Fault](err)
	if !ok || len(found.Problems) != 1 || found.Problems[0].Position.Line != 3 || found.Problems[0].Source != "  Queue:" {
		t.Errorf("got %#v", err)
	}
}

// TestConvergeCurrent: a template that the stack runs already costs no call.
func TestConvergeCurrent(t *testing.T) {
	t.Parallel()
	f := newFakeCloudFormation(t, "CREATE_COMPLETE")
	c := converge(t, f, refuse)
	c.Template = pipeline.Known(TemplateObject{Current: true})
	operation, err := c.Run(t.Context())
	if err != nil || operation.Kind != Unchanged || len(f.called()) != 0 {
		t.Errorf("got %v, %v, calls %v", operation.Kind, err, f.called())
	}
	if err := c.Undo(t.Context(), operation); err != nil {
		t.Errorf("undo: %v", err)
	}
}

// TestConvergeInterrupted: Ctrl-C while the change set is being made, or just
// before it is executed, leaves neither the change set nor the empty stack.
func TestConvergeInterrupted(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	for _, action := range []string{"DescribeChangeSet", "DescribeStackEvents"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			f := newFakeCloudFormation(t, "")
			c := converge(t, f, refuse)
			f.hook = func(a string) {
				if a == action {
					cancel(interrupted)
				}
			}
			_, err := c.Run(ctx)
			if !errors.Is(err, interrupted) || pipeline.Kept(err) {
				t.Errorf("got %v, kept %v", err, pipeline.Kept(err))
			}
			if diff := cmp.Diff([]string{"CreateChangeSet", "DeleteChangeSet", "DeleteStack"}, f.called()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// TestConvergeUndo: once the operation is under way, uploads stay.
func TestConvergeUndo(t *testing.T) {
	t.Parallel()
	err := (&Converge{}).Undo(t.Context(), Operation{Kind: Updated, Stack: Stack{Name: fakeName}})
	if !pipeline.Kept(err) || !errors.Is(err, ErrDetached) {
		t.Errorf("got %v, kept %v", err, pipeline.Kept(err))
	}
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		template cfn.Template
		want     string
	}{
		{"none", cfn.Template{}, "[]"},
		{"a role", cfn.Template{Resources: map[string]*cfn.Resource{"R": {Type: "AWS::IAM::Role"}}}, "[CAPABILITY_IAM]"},
		{
			"a named role",
			cfn.Template{Resources: map[string]*cfn.Resource{"R": {Type: "AWS::IAM::Role", Properties: map[string]any{"RoleName": "r"}}}},
			"[CAPABILITY_IAM CAPABILITY_NAMED_IAM]",
		},
		{"a macro", cfn.Template{Transform: "AWS::LanguageExtensions"}, "[CAPABILITY_AUTO_EXPAND]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := fmt.Sprint(capabilities(&test.template)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
