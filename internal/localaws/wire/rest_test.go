// SPDX-License-Identifier: MIT

package wire_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

var books = wire.JSON{Service: "Books", Limit: 100, TooLarge: "TooLarge", Invalid: "Wrong"}

func TestREST(t *testing.T) {
	t.Parallel()
	type input struct{ Title string }
	api := wire.NewREST(books, "aws")
	wire.Handle(api, "PUT /books/{Name}", "PutBook", []string{"copies"}, func(c wire.Call, in input) (any, error) {
		if in.Title == "" {
			return nil, wire.Errorf(http.StatusConflict, "NoTitle", "A book has a title.")
		}
		return map[string]string{"name": c.PathValue("Name"), "title": in.Title, "copies": c.Query.Get("copies"), "in": c.Scope.Region + c.Scope.Partition + c.Header.Get("X")}, nil
	})
	for _, test := range []struct {
		name, method, target, body string
		status                     int
		says                       string
	}{
		{"answered", "PUT", "/books/a%2Fb?copies=2", `{"Title":"War"}`, 200, `{"copies":"2","in":"eu-west-1aws!","name":"a/b","title":"War"}`},
		{"an error of the operation", "PUT", "/books/a", ``, 409, "A book has a title."},
		{"another parameter", "PUT", "/books/a?color=red", `{}`, 400, `the embedded AWS does not model parameter \"color\" of PutBook`},
		{"another member", "PUT", "/books/a", `{"Color":"red"}`, 400, `the embedded AWS does not model parameter \"Color\" of PutBook`},
		{"too large", "PUT", "/books/a", `{"Title":"` + strings.Repeat("x", 200) + `"}`, 413, "TooLarge"},
		{"another operation", "GET", "/books/a", ``, 404, "the embedded AWS does not model GET /books/a of Books"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(test.method, test.target, strings.NewReader(test.body))
			r.Header.Set("X", "!")
			w := httptest.NewRecorder()
			api.ServeAPI(w, r, wire.Identity{Account: "000000000000", Region: "eu-west-1"})
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.says) {
				t.Errorf("got %d %s, want %d with %s", w.Code, w.Body, test.status, test.says)
			}
		})
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	paging := wire.Paging{Size: "max", Token: "next", Usual: 2, Most: 3}
	list := []int{1, 2, 3, 4}
	for _, test := range []struct {
		query string
		want  []int
		next  string
		fault string
	}{
		{"", []int{1, 2}, "2", ""},
		{"next=2", []int{3, 4}, "", ""},
		{"max=3", []int{1, 2, 3}, "3", ""},
		{"max=3&next=3", []int{4}, "", ""},
		{"next=4", []int{}, "", ""},
		{"max=4", nil, "", "max must be between 1 and 3"},
		{"max=x", nil, "", "max must be between 1 and 3"},
		{"next=5", nil, "", "Invalid nextToken."},
		{"next=-1", nil, "", "Invalid nextToken."},
	} {
		query, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		got, next, err := wire.Page(books, paging, list, query)
		if diff := cmp.Diff(test.want, got); diff != "" || next != test.next || (err == nil) != (test.fault == "") {
			t.Errorf("%s: next %q, %v\n%s", test.query, next, err, diff)
		}
		if err != nil && err.Error() != "Wrong: "+test.fault {
			t.Errorf("%s: got %v, want %s", test.query, err, test.fault)
		}
	}
}
