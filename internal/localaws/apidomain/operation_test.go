// SPDX-License-Identifier: MIT

package apidomain_test

import (
	"net/url"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/apidomain"
)

func TestServes(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/domainnames": true, "/domainnames/a": true, "/v2/domainnames": true, "/v2/domainnames/a/apimappings": true,
		"/domainnamesx": false, "/v2/apis": false, "/restapis/domainnames": false, "/": false,
	} {
		if got := apidomain.Serves(path); got != want {
			t.Errorf("%s: got %t", path, got)
		}
	}
}

// The API of both kinds shows the same domain names.
func TestOperations(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	names := "/v2/domainnames"
	must := func(status int, method, path string, in object) object {
		t.Helper()
		got, out := w.call(t, method, path, in)
		if got != status {
			t.Fatalf("%s %s: got %d %v, want %d", method, path, got, out, status)
		}
		return out
	}
	made := must(201, "POST", names, object{"domainName": "api.example.com", "domainNameConfigurations": []any{object{"certificateArn": own}}, "tags": object{"a": "1"}})
	configuration, _ := made["domainNameConfigurations"].([]any)[0].(object)
	if configuration["endpointType"] != "REGIONAL" || configuration["securityPolicy"] != "TLS_1_2" || configuration["domainNameStatus"] != "AVAILABLE" || made["apiMappingSelectionExpression"] != "$request.basepath" {
		t.Errorf("got %v", made)
	}
	must(409, "POST", names, object{"domainName": "api.example.com", "domainNameConfigurations": []any{object{"certificateArn": own}}})
	name := names + "/api.example.com"
	changed := must(200, "PATCH", name, object{"domainNameConfigurations": []any{object{"certificateArn": given, "ipAddressType": "dualstack"}}})
	if tags, _ := changed["tags"].(object); tags["a"] != "1" {
		t.Errorf("got %v", changed)
	}
	first := must(201, "POST", name+"/apimappings", object{"apiId": "rest", "stage": "v1"})
	id, _ := first["apiMappingId"].(string)
	must(201, "POST", name+"/apimappings", object{"apiId": "http", "stage": "v1", "apiMappingKey": "h/t"})
	if out := must(200, "PATCH", name+"/apimappings/"+id, object{"apiId": "rest", "apiMappingKey": "v1"}); out["stage"] != "v1" || out["apiMappingKey"] != "v1" {
		t.Errorf("got %v", out)
	}
	if out := must(200, "GET", name+"/apimappings/"+id, nil); out["apiMappingKey"] != "v1" {
		t.Errorf("got %v", out)
	}
	if out := must(200, "GET", name+"/apimappings?maxResults=1", nil); len(out["items"].([]any)) != 1 || out["nextToken"] != "1" {
		t.Errorf("got %v", out)
	}

	rest := must(200, "GET", "/domainnames/api.example.com", nil)
	if rest["regionalCertificateArn"] != given || rest["regionalDomainName"] != configuration["apiGatewayDomainName"] || rest["domainNameStatus"] != "AVAILABLE" {
		t.Errorf("got %v", rest)
	}
	if out := must(200, "GET", "/domainnames", nil); len(out["item"].([]any)) != 1 {
		t.Errorf("got %v", out)
	}
	if out := must(200, "GET", "/domainnames/api.example.com/basepathmappings", nil); len(out["item"].([]any)) != 1 {
		t.Errorf("the mappings of REST APIs: got %v", out)
	}
	if out := must(200, "GET", "/domainnames/api.example.com/basepathmappings/v1", nil); out["restApiId"] != "rest" || out["basePath"] != "v1" {
		t.Errorf("got %v", out)
	}
	must(404, "GET", "/domainnames/api.example.com/basepathmappings/"+url.PathEscape("(none)"), nil)
	must(202, "DELETE", "/domainnames/api.example.com/basepathmappings/v1", nil)
	must(404, "DELETE", name+"/apimappings/"+id, nil)
	must(404, "PATCH", name+"/apimappings/"+id, object{"apiId": "rest"})
	for status, refused := range map[int][]string{
		400: {"GET", names + "?x=1"}, 404: {"GET", name + "/routingrules"},
	} {
		must(status, refused[0], refused[1], nil)
	}
	must(400, "PATCH", name, object{"mutualTlsAuthentication": object{}})
	must(400, "PATCH", name, object{"routingMode": "ROUTING_RULE_ONLY"})
	must(404, "POST", "/domainnames", object{})
	must(204, "DELETE", name, nil)
	must(404, "GET", name, nil)
	must(404, "GET", name+"/apimappings", nil)
	must(404, "DELETE", "/domainnames/api.example.com", nil)
}
