// SPDX-License-Identifier: MIT

package elbv2_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// same compares what the client read.
func same(t *testing.T, want, got any) {
	t.Helper()
	options := cmp.Options{cmpopts.IgnoreUnexported(
		types.LoadBalancer{}, types.LoadBalancerState{}, types.AvailabilityZone{}, types.Listener{}, types.Certificate{}, types.Rule{}, types.RuleCondition{},
		types.Action{}, types.ForwardActionConfig{}, types.TargetGroupTuple{}, types.TargetGroupStickinessConfig{}, types.FixedResponseActionConfig{},
		types.PathPatternConditionConfig{}, types.HttpHeaderConditionConfig{}, types.QueryStringConditionConfig{}, types.QueryStringKeyValuePair{},
		types.RedirectActionConfig{}, types.TargetGroup{}, types.Matcher{}, types.TagDescription{}, types.Tag{}, types.TargetGroupAttribute{},
		types.SourceIpConditionConfig{}, types.HttpRequestMethodConditionConfig{}, types.HostHeaderConditionConfig{}), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Error(diff)
	}
}

// TestDescribe: the client of the SDK reads what there is.
func TestDescribe(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	b := w.must(t, "LoadBalancer", balancerProperties("Scheme", "internal", "SecurityGroups", list("sg-1"), "Tags", list(properties{"Key": "k", "Value": "v"})))
	g := w.must(t, "TargetGroup", groupProperties("hello", "hello", "TargetGroupAttributes", list(properties{"Key": "lambda.multi_value_headers.enabled", "Value": "true"}))).PhysicalID
	l := w.must(t, "Listener", listenerProperties(b.PhysicalID, 443, fixed("404", "no"), "Protocol", "HTTPS",
		"Certificates", list(properties{"CertificateArn": "arn:aws:acm:us-east-1:111111111111:certificate/c"}))).PhysicalID
	r := w.must(t, "ListenerRule", ruleProperties(l, 7, forward(g), paths("/a", "/b"),
		properties{"Field": "http-header", "HttpHeaderConfig": properties{"HttpHeaderName": "X-A", "Values": list("1")}},
		properties{"Field": "query-string", "QueryStringConfig": properties{"Values": list(properties{"Key": "q", "Value": "1"})}})).PhysicalID
	ctx := t.Context()

	balancers, err := w.client.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{Names: []string{"house"}})
	if err != nil {
		t.Fatal(err)
	}
	if balancers.LoadBalancers[0].CreatedTime == nil {
		t.Error("there is no time")
	}
	balancers.LoadBalancers[0].CreatedTime = nil
	same(t, []types.LoadBalancer{{
		LoadBalancerArn: &b.PhysicalID, LoadBalancerName: aws.String("house"), DNSName: aws.String(b.Attributes["DNSName"].(string)),
		CanonicalHostedZoneId: aws.String("Z35SXDOTRQ7X7K"), Scheme: types.LoadBalancerSchemeEnumInternal, Type: types.LoadBalancerTypeEnumApplication,
		State: &types.LoadBalancerState{Code: types.LoadBalancerStateEnumActive}, SecurityGroups: []string{"sg-1"}, IpAddressType: types.IpAddressTypeIpv4,
		AvailabilityZones: []types.AvailabilityZone{{SubnetId: aws.String("subnet-a")}, {SubnetId: aws.String("subnet-b")}},
	}}, balancers.LoadBalancers)

	listeners, err := w.client.DescribeListeners(ctx, &sdk.DescribeListenersInput{LoadBalancerArn: &b.PhysicalID})
	if err != nil {
		t.Fatal(err)
	}
	no := []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{
		StatusCode: aws.String("404"), ContentType: aws.String("text/plain"), MessageBody: aws.String("no")}}}
	same(t, []types.Listener{{
		ListenerArn: &l, LoadBalancerArn: &b.PhysicalID, Port: aws.Int32(443), Protocol: types.ProtocolEnumHttps, SslPolicy: aws.String("ELBSecurityPolicy-2016-08"),
		Certificates: []types.Certificate{{CertificateArn: aws.String("arn:aws:acm:us-east-1:111111111111:certificate/c")}}, DefaultActions: no,
	}}, listeners.Listeners)

	rules, err := w.client.DescribeRules(ctx, &sdk.DescribeRulesInput{ListenerArn: &l})
	if err != nil {
		t.Fatal(err)
	}
	same(t, []types.Rule{
		{RuleArn: &r, Priority: aws.String("7"), IsDefault: aws.Bool(false), Conditions: []types.RuleCondition{
			{Field: aws.String("path-pattern"), Values: []string{"/a", "/b"}, PathPatternConfig: &types.PathPatternConditionConfig{Values: []string{"/a", "/b"}}},
			{Field: aws.String("http-header"), HttpHeaderConfig: &types.HttpHeaderConditionConfig{HttpHeaderName: aws.String("X-A"), Values: []string{"1"}}},
			{Field: aws.String("query-string"), QueryStringConfig: &types.QueryStringConditionConfig{Values: []types.QueryStringKeyValuePair{{Key: aws.String("q"), Value: aws.String("1")}}}},
		}, Actions: []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: &g, ForwardConfig: &types.ForwardActionConfig{
			TargetGroups:                []types.TargetGroupTuple{{TargetGroupArn: &g, Weight: aws.Int32(1)}},
			TargetGroupStickinessConfig: &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)},
		}}}},
		{RuleArn: rules.Rules[1].RuleArn, Priority: aws.String("default"), IsDefault: aws.Bool(true), Actions: no},
	}, rules.Rules)
	one, err := w.client.DescribeRules(ctx, &sdk.DescribeRulesInput{RuleArns: []string{*rules.Rules[1].RuleArn}})
	if err != nil || len(one.Rules) != 1 || !aws.ToBool(one.Rules[0].IsDefault) {
		t.Errorf("got %v, error %v", one, err)
	}

	groups, err := w.client.DescribeTargetGroups(ctx, &sdk.DescribeTargetGroupsInput{LoadBalancerArn: &b.PhysicalID})
	if err != nil {
		t.Fatal(err)
	}
	same(t, []types.TargetGroup{{
		TargetGroupArn: &g, TargetGroupName: aws.String("hello"), TargetType: types.TargetTypeEnumLambda, HealthCheckEnabled: aws.Bool(false),
		HealthCheckIntervalSeconds: aws.Int32(35), HealthCheckTimeoutSeconds: aws.Int32(30), HealthyThresholdCount: aws.Int32(5), UnhealthyThresholdCount: aws.Int32(2),
		HealthCheckPath: aws.String("/"), Matcher: &types.Matcher{HttpCode: aws.String("200")}, LoadBalancerArns: []string{b.PhysicalID}, IpAddressType: types.TargetGroupIpAddressTypeEnumIpv4,
	}}, groups.TargetGroups)

	tags, err := w.client.DescribeTags(ctx, &sdk.DescribeTagsInput{ResourceArns: []string{b.PhysicalID, l}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, []types.TagDescription{
		{ResourceArn: &b.PhysicalID, Tags: []types.Tag{{Key: aws.String("aws:cloudformation:stack-name"), Value: aws.String("s")}, {Key: aws.String("k"), Value: aws.String("v")}}},
		{ResourceArn: &l},
	}, tags.TagDescriptions)
	attributes, err := w.client.DescribeTargetGroupAttributes(ctx, &sdk.DescribeTargetGroupAttributesInput{TargetGroupArn: &g})
	if err != nil {
		t.Fatal(err)
	}
	same(t, []types.TargetGroupAttribute{{Key: aws.String("lambda.multi_value_headers.enabled"), Value: aws.String("true")}}, attributes.Attributes)
	own, err := w.client.DescribeLoadBalancerAttributes(ctx, &sdk.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &b.PhysicalID})
	if err != nil || len(own.Attributes) < 15 {
		t.Errorf("got %v, error %v", own, err)
	}
}

// TestDescribePages: lists come in pages.
func TestDescribePages(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, name := range []string{"a", "b", "c"} {
		w.must(t, "TargetGroup", properties{"Name": name, "TargetType": "lambda"})
	}
	var names []string
	pages := sdk.NewDescribeTargetGroupsPaginator(w.client, &sdk.DescribeTargetGroupsInput{PageSize: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range page.TargetGroups {
			names = append(names, *g.TargetGroupName)
		}
	}
	if strings.Join(names, "") != "abc" {
		t.Errorf("got %v", names)
	}
}

// TestDescribeFaults: what is not there, and what is not modelled.
func TestDescribeFaults(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	ctx := t.Context()
	gone := aws.String("arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/a/b")
	for name, call := range map[string]func() error{
		"LoadBalancerNotFound: One or more load balancers not found": func() error {
			_, err := w.client.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{LoadBalancerArns: []string{*gone}})
			return err
		},
		"LoadBalancerNotFound: Load balancers '[a]' not found": func() error {
			_, err := w.client.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{Names: []string{"a"}})
			return err
		},
		"ListenerNotFound": func() error {
			_, err := w.client.DescribeListeners(ctx, &sdk.DescribeListenersInput{ListenerArns: []string{"a"}})
			return err
		},
		"You must specify either listener ARNs or a load balancer ARN": func() error {
			_, err := w.client.DescribeListeners(ctx, &sdk.DescribeListenersInput{})
			return err
		},
		"RuleNotFound": func() error {
			_, err := w.client.DescribeRules(ctx, &sdk.DescribeRulesInput{RuleArns: []string{"a"}})
			return err
		},
		"TargetGroupNotFound": func() error {
			_, err := w.client.DescribeTargetHealth(ctx, &sdk.DescribeTargetHealthInput{TargetGroupArn: gone})
			return err
		},
		"does not model the action CreateLoadBalancer": func() error {
			_, err := w.client.CreateLoadBalancer(ctx, &sdk.CreateLoadBalancerInput{Name: aws.String("a")})
			return err
		},
		"does not model the parameter Include of DescribeTargetHealth": func() error {
			_, err := w.client.DescribeTargetHealth(ctx, &sdk.DescribeTargetHealthInput{TargetGroupArn: gone, Include: []types.DescribeTargetHealthInputIncludeEnum{"All"}})
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	response, err := http.Post(w.server.URL, "application/x-www-form-urlencoded", strings.NewReader("Action=DescribeLoadBalancers&Version=2012-06-01")) //nolint:noctx // a server of the test
	if err != nil {
		t.Fatal(err)
	}
	if status, body := said(t, response); status != 400 || !strings.Contains(body, "classic load balancers") {
		t.Errorf("got %d %s", status, body)
	}
}
