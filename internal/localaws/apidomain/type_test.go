// SPDX-License-Identifier: MIT

package apidomain_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func request(scope arn.Scope, properties object) resource.Request {
	return resource.Request{Scope: scope, Properties: properties}
}

// Which properties need a new resource is said on the pages of the types.
func TestReplaces(t *testing.T) {
	t.Parallel()
	types := open(t, t.TempDir()).ResourceTypes()
	for kind, want := range map[string][]string{
		"ApiGateway::DomainName": {"DomainName"}, "ApiGatewayV2::DomainName": {"DomainName"},
		"ApiGateway::BasePathMapping": {"BasePath", "DomainName"}, "ApiGatewayV2::ApiMapping": {"DomainName"},
	} {
		var got []string
		for _, name := range []string{"ApiId", "ApiMappingKey", "BasePath", "CertificateArn", "DomainName", "EndpointConfiguration", "RestApiId", "Stage"} {
			if types["AWS::"+kind].Replaces(object{}, object{name: "x"}) {
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
		{"ApiGatewayV2::DomainName", domain("a.example", object{"CertificateArn": object{"Ref": "C"}, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}), ""},
		{"ApiGatewayV2::DomainName", domain("a.example", object{"EndpointType": "EDGE"}), "models REGIONAL only"},
		{"ApiGatewayV2::DomainName", domain("a.example", object{"OwnershipVerificationCertificateArn": "x"}), "does not model"},
		{"ApiGatewayV2::DomainName", object{"DomainName": "x", "RoutingMode": "ROUTING_RULE_ONLY"}, "models API_MAPPING_ONLY only"},
		{"ApiGatewayV2::DomainName", object{"DomainName": "x", "Tags": []any{}}, "JSONObject"},
		{"ApiGatewayV2::ApiMapping", object{"ApiId": "x", "DomainName": "x"}, "required key [Stage]"},
		{"ApiGateway::DomainName", object{"DomainName": "x", "EndpointConfiguration": object{"Types": []any{"PRIVATE"}}}, "does not model private APIs"},
		{"ApiGateway::DomainName", object{"DomainName": "x", "MutualTlsAuthentication": object{}}, "does not model"},
		{"ApiGateway::DomainName", object{"DomainName": "x", "Tags": []any{object{"Key": "a", "Value": "b"}}, "EndpointAccessMode": "STRICT"}, ""},
		{"ApiGateway::BasePathMapping", object{"RestApiId": "x"}, "required key [DomainName]"},
	} {
		if got := strings.Join(types["AWS::"+test.kind].Check(test.properties), "; "); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s %v: got %q, want %q", test.kind, test.properties, got, test.want)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	rest := func(name string, more object) object {
		properties := object{"DomainName": name, "RegionalCertificateArn": own, "CertificateArn": own, "EndpointConfiguration": object{"Types": []any{"REGIONAL"}}}
		maps.Copy(properties, more)
		return properties
	}
	edge := object{"EndpointConfiguration": object{"Types": []any{"EDGE"}}}
	w.mustMake(t, "ApiGateway::DomainName", rest("api.example.com", nil))
	w.mustMake(t, "ApiGateway::DomainName", rest("edge.example.com", edge))
	w.mustMake(t, "ApiGateway::DomainName", rest("old.example.com", object{"SecurityPolicy": "TLS_1_0"}))
	w.mustMake(t, "ApiGateway::BasePathMapping", object{"DomainName": "api.example.com", "RestApiId": "rest", "Stage": "v1", "BasePath": "taken"})
	mapping := func(name, api, stage, key string) object {
		return object{"DomainName": name, "ApiId": api, "Stage": stage, "ApiMappingKey": key}
	}
	base := func(name, api, stage, path string) object {
		return object{"DomainName": name, "RestApiId": api, "Stage": stage, "BasePath": path}
	}
	for _, test := range []struct {
		kind       string
		properties object
		want       string
	}{
		{"ApiGateway::DomainName", rest("api.example.com", nil), "BadRequestException: The domain name you provided already exists."},
		{"ApiGatewayV2::DomainName", domain("api.example.com", nil), "ConflictException: The domain name you provided already exists."},
		{"ApiGateway::DomainName", rest("Api.example.com", nil), "in lower case"}, {"ApiGateway::DomainName", rest("localhost", nil), "Invalid domain name"},
		{"ApiGateway::DomainName", rest("s3.us-east-1.amazonaws.com", nil), "Invalid domain name"},
		{"ApiGateway::DomainName", rest("a.example.com", object{"RegionalCertificateArn": ""}), "A certificate ARN is required for a domain name with the endpoint type REGIONAL"},
		{"ApiGateway::DomainName", rest("a.example.com", object{"RegionalCertificateArn": own + "missing"}), "there is no certificate"},
		{"ApiGateway::DomainName", rest("a.example.com", object{"EndpointConfiguration": object{"Types": []any{"EDGE"}}, "CertificateArn": strings.Replace(given, "us-east-1", "eu-west-1", 1)}),
			"Certificate must be in 'us-east-1'."},
		{"ApiGateway::DomainName", rest("a.example.com", object{"EndpointConfiguration": object{"Types": []any{"EDGE", "REGIONAL"}}}), "Only one endpoint type"},
		{"ApiGatewayV2::DomainName", object{"DomainName": "a.example.com"}, "Expected one domain name configuration"},
		{"ApiGatewayV2::ApiMapping", mapping("none.example.com", "http", "v1", ""), "NotFoundException: Invalid domain name identifier specified"},
		{"ApiGatewayV2::ApiMapping", mapping("api.example.com", "none", "v1", ""), "Invalid API identifier specified"},
		{"ApiGatewayV2::ApiMapping", mapping("api.example.com", "http", "none", ""), "BadRequestException: Invalid stage identifier specified"},
		{"ApiGatewayV2::ApiMapping", mapping("api.example.com", "http", "v1", "taken"), "ConflictException: ApiMapping key already exists for this domain name"},
		{"ApiGatewayV2::ApiMapping", mapping("api.example.com", "http", "v1", "a b"), "An ApiMapping key may contain only letters, numbers and one of $-_.+!*'()/"},
		{"ApiGatewayV2::ApiMapping", mapping("api.example.com", "http", "v1", "/a"), "consecutive '/'s"}, {"ApiGatewayV2::ApiMapping", mapping("api.example.com", "http", "v1", "a//b"), "consecutive '/'s"},
		{"ApiGatewayV2::ApiMapping", mapping("api.example.com", "http", "v1", strings.Repeat("a", 301)), "300 characters"},
		{"ApiGatewayV2::ApiMapping", mapping("edge.example.com", "http", "v1", "a"), "HTTP APIs can be mapped only to a regional domain name"},
		{"ApiGatewayV2::ApiMapping", mapping("old.example.com", "rest", "v1", "a/b"), "several levels need a regional domain name"},
		{"ApiGateway::BasePathMapping", base("api.example.com", "none", "v1", ""), "BadRequestException: Invalid REST API identifier specified"},
		{"ApiGateway::BasePathMapping", base("api.example.com", "http", "v1", ""), "Invalid REST API identifier specified"},
		{"ApiGateway::BasePathMapping", base("api.example.com", "rest", "none", ""), "Invalid stage identifier specified"},
		{"ApiGateway::BasePathMapping", base("api.example.com", "rest", "v1", "taken"), "ConflictException: Base path already exists for this domain name"},
		{"ApiGateway::BasePathMapping", base("api.example.com", "rest", "v1", "a/b"), "doesn't support the slash character (/)"},
		{"ApiGateway::BasePathMapping", base("api.example.com", "rest", "v1", "a b"), "A base path may contain only"},
	} {
		if _, err := w.make(t, here, test.kind, test.properties); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %v: got %v, want %s", test.kind, test.properties, err, test.want)
		}
	}
}

// What an update changes, and what uses what.
func TestUpdates(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	types := w.ResourceTypes()
	name := w.mustMake(t, "ApiGateway::DomainName", object{"DomainName": "api.example.com", "CertificateArn": own})
	if _, ok := name.Attributes["RegionalDomainName"]; ok || name.Attributes["DistributionHostedZoneId"] != "Z2FDTNDATAQYW2" || name.Attributes["DomainNameArn"] != "arn:aws:apigateway:us-east-1::/domainnames/api.example.com" {
		t.Errorf("edge: got %v", name)
	}
	mapped := w.mustMake(t, "ApiGateway::BasePathMapping", object{"DomainName": "api.example.com", "RestApiId": "rest", "Stage": "v1"})
	if mapped.PhysicalID != "api.example.com|(none)" {
		t.Errorf("Ref is %s", mapped.PhysicalID)
	}
	regional := object{"DomainName": "api.example.com", "RegionalCertificateArn": given, "EndpointConfiguration": object{"Types": []any{"REGIONAL"}}, "Tags": []any{object{"Key": "a", "Value": "1"}}}
	next, err := types["AWS::ApiGateway::DomainName"].Update(t.Context(), name, request(here, regional))
	if err != nil || next.PhysicalID != name.PhysicalID || next.Attributes["RegionalDomainName"] != name.Attributes["DistributionDomainName"] {
		t.Errorf("regional: got %v, error %v", next, err)
	}
	if users := w.CertificateUsers(own); len(users) != 0 {
		t.Errorf("the old certificate is used by %v", users)
	}
	if users := w.CertificateUsers(given); !slices.Equal(users, []string{"arn:aws:apigateway:us-east-1::/domainnames/api.example.com"}) {
		t.Errorf("the new certificate is used by %v", users)
	}
	moved := object{"DomainName": "api.example.com", "RestApiId": "other", "Stage": "v1"}
	if _, err := types["AWS::ApiGateway::BasePathMapping"].Update(t.Context(), mapped, request(here, moved)); err != nil {
		t.Fatal(err)
	}
	if got := w.ask(t, "api.example.com", "/a"); got != `other api.example.com v1 "" /a` {
		t.Errorf("got %s", got)
	}
	for args, want := range map[[2]string]int{{"other", ""}: 1, {"other", "v1"}: 1, {"other", "v2"}: 0, {"rest", ""}: 0} {
		if got := w.MappedTo(args[0], args[1]); len(got) != want {
			t.Errorf("%v: got %v", args, got)
		}
	}
	other := w.mustMake(t, "ApiGatewayV2::ApiMapping", object{"DomainName": "api.example.com", "ApiId": "http", "Stage": "v1", "ApiMappingKey": "a/b"})
	if _, err := types["AWS::ApiGateway::DomainName"].Update(t.Context(), name, request(here, object{"DomainName": "api.example.com", "CertificateArn": own})); err == nil || !strings.Contains(err.Error(), "HTTP APIs can be mapped only") {
		t.Errorf("back to edge: got %v", err)
	}
	if _, err := types["AWS::ApiGatewayV2::ApiMapping"].Update(t.Context(), other, request(here, object{"DomainName": "api.example.com", "ApiId": "http", "Stage": "$default", "ApiMappingKey": "c"})); err != nil {
		t.Fatal(err)
	}
	if got := w.ask(t, "api.example.com", "/c/d"); got != `http api.example.com $default "c" /d` {
		t.Errorf("got %s", got)
	}
	for range 2 { // what is gone is no error
		for kind, made := range map[string]resource.Instance{"ApiGatewayV2::ApiMapping": other, "ApiGateway::BasePathMapping": mapped} {
			if err := types["AWS::"+kind].Delete(t.Context(), made, request(here, moved)); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
	for range 2 {
		if err := types["AWS::ApiGateway::DomainName"].Delete(t.Context(), name, request(here, regional)); err != nil {
			t.Error(err)
		}
	}
}
