// SPDX-License-Identifier: MIT

package httpevent_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/httpevent"
)

func request(t testing.TB, method, target, contentType, body string) httpevent.Request {
	t.Helper()
	r, err := http.NewRequest(method, "http://127.0.0.1:1"+target, strings.NewReader(body)) //nolint:noctx // not sent
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.9:1234"
	r.Header.Set("Content-Type", contentType)
	r.Header.Add("X-Two", "1")
	r.Header.Add("X-Two", "2")
	r.Header.Set("Cookie", "a=1; b=2")
	r.Header.Set("User-Agent", "test")
	return httpevent.Request{
		Request: r, Content: []byte(body), Port: 81, Account: "111111111111", APIID: "abc", Stage: "live", RouteKey: "POST /a/{b}",
		Path: r.URL.Path, RequestID: "id-1", TraceID: "Root=1", Now: time.Unix(1583348638, 390e6),
		PathParameters: map[string]string{"b": "c"}, StageVariables: map[string]string{"v": "w"},
		Authorizer: map[string]any{"lambda": map[string]any{"user": "me"}},
	}
}

// back decodes an event into the type of aws-lambda-go and encodes that again:
// every member must survive.
func back[T any](t *testing.T, event any) (T, map[string]any, map[string]any) {
	t.Helper()
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	var typed T
	var sent, kept map[string]any
	if err := json.Unmarshal(text, &typed); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(typed)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &sent); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &kept); err != nil {
		t.Fatal(err)
	}
	return typed, sent, kept
}

// lost returns the members of sent that kept has not, or has otherwise. Null
// and false are what a Go type has anyway.
func lost(path string, sent, kept any) []string {
	object, ok := sent.(map[string]any)
	if !ok {
		if diff := cmp.Diff(sent, kept); diff != "" && sent != nil && sent != false {
			return []string{path}
		}
		return nil
	}
	other, _ := kept.(map[string]any)
	var names []string
	for name, value := range object {
		names = append(names, lost(path+"."+name, value, other[name])...)
	}
	return names
}

func TestV2(t *testing.T) {
	t.Parallel()
	r := request(t, "POST", "/a/c?x=1&x=2&y=%C3%A4", "application/json", `{"k":1}`)
	typed, sent, kept := back[events.APIGatewayV2HTTPRequest](t, r.V2())
	if names := lost("", sent, kept); len(names) > 0 {
		t.Errorf("aws-lambda-go has no %v", names)
	}
	want := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "POST /a/{b}", RawPath: "/a/c", RawQueryString: "x=1&x=2&y=%C3%A4", Cookies: []string{"a=1", "b=2"},
		Headers: map[string]string{
			"content-type": "application/json", "content-length": "7", "x-two": "1,2", "cookie": "a=1; b=2", "user-agent": "test", "host": "127.0.0.1:1",
			"x-forwarded-for": "127.0.0.9", "x-forwarded-port": "81", "x-forwarded-proto": "http", "x-amzn-trace-id": "Root=1",
		},
		QueryStringParameters: map[string]string{"x": "1,2", "y": "ä"}, PathParameters: map[string]string{"b": "c"}, StageVariables: map[string]string{"v": "w"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "POST /a/{b}", AccountID: "111111111111", Stage: "live", RequestID: "id-1", APIID: "abc", DomainName: "127.0.0.1:1", DomainPrefix: "abc",
			Time: "04/Mar/2020:19:03:58 +0000", TimeEpoch: 1583348638390,
			HTTP:       events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "POST", Path: "/a/c", Protocol: "HTTP/1.1", SourceIP: "127.0.0.9", UserAgent: "test"},
			Authorizer: &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: map[string]any{"user": "me"}},
		},
		Body: `{"k":1}`,
	}
	if diff := cmp.Diff(want, typed); diff != "" {
		t.Error(diff)
	}
}

func TestV1(t *testing.T) {
	t.Parallel()
	r := request(t, "POST", "/a/c?x=1&x=2", "application/octet-stream", "\xff\x00")
	e := r.V1("/a/{b}", "/live/a/c", true)
	e.RequestContext.ResourceID, e.RequestContext.OperationName = "r1", "op"
	e.RequestContext.Authorizer = map[string]any{"principalId": "me"}
	typed, sent, kept := back[events.APIGatewayProxyRequest](t, e)
	if names := lost("", sent, kept); len(names) > 0 {
		t.Errorf("aws-lambda-go has no %v", names)
	}
	single := map[string]string{
		"Content-Type": "application/octet-stream", "Content-Length": "2", "X-Two": "2", "Cookie": "a=1; b=2", "User-Agent": "test", "Host": "127.0.0.1:1",
		"X-Forwarded-For": "127.0.0.9", "X-Forwarded-Port": "81", "X-Forwarded-Proto": "http", "X-Amzn-Trace-Id": "Root=1",
	}
	multi := map[string][]string{}
	for name, value := range single {
		multi[name] = []string{value}
	}
	multi["X-Two"] = []string{"1", "2"}
	want := events.APIGatewayProxyRequest{
		Resource: "/a/{b}", Path: "/a/c", HTTPMethod: "POST", Headers: single, MultiValueHeaders: multi,
		QueryStringParameters: map[string]string{"x": "2"}, MultiValueQueryStringParameters: map[string][]string{"x": {"1", "2"}},
		PathParameters: map[string]string{"b": "c"}, StageVariables: map[string]string{"v": "w"},
		RequestContext: events.APIGatewayProxyRequestContext{
			AccountID: "111111111111", ResourceID: "r1", OperationName: "op", Stage: "live", DomainName: "127.0.0.1:1", DomainPrefix: "abc", RequestID: "id-1",
			ExtendedRequestID: "id-1", Protocol: "HTTP/1.1", ResourcePath: "/a/{b}", Path: "/live/a/c", Authorizer: map[string]any{"principalId": "me"},
			Identity:   events.APIGatewayRequestIdentity{SourceIP: "127.0.0.9", UserAgent: "test"},
			HTTPMethod: "POST", RequestTime: "04/Mar/2020:19:03:58 +0000", RequestTimeEpoch: 1583348638390, APIID: "abc",
		},
		Body: "/wA=", IsBase64Encoded: true,
	}
	if diff := cmp.Diff(want, typed); diff != "" {
		t.Error(diff)
	}
}

// FuzzRequest checks that an event holds what the request said.
func FuzzRequest(f *testing.F) {
	f.Add("/a%20b?x=1&x=2", "application/json", "k=v; l=w", []byte(`{"a":1}`))
	f.Add("/", "image/png", "", []byte{0xff, 0})
	f.Add("/?%zz", "", ";;", []byte("text"))
	f.Fuzz(func(t *testing.T, target, contentType, cookie string, body []byte) {
		r, err := http.NewRequest("POST", "http://127.0.0.1:1"+target, strings.NewReader(string(body))) //nolint:noctx // not sent
		if err != nil || r.Host == "" {
			return
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Cookie", cookie)
		text, err := json.Marshal(httpevent.Request{Request: r, Content: body, Port: 1, Path: r.URL.Path}.V2())
		if err != nil {
			t.Fatal(err)
		}
		var back httpevent.V2
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		got := ""
		if back.Body != nil {
			got = *back.Body
		}
		if back.IsBase64Encoded {
			b, err := base64.StdEncoding.DecodeString(got)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
		}
		if got != string(body) {
			t.Errorf("body %q became %q", body, got)
		}
		if utf8.ValidString(target) && back.RawQueryString != r.URL.RawQuery {
			t.Errorf("query %q became %q", r.URL.RawQuery, back.RawQueryString)
		}
	})
}

// FuzzResponse checks that no result of a function breaks the server.
func FuzzResponse(f *testing.F) {
	f.Add([]byte(`{"statusCode":200,"headers":{"a":"b","n":1},"multiValueHeaders":{"c":["d",1]},"cookies":["c"],"body":"aGk=","isBase64Encoded":true}`), byte(0))
	f.Add([]byte(`{"statusCode":204}`), byte(1))
	f.Add([]byte(`"text"`), byte(0))
	f.Add([]byte("{\"statusCode\":201}\x00\x00\x00\x00\x00\x00\x00\x00body"), byte(2))
	f.Fuzz(func(t *testing.T, payload []byte, kind byte) {
		var r httpevent.Response
		var err error
		switch kind % 3 {
		case 0:
			r, err = httpevent.Buffered(payload, "text/plain")
		case 1:
			r, err = httpevent.Proxied(payload, "application/json", kind > 100)
		default:
			r, err = httpevent.Streamed(payload, "application/vnd.awslambda.http-integration-response")
		}
		if err != nil {
			return
		}
		if r.Status < 200 || r.Status > 599 {
			t.Errorf("status %d", r.Status)
		}
		w := httptest.NewRecorder()
		r.Write(w)
		if w.Code != r.Status {
			t.Errorf("wrote %d, want %d", w.Code, r.Status)
		}
	})
}

func TestResponse(t *testing.T) {
	t.Parallel()
	buffered := func(p []byte) (httpevent.Response, error) { return httpevent.Buffered(p, "application/json") }
	proxied := func(p []byte) (httpevent.Response, error) { return httpevent.Proxied(p, "application/json", true) }
	plain := func(p []byte) (httpevent.Response, error) { return httpevent.Proxied(p, "application/json", false) }
	for _, test := range []struct {
		name    string
		decode  func([]byte) (httpevent.Response, error)
		payload string
		status  int // 0: none
		body    string
		headers http.Header
	}{
		{"text", buffered, `"hi"`, 200, `"hi"`, nil},
		{"object", buffered, `{"message":"hi"}`, 200, `{"message":"hi"}`, nil},
		{"null", buffered, `null`, 200, `null`, nil},
		{"list", buffered, `[1]`, 200, `[1]`, nil},
		{"full", buffered, `{"statusCode":404,"body":"no"}`, 404, "no", nil},
		{"status as text", buffered, `{"statusCode":"404","body":"no"}`, 404, "no", nil},
		{"no body", buffered, `{"statusCode":204}`, 204, "", nil},
		{"no JSON", buffered, `hi`, 0, "", nil},
		{"status out of range", buffered, `{"statusCode":99}`, 0, "", nil},
		{"status with a fraction", buffered, `{"statusCode":200.5}`, 0, "", nil},
		{"header that is a list", buffered, `{"statusCode":200,"headers":{"a":["b"]}}`, 0, "", nil},
		{"body that is an object", buffered, `{"statusCode":200,"body":{}}`, 0, "", nil},
		{"bad base64", buffered, `{"statusCode":200,"body":"!","isBase64Encoded":true}`, 0, "", nil},
		{"2.0 knows cookies only", buffered, `{"statusCode":200,"headers":{"X":"1"},"multiValueHeaders":{"Y":["2"]},"cookies":["a=1","b=2"]}`, 200, "",
			http.Header{"X": {"1"}, "Set-Cookie": {"a=1", "b=2"}, "Content-Type": {"application/json"}}},
		{"1.0 knows several values only", proxied, `{"statusCode":200,"headers":{"x":"1","y":"0","z":"4"},"multiValueHeaders":{"Y":["2","3"],"z":["4","5"]},"cookies":["a=1"]}`, 200, "",
			http.Header{"X": {"1"}, "Y": {"2", "3", "0"}, "Z": {"4", "5"}, "Content-Type": {"application/json"}}},
		{"1.0 needs a status", proxied, `{"message":"hi"}`, 0, "", nil},
		{"1.0 is no text", proxied, `"hi"`, 0, "", nil},
		{"1.0 decodes", proxied, `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, 200, "hi", nil},
		{"1.0 does not decode what is not binary", plain, `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, 200, "aGk=", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.decode([]byte(test.payload))
			if (err != nil) != (test.status == 0) {
				t.Fatalf("got error %v", err)
			}
			if err == nil && (got.Status != test.status || string(got.Body) != test.body) {
				t.Errorf("got %d %q, want %d %q", got.Status, got.Body, test.status, test.body)
			}
			if test.headers != nil {
				if diff := cmp.Diff(test.headers, got.Headers); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// Behind a domain name of one's own both formats name it, and format 1.0 shows
// the path that was asked for.
func TestDomainName(t *testing.T) {
	t.Parallel()
	r := request(t, "GET", "/v1/a/c", "", "")
	r.Path, r.Asked, r.Domain = "/a/c", "/v1/a/c", "api.example.com"
	v1, v2 := r.V1("/a/{b}", "/live/a/c", false), r.V2()
	if c := v1.RequestContext; v1.Path != "/v1/a/c" || c.Path != "/v1/a/c" || c.ResourcePath != "/a/{b}" || c.DomainName != "api.example.com" || c.DomainPrefix != "api" {
		t.Errorf("format 1.0: got %+v", v1)
	}
	if c := v2.RequestContext; v2.RawPath != "/a/c" || c.HTTP.Path != "/a/c" || c.DomainName != "api.example.com" || c.DomainPrefix != "api" {
		t.Errorf("format 2.0: got %+v", v2)
	}
	r.Asked, r.Domain = "", ""
	if c := r.V1("/a/{b}", "/live/a/c", false).RequestContext; c.Path != "/live/a/c" || c.DomainName != "127.0.0.1:1" || c.DomainPrefix != "abc" {
		t.Errorf("without: got %+v", c)
	}
}
