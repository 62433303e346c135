// SPDX-License-Identifier: MIT

package stage

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
)

// rightsOf returns everything in a template that lets somebody do something, as
// JSON by logical id: permissions, policies of queues, and what roles allow and
// whom they trust, but for what every function of the shim has.
func rightsOf(t *cfn.Template) map[string]string {
	found := map[string]string{}
	for id, r := range t.Resources {
		switch r.Type {
		case "AWS::Lambda::Permission":
			found[id] = compact(r.Properties)
		case "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy":
			found[id] = compact(r.Properties["PolicyDocument"])
		case "AWS::IAM::Role":
			found[id] = compact(r.Properties["AssumeRolePolicyDocument"]) + " " + compact(r.Properties["Policies"])
		}
	}
	plain := executionRole("WorkLogGroup", "")
	maps.DeleteFunc(found, func(_, text string) bool { return text == plain })
	return found
}

// executionRole is the role of a function that may write its logs, and more.
func executionRole(logGroup, more string) string {
	return `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"}}],"Version":"2012-10-17"} ` +
		`[{"PolicyDocument":{"Statement":[{"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":{"Fn::GetAtt":["` + logGroup + `","Arn"]}}` + more +
		`],"Version":"2012-10-17"},"PolicyName":"function"}]`
}

// TestSourceGrants compares all that a source lets anybody do: nothing more is
// granted, neither to the service nor to the function's role.
func TestSourceGrants(t *testing.T) {
	t.Parallel()
	const (
		function = `"FunctionName":{"Ref":"WorkFunction"}`
		invoke   = `{"Action":"lambda:InvokeFunction",` + function + `,`
		scoped   = `"arn:${AWS::Partition}:`
		here     = `:${AWS::Region}:${AWS::AccountId}:`
	)
	trust := func(groups string) string {
		return `{"Statement":[{"Action":"sts:AssumeRole","Condition":{"ArnEquals":{"aws:SourceArn":` + groups + `},"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}},` +
			`"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"}}],"Version":"2012-10-17"}`
	}
	const iotTrust = `{"Statement":[{"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:SourceArn":{"Fn::Sub":` + scoped + `iot` + here + `*"}},` +
		`"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}},"Effect":"Allow","Principal":{"Service":"iot.amazonaws.com"}}],"Version":"2012-10-17"}`
	failures := func(statements string) string {
		return ` [{"PolicyDocument":{"Statement":[` + statements + `],"Version":"2012-10-17"},"PolicyName":"failures"}]`
	}
	group := `{"Fn::Sub":` + scoped + `scheduler` + here + `schedule-group/default"}`
	call := `{"Action":["lambda:InvokeFunction"],"Effect":"Allow","Resource":{"Fn::GetAtt":["WorkFunction","Arn"]}}`
	schedules := func(statements string) string {
		return ` [{"PolicyDocument":{"Statement":[` + statements + `],"Version":"2012-10-17"},"PolicyName":"schedules"}]`
	}
	admitted := func(rule string) string {
		return `{"Statement":[{"Action":"sqs:SendMessage","Condition":{"ArnEquals":{"aws:SourceArn":{"Fn::GetAtt":["` + rule + `","Arn"]}}},"Effect":"Allow",` +
			`"Principal":{"Service":"events.amazonaws.com"},"Resource":{"Fn::GetAtt":["Lost","Arn"]}}],"Version":"2012-10-17"}`
	}
	tests := []struct {
		name, events string
		want         map[string]string // by logical id, or by what it begins with
	}{
		{"schedules", "[schedule: rate(5 minutes), schedule: rate(1 hour)]", map[string]string{
			"WorkSchedulerRole": trust(group) + schedules(call),
		}},
		{"a schedule with a dead-letter queue in two groups", "[schedule: {rate: rate(5 minutes), deadLetter: Lost}, schedule: {rate: rate(1 day), group: Group, deadLetter: Lost}]", map[string]string{
			"WorkSchedulerRole": trust(`[`+group+`,{"Fn::GetAtt":["Group","Arn"]}]`) +
				schedules(call+`,{"Action":["sqs:SendMessage"],"Effect":"Allow","Resource":{"Fn::GetAtt":["Lost","Arn"]}}`),
		}},
		{"a rule", "[eventBridge: {pattern: {source: [a]}, name: r, deadLetter: Lost}]", map[string]string{
			"WorkRulePermissionRDefault": invoke + `"Principal":"events.amazonaws.com","SourceArn":{"Fn::GetAtt":["WorkRuleRDefault*","Arn"]}}`,
			"QueuePolicyLost":            admitted("WorkRuleRDefault*"),
		}},
		{"a permission", `[permission: {principal: config.amazonaws.com, sourceAccount: !Ref "AWS::AccountId"}]`, map[string]string{
			"WorkPermissionConfigAmazonawsCom": invoke + `"Principal":"config.amazonaws.com","SourceAccount":{"Ref":"AWS::AccountId"}}`,
		}},
		{"the log group of a function", "[logs: other]", map[string]string{
			"WorkLogPermissionOtherLogGroup": invoke + `"Principal":"logs.amazonaws.com","SourceArn":{"Fn::GetAtt":["OtherLogGroup","Arn"]}}`,
		}},
		{"an existing log group", "[logs: /aws/lambda/x]", map[string]string{
			"WorkLogPermissionAwsLambdaX": invoke + `"Principal":"logs.amazonaws.com","SourceArn":{"Fn::Sub":` + scoped + `logs` + here + `log-group:/aws/lambda/x:*"}}`,
		}},
		{"a rule of AWS IoT", "[iot: {sql: SELECT * FROM 'a', name: r}]", map[string]string{
			"WorkTopicRulePermissionR": invoke + `"Principal":"iot.amazonaws.com","SourceAccount":{"Ref":"AWS::AccountId"},"SourceArn":{"Fn::GetAtt":["WorkTopicRuleR*","Arn"]}}`,
		}},
		{"a rule of AWS IoT with a queue for failures", "[iot: {sql: SELECT * FROM 'a', name: r, onFailure: Lost}]", map[string]string{
			"WorkTopicRulePermissionR": invoke + `"Principal":"iot.amazonaws.com","SourceAccount":{"Ref":"AWS::AccountId"},"SourceArn":{"Fn::GetAtt":["WorkTopicRuleR*","Arn"]}}`,
			"WorkTopicRuleRole":        iotTrust + failures(`{"Action":["sqs:SendMessage"],"Effect":"Allow","Resource":{"Fn::GetAtt":["Lost","Arn"]}}`),
		}},
		{"rules of AWS IoT with a topic and buckets", "[iot: {sql: SELECT * FROM 'a', name: r, onFailure: 'arn:aws:sns:eu-west-1:123456789012:t'}, " +
			"iot: {sql: SELECT * FROM 'b', name: s, onFailure: Mail}, iot: {sql: SELECT * FROM 'c', name: t, onFailure: 'arn:aws:s3:::kept'}]", map[string]string{
			"WorkTopicRulePermissionR": invoke + `"Principal":"iot.amazonaws.com","SourceAccount":{"Ref":"AWS::AccountId"},"SourceArn":{"Fn::GetAtt":["WorkTopicRuleR*","Arn"]}}`,
			"WorkTopicRulePermissionS": invoke + `"Principal":"iot.amazonaws.com","SourceAccount":{"Ref":"AWS::AccountId"},"SourceArn":{"Fn::GetAtt":["WorkTopicRuleS*","Arn"]}}`,
			"WorkTopicRulePermissionT": invoke + `"Principal":"iot.amazonaws.com","SourceAccount":{"Ref":"AWS::AccountId"},"SourceArn":{"Fn::GetAtt":["WorkTopicRuleT*","Arn"]}}`,
			"WorkTopicRuleRole": iotTrust + failures(`{"Action":["sns:Publish"],"Effect":"Allow","Resource":"arn:aws:sns:eu-west-1:123456789012:t"},`+
				`{"Action":["s3:PutObject"],"Effect":"Allow","Resource":[{"Fn::Sub":"${Mail.Arn}/*"},"arn:aws:s3:::kept/*"]}`),
		}},
		{"a user pool", "[cognito: {pool: Users, trigger: preSignUp}]", map[string]string{
			"WorkUserPoolPreSignUpPermissionUsers": invoke + `"Principal":"cognito-idp.amazonaws.com","SourceArn":{"Fn::GetAtt":["Users","Arn"]}}`,
		}},
		{"a load balancer", "[alb: {listener: Listener, priority: 7, conditions: {path: /a}}]", map[string]string{
			"WorkTargetGroupPermission7": invoke + `"Principal":"elasticloadbalancing.amazonaws.com","SourceArn":{"Fn::Sub":` + scoped + `elasticloadbalancing` + here + `targetgroup/orders-*/*"}}`,
		}},
		{"a repository", "[codecommit: Code]", map[string]string{
			"WorkRepositoryPermissionCode": invoke + `"Principal":"events.amazonaws.com","SourceArn":{"Fn::GetAtt":["WorkRepositoryCode","Arn"]}}`,
		}},
		{"mail", "[ses: {recipients: a@example.com, storage: {bucket: Mail, prefix: in/}}]", map[string]string{
			"WorkSesPermissionAExampleCom": invoke + `"Principal":"ses.amazonaws.com","SourceAccount":{"Ref":"AWS::AccountId"},` +
				`"SourceArn":{"Fn::Sub":[` + scoped + `ses` + here + `receipt-rule-set/${Name}:receipt-rule/*",{"Name":{"Ref":"ReceiptRuleSet"}}]}}`,
			"WorkRole": executionRole("WorkLogGroup", `,{"Action":["s3:GetObject"],"Effect":"Allow","Resource":{"Fn::Sub":"${Mail.Arn}/in/*"}}`),
			"BucketPolicyMail": `{"Statement":[{"Action":"s3:PutObject","Condition":{"ArnLike":{"aws:SourceArn":{"Fn::Sub":[` + scoped + `ses` + here + `receipt-rule-set/${Name}:receipt-rule/*",{"Name":{"Ref":"ReceiptRuleSet"}}]}},"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}},"Effect":"Allow",` +
				`"Principal":{"Service":"ses.amazonaws.com"},"Resource":{"Fn::Sub":"${Mail.Arn}/in/*"}}],"Version":"2012-10-17"}`,
			"ReceiptRuleSetsProviderRole": executionRole("ReceiptRuleSetsProviderLogGroup",
				`,{"Action":["ses:DescribeActiveReceiptRuleSet","ses:SetActiveReceiptRuleSet"],"Effect":"Allow","Resource":"*"}`),
		}},
		{"mail of an existing rule set, kept elsewhere", "[ses: {recipients: a@example.com, ruleSet: inbound, storage: 'arn:aws:s3:::kept'}]", map[string]string{
			"WorkSesPermissionInboundAExampleCom": invoke + `"Principal":"ses.amazonaws.com","SourceAccount":{"Ref":"AWS::AccountId"},` +
				`"SourceArn":{"Fn::Sub":` + scoped + `ses` + here + `receipt-rule-set/inbound:receipt-rule/*"}}`,
			"WorkRole": executionRole("WorkLogGroup", `,{"Action":["s3:GetObject"],"Effect":"Allow","Resource":"arn:aws:s3:::kept/*"}`),
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := service(t, "serviceName: orders\nfunctions:\n  other: {handler: ./h.Other, role: auditor}\n  work:\n    handler: ./h.Work\n    events: "+tt.events+`
resources:
  Lost: {Type: "AWS::SQS::Queue"}
  Mail: {Type: "AWS::S3::Bucket"}
  Group: {Type: "AWS::Scheduler::ScheduleGroup"}
  Users: {Type: "AWS::Cognito::UserPool"}
  Listener: {Type: "AWS::ElasticLoadBalancingV2::Listener"}
  Code: {Type: "AWS::CodeCommit::Repository"}
`)
			d, err := generate(t, s)
			must(t, err)
			if diff := cmp.Diff(tt.want, unhashed(rightsOf(d.Template), sortedKeys(d.Template.Resources))); diff != "" {
				t.Errorf("rights (-want +got):\n%s", diff)
			}
		})
	}
}

// unhashed takes the hashes off logical ids, and puts * for them into the texts.
func unhashed(found map[string]string, ids []string) map[string]string {
	const digits = 8
	plain := map[string]string{}
	hash := func(id string) bool {
		return len(id) > digits && strings.Trim(id[len(id)-digits:], "0123456789abcdef") == ""
	}
	for id, text := range found {
		for _, other := range ids {
			if hash(other) {
				text = strings.ReplaceAll(text, other, other[:len(other)-digits]+"*")
			}
		}
		if before, after, ok := strings.Cut(text, "targetgroup/orders-"); ok {
			_, rest, _ := strings.Cut(after, "/")
			text = before + "targetgroup/orders-*/" + rest
		}
		if hash(id) {
			id = id[:len(id)-digits]
		}
		plain[id] = text
	}
	return plain
}

func TestJSONText(t *testing.T) {
	t.Parallel()
	ref, att := map[string]any{"Ref": "Jobs"}, map[string]any{"Fn::GetAtt": []any{"Jobs", "Arn"}}
	tests := []struct {
		value any
		want  string
	}{
		{"merry", `"\"merry\""`},
		{map[string]any{"b": []any{true, nil}, "a": "<&>"}, `"{\"a\":\"<&>\",\"b\":[true,null]}"`},
		{"${a} ${!b} $", `"\"${a} ${!b} $\""`},
		{map[string]any{}, `"{}"`},
		{map[string]any{"q": ref, "t": "${a}"}, `{"Fn::Sub":"{\"q\":\"${Jobs}\",\"t\":\"${!a}\"}"}`},
		{[]any{att, "${!b}"}, `{"Fn::Sub":"[\"${Jobs.Arn}\",\"${!!b}\"]"}`},
		{[]any{ref, map[string]any{"Fn::ImportValue": "x"}}, `{"Fn::Sub":["[\"${Jobs}\",\"${Value_1}\"]",{"Value_1":{"Fn::ImportValue":"x"}}]}`},
		{map[string]any{"Ref": "a", "b": "c"}, `"{\"Ref\":\"a\",\"b\":\"c\"}"`},
	}
	for _, tt := range tests {
		if got := compact(jsonText(tt.value)); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.value, got, tt.want)
		}
	}
}

func TestTargetGroupName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, service := range []string{"a", "orders", strings.Repeat("long-name-", 12), "ends-in-hyphens-------"} {
		for _, of := range [][2]string{{"One", ""}, {"Two", ""}, {"One", "live"}, {"One", "stable"}} {
			name := targetGroupName(service, of[0], of[1])
			if len(name) > 32 || strings.Contains(name, "--") || seen[name] {
				t.Errorf("%s, %s: got %s", service, of, name)
			}
			seen[name] = true
		}
	}
}
