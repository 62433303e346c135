// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

const nothingChanges = "The submitted information didn't contain changes. Submit different information to create a change set."

func setOf(name, template string) *sdk.CreateChangeSetInput {
	return &sdk.CreateChangeSetInput{StackName: aws.String("app"), ChangeSetName: &name, TemplateBody: &template}
}

func TestChangeSetCreatesAndUpdates(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		in := setOf("first", templateOf("A", thing(`"Name":"1"`), "B", thing(`"Of":{"Ref":"A"}`)))
		in.ChangeSetType = types.ChangeSetTypeCreate
		c := w.changeSet(in)
		if c.Status != types.ChangeSetStatusCreateComplete || c.ExecutionStatus != types.ExecutionStatusAvailable || len(c.Changes) != 2 {
			t.Fatalf("got %s %s, %d changes", c.Status, c.ExecutionStatus, len(c.Changes))
		}
		if st := w.stack("app"); st.StackStatus != types.StackStatusReviewInProgress {
			t.Errorf("status %s", st.StackStatus)
		}
		b := c.Changes[1].ResourceChange
		if got, want := aws.ToString(b.AfterContext), `{"Properties":{"Of":"{{changeSet:KNOWN_AFTER_APPLY}}"}}`; got != want {
			t.Errorf("after: got %s, want %s", got, want)
		}
		execute := &sdk.ExecuteChangeSetInput{ChangeSetName: c.ChangeSetId, ClientRequestToken: aws.String("t1")}
		if _, err := w.client.ExecuteChangeSet(t.Context(), execute); err != nil {
			t.Fatal(err)
		}
		if _, err := w.client.ExecuteChangeSet(t.Context(), execute); err != nil {
			t.Errorf("the same token again: %v", err)
		}
		st := w.settled("app")
		if st.StackStatus != types.StackStatusCreateComplete || aws.ToString(st.ChangeSetId) != *c.ChangeSetId {
			t.Errorf("got %s, %s", st.StackStatus, aws.ToString(st.ChangeSetId))
		}
		if diff := cmp.Diff([]string{"app REVIEW_IN_PROGRESS User Initiated", "app CREATE_IN_PROGRESS User Initiated"}, w.history("app")[:2]); diff != "" {
			t.Error(diff)
		}
		done, err := w.client.DescribeChangeSet(t.Context(), &sdk.DescribeChangeSetInput{ChangeSetName: c.ChangeSetId})
		if err != nil || done.ExecutionStatus != types.ExecutionStatusExecuteComplete {
			t.Errorf("after the execution: %v %v", done, err)
		}

		same := setOf("second", *in.TemplateBody)
		if c := w.changeSet(same); c.Status != types.ChangeSetStatusFailed || aws.ToString(c.StatusReason) != nothingChanges || c.ExecutionStatus != types.ExecutionStatusUnavailable {
			t.Errorf("no changes: got %s %q", c.Status, aws.ToString(c.StatusReason))
		}
		if _, err := w.client.DeleteChangeSet(t.Context(), &sdk.DeleteChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("second")}); err != nil {
			t.Error(err)
		}
		_, err = w.client.DescribeChangeSet(t.Context(), &sdk.DescribeChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("second")})
		if got, want := failure(t, err), "ChangeSetNotFound: ChangeSet [second] does not exist"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if _, err := w.client.DeleteChangeSet(t.Context(), &sdk.DeleteChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("second")}); err != nil {
			t.Errorf("delete again: %v", err)
		}
		if c := w.changeSet(setOf("first", templateOf("A", thing(`"Name":"1"`)))); c.Status != types.ChangeSetStatusCreateComplete {
			t.Errorf("the name of an executed change set: %s", aws.ToString(c.StatusReason))
		}
	})
}

// TestChangeSetDetails: what a change set says about each kind of change.
func TestChangeSetDetails(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		template := `{"Parameters":{"Size":{"Type":"Number","Default":"1"},"Secret":{"Type":"String","NoEcho":true,"Default":"hush"}},"Resources":{` +
			`"Named":` + thing(`"Name":"%s"`) + `,"User":` + thing(`"Of":{"Ref":"Named"},"Arn":{"Fn::GetAtt":["Named","Arn"]}`) + `,` +
			`"Sized":` + thing(`"Size":{"Ref":"Size"},"Password":{"Ref":"Secret"}`) + `,"NamedAfter":` + thing(`"Name":{"Ref":"Named"}`) + `,"Same":` + thing(``) + `%s}}`
		first, second := fmt.Sprintf(template, "1", `,"Gone":`+thing(``)), fmt.Sprintf(template, "2", `,"New":`+thing(``))
		w.create("app", first)
		in := setOf("c", second)
		in.Parameters = []types.Parameter{{ParameterKey: aws.String("Size"), ParameterValue: aws.String("2")}, {ParameterKey: aws.String("Secret"), UsePreviousValue: aws.Bool(true)}}
		c := w.changeSet(in)
		var got []string
		for _, change := range c.Changes {
			r := change.ResourceChange
			got = append(got, fmt.Sprint(*r.LogicalResourceId, " ", r.Action, " ", r.Replacement, " ", r.PolicyAction, " ", r.Scope))
			for _, d := range r.Details {
				got = append(got, fmt.Sprint("  ", aws.ToString(d.Target.Name), " ", d.Target.RequiresRecreation, " ", d.Evaluation, " ", d.ChangeSource, " ", aws.ToString(d.CausingEntity),
					" ", aws.ToString(d.Target.BeforeValue), " -> ", aws.ToString(d.Target.AfterValue)))
			}
		}
		want := []string{
			"Gone Remove  Delete []",
			"Named Modify True ReplaceAndDelete [Properties]",
			"  Name Always Static DirectModification  1 -> 2",
			"NamedAfter Modify Conditional  [Properties]",
			"  Name Conditionally Dynamic ResourceReference Named ID -> {{changeSet:KNOWN_AFTER_APPLY}}",
			"New Add   []",
			"Sized Modify False  [Properties]",
			"  Size Never Static ParameterReference Size 1 -> 2",
			"User Modify False  [Properties]",
			"  Arn Never Dynamic ResourceAttribute Named.Arn arn:aws:fake:eu-west-1:123456789012:ID -> {{changeSet:KNOWN_AFTER_APPLY}}",
			"  Of Never Dynamic ResourceReference Named ID -> {{changeSet:KNOWN_AFTER_APPLY}}",
		}
		id := "named-" + physical(w, "Named")
		for i := range want {
			want[i] = strings.ReplaceAll(want[i], "ID", id)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		for _, change := range c.Changes {
			if r := change.ResourceChange; strings.Contains(aws.ToString(r.BeforeContext)+aws.ToString(r.AfterContext), "hush") {
				t.Errorf("the secret is shown: %s %s", aws.ToString(r.BeforeContext), aws.ToString(r.AfterContext))
			}
		}
		for _, p := range c.Parameters {
			if *p.ParameterKey == "Secret" && *p.ParameterValue != "****" {
				t.Errorf("the secret is shown: %s", *p.ParameterValue)
			}
		}
	})
}

// TestWhatCountsAsChange: a change set of these templates over the first one.
func TestWhatCountsAsChange(t *testing.T) {
	t.Parallel()
	base := `{"Resources":{"A":` + thing(`"Value":"1"`) + `},"Outputs":{"O":{"Value":{"Ref":"A"}}}}`
	tag := []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
	for _, c := range []struct {
		name     string
		template string
		tags     []types.Tag
		want     string // changes, or "none"
	}{
		{"same", base, nil, "none"},
		{"same, other white space", strings.ReplaceAll(base, ",", " ,\n"), nil, "none"},
		{"description", `{"Description":"new",` + base[1:], nil, "none"},
		{"template metadata", `{"Metadata":{"a":1},` + base[1:], nil, "none"},
		{"output", strings.Replace(base, `{"Ref":"A"}`, `"x"`, 1), nil, "[]"},
		{"output dropped", `{"Resources":{"A":` + thing(`"Value":"1"`) + `}}`, nil, "[]"},
		{"property", strings.Replace(base, `"1"`, `"2"`, 1), nil, "[A Properties]"},
		{"resource metadata", strings.Replace(base, `"Type"`, `"Metadata":{"a":1},"Type"`, 1), nil, "[A Metadata]"},
		{"policy", strings.Replace(base, `"Type"`, `"DeletionPolicy":"Retain","Type"`, 1), nil, "[A DeletionPolicy]"},
		{"tags", base, tag, "[A Tags]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world) {
				w.create("app", base)
				in := setOf("c", c.template)
				in.Tags = c.tags
				out := w.changeSet(in)
				got := "none"
				if out.Status == types.ChangeSetStatusCreateComplete {
					list := []string{}
					for _, change := range out.Changes {
						list = append(list, *change.ResourceChange.LogicalResourceId+" "+string(change.ResourceChange.Scope[0]))
					}
					got = fmt.Sprint(list)
				}
				if got != c.want {
					t.Errorf("got %s (%s), want %s", got, aws.ToString(out.StatusReason), c.want)
				}
				_, err := w.client.UpdateStack(t.Context(), &sdk.UpdateStackInput{StackName: aws.String("app"), TemplateBody: &c.template, Tags: c.tags})
				if none := failure(t, err) == "ValidationError: No updates are to be performed."; none != (c.want == "none") {
					t.Errorf("UpdateStack: %v", err)
				}
				w.settled("app")
			})
		})
	}
}

func TestTagsReachResources(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		plainThing := newCloud()
		plainThing.only = []string{"Value"}
		w.deps.Types["AWS::Fake::Plain"] = plainThing
		template := templateOf("A", thing(``), "P", `{"Type":"AWS::Fake::Plain"}`)
		w.create("app", template)
		w.cloud.taken()
		plainThing.taken()
		var out types.Stack
		out = w.update("app", template, func(in *sdk.UpdateStackInput) {
			in.Tags = []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
		})
		if diff := cmp.Diff([]string{"update A"}, append(w.cloud.taken(), plainThing.taken()...)); diff != "" || len(out.Tags) != 1 {
			t.Errorf("work (-want +got):\n%s", diff)
		}
		out = w.update("app", templateOf("A", thing(`"Value":"2"`), "P", `{"Type":"AWS::Fake::Plain"}`))
		if len(out.Tags) != 1 {
			t.Errorf("an update without tags drops them: %v", out.Tags)
		}
	})
}

func TestChangeSetFaults(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		strict := newCloud()
		strict.only = []string{"Good"}
		w.deps.Types["AWS::Fake::Strict"] = strict
		bad := setOf("bad", templateOf("S", `{"Type":"AWS::Fake::Strict","Properties":{"Bad":1,"Worse":2}}`))
		bad.ChangeSetType = types.ChangeSetTypeCreate
		c := w.changeSet(bad)
		if c.Status != types.ChangeSetStatusFailed || !strings.Contains(aws.ToString(c.StatusReason), "[AWS::EarlyValidation::PropertyValidation]") {
			t.Fatalf("got %s %q", c.Status, aws.ToString(c.StatusReason))
		}
		events, err := w.client.DescribeEvents(t.Context(), &sdk.DescribeEventsInput{ChangeSetName: c.ChangeSetId, Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}})
		if err != nil || len(events.OperationEvents) != 2 {
			t.Fatalf("events %+v, %v", events, err)
		}
		for i, want := range []string{"Unsupported property [Bad]", "Unsupported property [Worse]"} {
			e := events.OperationEvents[i]
			if e.EventType != types.EventTypeValidationError || aws.ToString(e.ValidationStatusReason) != want || aws.ToString(e.ValidationPath) != "/Resources/S/Properties" {
				t.Errorf("event %+v", e)
			}
		}
		unknown := setOf("unknown", templateOf("N", `{"Type":"AWS::Nobody::Knows"}`))
		unknown.ChangeSetType = types.ChangeSetTypeCreate
		if c := w.changeSet(unknown); aws.ToString(c.StatusReason) != "the embedded AWS does not model resource type AWS::Nobody::Knows (resource N)" {
			t.Errorf("got %q", aws.ToString(c.StatusReason))
		}
		network := setOf("network", templateOf("N", `{"Type":"AWS::EC2::VPC"}`))
		network.ChangeSetType = types.ChangeSetTypeCreate
		if c := w.changeSet(network); !strings.Contains(aws.ToString(c.StatusReason), "AWS::EC2::VPC (resource N): it has neither networks nor file systems; in sparta.yaml") {
			t.Errorf("got %q", aws.ToString(c.StatusReason))
		}
		_, err = w.client.ExecuteChangeSet(t.Context(), &sdk.ExecuteChangeSetInput{ChangeSetName: c.ChangeSetId})
		if !strings.HasPrefix(failure(t, err), "InvalidChangeSetStatus: ") {
			t.Errorf("execution of a failed change set: %v", err)
		}
		if st := w.create("direct", *unknown.TemplateBody); st.StackStatus != types.StackStatusRollbackComplete {
			t.Errorf("status %s", st.StackStatus)
		}
		if h := w.history("direct"); h[2] != "N CREATE_FAILED the embedded AWS does not model resource type AWS::Nobody::Knows (resource N)" {
			t.Errorf("events %v", h)
		}
		if st := w.create("unchecked", *bad.TemplateBody, func(in *sdk.CreateStackInput) { in.DisableValidation = aws.Bool(true) }); st.StackStatus != types.StackStatusCreateComplete {
			t.Errorf("without validation: %s", st.StackStatus)
		}
	})
}

func TestChangeSetNames(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.create("app", templateOf("A", thing(``)))
		in := setOf("c", templateOf("A", thing(`"Value":"1"`)))
		in.ClientToken = aws.String("one")
		first := w.changeSet(in)
		if again := w.changeSet(in); *again.ChangeSetId != *first.ChangeSetId {
			t.Error("the same request made another change set")
		}
		in.ClientToken = aws.String("two")
		_, err := w.client.CreateChangeSet(t.Context(), in)
		if got, want := failure(t, err), "AlreadyExistsException: ChangeSet c cannot be created due to a mismatch with existing attribute ClientToken"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		other := w.changeSet(setOf("other", templateOf("A", thing(`"Value":"2"`))))
		list, err := w.client.ListChangeSets(t.Context(), &sdk.ListChangeSetsInput{StackName: aws.String("app")})
		if err != nil || len(list.Summaries) != 2 || *list.Summaries[0].ChangeSetName != "c" {
			t.Errorf("list %+v, %v", list, err)
		}
		if _, err := w.client.ExecuteChangeSet(t.Context(), &sdk.ExecuteChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("c")}); err != nil {
			t.Fatal(err)
		}
		w.settled("app")
		_, err = w.client.DescribeChangeSet(t.Context(), &sdk.DescribeChangeSetInput{ChangeSetName: other.ChangeSetId})
		if !strings.HasPrefix(failure(t, err), "ChangeSetNotFound: ") {
			t.Errorf("the other change set is still there: %v", err)
		}
		stale := w.changeSet(setOf("stale", templateOf("A", thing(`"Value":"3"`))))
		w.update("app", templateOf("A", thing(`"Value":"4"`)))
		_, err = w.client.ExecuteChangeSet(t.Context(), &sdk.ExecuteChangeSetInput{ChangeSetName: stale.ChangeSetId})
		if !strings.Contains(failure(t, err), "[OBSOLETE]") {
			t.Errorf("execution of a stale change set: %v", err)
		}
	})
}

func TestChangeSetRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("app", templateOf("A", thing(``)))
	for _, c := range []struct {
		name string
		edit func(*sdk.CreateChangeSetInput)
		want string
	}{
		{"create what exists", func(in *sdk.CreateChangeSetInput) { in.ChangeSetType = types.ChangeSetTypeCreate },
			"ValidationError: Stack [app] already exists and cannot be created again with the changeSet [c]."},
		{"update what does not", func(in *sdk.CreateChangeSetInput) { in.StackName = aws.String("nope") }, "ValidationError: Stack [nope] does not exist"},
		{"import", func(in *sdk.CreateChangeSetInput) { in.ChangeSetType = types.ChangeSetTypeImport },
			"ValidationError: the embedded AWS does not model the change set type IMPORT"},
		{"nested", func(in *sdk.CreateChangeSetInput) { in.IncludeNestedStacks = aws.Bool(true) },
			"ValidationError: the embedded AWS does not model the parameter IncludeNestedStacks of CreateChangeSet"},
		{"import existing", func(in *sdk.CreateChangeSetInput) { in.ImportExistingResources = aws.Bool(true) },
			"ValidationError: the embedded AWS does not model the parameter ImportExistingResources of CreateChangeSet"},
		{"notifications", func(in *sdk.CreateChangeSetInput) { in.NotificationARNs = []string{"arn:aws:sns:eu-west-1:1:x"} },
			"ValidationError: the embedded AWS does not model the parameter NotificationARNs.member.1 of CreateChangeSet"},
		{"express", func(in *sdk.CreateChangeSetInput) {
			in.DeploymentConfig = &types.DeploymentConfig{Mode: types.DeploymentConfigModeExpress}
		}, "ValidationError: the embedded AWS does not model the deployment mode EXPRESS"},
		{"delete on update", func(in *sdk.CreateChangeSetInput) { in.OnStackFailure = types.OnStackFailureDelete },
			"ValidationError: OnStackFailure DELETE is not valid for a change set of type UPDATE"},
		{"IAM", func(in *sdk.CreateChangeSetInput) {
			in.TemplateBody = aws.String(templateOf("R", `{"Type":"AWS::IAM::Role"}`))
		}, "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]"},
		{"named IAM", func(in *sdk.CreateChangeSetInput) {
			in.TemplateBody = aws.String(templateOf("R", `{"Type":"AWS::IAM::Role","Properties":{"RoleName":"x"}}`))
			in.Capabilities = []types.Capability{types.CapabilityCapabilityIam}
		}, "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_NAMED_IAM]"},
		{"capability", func(in *sdk.CreateChangeSetInput) { in.Capabilities = []types.Capability{"CAPABILITY_ALL"} }, "ValidationError: 1 validation error detected: Value 'CAPABILITY_ALL'"},
		{"name", func(in *sdk.CreateChangeSetInput) { in.ChangeSetName = aws.String("a b") }, "ValidationError: 1 validation error detected: Value 'a b' at 'changeSetName'"},
		{"parameter", func(in *sdk.CreateChangeSetInput) {
			in.Parameters = []types.Parameter{{ParameterKey: aws.String("X"), ParameterValue: aws.String("1")}}
		}, "ValidationError: Parameters: [X] do not exist in the template"},
		{"large", func(in *sdk.CreateChangeSetInput) {
			in.TemplateBody = aws.String(templateOf("A", thing(`"Value":"`+strings.Repeat("x", 51_200)+`"`)))
		}, "ValidationError: 1 validation error detected: Value at 'templateBody' failed to satisfy constraint"},
		{"no template", func(in *sdk.CreateChangeSetInput) { in.TemplateBody = nil }, "ValidationError: Either Template URL or Template Body must be specified."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := setOf("c", templateOf("A", thing(`"Value":"9"`)))
			c.edit(in)
			_, err := w.client.CreateChangeSet(t.Context(), in)
			if got := failure(t, err); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestResourceTypeChange(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.deps.Types["AWS::Fake::Other"] = resource.Type(w.cloud)
		w.create("app", templateOf("A", thing(``)))
		c := w.changeSet(setOf("c", templateOf("A", `{"Type":"AWS::Fake::Other"}`)))
		want := "Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]"
		if c.Status != types.ChangeSetStatusFailed || aws.ToString(c.StatusReason) != want {
			t.Errorf("got %s %q", c.Status, aws.ToString(c.StatusReason))
		}
	})
}

func TestManyChanges(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		var pairs []string
		for i := range 250 {
			pairs = append(pairs, fmt.Sprintf("R%03d", i), thing(``))
		}
		in := setOf("many", templateOf(pairs...))
		in.ChangeSetType = types.ChangeSetTypeCreate
		c := w.changeSet(in)
		seen := len(c.Changes)
		for c.NextToken != nil {
			var err error
			if c, err = w.client.DescribeChangeSet(t.Context(), &sdk.DescribeChangeSetInput{ChangeSetName: c.ChangeSetId, NextToken: c.NextToken}); err != nil {
				t.Fatal(err)
			}
			seen += len(c.Changes)
		}
		if seen != 250 {
			t.Errorf("%d changes, want 250", seen)
		}
	})
}
