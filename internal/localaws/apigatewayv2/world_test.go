// SPDX-License-Identifier: MIT

package apigatewayv2_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/apigatewayv2"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
)

const account = "111111111111"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

func functionARN(name string) string { return here.Regional("lambda", "function:"+name) }

func invocations(name string) string {
	return "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + functionARN(name) + "/invocations"
}

// errFails makes a function fail.
const errFails = gatewaytest.Failure("no")

// world is HTTP APIs with what they need around them.
type world struct {
	*apigatewayv2.Service
	*gatewaytest.World
	notices []string
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	w := &world{World: gatewaytest.Open(t, dir, time.Unix(1_800_000_000, 0))}
	w.Handlers = map[string]func([]byte) (string, error){"echo": func(event []byte) (string, error) { return string(event), nil }}
	var err error
	w.Service, err = apigatewayv2.New(w.Env(here), apigatewayv2.Deps{
		Functions: &w.Functions, Logs: w.Sink, Notice: func(text string) { w.notices = append(w.notices, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Start(t, w.Service, here)
	return w
}

// object is a JSON object.
type object = map[string]any

// api sends a request to the API and returns its answer.
func (w *world) api(t testing.TB, method, path string, body any) (int, object) {
	t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	status, _, text := gatewaytest.Send(t, method, w.Server.URL+path, content)
	out := object{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return status, out
}

// must sends a request that has to be answered with status.
func (w *world) must(t testing.TB, status int, method, path string, body any) object {
	t.Helper()
	got, out := w.api(t, method, path, body)
	if got != status {
		t.Fatalf("%s %s: got %d %v, want %d", method, path, got, out, status)
	}
	return out
}

// site is an API with a live address.
type site struct {
	*world
	id, url string
}

// create makes an API with a $default stage that deploys by itself.
func (w *world) create(t testing.TB, settings object) site {
	t.Helper()
	in := object{"name": "test", "protocolType": "HTTP"}
	maps.Copy(in, settings)
	out := w.must(t, 201, "POST", "/v2/apis", in)
	s := site{w, out["apiId"].(string), out["apiEndpoint"].(string)}
	w.must(t, 201, "POST", s.path("/stages"), object{"stageName": "$default", "autoDeploy": true})
	return s
}

func (s site) path(rest string) string { return "/v2/apis/" + s.id + rest }

// integration makes an integration and returns its target.
func (s site) integration(t testing.TB, function, version string, timeout int) string {
	t.Helper()
	out := s.must(t, 201, "POST", s.path("/integrations"), object{
		"integrationType": "AWS_PROXY", "integrationUri": functionARN(function), "payloadFormatVersion": version, "timeoutInMillis": timeout,
	})
	return "integrations/" + out["integrationId"].(string)
}

// route makes a route.
func (s site) route(t testing.TB, key, target string, more object) string {
	t.Helper()
	in := object{"routeKey": key, "target": target}
	maps.Copy(in, more)
	return s.must(t, 201, "POST", s.path("/routes"), in)["routeId"].(string)
}

// get sends a request to an API.
func (s site) get(t testing.TB, path string, headers ...string) (int, http.Header, string) {
	t.Helper()
	return gatewaytest.Send(t, "GET", s.url+path, nil, headers...)
}

// recorder returns the status of a handler's answer.
func recorder(t *testing.T, h http.Handler, path string) int {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	return w.Code
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	port, err := strconv.Atoi(address[strings.LastIndexByte(address, ':')+1:])
	if err != nil {
		t.Fatal(err)
	}
	return port
}
