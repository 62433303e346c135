// SPDX-License-Identifier: MIT

package iam_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/iam"
	"github.com/sparta-up/sparta/internal/localaws/policy"
)

const workerARN = "arn:aws:iam::" + account + ":role/worker"

// may asks the role "worker" for an action on a resource.
func may(s *iam.Service, action, resource string) bool {
	return access.Evaluate(s.Grants(workerARN), nil, &policy.Request{Action: action, Resource: resource, Own: true}).Allowed
}

// Every change of a role's policies shows in what it is granted.
func TestGrants(t *testing.T) {
	t.Parallel()
	s, client, _ := open(t, t.TempDir())
	role := aws.String("worker")
	check := func(what, action string, want bool) {
		t.Helper()
		if got := may(s, action, "arn:aws:x:::y"); got != want {
			t.Errorf("%s: %s is allowed: %v, want %v", what, action, got, want)
		}
	}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check("no role", "logs:PutLogEvents", false)
	must(client.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: role, AssumeRolePolicyDocument: aws.String(trust)}))
	check("no policy", "logs:PutLogEvents", false)
	must(client.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{RoleName: role, PolicyName: aws.String("p"), PolicyDocument: aws.String(allow)}))
	check("an inline policy", "logs:PutLogEvents", true)
	must(client.DeleteRolePolicy(t.Context(), &sdk.DeleteRolePolicyInput{RoleName: role, PolicyName: aws.String("p")}))
	check("it is deleted", "logs:PutLogEvents", false)
	must(client.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: role, PolicyArn: aws.String(basic)}))
	check("a policy of AWS", "logs:PutLogEvents", true)
	check("a policy of AWS", "sqs:SendMessage", false)
	must(client.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: role, PolicyArn: aws.String("arn:aws:iam::aws:policy/PowerUserAccess")}))
	check("all but IAM", "sqs:SendMessage", true)
	check("all but IAM", "iam:GetRole", false)
	must(client.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: role, PolicyArn: aws.String("arn:aws:iam::aws:policy/Odd")}))
	if diff := cmp.Diff([]string{"arn:aws:iam::aws:policy/Odd"}, s.Grants(workerARN).Missing); diff != "" {
		t.Error(diff)
	}
	//lint:ignore SA4000 twice is what is tested
	if s.Grants(workerARN) != s.Grants(workerARN) {
		t.Error("the policies are parsed more often than they change")
	}
	must(client.GetRole(t.Context(), &sdk.GetRoleInput{RoleName: role}))
	must(client.TagRole(t.Context(), &sdk.TagRoleInput{RoleName: role, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}}))
	if got := s.Grants(workerARN).Tags["team"]; got != "blue" {
		t.Errorf("the tag is %q", got)
	}
	if s.Grants("arn:aws:iam::"+account+":role/path/worker").Identity != nil {
		t.Error("the path belongs to the ARN")
	}
	if d, ok := s.ResourcePolicy(workerARN); !ok || len(d.Statements) != 1 {
		t.Errorf("trust policy: got %+v", d)
	}
}

// A boundary that cannot be read allows nothing.
func TestBoundary(t *testing.T) {
	t.Parallel()
	s, client, _ := open(t, t.TempDir())
	for name, boundary := range map[string]string{"known": "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess", "odd": "arn:aws:iam::aws:policy/Odd"} {
		if _, err := client.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trust), PermissionsBoundary: &boundary}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: &name, PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}); err != nil {
			t.Fatal(err)
		}
		g := s.Grants("arn:aws:iam::" + account + ":role/" + name)
		for action, want := range map[string]bool{"sqs:GetQueueUrl": name == "known", "sqs:SendMessage": false} {
			if got := access.Evaluate(g, nil, &policy.Request{Action: action, Resource: "*", Own: true}).Allowed; got != want {
				t.Errorf("%s: %s is allowed: %v, want %v", name, action, got, want)
			}
		}
	}
}

// All policies of AWS that are held can be parsed, and give what their names say.
func TestPoliciesOfAWS(t *testing.T) {
	t.Parallel()
	s, client, _ := open(t, t.TempDir())
	for name, action := range map[string]string{
		"AmazonS3FullAccess": "s3:PutObject", "AmazonS3ReadOnlyAccess": "s3:GetObject", "AmazonDynamoDBFullAccess": "dynamodb:PutItem", "AmazonSNSFullAccess": "sns:Publish",
		"AWSXRayDaemonWriteAccess": "xray:PutTraceSegments", "CloudWatchLogsFullAccess": "logs:PutLogEvents", "AmazonEventBridgeFullAccess": "events:PutEvents",
		"service-role/AWSLambdaSQSQueueExecutionRole": "sqs:ReceiveMessage", "service-role/AWSLambdaDynamoDBExecutionRole": "dynamodb:GetRecords",
		"service-role/AWSLambdaKinesisExecutionRole": "kinesis:GetRecords", "service-role/AWSLambdaVPCAccessExecutionRole": "ec2:CreateNetworkInterface",
		"service-role/AWSLambdaRole": "lambda:InvokeFunction", "service-role/AWSCodeDeployRoleForLambdaLimited": "lambda:UpdateAlias",
	} {
		role := strings.ReplaceAll(name, "/", ".")
		if _, err := client.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: aws.String(trust)}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: &role, PolicyArn: aws.String("arn:aws:iam::aws:policy/" + name)}); err != nil {
			t.Fatal(err)
		}
		g := s.Grants("arn:aws:iam::" + account + ":role/" + role)
		if !access.Evaluate(g, nil, &policy.Request{Action: action, Resource: "arn:aws:x:::y", Own: true}).Allowed || len(g.Missing) > 0 {
			t.Errorf("%s does not allow %s", name, action)
		}
		if access.Evaluate(g, nil, &policy.Request{Action: "iam:CreateRole", Resource: "*", Own: true}).Allowed {
			t.Errorf("%s allows iam:CreateRole", name)
		}
	}
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	_, client, _ := open(t, t.TempDir())
	limited := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"},{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}]}`
	if _, err := client.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: aws.String("worker"), AssumeRolePolicyDocument: aws.String(trust)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{RoleName: aws.String("worker"), PolicyName: aws.String("p"), PolicyDocument: &limited}); err != nil {
		t.Fatal(err)
	}
	out, err := client.SimulatePrincipalPolicy(t.Context(), &sdk.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String(workerARN), ActionNames: []string{"s3:GetObject", "s3:PutObject", "sqs:SendMessage"}, ResourceArns: []string{"arn:aws:s3:::b/k", "arn:aws:s3:::c/k"},
		PolicyInputList:                    []string{`{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`},
		PermissionsBoundaryPolicyInputList: []string{`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range out.EvaluationResults {
		got = append(got, *r.EvalActionName+" "+*r.EvalResourceName+" "+string(r.EvalDecision))
		if r.PermissionsBoundaryDecisionDetail == nil || r.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary != (*r.EvalActionName != "sqs:SendMessage") {
			t.Errorf("%s: boundary %+v", *r.EvalActionName, r.PermissionsBoundaryDecisionDetail)
		}
	}
	want := []string{
		"s3:GetObject arn:aws:s3:::b/k allowed", "s3:GetObject arn:aws:s3:::c/k implicitDeny", "s3:PutObject arn:aws:s3:::b/k explicitDeny",
		"s3:PutObject arn:aws:s3:::c/k explicitDeny", "sqs:SendMessage arn:aws:s3:::b/k implicitDeny", "sqs:SendMessage arn:aws:s3:::c/k implicitDeny",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for source, actions := range map[string][]string{"arn:aws:iam::" + account + ":role/none": {"s3:GetObject"}, "arn:aws:iam::" + account + ":user/u": {"s3:GetObject"}, workerARN: {"GetObject"}} {
		if _, err := client.SimulatePrincipalPolicy(t.Context(), &sdk.SimulatePrincipalPolicyInput{PolicySourceArn: &source, ActionNames: actions}); err == nil {
			t.Errorf("%s, %q: no error", source, actions)
		}
	}
}
