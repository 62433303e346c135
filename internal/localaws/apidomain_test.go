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

	made["Api"].(resources)["Properties"].(resources)["DisableExecuteApiEndpoint"] = true
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
	if status, _ := send(t, "GET", out["URL"]+"/items/7", as("")); status != 404 {
		t.Errorf("the API's own address, which is disabled: got %d", status)
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
		"certificate": {domain("a.example.com", "arn:aws:iam::"+account+":server-certificate/x"), "Invalid certificate ARN"},
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

// The aws command as the judge of what the API says of domain names, mappings,
// certificates and records.
func TestCommandLineDomains(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	certificate := strings.TrimSpace(c.must(t, "arn:aws:acm:us-east-1:"+account+":certificate/", "acm", "request-certificate",
		"--domain-name", "example.com", "--subject-alternative-names", "*.example.com", "--validation-method", "DNS", "--query", "CertificateArn", "--output", "text"))
	c.must(t, `"Status": "ISSUED"`, "acm", "list-certificates")
	c.must(t, `"NotAfter"`, "acm", "describe-certificate", "--certificate-arn", certificate)
	c.write(t, "t.json", `{"Resources":{
		"Rest":{"Type":"AWS::ApiGateway::RestApi","Properties":{"Name":"cli"}},
		"Method":{"Type":"AWS::ApiGateway::Method","Properties":{"RestApiId":{"Ref":"Rest"},"ResourceId":{"Fn::GetAtt":["Rest","RootResourceId"]},"HttpMethod":"GET","AuthorizationType":"NONE",
			"Integration":{"Type":"MOCK","RequestTemplates":{"application/json":"{\"statusCode\":200}"},"IntegrationResponses":[{"StatusCode":"200","ResponseTemplates":{"application/json":"hello"}}]},"MethodResponses":[{"StatusCode":"200"}]}},
		"Deployment":{"Type":"AWS::ApiGateway::Deployment","DependsOn":"Method","Properties":{"RestApiId":{"Ref":"Rest"},"StageName":"v1"}},
		"Domain":{"Type":"AWS::ApiGateway::DomainName","Properties":{"DomainName":"rest.example.com","RegionalCertificateArn":"`+certificate+`","EndpointConfiguration":{"Types":["REGIONAL"]}}},
		"Mapping":{"Type":"AWS::ApiGateway::BasePathMapping","DependsOn":"Deployment","Properties":{"DomainName":{"Ref":"Domain"},"RestApiId":{"Ref":"Rest"},"Stage":"v1"}},
		"Zone":{"Type":"AWS::Route53::HostedZone","Properties":{"Name":"example.com"}},
		"Record":{"Type":"AWS::Route53::RecordSet","Properties":{"Name":"rest.example.com","Type":"A","HostedZoneId":{"Ref":"Zone"},
			"AliasTarget":{"DNSName":{"Fn::GetAtt":["Domain","RegionalDomainName"]},"HostedZoneId":{"Fn::GetAtt":["Domain","RegionalHostedZoneId"]}}}},
		"Weighted":{"Type":"AWS::Route53::RecordSet","Properties":{"Name":"w.example.com","Type":"A","HostedZoneId":{"Ref":"Zone"},"TTL":"60","ResourceRecords":["192.0.2.1","192.0.2.2"],"Weight":10,"SetIdentifier":"one"}}}}`)
	c.must(t, "Successfully", "cloudformation", "deploy", "--stack-name", "cli", "--template-file", "t.json")
	c.must(t, `"regionalHostedZoneId": "Z1UJRXOUMOOFQ8"`, "apigateway", "get-domain-names")
	c.must(t, `"domainNameStatus": "AVAILABLE"`, "apigateway", "get-domain-name", "--domain-name", "rest.example.com")
	c.must(t, `"basePath": "(none)"`, "apigateway", "get-base-path-mappings", "--domain-name", "rest.example.com")
	c.must(t, `"stage": "v1"`, "apigateway", "get-base-path-mapping", "--domain-name", "rest.example.com", "--base-path", "(none)")
	c.mustNot(t, "ResourceInUseException", "acm", "delete-certificate", "--certificate-arn", certificate)
	rest := strings.TrimSpace(c.must(t, "", "apigateway", "get-rest-apis", "--query", "items[0].id", "--output", "text"))
	c.mustNot(t, "Please remove all base path mappings related to the RestApi in your domains: rest.example.com", "apigateway", "delete-rest-api", "--rest-api-id", rest)
	c.mustNot(t, "Deleting stage v1 failed.", "apigateway", "delete-stage", "--rest-api-id", rest, "--stage-name", "v1")

	v2 := func(command string, more ...string) []string {
		return append([]string{"apigatewayv2", command}, more...)
	}
	c.must(t, `"DomainName": "http.example.com"`, v2("create-domain-name", "--domain-name", "http.example.com", "--domain-name-configurations", "CertificateArn="+certificate+",EndpointType=REGIONAL")...)
	id := strings.TrimSpace(c.must(t, "", v2("create-api", "--name", "cli", "--protocol-type", "HTTP", "--query", "ApiId", "--output", "text")...))
	c.must(t, "", v2("create-stage", "--api-id", id, "--stage-name", "$default", "--auto-deploy")...)
	mapping := append([]string{"--domain-name", "http.example.com", "--api-mapping-id"}, strings.TrimSpace(c.must(t, "", v2("create-api-mapping", "--domain-name", "http.example.com", "--api-id", id,
		"--stage", "$default", "--api-mapping-key", "a/b", "--query", "ApiMappingId", "--output", "text")...)))
	c.must(t, `"SecurityPolicy": "TLS_1_2"`, v2("get-domain-names")...)
	c.must(t, `"ApiMappingKey": "a/b"`, v2("get-api-mappings", "--domain-name", "http.example.com")...)
	c.must(t, `"ApiId": "`+rest+`"`, v2("get-api-mappings", "--domain-name", "rest.example.com")...)
	c.must(t, `"ApiMappingKey": "c"`, v2("update-api-mapping", append(mapping, "--api-id", id, "--api-mapping-key", "c")...)...)
	c.must(t, `"Stage": "$default"`, v2("get-api-mapping", mapping...)...)
	c.mustNot(t, "ConflictException", v2("create-domain-name", "--domain-name", "rest.example.com", "--domain-name-configurations", "CertificateArn="+certificate)...)
	c.mustNot(t, "in your domains: http.example.com", v2("delete-api", "--api-id", id)...)
	c.must(t, "", v2("delete-api-mapping", mapping...)...)
	c.must(t, "", v2("delete-domain-name", "--domain-name", "http.example.com")...)
	c.must(t, "", v2("delete-api", "--api-id", id)...)

	zone := strings.TrimSpace(c.must(t, "/hostedzone/Z", "route53", "list-hosted-zones", "--query", "HostedZones[0].Id", "--output", "text"))
	c.must(t, `"DNSName": "127.0.0.1:`, "route53", "list-resource-record-sets", "--hosted-zone-id", zone)
	c.must(t, `"Value": "192.0.2.2"`, "route53", "list-resource-record-sets", "--hosted-zone-id", zone, "--query", "ResourceRecordSets[?SetIdentifier=='one']")
	c.must(t, `"NameServers"`, "route53", "get-hosted-zone", "--id", zone)
	c.must(t, `"example.com."`, "route53", "list-hosted-zones-by-name", "--dns-name", "example.com", "--max-items", "1")
	c.mustNot(t, "does not model", "route53", "create-hosted-zone", "--name", "x.example", "--caller-reference", "x")
	c.mustNot(t, "NoSuchHostedZone", "route53", "list-resource-record-sets", "--hosted-zone-id", "Z00000")
	c.must(t, "", "cloudformation", "delete-stack", "--stack-name", "cli")
	c.must(t, "", "cloudformation", "wait", "stack-delete-complete", "--stack-name", "cli")
	c.must(t, "", "acm", "delete-certificate", "--certificate-arn", certificate)
	c.mustNot(t, "there is no certificate "+certificate, v2("create-domain-name", "--domain-name", "a.example.com", "--domain-name-configurations", "CertificateArn="+certificate)...)
}
