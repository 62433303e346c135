// SPDX-License-Identifier: MIT

package gateway_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// pet is a thing of an API.
type pet struct {
	Name string   `json:"name"`
	Age  int      `json:"age,omitempty"`
	Toys []string `json:"toys,omitempty"`
}

func TestOperations(t *testing.T) {
	t.Parallel()
	paging := gateway.Paging{Token: "position", Size: "limit", Items: "item", Next: "position", Default: 2, Most: 3}
	o := gateway.NewOperations("aws")
	o.Handle("PATCH /pets/{name}", "UpdatePet", 200, nil, func(c gateway.Request) (any, error) {
		return gateway.Decode(c, pet{Name: c.Path("name"), Age: 3, Toys: []string{c.Scope.Account + " " + c.Scope.Region}})
	})
	o.Handle("GET /pets", "GetPets", 200, paging.Parameters("kind"), func(c gateway.Request) (any, error) {
		return paging.Page(c, []map[string]any{{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}})
	})
	o.Handle("DELETE /pets/{name}", "DeletePet", 202, nil, func(gateway.Request) (any, error) { return nil, gateway.Conflict("%s is in use", "a") })
	o.Refuse("/", func(r *http.Request) string { return r.Method + " " + r.URL.Path })
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"PATCH", "/pets/a%2Fb", `{"age":4}`, 200, `{"name":"a/b","age":4,"toys":["111111111111 eu-west-1"]}`},
		{"PATCH", "/pets/a", ``, 200, `"age":3`}, {"PATCH", "/pets/a", `{"toys":["x"]}`, 200, `"toys":["x"]`}, {"PATCH", "/pets/a", `{"name":null}`, 200, `"name":""`},
		{"PATCH", "/pets/a", `{"size":1}`, 400, `does not model parameter \"size\" of UpdatePet`}, {"PATCH", "/pets/a", `{"age":"x"}`, 400, "Unable to parse the request body of UpdatePet"},
		{"PATCH", "/pets/a", `{`, 400, "Unable to parse"}, {"PATCH", "/pets/a", `[]`, 400, "Unable to parse"}, {"PATCH", "/pets/a?x=1", ``, 400, `does not model parameter \"x\" of UpdatePet`},
		{"PATCH", "/pets/a", strings.Repeat(" ", 11<<20), 400, "too large"},
		{"GET", "/pets?kind=x", ``, 200, `{"item":[{"n":1},{"n":2}],"position":"2"}`}, {"GET", "/pets?position=2&limit=3", ``, 200, `{"item":[{"n":3},{"n":4}]}`},
		{"GET", "/pets?position=9", ``, 200, `{"item":[]}`}, {"GET", "/pets?limit=0", ``, 400, "Invalid limit parameter: 0"}, {"GET", "/pets?limit=4", ``, 400, "Invalid limit"},
		{"GET", "/pets?position=-1", ``, 400, "Invalid position"}, {"DELETE", "/pets/a", ``, 409, "a is in use"}, {"PUT", "/pets/a", ``, 404, "does not model PUT /pets/a"},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), test.method, test.path, strings.NewReader(test.body))
		o.ServeAPI(w, r, wire.Identity{Account: "111111111111", Region: "eu-west-1"})
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s: got %d %s, want %d %s", test.method, test.path, w.Code, w.Body, test.status, test.want)
		}
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	if err := gateway.Gone(gateway.NotFound("x")); err != nil {
		t.Errorf("got %v", err)
	}
	for _, err := range []error{gateway.BadRequest("x"), gateway.Unmodelled("x"), http.ErrBodyNotAllowed} {
		if gateway.Gone(err) != err {
			t.Errorf("%v is taken for gone", err)
		}
	}
}

func TestStage(t *testing.T) {
	t.Parallel()
	rate, burst := 1.5, 2
	for name, test := range map[string]struct {
		got  *gateway.Limit
		want gateway.Limit
	}{
		"rate":  {gateway.NewLimit(&rate, nil), gateway.Limit{Rate: 1.5, Burst: gateway.AccountBurst}},
		"burst": {gateway.NewLimit(nil, &burst), gateway.Limit{Rate: gateway.AccountRate, Burst: 2}},
	} {
		if test.got == nil || *test.got != test.want {
			t.Errorf("%s: got %v", name, test.got)
		}
	}
	if gateway.NewLimit(nil, nil) != nil {
		t.Error("nothing said is a limit")
	}
	if err := gateway.CheckVariables(map[string]string{"a_1": "https://a.example/x?y=1#z"}); err != nil {
		t.Error(err)
	}
	for name, value := range map[string]string{"a-b": "x", "a": "x y", "": "x"} {
		if gateway.CheckVariables(map[string]string{name: value}) == nil {
			t.Errorf("%q: %q is accepted", name, value)
		}
	}
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	if body, err := gateway.ReadBody(strings.NewReader("x")); err != nil || string(body) != "x" {
		t.Errorf("got %q, error %v", body, err)
	}
	if body, err := gateway.ReadBody(strings.NewReader(strings.Repeat("x", 10<<20))); err != nil || len(body) != 10<<20 {
		t.Errorf("the largest: got %d bytes, error %v", len(body), err)
	}
	if _, err := gateway.ReadBody(strings.NewReader(strings.Repeat("x", 10<<20+1))); err != gateway.ErrTooLarge {
		t.Errorf("got %v", err)
	}
}
