// SPDX-License-Identifier: MIT

package flow_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// balancedHandlers take the event of a load balancer.
const balancedHandlers = `package web

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
)

// TypedALB takes the event of a load balancer.
func TypedALB(_ context.Context, r events.ALBTargetGroupRequest) (events.ALBTargetGroupResponse, error) {
	if r.QueryStringParameters["id"] == "bad" {
		return events.ALBTargetGroupResponse{}, fmt.Errorf("no such item")
	}
	return events.ALBTargetGroupResponse{StatusCode: 202, StatusDescription: "202 Accepted", Headers: map[string]string{"X-Form": "2"}, Body: "typed " + r.Path + " " + r.QueryStringParameters["id"]}, nil
}

// StrictALB says whether the event of a load balancer is complete.
func StrictALB(event json.RawMessage) (map[string]any, error) { return strict[events.ALBTargetGroupRequest](event) }
`

const balancedYAML = `serviceName: Shop
defaults: {runtime: provided.al2023, timeout: 10}
functions:
  written:
    handler: ./web.Written
    alias: live
    events:
      - alb: {listener: Listener, priority: 10, conditions: {path: /written}}
  typed:
    handler: ./web.TypedALB
    events:
      - alb: {listener: Listener, priority: 20, conditions: {path: "/items/*", query: {id: "*"}}, healthCheck: {path: /items/health, codes: 200-299}}
  served:
    handler: ./web.Served
    runtime: nodejs24.x
    events:
      - alb: {listener: Listener, priority: 30, conditions: {path: "/files/*", method: [GET, PUT]}, multiValueHeaders: true, healthCheck: {path: /files/health, codes: 410}}
      - alb: {listener: Listener, priority: 31, conditions: {host: files.example.com}}
  strict:
    handler: ./web.StrictALB
    events:
      - alb: {listener: Listener, priority: 40, conditions: {path: /strict, header: {X-Two: "2"}}}
      - alb: {listener: Internal, priority: 40, conditions: {path: /strict, ip: 127.0.0.0/8}, multiValueHeaders: true}
resources:
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [subnet-a, subnet-b]}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404", ContentType: text/plain, MessageBody: nothing here}}]
  Internal:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 8080
      Protocol: HTTP
      DefaultActions: [{Type: redirect, RedirectConfig: {Port: "80", StatusCode: HTTP_301}}]
outputs: {Name: !GetAtt Balancer.DNSName, Internal: !Sub "http://${Balancer.DNSName}:8080"}
`

// TestLoadBalancer brings functions up behind a load balancer and drives them:
// conditions, forms of handlers, both kinds of headers, health checks, and rules
// that change.
func TestLoadBalancer(t *testing.T) {
	t.Parallel()
	m := webModule(t, balancedYAML)
	m.write("web/balanced.go", balancedHandlers)
	w := local(t, m.file())
	outcome := w.mustUp(stage.Created)
	address, internal := "http://"+output(t, outcome, "Name"), output(t, outcome, "Internal")
	for _, x := range []exchange{
		{method: "GET", path: "/written", status: 409, body: "written true", want: []string{"X-Form", "[1]", "Content-Type", "[text/plain]"}},
		{method: "GET", path: "/items/a%20b?id=7", status: 202, body: "typed /items/a%20b 7", want: []string{"X-Form", "[2]"}},
		{method: "GET", path: "/items/a?id=bad", status: 502, body: "502 Bad Gateway"},
		{method: "GET", path: "/items/a", status: 404, body: "nothing here"},
		{method: "PUT", path: "/files/x%20y?a=1&a=%C3%A4", status: 410, body: "served PUT /files/x y?a=1&a=%C3%A4 in", want: []string{"X-Form", "[3]", "Set-Cookie", "[a=1 b=2]"}},
		{method: "POST", path: "/files/x", status: 404},
		{method: "POST", path: "/strict?q=1&q=2", status: 200, body: "complete", headers: []string{"X-Two", "2", "Content-Type", "image/png"}},
		{method: "POST", path: "/strict", status: 404},
	} {
		x.run(t, address)
	}
	exchange{method: "GET", path: "/strict?q=1&q=2", status: 200, body: "complete"}.run(t, internal)
	exchange{method: "GET", path: "/elsewhere", status: 301, want: []string{"Location", "[" + w.listener(80) + "/elsewhere]"}}.run(t, internal)
	w.awaitHealthy("Shop-typed")
	w.awaitHealthy("Shop-served")
	asHost(t, address, "files.example.com", http.StatusGone)
	asHost(t, address, "evil.example", http.StatusForbidden)

	// The path of one rule changes, its function gets another alias, and two
	// functions change places in the order.
	before := w.targets()
	m.edit("sparta.yaml", "conditions: {path: /written}", "conditions: {path: /read}")
	m.edit("sparta.yaml", "alias: live", "alias: stable")
	m.edit("sparta.yaml", "priority: 30", "priority: 20")
	m.edit("sparta.yaml", "priority: 20, conditions: {path: \"/items/*\"", "priority: 30, conditions: {path: \"/items/*\"")
	if again := "http://" + output(t, w.mustUp(stage.Updated), "Name"); again != address {
		t.Errorf("the address was %s, is %s", address, again)
	}
	for _, x := range []exchange{
		{method: "GET", path: "/written", status: 404},
		{method: "GET", path: "/read", status: 409, body: "written true"},
		{method: "GET", path: "/items/a?id=7", status: 202, body: "typed /items/a 7"},
		{method: "GET", path: "/files/x", status: 410},
	} {
		x.run(t, address)
	}
	for group, target := range w.targets() {
		if was := before[group]; was != "" && was != target {
			t.Errorf("target group %s got another target in place, which CloudFormation does not finish on AWS", group)
		}
	}
	w.takeDown()
	if connection, err := http.Get(address); err == nil {
		connection.Body.Close()
		t.Error("the load balancer still answers")
	}
}

// TestLoadBalancerElsewhere: a listener that is not in the embedded AWS fails by
// name.
func TestLoadBalancerElsewhere(t *testing.T) {
	t.Parallel()
	const listener = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/house/50dc6c495c0c9188/f2f7dc8efc522ab2"
	m := webModule(t, "serviceName: Shop\nfunctions:\n  a: {handler: ./web.Served, runtime: provided.al2023, events: [alb: {priority: 1, conditions: {path: /a}, listener: '"+listener+"'}]}\n")
	if _, err := local(t, m.file()).up(); err == nil || !strings.Contains(err.Error(), "Listener '"+listener+"' not found") {
		t.Errorf("got %v", err)
	}
}

// balancers is a client of Elastic Load Balancing.
func (w *world) balancers() *elasticloadbalancingv2.Client {
	return elasticloadbalancingv2.NewFromConfig(awsclient.Local(w.endpoint, account, region))
}

// targets returns the targets by the ARN of their target group.
func (w *world) targets() map[string]string {
	w.t.Helper()
	all, err := w.balancers().DescribeTargetGroups(w.t.Context(), &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	targets := map[string]string{}
	for _, g := range all.TargetGroups {
		health, err := w.balancers().DescribeTargetHealth(w.t.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
		if err != nil {
			w.t.Fatal(err)
		}
		targets[*g.TargetGroupArn] = *health.TargetHealthDescriptions[0].Target.Id
	}
	return targets
}

// awaitHealthy waits until the health checks of a function are good.
func (w *world) awaitHealthy(function string) {
	w.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		for group, target := range w.targets() {
			health, err := w.balancers().DescribeTargetHealth(w.t.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &group})
			if err != nil {
				w.t.Fatal(err)
			}
			if strings.HasSuffix(target, ":"+function) && health.TargetHealthDescriptions[0].TargetHealth.State == "healthy" {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.t.Errorf("%s is not healthy", function)
}

// listener returns the address of the one listener on a port.
func (w *world) listener(port int32) string {
	w.t.Helper()
	all, err := w.balancers().DescribeLoadBalancers(w.t.Context(), &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	list, err := w.balancers().DescribeListeners(w.t.Context(), &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: all.LoadBalancers[0].LoadBalancerArn})
	if err != nil {
		w.t.Fatal(err)
	}
	_, addresses, _ := get(w.t, w.endpoint+"/_sparta/elasticloadbalancing/addresses")
	for _, l := range list.Listeners {
		if aws.ToInt32(l.Port) == port {
			_, rest, _ := strings.Cut(addresses, `"`+*l.ListenerArn+`":"`)
			address, _, _ := strings.Cut(rest, `"`)
			return address
		}
	}
	w.t.Fatalf("no listener on port %d in %s", port, addresses)
	return ""
}

// asHost sends a request for a host.
func asHost(t *testing.T, address, host string, status int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != status {
		t.Errorf("%s: got %d, want %d", host, response.StatusCode, status)
	}
}
