// SPDX-License-Identifier: MIT

package flow_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/sparta-up/sparta/internal/awsclient"
)

// webHandlers are handlers of all three forms, for both types of APIs.
const webHandlers = `package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/shim"
)

// Written has the form of the overview.
func Written(event *json.RawMessage, ctx *shim.LambdaContext, w http.ResponseWriter, logger *zerolog.Logger) {
	w.Header().Set("X-Form", "1")
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusConflict)
	fmt.Fprintf(w, "written %t", bytes.Contains(*event, []byte("requestContext")))
}

// Typed takes the event of an HTTP API.
func Typed(_ context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	if r.PathParameters["id"] == "bad" {
		return events.APIGatewayV2HTTPResponse{}, fmt.Errorf("no such item")
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: 202, Headers: map[string]string{"X-Form": "2"}, Body: "typed " + r.PathParameters["id"] + " " + r.RouteKey}, nil
}

// TypedREST takes the event of a REST API.
func TypedREST(_ context.Context, r events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	if r.PathParameters["id"] == "bad" {
		return events.APIGatewayProxyResponse{}, fmt.Errorf("no such item")
	}
	return events.APIGatewayProxyResponse{StatusCode: 202, Headers: map[string]string{"X-Form": "2"}, Body: "typed " + r.PathParameters["id"] + " " + r.Resource}, nil
}

// Served is an HTTP handler.
func Served(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Form", "3")
	w.Header().Add("Set-Cookie", "a=1")
	w.Header().Add("Set-Cookie", "b=2")
	w.WriteHeader(http.StatusGone)
	fmt.Fprintf(w, "served %s %s?%s %s", r.Method, r.URL.Path, r.URL.RawQuery, body)
}

// strict decodes an event into a type that has to have all its fields.
func strict[T any](event json.RawMessage) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(event))
	d.DisallowUnknownFields()
	var v T
	said := "complete"
	if err := d.Decode(&v); err != nil {
		said = err.Error()
	}
	return map[string]any{"statusCode": 200, "body": said}, nil
}

// Strict says whether the event of an HTTP API is complete.
func Strict(event json.RawMessage) (map[string]any, error) { return strict[events.APIGatewayV2HTTPRequest](event) }

// StrictREST says whether the event of a REST API is complete.
func StrictREST(event json.RawMessage) (map[string]any, error) { return strict[events.APIGatewayProxyRequest](event) }

// Guard lets in who has the token, and tells the function his name.
func Guard(_ context.Context, r events.APIGatewayV2CustomAuthorizerV2Request) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error) {
	return events.APIGatewayV2CustomAuthorizerSimpleResponse{IsAuthorized: r.Headers["x-token"] == "open", Context: map[string]any{"name": "Ada"}}, nil
}

// GuardREST does the same with a policy.
func GuardREST(_ context.Context, r events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
	effect := "Deny"
	if r.Headers["X-Token"] == "open" {
		effect = "Allow"
	}
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: "ada", Context: map[string]any{"name": "Ada"},
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: []events.IAMPolicyStatement{
			{Action: []string{"execute-api:Invoke"}, Effect: effect, Resource: []string{r.MethodArn}},
		}},
	}, nil
}
`

// webModule is a user's module with webHandlers and a sparta.yaml.
func webModule(t *testing.T, file string) module {
	t.Helper()
	m := module{t, t.TempDir()}
	m.write("go.mod", "module example.com/web\n\ngo 1.26\n")
	m.write("web/web.go", webHandlers)
	m.write("sparta.yaml", file)
	return m
}

// ask sends a request to an API, with headers in pairs.
func ask(t *testing.T, method, address string, headers ...string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader("in"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	request.Host = request.Header.Get("Host") // "" is that of the address
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header
}

// exchange is a request and what has to come back.
type exchange struct {
	method, path string
	headers      []string // of the request, in pairs
	status       int
	body         string   // a part of it
	want         []string // headers of the answer, in pairs
}

func (x exchange) run(t *testing.T, address string) {
	t.Helper()
	status, body, header := ask(t, x.method, address+x.path, x.headers...)
	if status != x.status || !strings.Contains(body, x.body) {
		t.Errorf("%s %s %v: got %d %q, want %d %q", x.method, x.path, x.headers, status, body, x.status, x.body)
	}
	for i := 0; i < len(x.want); i += 2 {
		if got := header.Values(x.want[i]); fmt.Sprint(got) != x.want[i+1] {
			t.Errorf("%s %s %v: header %s is %v, want %s", x.method, x.path, x.headers, x.want[i], got, x.want[i+1])
		}
	}
}

const (
	signed    = "AWS4-HMAC-SHA256 Credential=AKIA/20261127/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=0"
	page      = "https://page.example"
	allowed   = "Access-Control-Allow-Origin"
	preflight = "Access-Control-Request-Method"
)

// logLines returns what is in a log group of access logs, each line of which is
// JSON.
func (w *world) logLines(group string) string {
	w.t.Helper()
	client := cloudwatchlogs.NewFromConfig(awsclient.Local(w.endpoint, account, region))
	out, err := client.FilterLogEvents(w.t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group)})
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for _, e := range out.Events {
		if !json.Valid([]byte(*e.Message)) {
			w.t.Errorf("a line of the access log is no JSON: %s", *e.Message)
		}
		lines = append(lines, *e.Message)
	}
	return strings.Join(lines, "\n")
}
