// SPDX-License-Identifier: MIT

package logs_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func request(t testing.TB, properties string) resource.Request {
	t.Helper()
	r := resource.Request{Scope: here, Tags: map[string]string{"stack": "s"}, DefaultName: func(int) string { return "stack-Logs-RANDOM" }}
	if err := json.Unmarshal([]byte(properties), &r.Properties); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLogGroupResource(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	kind := w.ResourceTypes()["AWS::Logs::LogGroup"]
	r := request(t, `{"LogGroupName":"/sparta/s/hello","RetentionInDays":"14","Tags":[{"Key":"a","Value":"b"}]}`)
	if faults := kind.Check(r.Properties); faults != nil {
		t.Fatal(faults)
	}
	instance, err := kind.Create(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	want := resource.Instance{PhysicalID: "/sparta/s/hello", Attributes: map[string]any{"Arn": "arn:aws:logs:us-east-1:000000000000:log-group:/sparta/s/hello:*"}}
	if diff := cmp.Diff(want, instance); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = kind.Create(t.Context(), r)
	const exists = `Resource of type 'AWS::Logs::LogGroup' with identifier '{"/properties/LogGroupName":"/sparta/s/hello"}' already exists.`
	if err == nil || !strings.Contains(err.Error(), exists) {
		t.Errorf("a second one: %v", err)
	}
	next := request(t, `{"LogGroupName":"/sparta/s/hello"}`)
	if kind.Replaces(r.Properties, next.Properties) || !kind.Replaces(r.Properties, request(t, `{}`).Properties) {
		t.Error("only another name is a replacement")
	}
	if _, err := kind.Update(t.Context(), instance, next); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{})
	if err != nil || len(out.LogGroups) != 1 || out.LogGroups[0].RetentionInDays != nil {
		t.Errorf("after the update: %+v, %v", out, err)
	}
	tags, err := w.client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: out.LogGroups[0].LogGroupArn})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"stack": "s"}, tags.Tags); diff != "" {
		t.Error(diff)
	}
	if _, err := kind.Update(t.Context(), instance, request(t, `{"LogGroupName":"/sparta/s/hello","LogGroupClass":"DELIVERY"}`)); err == nil {
		t.Error("the class could be changed")
	}
	for range 2 {
		if err := kind.Delete(t.Context(), instance, next); err != nil {
			t.Fatal(err)
		}
	}
	unnamed, err := kind.Create(t.Context(), request(t, `{}`))
	if err != nil || unnamed.PhysicalID != "stack-Logs-RANDOM" {
		t.Errorf("unnamed: %+v, %v", unnamed, err)
	}
	if _, err := w.client.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: aws.String("stack-Logs-RANDOM")}); err != nil {
		t.Error(err)
	}
}

func TestLogGroupCheck(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	for properties, want := range map[string][]string{
		`{"RetentionInDays":{"Ref":"P"}}`:       nil,
		`{"RetentionInDays":15}`:                {"#/RetentionInDays: 15 is not a valid enum value"},
		`{"RetentionInDays":"long"}`:            {"#/RetentionInDays: expected type: Integer"},
		`{"KmsKeyId":"k"}`:                      {"#/KmsKeyId: the embedded AWS does not model this property"},
		`{"Retention":1}`:                       {"#: extraneous key [Retention] is not permitted"},
		`{"DeletionProtectionEnabled":"maybe"}`: {"#/DeletionProtectionEnabled: expected type: Boolean, found: String"},
	} {
		if diff := cmp.Diff(want, w.ResourceTypes()["AWS::Logs::LogGroup"].Check(request(t, properties).Properties)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", properties, diff)
		}
	}
}
