// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/stream"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Why records of a stream are given up.
const (
	retryAttemptsExhausted = "RetryAttemptsExhausted"
	recordAgeExceeded      = "RecordAgeExceeded"
)

// streamFailure is what destinations get of records that were given up. The
// page "Retain discarded batch records for a Kinesis Data Streams event source"
// has an example.
type streamFailure struct {
	RequestContext  failedRequest    `json:"requestContext"`
	ResponseContext *responseContext `json:"responseContext,omitempty"`
	Version         string           `json:"version"`
	Timestamp       string           `json:"timestamp"`
	Kinesis         *batchInfo       `json:"KinesisBatchInfo,omitempty"`
	DynamoDB        *batchInfo       `json:"DDBStreamBatchInfo,omitempty"`
	Payload         string           `json:"payload,omitempty"` // the event; buckets only
}

type failedRequest struct {
	RequestID              string `json:"requestId"`
	FunctionARN            string `json:"functionArn"`
	Condition              string `json:"condition"`
	ApproximateInvokeCount int    `json:"approximateInvokeCount"`
}

type batchInfo struct {
	ShardID                         string `json:"shardId"`
	StartSequenceNumber             string `json:"startSequenceNumber"`
	EndSequenceNumber               string `json:"endSequenceNumber"`
	ApproximateArrivalOfFirstRecord string `json:"approximateArrivalOfFirstRecord"`
	ApproximateArrivalOfLastRecord  string `json:"approximateArrivalOfLastRecord"`
	BatchSize                       int    `json:"batchSize"`
	StreamARN                       string `json:"streamArn"`
}

// failure describes records that are given up.
func (l lane) failure(records []stream.Record, condition string, a attempt, now time.Time) streamFailure {
	first, last := records[0], records[len(records)-1]
	info := &batchInfo{
		ShardID: l.shard, StartSequenceNumber: first.Sequence, EndSequenceNumber: last.Sequence,
		ApproximateArrivalOfFirstRecord: first.Arrived.UTC().Format(recordTime),
		ApproximateArrivalOfLastRecord:  last.Arrived.UTC().Format(recordTime),
		BatchSize:                       len(records), StreamARN: l.m.Source,
	}
	out := streamFailure{
		RequestContext: failedRequest{wire.RequestID(), l.m.FunctionARN, condition, a.count},
		Version:        "1.0", Timestamp: now.UTC().Format(recordTime),
	}
	if a.count > 0 {
		out.RequestContext.RequestID = a.last.RequestID
		out.ResponseContext = &responseContext{http.StatusOK, a.last.ExecutedVersion, a.last.FunctionError}
	}
	if source, _ := arn.Parse(l.m.Source); source.Service == "dynamodb" {
		out.DynamoDB = info
	} else {
		out.Kinesis = info
	}
	return out
}

// giveUp tells the mapping's destination of records that will not be handled,
// and passes them over.
func (s *Service) giveUp(l lane, records []stream.Record, condition string, a attempt) {
	s.env.Log.Warn().Str("mapping", l.m.ID).Str("shard", l.shard).Int("records", len(records)).Str("condition", condition).Msg("gave up records")
	defer s.settled(l, records)
	target := l.m.Stream.OnFailure
	if target == "" {
		return
	}
	now := s.env.Now()
	failure := l.failure(records, condition, a, now)
	out := delivery.Message{Role: s.roleOf(l.m.Scope, l.m.Function), Session: pollerSession, Account: l.m.Scope.Account, Source: l.m.FunctionARN, Target: target}
	if to, _ := arn.Parse(target); to.Service == "s3" {
		out.Key = failureKey(l.m.failureFolder()+"/"+l.shard, now)
		payload, err := streamEvent(records)
		if err != nil {
			s.env.Log.Warn().Err(err).Msg("encode event")
		}
		failure.Payload = string(payload)
	}
	body, err := json.Marshal(failure)
	if err == nil {
		out.Body = body
		err = s.deps.Delivery.Send(context.Background(), out)
	}
	if err != nil {
		s.env.Log.Warn().Err(err).Str("mapping", l.m.ID).Str("destination", target).Msg("dropped failure record")
	}
}

// failureFolder begins the keys of the objects that tell of failures.
func (m *mapping) failureFolder() string { return strings.Join([]string{"aws", "lambda", m.ID}, "/") }
