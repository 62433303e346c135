// SPDX-License-Identifier: MIT

package kinesis_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Whatever a client sends is answered, and never by a failure of ours.
func FuzzAPI(f *testing.F) {
	for action, body := range map[string]string{
		"CreateStream":           `{"StreamName":"t","ShardCount":2,"StreamModeDetails":{"StreamMode":"PROVISIONED"}}`,
		"PutRecord":              `{"StreamName":"s","PartitionKey":"k","Data":"AA==","ExplicitHashKey":"7"}`,
		"PutRecords":             `{"StreamName":"s","Records":[{"PartitionKey":"k","Data":""}]}`,
		"GetShardIterator":       `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"49"}`,
		"GetRecords":             `{"ShardIterator":"eyJTdHJlYW0iOiJ4In0="}`,
		"ListShards":             `{"StreamName":"s","ShardFilter":{"Type":"AT_LATEST"}}`,
		"ListStreams":            `{"NextToken":"ImEi"}`,
		"DescribeStreamConsumer": `{"ConsumerARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1"}`,
	} {
		f.Add(action, body)
	}
	f.Fuzz(func(t *testing.T, action, body string) {
		w := open(t, t.TempDir())
		w.stream(t, "s", 1)
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "Kinesis_20131202."+action)
		rec := httptest.NewRecorder()
		w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region})
		if rec.Code >= 500 {
			t.Errorf("%s %s: %d %s", action, body, rec.Code, rec.Body)
		}
	})
}
