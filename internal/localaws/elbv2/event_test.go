// SPDX-License-Identifier: MIT

package elbv2_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

// strict decodes an event into the type of aws-lambda-go, which must have each
// of its members.
func strict(t *testing.T, event []byte) events.ALBTargetGroupRequest {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(event))
	d.DisallowUnknownFields()
	var out events.ALBTargetGroupRequest
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%v in %s", err, event)
	}
	return out
}

// record makes a function that keeps its last event.
func (h *house) record(name string) func() []byte {
	var last []byte
	h.handle(name, func(event []byte) (string, error) {
		last = event
		return `{"statusCode":200}`, nil
	})
	return func() []byte { return last } // the answer comes after the event
}

func TestEvent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	last := h.record("recorder")
	group := h.serve(t, "recorder")
	said(t, ask(t, "POST", h.address+"/a%20b/c?x=1&x=%C3%A4+b&&y", `{"k":1}`, "Content-Type", "application/json; charset=utf-8",
		"X-Two", "1", "X-Two", "2", "Cookie", "a=1; b=2", "User-Agent", "test", "X-Forwarded-For", "192.0.2.1", "X-Amzn-Trace-Id", "Root=1-a-b;Sampled=1"))
	got := strict(t, last())
	host := strings.TrimPrefix(h.address, "http://")
	_, port, _ := strings.Cut(host, ":")
	if trace := got.Headers["x-amzn-trace-id"]; !strings.HasPrefix(trace, "Self=1-") || !strings.HasSuffix(trace, ";Root=1-a-b;Sampled=1") {
		t.Errorf("trace %q", trace)
	}
	delete(got.Headers, "x-amzn-trace-id")
	want := events.ALBTargetGroupRequest{
		HTTPMethod: "POST", Path: "/a%20b/c", QueryStringParameters: map[string]string{"x": "%C3%A4+b", "y": ""}, Body: `{"k":1}`,
		Headers: map[string]string{
			"content-type": "application/json; charset=utf-8", "content-length": "7", "connection": "close", "x-two": "2", "cookie": "a=1; b=2", "user-agent": "test", "host": host,
			"x-forwarded-for": "192.0.2.1, 127.0.0.1", "x-forwarded-port": port, "x-forwarded-proto": "http",
		},
		RequestContext: events.ALBTargetGroupRequestContext{ELB: events.ELBContext{TargetGroupArn: group}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var raw map[string]any
	said(t, ask(t, "GET", h.address, ""))
	if err := json.Unmarshal(last(), &raw); err != nil {
		t.Fatal(err)
	}
	for member, want := range map[string]any{"queryStringParameters": map[string]any{}, "body": "", "isBase64Encoded": false, "path": "/"} {
		if diff := cmp.Diff(want, raw[member]); diff != "" {
			t.Errorf("%s: %s", member, diff)
		}
	}
	if _, has := raw["multiValueHeaders"]; has {
		t.Error("there are multiValueHeaders")
	}
}

func TestEventMultiValue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	last := h.record("recorder")
	group := h.serve(t, "recorder", "TargetGroupAttributes", list(properties{"Key": "lambda.multi_value_headers.enabled", "Value": "true"}))
	said(t, ask(t, "PUT", h.address+"/?x=1&x=2", "\xff\x00", "Content-Type", "image/png", "X-Two", "1", "X-Two", "2", "Cookie", "a=1", "Cookie", "b=2"))
	got := strict(t, last())
	if len(got.MultiValueHeaders["x-amzn-trace-id"]) != 1 {
		t.Error("there is no trace")
	}
	for _, name := range []string{"x-amzn-trace-id", "host", "x-forwarded-port", "user-agent", "connection"} {
		delete(got.MultiValueHeaders, name)
	}
	want := events.ALBTargetGroupRequest{
		HTTPMethod: "PUT", Path: "/", MultiValueQueryStringParameters: map[string][]string{"x": {"1", "2"}}, Body: "/wA=", IsBase64Encoded: true,
		MultiValueHeaders: map[string][]string{
			"content-type": {"image/png"}, "content-length": {"2"}, "x-two": {"1", "2"}, "cookie": {"a=1", "b=2"},
			"x-forwarded-for": {"127.0.0.1"}, "x-forwarded-proto": {"http"},
		},
		RequestContext: events.ALBTargetGroupRequestContext{ELB: events.ELBContext{TargetGroupArn: group}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	said(t, ask(t, "GET", h.address, ""))
	if !bytes.Contains(last(), []byte(`"multiValueQueryStringParameters":{}`)) || bytes.Contains(last(), []byte(`"headers"`)) {
		t.Errorf("got %s", last())
	}
}

// TestEventBody: which bodies are handed over in base64.
func TestEventBody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	last := h.record("recorder")
	h.serve(t, "recorder")
	for _, test := range []struct {
		name     string
		headers  []string
		body     string
		isBase64 bool
		status   int
	}{
		{"text", []string{"Content-Type", "text/csv"}, "a,b", false, 200},
		{"JSON", []string{"Content-Type", "application/json"}, "{}", false, 200},
		{"JavaScript", []string{"Content-Type", "application/javascript"}, "1", false, 200},
		{"XML", []string{"Content-Type", "application/xml"}, "<a/>", false, 200},
		{"a kind of JSON", []string{"Content-Type", "application/problem+json"}, "{}", true, 200},
		{"form", []string{"Content-Type", "application/x-www-form-urlencoded"}, "a=b", true, 200},
		{"no type", nil, "text", true, 200},
		{"encoded", []string{"Content-Type", "text/plain", "Content-Encoding", "gzip"}, "\x1f\x8b", true, 200},
		{"empty", []string{"Content-Type", "image/png"}, "", false, 200},
		{"text that is none", []string{"Content-Type", "text/plain"}, "\xff", false, 400},
		{"too large", []string{"Content-Type", "text/plain"}, strings.Repeat("a", 1<<20+1), false, 413},
		{"just not too large", []string{"Content-Type", "text/plain"}, strings.Repeat("a", 1<<20), false, 200},
	} {
		status, _ := said(t, ask(t, "POST", h.address, test.body, test.headers...))
		if status != test.status {
			t.Errorf("%s: got status %d, want %d", test.name, status, test.status)
		}
		if status != 200 {
			continue
		}
		if got := strict(t, last()); got.IsBase64Encoded != test.isBase64 {
			t.Errorf("%s: in base64 %t, want %t", test.name, got.IsBase64Encoded, test.isBase64)
		}
	}
}

// TestEventAttributes: what attributes of the load balancer do to headers.
func TestEventAttributes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	last := h.record("recorder")
	h.serve(t, "recorder")
	set := func(pairs ...string) {
		t.Helper()
		var attributes []any
		for i := 0; i < len(pairs); i += 2 {
			attributes = append(attributes, properties{"Key": pairs[i], "Value": pairs[i+1]})
		}
		if _, err := h.update("LoadBalancer", h.balancer, balancerProperties("LoadBalancerAttributes", attributes)); err != nil {
			t.Fatal(err)
		}
		said(t, ask(t, "GET", h.address, "", "X-Forwarded-For", "192.0.2.1", "X_Odd", "1"))
	}
	set("routing.http.xff_header_processing.mode", "preserve", "routing.http.drop_invalid_header_fields.enabled", "true")
	if got := strict(t, last()).Headers; got["x-forwarded-for"] != "192.0.2.1" || got["x_odd"] != "" {
		t.Errorf("preserve: got %v", got)
	}
	set("routing.http.xff_header_processing.mode", "remove")
	if got, has := strict(t, last()).Headers["x-forwarded-for"]; has || strict(t, last()).Headers["x_odd"] != "1" {
		t.Errorf("remove: got %q", got)
	}
	set("routing.http.xff_client_port.enabled", "true")
	if got := strict(t, last()).Headers["x-forwarded-for"]; !strings.HasPrefix(got, "192.0.2.1, 127.0.0.1:") {
		t.Errorf("port: got %q", got)
	}
}
