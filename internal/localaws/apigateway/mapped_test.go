// SPDX-License-Identifier: MIT

package apigateway_test

import (
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
)

// What functions see behind a domain name of one's own: the path that was asked
// for, with what stands there for the stage.
func TestMapped(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, object{"DisableExecuteApiEndpoint": true})
	s.function(t, s.path(t, s.root, "items", "{id}"), "GET", "echo", nil)
	s.deploy(t)
	serve := func(path string, via gateway.Mapping) (int, string) {
		t.Helper()
		via.Domain, via.Port = "api.example.com", 1234
		w := httptest.NewRecorder()
		if !s.Service.Serve(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil), s.id, &via) {
			t.Fatal("there is no such API")
		}
		return w.Code, w.Body.String()
	}
	for _, test := range []struct {
		path string
		via  gateway.Mapping
	}{
		{"/shop/items/a%20b", gateway.Mapping{Key: "shop", Stage: "dev"}}, {"/items/a%20b", gateway.Mapping{Stage: "dev"}},
		{"/shop/dev/items/a%20b", gateway.Mapping{Key: "shop"}}, {"/dev/items/a%20b", gateway.Mapping{}},
	} {
		status, body := serve(test.path, test.via)
		if status != 200 {
			t.Errorf("%s: got %d %s", test.path, status, body)
			continue
		}
		e := gatewaytest.Decode[events.APIGatewayProxyRequest](t, body)
		c := e.RequestContext
		if e.Path != test.path || c.Path != test.path || c.ResourcePath != "/items/{id}" || c.Stage != "dev" || c.DomainName != "api.example.com" || c.DomainPrefix != "api" ||
			e.PathParameters["id"] != "a b" || e.Headers["X-Forwarded-Port"] != "1234" {
			t.Errorf("%s: got %s", test.path, body)
		}
	}
	for _, test := range []struct {
		path string
		via  gateway.Mapping
	}{{"/items/1", gateway.Mapping{}}, {"/", gateway.Mapping{}}, {"/shop/items/1", gateway.Mapping{Key: "shop", Stage: "none"}}} {
		if status, body := serve(test.path, test.via); status != 403 || body != `{"message":"Forbidden"}` {
			t.Errorf("%s: got %d %s", test.path, status, body)
		}
	}
	if status, _, _ := s.get(t, "/dev/items/1"); status != 403 {
		t.Errorf("the address that is disabled: got %d", status)
	}
}
