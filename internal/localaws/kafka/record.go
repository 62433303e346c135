// SPDX-License-Identifier: MIT

package kafka

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// eventRecord is a record in the event for a function; the names are those of the
// page "Using Lambda with Amazon MSK".
type eventRecord struct {
	Topic         string              `json:"topic"`
	Partition     int32               `json:"partition"`
	Offset        int64               `json:"offset"`
	Timestamp     int64               `json:"timestamp"` // milliseconds since 1970
	TimestampType string              `json:"timestampType"`
	Key           []byte              `json:"key,omitempty"`   // absent: there is none
	Value         []byte              `json:"value,omitempty"` // absent: a tombstone
	Headers       []map[string][]int8 `json:"headers"`         // bytes are Java's
}

// encode brings a record into the form of streams: its sequence number is its
// offset.
func encode(r *kgo.Record) (stream.Record, error) {
	out := eventRecord{
		Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli(),
		TimestampType: timestampType(r.Attrs.TimestampType()), Key: r.Key, Value: r.Value, Headers: []map[string][]int8{},
	}
	for _, h := range r.Headers {
		value := make([]int8, len(h.Value))
		for i, b := range h.Value {
			value[i] = int8(b)
		}
		out.Headers = append(out.Headers, map[string][]int8{h.Key: value})
	}
	event, err := json.Marshal(out)
	return stream.Record{
		Sequence: strconv.FormatInt(r.Offset, 10), Key: string(r.Key), Arrived: r.Timestamp.Truncate(time.Millisecond), Event: event, Filtered: filtered(r.Value),
	}, err
}

func timestampType(kind int8) string {
	switch kind {
	case 0:
		return "CREATE_TIME"
	case 1:
		return "LOG_APPEND_TIME"
	}
	return "NO_TIMESTAMP_TYPE"
}

// filtered returns what filters see of a record: its value, which is looked into
// if it is JSON. What is no text has no value to match ("Filtering events from
// Amazon MSK and self-managed Apache Kafka event sources").
func filtered(value []byte) json.RawMessage {
	out := map[string]any{}
	switch {
	case json.Valid(value):
		out["value"] = json.RawMessage(value)
	case utf8.Valid(value):
		out["value"] = string(value)
	}
	text, _ := json.Marshal(out) // valid by its making
	return text
}
