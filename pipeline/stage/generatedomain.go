// SPDX-License-Identifier: MIT

package stage

import (
	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addDomain adds a domain name of one's own for an API, and the record that
// leads to it.
func (m *marshaller) addDomain(a spec.API, api, stage string) {
	d, origin := *a.Domain, m.origin("api", "domain")
	id, host, zone := spec.HTTPDomainID, "RegionalDomainName", "RegionalHostedZoneId"
	if a.REST() {
		id = spec.RESTDomainID
		m.addRESTDomain(a, api, stage, origin)
		if a.Endpoint == "edge" {
			host, zone = "DistributionDomainName", "DistributionHostedZoneId"
		}
	} else {
		m.addHTTPDomain(d, api, stage, origin)
	}
	address := "https://${" + id + "}"
	if d.Path != "" {
		address += "/" + d.Path
	}
	m.addOutput("ApiDomainUrl", &cfn.Output{Description: "URL of the API under its domain name", Value: cfn.Sub(address)}, origin)
	if !d.Zone.Given() {
		return
	}
	record := map[string]any{
		"Name": d.Name, "Type": "A",
		"AliasTarget": map[string]any{"DNSName": cfn.GetAtt(id, host), "HostedZoneId": cfn.GetAtt(id, zone)},
	}
	if d.Zone.Name != "" {
		record["HostedZoneName"] = d.Zone.Name + "."
	} else {
		record["HostedZoneId"] = d.Zone.ID
	}
	m.add(spec.APIDomainRecordID, "AWS::Route53::RecordSet", record, origin)
}

func (m *marshaller) addHTTPDomain(d spec.APIDomain, api, stage string, origin cfn.Origin) {
	m.add(spec.HTTPDomainID, "AWS::ApiGatewayV2::DomainName", map[string]any{
		"DomainName": d.Name,
		"DomainNameConfigurations": []any{map[string]any{
			"CertificateArn": d.Certificate.ARN, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2",
		}},
	}, origin)
	mapping := map[string]any{"ApiId": cfn.Ref(api), "DomainName": cfn.Ref(spec.HTTPDomainID), "Stage": cfn.Ref(stage)}
	if d.Path != "" {
		mapping["ApiMappingKey"] = d.Path
	}
	m.add(spec.HTTPMappingID, "AWS::ApiGatewayV2::ApiMapping", mapping, origin)
}

func (m *marshaller) addRESTDomain(a spec.API, api, stage string, origin cfn.Origin) {
	d := *a.Domain
	properties := map[string]any{"DomainName": d.Name, "SecurityPolicy": "TLS_1_2", "EndpointConfiguration": endpointTypes(a)}
	if a.Endpoint == "edge" {
		properties["CertificateArn"] = d.Certificate.ARN
	} else {
		properties["RegionalCertificateArn"] = d.Certificate.ARN
	}
	m.add(spec.RESTDomainID, "AWS::ApiGateway::DomainName", properties, origin)
	mapping := map[string]any{"RestApiId": cfn.Ref(api), "DomainName": cfn.Ref(spec.RESTDomainID), "Stage": cfn.Ref(stage)}
	if d.Path != "" {
		mapping["BasePath"] = d.Path
	}
	m.add(spec.RESTMappingID, "AWS::ApiGateway::BasePathMapping", mapping, origin)
}
