// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// Intents are the keys of permissions that say what the code does with a
// resource, in place of IAM actions and ARNs.
func Intents() []string {
	return []string{"read", "write", "send", "receive", "publish", "invoke", "start", "encrypt", "decrypt"}
}

// intentKind is what the intents mean for one kind of resource. Only named
// actions, and none that changes the resource itself. Source: Service
// Authorization Reference.
type intentKind struct {
	sourceKind
	grants map[string][]grant // by intent
}

// grant is a statement: actions on what the paths make of an ARN.
type grant struct {
	actions []string
	paths   []string // behind the ARN; "" is the resource itself
}

func on(path string, actions ...string) grant { return grant{actions: actions, paths: []string{path}} }

func intentKinds() []intentKind {
	return []intentKind{{
		sourceKind{what: "a DynamoDB table", service: "dynamodb", types: []string{"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"}, attribute: "Arn", form: "table/<name>"},
		map[string][]grant{
			"read": {
				on("", "dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"),
				on("/index/*", "dynamodb:Query", "dynamodb:Scan"), // an index answers nothing else
			},
			"write": {on("", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")},
		},
	}, {
		sourceKind{what: "an S3 bucket", service: "s3", types: []string{"AWS::S3::Bucket"}, attribute: "Arn", form: "<name>", global: true},
		map[string][]grant{
			"read":  {on("", "s3:ListBucket"), on("/*", "s3:GetObject")},
			"write": {on("/*", "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject")},
		},
	}, {
		queueKind(),
		map[string][]grant{
			"send": {on("", "sqs:GetQueueUrl", "sqs:SendMessage")},
			"receive": {on("", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
				"sqs:ReceiveMessage")},
		},
	}, {
		topicKind(),
		map[string][]grant{"publish": {on("", "sns:Publish")}},
	}, {
		sourceKind{what: "a Kinesis stream", service: "kinesis", types: []string{"AWS::Kinesis::Stream"}, attribute: "Arn", form: "stream/<name>"},
		map[string][]grant{
			"read":  {on("", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards")},
			"write": {on("", "kinesis:DescribeStreamSummary", "kinesis:PutRecord", "kinesis:PutRecords")},
		},
	}, {
		sourceKind{what: "a Firehose stream", service: "firehose", types: []string{"AWS::KinesisFirehose::DeliveryStream"}, attribute: "Arn", form: "deliverystream/<name>"},
		map[string][]grant{"write": {on("", "firehose:PutRecord", "firehose:PutRecordBatch")}},
	}, {
		sourceKind{what: "an event bus", service: "events", types: []string{"AWS::Events::EventBus"}, attribute: "Arn", form: "event-bus/<name>"},
		map[string][]grant{"publish": {on("", "events:PutEvents")}},
	}, {
		sourceKind{what: "a secret", service: "secretsmanager", types: []string{"AWS::SecretsManager::Secret"}, form: "secret:<name>"},
		map[string][]grant{"read": {on("", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue")}},
	}, {
		sourceKind{what: "a KMS key", service: "kms", types: []string{"AWS::KMS::Key"}, attribute: "Arn", form: "key/<id>"},
		map[string][]grant{
			"encrypt": {on("", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")},
			"decrypt": {on("", "kms:Decrypt")},
		},
	}, {
		sourceKind{what: "a state machine", service: "states", types: []string{"AWS::StepFunctions::StateMachine"}, form: "stateMachine:<name>"},
		map[string][]grant{"start": {on("", "states:StartExecution")}},
	}, {
		sourceKind{what: "a Lambda function", service: "lambda", types: []string{"AWS::Lambda::Function"}, attribute: "Arn", form: "function:<name>"},
		map[string][]grant{"invoke": {{actions: []string{"lambda:InvokeFunction"}, paths: []string{"", ":*"}}}},
	}}
}

// intentOf returns the intent that a permission has as key, nil for none.
func intentOf(n *node) *node {
	for _, f := range n.fieldsOf() {
		if slices.Contains(Intents(), f.key) {
			return f
		}
	}
	return nil
}

// intent writes out a permission that says what the code does.
func (d *decoder) intent(n *node, when map[string]any) []Permission {
	if !usable(n) {
		return nil
	}
	items := []*node{n}
	if n.kind == list {
		items = n.items
	}
	var all []Permission
	for _, item := range items {
		if !usable(item) {
			continue
		}
		kind, arn, ok := d.intended(item, n.key)
		if !ok {
			continue
		}
		for _, g := range kind.grants[n.key] {
			p := Permission{Allow: g.actions, When: when}
			for _, path := range g.paths {
				p.On = append(p.On, beneath(arn, path))
			}
			all = append(all, p)
		}
	}
	return all
}

// intended finds the resource that a permission is for: a function of the
// service, one of resources, or an ARN.
func (d *decoder) intended(n *node, intent string) (kind intentKind, arn any, ok bool) {
	if n.kind == text && intent == "invoke" && d.root.field("functions").field(n.written) != nil {
		kind, _ = kindWith(func(k intentKind) bool { return k.service == "lambda" })
		return kind, d.functionARN(n.written), true
	}
	kind, ok = d.intentKind(n)
	switch {
	case !ok:
		return kind, nil, false
	case kind.grants[intent] == nil:
		d.fault(n, diag.Intent, fmt.Sprintf("there is nothing to %s in %s", intent, kind.what),
			"what there is: "+strings.Join(intentsOf(kind), ", ")+"; or write allow and on")
		return kind, nil, false
	}
	named := kind.sourceKind
	named.wild = true
	source := d.sourceOf(n, named)
	return kind, source.ARN, source.ARN != nil
}

// intentKind finds the kind of a resource, or says why it is not known.
func (d *decoder) intentKind(n *node) (intentKind, bool) {
	id := n.written
	if n.kind == object {
		id, _ = referred(n)
	}
	if n.kind == text && strings.HasPrefix(id, "arn:") {
		service, _, _ := strings.Cut(strings.TrimPrefix(id[4:], strings.Split(id[4:], ":")[0]+":"), ":")
		if kind, ok := kindWith(func(k intentKind) bool { return k.service == service }); ok {
			return kind, true
		}
		d.fault(n, diag.Intent, "is of a service that has no short form", "write allow and on")
		return intentKind{}, false
	}
	resource, ok := d.resourceType(id)
	if !ok {
		d.unknownIntended(n, id)
		return intentKind{}, false
	}
	kind, ok := kindWith(func(k intentKind) bool { return slices.Contains(k.types, resource) })
	if !ok {
		d.fault(n, diag.Intent, fmt.Sprintf("%s is %s, which has no short form", id, resource), "write allow and on")
	}
	return kind, ok
}

// unknownIntended reports a value that leads to no resource of the file.
func (d *decoder) unknownIntended(n *node, id string) {
	if n.kind == object || d.decorated() {
		d.fault(n, diag.Intent, "does not tell what kind of resource it is", "write allow and on")
		return
	}
	var names []string
	for _, section := range []string{"resources", "functions"} {
		for _, f := range d.root.field(section).fieldsOf() {
			names = append(names, f.key)
		}
	}
	hint := "name one of resources, an ARN, or a function of this service"
	if near := nearest(id, names); near != "" {
		hint = didYouMean(near)
	}
	d.fault(n, diag.UnknownResource, "there is no resource "+n.quote(), hint)
}

func kindWith(has func(intentKind) bool) (intentKind, bool) {
	kinds := intentKinds()
	if i := slices.IndexFunc(kinds, has); i >= 0 {
		return kinds[i], true
	}
	return intentKind{}, false
}

// intentsOf are the intents that a kind of resource has, in the order of
// Intents.
func intentsOf(k intentKind) []string {
	return slices.DeleteFunc(Intents(), func(name string) bool { return k.grants[name] == nil })
}

// functionARN is the ARN of a function of the service, without a reference to
// it: functions may call each other, and themselves.
func (d *decoder) functionARN(name string) any {
	service := d.serviceName(d.root.field("serviceName"))
	return map[string]any{"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:" + FunctionName(service, name)}
}

// beneath is an ARN with a path behind it.
func beneath(arn any, path string) any {
	if path == "" {
		return arn
	}
	switch v := arn.(type) {
	case string:
		return v + path
	case map[string]any:
		if text, ok := v["Fn::Sub"].(string); ok {
			return map[string]any{"Fn::Sub": text + path}
		}
		if id := resourceNamed(arn); id != "" {
			if list, ok := v["Fn::GetAtt"].([]any); ok {
				id += "." + list[1].(string)
			}
			return map[string]any{"Fn::Sub": "${" + id + "}" + path}
		}
	}
	return map[string]any{"Fn::Sub": []any{"${Arn}" + path, map[string]any{"Arn": arn}}}
}
