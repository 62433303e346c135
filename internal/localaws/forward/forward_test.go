// SPDX-License-Identifier: MIT

package forward

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func request(kind string, properties map[string]any) resource.Request {
	return resource.Request{
		Scope: arn.Scope{Partition: "aws", Account: "123456789012", Region: "eu-west-1"}, Type: kind, Properties: properties,
		DefaultName: func(most int) string { return "Stack-Thing-123"[:min(most, 15)] },
	}
}

// The table's lines fit together: what resources.txt says is about types and
// actions that providers.txt has.
func TestTable(t *testing.T) {
	t.Parallel()
	table := Load()
	for name, p := range table.providers {
		if len(p.handlers) == 0 {
			t.Errorf("%s has no handlers", name)
		}
		var actions []string
		for _, list := range p.handlers {
			actions = append(actions, list...)
		}
		for action := range p.resources {
			if action != rest && !slices.Contains(actions, action) {
				t.Errorf("%s: no handler calls %s", name, action)
			}
		}
		for action := range p.when {
			if !slices.Contains(actions, action) {
				t.Errorf("%s: no handler calls %s", name, action)
			}
		}
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	const own = "arn:aws:lambda:eu-west-1:123456789012:function:"
	for name, test := range map[string]struct {
		handler Handler
		request resource.Request
		id      string
		want    []string // some of the actions and their resources; one with - in front must not be there
	}{
		"a name that is made": {Create, request("AWS::SNS::Topic", nil), "", []string{"sns:CreateTopic arn:aws:sns:eu-west-1:123456789012:Stack-Thing-123", "-sns:PutDataProtectionPolicy"}},
		"a bucket's":          {Create, request("AWS::S3::Bucket", nil), "", []string{"s3:CreateBucket arn:aws:s3:::stack-thing-123", "-s3:PutBucketVersioning", "-s3:DeleteBucketCors"}},
		"a name that is given": {Create, request("AWS::Lambda::Function", map[string]any{
			"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/r", "Code": map[string]any{"S3Bucket": "b", "S3Key": "k"}, "Layers": []any{"arn:l:1", "arn:l:2"},
		}), "", []string{
			"lambda:CreateFunction " + own + "f", "s3:GetObject arn:aws:s3:::b/k", "iam:PassRole arn:aws:iam::123456789012:role/r",
			"lambda:GetLayerVersion arn:l:1", "lambda:GetLayerVersion arn:l:2", "-s3:GetObjectVersion", "-ec2:DescribeVpcs", "lambda:GetRuntimeManagementConfig " + own + "f",
		}},
		"an id that is an ARN":     {Delete, request("AWS::SNS::Topic", nil), "arn:aws:sns:eu-west-1:123456789012:t", []string{"sns:DeleteTopic arn:aws:sns:eu-west-1:123456789012:t", "-sns:CreateTopic"}},
		"an id that is a URL":      {Delete, request("AWS::SQS::Queue", nil), "http://127.0.0.1/123456789012/q", []string{"sqs:DeleteQueue arn:aws:sqs:eu-west-1:123456789012:q"}},
		"queues by URL":            {Update, request("AWS::SQS::QueuePolicy", map[string]any{"Queues": []any{"http://127.0.0.1/1/a", "http://127.0.0.1/1/b"}}), "p", []string{"sqs:SetQueueAttributes arn:aws:sqs:eu-west-1:123456789012:a", "sqs:SetQueueAttributes arn:aws:sqs:eu-west-1:123456789012:b"}},
		"an ARN in a name's place": {Create, request("AWS::Lambda::Permission", map[string]any{"FunctionName": own + "f:live"}), "", []string{"lambda:AddPermission " + own + "f:live"}},
		"a rule of a bus":          {Create, request("AWS::Events::Rule", map[string]any{"EventBusName": "arn:aws:events:eu-west-1:1:event-bus/b"}), "", []string{"events:PutRule arn:aws:events:eu-west-1:123456789012:rule/b/Stack-Thing-123"}},
		"a rule of its own bus":    {Update, request("AWS::Events::Rule", map[string]any{"Name": "r", "Targets": []any{map[string]any{"RoleArn": "arn:r"}}}), "r", []string{"events:PutRule arn:aws:events:eu-west-1:123456789012:rule/r", "iam:PassRole arn:r"}},
		"a schedule":               {Create, request("AWS::Scheduler::Schedule", map[string]any{"Name": "s"}), "", []string{"scheduler:CreateSchedule arn:aws:scheduler:eu-west-1:123456789012:schedule/default/s"}},
		"a collection":             {Create, request("AWS::ApiGatewayV2::Route", map[string]any{"ApiId": "a"}), "", []string{"apigateway:POST arn:aws:apigateway:eu-west-1::/apis/a/routes"}},
		"no resource":              {Create, request("AWS::Lambda::EventSourceMapping", nil), "", []string{"lambda:CreateEventSourceMapping *"}},
		"a rollout": {Update, resource.Request{Scope: request("", nil).Scope, Type: "AWS::Lambda::Alias", Properties: map[string]any{"FunctionName": "f"}, UpdatePolicy: map[string]any{
			"CodeDeployLambdaAliasUpdate": map[string]any{"ApplicationName": "a", "DeploymentGroupName": "g"},
		}}, own + "f:live", []string{"codedeploy:CreateDeployment arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:a/g", "codedeploy:StopDeployment *", "lambda:UpdateAlias " + own + "f"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needs, err := Load().Needs(test.handler, test.request, test.id)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, need := range needs {
				got = append(got, need.Action+" "+need.Resource)
			}
			for _, want := range test.want {
				if action, not := strings.CutPrefix(want, "-"); not {
					if slices.ContainsFunc(got, func(have string) bool { return strings.HasPrefix(have, action+" ") }) {
						t.Errorf("%s is needed", action)
					}
				} else if !slices.Contains(got, want) {
					t.Errorf("%s is not in %q", want, got)
				}
			}
		})
	}
}

// What was there before the update may have to be taken away.
func TestNeedsOfFormerProperties(t *testing.T) {
	t.Parallel()
	r := request("AWS::S3::Bucket", nil)
	r.OldProperties = map[string]any{"WebsiteConfiguration": map[string]any{"IndexDocument": "i"}}
	needs, err := Load().Needs(Update, r, "b")
	if err != nil {
		t.Fatal(err)
	}
	for _, need := range needs {
		if need.Action == "s3:DeleteBucketWebsite" {
			return
		}
	}
	t.Error("s3:DeleteBucketWebsite is not needed")
}

func TestUnknownType(t *testing.T) {
	t.Parallel()
	_, err := Load().Needs(Create, request("AWS::Nobody::Knows", nil), "")
	if err == nil || !strings.Contains(err.Error(), "AWS::Nobody::Knows") {
		t.Errorf("got %v", err)
	}
}

func TestTagged(t *testing.T) {
	t.Parallel()
	got := map[string]bool{}
	for name, r := range map[string]resource.Request{
		"nothing": {}, "own": {Properties: map[string]any{"Tags": []any{}}}, "stack's": {Tags: map[string]string{"team": "red"}}, "AWS's": {Tags: map[string]string{"aws:cloudformation:stack-name": "s"}},
	} {
		got[name] = tagged(r)
	}
	if diff := cmp.Diff(map[string]bool{"nothing": false, "own": true, "stack's": true, "AWS's": false}, got); diff != "" {
		t.Error(diff)
	}
}
