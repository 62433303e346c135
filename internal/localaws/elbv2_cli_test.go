// SPDX-License-Identifier: MIT

package localaws_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// balanced is a stack with a load balancer in front of a function.
const balanced = `Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: recorder
      Action: lambda:InvokeFunction
      Principal: elasticloadbalancing.amazonaws.com
      SourceArn: !Sub arn:aws:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:targetgroup/recorders/*
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    DependsOn: Permission
    Properties: {Name: recorders, TargetType: lambda, Targets: [{Id: !Sub "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:recorder"}]}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Name: house, Subnets: [subnet-a, subnet-b], Tags: [{Key: team, Value: web}]}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404", ContentType: text/plain, MessageBody: nothing here}}]
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 10
      Conditions: [{Field: path-pattern, Values: [/record/*]}]
      Actions: [{Type: forward, TargetGroupArn: !Ref Group}]
Outputs:
  Name: {Value: !GetAtt Balancer.DNSName}
  Balancer: {Value: !Ref Balancer}
  Listener: {Value: !Ref Listener}
  Group: {Value: !Ref Group}
`

// TestCommandLineLoadBalancer: the aws command makes a stack with a load
// balancer, and shows what is in it; requests reach the function.
func TestCommandLineLoadBalancer(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	function, _ := c.withFunction(t)
	c.write(t, "template.yaml", balanced)
	c.must(t, "Successfully created", "cloudformation", "deploy", "--stack-name", "balanced", "--template-file", "template.yaml", "--capabilities", "CAPABILITY_IAM")
	value := func(name string) string {
		t.Helper()
		return strings.TrimSpace(c.must(t, "", "cloudformation", "describe-stacks", "--stack-name", "balanced", "--output", "text",
			"--query", "Stacks[0].Outputs[?OutputKey=='"+name+"'].OutputValue"))
	}
	name, balancer, listener, group := value("Name"), value("Balancer"), value("Listener"), value("Group")
	for path, want := range map[string]string{"/": "nothing here", "/record/a": "502 Bad Gateway"} { // the recorder answers null
		response, err := http.Get("http://" + name + path) //nolint:noctx // a door of the test
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if body, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%s: got %s, error %v", path, body, err)
		}
	}
	c.recorded(t, `"path":"/record/a"`)
	c.must(t, "", "elbv2", "wait", "load-balancer-available", "--names", "house")
	c.must(t, `"DNSName": "`+name+`"`, "elbv2", "describe-load-balancers")
	c.must(t, `"LoadBalancerArn": "`+balancer+`"`, "elbv2", "describe-listeners", "--load-balancer-arn", balancer)
	c.must(t, `"/record/*"`, "elbv2", "describe-rules", "--listener-arn", listener)
	c.must(t, `"TargetGroupArn": "`+group+`"`, "elbv2", "describe-target-groups", "--names", "recorders")
	c.must(t, `"Id": "`+function+`"`, "elbv2", "describe-target-health", "--target-group-arn", group)
	c.must(t, `"Value": "web"`, "elbv2", "describe-tags", "--resource-arns", balancer)
	c.mustNot(t, "does not model the action DeleteLoadBalancer", "elbv2", "delete-load-balancer", "--load-balancer-arn", balancer)
	c.mustNot(t, "does not model the version 2012-06-01", "elb", "describe-load-balancers")
	c.must(t, "", "cloudformation", "delete-stack", "--stack-name", "balanced")
	c.must(t, "", "cloudformation", "wait", "stack-delete-complete", "--stack-name", "balanced")
	c.must(t, `"LoadBalancers": []`, "elbv2", "describe-load-balancers")
	c.must(t, `"TargetGroups": []`, "elbv2", "describe-target-groups")
}
