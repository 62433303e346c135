// SPDX-License-Identifier: MIT

package elbv2_test

import (
	"strings"
	"testing"
)

// TestConditions: which requests meet which condition.
func TestConditions(t *testing.T) {
	t.Parallel()
	hosts := func(patterns ...any) properties {
		return properties{"Field": "host-header", "HostHeaderConfig": properties{"Values": patterns}}
	}
	header := func(name string, patterns ...any) properties {
		return properties{"Field": "http-header", "HttpHeaderConfig": properties{"HttpHeaderName": name, "Values": patterns}}
	}
	query := func(pairs ...any) properties {
		var values []any
		for i := 0; i < len(pairs); i += 2 {
			p := properties{"Value": pairs[i+1]}
			if pairs[i] != "" {
				p["Key"] = pairs[i]
			}
			values = append(values, p)
		}
		return properties{"Field": "query-string", "QueryStringConfig": properties{"Values": values}}
	}
	methods := properties{"Field": "http-request-method", "HttpRequestMethodConfig": properties{"Values": list("PUT", "CUSTOM")}}
	sources := func(block string) properties {
		return properties{"Field": "source-ip", "SourceIpConfig": properties{"Values": list("192.0.2.0/24", block)}}
	}
	for _, test := range []struct {
		name       string
		conditions []any
		method     string
		path       string
		headers    []string
		met        bool
	}{
		{"path", list(paths("/orders/*")), "GET", "/orders/7", nil, true},
		{"path without its end", list(paths("/orders/*")), "GET", "/orders", nil, false},
		{"path in another case", list(paths("/orders/*")), "GET", "/Orders/7", nil, false},
		{"path and query", list(paths("/a")), "GET", "/a?b=c", nil, true},
		{"second path", list(paths("/a", "/b?")), "GET", "/bc", nil, true},
		{"one character", list(paths("/b?")), "GET", "/b", nil, false},
		{"encoded path", list(paths("/a*b")), "GET", "/a%20b", nil, true},
		{"path in the older form", list(properties{"Field": "path-pattern", "Values": list("/old")}), "GET", "/old", nil, true},
		{"host", list(hosts("*.example.com")), "GET", "/", []string{"Host", "shop.EXAMPLE.com:8080"}, true},
		{"host below", list(hosts("*.example.com")), "GET", "/", []string{"Host", "shop.example.com.localhost"}, true},
		{"other host", list(hosts("*.example.com")), "GET", "/", nil, false},
		{"host and path", list(hosts("shop.example.com"), paths("/a")), "GET", "/b", []string{"Host", "shop.example.com"}, false},
		{"method", list(methods), "CUSTOM", "/", nil, true},
		{"other method", list(methods), "POST", "/", nil, false},
		{"header", list(header("x-client", "a", "B*")), "GET", "/", []string{"X-Client", "bcd"}, true},
		{"second line of a header", list(header("X-Client", "b")), "GET", "/", []string{"X-Client", "a", "X-Client", "B"}, true},
		{"no header", list(header("X-Client", "*")), "GET", "/", nil, false},
		{"host as header", list(header("Host", "127.*")), "GET", "/", nil, true},
		{"both headers", list(header("X-A", "1"), header("X-B", "2")), "GET", "/", []string{"X-A", "1"}, false},
		{"query", list(query("version", "v1")), "GET", "/?a=b&VERSION=V1", nil, true},
		{"other value", list(query("version", "v1")), "GET", "/?version=v2", nil, false},
		{"any key", list(query("", "exam*")), "GET", "/?q=example", nil, true},
		{"escaped", list(query("q", `\*`)), "GET", "/?q=a", nil, false},
		{"star", list(query("q", `\*`)), "GET", "/?q=*", nil, true},
		{"one of several", list(query("a", "1", "b", "2")), "GET", "/?b=2", nil, true},
		{"source", list(sources("127.0.0.0/8")), "GET", "/", nil, true},
		{"other source", list(sources("198.51.100.0/24")), "GET", "/", []string{"X-Forwarded-For", "192.0.2.1"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, 1, fixed("200", "met"), test.conditions...))
			status, _ := said(t, ask(t, test.method, h.address+test.path, "", test.headers...))
			if met := status == 200; met != test.met {
				t.Errorf("got %d, met %t, want %t", status, met, test.met)
			}
		})
	}
}

// TestPriority: the lowest number wins, whatever was made first, also after an
// update.
func TestPriority(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, 20, fixed("200", "wide"), paths("/*")))
	narrow := h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, 10, fixed("200", "narrow"), paths("/a*")))
	want := func(path, body string) {
		t.Helper()
		if _, got := said(t, ask(t, "GET", h.address+path, "")); got != body {
			t.Errorf("%s: got %q, want %q", path, got, body)
		}
	}
	want("/ab", "narrow")
	want("/b", "wide")
	if _, err := h.update("ListenerRule", narrow, ruleProperties(h.listener.PhysicalID, 30, fixed("200", "narrow"), paths("/a*"))); err != nil {
		t.Fatal(err)
	}
	want("/ab", "wide")
	if err := h.remove("ListenerRule", narrow); err != nil {
		t.Fatal(err)
	}
	_, err := h.update("ListenerRule", narrow, ruleProperties(h.listener.PhysicalID, 30, fixed("200", "narrow"), paths("/a*")))
	if err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("update of a rule that is gone: %v", err)
	}
}

// TestFaults: what AWS refuses, and what only the embedded AWS does.
func TestFaults(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	group := h.must(t, "TargetGroup", groupProperties("hello", "hello")).PhysicalID
	l := h.listener.PhysicalID
	h.must(t, "ListenerRule", ruleProperties(l, 10, forward(group), paths("/a")))
	other := h.must(t, "LoadBalancer", balancerProperties("Name", "other")).PhysicalID
	for _, test := range []struct {
		kind       string
		properties properties
		want       string
	}{
		{"LoadBalancer", balancerProperties(), "A load balancer with the same name 'house' exists"},
		{"LoadBalancer", balancerProperties("Name", "internal-a"), "does not begin with internal-"},
		{"LoadBalancer", balancerProperties("Name", "b", "Subnets", list("subnet-a")), "At least two subnets in two different Availability Zones must be specified"},
		{"LoadBalancer", balancerProperties("Name", "b", "Subnets", list("subnet-a", "subnet-a")), "cannot be attached to multiple subnets in the same Availability Zone"},
		{"LoadBalancer", balancerProperties("Name", "b", "Subnets", list("subnet-a", "b")), "The subnet ID 'b' is not valid"},
		{"LoadBalancer", balancerProperties("Name", "b", "SecurityGroups", list("b")), "The security group ID 'b' is not valid"},
		{"LoadBalancer", balancerProperties("Type", "network"), "#/Type: the embedded AWS models application only"},
		{"LoadBalancer", balancerProperties("Name", "b", "LoadBalancerAttributes", list(properties{"Key": "access_logs.s3.enabled", "Value": "true"})), "the embedded AWS does not model load balancer attribute 'access_logs.s3.enabled' with the value true"},
		{"LoadBalancer", balancerProperties("Name", "b", "LoadBalancerAttributes", list(properties{"Key": "nonsense", "Value": "true"})), "Load balancer attribute key 'nonsense' is not recognized"},
		{"LoadBalancer", balancerProperties("Name", "b", "LoadBalancerAttributes", list(properties{"Key": "idle_timeout.timeout_seconds", "Value": "long"})), "'idle_timeout.timeout_seconds' value 'long' is not valid"},
		{"TargetGroup", groupProperties("hello", "hello"), "A target group with the same name 'hello' exists"},
		{"TargetGroup", groupProperties("none", "none"), "elasticloadbalancing principal does not have permission to invoke " + functionARN("none") + " from target group arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/none/"},
		{"TargetGroup", groupProperties("a-", "hello"), "Target group name 'a-' cannot begin or end with '-'"},
		{"TargetGroup", groupProperties("a", "hello", "Port", 80), "Port cannot be specified for target groups with target type 'lambda'"},
		{"TargetGroup", groupProperties("a", "hello", "TargetType", "ip"), "the embedded AWS models lambda only"},
		{"TargetGroup", properties{"Name": "a"}, "the embedded AWS models lambda only, and not instance"},
		{"TargetGroup", groupProperties("a", "hello", "Targets", list(properties{"Id": functionARN("hello")}, properties{"Id": functionARN("other")})), "only one Lambda function per target group"},
		{"TargetGroup", groupProperties("a", "hello", "Targets", list(properties{"Id": "arn:aws:lambda:us-east-1:222222222222:function:hello"})), "is not a Lambda function of the account and the Region"},
		{"TargetGroup", groupProperties("a", "hello", "HealthCheckIntervalSeconds", 5), "Health check timeout '30' must be smaller than the interval '5'"},
		{"TargetGroup", groupProperties("a", "hello", "Matcher", properties{"HttpCode": "200-600"}), "must be within '200-499' inclusive"},
		{"TargetGroup", groupProperties("a", "hello", "TargetGroupAttributes", list(properties{"Key": "stickiness.enabled", "Value": "true"})), "does not support the attribute stickiness.enabled"},
		{"Listener", listenerProperties(h.balancer.PhysicalID, 80, fixed("200", "")), "A listener already exists on this port for this load balancer '" + h.balancer.PhysicalID + "'"},
		{"Listener", listenerProperties(h.balancer.PhysicalID, 81, fixed("200", ""), "Protocol", "TCP"), "Listener protocol 'TCP' must be one of 'HTTP, HTTPS'"},
		{"Listener", listenerProperties(h.balancer.PhysicalID, 81, fixed("200", ""), "Protocol", "HTTPS"), "A certificate must be specified for HTTPS listeners"},
		{"Listener", listenerProperties(h.balancer.PhysicalID, 81, fixed("300", "")), "Value '300' at 'actions.1.member.fixedResponseConfig.statusCode'"},
		{"Listener", listenerProperties(h.balancer.PhysicalID+"x", 81, fixed("200", "")), "Load balancer '" + h.balancer.PhysicalID + "x' not found"},
		{"Listener", listenerProperties(other, 80, forward(group)), "The following target groups cannot be associated with more than one load balancer: " + group},
		{"Listener", listenerProperties(h.balancer.PhysicalID, 81, list(properties{"Type": "authenticate-oidc", "Order": 1}, fixed("200", "")[0])), "the embedded AWS does not model actions of type 'authenticate-oidc'"},
		{"Listener", listenerProperties(h.balancer.PhysicalID, 81, list(properties{"Type": "redirect", "RedirectConfig": properties{"StatusCode": "HTTP_301", "Query": "a=b"}})), "would lead to the same URL"},
		{"ListenerRule", ruleProperties(l, 10, fixed("200", ""), paths("/b")), "Priority '10' is currently in use"},
		{"ListenerRule", ruleProperties(l+"x", 11, fixed("200", ""), paths("/b")), "Listener '" + l + "x' not found"},
		{"ListenerRule", ruleProperties(l, 11, forward(group+"x"), paths("/b")), "Target group '" + group + "x' not found"},
		{"ListenerRule", ruleProperties(l, 50001, fixed("200", ""), paths("/b")), "50001 is not less or equal to 50000"},
		{"ListenerRule", ruleProperties(l, 11, fixed("200", "")), "A rule must have at least one condition"},
		{"ListenerRule", ruleProperties(l, 11, fixed("200", ""), paths("/b"), paths("/c")), "A rule can only have one 'path-pattern' condition"},
		{"ListenerRule", ruleProperties(l, 11, fixed("200", ""), paths("/1", "/2", "/3", "/4", "/5", "/6")), "A rule can only have '5' condition values"},
		{"ListenerRule", ruleProperties(l, 11, fixed("200", ""), paths("/*******")), "A rule can only have '6' condition wildcards"},
		{"ListenerRule", ruleProperties(l, 11, fixed("200", ""), paths("/a b")), "contains a character that is not valid"},
		{"ListenerRule", ruleProperties(l, 11, fixed("200", ""), properties{"Field": "nonsense"}), "Condition field 'nonsense' must be one of"},
		{"ListenerRule", ruleProperties(l, 11, fixed("200", ""), properties{"Field": "source-ip", "SourceIpConfig": properties{"Values": list("192.0.2.1/24")}}), "is not a valid CIDR block"},
		{"ListenerRule", with(ruleProperties(l, 11, fixed("200", ""), paths("/b")), "Transforms", list()), "#/Transforms: the embedded AWS does not model this property"},
		{"ListenerRule", ruleProperties(l, 11, list(properties{"Type": "forward", "ForwardConfig": properties{"TargetGroups": list(properties{"TargetGroupArn": group}), "TargetGroupStickinessConfig": properties{"Enabled": true}}}), paths("/b")), "does not model TargetGroupStickinessConfig"},
	} {
		_, err := h.create(test.kind, test.properties)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %v: got %v, want %q", test.kind, test.properties, err, test.want)
		}
	}
}
