// SPDX-License-Identifier: MIT

package kinesis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func request(properties, old map[string]any) resource.Request {
	return resource.Request{
		Scope: here, Properties: properties, OldProperties: old, Tags: map[string]string{"aws:cloudformation:stack-name": "app"},
		DefaultName: func(int) string { return "app-Stream-X" },
	}
}

func (w *world) summary(t *testing.T, name string) object {
	t.Helper()
	d := w.ok(t, "DescribeStreamSummary", object{"StreamName": name})["StreamDescriptionSummary"].(object)
	for _, changing := range []string{"StreamCreationTimestamp", "StreamId", "EnhancedMonitoring", "StreamARN", "StreamStatus"} {
		delete(d, changing)
	}
	return d
}

func TestStreamType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	streams := w.ResourceTypes()["AWS::Kinesis::Stream"]
	properties := object{"ShardCount": "2", "RetentionPeriodHours": 48, "MaxRecordSizeInKiB": 2048, "Tags": []any{object{"Key": "a", "Value": "1"}},
		"StreamEncryption": object{"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}, "StreamModeDetails": object{"StreamMode": "PROVISIONED"}}
	if faults := streams.Check(properties); faults != nil {
		t.Error(faults)
	}
	made, err := streams.Create(t.Context(), request(properties, nil))
	if err != nil || made.PhysicalID != "app-Stream-X" || made.Attributes["Arn"] != here.Regional("kinesis", "stream/app-Stream-X") {
		t.Fatal(made, err)
	}
	want := object{"StreamName": "app-Stream-X", "StreamModeDetails": object{"StreamMode": "PROVISIONED"}, "RetentionPeriodHours": 48.0, "EncryptionType": "KMS",
		"KeyId": "alias/aws/kinesis", "OpenShardCount": 2.0, "ConsumerCount": 0.0, "MaxRecordSizeInKiB": 2048.0}
	if diff := cmp.Diff(want, w.summary(t, "app-Stream-X")); diff != "" {
		t.Error(diff)
	}
	if tags := fmt.Sprint(w.ok(t, "ListTagsForStream", object{"StreamName": "app-Stream-X"})["Tags"]); tags != "[map[Key:a Value:1] map[Key:aws:cloudformation:stack-name Value:app]]" {
		t.Errorf("tags %s", tags)
	}
	if _, err := streams.Create(t.Context(), request(properties, nil)); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("got %v", err)
	}
	next := object{"ShardCount": 2}
	if streams.Replaces(properties, next) || !streams.Replaces(properties, object{"Name": "x"}) {
		t.Error("replaces the wrong things")
	}
	if _, err := streams.Update(t.Context(), made, request(next, properties)); err != nil {
		t.Fatal(err)
	}
	delete(want, "KeyId")
	want["RetentionPeriodHours"], want["EncryptionType"], want["MaxRecordSizeInKiB"] = 24.0, "NONE", 1024.0
	if diff := cmp.Diff(want, w.summary(t, "app-Stream-X")); diff != "" {
		t.Error(diff)
	}
	if _, err := streams.Update(t.Context(), made, request(object{"ShardCount": 3}, next)); err == nil || !strings.Contains(err.Error(), "does not model resharding") {
		t.Errorf("got %v", err)
	}
	for range 2 {
		if err := streams.Delete(t.Context(), made, request(next, nil)); err != nil {
			t.Error(err)
		}
	}
	if _, failure := w.as(t, account, "DescribeStreamSummary", object{"StreamName": "app-Stream-X"}); failure == "" {
		t.Error("the stream is still there")
	}
	for _, test := range []struct {
		properties object
		want       string
	}{
		{object{"Name": "no/slash"}, "#/Name"},
		{object{"ShardCount": 0}, "#/ShardCount"},
		{object{"RetentionPeriodHours": 23}, "#/RetentionPeriodHours"},
		{object{"StreamModeDetails": object{}}, "required key [StreamMode]"},
		{object{"StreamEncryption": object{"EncryptionType": "KMS"}}, "required key [KeyId]"},
		{object{"DesiredShardLevelMetrics": []any{"ALL"}}, "does not model"},
		{object{"Other": 1}, "extraneous key [Other]"},
	} {
		if faults := streams.Check(test.properties); len(faults) != 1 || !strings.Contains(faults[0], test.want) {
			t.Errorf("%v: got %v", test.properties, faults)
		}
	}
}

func TestConsumerType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	consumers := w.ResourceTypes()["AWS::Kinesis::StreamConsumer"]
	source := w.stream(t, "s", 1)
	properties := object{"ConsumerName": "fan", "StreamARN": source}
	if faults := consumers.Check(properties); faults != nil {
		t.Error(faults)
	}
	if faults := consumers.Check(object{}); len(faults) != 2 {
		t.Error(faults)
	}
	made, err := consumers.Create(t.Context(), request(properties, nil))
	if err != nil || !strings.HasPrefix(made.PhysicalID, source+"/consumer/fan:") || made.Attributes["ConsumerARN"] != made.PhysicalID || made.Attributes["ConsumerStatus"] != "ACTIVE" {
		t.Fatal(made, err)
	}
	if _, err := consumers.Create(t.Context(), request(properties, nil)); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("got %v", err)
	}
	if !consumers.Replaces(properties, object{"ConsumerName": "other", "StreamARN": source}) {
		t.Error("another name needs no replacement")
	}
	next := object{"ConsumerName": "fan", "StreamARN": source, "Tags": []any{object{"Key": "a", "Value": "1"}}}
	if _, err := consumers.Update(t.Context(), made, request(next, properties)); err != nil {
		t.Error(err)
	}
	if tags := fmt.Sprint(w.ok(t, "ListTagsForResource", object{"ResourceARN": made.PhysicalID})["Tags"]); !strings.Contains(tags, "Key:a") {
		t.Errorf("tags %s", tags)
	}
	for range 2 {
		if err := consumers.Delete(t.Context(), made, request(next, nil)); err != nil {
			t.Error(err)
		}
	}
	if list := w.ok(t, "ListStreamConsumers", object{"StreamARN": source})["Consumers"].([]any); len(list) != 0 {
		t.Errorf("left %v", list)
	}
}
