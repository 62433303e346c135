// SPDX-License-Identifier: MIT

package apidomain_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/apidomain"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	account = "111111111111"
	own     = "arn:aws:acm:us-east-1:111111111111:certificate/own"
	given   = "arn:aws:acm:us-east-1:222222222222:certificate/given"
)

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// object is a JSON object.
type object = map[string]any

// apis are APIs with the stages that they have; they answer with how a request
// came to them.
type apis map[string][]string

func (a apis) Has(scope arn.Scope, id, stage string) (api, staged bool) {
	stages, ok := a[id]
	for _, name := range stages {
		staged = staged || name == stage
	}
	return ok && scope.Account == account, staged
}

func (a apis) Serve(w http.ResponseWriter, r *http.Request, id string, via *gateway.Mapping) bool {
	fmt.Fprintf(w, "%s %s %s %q %s", id, via.Domain, via.Stage, via.Key, via.Rest(r.URL.EscapedPath()))
	return true
}

// world is domain names with what they need around them.
type world struct {
	*apidomain.Service
	store   *store.Store
	doors   *door.Set
	notices []string
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, doors: &door.Set{}}
	env := service.Env{Default: here, Store: st, Doors: w.doors, Now: time.Now, Log: zerolog.Nop()}
	w.Service, err = apidomain.New(env, apidomain.Deps{
		REST: apis{"rest": {"v1", "v2"}, "other": {"v1"}}, HTTP: apis{"http": {"$default", "v1"}},
		Certificate: func(who, name string) (bool, error) {
			if strings.Contains(name, "missing") {
				return false, errors.New("there is no certificate " + name)
			}
			return strings.Contains(name, who), nil
		},
		Notice: func(text string) { w.notices = append(w.notices, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *world) close(t testing.TB) {
	t.Helper()
	if err := errors.Join(w.doors.Shutdown(context.Background()), w.store.Close()); err != nil {
		t.Error(err)
	}
}

// make makes a resource of API Gateway in a scope.
func (w *world) make(t *testing.T, scope arn.Scope, kind string, properties object) (resource.Instance, error) {
	t.Helper()
	return w.ResourceTypes()["AWS::"+kind].Create(t.Context(), resource.Request{Scope: scope, Properties: properties, Tags: map[string]string{"stack": "s"}})
}

func (w *world) mustMake(t *testing.T, kind string, properties object) resource.Instance {
	t.Helper()
	made, err := w.make(t, here, kind, properties)
	if err != nil {
		t.Fatalf("%s %v: %v", kind, properties, err)
	}
	return made
}

// domain returns the properties of AWS::ApiGatewayV2::DomainName.
func domain(name string, more object) object {
	configuration := object{"CertificateArn": own}
	maps.Copy(configuration, more)
	return object{"DomainName": name, "DomainNameConfigurations": []any{configuration}}
}

// call sends a request to the API.
func (w *world) call(t *testing.T, method, path string, in object) (int, object) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	w.ServeAPI(answer, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(string(body))), wire.Identity{Account: account, Region: "us-east-1", Service: "apigateway"})
	out := object{}
	if answer.Body.Len() > 0 {
		if err := json.Unmarshal(answer.Body.Bytes(), &out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return answer.Code, out
}

// ask sends a request to a host, and returns what the API says, or status and
// body if none answers. It is "" where no domain name is.
func (w *world) ask(t *testing.T, host, path string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Host = host
	answer := httptest.NewRecorder()
	switch {
	case !w.ServeHost(answer, r):
		return ""
	case answer.Code != http.StatusOK:
		return fmt.Sprint(answer.Code, " ", answer.Body)
	}
	return answer.Body.String()
}

// fetch sends a request to an address, with another Host unless that is "".
func fetch(t *testing.T, url, host string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
