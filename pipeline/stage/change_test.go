// SPDX-License-Identifier: MIT

package stage

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

func resourceChange(id, kind string, action types.ChangeAction, details ...types.ResourceChangeDetail) types.ResourceChange {
	return types.ResourceChange{LogicalResourceId: &id, ResourceType: &kind, Action: action, Details: details}
}

// detailOf is a property that changes, as CloudFormation tells it.
func detailOf(name, before, after string) types.ResourceChangeDetail {
	return types.ResourceChangeDetail{Evaluation: types.EvaluationTypeStatic, Target: &types.ResourceTargetDefinition{
		Attribute: types.ResourceAttributeProperties, Name: &name, Path: aws.String("/Properties/" + name),
		BeforeValue: &before, AfterValue: &after, RequiresRecreation: types.RequiresRecreationNever,
	}}
}

func TestChangesOf(t *testing.T) {
	t.Parallel()
	const queue, function = "AWS::SQS::Queue", "AWS::Lambda::Function"
	replaced := resourceChange("B", queue, types.ChangeActionModify, detailOf("QueueName", "a", "b"))
	replaced.Replacement = types.ReplacementTrue
	replaced.Details[0].Target.RequiresRecreation = types.RequiresRecreationAlways
	perhaps := resourceChange("C", function, types.ChangeActionModify, detailOf("Role", "r", "{{changeSet:KNOWN_AFTER_APPLY}}"))
	perhaps.Replacement = types.ReplacementConditional
	perhaps.Details[0].Evaluation = types.EvaluationTypeDynamic
	perhaps.Details[0].Target.RequiresRecreation = types.RequiresRecreationAlways
	kept := resourceChange("E", queue, types.ChangeActionRemove)
	kept.PolicyAction = types.PolicyActionRetain
	tags := detailOf("", "", "")
	tags.Target = &types.ResourceTargetDefinition{Attribute: types.ResourceAttributeTags}
	for _, test := range []struct {
		name   string
		change types.ResourceChange
		want   Change
	}{
		{"added", resourceChange("A", queue, types.ChangeActionAdd), Change{Kind: ChangeAdd}},
		{"imported", resourceChange("A", queue, types.ChangeActionImport), Change{Kind: ChangeAdd}},
		{"replaced", replaced, Change{Kind: ChangeReplace, LosesData: true, Values: []ValueChange{
			{Path: "Properties.QueueName", Before: "a", After: "b", Replaces: true},
		}}},
		{"perhaps replaced", perhaps, Change{Kind: ChangeMayReplace, Values: []ValueChange{
			{Path: "Properties.Role", Before: "r", After: "(known after the update)"},
		}}},
		{"removed", resourceChange("D", queue, types.ChangeActionRemove), Change{Kind: ChangeRemove, LosesData: true}},
		{"removed without loss", resourceChange("D", function, types.ChangeActionRemove), Change{Kind: ChangeRemove}},
		{"the site's copies", resourceChange("SiteBucket", "AWS::S3::Bucket", types.ChangeActionRemove), Change{Kind: ChangeRemove}},
		{"kept", kept, Change{Kind: ChangeRemove, Retained: true}},
		{"modified", resourceChange("F", function, types.ChangeActionModify,
			detailOf("Timeout", "3", "5"), detailOf("Code", `{"S3Bucket":"b","S3Key":"k"}`, `{"S3Bucket":"b","S3Key":"l"}`), tags,
			detailOf("Environment", `{"Variables":{"KEY":"hush"}}`, `{"Variables":{"KEY":"hushed"}}`),
			detailOf("Timeout", "3", "5")), // told for two reasons
			Change{Kind: ChangeModify, Values: []ValueChange{
				{Path: "Properties.Code.S3Key", Before: "k", After: "l"},
				{Path: "Properties.Environment"},
				{Path: "Properties.Timeout", Before: "3", After: "5"},
				{Path: "Tags"},
			}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.LogicalID, test.want.Type = *test.change.LogicalResourceId, *test.change.ResourceType
			if diff := cmp.Diff([]Change{test.want}, changesOf(changeSet{changes: []types.ResourceChange{test.change}})); diff != "" {
				t.Errorf("change (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValueParts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, before, after string
		want                []ValueChange
	}{
		{"texts", "a", "b", []ValueChange{{Path: "P", Before: "a", After: "b"}}},
		{"numbers", "1", "2", []ValueChange{{Path: "P", Before: "1", After: "2"}}},
		{"a new value", "", `{"a":1}`, []ValueChange{{Path: "P", After: `{"a":1}`}}},
		{"members", `{"a":1,"b":{"c":"x","d":[1]},"e":true}`, `{"b":{"c":"y","d":[1]},"e":false,"f":null,"g":"new"}`, []ValueChange{
			{Path: "P.a", Before: "1"}, {Path: "P.b.c", Before: "x", After: "y"}, {Path: "P.e", Before: "true", After: "false"}, {Path: "P.g", After: "new"},
		}},
		{"items", `[{"a":1},2]`, `[{"a":3},2]`, []ValueChange{{Path: "P.0.a", Before: "1", After: "3"}}},
		{"lists of other lengths", `["a","b"]`, `["b"]`, []ValueChange{{Path: "P", Before: `["a","b"]`, After: `["b"]`}}},
		{"another kind", `{"a":1}`, `[1]`, []ValueChange{{Path: "P", Before: `{"a":1}`, After: `[1]`}}},
		{"the same in another form", `{"a": 1}`, `{"a":1}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := ValueChange{Path: "P", Before: test.before, After: test.after}.parts()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}
