// SPDX-License-Identifier: MIT

package lambda

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// kafkaEvent is the event for a function; the names are those of the page "Using
// Lambda with Amazon MSK".
type kafkaEvent struct {
	EventSource      string                       `json:"eventSource"`
	EventSourceARN   string                       `json:"eventSourceArn,omitempty"` // MSK only
	BootstrapServers string                       `json:"bootstrapServers"`
	Records          map[string][]json.RawMessage `json:"records"` // by topic-partition
}

// event returns the event for a function.
func (l lane) event(records []stream.Record) ([]byte, error) {
	if l.topic == nil {
		return streamEvent(records)
	}
	out := kafkaEvent{EventSource: "aws:kafka", EventSourceARN: l.m.Source, BootstrapServers: l.topic.servers, Records: map[string][]json.RawMessage{}}
	if l.m.Topic.Servers != nil {
		out.EventSource = "SelfManagedKafka"
	}
	for _, r := range records {
		out.Records[l.shard] = append(out.Records[l.shard], r.Event)
	}
	return json.Marshal(out)
}

// failed reads which records of a batch a function has not handled.
func (l lane) failed(payload []byte, sequences []string) (map[string]bool, error) {
	if l.topic == nil {
		return batchFailures(payload, sequences)
	}
	var response struct {
		BatchItemFailures []struct {
			ItemIdentifier *struct {
				Partition string `json:"partition"` // topic-partition
				Offset    *int64 `json:"offset"`
			} `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(payload) == 0 || string(payload) == `""` { // an empty answer is success
		return nil, nil
	}
	if err := json.Unmarshal(payload, &response); err != nil {
		return nil, err
	}
	failed := map[string]bool{}
	for _, item := range response.BatchItemFailures {
		id := item.ItemIdentifier
		if id == nil || id.Offset == nil || id.Partition != l.shard {
			return nil, errors.New("an itemIdentifier is that of nothing in the batch")
		}
		sequence := strconv.FormatInt(*id.Offset, 10)
		if !slices.Contains(sequences, sequence) {
			return nil, errors.New("an itemIdentifier is that of nothing in the batch")
		}
		failed[sequence] = true
	}
	return failed, nil
}

// kafkaInfo says in a failure which records it is about. The page "Capturing
// discarded batches for Amazon MSK and self-managed Apache Kafka event sources"
// has an example.
type kafkaInfo struct {
	BatchSize        int                     `json:"batchSize"`
	EventSourceARN   string                  `json:"eventSourceArn,omitempty"`
	BootstrapServers string                  `json:"bootstrapServers"`
	PayloadSize      int                     `json:"payloadSize"` // bytes
	RecordsInfo      map[string]kafkaRecords `json:"recordsInfo"` // by topic-partition
}

type kafkaRecords struct {
	FirstRecordOffset    string `json:"firstRecordOffset"`
	LastRecordOffset     string `json:"lastRecordOffset"`
	FirstRecordTimestamp string `json:"firstRecordTimestamp"`
	LastRecordTimestamp  string `json:"lastRecordTimestamp"`
}

func (l lane) kafkaInfo(records []stream.Record) *kafkaInfo {
	first, last := records[0], records[len(records)-1]
	payload, _ := l.event(records) // of raw messages that were valid before
	return &kafkaInfo{
		BatchSize: len(records), EventSourceARN: l.m.Source, BootstrapServers: l.topic.servers, PayloadSize: len(payload),
		RecordsInfo: map[string]kafkaRecords{l.shard: {
			first.Sequence, last.Sequence, first.Arrived.UTC().Format(recordTime), last.Arrived.UTC().Format(recordTime),
		}},
	}
}
