// SPDX-License-Identifier: MIT

package apigatewayv2_test

import (
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
)

// What functions see behind a domain name of one's own: format 2.0 shows the
// stage but not the key, format 1.0 what was asked for.
func TestMapped(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, object{"disableExecuteApiEndpoint": true})
	s.must(t, 201, "POST", s.path("/stages"), object{"stageName": "prod", "autoDeploy": true})
	s.Handlers["one"] = func(event []byte) (string, error) {
		return string(gatewaytest.JSON(object{"statusCode": 200, "body": string(event)})), nil
	}
	s.route(t, "GET /new/{id}", s.integration(t, "echo", "2.0", 5000), nil)
	s.route(t, "GET /old/{id}", s.integration(t, "one", "1.0", 5000), nil)
	serve := func(path string, via gateway.Mapping) (int, string) {
		t.Helper()
		via.Domain, via.Port = "api.example.com", 1234
		w := httptest.NewRecorder()
		if !s.Service.Serve(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil), s.id, &via) {
			t.Fatal("there is no such API")
		}
		return w.Code, w.Body.String()
	}
	for _, test := range []struct{ stage, key, seen string }{
		{"$default", "shop/v1", "/new/a b"}, {"prod", "shop/v1", "/prod/new/a b"}, {"prod", "", "/prod/new/a b"},
	} {
		via, prefix := gateway.Mapping{Stage: test.stage, Key: test.key}, ""
		if test.key != "" {
			prefix = "/" + test.key
		}
		_, body := serve(prefix+"/new/a%20b%3Fc", via)
		e := gatewaytest.Decode[events.APIGatewayV2HTTPRequest](t, body)
		c := e.RequestContext
		if e.RawPath != test.seen || c.HTTP.Path != test.seen || c.Stage != test.stage || c.DomainName != "api.example.com" || c.DomainPrefix != "api" ||
			e.PathParameters["id"] != "a b?c" || e.Headers["x-forwarded-port"] != "1234" {
			t.Errorf("%v: format 2.0: got %s", test, body)
		}
		_, body = serve(prefix+"/old/a%20b", via)
		old := gatewaytest.Decode[events.APIGatewayProxyRequest](t, body)
		if want := prefix + "/old/a b"; old.Path != want || old.RequestContext.Path != want || old.RequestContext.ResourcePath != "/old/{id}" || old.RequestContext.DomainName != "api.example.com" {
			t.Errorf("%v: format 1.0: got %s", test, body)
		}
	}
	if status, _ := serve("/new/1", gateway.Mapping{Stage: "none"}); status != 404 {
		t.Errorf("a stage that is not there: got %d", status)
	}
	if status, _, _ := s.get(t, "/new/1"); status != 404 {
		t.Errorf("the address that is disabled: got %d", status)
	}
	want := "arn:aws:execute-api:us-east-1:" + account + ":" + s.id + "/prod/GET/old/{id}"
	if sources := s.Called(); sources[len(sources)-1] != want {
		t.Errorf("called as %s, want %s", sources[len(sources)-1], want)
	}
}
