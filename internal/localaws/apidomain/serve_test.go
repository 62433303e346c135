// SPDX-License-Identifier: MIT

package apidomain_test

import (
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// The examples of "Map API stages to a custom domain name for HTTP APIs" and of
// "Use API mappings to connect API stages to a custom domain name for REST APIs"
// (API Gateway Developer Guide), and more.
func TestChoosing(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.mustMake(t, "ApiGatewayV2::DomainName", domain("several.example.com", nil))
	w.mustMake(t, "ApiGatewayV2::DomainName", domain("single.example.com", nil))
	w.mustMake(t, "ApiGatewayV2::DomainName", domain("empty.example.com", nil))
	w.mustMake(t, "ApiGatewayV2::DomainName", domain("http.example.com", nil))
	w.mustMake(t, "ApiGateway::DomainName", object{"DomainName": "*.example.com", "CertificateArn": own})
	for _, m := range [][4]string{
		{"several.example.com", "", "http", "$default"}, {"several.example.com", "orders", "rest", "v1"}, {"several.example.com", "orders/v1/items", "rest", "v2"},
		{"several.example.com", "orders/v2/items", "http", "v1"}, {"several.example.com", "orders/v2/items/categories", "other", "v1"},
		{"single.example.com", "", "http", "$default"}, {"single.example.com", "orders", "rest", "v1"}, {"http.example.com", "v1", "http", "v1"},
	} {
		w.mustMake(t, "ApiGatewayV2::ApiMapping", object{"DomainName": m[0], "ApiMappingKey": m[1], "ApiId": m[2], "Stage": m[3]})
	}
	w.mustMake(t, "ApiGateway::BasePathMapping", object{"DomainName": "*.example.com", "RestApiId": "rest"})
	w.mustMake(t, "ApiGateway::BasePathMapping", object{"DomainName": "*.example.com", "RestApiId": "other", "BasePath": "shop", "Stage": "v1"})
	for _, test := range []struct{ host, path, want string }{
		{"several.example.com", "/orders", `rest several.example.com v1 "orders" /`},
		{"several.example.com", "/orders/v1/items", `rest several.example.com v2 "orders/v1/items" /`},
		{"several.example.com", "/orders/v2/items", `http several.example.com v1 "orders/v2/items" /`},
		{"several.example.com", "/orders/v1/items/123", `rest several.example.com v2 "orders/v1/items" /123`},
		{"several.example.com", "/orders/v2/items/categories/5", `other several.example.com v1 "orders/v2/items/categories" /5`},
		{"several.example.com", "/customers", `http several.example.com $default "" /customers`},
		{"several.example.com", "/ordersandmore", `rest several.example.com v1 "orders" /andmore`},
		{"single.example.com", "/ordersandmore", `http single.example.com $default "" /ordersandmore`},
		{"single.example.com", "/orders/a%2Fb", `rest single.example.com v1 "orders" /a%2Fb`},
		{"Single.Example.com:443", "/orders", `rest single.example.com v1 "orders" /`},
		{"empty.example.com", "/", `403 {"message":"Forbidden"}`},
		{"http.example.com", "/v2", `404 {"message":"Not Found"}`},
		{"http.example.com", "/v1/a", `http http.example.com v1 "v1" /a`},
		{"any.example.com", "/v2/a", `rest any.example.com  "" /v2/a`},
		{"any.example.com", "/shop/a", `other any.example.com v1 "shop" /a`},
		{"a.any.example.com", "/", ""}, {"example.com", "/", ""}, {".example.com", "/", ""},
	} {
		if got := w.ask(t, test.host, test.path); got != test.want {
			t.Errorf("%s%s: got %s, want %s", test.host, test.path, got, test.want)
		}
	}
}

// A domain name has an address of its own, which keeps its port and also answers
// to the name, but to no other.
func TestDoor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	made := w.mustMake(t, "ApiGatewayV2::DomainName", domain("api.example.com", nil))
	w.mustMake(t, "ApiGatewayV2::ApiMapping", object{"DomainName": "api.example.com", "ApiId": "http", "Stage": "v1"})
	target, _ := made.Attributes["RegionalDomainName"].(string)
	address, ok := w.Address("api.example.com")
	if !ok || address != "http://"+target {
		t.Errorf("the address is %s, RegionalDomainName %s", address, target)
	}
	if _, ok := w.Address("other.example.com"); ok {
		t.Error("another name has an address")
	}
	const want = `http api.example.com v1 "" /a`
	for _, host := range []string{"", "api.example.com", "localhost"} {
		if got := fetch(t, address+"/a", host); got != want {
			t.Errorf("as %q: got %s", host, got)
		}
	}
	if got := fetch(t, address+"/a", "evil.example.com"); strings.Contains(got, "http api") {
		t.Errorf("another host: got %s", got)
	}
	w.close(t)
	again := open(t, dir)
	if got := fetch(t, address+"/a", ""); got != want {
		t.Errorf("after a restart: got %s", got)
	}
	if err := again.ResourceTypes()["AWS::ApiGatewayV2::DomainName"].Delete(t.Context(), made, request(here, object{})); err != nil {
		t.Fatal(err)
	}
	if got := again.ask(t, "api.example.com", "/a"); got != "" {
		t.Errorf("after the deletion: got %s", got)
	}
}

// A name may be in several regions, where it is unique.
func TestRegions(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, region := range []string{"ap-south-1", "eu-west-1", "us-east-1"} {
		scope := arn.Scope{Partition: "aws", Account: account, Region: region}
		properties := domain("api.example.com", object{"CertificateArn": strings.Replace(given, "us-east-1", region, 1)})
		made, err := w.make(t, scope, "ApiGatewayV2::DomainName", properties)
		if err != nil {
			t.Fatal(err)
		}
		if zone := map[string]string{"ap-south-1": "Z3VO1THU9YC4UR", "eu-west-1": "ZLY8HYME6SFDD", "us-east-1": "Z1UJRXOUMOOFQ8"}[region]; made.Attributes["RegionalHostedZoneId"] != zone {
			t.Errorf("%s: got %v", region, made.Attributes)
		}
		if _, err := w.make(t, scope, "ApiGatewayV2::DomainName", properties); err == nil || !strings.Contains(err.Error(), "ConflictException: The domain name you provided already exists.") {
			t.Errorf("%s: got %v", region, err)
		}
	}
	if len(w.notices) != 3 || !strings.Contains(w.notices[0], "is not looked at") {
		t.Errorf("got %q", w.notices)
	}
	w.mustMake(t, "ApiGatewayV2::ApiMapping", object{"DomainName": "api.example.com", "ApiId": "http", "Stage": "v1"})
	if got := w.ask(t, "api.example.com", "/"); !strings.HasPrefix(got, "http ") {
		t.Errorf("not the default region: got %s", got)
	}
}
