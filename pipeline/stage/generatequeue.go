// SPDX-License-Identifier: MIT

package stage

import (
	"time"

	"github.com/sparta-up/sparta/spec"
)

// addQueueEvent has Lambda read a queue for the function.
func (m *marshaller) addQueueEvent(s eventSource, q *spec.QueueEvent, needs *rights) {
	properties := map[string]any{
		"EventSourceArn": q.Queue.ARN,
		"FunctionName":   target(s.function),
		"BatchSize":      q.BatchSize,
		"Enabled":        q.Enabled,
	}
	if q.BatchWindow > 0 {
		properties["MaximumBatchingWindowInSeconds"] = int(q.BatchWindow / time.Second)
	}
	if q.MaxConcurrency > 0 {
		properties["ScalingConfig"] = map[string]any{"MaximumConcurrency": q.MaxConcurrency}
	}
	if q.PartialFailures {
		properties["FunctionResponseTypes"] = []any{"ReportBatchItemFailures"}
	}
	setFilters(properties, q.Filters)
	m.add(q.MappingID(s.function.Name), "AWS::Lambda::EventSourceMapping", properties, s.origin)
	needs.allow(q.Queue.ARN, "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
}

// setFilters sets the filters of an event source mapping.
func setFilters(properties map[string]any, filters []map[string]any) {
	if len(filters) == 0 {
		return
	}
	var list []any
	for _, pattern := range filters {
		list = append(list, map[string]any{"Pattern": compact(pattern)})
	}
	properties["FilterCriteria"] = map[string]any{"Filters": list}
}
