// SPDX-License-Identifier: MIT

package cloudfront_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func functionText(name, code string) string {
	return fmt.Sprintf(`{"Name": %q, "AutoPublish": true, "FunctionCode": %q, "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"}}`, name, code)
}

// newFunctionSite is newSite with functions on requests and responses; "" is
// none.
func newFunctionSite(t *testing.T, request, response string) *site {
	t.Helper()
	s := newSite(t, errorPages, "")
	var list []string
	for event, code := range map[string]string{"viewer-request": request, "viewer-response": response} {
		if code == "" {
			continue
		}
		f := s.mustCreate(functionType, "F", functionText(event, code))
		list = append(list, fmt.Sprintf(`{"EventType": %q, "FunctionARN": %q}`, event, f.PhysicalID))
	}
	s.mustUpdate(distributionType, s.distribution, s.config(errorPages, `, "FunctionAssociations": [`+strings.Join(list, ",")+`]`))
	s.put("index.html", "home", "Content-Type", "text/html")
	s.put("error.html", "not here")
	s.put("a/index.html", "in a")
	return s
}

func TestRequestFunction(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, code string
		exchange
	}{
		{"rewrites", `function handler(e) { e.request.uri += "index.html"; return e.request }`, exchange{url: "/a/", status: 200, want: "in a", header: map[string]string{"X-Cache": "Miss"}}},
		{"makes a response", `function handler(e) { return { statusCode: 401, statusDescription: "No", headers: {"www-authenticate": {value: "Basic"}},
			cookies: {a: {value: "1", attributes: "Path=/"}}, body: {encoding: "base64", data: "aGVsbG8="} } }`,
			exchange{url: "/", status: 401, want: "hello", header: map[string]string{"X-Cache": "FunctionGeneratedResponse", "Www-Authenticate": "Basic", "Set-Cookie": "a=1; Path=/", "Content-Length": "5"}}},
		{"says what it got", `async function handler(e) { return { statusCode: 200, body: JSON.stringify(e) } }`,
			exchange{url: "/x%20y?a=1&b=%20&a=2&c", headers: []string{"Cookie", "k=v; l=w", "X-Two", "2"}, status: 200, want: `"uri":"/x%20y","querystring":{"a":{"value":"1","multiValue":[{"value":"1"},{"value":"2"}]},"b":{"value":"%20"},"c":{"value":""}}`}},
		{"cookies", `function handler(e) { return { statusCode: 200, body: JSON.stringify(e.request.cookies) + typeof e.request.headers.cookie + e.request.headers["x-two"].value + e.viewer.ip + e.context.eventType } }`,
			exchange{url: "/", headers: []string{"Cookie", "k=v; l=w", "X-Two", "2"}, status: 200, want: `{"k":{"value":"v"},"l":{"value":"w"}}undefined2127.0.0.1viewer-request`}},
		{"sends to https", `function handler(e) { return { statusCode: 301, headers: {location: {value: "https://" + e.request.headers.host.value + "/b?c"}} } }`,
			exchange{url: "/", status: 301, header: map[string]string{"Location": "http://127.0.0.1:"}}},
		{"sends to the domain", `function handler(e) { return { statusCode: 301, headers: {location: {value: "https://" + e.context.distributionDomainName + "/b"}} } }`,
			exchange{url: "/", status: 301, header: map[string]string{"Location": "http://127.0.0.1:"}}},
		{"sends elsewhere", `function handler(e) { return { statusCode: 301, headers: {location: {value: "https://example.com/b"}} } }`,
			exchange{url: "/", status: 301, header: map[string]string{"Location": "https://example.com/b"}}},
		{"an error is no error of the origin", `function handler(e) { return { statusCode: 403 } }`, exchange{url: "/", status: 403}},
		{"throws", `function handler(e) { throw new Error("no <way>") }`, exchange{url: "/", status: 503, want: "no &lt;way&gt;", header: map[string]string{"X-Cache": "FunctionExecutionError"}}},
		{"returns nonsense", `function handler(e) { return [] }`, exchange{url: "/", status: 503, want: "no request and no response"}},
		{"no path", `function handler(e) { e.request.uri = "a"; return e.request }`, exchange{url: "/", status: 503, want: "does not begin with /"}},
		{"another method", `function handler(e) { e.request.method = "PUT"; return e.request }`, exchange{url: "/", status: 503, want: "cannot be changed"}},
		{"no status", `function handler(e) { return {statusCode: 99} }`, exchange{url: "/", status: 503, want: "not between 200 and 599"}},
		{"capitals", `function handler(e) { e.request.headers["X-A"] = {value: "1"}; return e.request }`, exchange{url: "/", status: 503, want: "not in lower case"}},
		{"a body of no kind", `function handler(e) { return {statusCode: 200, body: {encoding: "hex", data: "00"}} }`, exchange{url: "/", status: 503, want: "not text or base64"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFunctionSite(t, test.code, "")
			x := test.exchange
			x.url = s.base + x.url
			s.exchange(x)
		})
	}
}

func TestResponseFunction(t *testing.T) {
	t.Parallel()
	s := newFunctionSite(t, `function handler(e) { return e.request.uri === "/made" ? {statusCode: 200, body: "made"} : e.request }`, `function handler(e) {
		e.response.headers["x-frame-options"] = {value: "DENY"};
		e.response.headers["x-seen"] = {value: e.request.uri + " " + e.response.statusCode + " " + e.response.headers["content-type"].value};
		e.response.cookies.seen = {value: "1", attributes: "Secure"};
		console.log("responded to", e.request.uri);
		if (e.request.uri === "/a/index.html") { e.response.statusCode = 202; e.response.body = "another"; }
		return e.response;
	}`)
	added := map[string]string{"X-Frame-Options": "DENY", "X-Seen": "/ 200 text/html", "Set-Cookie": "seen=1; Secure", "Content-Type": "text/html"}
	s.exchange(exchange{url: s.base + "/", status: 200, want: "home", header: added})
	s.exchange(exchange{url: s.base + "/", status: 200, want: "home", header: added}) // from the cache
	s.exchange(exchange{url: s.base + "/a/index.html", status: 202, want: "another"})
	untouched := map[string]string{"X-Frame-Options": ""}
	s.exchange(exchange{url: s.base + "/none", status: 404, want: "not here", header: untouched})
	s.exchange(exchange{url: s.base + "/made", status: 200, want: "made", header: untouched})
	s.mu.Lock()
	defer s.mu.Unlock()
	group := "us-east-1 /aws/cloudfront/function/viewer-response "
	if diff := cmp.Diff([]string{group + "START DistributionID: " + s.distribution.PhysicalID, group + "responded to /", group + "END"}, s.lines[:3]); diff != "" || len(s.lines) != 9 {
		t.Errorf("logs (-want +got):\n%s", diff)
	}
}

// A function that is updated runs at once if it is published.
func TestFunctionType(t *testing.T) {
	t.Parallel()
	s := newFunctionSite(t, `function handler() { return {statusCode: 200, body: "one"} }`, "")
	arn := "arn:aws:cloudfront::000000000000:function/viewer-request"
	f := resource.Instance{PhysicalID: arn}
	see := func(want string) {
		t.Helper()
		s.exchange(exchange{url: s.base + "/", status: 200, want: want})
	}
	see("one")
	two := functionText("viewer-request", `function handler() { return {statusCode: 200, body: "two"} }`)
	draft := s.mustUpdate(functionType, f, strings.Replace(two, `"AutoPublish": true`, `"AutoPublish": false`, 1))
	see("one")
	live := s.mustUpdate(functionType, f, two)
	see("two")
	if diff := cmp.Diff([]resource.Instance{
		{PhysicalID: arn, Attributes: map[string]any{"FunctionARN": arn, "FunctionMetadata.FunctionARN": arn, "Stage": "DEVELOPMENT"}},
		{PhysicalID: arn, Attributes: map[string]any{"FunctionARN": arn, "FunctionMetadata.FunctionARN": arn, "Stage": "LIVE"}},
	}, []resource.Instance{draft, live}); diff != "" {
		t.Errorf("what Ref and GetAtt return (-want +got):\n%s", diff)
	}
	if _, err := s.create(functionType, "Again", two); err == nil || !strings.Contains(err.Error(), "same name already exists") {
		t.Errorf("a second function of the name: got %v", err)
	}
	if _, err := s.create(functionType, "Bad", functionText("bad", "function handler( {")); err == nil || !strings.Contains(err.Error(), "SyntaxError") {
		t.Errorf("code that is none: got %v", err)
	}
	kind := s.typeOf(functionType)
	r := s.request(functionType, "F", two)
	if err := kind.Delete(t.Context(), f, r); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("delete of a function in use: got %v", err)
	}
	s.mustUpdate(distributionType, s.distribution, s.config("", ""))
	for range 2 { // what is gone is no error
		if err := kind.Delete(t.Context(), f, r); err != nil {
			t.Error(err)
		}
	}
	if !kind.Replaces(properties(t, two), properties(t, functionText("other", "x"))) || kind.Replaces(properties(t, two), properties(t, functionText("viewer-request", "x"))) {
		t.Error("only another name is another function")
	}
}
