// SPDX-License-Identifier: MIT

package flow_test

import (
	"strings"
	"testing"

	"github.com/sparta-up/sparta/pipeline/stage"
)

const domainYAML = `serviceName: Shop
defaults: {runtime: provided.al2023}
functions:
  served: {handler: ./web.Served, events: [http: "GET /items/{id}"]}
  strict: {handler: ./web.STRICT, events: [http: GET /strict]}
api:
  type: TYPE
  domain: {name: api.example.com, certificate: CERTIFICATE, zone: ZONE, path: PATH}
`

// domainResources are a certificate and a hosted zone of the service's own.
const domainResources = `resources:
  Own: {Type: "AWS::CertificateManager::Certificate", Properties: {DomainName: "*.example.com", ValidationMethod: DNS}}
  Names: {Type: "AWS::Route53::HostedZone", DeletionPolicy: Delete, UpdateReplacePolicy: Delete, Properties: {Name: example.com}}
`

// TestAPIDomain brings APIs of both types up with a domain name, whose
// certificate and hosted zone are the service's own or of an account on AWS, and
// asks them by that name: at the address of the embedded AWS and at the one that
// the output says. Another path is an update.
func TestAPIDomain(t *testing.T) {
	t.Parallel()
	const given = `"arn:aws:acm:us-east-1:123456789012:certificate/1a2b3c4d"`
	host := []string{"Host", "api.example.com"}
	for _, test := range []struct {
		name, kind, strict, certificate, zone string
		missing                               int // status where nothing is
	}{
		{"HTTP API", "http", "Strict", "Own", "Names", 404},
		{"HTTP API on a stage", "http, stage: prod", "Strict", "Own", "Names", 404},
		{"HTTP API, all on AWS", "http", "Strict", given, "example.com", 404},
		{"REST API", "rest", "StrictREST", "Own", "Names", 403},
		{"REST API, all on AWS", "rest", "StrictREST", given, "Z0123456789ABCDEFGHIJ", 403},
		{"REST API at the edge", "rest, endpoint: edge", "StrictREST", given, "example.com", 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			kind, endpoint, _ := strings.Cut(test.kind, ", ")
			file := domainYAML
			if test.certificate == "Own" {
				file += domainResources
			}
			m := webModule(t, strings.NewReplacer("TYPE", kind+"\n  "+endpoint, "STRICT", test.strict, "CERTIFICATE", test.certificate, "ZONE", test.zone, "PATH", "v1").Replace(file))
			w := local(t, m.file())
			address := output(t, w.mustUp(stage.Created), "ApiDomainUrl")
			if !strings.HasPrefix(address, "http://127.0.0.1:") || !strings.HasSuffix(address, "/v1") {
				t.Fatalf("the output says %s", address)
			}
			exchange{method: "GET", path: "/items/7", status: 410, body: "served GET /items/7?"}.run(t, address)
			for _, x := range []exchange{
				{method: "GET", path: "/v1/items/7", headers: host, status: 410, body: "served GET /items/7?"},
				{method: "GET", path: "/v1/strict", headers: host, status: 200, body: "complete"},
				{method: "GET", path: "/items/7", headers: host, status: test.missing},
				{method: "GET", path: "/v1/items/7", headers: []string{"Host", "other.example.com"}, status: 403},
			} {
				x.run(t, w.endpoint)
			}
			m.edit("sparta.yaml", "path: v1", "path: v2")
			if again := output(t, w.mustUp(stage.Updated), "ApiDomainUrl"); again != strings.TrimSuffix(address, "v1")+"v2" {
				t.Errorf("the output says %s after %s", again, address)
			}
			for _, x := range []exchange{
				{method: "GET", path: "/v2/items/7", headers: host, status: 410},
				{method: "GET", path: "/v1/items/7", headers: host, status: test.missing},
			} {
				x.run(t, w.endpoint)
			}
			w.Confirm = agree
			w.takeDown()
			exchange{method: "GET", path: "/v2/items/7", headers: host, status: 403}.run(t, w.endpoint)
		})
	}
}
