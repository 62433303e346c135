// SPDX-License-Identifier: MIT

package elbv2_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// TestAnswer: what becomes of what a function returns.
func TestAnswer(t *testing.T) {
	t.Parallel()
	type header = http.Header
	text := header{"Content-Type": {"text/plain"}}
	for _, test := range []struct {
		name, result string
		multi        bool
		status       int
		body         string
		headers      header // of those that are asked for
	}{
		{"all", `{"isBase64Encoded":false,"statusCode":201,"statusDescription":"201 Created","headers":{"Content-Type":"text/plain"},"body":"hi"}`, false, 201, "hi", text},
		{"no body", `{"statusCode":204,"headers":{}}`, false, 204, "", nil},
		{"no headers", `{"statusCode":200,"body":"hi"}`, false, 200, "hi", header{"Content-Type": {"application/octet-stream"}, "Server": {"awselb/2.0"}}},
		{"base64", `{"statusCode":200,"isBase64Encoded":true,"body":"/wA="}`, false, 200, "\xff\x00", nil},
		{"cookies by case", `{"statusCode":200,"headers":{"Set-Cookie":"a=1","set-cookie":"b=2","SET-COOKIE":"c=3"}}`, false, 200, "", header{"Set-Cookie": {"a=1", "b=2", "c=3"}}},
		{"several values", `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]}}`, true, 200, "", header{"Set-Cookie": {"a=1", "b=2"}}},
		{"several values where one is", `{"statusCode":200,"multiValueHeaders":{"X-A":["1"]}}`, false, 200, "", header{"X-A": nil}},
		{"one value where several are", `{"statusCode":200,"headers":{"X-A":"1"}}`, true, 200, "", header{"X-A": nil}},
		{"hop by hop", `{"statusCode":200,"headers":{"Transfer-Encoding":"chunked","Content-Length":"999"},"body":"hi"}`, false, 200, "hi", header{"Content-Length": {"2"}}},
		{"status in quotation marks", `{"statusCode":"200"}`, false, 502, "", nil},
		{"no status", `{"body":"hi"}`, false, 502, "502 Bad Gateway", header{"Content-Type": {"text/html"}, "Server": {"awselb/2.0"}}},
		{"status out of range", `{"statusCode":99}`, false, 502, "", nil},
		{"status with a fraction", `{"statusCode":200.5}`, false, 502, "", nil},
		{"number as header", `{"statusCode":200,"headers":{"X-A":1}}`, false, 502, "", nil},
		{"list as header", `{"statusCode":200,"headers":{"X-A":["1"]}}`, false, 502, "", nil},
		{"text as headers", `{"statusCode":200,"multiValueHeaders":{"X-A":"1"}}`, true, 502, "", nil},
		{"name that is no header", `{"statusCode":200,"headers":{"X A":"1"}}`, false, 502, "", nil},
		{"two lines as header", `{"statusCode":200,"multiValueHeaders":{"X-A":["1\r\nX-B: 2"]}}`, true, 502, "", nil},
		{"object as body", `{"statusCode":200,"body":{}}`, false, 502, "", nil},
		{"no base64", `{"statusCode":200,"isBase64Encoded":true,"body":"!"}`, false, 502, "", nil},
		{"text", `"hi"`, false, 502, "", nil},
		{"null", `null`, false, 502, "", nil},
		{"too large", `{"statusCode":200,"body":"` + strings.Repeat("a", 1<<20) + `"}`, false, 502, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.says("f", test.result)
			h.serve(t, "f", "TargetGroupAttributes", list(properties{"Key": "lambda.multi_value_headers.enabled", "Value": fmt.Sprint(test.multi)}))
			response := ask(t, "GET", h.address, "")
			status, body := said(t, response)
			if status != test.status || !strings.Contains(body, test.body) {
				t.Errorf("got %d %.200q, want %d %q", status, body, test.status, test.body)
			}
			for name, want := range test.headers {
				if diff := cmp.Diff(want, response.Header[name]); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

// TestStatusLine: a description of its own reaches the client.
func TestStatusLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.says("f", `{"statusCode":200,"statusDescription":"200 All is well","headers":{"X-A":"1"},"body":"hi"}`)
	h.serve(t, "f")
	for method, want := range map[string]string{"GET": "hi", "HEAD": ""} {
		response := ask(t, method, h.address, "")
		_, body := said(t, response)
		if response.Status != "200 All is well" || body != want || response.Header.Get("X-A") != "1" || response.ContentLength != 2 {
			t.Errorf("%s: got %q %q %v", method, response.Status, body, response.Header)
		}
	}
}

// TestNoAnswer: what a client gets where no function answers.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.handle("fails", func([]byte) (string, error) { return "", errFails })
	h.handle("busy", func([]byte) (string, error) {
		return "", wire.Errorf(429, "TooManyRequestsException", "Rate Exceeded.")
	})
	empty := h.must(t, "TargetGroup", properties{"Name": "empty", "TargetType": "lambda"}).PhysicalID
	for i, group := range []string{
		h.must(t, "TargetGroup", groupProperties("fails", "fails")).PhysicalID, h.must(t, "TargetGroup", groupProperties("busy", "busy")).PhysicalID,
		empty, h.must(t, "TargetGroup", groupProperties("shut", "hello")).PhysicalID,
	} {
		h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, i+1, forward(group), paths(fmt.Sprintf("/%d", i))))
	}
	h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, 9, list(properties{"Type": "forward", "ForwardConfig": properties{
		"TargetGroups": list(properties{"TargetGroupArn": empty, "Weight": 0})}}), paths("/9")))
	h.functions.mu.Lock()
	h.refused = "targetgroup/shut/"
	h.functions.mu.Unlock()
	for _, test := range []struct {
		method, path string
		headers      []string
		status       int
		body         string
	}{
		{"GET", "/0", nil, 502, "502 Bad Gateway"},
		{"GET", "/1", nil, 502, "502 Bad Gateway"},
		{"GET", "/2", nil, 503, "503 Service Temporarily Unavailable"},
		{"GET", "/3", nil, 502, "502 Bad Gateway"},
		{"GET", "/9", nil, 503, "503 Service Temporarily Unavailable"},
		{"TRACE", "/0", nil, 405, "405 Method Not Allowed"},
		{"GET", "/0", []string{"Connection", "Upgrade", "Upgrade", "websocket"}, 400, "400 Bad Request"},
		{"GET", "/0", []string{"X-Forwarded-For", strings.Repeat("192.0.2.1, ", 30) + "192.0.2.1"}, 463, "463"},
		{"GET", "/", nil, 404, "nothing here"},
	} {
		if status, body := said(t, ask(t, test.method, h.address+test.path, "", test.headers...)); status != test.status || !strings.Contains(body, test.body) {
			t.Errorf("%s %s: got %d %q, want %d %q", test.method, test.path, status, body, test.status, test.body)
		}
	}
}

// TestRedirect: where redirections lead, on this machine and elsewhere.
func TestRedirect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secure := h.must(t, "Listener", listenerProperties(h.balancer.PhysicalID, 443, fixed("200", "secret"), "Protocol", "HTTPS",
		"Certificates", list(properties{"CertificateArn": "arn:aws:acm:us-east-1:111111111111:certificate/c"})))
	door := h.Addresses()[secure.PhysicalID]
	to := func(priority int, path string, config properties) {
		t.Helper()
		h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, priority, list(properties{"Type": "redirect", "RedirectConfig": config}), paths(path)))
	}
	to(1, "/secure/*", properties{"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"})
	to(2, "/old", properties{"Path": "/new/#{path}", "Query": "was=#{host}:#{port}&#{query}", "StatusCode": "HTTP_302"})
	to(3, "/away", properties{"Host": "www.example.com", "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"})
	to(4, "/other", properties{"Port": "8080", "StatusCode": "HTTP_301"})
	for _, test := range []struct {
		path     string
		status   int
		location string
	}{
		{"/secure/a%20b?x=1", 301, door + "/secure/a%20b?x=1"},
		{"/old?x=%C3%A4", 302, h.address + "/new/old?was=127.0.0.1:80&x=%C3%A4"},
		{"/away", 301, "https://www.example.com:443/away"},
		{"/other", 301, "http://127.0.0.1:8080/other"},
	} {
		response := ask(t, "GET", h.address+test.path, "")
		if status, _ := said(t, response); status != test.status || response.Header.Get("Location") != test.location {
			t.Errorf("%s: got %d %s, want %d %s", test.path, status, response.Header.Get("Location"), test.status, test.location)
		}
	}
	if status, body := said(t, ask(t, "GET", door, "")); status != 200 || body != "secret" {
		t.Errorf("HTTPS: got %d %q", status, body)
	}
}

// TestFixed: a fixed response has what it says, and the server's name.
func TestFixed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	response := ask(t, "GET", h.address, "")
	status, body := said(t, response)
	if status != 404 || body != "nothing here" || response.Header.Get("Content-Type") != "text/plain; charset=utf-8" || response.Header.Get("Server") != "awselb/2.0" {
		t.Errorf("got %d %q %v", status, body, response.Header)
	}
}

// TestProtocol: functions are told the listener's protocol and the door's port.
func TestProtocol(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	last := h.record("recorder")
	group := h.must(t, "TargetGroup", groupProperties("recorder", "recorder")).PhysicalID
	secure := h.must(t, "Listener", listenerProperties(h.balancer.PhysicalID, 443, forward(group), "Protocol", "HTTPS",
		"Certificates", list(properties{"CertificateArn": "arn:aws:acm:us-east-1:111111111111:certificate/c"})))
	door := h.Addresses()[secure.PhysicalID]
	if len(h.notices) != 1 || !strings.Contains(h.notices[0], "plain HTTP on this machine: "+door) {
		t.Errorf("notices %q", h.notices)
	}
	said(t, ask(t, "GET", door, ""))
	got := strict(t, last()).Headers
	if got["x-forwarded-proto"] != "https" || !strings.HasSuffix(door, ":"+got["x-forwarded-port"]) {
		t.Errorf("got %v, want https and the port of %s", got, door)
	}
}
