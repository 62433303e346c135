// SPDX-License-Identifier: MIT

package iot

import (
	"context"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::IoT::TopicRule.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::IoT::TopicRule": ruleType{s}}
}

// serviceName is how CloudFormation calls AWS IoT in the reasons of its events.
const serviceName = "Iot"

// ruleType is AWS::IoT::TopicRule.
type ruleType struct{ service *Service }

func (t ruleType) Check(properties map[string]any) []string {
	text := shape.String
	payload := shape.Object(shape.Fields{
		"Actions": shape.List(actionShape()), "AwsIotSqlVersion": text, "Description": text, "ErrorAction": actionShape(), "RuleDisabled": shape.Boolean, "Sql": text,
	}, "Actions", "Sql")
	return shape.Check(shape.Object(shape.Fields{
		"RuleName": shape.Pattern(ruleName, 128), "Tags": shape.Tags, "TopicRulePayload": payload,
	}, "TopicRulePayload"), properties)
}

// actionShape is that of an action: the members that are modelled, and the names
// of the others.
func actionShape() shape.Rule {
	text := shape.String
	object := func(fields shape.Fields, required ...string) shape.Rule {
		fields["RoleArn"] = text
		return shape.Object(fields, append(required, "RoleArn")...)
	}
	fields := shape.Fields{
		"Lambda":     shape.Object(shape.Fields{"FunctionArn": text}),
		"Sqs":        object(shape.Fields{"QueueUrl": text, "UseBase64": shape.Boolean}, "QueueUrl"),
		"Sns":        object(shape.Fields{"TargetArn": text, "MessageFormat": shape.Only("RAW")}, "TargetArn"),
		"Kinesis":    object(shape.Fields{"StreamName": text, "PartitionKey": text}, "StreamName"),
		"DynamoDBv2": object(shape.Fields{"PutItem": shape.Object(shape.Fields{"TableName": text}, "TableName")}, "PutItem"),
		"S3":         object(shape.Fields{"BucketName": text, "Key": text, "CannedAcl": shape.Unmodelled}, "BucketName", "Key"),
		"Republish":  object(shape.Fields{"Topic": text, "Qos": shape.Integer(0, 1), "Headers": shape.Unmodelled}, "Topic"),
		"CloudwatchLogs": object(shape.Fields{"LogGroupName": text, "BatchMode": func(path string, v any) []string {
			if batch, ok := shape.Bool(v); ok && batch {
				return shape.Unmodelled(path, v)
			}
			return shape.Boolean(path, v)
		}}, "LogGroupName"),
	}
	for _, name := range []string{
		"CloudwatchAlarm", "CloudwatchMetric", "DynamoDB", "Elasticsearch", "Firehose", "Http", "IotAnalytics", "IotEvents", "IotSiteWise", "Kafka",
		"Location", "OpenSearch", "StepFunctions", "Timestream",
	} {
		fields[name] = shape.Unmodelled
	}
	return shape.Object(fields)
}

func (t ruleType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "RuleName")
}

// read returns the rule that the properties describe.
func (t ruleType) read(r resource.Request, name string) (*rule, error) {
	var p struct{ TopicRulePayload propertyPayload }
	properties := map[string]any{"TopicRulePayload": r.Properties["TopicRulePayload"]}
	if err := resource.Decode(properties, &p); err != nil {
		return nil, invalid("%v", err)
	}
	made, err := newRule(r.Scope, name, p.TopicRulePayload.payload())
	if err != nil {
		return nil, err
	}
	made.Tags = shape.TagMap(r.Tags, r.Properties)
	return made, nil
}

// propertyPayload is a rulePayload with the names of CloudFormation.
type propertyPayload struct {
	Sql, Description, AwsIotSqlVersion string
	Actions                            []action
	RuleDisabled                       bool
	ErrorAction                        *action
}

func (p propertyPayload) payload() rulePayload {
	return rulePayload{p.Sql, p.Description, p.Actions, p.RuleDisabled, p.AwsIotSqlVersion, p.ErrorAction}
}

// Create makes a rule. A name that CloudFormation makes up has no hyphens, which
// rules do not take.
func (t ruleType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "RuleName")
	if name == "" {
		name = strings.ReplaceAll(r.DefaultName(128), "-", "_")
	}
	made, err := t.read(r, name)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	if err := t.service.add(made); err != nil {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists", "Resource of type 'AWS::IoT::TopicRule' with identifier '%s' already exists.", name)
	}
	return made.instance(), nil
}

func (r *rule) instance() resource.Instance {
	return resource.Instance{PhysicalID: r.Name, Attributes: map[string]any{"Arn": r.arn()}}
}

func (t ruleType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	next, err := t.read(r, old.PhysicalID)
	if err == nil {
		err = t.service.replace(next)
	}
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	return next.instance(), nil
}

func (t ruleType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	name, _ := old.Attributes["Arn"].(string)
	if s.rules[name] != nil {
		delete(s.rules, name)
		s.changed()
	}
	return nil
}
