// SPDX-License-Identifier: MIT

package s3_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// The page AWS::S3::Bucket NotificationConfiguration.
func TestBucketTypeNotifications(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	box := c.inbox()
	client := c.client(account, region)
	kind := c.ResourceTypes()["AWS::S3::Bucket"]
	properties := func(function string) map[string]any {
		return map[string]any{"BucketName": "docs", "NotificationConfiguration": map[string]any{
			"LambdaConfigurations": []any{map[string]any{"Event": "s3:ObjectCreated:*", "Function": function,
				"Filter": map[string]any{"S3Key": map[string]any{"Rules": []any{map[string]any{"Name": "suffix", "Value": ".png"}}}}}},
			"QueueConfigurations":      []any{map[string]any{"Event": "s3:ObjectRemoved:*", "Queue": queueARN}},
			"EventBridgeConfiguration": map[string]any{"EventBridgeEnabled": "true"},
		}}
	}
	box.refused = functionARN
	if _, err := kind.Create(t.Context(), request(properties(functionARN))); err == nil || !strings.Contains(err.Error(), "Unable to validate the following destination configurations (Service: S3, Status Code: 400") {
		t.Errorf("got %v", err)
	}
	if _, err := client.HeadBucket(t.Context(), &sdk.HeadBucketInput{Bucket: aws.String("docs")}); err == nil {
		t.Error("the bucket was made nevertheless")
	}
	box.refused = ""
	old := properties(functionARN)
	if faults := kind.Check(old); faults != nil {
		t.Error(faults)
	}
	made, err := kind.Create(t.Context(), request(old))
	if err != nil {
		t.Fatal(err)
	}
	if got := box.take(); len(got) != 1 || got[0].Target != queueARN {
		t.Errorf("test events %+v", got)
	}
	put(t, client, "docs", "a.png", "x")
	if got := box.take(); len(got) != 2 {
		t.Errorf("told %+v", got)
	}
	update := func(next, before map[string]any) error {
		r := request(next)
		r.OldProperties = before
		_, err := kind.Update(t.Context(), made, r)
		return err
	}
	box.refused = functionARN // what has not changed is not validated again
	same := properties(functionARN)
	same["Tags"] = []any{map[string]any{"Key": "a", "Value": "b"}}
	if err := update(same, old); err != nil || len(box.take()) != 0 {
		t.Errorf("got %v", err)
	}
	put(t, client, "docs", "a.png", "x")
	if got := box.take(); len(got) != 2 {
		t.Errorf("told %+v", got)
	}
	box.refused = functionARN + "2"
	if err := update(properties(functionARN+"2"), same); err == nil {
		t.Error("the destination was not validated")
	}
	if err := update(map[string]any{"BucketName": "docs"}, same); err != nil {
		t.Error(err)
	}
	put(t, client, "docs", "a.png", "x")
	if got := box.take(); len(got) != 0 {
		t.Errorf("told %+v", got)
	}
}

// What was configured survives, and events keep their order.
func TestNotificationsSurvive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := openCloud(t, dir)
	c.inbox()
	notify(t, c.bucket(t, "docs"), "docs", types.NotificationConfiguration{LambdaFunctionConfigurations: []types.LambdaFunctionConfiguration{
		toFunction("mine", []types.FilterRule{{Name: types.FilterRuleNamePrefix, Value: aws.String("in/")}}, "s3:ObjectCreated:Put")}})
	c.close()
	c = openCloud(t, dir)
	box := c.inbox()
	client := c.client(account, region)
	var last string
	for i := range 3 {
		put(t, client, "docs", fmt.Sprintf("in/%d", i), "x")
		put(t, client, "docs", fmt.Sprintf("out/%d", i), "x")
		var e events.S3Event
		got := box.take()
		if len(got) != 1 {
			t.Fatalf("got %+v", got)
		}
		if err := json.Unmarshal(got[0].Body, &e); err != nil {
			t.Fatal(err)
		}
		if e.Records[0].S3.Object.Sequencer <= last || e.Records[0].S3.ConfigurationID != "mine" {
			t.Errorf("got %+v after %s", e.Records[0], last)
		}
		last = e.Records[0].S3.Object.Sequencer
	}
}
