// SPDX-License-Identifier: MIT

package elbv2_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// TestAttributes: what Ref and GetAtt give.
func TestAttributes(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	b := w.must(t, "LoadBalancer", properties{"SubnetMappings": list(properties{"SubnetId": "subnet-a"}, properties{"SubnetId": "subnet-b"}), "SecurityGroups": list("sg-1")})
	g := w.must(t, "TargetGroup", properties{"TargetType": "lambda"})
	l := w.must(t, "Listener", listenerProperties(b.PhysicalID, 80, forward(g.PhysicalID)))
	r := w.must(t, "ListenerRule", ruleProperties(l.PhysicalID, 1, forward(g.PhysicalID), paths("/")))
	prefix := "arn:aws:elasticloadbalancing:us-east-1:" + account + ":"
	for _, check := range []struct{ name, got, pattern string }{
		{"LoadBalancer", b.PhysicalID, prefix + `loadbalancer/app/default-32/[0-9a-f]{16}`},
		{"LoadBalancerArn", b.Attributes["LoadBalancerArn"].(string), regexp.QuoteMeta(b.PhysicalID)},
		{"LoadBalancerFullName", b.Attributes["LoadBalancerFullName"].(string), `app/default-32/[0-9a-f]{16}`},
		{"LoadBalancerName", b.Attributes["LoadBalancerName"].(string), `default-32`},
		{"DNSName", b.Attributes["DNSName"].(string), `127\.0\.0\.1:\d+`},
		{"CanonicalHostedZoneID", b.Attributes["CanonicalHostedZoneID"].(string), `Z35SXDOTRQ7X7K`},
		{"TargetGroup", g.PhysicalID, prefix + `targetgroup/default-32/[0-9a-f]{16}`},
		{"TargetGroupFullName", g.Attributes["TargetGroupFullName"].(string), `targetgroup/default-32/[0-9a-f]{16}`},
		{"TargetGroupName", g.Attributes["TargetGroupName"].(string), `default-32`},
		{"Listener", l.PhysicalID, prefix + `listener/app/default-32/[0-9a-f]{16}/[0-9a-f]{16}`},
		{"ListenerArn", l.Attributes["ListenerArn"].(string), regexp.QuoteMeta(l.PhysicalID)},
		{"ListenerRule", r.PhysicalID, prefix + `listener-rule/app/default-32/[0-9a-f]{16}/[0-9a-f]{16}/[0-9a-f]{16}`},
		{"RuleArn", r.Attributes["RuleArn"].(string), regexp.QuoteMeta(r.PhysicalID)},
	} {
		if !regexp.MustCompile("^" + check.pattern + "$").MatchString(check.got) {
			t.Errorf("%s: got %s, want %s", check.name, check.got, check.pattern)
		}
	}
	if diff := cmp.Diff(list("sg-1"), b.Attributes["SecurityGroups"]); diff != "" {
		t.Error(diff)
	}
	if r.Attributes["IsDefault"] != false {
		t.Errorf("IsDefault is %v", r.Attributes["IsDefault"])
	}
}

// TestReplaces: which changes need a new resource.
func TestReplaces(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, test := range []struct {
		kind, property string
		want           bool
	}{
		{"LoadBalancer", "Name", true}, {"LoadBalancer", "Scheme", true}, {"LoadBalancer", "Subnets", false},
		{"TargetGroup", "Name", true}, {"TargetGroup", "TargetType", true}, {"TargetGroup", "Targets", false}, {"TargetGroup", "HealthCheckEnabled", false},
		{"Listener", "LoadBalancerArn", true}, {"Listener", "Port", false}, {"Listener", "DefaultActions", false},
		{"ListenerRule", "ListenerArn", true}, {"ListenerRule", "Priority", false}, {"ListenerRule", "Conditions", false},
	} {
		if got := w.kind(test.kind).Replaces(properties{test.property: "a"}, properties{test.property: "b"}); got != test.want {
			t.Errorf("%s %s: got %t", test.kind, test.property, got)
		}
	}
}

// TestRemove: what may go when, and that it takes along what is in it.
func TestRemove(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	group := h.must(t, "TargetGroup", groupProperties("hello", "hello"))
	rule := h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, 10, forward(group.PhysicalID), paths("/")))
	if err := h.remove("TargetGroup", group); err == nil || !strings.Contains(err.Error(), "Target group '"+group.PhysicalID+"' is currently in use by a listener or a rule") {
		t.Errorf("target group in use: %v", err)
	}
	protect := balancerProperties("LoadBalancerAttributes", list(properties{"Key": "deletion_protection.enabled", "Value": "true"}))
	if _, err := h.update("LoadBalancer", h.balancer, protect); err != nil {
		t.Fatal(err)
	}
	if err := h.remove("LoadBalancer", h.balancer); err == nil || !strings.Contains(err.Error(), "deletion protection is enabled") {
		t.Errorf("protected load balancer: %v", err)
	}
	if _, err := h.update("LoadBalancer", h.balancer, balancerProperties()); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"LoadBalancer", "LoadBalancer"} { // twice: what is gone is no error
		if err := h.remove(kind, h.balancer); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.remove("Listener", h.listener); err != nil {
		t.Error(err)
	}
	if err := h.remove("ListenerRule", rule); err != nil {
		t.Error(err)
	}
	if err := h.remove("TargetGroup", group); err != nil {
		t.Error(err)
	}
	if len(h.Addresses()) != 0 {
		t.Errorf("listeners are left: %v", h.Addresses())
	}
	if connection, err := net.Dial("tcp", strings.TrimPrefix(h.address, "http://")); err == nil {
		connection.Close()
		t.Error("the door is open")
	}
}

// TestReopen: load balancers survive, each at its door, or at another one if
// that is taken.
func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	b := first.must(t, "LoadBalancer", balancerProperties())
	l := first.must(t, "Listener", listenerProperties(b.PhysicalID, 80, fixed("404", "nothing")))
	g := first.must(t, "TargetGroup", groupProperties("hello", "hello"))
	first.must(t, "ListenerRule", ruleProperties(l.PhysicalID, 10, forward(g.PhysicalID), paths("/hello")))
	address, door := "http://"+b.Attributes["DNSName"].(string), first.Addresses()[l.PhysicalID]
	first.close(t)
	taken, err := net.Listen("tcp", strings.TrimPrefix(door, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	second := open(t, dir)
	for path, want := range map[string]string{"/": "nothing", "/hello": "hello"} {
		if _, body := said(t, ask(t, "GET", address+path, "")); body != want {
			t.Errorf("%s: got %q, want %q", path, body, want)
		}
	}
	moved := second.Addresses()[l.PhysicalID]
	if moved == door || len(second.notices) != 1 || !strings.Contains(second.notices[0], "the address of listener 80 of load balancer house is now "+moved) {
		t.Errorf("moved to %s: notices %q", moved, second.notices)
	}
	if _, body := said(t, ask(t, "GET", moved+"/hello", "")); body != "hello" {
		t.Errorf("at the new door: %q", body)
	}
}

// TestFront: which listener answers in the place of the load balancer.
func TestFront(t *testing.T) {
	t.Parallel()
	h := &house{world: open(t, t.TempDir())}
	b := h.must(t, "LoadBalancer", balancerProperties())
	address := "http://" + b.Attributes["DNSName"].(string)
	want := func(body string) {
		t.Helper()
		if _, got := said(t, ask(t, "GET", address, "")); !strings.Contains(got, body) {
			t.Errorf("got %q, want %q", got, body)
		}
	}
	want("503 Service Temporarily Unavailable")
	h.must(t, "Listener", listenerProperties(b.PhysicalID, 9000, fixed("200", "nine")))
	want("nine")
	h.must(t, "Listener", listenerProperties(b.PhysicalID, 8080, fixed("200", "eight")))
	want("eight")
	h.must(t, "Listener", listenerProperties(b.PhysicalID, 443, fixed("200", "secure"), "Protocol", "HTTPS",
		"Certificates", list(properties{"CertificateArn": "arn:aws:iam::111111111111:server-certificate/c"})))
	want("secure")
	plain := h.must(t, "Listener", listenerProperties(b.PhysicalID, 80, fixed("200", "plain")))
	want("plain")
	if err := h.remove("Listener", plain); err != nil {
		t.Fatal(err)
	}
	want("secure")
}

// TestAddress: URLs that templates make lead to the doors of listeners.
func TestAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := h.must(t, "Listener", listenerProperties(h.balancer.PhysicalID, 8080, fixed("200", "other"))).PhysicalID
	secure := h.must(t, "Listener", listenerProperties(h.balancer.PhysicalID, 443, fixed("200", "secure"), "Protocol", "HTTPS",
		"Certificates", list(properties{"CertificateArn": "arn:aws:acm:us-east-1:111111111111:certificate/c"}))).PhysicalID
	name := strings.TrimPrefix(h.address, "http://")
	for text, want := range map[string]string{
		"http://" + name + "/a":                "http://" + name + "/a",
		"http://" + name + ":8080/a":           h.Addresses()[other] + "/a",
		"https://" + name + "/a":               h.Addresses()[secure] + "/a",
		"https://" + name + ":443":             h.Addresses()[secure],
		"http://" + name + ":81/":              "http://" + name + ":81/",
		"http://127.0.0.1:1/ and no more":      "http://127.0.0.1:1/ and no more",
		"x=https://" + name + "&y=http://a.b/": "x=" + h.Addresses()[secure] + "&y=http://a.b/",
	} {
		if got := h.Address(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	rec := httptest.NewRecorder()
	h.ServeInternal(rec, httptest.NewRequest(http.MethodGet, "/_sparta/elasticloadbalancing/addresses", nil))
	var shown map[string]string
	if err := json.Unmarshal(rec.Body.Bytes(), &shown); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h.Addresses(), shown); diff != "" {
		t.Error(diff)
	}
}

// TestHosts: doors answer to this machine and to names that rules name, not to
// every name that a pattern would match.
func TestHosts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i, pattern := range []string{"*.example.com", "*", "*.com", "shop?example.org"} {
		h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, i+1, fixed("200", "met "+pattern),
			properties{"Field": "host-header", "HostHeaderConfig": properties{"Values": list(pattern)}}))
	}
	for host, want := range map[string]string{
		"a.example.com": "met *.example.com", "a.example.com.localhost": "met *.example.com", "localhost": "met *", "127.0.0.1": "met *",
		"evil.example": "answers to 127.0.0.1", "evil.com": "answers to 127.0.0.1", "example.com": "answers to 127.0.0.1",
	} {
		if _, got := said(t, ask(t, "GET", h.address, "", "Host", host)); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
}

// TestUpdate: what changes in place takes effect at once, and what is refused
// changes nothing.
func TestUpdate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.says("other", `{"statusCode":200,"body":"other"}`)
	group := h.must(t, "TargetGroup", groupProperties("g", "hello"))
	want := func(body string) {
		t.Helper()
		if _, got := said(t, ask(t, "GET", h.address, "")); !strings.Contains(got, body) {
			t.Errorf("got %q, want %q", got, body)
		}
	}
	change := func(kind string, old resource.Instance, to properties, fault string) {
		t.Helper()
		if _, err := h.update(kind, old, to); (err == nil) != (fault == "") || err != nil && !strings.Contains(err.Error(), fault) {
			t.Errorf("%s: got %v, want %q", kind, err, fault)
		}
	}
	want("nothing here")
	change("Listener", h.listener, listenerProperties(h.balancer.PhysicalID, 80, forward(group.PhysicalID)), "")
	want("hello")
	change("TargetGroup", group, groupProperties("g", "none"), "elasticloadbalancing principal does not have permission to invoke")
	want("hello")
	change("TargetGroup", group, groupProperties("g", "other"), "")
	want("other")
	change("TargetGroup", group, groupProperties("g", "other", "Targets", list()), "")
	want("503 Service Temporarily Unavailable")
	change("Listener", h.listener, listenerProperties(h.balancer.PhysicalID, 8080, fixed("200", "moved")), "")
	want("moved")
	second := h.must(t, "Listener", listenerProperties(h.balancer.PhysicalID, 9000, fixed("200", "second")))
	change("Listener", second, listenerProperties(h.balancer.PhysicalID, 8080, fixed("200", "second")), "A listener already exists on this port")
	change("LoadBalancer", h.balancer, balancerProperties("Subnets", list("subnet-a")), "At least two subnets")
	one := h.must(t, "ListenerRule", ruleProperties(second.PhysicalID, 1, fixed("200", "a"), paths("/a")))
	h.must(t, "ListenerRule", ruleProperties(second.PhysicalID, 2, fixed("200", "b"), paths("/b")))
	change("ListenerRule", one, ruleProperties(second.PhysicalID, 2, fixed("200", "a"), paths("/a")), "Priority '2' is currently in use")
	change("ListenerRule", one, ruleProperties(second.PhysicalID, 1, fixed("200", "c"), paths("/c")), "")
	if _, got := said(t, ask(t, "GET", h.Addresses()[second.PhysicalID]+"/c", "")); got != "c" {
		t.Errorf("got %q", got)
	}
}
