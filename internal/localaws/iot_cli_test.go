// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestCommandLineIoT: the aws command makes rules and publishes, and every
// action reaches the service that it names.
func TestCommandLineIoT(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	function, _ := c.withFunction(t)
	c.must(t, `"endpointAddress": "127.0.0.1:`, "iot", "describe-endpoint", "--endpoint-type", "iot:Data-ATS")
	c.write(t, "trust.json", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"iot.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"`+account+`"}}}]}`)
	c.must(t, "rules", "iam", "create-role", "--role-name", "rules", "--assume-role-policy-document", "file://trust.json")
	c.must(t, "", "iam", "put-role-policy", "--role-name", "rules", "--policy-name", "send", "--policy-document", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		"Action":["sqs:SendMessage","sns:Publish","kinesis:PutRecord","dynamodb:PutItem","s3:PutObject","logs:PutLogEvents"],"Resource":"*"},
		{"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:us-east-1:`+account+`:topic/again/*"}]}`)
	policy, err := json.Marshal(map[string]string{"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}`})
	if err != nil {
		t.Fatal(err)
	}
	url := field(t, c.must(t, "QueueUrl", "sqs", "create-queue", "--queue-name", "kept", "--attributes", string(policy)), "QueueUrl")
	topic := field(t, c.must(t, "TopicArn", "sns", "create-topic", "--name", "news"), "TopicArn")
	c.must(t, "", "sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", "arn:aws:sqs:us-east-1:"+account+":kept")
	c.must(t, "", "kinesis", "create-stream", "--stream-name", "clicks", "--shard-count", "1")
	c.must(t, "things", "dynamodb", "create-table", "--table-name", "things", "--billing-mode", "PAY_PER_REQUEST", "--attribute-definitions", "AttributeName=thing,AttributeType=S",
		"--key-schema", "AttributeName=thing,KeyType=HASH")
	c.must(t, "", "s3", "mb", "s3://kept")
	c.must(t, "", "logs", "create-log-group", "--log-group-name", "kept")
	role := `"roleArn":"arn:aws:iam::` + account + `:role/rules"`
	c.write(t, "rule.json", `{"sql":"SELECT *, topic(2) AS thing FROM 'things/+'","awsIotSqlVersion":"2016-03-23","description":"Things","actions":[
		{"lambda":{"functionArn":"`+function+`"}},{"sqs":{"queueUrl":"`+url+`",`+role+`}},{"sns":{"targetArn":"`+topic+`",`+role+`}},{"kinesis":{"streamName":"clicks","partitionKey":"${topic()}",`+role+`}},
		{"dynamoDBv2":{"putItem":{"tableName":"things"},`+role+`}},{"s3":{"bucketName":"kept","key":"${topic()}.json",`+role+`}},{"cloudwatchLogs":{"logGroupName":"kept",`+role+`}},
		{"republish":{"topic":"again/${topic(2)}",`+role+`}}],"errorAction":{"sqs":{"queueUrl":"`+url+`",`+role+`}}}`)
	c.write(t, "again.json", `{"sql":"SELECT VALUE [thing, topic()] FROM 'again/#'","awsIotSqlVersion":"2016-03-23","actions":[{"sqs":{"queueUrl":"`+url+`",`+role+`}}]}`)
	c.must(t, "", "iot", "create-topic-rule", "--rule-name", "things", "--topic-rule-payload", "file://rule.json", "--tags", "team=heat")
	c.must(t, "", "iot", "create-topic-rule", "--rule-name", "again", "--topic-rule-payload", "file://again.json")
	var got struct {
		RuleArn string
		Rule    struct {
			RuleName, SQL, Description string
			CreatedAt                  any
			Actions                    []map[string]any
			ErrorAction                map[string]any
		}
	}
	if err := json.Unmarshal([]byte(c.must(t, "", "iot", "get-topic-rule", "--rule-name", "things")), &got); err != nil || len(got.Rule.Actions) != 8 || got.Rule.Description != "Things" || got.Rule.CreatedAt == nil || got.Rule.ErrorAction["sqs"] == nil {
		t.Errorf("got %+v, %v", got, err)
	}
	c.must(t, "team", "iot", "list-tags-for-resource", "--resource-arn", got.RuleArn)
	c.must(t, `"topicPattern": "things/+"`, "iot", "list-topic-rules", "--topic", "things/x")
	c.must(t, "Sid", "lambda", "add-permission", "--function-name", "recorder", "--statement-id", "s", "--action", "lambda:InvokeFunction", "--principal", "iot.amazonaws.com",
		"--source-arn", got.RuleArn, "--source-account", account)
	c.write(t, "message.json", `{"celsius": 21.50}`)
	c.must(t, "", "iot-data", "publish", "--topic", "things/a", "--qos", "1", "--payload", "fileb://message.json")
	const selected = `{"celsius":21.50,"thing":"a"}`
	c.recorded(t, selected)
	shown := strings.ReplaceAll(selected, `"`, `\"`)
	for range 3 { // the message, the notification and the republished one
		text := c.must(t, "Body", "sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "10")
		if !strings.Contains(text, shown) && !strings.Contains(text, `[\"a\",\"again/a\"]`) && !strings.Contains(text, "Notification") {
			t.Errorf("the queue has %s", text)
		}
	}
	c.must(t, `"N": "21.5`, "dynamodb", "get-item", "--table-name", "things", "--key", `{"thing":{"S":"a"}}`)
	c.must(t, selected, "s3", "cp", "s3://kept/things/a.json", "-")
	c.must(t, shown, "logs", "filter-log-events", "--log-group-name", "kept")
	iterator := field(t, c.must(t, "", "kinesis", "get-shard-iterator", "--stream-name", "clicks", "--shard-id", "shardId-000000000000", "--shard-iterator-type", "TRIM_HORIZON"), "ShardIterator")
	c.must(t, `"PartitionKey": "things/a"`, "kinesis", "get-records", "--shard-iterator", iterator)

	c.must(t, "", "iot", "disable-topic-rule", "--rule-name", "things")
	c.must(t, `"ruleDisabled": true`, "iot", "get-topic-rule", "--rule-name", "things")
	c.must(t, "", "iot", "enable-topic-rule", "--rule-name", "things")
	c.mustNot(t, "SqlParseException", "iot", "replace-topic-rule", "--rule-name", "things", "--topic-rule-payload", `{"sql":"SELECT","actions":[]}`)
	c.must(t, "", "iot", "replace-topic-rule", "--rule-name", "things", "--topic-rule-payload", `{"sql":"SELECT * FROM 'b'","actions":[]}`)
	c.must(t, "", "iot", "delete-topic-rule", "--rule-name", "things")
	c.mustNot(t, "UnauthorizedException", "iot", "get-topic-rule", "--rule-name", "things")
	c.mustNot(t, "does not model GET /things", "iot", "list-things")
	c.mustNot(t, "does not model", "iot-data", "get-thing-shadow", "--thing-name", "a", "out.json")
}
