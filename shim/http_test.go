// SPDX-License-Identifier: MIT

package shim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/shim"
)

// seen is what a handler sees of a request.
type seen struct {
	Method, URL, Path, Host, Remote, Proto, URI, Body string
	Length                                            int64
	Header                                            http.Header
	Cookies                                           []string
}

func look(r *http.Request) seen {
	body, _ := io.ReadAll(r.Body)
	s := seen{
		Method: r.Method, URL: r.URL.String(), Path: r.URL.Path, Host: r.Host, Remote: r.RemoteAddr, Proto: r.Proto,
		URI: r.RequestURI, Body: string(body), Length: r.ContentLength, Header: r.Header,
	}
	for _, c := range r.Cookies() {
		s.Cookies = append(s.Cookies, c.Name+"="+c.Value)
	}
	return s
}

// One request as each of the event sources tells it.
func TestHTTPRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, event string
		want        seen
	}{
		{
			name: "function URL",
			event: `{"version":"2.0","routeKey":"$default","rawPath":"/a%2Fb/c%20d","rawQueryString":"x=1&x=2&y=%C3%BC","cookies":["a=1","b=2"],
				"headers":{"host":"u.lambda-url.eu-west-1.on.aws","x-forwarded-proto":"https","accept":"a,b","content-type":"text/plain"},
				"requestContext":{"apiId":"u","domainName":"u.lambda-url.eu-west-1.on.aws","domainPrefix":"u","stage":"$default",
				"http":{"method":"POST","path":"/a/b","protocol":"HTTP/2.0","sourceIp":"2001:db8::1"}},"body":"aMO8","isBase64Encoded":true}`,
			want: seen{
				Method: "POST", URL: "https://u.lambda-url.eu-west-1.on.aws/a%2Fb/c%20d?x=1&x=2&y=%C3%BC", Path: "/a/b/c d",
				Host: "u.lambda-url.eu-west-1.on.aws", Remote: "[2001:db8::1]:0", Proto: "HTTP/2.0", URI: "/a%2Fb/c%20d?x=1&x=2&y=%C3%BC",
				Body: "hü", Length: 3, Cookies: []string{"a=1", "b=2"},
				Header: http.Header{"Accept": {"a,b"}, "Content-Type": {"text/plain"}, "X-Forwarded-Proto": {"https"}, "Cookie": {"a=1; b=2"}},
			},
		},
		{
			name: "HTTP API on a stage of its own domain",
			event: `{"version":"2.0","rawPath":"/v1/orders","headers":{},
				"requestContext":{"apiId":"abc","domainName":"abc.execute-api.eu-west-1.amazonaws.com","domainPrefix":"abc","stage":"v1",
				"http":{"method":"GET","protocol":"HTTP/1.1","sourceIp":"192.0.2.1"}}}`,
			want: seen{
				Method: "GET", URL: "https://abc.execute-api.eu-west-1.amazonaws.com/orders", Path: "/orders",
				Host: "abc.execute-api.eu-west-1.amazonaws.com", Remote: "192.0.2.1:0", Proto: "HTTP/1.1", URI: "/orders", Header: http.Header{},
			},
		},
		{
			name: "HTTP API on a custom domain",
			event: `{"version":"2.0","rawPath":"/v1/grün %","headers":{"host":"example.com"},
				"requestContext":{"apiId":"abc","domainPrefix":"example","stage":"v1","http":{"method":"GET","sourceIp":"192.0.2.1"}}}`,
			want: seen{
				Method: "GET", URL: "https://example.com/gr%C3%BCn%20%25", Path: "/grün %",
				Host: "example.com", Remote: "192.0.2.1:0", Proto: "HTTP/1.1", URI: "/gr%C3%BCn%20%25", Header: http.Header{},
			},
		},
		{
			name: "REST API",
			event: `{"resource":"/{proxy+}","path":"/orders/7","httpMethod":"PUT","headers":{"Host":"abc.execute-api.eu-west-1.amazonaws.com","Accept":"b"},
				"multiValueHeaders":{"Host":["abc.execute-api.eu-west-1.amazonaws.com"],"Accept":["a","b"],"Cookie":["a=1; b=2"]},
				"queryStringParameters":{"q":"b c"},"multiValueQueryStringParameters":{"q":["a&","b c"]},"body":"text","isBase64Encoded":false,
				"requestContext":{"stage":"v1","path":"/v1/orders/7","protocol":"HTTP/1.1","identity":{"sourceIp":"192.0.2.1"}}}`,
			want: seen{
				Method: "PUT", URL: "https://abc.execute-api.eu-west-1.amazonaws.com/orders/7?q=a%26&q=b+c", Path: "/orders/7",
				Host: "abc.execute-api.eu-west-1.amazonaws.com", Remote: "192.0.2.1:0", Proto: "HTTP/1.1", URI: "/orders/7?q=a%26&q=b+c",
				Body: "text", Length: 4, Cookies: []string{"a=1", "b=2"}, Header: http.Header{"Accept": {"a", "b"}, "Cookie": {"a=1; b=2"}},
			},
		},
		{
			name: "HTTP API 1.0",
			event: `{"version":"1.0","path":"/x","httpMethod":"GET","headers":{"Host":"h"},"queryStringParameters":{"q":"ü"},
				"requestContext":{"identity":{"sourceIp":"192.0.2.1"}}}`,
			want: seen{Method: "GET", URL: "https://h/x?q=%C3%BC", Path: "/x", Host: "h", Remote: "192.0.2.1:0", Proto: "HTTP/1.1", URI: "/x?q=%C3%BC", Header: http.Header{}},
		},
		{
			name: "load balancer",
			event: `{"httpMethod":"GET","path":"/x","queryStringParameters":{"b":"%C3%BC","a":"1+2"},"headers":{"host":"lb","x-forwarded-for":"203.0.113.9, 192.0.2.1","x-forwarded-proto":"http"},
				"body":"","isBase64Encoded":false,"requestContext":{"elb":{"targetGroupArn":"arn"}}}`,
			want: seen{
				Method: "GET", URL: "http://lb/x?a=1+2&b=%C3%BC", Path: "/x", Host: "lb", Remote: "192.0.2.1:0", Proto: "HTTP/1.1", URI: "/x?a=1+2&b=%C3%BC",
				Header: http.Header{"X-Forwarded-For": {"203.0.113.9, 192.0.2.1"}, "X-Forwarded-Proto": {"http"}},
			},
		},
		{
			name: "load balancer with multi-value headers",
			event: `{"httpMethod":"GET","path":"/x","multiValueQueryStringParameters":{"a":["1","2"]},"multiValueHeaders":{"host":["lb"],"accept":["a","b"],"x-forwarded-for":["192.0.2.1"]},
				"requestContext":{"elb":{"targetGroupArn":"arn"}}}`,
			want: seen{
				Method: "GET", URL: "https://lb/x?a=1&a=2", Path: "/x", Host: "lb", Remote: "192.0.2.1:0", Proto: "HTTP/1.1", URI: "/x?a=1&a=2",
				Header: http.Header{"Accept": {"a", "b"}, "X-Forwarded-For": {"192.0.2.1"}},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got seen
			h, err := shim.New(func(_ http.ResponseWriter, r *http.Request) {
				got = look(r)
				if event, ok := shim.Event(r.Context()); !ok || string(event) != tt.event {
					t.Errorf("event of the request = %s, %v", event, ok)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Invoke(t.Context(), []byte(tt.event)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("request differs (-want +got):\n%s", diff)
			}
		})
	}
}

// One response as each of the event sources is told it.
func TestHTTPResponse(t *testing.T) {
	t.Parallel()
	h, err := shim.New(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("X", "1")
		w.Header().Add("X", "2")
		for _, name := range []string{"a", "b", "c"} {
			http.SetCookie(w, &http.Cookie{Name: name, Value: "1"})
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "grün")
	})
	if err != nil {
		t.Fatal(err)
	}
	multi := `"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"],"Set-Cookie":["a=1","b=1","c=1"],"X":["1","2"]}`
	tests := []struct{ name, event, want string }{
		{
			"2.0", `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}}}`,
			`{"statusCode":404,"headers":{"Content-Type":"text/plain; charset=utf-8","X":"1,2"},"cookies":["a=1","b=1","c=1"],"body":"grün","isBase64Encoded":false}`,
		},
		{
			"1.0", `{"httpMethod":"GET","path":"/","requestContext":{}}`,
			`{"statusCode":404,` + multi + `,"body":"grün","isBase64Encoded":false}`,
		},
		{
			"load balancer", `{"httpMethod":"GET","path":"/","headers":{},"requestContext":{"elb":{}}}`,
			`{"statusCode":404,"statusDescription":"404 Not Found","headers":{"Content-Type":"text/plain; charset=utf-8","SEt-Cookie":"c=1","Set-Cookie":"a=1","X":"1,2","set-Cookie":"b=1"},"body":"grün","isBase64Encoded":false}`,
		},
		{
			"load balancer, multi-value", `{"httpMethod":"GET","path":"/","multiValueHeaders":{},"requestContext":{"elb":{}}}`,
			`{"statusCode":404,"statusDescription":"404 Not Found",` + multi + `,"body":"grün","isBase64Encoded":false}`,
		},
		{
			"HEAD", `{"httpMethod":"HEAD","path":"/","requestContext":{}}`,
			`{"statusCode":404,` + strings.Replace(multi, `"Content-Type":["text/plain; charset=utf-8"],`, "", 1) + `,"body":"","isBase64Encoded":false}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := h.Invoke(t.Context(), []byte(tt.event))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("response differs (-want +got):\n%s", diff)
			}
		})
	}
}

// A body that is no text travels as base64, byte for byte.
func TestBinaryBody(t *testing.T) {
	t.Parallel()
	h, err := shim.New(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("\x89PNG\r\n\x1a\n")) })
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Invoke(t.Context(), []byte(get))
	want := `{"statusCode":200,"headers":{"Content-Type":"image/png"},"body":"iVBORw0KGgo=","isBase64Encoded":true}`
	if err != nil || string(got) != want {
		t.Errorf("response = %s, error %v; want %s", got, err, want)
	}
}

func TestNoHTTPEvent(t *testing.T) {
	t.Parallel()
	h, err := shim.New(hello)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{
		``, `null`, `[]`, `{"requestContext":{}}`, `{"requestContext":`, `{"requestContext":{"connectionId":"x","eventType":"MESSAGE"}}`,
		`{"version":"2.0","type":"REQUEST","requestContext":{"http":{"method":"GET"}}}`,
		`{"type":"TOKEN","httpMethod":"GET","path":"/","requestContext":{}}`,
		`{"version":"2.0","rawPath":"/","body":"*","isBase64Encoded":true,"requestContext":{"http":{"method":"GET"}}}`,
	} {
		if got, err := h.Invoke(t.Context(), []byte(event)); err == nil {
			t.Errorf("%s: answered %s", event, got)
		}
	}
	if event, ok := shim.Event(t.Context()); ok || event != nil {
		t.Errorf("Event = %s, %v", event, ok)
	}
}

// No event panics, and what is answered is JSON with a status.
func FuzzHTTPEvent(f *testing.F) {
	f.Add([]byte(get))
	f.Add([]byte(`{"httpMethod":"GET","path":"%zz","headers":{"Host":"["},"requestContext":{"elb":{}}}`))
	f.Add([]byte(`{"version":"2.0","rawPath":"\u0000?#","rawQueryString":"%","requestContext":{"stage":"x","http":{"method":"a b"}}}`))
	h, err := shim.New(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.String()+r.Host+r.RequestURI)
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		got, err := h.Invoke(t.Context(), event)
		if err != nil {
			if strings.Contains(err.Error(), "StackTrace") {
				t.Errorf("panic: %v", err)
			}
			return
		}
		var response struct{ StatusCode int }
		if err := json.Unmarshal(got, &response); err != nil || response.StatusCode != 200 {
			t.Errorf("response = %s, error %v", got, err)
		}
	})
}
