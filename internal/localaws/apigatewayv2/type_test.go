// SPDX-License-Identifier: MIT

package apigatewayv2_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// Which properties need a new resource is said on the pages of the types.
func TestReplaces(t *testing.T) {
	t.Parallel()
	types := open(t, t.TempDir()).ResourceTypes()
	for kind, want := range map[string][]string{
		"Api": {"ProtocolType"}, "Route": {"ApiId"}, "Integration": {"ApiId"}, "Authorizer": {"ApiId"}, "Deployment": {"ApiId"}, "Stage": {"ApiId", "StageName"},
	} {
		var got []string
		for _, name := range []string{"ApiId", "AuthorizerType", "IntegrationType", "Name", "ProtocolType", "RouteKey", "StageName", "Target"} {
			if types["AWS::ApiGatewayV2::"+kind].Replaces(object{}, object{name: "x"}) {
				got = append(got, name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	types := open(t, t.TempDir()).ResourceTypes()
	for _, test := range []struct {
		kind       string
		properties object
		want       string // "" for no fault
	}{
		{"Api", object{"Name": "x", "ProtocolType": "HTTP", "CorsConfiguration": object{"MaxAge": 90000.0}}, "not less or equal"},
		{"Api", object{"Name": "x", "ProtocolType": "HTTP", "Tags": object{"a": object{"Ref": "P"}}}, ""},
		{"Api", object{"Name": "x", "ProtocolType": "HTTP", "Tags": []any{}}, "JSONObject"},
		{"Api", object{"Name": "x", "ProtocolType": object{"Ref": "P"}}, ""},
		{"Api", object{"Name": "x", "ProtocolType": "HTTP", "Target": "x"}, "does not model"},
		{"Route", object{"ApiId": "a"}, "required key [RouteKey]"},
		{"Route", object{"ApiId": "a", "RouteKey": "GET /", "AuthorizationType": "X"}, "enum"},
		{"Integration", object{"ApiId": "a", "IntegrationType": "AWS_PROXY", "RequestParameters": object{}}, "does not model"},
		{"Authorizer", object{"ApiId": "a", "AuthorizerType": "JWT", "Name": "x", "AuthorizerResultTtlInSeconds": 4000.0}, "not less or equal"},
		{"Stage", object{"ApiId": "a", "StageName": "x", "RouteSettings": object{"GET /": object{"Zzz": 1.0}}}, "extraneous key [Zzz]"},
		{"Stage", object{"ApiId": "a", "StageName": "x", "DefaultRouteSettings": object{"LoggingLevel": "INFO"}}, "does not model"},
		{"Deployment", object{"ApiId": "a", "X": 1.0}, "extraneous key [X]"},
	} {
		got := strings.Join(types["AWS::ApiGatewayV2::"+test.kind].Check(test.properties), "; ")
		if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s %v: got %q, want %q", test.kind, test.properties, got, test.want)
		}
	}
}

// A deployment that names a stage is live there, also when an update names it.
func TestDeploymentType(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	s.route(t, "GET /a", s.integration(t, "echo", "2.0", 5000), nil)
	s.must(t, 201, "POST", s.path("/stages"), object{"stageName": "one"})
	s.must(t, 201, "POST", s.path("/stages"), object{"stageName": "two"})
	kind := s.ResourceTypes()["AWS::ApiGatewayV2::Deployment"]
	one, two := object{"ApiId": s.id, "StageName": "one"}, object{"ApiId": s.id, "StageName": "two"}
	made, err := kind.Create(t.Context(), resource.Request{Scope: here, Properties: one})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) int { status, _, _ := s.get(t, path); return status }
	if got := []int{get("/one/a"), get("/two/a")}; !cmp.Equal(got, []int{200, 404}) {
		t.Errorf("got %v", got)
	}
	if _, err := kind.Update(t.Context(), made, resource.Request{Scope: here, Properties: two, OldProperties: one}); err != nil {
		t.Fatal(err)
	}
	if got := get("/two/a"); got != 200 {
		t.Errorf("got %d", got)
	}
	if err := kind.Delete(t.Context(), made, resource.Request{Scope: here, Properties: two}); err == nil {
		t.Error("a live deployment must stay")
	}
}
