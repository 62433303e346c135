// SPDX-License-Identifier: MIT

package kinesis

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// sourceOf returns the stream that an event source is, or whose consumer it is;
// s.mu is held.
func (s *Service) sourceOf(source string) (*dataStream, error) {
	a, _ := arn.Parse(source)
	scope := arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}
	if strings.Contains(a.Resource, "/consumer/") {
		d, _, err := s.consumerAt(scope, source)
		return d, err
	}
	return s.findARN(source)
}

// Shards returns the ids of the shards of a stream. source is the ARN of the
// stream or of a consumer of it; if it does not exist, the error is a
// *wire.Error with the code ResourceNotFoundException.
func (s *Service) Shards(_ context.Context, source string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.sourceOf(source)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(d.Shards))
	for i, sh := range d.Shards {
		ids[i] = sh.id()
	}
	return ids, nil
}

// Position returns the sequence number after which the records of a shard begin
// that start asks for.
func (s *Service) Position(_ context.Context, source, shardID string, start stream.Start) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.sourceOf(source)
	if err != nil {
		return "", err
	}
	sh, err := d.shard(shardID)
	if err != nil {
		return "", err
	}
	return sh.position(start), nil
}

// Read returns records of a shard as functions get them. If there are none it
// waits for them; it returns none when the time is over, ctx ends or the service
// closes.
func (s *Service) Read(ctx context.Context, r stream.Request) (stream.Page, error) {
	timer := time.NewTimer(r.Wait)
	defer timer.Stop()
	for {
		page, arrived, err := s.look(r)
		if err != nil || len(page.Records) > 0 || r.Wait <= 0 {
			return page, err
		}
		select {
		case <-arrived:
		case <-timer.C:
			return page, nil
		case <-ctx.Done():
			return page, nil
		case <-s.stopped.Done():
			return page, nil
		}
	}
}

// look returns the records that there are, and what is closed when there may be
// more.
func (s *Service) look(r stream.Request) (stream.Page, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.sourceOf(r.Source)
	if err != nil {
		return stream.Page{}, nil, err
	}
	sh, err := d.shard(r.Shard)
	if err != nil {
		return stream.Page{}, nil, err
	}
	records, _, err := s.from(d, sh, r.After, r.Most)
	if err != nil {
		return stream.Page{}, nil, err
	}
	var page stream.Page
	for _, rec := range records {
		out, err := d.event(sh, rec, r)
		if err != nil {
			return stream.Page{}, nil, err
		}
		page.Records = append(page.Records, out)
	}
	return page, d.arrived, nil
}

// eventRecord is a record in the event for a function; the names are those of
// the page "Using Lambda to process records from Amazon Kinesis Data Streams".
type eventRecord struct {
	Kinesis           eventData `json:"kinesis"`
	EventSource       string    `json:"eventSource"`
	EventVersion      string    `json:"eventVersion"`
	EventID           string    `json:"eventID"`
	EventName         string    `json:"eventName"`
	InvokeIdentityARN string    `json:"invokeIdentityArn"`
	AWSRegion         string    `json:"awsRegion"`
	EventSourceARN    string    `json:"eventSourceARN"`
}

type eventData struct {
	KinesisSchemaVersion        string  `json:"kinesisSchemaVersion"`
	PartitionKey                string  `json:"partitionKey"`
	SequenceNumber              string  `json:"sequenceNumber"`
	Data                        []byte  `json:"data"`
	ApproximateArrivalTimestamp float64 `json:"approximateArrivalTimestamp"` // seconds since 1970
}

func (d *dataStream) event(sh *shard, rec record, r stream.Request) (stream.Record, error) {
	event, err := json.Marshal(eventRecord{
		Kinesis:     eventData{"1.0", rec.Key, rec.Sequence, rec.Data, seconds(rec.Arrived)},
		EventSource: "aws:kinesis", EventVersion: "1.0", EventID: sh.id() + ":" + rec.Sequence, EventName: "aws:kinesis:record",
		InvokeIdentityARN: r.Role, AWSRegion: d.Scope.Region, EventSourceARN: r.Source,
	})
	return stream.Record{Sequence: rec.Sequence, Key: rec.Key, Arrived: rec.Arrived, Event: event, Filtered: filtered(rec.Data)}, err
}

// filtered returns what filters see of a record: its data, which is looked into
// if it is JSON. What is no text has no data to match ("Using event filtering
// with a Kinesis event source").
func filtered(data []byte) json.RawMessage {
	out := map[string]any{}
	switch {
	case json.Valid(data):
		out["data"] = json.RawMessage(data)
	case utf8.Valid(data):
		out["data"] = string(data)
	}
	text, _ := json.Marshal(out) // valid by its making
	return text
}
