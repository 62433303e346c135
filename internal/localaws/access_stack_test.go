// SPDX-License-Identifier: MIT

package localaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// stacks is a cloud whose stacks are changed by a role with one policy.
type stacks struct {
	t        *testing.T
	iam      *iam.Client
	admin    *cloudformation.Client
	deployer *cloudformation.Client
}

func newStacks(t *testing.T) *stacks {
	t.Helper()
	cfg := config(openCloud(t, t.TempDir()).Endpoint())
	s := &stacks{t: t, iam: iam.NewFromConfig(cfg), admin: cloudformation.NewFromConfig(cfg)}
	role := s.role("deployer", `{"AWS":"*"}`)
	out, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("me")})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	s.deployer = cloudformation.NewFromConfig(cfg)
	return s
}

// role makes a role that a principal may assume, and returns its ARN.
func (s *stacks) role(name, principal string) string {
	s.t.Helper()
	out, err := s.iam.CreateRole(s.t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}]}`)})
	if err != nil {
		s.t.Fatal(err)
	}
	return *out.Role.Arn
}

// may sets the only policy of a role, the statements of which are given.
func (s *stacks) may(role string, statements ...string) {
	s.t.Helper()
	_, err := s.iam.PutRolePolicy(s.t.Context(), &iam.PutRolePolicyInput{RoleName: &role, PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)})
	if err != nil {
		s.t.Fatal(err)
	}
}

// ended waits until a stack moves no more, and returns its status and the reason
// of the topic's last failure.
func (s *stacks) ended(id *string) (status, reason string) {
	s.t.Helper()
	return s.endedAs(id, "Topic")
}

// endedAs is ended for another resource.
func (s *stacks) endedAs(id *string, logicalID string) (status, reason string) {
	s.t.Helper()
	until(s.t, "the end of the operation", func() bool {
		out, err := s.admin.DescribeStacks(s.t.Context(), &cloudformation.DescribeStacksInput{StackName: id})
		if err != nil {
			s.t.Fatal(err)
		}
		status = string(out.Stacks[0].StackStatus)
		return !strings.HasSuffix(status, "_IN_PROGRESS")
	})
	out, err := s.admin.DescribeStackEvents(s.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: id})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range out.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") && aws.ToString(e.LogicalResourceId) == logicalID {
			return status, aws.ToString(e.ResourceStatusReason)
		}
	}
	return status, ""
}

const (
	topicTemplate = `{"Resources":{"Topic":{"Type":"AWS::SNS::Topic","Properties":{"DisplayName":"one"}}}}`
	topicChanged  = `{"Resources":{"Topic":{"Type":"AWS::SNS::Topic","Properties":{"DisplayName":"two"}}}}`
	mayStack      = `{"Effect":"Allow","Action":"cloudformation:*","Resource":"*"}`
	mayMake       = `{"Effect":"Allow","Action":["sns:CreateTopic","sns:Get*","sns:List*","sns:TagResource"],"Resource":"arn:aws:sns:*:*:s*-*"}`
	mayChange     = `{"Effect":"Allow","Action":["sns:SetTopicAttributes","sns:UntagResource"],"Resource":"arn:aws:sns:*:*:s*-*"}`
	mayDelete     = `{"Effect":"Allow","Action":"sns:DeleteTopic","Resource":"arn:aws:sns:*:*:s*-*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}}`
)

// CloudFormation makes, changes and deletes resources with the rights of its
// caller, which counts as a call by way of it.
func TestStackActsAsItsCaller(t *testing.T) {
	t.Parallel()
	s := newStacks(t)
	expect := func(what, status string, id *string, err error, denied string) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got, reason := s.ended(id)
		if got != status {
			t.Fatalf("%s: got %s (%s), want %s", what, got, reason, status)
		}
		if denied != "" && (!strings.Contains(reason, "assumed-role/deployer/me is not authorized to perform: "+denied) || !strings.Contains(reason, "(HandlerErrorCode: AccessDenied)")) {
			t.Errorf("%s: %s", what, reason)
		}
	}
	create := func(name string) (*string, error) {
		out, err := s.deployer.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: aws.String(topicTemplate)})
		if err != nil {
			return nil, err
		}
		return out.StackId, nil
	}
	s.may("deployer", mayStack)
	id, err := create("s1")
	expect("creation without rights", "ROLLBACK_COMPLETE", id, err, "sns:CreateTopic on resource: arn:aws:sns:us-east-1:"+account+":s1-Topic-")
	s.may("deployer", mayStack, mayMake)
	id, err = create("s2")
	expect("creation", "CREATE_COMPLETE", id, err, "")
	_, err = s.deployer.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: id, TemplateBody: aws.String(topicChanged)})
	expect("update without rights", "UPDATE_ROLLBACK_FAILED", id, err, "sns:SetTopicAttributes")
	s.may("deployer", mayStack, mayMake, mayChange)
	_, err = s.deployer.ContinueUpdateRollback(t.Context(), &cloudformation.ContinueUpdateRollbackInput{StackName: id})
	expect("rollback", "UPDATE_ROLLBACK_COMPLETE", id, err, "")
	_, err = s.deployer.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: id, TemplateBody: aws.String(topicChanged)})
	expect("update", "UPDATE_COMPLETE", id, err, "")
	_, err = s.deployer.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: id})
	expect("deletion without rights", "DELETE_FAILED", id, err, "sns:DeleteTopic")
	s.may("deployer", mayStack, mayMake, mayDelete)
	_, err = s.deployer.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: id})
	expect("deletion", "DELETE_COMPLETE", id, err, "")
}

// A stack with a service role has the role's rights, whoever changes it.
func TestStackActsAsItsServiceRole(t *testing.T) {
	t.Parallel()
	s := newStacks(t)
	service := s.role("service", `{"Service":"cloudformation.amazonaws.com"}`)
	other := s.role("other", `{"Service":"lambda.amazonaws.com"}`)
	create := func(name, role string) (*cloudformation.CreateStackOutput, error) {
		return s.deployer.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: aws.String(topicTemplate), RoleARN: &role})
	}
	s.may("deployer", mayStack)
	if _, err := create("s1", service); err == nil || !strings.Contains(err.Error(), "iam:PassRole") {
		t.Errorf("who may not pass the role: %v", err)
	}
	s.may("deployer", mayStack, `{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"cloudformation.amazonaws.com"}}}`)
	if _, err := create("s1", other); err == nil || !strings.Contains(err.Error(), "Role "+other+" is invalid or cannot be assumed") {
		t.Errorf("a role of another service: %v", err)
	}
	out, err := create("s1", service)
	if err != nil {
		t.Fatal(err)
	}
	if status, reason := s.ended(out.StackId); status != "ROLLBACK_COMPLETE" || !strings.Contains(reason, "assumed-role/service/AWSCloudFormation is not authorized to perform: sns:CreateTopic") {
		t.Errorf("got %s, %s", status, reason)
	}
	s.may("service", mayMake)
	if out, err = create("s2", service); err != nil {
		t.Fatal(err)
	}
	if status, reason := s.ended(out.StackId); status != "CREATE_COMPLETE" {
		t.Errorf("got %s, %s", status, reason)
	}
	// The role stays the stack's, also for the account's administrator.
	if _, err := s.admin.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: out.StackId}); err != nil {
		t.Fatal(err)
	}
	if status, reason := s.ended(out.StackId); status != "DELETE_FAILED" || !strings.Contains(reason, "assumed-role/service/AWSCloudFormation is not authorized to perform: sns:DeleteTopic") {
		t.Errorf("got %s, %s", status, reason)
	}
}

// CloudFormation reads a template with the rights of its caller.
func TestTemplateInS3IsReadAsItsCaller(t *testing.T) {
	t.Parallel()
	s := newStacks(t)
	s.may("deployer", mayStack)
	_, err := s.deployer.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s1"), TemplateURL: aws.String("https://templates.s3.amazonaws.com/t.json")})
	if err == nil || !strings.Contains(err.Error(), "S3 error: Access Denied") || !strings.Contains(err.Error(), "s3:GetObject on resource: arn:aws:s3:::templates/t.json") {
		t.Errorf("got %v", err)
	}
}
