// SPDX-License-Identifier: MIT

package stage

import (
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addStreamEvent has Lambda read a Kinesis data stream for the function, as one
// of its readers or by a consumer. What the role needs is what the managed
// policy AWSLambdaKinesisExecutionRole allows, on this stream; listing all
// streams is not needed for one.
func (m *marshaller) addStreamEvent(s eventSource, e *spec.StreamEvent, needs *rights) {
	source := e.Stream.ARN
	switch e.Consumer {
	case nil:
		needs.allow(e.Stream.ARN, "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords",
			"kinesis:GetShardIterator", "kinesis:ListShards")
	case true:
		id := e.ConsumerID(s.function.Name)
		m.add(id, "AWS::Kinesis::StreamConsumer", map[string]any{
			"StreamARN": e.Stream.ARN, "ConsumerName": spec.FunctionName(m.service.Name, s.function.Name),
		}, s.origin)
		source = cfn.GetAtt(id, "ConsumerARN")
	default:
		source = e.Consumer
	}
	if e.Consumer != nil {
		needs.allow(e.Stream.ARN, "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:ListShards")
		needs.allow(source, "kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard")
	}
	properties := m.mapping(s, e.Reading, needs)
	properties["EventSourceArn"] = source
	setShards(properties, e.Shards)
	setSince(properties, e.Since)
	m.add(e.MappingID(s.function.Name), "AWS::Lambda::EventSourceMapping", properties, s.origin)
}

// addTableEvent has Lambda read the stream of a DynamoDB table.
func (m *marshaller) addTableEvent(s eventSource, e *spec.TableEvent, needs *rights) {
	needs.allow(e.Table.ARN, "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
	properties := m.mapping(s, e.Reading, needs)
	properties["EventSourceArn"] = e.Table.ARN
	setShards(properties, e.Shards)
	m.add(e.MappingID(s.function.Name), "AWS::Lambda::EventSourceMapping", properties, s.origin)
}

// mapping are the properties of an event source mapping that reads for the
// function.
func (m *marshaller) mapping(s eventSource, r spec.Reading, needs *rights) map[string]any {
	properties := map[string]any{
		"FunctionName":     target(s.function),
		"StartingPosition": r.StartingPosition,
		"BatchSize":        r.BatchSize,
		"Enabled":          r.Enabled,
	}
	if r.BatchWindow > 0 {
		properties["MaximumBatchingWindowInSeconds"] = int(r.BatchWindow / time.Second)
	}
	if r.Bisect {
		properties["BisectBatchOnFunctionError"] = true
	}
	if r.Retries >= 0 {
		properties["MaximumRetryAttempts"] = r.Retries
	}
	if r.MaxAge > 0 {
		properties["MaximumRecordAgeInSeconds"] = int(r.MaxAge / time.Second)
	}
	if r.PartialFailures {
		properties["FunctionResponseTypes"] = []any{"ReportBatchItemFailures"}
	}
	if r.OnFailure != nil {
		properties["DestinationConfig"] = map[string]any{"OnFailure": map[string]any{"Destination": r.OnFailure.ARN}}
		m.allowSend(*r.OnFailure, needs)
	}
	setFilters(properties, r.Filters)
	return properties
}

func setShards(properties map[string]any, s spec.Shards) {
	if s.Parallelization > 1 {
		properties["ParallelizationFactor"] = s.Parallelization
	}
	if s.TumblingWindow > 0 {
		properties["TumblingWindowInSeconds"] = int(s.TumblingWindow / time.Second)
	}
}

func setSince(properties map[string]any, s spec.Since) {
	if !s.StartingAt.IsZero() {
		properties["StartingPositionTimestamp"] = s.StartingAt.Unix()
	}
}
