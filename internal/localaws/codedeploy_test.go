// SPDX-License-Identifier: MIT

package localaws_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// canary is a stack whose function has the alias live, which CodeDeploy shifts:
// %[1]d is the version, %[2]s what the hook tells, and %[3]s the configuration.
const canary = `{"Resources":{
"Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","codedeploy.amazonaws.com"]},"Action":"sts:AssumeRole"}]},
  "Policies":[{"PolicyName":"shift","PolicyDocument":{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["lambda:GetAlias","lambda:UpdateAlias","lambda:InvokeFunction","cloudwatch:DescribeAlarms","codedeploy:PutLifecycleEventHookExecutionStatus"],"Resource":"*"}]}}]}},
"Hook":{"Type":"AWS::Lambda::Function","Properties":{"Runtime":"provided.al2023","Handler":"hook","Role":{"Fn::GetAtt":["Role","Arn"]},"Timeout":20,
  "Code":{"S3Bucket":"artifacts","S3Key":"hook.zip"},"Environment":{"Variables":{"STATUS":"%[2]s"}}}},
"Echo":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"echo","Runtime":"provided.al2023","Handler":"echo","Role":{"Fn::GetAtt":["Role","Arn"]},"Timeout":20,
  "Code":{"S3Bucket":"artifacts","S3Key":"echo.zip"},"Environment":{"Variables":{"STEP":"%[1]d"}}}},
"Version%[1]d":{"Type":"AWS::Lambda::Version","DeletionPolicy":"Retain","Properties":{"FunctionName":{"Ref":"Echo"}}},
"Errors":{"Type":"AWS::CloudWatch::Alarm","Properties":{"AlarmName":"errors","Namespace":"AWS/Lambda","MetricName":"Errors","Statistic":"Sum","Period":60,
  "EvaluationPeriods":1,"Threshold":0,"ComparisonOperator":"GreaterThanThreshold","Dimensions":[{"Name":"FunctionName","Value":{"Ref":"Echo"}}]}},
"App":{"Type":"AWS::CodeDeploy::Application","Properties":{"ComputePlatform":"Lambda"}},
"Group":{"Type":"AWS::CodeDeploy::DeploymentGroup","Properties":{"ApplicationName":{"Ref":"App"},"ServiceRoleArn":{"Fn::GetAtt":["Role","Arn"]},
  "DeploymentConfigName":"CodeDeployDefault.Lambda%[3]s","DeploymentStyle":{"DeploymentType":"BLUE_GREEN","DeploymentOption":"WITH_TRAFFIC_CONTROL"},
  "AlarmConfiguration":{"Enabled":true,"Alarms":[{"Name":{"Ref":"Errors"}}]},
  "AutoRollbackConfiguration":{"Enabled":true,"Events":["DEPLOYMENT_FAILURE","DEPLOYMENT_STOP_ON_ALARM"]}}},
"Live":{"Type":"AWS::Lambda::Alias","Properties":{"FunctionName":{"Ref":"Echo"},"FunctionVersion":{"Fn::GetAtt":["Version%[1]d","Version"]},"Name":"live"},
  "UpdatePolicy":{"CodeDeployLambdaAliasUpdate":{"ApplicationName":{"Ref":"App"},"DeploymentGroupName":{"Ref":"Group"},"BeforeAllowTrafficHook":{"Ref":"Hook"}}}}},
"Outputs":{"App":{"Value":{"Ref":"App"}},"Group":{"Value":{"Ref":"Group"}}}}`

// deployed is a cloud with the stack canary.
type deployed struct {
	stacks    *cloudformation.Client
	functions *lambda.Client
	alarms    *cloudwatch.Client
	deploys   *codedeploy.Client
}

func (d deployed) update(t *testing.T, version int, status, configuration string) {
	t.Helper()
	if _, err := d.stacks.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("canary"), TemplateBody: aws.String(fmt.Sprintf(canary, version, status, configuration)), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	}); err != nil {
		t.Fatal(err)
	}
}

// alias returns what the alias leads to, such as "1 2=0.1".
func (d deployed) alias(t *testing.T) string {
	t.Helper()
	out, err := d.functions.GetAlias(t.Context(), &lambda.GetAliasInput{FunctionName: aws.String("echo"), Name: aws.String("live")})
	if err != nil {
		t.Fatal(err)
	}
	text := *out.FunctionVersion
	if out.RoutingConfig != nil {
		for version, weight := range out.RoutingConfig.AdditionalVersionWeights {
			text += fmt.Sprintf(" %s=%.1f", version, weight)
		}
	}
	return text
}

func (d deployed) awaitAlias(t *testing.T, want string) {
	t.Helper()
	for end := time.Now().Add(patience); d.alias(t) != want; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the alias leads to %s, not to %s", d.alias(t), want)
		}
	}
}

// ended waits for the end of an update and returns the status, and the reason of
// the alias if it has failed.
func (d deployed) ended(t *testing.T) (status types.StackStatus, reason string) {
	t.Helper()
	status = await(t, d.stacks, "canary").StackStatus
	events, err := d.stacks.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("canary")})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events.StackEvents {
		if aws.ToString(e.LogicalResourceId) == "Live" && e.ResourceStatus == types.ResourceStatusUpdateFailed {
			return status, aws.ToString(e.ResourceStatusReason)
		}
	}
	return status, ""
}

func TestCanary(t *testing.T) {
	t.Parallel()
	endpoint := openCloud(t, t.TempDir()).Endpoint()
	objects := s3Client(endpoint)
	if _, err := objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("artifacts")}); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"echo", "hook"} {
		if _, err := objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("artifacts"), Key: aws.String(program + ".zip"), Body: bytes.NewReader(zipOf(t, program))}); err != nil {
			t.Fatal(err)
		}
	}
	c := config(endpoint)
	d := deployed{cloudformation.NewFromConfig(c), lambda.NewFromConfig(c), cloudwatch.NewFromConfig(c), codedeploy.NewFromConfig(c)}
	if _, err := d.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("canary"), TemplateBody: aws.String(fmt.Sprintf(canary, 1, "Succeeded", "Canary10Percent5Minutes")), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	}); err != nil {
		t.Fatal(err)
	}
	created := await(t, d.stacks, "canary")
	if created.StackStatus != types.StackStatusCreateComplete || d.alias(t) != "1" {
		t.Fatalf("stack is %s, the alias leads to %s", created.StackStatus, d.alias(t))
	}

	d.update(t, 2, "Succeeded", "Canary10Percent5Minutes")
	d.awaitAlias(t, "1 2=0.1")
	if status, reason := d.ended(t); status != types.StackStatusUpdateComplete || d.alias(t) != "2" {
		t.Fatalf("a good version: %s %s, the alias leads to %s", status, reason, d.alias(t))
	}

	d.update(t, 3, "Failed", "AllAtOnce")
	if status, reason := d.ended(t); status != types.StackStatusUpdateRollbackComplete || d.alias(t) != "2" ||
		!strings.Contains(reason, "told the status Failed (Error code: HOOK_EXECUTION_FAILURE); rollback successful") {
		t.Errorf("a hook that fails: %s %q, the alias leads to %s", status, reason, d.alias(t))
	}

	d.update(t, 4, "Succeeded", "Linear10PercentEvery10Minutes")
	d.awaitAlias(t, "2 4=0.1")
	if _, err := d.alarms.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("errors"), StateValue: cloudwatchtypes.StateValueAlarm, StateReason: aws.String("rehearsal"),
	}); err != nil {
		t.Fatal(err)
	}
	if status, reason := d.ended(t); status != types.StackStatusUpdateRollbackComplete || d.alias(t) != "2" || !strings.Contains(reason, "Activated alarms: errors") {
		t.Errorf("an alarm: %s %q, the alias leads to %s", status, reason, d.alias(t))
	}

	outputs := map[string]*string{}
	for _, o := range created.Outputs {
		outputs[*o.OutputKey] = o.OutputValue
	}
	list, err := d.deploys.ListDeployments(t.Context(), &codedeploy.ListDeploymentsInput{ApplicationName: outputs["App"], DeploymentGroupName: outputs["Group"]})
	if err != nil || len(list.Deployments) != 5 { // three, and two that rolled back
		t.Errorf("deployments %v, %v", list, err)
	}
	if _, err := d.stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("canary")}); err != nil {
		t.Fatal(err)
	}
	if got := await(t, d.stacks, *created.StackId).StackStatus; got != types.StackStatusDeleteComplete {
		t.Errorf("got %s, want DELETE_COMPLETE", got)
	}
}
