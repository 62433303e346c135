// SPDX-License-Identifier: MIT

package shim_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/shim"
)

// TestCORS: the answers of all forms to a REST API get the headers, those of
// others do not, and what a function says itself stays.
func TestCORS(t *testing.T) {
	t.Setenv("SPARTA_CORS", `{"origins":["https://a.example","https://*.b.example"],"exposeHeaders":["etag","x-a"],"credentials":true}`)
	rest := func(origin string) string {
		return `{"httpMethod":"GET","path":"/","headers":{"origin":"` + origin + `"},"multiValueHeaders":{"origin":["` + origin + `"]},"requestContext":{}}`
	}
	full := func(origin string) map[string][]string {
		return map[string][]string{
			"Access-Control-Allow-Origin": {origin}, "Access-Control-Allow-Credentials": {"true"},
			"Access-Control-Expose-Headers": {"etag,x-a"}, "Vary": {"Origin"},
		}
	}
	written := func(_ *json.RawMessage, _ *shim.LambdaContext, w http.ResponseWriter, _ *zerolog.Logger) {
		w.WriteHeader(http.StatusTeapot)
	}
	typed := func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		return events.APIGatewayProxyResponse{StatusCode: 418}, nil
	}
	handler := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
	tests := []struct {
		name     string
		function any
		event    string
		want     map[string][]string
	}{
		{"form 1", written, rest("https://a.example"), full("https://a.example")},
		{"form 2", typed, rest("https://x.b.example"), full("https://x.b.example")},
		{"form 3", handler, rest("https://A.example"), full("https://A.example")},
		{"a stranger", handler, rest("https://b.example"), map[string][]string{"Vary": {"Origin"}}},
		{"no origin", typed, `{"httpMethod":"GET","path":"/","requestContext":{}}`, map[string][]string{"Vary": {"Origin"}}},
		{"an HTTP API", handler, get, nil},
		{"a load balancer", handler, `{"httpMethod":"GET","path":"/","multiValueHeaders":{"origin":["https://a.example"]},"requestContext":{"elb":{}}}`, nil},
		{"said by the function", func() (map[string]any, error) {
			return map[string]any{"statusCode": 418, "headers": map[string]any{"access-control-allow-origin": "https://c.example"}}, nil
		}, rest("https://a.example"), nil},
		{"other headers of the function", func() (map[string]any, error) {
			return map[string]any{"statusCode": 418, "headers": map[string]any{"vary": "Accept"}}, nil
		}, rest("https://x.example"), map[string][]string{"Vary": {"Accept", "Origin"}}},
		{"Vary in both", func() (map[string]any, error) {
			return map[string]any{"statusCode": 418, "multiValueHeaders": map[string]any{"vary": []string{"Accept"}, "X": []string{"1", "2"}}}, nil
		}, rest("https://x.example"), map[string][]string{"vary": {"Accept", "Origin"}, "X": {"1", "2"}}},
		{"made by aws-lambda-go", lambda.NewHandler(typed), rest("https://a.example"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, err := shim.New(tt.function)
			if err != nil {
				t.Fatal(err)
			}
			got, err := h.Invoke(t.Context(), []byte(tt.event))
			if err != nil {
				t.Fatal(err)
			}
			var response events.APIGatewayProxyResponse
			if err := json.Unmarshal(got, &response); err != nil || response.StatusCode != 418 {
				t.Fatalf("got %s, %v", got, err)
			}
			if diff := cmp.Diff(tt.want, response.MultiValueHeaders); diff != "" && (tt.want != nil || response.MultiValueHeaders["Access-Control-Allow-Origin"] != nil) {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCORSLeaves: what is no response stays as it is, and a failure too.
func TestCORSLeaves(t *testing.T) {
	t.Setenv("SPARTA_CORS", `{"origins":["*"]}`)
	event := []byte(`{"httpMethod":"GET","path":"/","requestContext":{}}`)
	for _, result := range []string{`"text"`, `[1]`, `{"a": 1}`, `null`, `{"statusCode":200,"headers":[]}`} {
		h, err := shim.New(func() (json.RawMessage, error) { return json.RawMessage(result), nil })
		if err != nil {
			t.Fatal(err)
		}
		var want, got any
		out, err := h.Invoke(t.Context(), event)
		if err != nil || json.Unmarshal([]byte(result), &want) != nil || json.Unmarshal(out, &got) != nil || !cmp.Equal(want, got) {
			t.Errorf("%s became %s, %v", result, out, err)
		}
	}
	h, err := shim.New(func() error { return http.ErrAbortHandler })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Invoke(t.Context(), event); err == nil {
		t.Error("a failure is an answer")
	}
	open, err := shim.New(func() (events.APIGatewayProxyResponse, error) {
		return events.APIGatewayProxyResponse{StatusCode: 200}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := open.Invoke(t.Context(), event)
	if want := `"multiValueHeaders":{"Access-Control-Allow-Origin":["*"]}`; err != nil || !json.Valid(out) || !strings.Contains(string(out), want) {
		t.Errorf("got %s, %v, want %s", out, err, want)
	}
}

// FuzzCORS: whatever a function answers stays JSON, with the same status and
// body.
func FuzzCORS(f *testing.F) {
	for _, result := range []string{`{"statusCode":200,"body":"x","headers":{"vary":"a"},"multiValueHeaders":{"X":["1"]}}`, `{"statusCode":"200","headers":null}`, `[]`, `{"statusCode":1,"headers":{"vary":1}}`} {
		f.Add(result, "https://a.example")
	}
	f.Setenv("SPARTA_CORS", `{"origins":["https://a.example","*b"],"credentials":true}`)
	f.Fuzz(func(t *testing.T, result, origin string) {
		if !json.Valid([]byte(result)) {
			return
		}
		h, err := shim.New(func() (json.RawMessage, error) { return json.RawMessage(result), nil })
		if err != nil {
			t.Fatal(err)
		}
		event, err := json.Marshal(map[string]any{"httpMethod": "GET", "path": "/", "headers": map[string]string{"Origin": origin}, "requestContext": map[string]any{}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.Invoke(t.Context(), event)
		if err != nil || !json.Valid(got) {
			t.Fatalf("%s became %s, %v", result, got, err)
		}
		type part struct {
			StatusCode, Body, IsBase64Encoded, Cookies json.RawMessage
		}
		var before, after part
		if json.Unmarshal([]byte(result), &before) == nil && (json.Unmarshal(got, &after) != nil || !cmp.Equal(before, after, cmp.Comparer(sameJSON))) {
			t.Errorf("%s became %s", result, got)
		}
	})
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return string(a) == string(b) || json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && cmp.Equal(x, y)
}
