// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// foreignCertificate is a real one, of another account.
const foreignCertificate = "arn:aws:acm:us-east-1:123456789012:certificate/1a2b3c4d"

// as sends a request with another Host.
func as(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }

// A stack with an HTTP API that has a domain name with a certificate of the
// stack and a record in a zone of it: requests reach the API by the name, the
// mapping may change, and all goes away.
func TestHTTPAPIDomain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := openCloud(t, dir)
	w := newWebStack(t, c)
	made, outputs := httpAPI()
	maps.Copy(made, resources{
		"Zone":        of("AWS::Route53::HostedZone", resources{"Name": "example.com"}),
		"Certificate": of("AWS::CertificateManager::Certificate", resources{"DomainName": "api.example.com", "ValidationMethod": "DNS"}),
		"Domain": of("AWS::ApiGatewayV2::DomainName", resources{"DomainName": "api.example.com", "DomainNameConfigurations": []any{
			resources{"CertificateArn": ref("Certificate"), "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"},
		}}),
		"Mapping": of("AWS::ApiGatewayV2::ApiMapping", resources{"ApiId": ref("Api"), "DomainName": ref("Domain"), "Stage": ref("Stage"), "ApiMappingKey": "shop/v1"}),
		"Record": of("AWS::Route53::RecordSet", resources{
			"Name": ref("Domain"), "Type": "A", "HostedZoneId": ref("Zone"),
			"AliasTarget": resources{"DNSName": att("Domain", "RegionalDomainName"), "HostedZoneId": att("Domain", "RegionalHostedZoneId")},
		}),
	})
	maps.Copy(outputs, resources{"Site": sub("https://${Domain}/shop/v1"), "Target": att("Domain", "RegionalDomainName"), "Zone": att("Domain", "RegionalHostedZoneId"), "Record": ref("Record")})
	out := w.up(t, false, made, outputs)
	if out["Site"] != "http://"+out["Target"]+"/shop/v1" || out["Zone"] != "Z1UJRXOUMOOFQ8" || out["Record"] != "api.example.com" {
		t.Errorf("got %v", out)
	}
	for _, url := range []string{c.Endpoint(), "http://" + out["Target"]} {
		status, body := send(t, "GET", url+"/shop/v1/items/a%20b?x=1", as("api.example.com"))
		var event events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal([]byte(body), &event); err != nil || status != 200 {
			t.Fatalf("%s: got %d %s", url, status, body)
		}
		c := event.RequestContext
		if event.RawPath != "/items/a b" || c.HTTP.Path != "/items/a b" || c.DomainName != "api.example.com" || c.DomainPrefix != "api" || c.Stage != "$default" ||
			event.PathParameters["id"] != "a b" || event.RouteKey != "GET /items/{id}" {
			t.Errorf("%s: got %s", url, body)
		}
	}
	if status, body := send(t, "GET", out["Site"]+"/items/7", as("")); status != 200 || !strings.Contains(body, `"domainName":"api.example.com"`) {
		t.Errorf("at its own address: got %d %s", status, body)
	}
	for path, want := range map[string]int{"/shop": 404, "/": 404, "/shop/v2/items/7": 404, "/_sparta/health": 404, "/shop/v1/none": 404} {
		if status, body := send(t, "GET", c.Endpoint()+path, as("api.example.com:443")); status != want || !strings.Contains(body, "Not Found") {
			t.Errorf("%s: got %d %s, want %d", path, status, body, want)
		}
	}
	if status, _ := send(t, "GET", c.Endpoint()+"/shop/v1/items/7", as("other.example.com")); status != 403 {
		t.Errorf("another host: got %d", status)
	}

	mapping := maps.Clone(made["Mapping"].(resources)["Properties"].(resources))
	delete(mapping, "ApiMappingKey")
	made["Mapping"] = of("AWS::ApiGatewayV2::ApiMapping", mapping)
	if again := w.up(t, true, made, outputs); again["Target"] != out["Target"] {
		t.Errorf("the address changed from %s to %s", out["Target"], again["Target"])
	}
	closeCloud(t, c)
	again := openCloud(t, dir)
	w.stacks = cloudformation.NewFromConfig(config(again.Endpoint()))
	for path, want := range map[string]int{"/items/7": 200, "/shop/v1/items/7": 404} {
		if status, body := send(t, "GET", again.Endpoint()+path, as("api.example.com")); status != want {
			t.Errorf("%s after the update: got %d %s, want %d", path, status, body, want)
		}
	}
	w.down(t)
	if status, _ := send(t, "GET", again.Endpoint()+"/items/7", as("api.example.com")); status != 403 {
		t.Errorf("after the deletion: got %d", status)
	}
}

// A stack with a REST API that has a regional and an edge domain name, with a
// certificate and a zone that the embedded AWS does not have.
func TestRESTAPIDomain(t *testing.T) {
	t.Parallel()
	c := openCloud(t, t.TempDir())
	w := newWebStack(t, c)
	made, outputs := restAPI("Deployment1")
	maps.Copy(made, resources{
		"Domain": of("AWS::ApiGateway::DomainName", resources{
			"DomainName": "api.example.com", "RegionalCertificateArn": foreignCertificate, "EndpointConfiguration": resources{"Types": []string{"REGIONAL"}}, "SecurityPolicy": "TLS_1_2",
		}),
		"Mapping": of("AWS::ApiGateway::BasePathMapping", resources{"RestApiId": ref("Api"), "DomainName": ref("Domain"), "Stage": ref("Stage"), "BasePath": "shop"}),
		"Edge":    of("AWS::ApiGateway::DomainName", resources{"DomainName": "*.edge.example.com", "CertificateArn": foreignCertificate}),
		"Staged":  of("AWS::ApiGateway::BasePathMapping", resources{"RestApiId": ref("Api"), "DomainName": ref("Edge")}),
		"Record": of("AWS::Route53::RecordSet", resources{
			"Name": "api.example.com", "Type": "A", "HostedZoneName": "example.com.",
			"AliasTarget": resources{"DNSName": att("Domain", "RegionalDomainName"), "HostedZoneId": att("Domain", "RegionalHostedZoneId")},
		}),
		"Records": of("AWS::Route53::RecordSetGroup", resources{"HostedZoneId": "Z0123456789ABCDEFGHIJ", "RecordSets": []any{resources{
			"Name": "*.edge.example.com", "Type": "A",
			"AliasTarget": resources{"DNSName": att("Edge", "DistributionDomainName"), "HostedZoneId": att("Edge", "DistributionHostedZoneId")},
		}}}),
	})
	out := w.up(t, false, made, outputs)
	for _, test := range []struct{ host, path, domain, prefix, asked string }{
		{"api.example.com", "/shop/items/7", "api.example.com", "api", "/shop/items/7"},
		{"a.edge.example.com", "/v1/items/7", "a.edge.example.com", "a", "/v1/items/7"},
	} {
		status, body := send(t, "GET", c.Endpoint()+test.path, as(test.host))
		var event events.APIGatewayProxyRequest
		if err := json.Unmarshal([]byte(body), &event); err != nil || status != 200 {
			t.Fatalf("%s: got %d %s", test.host, status, body)
		}
		r := event.RequestContext
		if event.Path != test.asked || r.Path != test.asked || r.ResourcePath != "/items/{id}" || event.Resource != "/items/{id}" || r.Stage != "v1" ||
			r.DomainName != test.domain || r.DomainPrefix != test.prefix {
			t.Errorf("%s: got %s", test.host, body)
		}
	}
	for _, test := range []struct{ host, path, message string }{
		{"api.example.com", "/items/7", "Forbidden"}, {"api.example.com", "/shopping", "Forbidden"}, {"api.example.com", "/shop/none", "Missing Authentication Token"},
		{"a.edge.example.com", "/v2/items/7", "Forbidden"},
	} {
		if status, body := send(t, "GET", c.Endpoint()+test.path, as(test.host)); status != 403 || !strings.Contains(body, test.message) {
			t.Errorf("%s%s: got %d %s", test.host, test.path, status, body)
		}
	}
	made["Mapping"].(resources)["Properties"].(resources)["BasePath"] = "store"
	w.up(t, true, made, outputs)
	for path, want := range map[string]int{"/store/items/7": 200, "/shop/items/7": 403} {
		if status, body := send(t, "GET", c.Endpoint()+path, as("api.example.com")); status != want {
			t.Errorf("%s after the update: got %d %s, want %d", path, status, body, want)
		}
	}
	if status, _ := send(t, "GET", out["URL"]+"/items/7", as("")); status != 200 {
		t.Errorf("the API's own address: got %d", status)
	}
	w.down(t)
}

// What does not fit fails with the words of AWS, or by name.
func TestDomainFailures(t *testing.T) {
	t.Parallel()
	w := newWebStack(t, openCloud(t, t.TempDir()))
	domain := func(name, certificate string) resources {
		return of("AWS::ApiGatewayV2::DomainName", resources{"DomainName": name, "DomainNameConfigurations": []any{resources{"CertificateArn": certificate}}})
	}
	base := resources{"Taken": domain("taken.example.com", foreignCertificate)}
	w.up(t, false, base, nil)
	for name, test := range map[string]struct {
		resource resources
		want     string
	}{
		"taken":       {domain("taken.example.com", foreignCertificate), "The domain name you provided already exists."},
		"region":      {domain("a.example.com", "arn:aws:acm:eu-west-1:123456789012:certificate/x"), "Certificate must be in 'us-east-1'. The embedded AWS is used in us-east-1: use it in eu-west-1, with --region"},
		"certificate": {domain("a.example.com", "arn:aws:acm:us-east-1:"+account+":certificate/x"), "there is no certificate"},
		"edge": {of("AWS::ApiGateway::DomainName", resources{"DomainName": "a.example.com", "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/x"}),
			"Certificate must be in 'us-east-1'."},
		"tls":     {of("AWS::ApiGatewayV2::DomainName", resources{"DomainName": "a.example.com", "MutualTlsAuthentication": resources{"TruststoreUri": "s3://a/b"}}), "does not model this property"},
		"private": {of("AWS::ApiGateway::DomainName", resources{"DomainName": "a.example.com", "EndpointConfiguration": resources{"Types": []string{"PRIVATE"}}}), "does not model private APIs"},
		"api":     {of("AWS::ApiGatewayV2::ApiMapping", resources{"DomainName": "taken.example.com", "ApiId": "none", "Stage": "x"}), "Invalid API identifier specified"},
		"name":    {of("AWS::ApiGateway::BasePathMapping", resources{"DomainName": "none.example.com", "RestApiId": "none"}), "Invalid REST API identifier specified"},
	} {
		made := maps.Clone(base)
		made["Bad"] = test.resource
		if stack := w.try(t, true, made, nil); stack.StackStatus != types.StackStatusUpdateRollbackComplete {
			t.Errorf("%s: got %s", name, stack.StackStatus)
		}
		if reasons := w.reasons(t); !strings.Contains(reasons, test.want) {
			t.Errorf("%s: got %s, want %s", name, reasons, test.want)
		}
	}
}
