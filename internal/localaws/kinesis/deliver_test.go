// SPDX-License-Identifier: MIT

package kinesis_test

import (
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// TestDeliver: what a service puts into a stream with a role.
func TestDeliver(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.ok(t, "CreateStream", object{"StreamName": "s", "ShardCount": 1})
	m := delivery.Message{Account: account, Target: here.Regional("kinesis", "stream/s"), Body: []byte("data"), Group: "key"}
	if err := w.Admits(m); err != nil {
		t.Fatal(err)
	}
	if err := w.Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	iterator := w.ok(t, "GetShardIterator", object{"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"})["ShardIterator"]
	records := w.ok(t, "GetRecords", object{"ShardIterator": iterator})["Records"].([]any)
	if len(records) != 1 || records[0].(object)["PartitionKey"] != "key" || records[0].(object)["Data"] != "ZGF0YQ==" {
		t.Errorf("got %v", records)
	}
	for _, test := range []struct {
		change func(*delivery.Message)
		want   string
	}{
		{func(m *delivery.Message) { m.Target += "x" }, "ResourceNotFoundException"},
		{func(m *delivery.Message) { m.Account = "222222222222" }, "AccessDeniedException"},
		{func(m *delivery.Message) { m.Principal = "iot.amazonaws.com" }, "AccessDeniedException"},
		{func(m *delivery.Message) { m.Group = "" }, "partitionKey"},
	} {
		other := m
		test.change(&other)
		if err := w.Deliver(t.Context(), other); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
