// SPDX-License-Identifier: MIT

package iam

import (
	"encoding/json"
	"strings"
)

// permit is a statement of a policy that AWS manages: it allows actions on a
// resource, "" for all.
type permit struct {
	actions  string // separated by spaces
	resource string
}

// catalogue holds the policies that AWS manages and that roles of functions
// usually have ("AWS managed policy reference"), by the part of their ARN behind
// policy/. Of long ones it has what concerns the services that are modelled
// here.
func catalogue() map[string][]permit {
	const logging = "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"
	const interfaces = " ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DeleteNetworkInterface"
	const tracing = "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries"
	const stream = " dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams"
	const readLogs = "logs:Describe* logs:Get* logs:List* logs:StartQuery logs:StopQuery logs:TestMetricFilter logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail"
	const deploy = "cloudwatch:DescribeAlarms lambda:UpdateAlias lambda:GetAlias lambda:GetProvisionedConcurrencyConfig"
	const hooks = "arn:aws:lambda:*:*:function:CodeDeployHook_*"
	const dynamodb = "dynamodb:* dax:* lambda:ListEventSourceMappings lambda:ListFunctions sns:ListTopics"
	return map[string][]permit{
		"AdministratorAccess":                         {{"*", ""}},
		"AmazonAPIGatewayAdministrator":               {{"apigateway:*", "arn:aws:apigateway:*::/*"}},
		"AmazonAPIGatewayInvokeFullAccess":            {{"execute-api:Invoke execute-api:ManageConnections", "arn:aws:execute-api:*:*:*"}},
		"AmazonDynamoDBFullAccess":                    {{dynamodb + " sns:Subscribe sns:CreateTopic sns:Unsubscribe sns:SetTopicAttributes kinesis:ListStreams kinesis:DescribeStream", ""}},
		"AmazonDynamoDBFullAccess_v2":                 {{dynamodb, ""}},
		"AmazonDynamoDBReadOnlyAccess":                {{"dynamodb:BatchGetItem dynamodb:Describe* dynamodb:List* dynamodb:GetAbacStatus dynamodb:GetItem dynamodb:GetResourcePolicy dynamodb:Query dynamodb:Scan dynamodb:PartiQLSelect", ""}},
		"AmazonEventBridgeFullAccess":                 {{"events:* schemas:* scheduler:* pipes:*", ""}},
		"AmazonEventBridgeReadOnlyAccess":             {{"events:Describe* events:List* events:TestEventPattern scheduler:Get* scheduler:List*", ""}},
		"AmazonEventBridgeSchedulerFullAccess":        {{"scheduler:*", ""}},
		"AmazonKinesisFullAccess":                     {{"kinesis:*", ""}},
		"AmazonKinesisReadOnlyAccess":                 {{"kinesis:Get* kinesis:List* kinesis:Describe*", ""}},
		"AmazonS3FullAccess":                          {{"s3:* s3-object-lambda:*", ""}},
		"AmazonS3ReadOnlyAccess":                      {{"s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*", ""}},
		"AmazonSESFullAccess":                         {{"ses:*", ""}},
		"AmazonSESReadOnlyAccess":                     {{"ses:Get* ses:List* ses:BatchGetMetricData", ""}},
		"AmazonSNSFullAccess":                         {{"sns:*", ""}},
		"AmazonSNSReadOnlyAccess":                     {{"sns:GetTopicAttributes sns:List* sns:CheckIfPhoneNumberIsOptedOut sns:GetDataProtectionPolicy sns:GetSubscriptionAttributes", ""}},
		"AmazonSQSFullAccess":                         {{"sqs:*", ""}},
		"AmazonSQSReadOnlyAccess":                     {{"sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListDeadLetterSourceQueues sqs:ListQueues sqs:ListMessageMoveTasks sqs:ListQueueTags", ""}},
		"AWSLambdaExecute":                            {{"logs:*", "arn:aws:logs:*:*:*"}, {"s3:GetObject s3:PutObject", "arn:aws:s3:::*"}},
		"AWSLambdaInvocation-DynamoDB":                {{"lambda:InvokeFunction" + stream, ""}},
		"AWSLambda_FullAccess":                        {{"lambda:* cloudformation:DescribeStacks cloudformation:ListStackResources cloudwatch:ListMetrics cloudwatch:GetMetricData iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies iam:ListRoles logs:DescribeLogGroups", ""}, {"logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents", "arn:aws:logs:*:*:log-group:/aws/lambda/*"}},
		"AWSLambda_ReadOnlyAccess":                    {{"lambda:Get* lambda:List* cloudformation:DescribeStacks cloudformation:ListStacks cloudformation:ListStackResources cloudwatch:GetMetricData cloudwatch:ListMetrics iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies iam:ListRoles logs:DescribeLogGroups", ""}, {"logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents", "arn:aws:logs:*:*:log-group:/aws/lambda/*"}},
		"AWSXRayDaemonWriteAccess":                    {{tracing, ""}},
		"AWSXrayWriteOnlyAccess":                      {{tracing, ""}},
		"CloudWatchFullAccess":                        {{"cloudwatch:* logs:* sns:* iam:GetPolicy iam:GetPolicyVersion iam:GetRole", ""}},
		"CloudWatchFullAccessV2":                      {{"cloudwatch:* logs:* sns:CreateTopic sns:ListSubscriptions sns:ListSubscriptionsByTopic sns:ListTopics sns:Subscribe iam:GetPolicy iam:GetPolicyVersion iam:GetRole", ""}},
		"CloudWatchLambdaInsightsExecutionRolePolicy": {{"logs:CreateLogGroup", ""}, {"logs:CreateLogStream logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/aws/lambda-insights:*"}},
		"CloudWatchLogsFullAccess":                    {{"logs:*", ""}},
		"CloudWatchLogsReadOnlyAccess":                {{readLogs, ""}},
		"CloudWatchReadOnlyAccess":                    {{"cloudwatch:BatchGet* cloudwatch:Describe* cloudwatch:Get* cloudwatch:List* sns:Get* sns:List* " + readLogs, ""}},

		"service-role/AmazonAPIGatewayPushToCloudWatchLogs": {{logging + " logs:DescribeLogGroups logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents", ""}},
		"service-role/AWSCodeDeployRoleForLambda":           {{deploy + " sns:Publish", ""}, {"s3:GetObject s3:GetObjectVersion", "arn:aws:s3:::*/CodeDeploy/*"}, {"lambda:InvokeFunction", hooks}},
		"service-role/AWSCodeDeployRoleForLambdaLimited":    {{deploy, ""}, {"s3:GetObject s3:GetObjectVersion", "arn:aws:s3:::*/CodeDeploy/*"}, {"lambda:InvokeFunction", hooks}},
		"service-role/AWSLambdaBasicExecutionRole":          {{logging, ""}},
		"service-role/AWSLambdaDynamoDBExecutionRole":       {{logging + stream, ""}},
		"service-role/AWSLambdaENIManagementAccess":         {{strings.TrimSpace(interfaces), ""}},
		"service-role/AWSLambdaKinesisExecutionRole":        {{logging + " kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards kinesis:ListStreams kinesis:SubscribeToShard", ""}},
		"service-role/AWSLambdaMSKExecutionRole":            {{logging + interfaces + " ec2:DescribeVpcs ec2:DescribeSecurityGroups kafka:DescribeCluster kafka:DescribeClusterV2 kafka:GetBootstrapBrokers", ""}},
		"service-role/AWSLambdaRole":                        {{"lambda:InvokeFunction", ""}},
		"service-role/AWSLambdaSQSQueueExecutionRole":       {{logging + " sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes", ""}},
		"service-role/AWSLambdaVPCAccessExecutionRole":      {{logging + interfaces + " ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses", ""}},
	}
}

// managedStatement is a statement of a policy that AWS manages.
type managedStatement struct {
	Effect    string
	Action    []string `json:",omitempty"`
	NotAction []string `json:",omitempty"`
	Resource  string
	Condition any `json:",omitempty"`
}

// extra returns the statements of a policy that AWS manages which are more than
// a permit.
func extra(name string) []managedStatement {
	pass := func(to string) []managedStatement {
		return []managedStatement{{
			Effect: "Allow", Action: []string{"iam:PassRole"}, Resource: "*",
			Condition: map[string]any{"StringEquals": map[string]string{"iam:PassedToService": to}},
		}}
	}
	switch name {
	case "AmazonEventBridgeSchedulerFullAccess":
		return pass("scheduler.amazonaws.com")
	case "AWSLambda_FullAccess":
		return pass("lambda.amazonaws.com")
	case "PowerUserAccess":
		return []managedStatement{
			{Effect: "Allow", NotAction: []string{"iam:*", "organizations:*", "account:*"}, Resource: "*"},
			{Effect: "Allow", Action: []string{"iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles"}, Resource: "*"},
		}
	}
	return nil
}

// documentOfAWS returns the content of a policy that AWS manages, if it is held.
func documentOfAWS(policyARN string) (string, bool) {
	name, ok := strings.CutPrefix(policyARN, "arn:aws:iam::aws:policy/")
	if !ok {
		return "", false
	}
	statements := extra(name)
	for _, p := range catalogue()[name] {
		on := p.resource
		if on == "" {
			on = "*"
		}
		statements = append(statements, managedStatement{Effect: "Allow", Action: strings.Fields(p.actions), Resource: on})
	}
	if statements == nil {
		return "", false
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	return string(text), err == nil
}
