// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func TestUnknownActionsAndParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		form url.Values
		code int
		want string
	}{
		{url.Values{"Action": {"SetStackPolicy"}}, 400, "<Code>InvalidAction</Code><Message>the embedded AWS does not model the action SetStackPolicy of CloudFormation</Message>"},
		{url.Values{}, 400, "<Code>InvalidAction</Code>"},
		{url.Values{"Action": {"DescribeStacks"}, "Foo": {"1"}}, 400, "the embedded AWS does not model the parameter Foo of DescribeStacks"},
		{url.Values{"Action": {"CreateStack"}, "StackName": {"a"}, "TimeoutInMinutes": {"1"}}, 400, "the parameter TimeoutInMinutes of CreateStack"},
		{url.Values{"Action": {"CreateStack"}, "StackName": {"a"}, "DisableRollback": {"maybe"}, "TemplateBody": {templateOf("A", thing(``))}}, 400, "must be a boolean"},
		{url.Values{"Action": {"CreateStack"}, "StackName": {"a"}, "OnFailure": {"X"}, "TemplateBody": {templateOf("A", thing(``))}}, 400, "[DO_NOTHING, ROLLBACK, DELETE]"},
		{url.Values{"Action": {"DescribeStackEvents"}}, 400, "stackName"},
		{url.Values{"Action": {"DescribeStacks"}, "NotificationARNs": {""}}, 200, "<DescribeStacksResult>"},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		w.handler().ServeHTTP(rec, r)
		if rec.Code != c.code || !strings.Contains(rec.Body.String(), c.want) {
			t.Errorf("%v: got %d %s, want %d %s", c.form, rec.Code, rec.Body, c.code, c.want)
		}
	}
}

// TestExports: one stack's outputs used by another.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
func TestExports(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		exporter := func(value string) string {
			return `{"Resources":{"A":` + thing(``) + `},"Outputs":{"O":{"Value":"` + value + `","Export":{"Name":"shared"}}}}`
		}
		importer := templateOf("B", thing(`"Of":{"Fn::ImportValue":"shared"}`))
		if st := w.create("early", importer); st.StackStatus != types.StackStatusRollbackComplete || !slices.Contains(w.history("early"), "B CREATE_FAILED No export named shared found") {
			t.Errorf("%s %v", st.StackStatus, w.history("early"))
		}
		w.create("base", exporter("v1"))
		w.create("user", importer)
		if got := w.cloud.live["b-"+physical(w, "B")]["Of"]; got != "v1" {
			t.Errorf("imported %v", got)
		}
		if st := w.create("twin", exporter("x")); st.StackStatus != types.StackStatusRollbackComplete {
			t.Errorf("the same export twice: %s", st.StackStatus)
		}
		for template, reason := range map[string]string{
			exporter("v2"): "Export shared cannot be updated as it is in use by user. ",
			templateOf("A", thing(``), "C", thing(``)): "Export shared cannot be deleted as it is in use by user. ",
		} {
			st := w.update("base", template)
			if st.StackStatus != types.StackStatusUpdateRollbackComplete || !slices.Contains(w.history("base"), "base UPDATE_ROLLBACK_IN_PROGRESS "+strings.TrimSpace(reason)) {
				t.Errorf("%s: %v", st.StackStatus, w.history("base"))
			}
		}
		st := w.remove("base")
		if st.StackStatus != types.StackStatusUpdateRollbackComplete || aws.ToString(st.StackStatusReason) != "Export shared cannot be deleted as it is in use by user" {
			t.Errorf("delete: %s %q", st.StackStatus, aws.ToString(st.StackStatusReason))
		}
		exports, err := w.client.ListExports(t.Context(), &sdk.ListExportsInput{})
		if err != nil || len(exports.Exports) != 1 || *exports.Exports[0].Value != "v1" || *exports.Exports[0].ExportingStackId != *st.StackId {
			t.Errorf("%+v %v", exports, err)
		}
		imports, err := w.client.ListImports(t.Context(), &sdk.ListImportsInput{ExportName: aws.String("shared")})
		if err != nil || !slices.Equal(imports.Imports, []string{"user"}) {
			t.Errorf("%+v %v", imports, err)
		}
		w.remove("user")
		_, err = w.client.ListImports(t.Context(), &sdk.ListImportsInput{ExportName: aws.String("shared")})
		if got, want := failure(t, err), "ValidationError: Export 'shared' is not imported by any stack."; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if st := w.remove("base"); st.StackStatus != types.StackStatusDeleteComplete {
			t.Errorf("delete: %s", st.StackStatus)
		}
	})
}

// TestPlacesAreSeparate: stacks of the same name in two regions and accounts.
func TestPlacesAreSeparate(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		id := *w.create("app", templateOf("A", thing(``))).StackId
		for _, other := range []*sdk.Client{clientFor(w.handler(), "us-east-1", "test"), clientFor(w.handler(), region, "210987654321")} {
			for _, name := range []string{"app", id} {
				_, err := other.DescribeStacks(t.Context(), &sdk.DescribeStacksInput{StackName: &name})
				if got, want := failure(t, err), "ValidationError: Stack with id "+name+" does not exist"; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			out, err := other.CreateStack(t.Context(), &sdk.CreateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(``)))})
			if err != nil || *out.StackId == id {
				t.Errorf("%v %v", out, err)
			}
		}
	})
}

func TestReads(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		template := `{"AWSTemplateFormatVersion":"2010-09-09","Description":"d","Parameters":{"P":{"Type":"String","Default":"x","AllowedValues":["x","y"],"Description":"the p"},"S":{"Type":"String","NoEcho":"true"}},` +
			`"Metadata":{"m":1},"Resources":{"A":{"Type":"AWS::Fake::Thing","Metadata":{"k":"v"}},"R":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"r"}},"Q":{"Type":"AWS::IAM::Policy"}}}`
		st := w.create("app", template, func(in *sdk.CreateStackInput) {
			in.Capabilities = []types.Capability{types.CapabilityCapabilityNamedIam}
			in.RoleARN = aws.String("arn:aws:iam::123456789012:role/deployer")
			in.Parameters = []types.Parameter{{ParameterKey: aws.String("S"), ParameterValue: aws.String("hush")}}
		})
		if aws.ToString(st.RoleARN) != "arn:aws:iam::123456789012:role/deployer" || len(st.Capabilities) != 1 || aws.ToString(st.Parameters[1].ParameterValue) != "****" || aws.ToString(st.Parameters[0].ParameterValue) != "x" {
			t.Errorf("%+v", st)
		}
		detail, err := w.client.DescribeStackResource(t.Context(), &sdk.DescribeStackResourceInput{StackName: aws.String("app"), LogicalResourceId: aws.String("A")})
		if err != nil || aws.ToString(detail.StackResourceDetail.Metadata) != `{"k":"v"}` || detail.StackResourceDetail.LastUpdatedTimestamp == nil {
			t.Errorf("%+v %v", detail, err)
		}
		_, err = w.client.DescribeStackResource(t.Context(), &sdk.DescribeStackResourceInput{StackName: aws.String("app"), LogicalResourceId: aws.String("Z")})
		if got, want := failure(t, err), "ValidationError: Resource Z does not exist for stack app"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		id := detail.StackResourceDetail.PhysicalResourceId
		resources, err := w.client.DescribeStackResources(t.Context(), &sdk.DescribeStackResourcesInput{PhysicalResourceId: id})
		if err != nil || len(resources.StackResources) != 3 || resources.StackResources[0].Timestamp == nil {
			t.Errorf("%+v %v", resources, err)
		}
		list, err := w.client.ListStackResources(t.Context(), &sdk.ListStackResourcesInput{StackName: aws.String("app")})
		if err != nil || len(list.StackResourceSummaries) != 3 || *list.StackResourceSummaries[0].PhysicalResourceId != *id {
			t.Errorf("%+v %v", list, err)
		}
		summary, err := w.client.GetTemplateSummary(t.Context(), &sdk.GetTemplateSummaryInput{StackName: aws.String("app")})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"AWS::Fake::Thing", "AWS::IAM::Policy", "AWS::IAM::Role"}, summary.ResourceTypes); diff != "" {
			t.Error(diff)
		}
		if len(summary.Parameters) != 2 || summary.Parameters[0].ParameterConstraints.AllowedValues[1] != "y" || !aws.ToBool(summary.Parameters[1].NoEcho) || aws.ToString(summary.Version) != "2010-09-09" ||
			aws.ToString(summary.CapabilitiesReason) != "The following resource(s) require capabilities: [AWS::IAM::Policy, AWS::IAM::Role]" {
			t.Errorf("%+v", summary)
		}
		valid, err := w.client.ValidateTemplate(t.Context(), &sdk.ValidateTemplateInput{TemplateBody: &template})
		if err != nil || len(valid.Parameters) != 2 || aws.ToString(valid.Parameters[0].DefaultValue) != "x" || valid.Capabilities[0] != types.CapabilityCapabilityNamedIam {
			t.Errorf("%+v %v", valid, err)
		}
		_, err = w.client.ValidateTemplate(t.Context(), &sdk.ValidateTemplateInput{TemplateBody: aws.String(`{"Resources":{"A":{"Type":"Nope"}}}`)})
		if got, want := failure(t, err), "ValidationError: Template format error: Unrecognized resource types: [Nope]"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		_, err = w.client.CreateStack(t.Context(), &sdk.CreateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(``)))})
		if got, want := failure(t, err), "AlreadyExistsException: Stack [app] already exists"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestListStacks(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.create("one", templateOf("A", thing(``)))
		w.create("two", templateOf("A", thing(``)))
		w.remove("one")
		w.create("one", templateOf("A", thing(``)))
		names := func(filter ...types.StackStatus) []string {
			out, err := w.client.ListStacks(t.Context(), &sdk.ListStacksInput{StackStatusFilter: filter})
			if err != nil {
				t.Fatal(err)
			}
			var list []string
			for _, s := range out.StackSummaries {
				list = append(list, *s.StackName+" "+string(s.StackStatus))
			}
			slices.Sort(list)
			return list
		}
		if diff := cmp.Diff([]string{"one CREATE_COMPLETE", "one DELETE_COMPLETE", "two CREATE_COMPLETE"}, names()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"one DELETE_COMPLETE"}, names(types.StackStatusDeleteComplete)); diff != "" {
			t.Error(diff)
		}
		out, err := w.client.DescribeStacks(t.Context(), &sdk.DescribeStacksInput{})
		if err != nil || len(out.Stacks) != 2 {
			t.Errorf("%+v %v", out, err)
		}
	})
}

func TestDescribeEvents(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.cloud.failOn("create B")
		st := w.create("app", templateOf("A", thing(``), "B", thing(`"Of":{"Ref":"A"}`)))
		if len(st.LastOperations) != 2 || st.LastOperations[0].OperationType != types.OperationTypeRollback || st.LastOperations[1].OperationType != types.OperationTypeCreateStack {
			t.Fatalf("operations %+v", st.LastOperations)
		}
		out, err := w.client.DescribeEvents(t.Context(), &sdk.DescribeEventsInput{OperationId: st.LastOperations[1].OperationId, Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}})
		if err != nil || len(out.OperationEvents) != 1 {
			t.Fatalf("%+v %v", out, err)
		}
		e := out.OperationEvents[0]
		if e.EventType != types.EventTypeProvisioningError || *e.LogicalResourceId != "B" || *e.ResourceStatusReason != "B does not want to" || e.OperationType != types.OperationTypeCreateStack {
			t.Errorf("%+v", e)
		}
		all, err := w.client.DescribeEvents(t.Context(), &sdk.DescribeEventsInput{StackName: aws.String("app")})
		if err != nil || len(all.OperationEvents) != len(w.events("app")) {
			t.Errorf("%+v %v", all, err)
		}
		for i, got := range w.events("app") {
			if other := all.OperationEvents[len(all.OperationEvents)-1-i]; *other.EventId != *got.EventId {
				t.Errorf("event %d: got %s, want %s", i, *other.EventId, *got.EventId)
			}
		}
		_, err = w.client.DescribeEvents(t.Context(), &sdk.DescribeEventsInput{})
		if got, want := failure(t, err), "ValidationError: One of ChangeSetName, OperationId or StackName must be specified"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestTemplateURL(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.deps.ReadObject = func(_ context.Context, owner, bucket, key string) ([]byte, error) {
			if owner+" "+bucket+" "+key != account+" b dir/t.json" {
				return nil, errors.New("The specified key does not exist.")
			}
			return []byte(templateOf("A", thing(`"Value":"`+strings.Repeat("x", 60_000)+`"`))), nil
		}
		w.open()
		in := &sdk.CreateStackInput{StackName: aws.String("app"), TemplateURL: aws.String(endpoint + "/b/dir/t.json")}
		out, err := w.client.CreateStack(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if st := w.settled(*out.StackId); st.StackStatus != types.StackStatusCreateComplete {
			t.Errorf("%s", st.StackStatus)
		}
		for address, want := range map[string]string{
			"https://b.s3.amazonaws.com/none": "ValidationError: S3 error: The specified key does not exist.",
			"https://example.org/t.json":      "ValidationError: TemplateURL must be a supported URL.",
		} {
			_, err := w.client.CreateStack(t.Context(), &sdk.CreateStackInput{StackName: aws.String("b"), TemplateURL: &address})
			if got := failure(t, err); !strings.HasPrefix(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		in := &sdk.CreateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(``))), ClientRequestToken: aws.String("t")}
		first, err := w.client.CreateStack(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.client.CreateStack(t.Context(), in)
		if err != nil || *again.StackId != *first.StackId {
			t.Errorf("%v %v", again, err)
		}
		w.settled("app")
		_, err = w.client.UpdateStack(t.Context(), &sdk.UpdateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(`"Value":"1"`))), ClientRequestToken: aws.String("t")})
		if got := failure(t, err); !strings.HasPrefix(got, "TokenAlreadyExistsException: ") {
			t.Errorf("got %q", got)
		}
	})
}

// TestGeneratedName: one name per creation, the same in every attempt.
func TestGeneratedName(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		var names []string
		w.cloud.on(func(_ context.Context, verb, _ string, r resource.Request) error {
			if verb == "create" {
				if names = append(names, r.DefaultName(64), r.DefaultName(20)); len(names) < 6 {
					return resource.ErrRetry
				}
			}
			return nil
		})
		w.create("app", templateOf("Role", thing(``)))
		if names[0] != names[2] || names[0] != names[4] || !strings.HasPrefix(names[0], "app-Role-") || len(names[1]) > 20 || !strings.HasPrefix(names[1], "app-") {
			t.Errorf("%v", names)
		}
	})
}

// TestUpdateKeeps: what an update leaves out stays as it was.
func TestUpdateKeeps(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		template := `{"Parameters":{"P":{"Type":"String"},"D":{"Type":"String","Default":"d"}},"Resources":{"A":` + thing(`"Value":{"Ref":"P"},"Other":{"Ref":"D"}`) + `}}`
		w.create("app", template, func(in *sdk.CreateStackInput) {
			in.Parameters = []types.Parameter{{ParameterKey: aws.String("P"), ParameterValue: aws.String("1")}, {ParameterKey: aws.String("D"), ParameterValue: aws.String("e")}}
		})
		out, err := w.client.UpdateStack(t.Context(), &sdk.UpdateStackInput{
			StackName: aws.String("app"), UsePreviousTemplate: aws.Bool(true), Parameters: []types.Parameter{{ParameterKey: aws.String("P"), UsePreviousValue: aws.Bool(true)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.settled(*out.StackId)
		if diff := cmp.Diff(map[string]any{"Value": "1", "Other": "d"}, w.cloud.live["a-1"]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestTagsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	var many []types.Tag
	for i := range 51 {
		many = append(many, tag("k"+strings.Repeat("x", i), ""))
	}
	for want, tags := range map[string][]types.Tag{
		"Duplicate tag key: k":               {tag("k", "1"), tag("k", "2")},
		"Tag keys cannot start with aws:":    {tag("aws:k", "1")},
		"Tag keys must be 1 to 128":          {tag(strings.Repeat("k", 129), "1")},
		"less than or equal to 50":           many,
		"and tag values 0 to 256 characters": {tag("k", strings.Repeat("v", 257))},
	} {
		_, err := w.client.CreateStack(t.Context(), &sdk.CreateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(``))), Tags: tags})
		if got := failure(t, err); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestDeletedStacksAreForgotten: only the last ones stay visible by id.
func TestDeletedStacksAreForgotten(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		var ids []string
		for range 52 {
			ids = append(ids, *w.create("app", templateOf("A", thing(``))).StackId)
			w.remove("app")
		}
		if st := w.stackOrNil(ids[0]); st != nil {
			t.Error("the first deleted stack is still there")
		}
		if st := w.stackOrNil(ids[51]); st == nil || st.StackStatus != types.StackStatusDeleteComplete {
			t.Errorf("the last deleted stack: %v", st)
		}
	})
}

// TestTemplates: the template of a stack and of a change set.
func TestTemplates(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		one, two := templateOf("A", thing(``)), templateOf("A", thing(`"Value":"2"`))
		w.create("app", one)
		c := w.changeSet(setOf("c", two))
		for want, in := range map[string]*sdk.GetTemplateInput{
			one: {StackName: aws.String("app"), TemplateStage: types.TemplateStageProcessed},
			two: {ChangeSetName: c.ChangeSetId},
		} {
			out, err := w.client.GetTemplate(t.Context(), in)
			if err != nil || aws.ToString(out.TemplateBody) != want || len(out.StagesAvailable) != 2 {
				t.Errorf("got %v %v, want %s", out, err, want)
			}
		}
		_, err := w.client.GetTemplate(t.Context(), &sdk.GetTemplateInput{StackName: aws.String("none")})
		if got, want := failure(t, err), "ValidationError: Stack with id none does not exist"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
