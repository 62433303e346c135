// SPDX-License-Identifier: MIT

package apidomain

import (
	"cmp"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// handleREST adds the operations of REST APIs.
func (s *Service) handleREST(o *gateway.Operations) {
	const names, name = "/domainnames", "/domainnames/{name}"
	o.Handle("GET "+names, "GetDomainNames", 200, restPaging.Parameters(), s.lister((*domain).outputREST, restPaging))
	o.Handle("GET "+name, "GetDomainName", 200, nil, s.one((*domain).outputREST))
	o.Handle("DELETE "+name, "DeleteDomainName", 202, nil, s.serveRemove)
	const mappings, mapping = name + "/basepathmappings", name + "/basepathmappings/{base}"
	o.Handle("GET "+mappings, "GetBasePathMappings", 200, restPaging.Parameters(), s.serveBasePaths)
	o.Handle("GET "+mapping, "GetBasePathMapping", 200, nil, s.serveBasePath)
	o.Handle("DELETE "+mapping, "DeleteBasePathMapping", 202, nil, func(c gateway.Request) (any, error) {
		return nil, s.unmap(c.Scope, c.Path("name"), "base path mapping", ofREST(c.Path("base")))
	})
}

// outputREST returns a domain name as the API of REST APIs shows it.
func (d *domain) outputREST() map[string]any {
	out := map[string]any{
		"domainName": d.Name, "domainNameArn": d.arn(), "domainNameStatus": "AVAILABLE", "securityPolicy": d.Settings.SecurityPolicy,
		"endpointConfiguration": map[string]any{"types": []string{d.Settings.Endpoint}, "ipAddressType": d.Settings.IPAddressType},
		"routingMode":           "BASE_PATH_MAPPING_ONLY", "tags": d.Settings.Tags,
	}
	if d.Settings.AccessMode != "" {
		out["endpointAccessMode"] = d.Settings.AccessMode
	}
	if d.Settings.Endpoint == edge {
		out["certificateArn"], out["distributionDomainName"], out["distributionHostedZoneId"] = d.Settings.Certificate, d.target(), d.hostedZone()
		return out
	}
	out["regionalCertificateArn"], out["regionalDomainName"], out["regionalHostedZoneId"] = d.Settings.Certificate, d.target(), d.hostedZone()
	return out
}

// outputREST returns a mapping as the API of REST APIs shows it, nil for one of
// an HTTP API.
func (m *mapping) outputREST() map[string]any {
	if m.HTTP {
		return nil
	}
	out := map[string]any{"basePath": cmp.Or(m.Key, none), "restApiId": m.API}
	if m.Stage != "" {
		out["stage"] = m.Stage
	}
	return out
}

func (s *Service) serveBasePaths(c gateway.Request) (any, error) {
	list, err := s.mappings(c.Scope, c.Path("name"), (*mapping).outputREST)
	if err != nil {
		return nil, err
	}
	return restPaging.Page(c, list)
}

func (s *Service) serveBasePath(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.mapping(c.Scope, c.Path("name"), "base path mapping", ofREST(c.Path("base")))
	if err != nil {
		return nil, err
	}
	return m.outputREST(), nil
}
