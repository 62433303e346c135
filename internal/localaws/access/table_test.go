// SPDX-License-Identifier: MIT

package access_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

var scope = arn.Scope{Partition: "aws", Account: "111111111111", Region: "eu-west-1"}

func target(operation, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "Thing_20260101."+operation)
	return r
}

func form(pairs ...string) *http.Request {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestTable(t *testing.T) {
	t.Parallel()
	table := access.Table{Prefix: "thing", Shown: strings.ToUpper, Rules: map[string]access.Rule{
		"Get":      access.On(access.Regional("thing", "table/*", "Name")),
		"GetBatch": access.Do("thing:Get", access.ARNIn("Arn")),
		"List":     access.On(access.Any),
		"Ping":     access.Free,
		"Make":     access.All(access.On(access.Regional("thing", "*", "Name")), access.PassRole("Role", "thing.amazonaws.com"), access.If("Key", access.Do("kms:Decrypt", access.ARNIn("Key")))),
	}}
	rpc := httptest.NewRequest(http.MethodPost, "/service/Thing/operation/Get", strings.NewReader(`{"Name":"a"}`))
	need := func(action, resource string) access.Need {
		return access.Need{Action: action, Resource: resource, Shown: strings.ToUpper(action)}
	}
	pass := need("iam:PassRole", "arn:aws:iam::111111111111:role/r")
	pass.Context = map[string]string{"iam:passedtoservice": "thing.amazonaws.com"}
	for name, test := range map[string]struct {
		request *http.Request
		want    []access.Need
	}{
		"JSON":         {target("Get", `{"Name":"a"}`), []access.Need{need("thing:Get", "arn:aws:thing:eu-west-1:111111111111:table/a")}},
		"an ARN":       {target("Get", `{"Name":"arn:aws:thing:x:2:table/b"}`), []access.Need{need("thing:Get", "arn:aws:thing:x:2:table/b")}},
		"RPC":          {rpc, []access.Need{need("thing:Get", "arn:aws:thing:eu-west-1:111111111111:table/a")}},
		"form":         {form("Action", "Get", "Name", "a"), []access.Need{need("thing:Get", "arn:aws:thing:eu-west-1:111111111111:table/a")}},
		"another name": {target("GetBatch", `{"Arn":"arn:x"}`), []access.Need{need("thing:Get", "arn:x")}},
		"no resource":  {target("List", `{}`), []access.Need{need("thing:List", "*")}},
		"none named":   {target("Get", `{"Name":7}`), []access.Need{need("thing:Get", "*")}},
		"no JSON":      {target("Get", `}`), []access.Need{need("thing:Get", "*")}},
		"free":         {target("Ping", ``), nil},
		"several":      {target("Make", `{"Name":"a","Role":"arn:aws:iam::111111111111:role/r","Key":"arn:k"}`), []access.Need{need("thing:Make", "arn:aws:thing:eu-west-1:111111111111:a"), pass, need("kms:Decrypt", "arn:k")}},
		"only one":     {target("Make", `{"Name":"a"}`), []access.Need{need("thing:Make", "arn:aws:thing:eu-west-1:111111111111:a")}},
		"unknown":      {target("Drop", `{"Name":"a"}`), []access.Need{{Action: "thing:Drop", Resource: "*", Assumed: true}}},
	} {
		if diff := cmp.Diff(test.want, table.Needs(test.request, scope)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What was looked at can be read again.
func TestBodyStays(t *testing.T) {
	t.Parallel()
	table := access.Table{Prefix: "thing", Rules: map[string]access.Rule{"Get": access.On(access.ARNIn("Name"))}}
	r := target("Get", `{"Name":"a"}`)
	table.Needs(r, scope)
	if body, err := io.ReadAll(r.Body); err != nil || string(body) != `{"Name":"a"}` {
		t.Errorf("got %q, %v", body, err)
	}
	routes := access.NewRoutes(map[string]access.Rule{"POST /things": access.Do("thing:Make", access.ARNIn("Name"))})
	r = httptest.NewRequest(http.MethodPost, "/things", strings.NewReader(`{"Name":"a"}`))
	routes.Needs(r, scope)
	if body, err := io.ReadAll(r.Body); err != nil || string(body) != `{"Name":"a"}` {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	routes := access.NewRoutes(map[string]access.Rule{
		"GET /things/{Name}":  access.Do("thing:Get", access.Regional("thing", "*", "Name")),
		"POST /things/{Name}": access.All(access.Do("thing:Make", access.Regional("thing", "*", "Name")), access.PassRole("Role", "x")),
		"GET /things":         access.Do("thing:List", access.Regional("thing", "group/*", "group")),
		"GET /ping":           access.Free,
	})
	for name, test := range map[string]struct {
		method, path, body string
		want               []string // actions and resources
		known              bool
	}{
		"path":      {"GET", "/things/a", "", []string{"thing:Get arn:aws:thing:eu-west-1:111111111111:a"}, true},
		"escaped":   {"GET", "/things/a%2Fb", "", []string{"thing:Get arn:aws:thing:eu-west-1:111111111111:a/b"}, true},
		"query":     {"GET", "/things?group=g", "", []string{"thing:List arn:aws:thing:eu-west-1:111111111111:group/g"}, true},
		"body":      {"POST", "/things/a", `{"Role":"arn:r"}`, []string{"thing:Make arn:aws:thing:eu-west-1:111111111111:a", "iam:PassRole arn:r"}, true},
		"free":      {"GET", "/ping", "", nil, true},
		"no method": {"PUT", "/things/a", "", nil, false},
		"no path":   {"GET", "/other", "", nil, false},
		"unclean":   {"GET", "//things", "", nil, false},
	} {
		needs, known := routes.Needs(httptest.NewRequest(test.method, test.path, strings.NewReader(test.body)), scope)
		var got []string
		for _, need := range needs {
			got = append(got, need.Action+" "+need.Resource)
		}
		if known != test.known || !cmp.Equal(got, test.want) {
			t.Errorf("%s: got %q, %v, want %q, %v", name, got, known, test.want, test.known)
		}
	}
}

func TestAssume(t *testing.T) {
	t.Parallel()
	for signing, want := range map[string]string{"kinesis": "kinesis:Get", "monitoring": "cloudwatch:Get", "email": "ses:Get"} {
		needs, ok := access.Assume(target("Get", "{}"), signing)
		if !ok || len(needs) != 1 || needs[0].Action != want || !needs[0].Assumed {
			t.Errorf("%s: got %+v, %v, want %s", signing, needs, ok, want)
		}
	}
	if _, ok := access.Assume(httptest.NewRequest(http.MethodGet, "/v2/things", nil), "thing"); ok {
		t.Error("a request that names no operation")
	}
}

// The codes and statuses that AWS uses in each protocol.
func TestFault(t *testing.T) {
	t.Parallel()
	rest := httptest.NewRequest(http.MethodGet, "/things", nil)
	cbor := httptest.NewRequest(http.MethodPost, "/service/T/operation/Get", nil)
	cbor.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	denial := &access.Denial{Who: "me", Action: "a:b", Resource: "*", Why: "because", Note: "note"}
	for name, test := range map[string]struct {
		request *http.Request
		err     error
		want    string
		status  int
	}{
		"JSON":           {target("Get", ""), denial, "AccessDeniedException: User: me is not authorized to perform: a:b on resource: * because (note)", 400},
		"CBOR":           {cbor, denial, "AccessDeniedException: User: me is not authorized to perform: a:b on resource: * because (note)", 400},
		"REST":           {rest, denial, "AccessDeniedException: User: me is not authorized to perform: a:b on resource: * because (note)", 403},
		"query":          {form("Action", "Get"), denial, "AccessDenied: User: me is not authorized to perform: a:b on resource: * because (note)", 403},
		"invalid, JSON":  {target("Get", ""), &access.TokenError{}, "UnrecognizedClientException: The security token included in the request is invalid.", 400},
		"invalid, query": {form("Action", "Get"), &access.TokenError{}, "InvalidClientTokenId: The security token included in the request is invalid.", 403},
		"expired, JSON":  {target("Get", ""), &access.TokenError{Expired: true}, "ExpiredTokenException: The security token included in the request is expired", 400},
		"expired, query": {form("Action", "Get"), &access.TokenError{Expired: true}, "ExpiredToken: The security token included in the request is expired", 403},
	} {
		e, ok := errors.AsType[*wire.Error](access.Fault(test.request, test.err))
		if !ok || e.Error() != test.want || e.HTTPStatus() != test.status {
			t.Errorf("%s: got %v, want %s with status %d", name, e, test.want, test.status)
		}
	}
	if other := errors.New("other"); access.Fault(rest, other) != other {
		t.Error("another error must stay")
	}
}

func FuzzTable(f *testing.F) {
	f.Add("Get", `{"Name":"a","Entries":[{"B":1},null,[]]}`)
	f.Add("Make", `[]`)
	f.Fuzz(func(t *testing.T, operation, body string) {
		table := access.Table{Prefix: "thing", Rules: map[string]access.Rule{
			"Get": access.On(access.Regional("thing", "table/*", "Name")),
			"Make": func(in *access.Input) []access.Need {
				return access.Pass(in.Text("Role")+in.Text(string(rune(len(in.Members("Entries"))))), "x")
			},
		}}
		r := target("x", body)
		r.Header.Set("X-Amz-Target", operation)
		for _, need := range table.Needs(r, scope) {
			if need.Action == "" || need.Resource == "" {
				t.Errorf("got %+v", need)
			}
		}
		got, err := io.ReadAll(r.Body)
		if err != nil || string(got) != body {
			t.Errorf("the body changed from %q to %q", body, got)
		}
		_ = json.Valid(got)
	})
}
