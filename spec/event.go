// SPDX-License-Identifier: MIT

package spec

import (
	"strconv"
)

// Event is one source of a function's events. Exactly one field is set, unless
// the source is faulty.
type Event struct {
	HTTP     *HTTPEvent    `key:"http"`     // requests to a route of the API
	SQS      *QueueEvent   `key:"sqs"`      // messages of a queue
	S3       *BucketEvent  `key:"s3"`       // what happens to the objects of a bucket
	SNS      *TopicEvent   `key:"sns"`      // messages of a topic
	Kinesis  *StreamEvent  `key:"kinesis"`  // records of a data stream
	DynamoDB *TableEvent   `key:"dynamodb"` // changes of a table
	MSK      *ClusterEvent `key:"msk"`      // records of a topic of an MSK cluster
	Kafka    *KafkaEvent   `key:"kafka"`    // records of a topic of another Kafka cluster

	Schedule    *ScheduleEvent     `key:"schedule"`    // times
	EventBridge *RuleEvent         `key:"eventBridge"` // events of a bus
	Permission  *PermissionEvent   `key:"permission"`  // whoever has it
	Logs        *LogsEvent         `key:"logs"`        // log events of a group
	IoT         *TopicRuleEvent    `key:"iot"`         // messages of AWS IoT
	Cognito     *UserPoolEvent     `key:"cognito"`     // steps of a user pool
	ALB         *LoadBalancerEvent `key:"alb"`         // requests to a load balancer
	CodeCommit  *RepositoryEvent   `key:"codecommit"`  // changes of a repository
	SES         *MailEvent         `key:"ses"`         // mail
}

// eventSource is what the kinds of sources have in common.
type eventSource interface {
	// ids returns the logical ids of the resources that bring a function the
	// events. They depend on what the source is, not on its place in the file.
	ids(function string) []string
	// from returns the resource that the events come from, if there is one.
	from() Source
	// pulled reports whether Lambda reads the events with the function's role.
	pulled() bool
}

// linked is a source of events that other resources take part in, beside the
// one that the events come from.
type linked interface {
	// links returns the resources that those of ids refer to, and those that
	// the function's role names.
	links() (parts, role []Source)
}

// source returns the field that is set, nil for none.
func (e Event) source() eventSource {
	switch {
	case e.HTTP != nil:
		return e.HTTP
	case e.SQS != nil:
		return e.SQS
	case e.S3 != nil:
		return e.S3
	case e.SNS != nil:
		return e.SNS
	case e.Kinesis != nil:
		return e.Kinesis
	case e.DynamoDB != nil:
		return e.DynamoDB
	case e.MSK != nil:
		return e.MSK
	case e.Kafka != nil:
		return e.Kafka
	case e.Schedule != nil:
		return e.Schedule
	case e.EventBridge != nil:
		return e.EventBridge
	case e.Permission != nil:
		return e.Permission
	case e.Logs != nil:
		return e.Logs
	case e.IoT != nil:
		return e.IoT
	case e.Cognito != nil:
		return e.Cognito
	case e.ALB != nil:
		return e.ALB
	case e.CodeCommit != nil:
		return e.CodeCommit
	case e.SES != nil:
		return e.SES
	}
	return nil
}

// IDs returns the logical ids of the resources that bring a function the
// events.
func (e Event) IDs(function string) []string {
	s := e.source()
	if s == nil {
		return nil
	}
	return s.ids(function)
}

// events decodes the sources of a function's events. A faulty one is an Event
// without a source, so that indexes are those of the file.
func (d *decoder) events(n *node, f Function) []Event {
	if !usable(n) {
		return nil
	}
	var all []Event
	for _, item := range n.items {
		var e Event
		if one := item.only(); usable(item) && usable(one) {
			if decoded := d.event(one, f); one.sound() {
				e = decoded
			}
		}
		all = append(all, e)
	}
	mapped(all, f.Name)
	return all
}

// event decodes one source. Its node has the kind of source as key.
func (d *decoder) event(n *node, f Function) Event {
	switch n.key {
	case "http":
		return Event{HTTP: d.httpEvent(n)}
	case "sqs":
		return Event{SQS: d.queueEvent(n, f)}
	case "s3":
		return Event{S3: d.bucketEvent(n, f)}
	case "sns":
		return Event{SNS: d.topicEvent(n)}
	case "kinesis":
		return Event{Kinesis: d.streamEvent(n)}
	case "dynamodb":
		return Event{DynamoDB: d.tableEvent(n)}
	case "msk":
		return Event{MSK: d.clusterEvent(n)}
	case "kafka":
		return Event{Kafka: d.kafkaEvent(n)}
	case "schedule":
		return Event{Schedule: d.scheduleEvent(n)}
	case "eventBridge":
		return Event{EventBridge: d.ruleEvent(n)}
	case "permission":
		return Event{Permission: d.permissionEvent(n)}
	case "logs":
		return Event{Logs: d.logsEvent(n, f)}
	case "iot":
		return Event{IoT: d.topicRuleEvent(n)}
	case "cognito":
		return Event{Cognito: d.userPoolEvent(n, f)}
	case "alb":
		return Event{ALB: d.loadBalancerEvent(n)}
	case "codecommit":
		return Event{CodeCommit: d.repositoryEvent(n)}
	case "ses":
		return Event{SES: d.mailEvent(n, f)}
	}
	return Event{}
}

// long returns the value of a key of a source that may be written short, as the
// value of just this key.
func long(n *node, key string) *node {
	if _, _, call := intrinsicOf(n); n.kind != object || call {
		return n
	}
	return n.field(key)
}

// isShort reports whether a source is written short.
func isShort(n *node, key string) bool { return long(n, key) == n }

// option returns the value of a further key of a source, nil if it is not given
// or the source is written short.
func option(n *node, key string) *node {
	if _, _, call := intrinsicOf(n); call {
		return nil
	}
	return n.field(key)
}

// flag decodes true or false with a default.
func (d *decoder) flag(n *node, fallback bool) bool {
	if !usable(n) || n.kind != boolean {
		return fallback
	}
	return n.json() == "true"
}

// number decodes a whole number with a default.
func (d *decoder) number(n *node, fallback int) int {
	if !usable(n) || n.kind != number {
		return fallback
	}
	return whole(n.json())
}

// eventPath is the path of a function's event in the file.
func eventPath(function string, i int) []string {
	return []string{"functions", function, "events", strconv.Itoa(i)}
}
