// SPDX-License-Identifier: MIT

package stage

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addEvents adds what brings a function its events, and returns what the
// function's role must allow for that.
func (m *marshaller) addEvents(f spec.Function) []any {
	var needs rights
	for i, e := range f.Events {
		s := eventSource{f, m.origin("functions", f.Name, "events", strconv.Itoa(i))}
		switch {
		case e.HTTP != nil: // part of the API
		case e.SQS != nil:
			m.addQueueEvent(s, e.SQS, &needs)
		case e.S3 != nil: // addNotifications: all rules of a bucket together
		case e.SNS != nil:
			m.addTopicEvent(s, e.SNS, &needs)
		case e.Kinesis != nil:
			m.addStreamEvent(s, e.Kinesis, &needs)
		case e.DynamoDB != nil:
			m.addTableEvent(s, e.DynamoDB, &needs)
		case e.MSK != nil:
			m.addClusterEvent(s, e.MSK, &needs)
		case e.Kafka != nil:
			m.addKafkaEvent(s, e.Kafka, &needs)
		case e.Schedule != nil:
			m.addSchedule(s, e.Schedule)
		case e.EventBridge != nil:
			m.addRule(s, e.EventBridge)
		case e.Permission != nil:
			m.addPermission(s, e.Permission)
		case e.Logs != nil:
			m.addLogs(s, e.Logs)
		case e.IoT != nil:
			m.addTopicRule(s, e.IoT)
		case e.Cognito != nil:
			m.addUserPool(s, e.Cognito)
		case e.ALB != nil:
			m.addLoadBalancer(s, e.ALB)
		case e.CodeCommit != nil:
			m.addRepository(s, e.CodeCommit)
		case e.SES != nil:
			m.addMail(s, e.SES, &needs)
		}
	}
	m.addSchedulerRole(f)
	m.addTopicRuleRole(f)
	m.addEventConfig(f, &needs)
	return needs.statements()
}

// eventSource is whom a source's events are for, and where it stands in
// sparta.yaml.
type eventSource struct {
	function spec.Function
	origin   cfn.Origin
}

// grant lets a service call the function, for one source only: account is set
// for sources whose ARN does not have one.
func (m *marshaller) grant(id string, s eventSource, principal string, sourceARN, sourceAccount any) {
	properties := map[string]any{
		"FunctionName": caller(s.function), "Action": "lambda:InvokeFunction", "Principal": principal,
	}
	if sourceARN != nil {
		properties["SourceArn"] = sourceARN
	}
	if sourceAccount != nil {
		properties["SourceAccount"] = sourceAccount
	}
	m.add(id, "AWS::Lambda::Permission", properties, s.origin)
}

// rights collects what a role must allow.
type rights struct{ list []right }

type right struct {
	actions   []string
	resources []any
}

// allow adds actions on a resource. Actions that are allowed on several
// resources become one statement.
func (r *rights) allow(resource any, actions ...string) {
	for i, have := range r.list {
		if !reflect.DeepEqual(have.actions, actions) {
			continue
		}
		for _, other := range have.resources {
			if reflect.DeepEqual(other, resource) {
				return
			}
		}
		r.list[i].resources = append(have.resources, resource)
		return
	}
	r.list = append(r.list, right{actions, []any{resource}})
}

// statements are the rights as statements of a policy.
func (r *rights) statements() []any {
	var all []any
	for _, one := range r.list {
		resource := any(one.resources)
		if len(one.resources) == 1 {
			resource = one.resources[0]
		}
		all = append(all, allow(resource, one.actions...))
	}
	return all
}

// compact is a value as JSON on one line.
func compact(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("value of sparta.yaml: " + err.Error()) // values of JSON always have a form
	}
	return strings.TrimSuffix(b.String(), "\n")
}
