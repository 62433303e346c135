// SPDX-License-Identifier: MIT

package localaws_test

import (
	"strings"
	"testing"
)

// as returns the command line with the credentials of the function "caller".
func (r *restricted) as(t *testing.T, c cli) cli {
	t.Helper()
	lent := strings.Fields(r.call(t, "credentials", "", "", "").Gave)
	c.Endpoint, c.Environ = r.endpoint, []string{"AWS_ACCESS_KEY_ID=" + lent[0], "AWS_SECRET_ACCESS_KEY=" + lent[1], "AWS_SESSION_TOKEN=" + lent[2]}
	return c
}

// The command line with the credentials of a function is told what AWS would
// tell, in each protocol.
func TestCommandLineRestricted(t *testing.T) {
	t.Parallel()
	own := newCLI(t)
	r := restrict(t)
	own.Endpoint = r.endpoint
	c := r.as(t, own)
	region := "us-east-1:" + account + ":"
	said := func(code, operation, message string) string {
		return "(" + code + ") when calling the " + operation + " operation: " + message
	}
	queue := func(name string) string { return r.endpoint + "/" + account + "/" + name }
	api := &rehearsal{endpoint: r.endpoint}
	for _, name := range []string{"jobs", "other"} {
		api.json(t, "sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": name})
	}
	api.query(t, "sns", "Action", "CreateTopic", "Name", "news")
	api.json(t, "events", "AWSEvents.PutRule", map[string]any{"Name": "mine", "EventPattern": `{"source":["x"]}`})

	r.grant(t, `{"Effect":"Allow","Action":["sqs:SendMessage","sqs:GetQueueUrl"],"Resource":"arn:aws:sqs:`+region+`jobs"},
		{"Effect":"Allow","Action":"events:PutEvents","Resource":"*","Condition":{"StringEquals":{"events:source":"my.app"}}},
		{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"arn:aws:logs:`+region+`log-group:mine"},
		{"Effect":"Allow","Action":"scheduler:*","Resource":"*"},
		{"Effect":"Allow","Action":"cloudformation:DescribeStacks","Resource":"arn:aws:cloudformation:`+region+`stack/app/*"}`)
	c.must(t, "MessageId", "sqs", "send-message", "--queue-url", queue("jobs"), "--message-body", "x")
	c.must(t, "MessageId", "sqs", "send-message-batch", "--queue-url", queue("jobs"), "--entries", "Id=1,MessageBody=x")
	c.mustNot(t, said("AccessDenied", "SendMessageBatch", refused("sqs:sendmessage", "arn:aws:sqs:"+region+"other")),
		"sqs", "send-message-batch", "--queue-url", queue("other"), "--entries", "Id=1,MessageBody=x")
	c.mustNot(t, said("AccessDenied", "ReceiveMessage", refused("sqs:receivemessage", "arn:aws:sqs:"+region+"jobs")),
		"sqs", "receive-message", "--queue-url", queue("jobs"))
	c.mustNot(t, said("AuthorizationError", "Publish", refused("SNS:Publish", "arn:aws:sns:"+region+"news")),
		"sns", "publish", "--topic-arn", "arn:aws:sns:"+region+"news", "--message", "x")
	c.must(t, `"FailedEntryCount": 0`, "events", "put-events", "--entries", `[{"Source":"my.app","DetailType":"d","Detail":"{}"}]`)
	c.mustNot(t, said("AccessDeniedException", "PutEvents", refused("events:PutEvents", "arn:aws:events:"+region+"event-bus/default")),
		"events", "put-events", "--entries", `[{"Source":"my.app","DetailType":"d","Detail":"{}"},{"Source":"other","DetailType":"d","Detail":"{}"}]`)
	// A policy of a log group has to end in :*.
	c.mustNot(t, said("AccessDeniedException", "PutLogEvents", refused("logs:PutLogEvents", "arn:aws:logs:"+region+"log-group:mine:log-stream:s")),
		"logs", "put-log-events", "--log-group-name", "mine", "--log-stream-name", "s", "--log-events", "timestamp=1,message=x")
	c.mustNot(t, refused("iam:PassRole", workerARN), "scheduler", "create-schedule", "--name", "tick", "--schedule-expression", "rate(1 hour)", "--flexible-time-window", "Mode=OFF",
		"--target", `{"Arn":"arn:aws:lambda:`+region+`function:caller","RoleArn":"`+workerARN+`"}`)
	c.must(t, "Schedules", "scheduler", "list-schedules")
	c.mustNot(t, said("AccessDeniedException", "PutRecord", refused("kinesis:PutRecord", "arn:aws:kinesis:"+region+"stream/orders")),
		"kinesis", "put-record", "--stream-name", "orders", "--partition-key", "k", "--data", "eA==")
	c.mustNot(t, said("AccessDeniedException", "GetFunction", refused("lambda:GetFunction", "arn:aws:lambda:"+region+"function:caller:live")),
		"lambda", "get-function", "--function-name", "caller", "--qualifier", "live")
	c.mustNot(t, refused("apigateway:GET", "arn:aws:apigateway:us-east-1::/restapis"), "apigateway", "get-rest-apis")
	c.mustNot(t, said("AccessDenied", "DescribeStacks", refused("cloudformation:DescribeStacks", "arn:aws:cloudformation:"+region+"stack/web/*")),
		"cloudformation", "describe-stacks", "--stack-name", "web")
	c.mustNot(t, said("AccessDenied", "DescribeLoadBalancers", refused("elasticloadbalancing:DescribeLoadBalancers", "*")), "elbv2", "describe-load-balancers")
	c.mustNot(t, "s3:ListAllMyBuckets", "s3", "ls")

	send := []string{"ses", "send-email", "--from", "me@example.com", "--to", "you@example.org", "--subject", "s", "--text", "t"}
	c.mustNot(t, "(AccessDenied) when calling the SendEmail operation: User `"+sessionARN+"' is not authorized to perform `ses:SendEmail' on resource `arn:aws:ses:"+region+"identity/example.com'", send...)
	api.query(t, "ses", "Action", "VerifyEmailIdentity", "EmailAddress", "me@example.com")
	r.grant(t, `{"Effect":"Allow","Action":"ses:SendEmail","Resource":"arn:aws:ses:`+region+`identity/me@example.com","Condition":{"ForAllValues:StringLike":{"ses:Recipients":"*@example.org"}}}`)
	c.must(t, "MessageId", send...)

	// What no table knows needs the action of its name, and says so.
	c.mustNot(t, "is not authorized to perform: sns:ListPlatformApplications on resource: * because no identity-based policy allows the sns:ListPlatformApplications action "+
		"(the embedded AWS does not know which permission this operation needs and takes its name for the action)", "sns", "list-platform-applications")
	r.grant(t, `{"Effect":"Allow","Action":"sns:List*","Resource":"arn:aws:sns:*:*:x"}`)
	c.mustNot(t, "does not model the SNS action ListPlatformApplications", "sns", "list-platform-applications")
	c.write(t, "args.json", "{}")
	c.mustNot(t, "the embedded AWS does not know which permission POST /2014-11-13/functions/caller/invoke-async of lambda needs",
		"lambda", "invoke-async", "--function-name", "caller", "--invoke-args", "args.json")

	// A policy of AWS that is not held is named.
	api.query(t, "iam", "Action", "AttachRolePolicy", "RoleName", "worker", "PolicyArn", "arn:aws:iam::aws:policy/AmazonWorkMailFullAccess")
	c.mustNot(t, "the embedded AWS does not hold the role's policy arn:aws:iam::aws:policy/AmazonWorkMailFullAccess", "iam", "get-role", "--role-name", "worker")
}

func TestCommandLineSimulate(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.write(t, "trust.json", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	c.must(t, "worker", "iam", "create-role", "--role-name", "worker", "--assume-role-policy-document", "file://trust.json")
	c.must(t, "", "iam", "put-role-policy", "--role-name", "worker", "--policy-name", "p", "--policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::docs/*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}},{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}`)
	role := "arn:aws:iam::" + account + ":role/worker"
	simulate := func(rest ...string) []string {
		return append([]string{"iam", "simulate-principal-policy", "--output", "text", "--query", "EvaluationResults[].[EvalActionName,EvalResourceName,EvalDecision,MissingContextValues[0]]", "--policy-source-arn", role}, rest...)
	}
	if got, want := c.must(t, "", simulate("--action-names", "s3:GetObject", "s3:PutObject", "--resource-arns", "arn:aws:s3:::docs/a")...),
		"s3:GetObject\tarn:aws:s3:::docs/a\timplicitDeny\taws:PrincipalTag/team\ns3:PutObject\tarn:aws:s3:::docs/a\texplicitDeny\taws:PrincipalTag/team\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := c.must(t, "", simulate("--action-names", "s3:GetObject", "--resource-arns", "arn:aws:s3:::docs/a", "--context-entries", "ContextKeyName=aws:PrincipalTag/team,ContextKeyValues=blue,ContextKeyType=string")...),
		"s3:GetObject\tarn:aws:s3:::docs/a\tallowed\tNone\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	c.mustNot(t, "NoSuchEntity", "iam", "simulate-principal-policy", "--policy-source-arn", role+"x", "--action-names", "s3:GetObject")
	c.mustNot(t, "MalformedPolicyDocument", "iam", "put-role-policy", "--role-name", "worker", "--policy-name", "q", "--policy-document",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEqual":{"aws:UserId":"x"}}}}`)
}
