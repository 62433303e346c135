// SPDX-License-Identifier: MIT

package sqs_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func request(properties object) resource.Request {
	return resource.Request{
		Scope: here, StackName: "stack", LogicalID: "Queue", Properties: properties, Tags: map[string]string{"aws:cloudformation:stack-name": "stack"},
		DefaultName: func(most int) string { return ("stack-Queue-" + strings.Repeat("X", 80))[:min(most, 24)] },
	}
}

func TestQueueType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	queue := w.ResourceTypes()["AWS::SQS::Queue"]
	dead, err := queue.Create(t.Context(), request(object{"FifoQueue": "true"}))
	if err != nil {
		t.Fatal(err)
	}
	if name := dead.Attributes["QueueName"].(string); !strings.HasPrefix(name, "stack-Queue-") || !strings.HasSuffix(name, ".fifo") {
		t.Errorf("name %s", name)
	}
	properties := object{
		"QueueName": "q.fifo", "FifoQueue": true, "VisibilityTimeout": 90.0, "Tags": []any{object{"Key": "a", "Value": "b"}},
		"RedrivePolicy": object{"deadLetterTargetArn": dead.Attributes["Arn"], "maxReceiveCount": 5.0},
	}
	made, err := queue.Create(t.Context(), request(properties))
	if err != nil {
		t.Fatal(err)
	}
	want := resource.Instance{PhysicalID: w.endpoint + "/" + account + "/q.fifo", Attributes: object{
		"Arn": arnOf("q.fifo"), "QueueName": "q.fifo", "QueueUrl": w.endpoint + "/" + account + "/q.fifo"}}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	attributes := func() object {
		return w.ok(t, "GetQueueAttributes", object{"QueueUrl": made.PhysicalID, "AttributeNames": []string{"RedrivePolicy", "VisibilityTimeout", "DelaySeconds"}})["Attributes"].(object)
	}
	if got := attributes(); got["VisibilityTimeout"] != "90" || !strings.Contains(got["RedrivePolicy"].(string), `"maxReceiveCount":5`) {
		t.Errorf("got %v", got)
	}
	if got := w.ok(t, "ListQueueTags", object{"QueueUrl": made.PhysicalID})["Tags"]; !cmp.Equal(got, object{"a": "b", "aws:cloudformation:stack-name": "stack"}) {
		t.Errorf("tags %v", got)
	}
	if _, err := queue.Create(t.Context(), request(object{"QueueName": "q.fifo", "FifoQueue": true})); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("got %v", err)
	}
	w.ok(t, "SendMessage", object{"QueueUrl": made.PhysicalID, "MessageBody": "kept", "MessageGroupId": "g", "MessageDeduplicationId": "d"})
	updated, err := queue.Update(t.Context(), made, request(object{"QueueName": "q.fifo", "FifoQueue": true, "DelaySeconds": "3"}))
	if err != nil || !cmp.Equal(updated, made) {
		t.Errorf("got %v, %v", updated, err)
	}
	if got := attributes(); !cmp.Equal(got, object{"VisibilityTimeout": "30", "DelaySeconds": "3"}) || w.count(t, made.PhysicalID) != "1 0 0" {
		t.Errorf("got %v, %s", got, w.count(t, made.PhysicalID))
	}
	if _, err := queue.Update(t.Context(), made, request(object{"RedrivePolicy": object{"deadLetterTargetArn": arnOf("x"), "maxReceiveCount": 1.0}})); err == nil || !strings.Contains(err.Error(), "(Service: Sqs, Status Code: 400") {
		t.Errorf("got %v", err)
	}
	for range 2 {
		if err := queue.Delete(t.Context(), made, request(nil)); err != nil {
			t.Error(err)
		}
	}
}

func TestReplaces(t *testing.T) {
	t.Parallel()
	queue := open(t, t.TempDir()).ResourceTypes()["AWS::SQS::Queue"]
	if !queue.Replaces(object{"QueueName": "a"}, object{"QueueName": "b"}) || !queue.Replaces(object{}, object{"FifoQueue": true}) ||
		queue.Replaces(object{"DelaySeconds": 1}, object{"DelaySeconds": 2}) {
		t.Error("replaces the wrong things")
	}
	if faults := queue.Check(object{"DelaySeconds": 901, "Colour": "red", "RedrivePolicy": []any{}}); len(faults) != 3 {
		t.Errorf("faults %q", faults)
	}
}

func TestQueuePolicyType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	a, b := w.queue(t, "a", nil), w.queue(t, "b", nil)
	policies := w.ResourceTypes()["AWS::SQS::QueuePolicy"]
	document := object{"Statement": []any{object{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}}
	old := object{"Queues": []any{a}, "PolicyDocument": document}
	made, err := policies.Create(t.Context(), request(old))
	if err != nil || made.Attributes["Id"] != made.PhysicalID {
		t.Fatal(made, err)
	}
	has := func(url string) bool {
		return len(w.ok(t, "GetQueueAttributes", object{"QueueUrl": url, "AttributeNames": []string{"Policy"}})) > 0
	}
	if !has(a) || has(b) {
		t.Error("the policy is not where it belongs")
	}
	moved := request(object{"Queues": []any{b}, "PolicyDocument": document})
	moved.OldProperties = old
	if _, err := policies.Update(t.Context(), made, moved); err != nil || has(a) || !has(b) {
		t.Errorf("after the update: %v, %v %v", err, has(a), has(b))
	}
	if err := policies.Delete(t.Context(), made, moved); err != nil || has(b) {
		t.Errorf("after the deletion: %v, %v", err, has(b))
	}
	for _, properties := range []object{
		{"Queues": []any{a, a + "x"}, "PolicyDocument": document}, {"Queues": []any{a}, "PolicyDocument": object{"Statement": "no"}},
	} {
		if _, err := policies.Create(t.Context(), request(properties)); err == nil || has(a) {
			t.Errorf("%v: %v", properties, err)
		}
	}
}
