// SPDX-License-Identifier: MIT

package iot

import (
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// action is what a rule does with a message, as the API has it: one member is
// set. CloudFormation has the same names with other capitals.
type action struct {
	Lambda         *lambdaAction    `json:"lambda,omitempty"`
	Sqs            *sqsAction       `json:"sqs,omitempty"`
	Sns            *snsAction       `json:"sns,omitempty"`
	Kinesis        *kinesisAction   `json:"kinesis,omitempty"`
	DynamoDBv2     *tableAction     `json:"dynamoDBv2,omitempty"`
	S3             *s3Action        `json:"s3,omitempty"`
	Republish      *republishAction `json:"republish,omitempty"`
	CloudwatchLogs *logsAction      `json:"cloudwatchLogs,omitempty"`
}

type lambdaAction struct {
	FunctionArn string `json:"functionArn"`
}

type sqsAction struct {
	RoleArn   string `json:"roleArn"`
	QueueURL  string `json:"queueUrl"`
	UseBase64 bool   `json:"useBase64"`
}

type snsAction struct {
	RoleArn       string `json:"roleArn"`
	TargetArn     string `json:"targetArn"`
	MessageFormat string `json:"messageFormat,omitempty"`
}

type kinesisAction struct {
	RoleArn      string `json:"roleArn"`
	StreamName   string `json:"streamName"`
	PartitionKey string `json:"partitionKey,omitempty"`
}

type tableAction struct {
	RoleArn string `json:"roleArn"`
	PutItem struct {
		TableName string `json:"tableName"`
	} `json:"putItem"`
}

type s3Action struct {
	RoleArn    string `json:"roleArn"`
	BucketName string `json:"bucketName"`
	Key        string `json:"key"`
}

type republishAction struct {
	RoleArn string `json:"roleArn"`
	Topic   string `json:"topic"`
	Qos     int    `json:"qos"`
}

type logsAction struct {
	RoleArn      string `json:"roleArn"`
	LogGroupName string `json:"logGroupName"`
}

// facts are what the kinds of actions have in common.
type facts struct {
	name     string // in error messages, such as SqsAction
	role     string // ARN; "" of functions
	resource string // what it sends to, a template
	key      string // a further template: of the object, or the partition key
}

// list returns the facts of the members that are set.
func (a action) list() []facts {
	var all []facts
	if x := a.Lambda; x != nil {
		all = append(all, facts{"LambdaAction", "", x.FunctionArn, ""})
	}
	if x := a.Sqs; x != nil {
		all = append(all, facts{"SqsAction", x.RoleArn, x.QueueURL, ""})
	}
	if x := a.Sns; x != nil {
		all = append(all, facts{"SnsAction", x.RoleArn, x.TargetArn, ""})
	}
	if x := a.Kinesis; x != nil {
		all = append(all, facts{"KinesisAction", x.RoleArn, x.StreamName, x.PartitionKey})
	}
	if x := a.DynamoDBv2; x != nil {
		all = append(all, facts{"DynamoDBv2Action", x.RoleArn, x.PutItem.TableName, ""})
	}
	if x := a.S3; x != nil {
		all = append(all, facts{"S3Action", x.RoleArn, x.BucketName, x.Key})
	}
	if x := a.Republish; x != nil {
		all = append(all, facts{"RepublishAction", x.RoleArn, x.Topic, ""})
	}
	if x := a.CloudwatchLogs; x != nil {
		all = append(all, facts{"CloudwatchLogsAction", x.RoleArn, x.LogGroupName, ""})
	}
	return all
}

// check checks an action of a rule.
func (a action) check() error {
	all := a.list()
	if len(all) != 1 {
		return invalid("An action has exactly one of its members, not %d.", len(all))
	}
	f := all[0]
	role, ok := arn.Parse(f.role)
	isRole := ok && role.Service == "iam" && strings.HasPrefix(role.Resource, "role/")
	switch {
	case a.Lambda == nil && !isRole:
		return invalid("Role arn %s of the action %s is not valid.", f.role, f.name)
	case f.resource == "":
		return invalid("The action %s does not say where to send.", f.name)
	case a.S3 != nil && a.S3.Key == "":
		return invalid("The action S3Action has no key.")
	case a.Sns != nil && a.Sns.MessageFormat != "" && a.Sns.MessageFormat != "RAW":
		return invalid("the embedded AWS does not model message format %s of SNS actions", a.Sns.MessageFormat)
	case a.Republish != nil && (a.Republish.Qos < 0 || a.Republish.Qos > 1):
		return invalid("The qos of a republish action is 0 or 1.")
	}
	return nil
}
