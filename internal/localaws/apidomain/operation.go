// SPDX-License-Identifier: MIT

package apidomain

import (
	"maps"
	"net/http"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Serves reports whether a path of API Gateway's API is one of domain names.
func Serves(path string) bool {
	return isBelow(path, "/domainnames") || isBelow(path, "/v2/domainnames")
}

func isBelow(path, parent string) bool {
	return path == parent || len(path) > len(parent) && path[:len(parent)+1] == parent+"/"
}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.operations.ServeAPI(w, r, id)
}

// paging is that of the lists of HTTP APIs, and restPaging that of REST APIs.
var (
	paging     = gateway.Paging{Token: "nextToken", Size: "maxResults", Items: "items", Next: "nextToken"}
	restPaging = gateway.Paging{Token: "position", Size: "limit", Items: "item", Next: "position", Default: 25, Most: 500}
)

// router maps the paths of the API to operations. As elsewhere in the embedded
// API Gateway those of REST APIs look and delete only.
func (s *Service) router() *gateway.Operations {
	o := gateway.NewOperations(s.env.Default.Partition)
	const names, name = "/v2/domainnames", "/v2/domainnames/{name}"
	o.Handle("POST "+names, "CreateDomainName", 201, nil, s.serveCreate)
	o.Handle("GET "+names, "GetDomainNames", 200, paging.Parameters(), s.lister((*domain).output, paging))
	o.Handle("GET "+name, "GetDomainName", 200, nil, s.one((*domain).output))
	o.Handle("PATCH "+name, "UpdateDomainName", 200, nil, s.serveUpdate)
	o.Handle("DELETE "+name, "DeleteDomainName", 204, nil, s.serveRemove)
	const mappings, mapping = name + "/apimappings", name + "/apimappings/{id}"
	o.Handle("POST "+mappings, "CreateApiMapping", 201, nil, s.serveMap)
	o.Handle("PATCH "+mapping, "UpdateApiMapping", 200, nil, s.serveMap)
	o.Handle("GET "+mappings, "GetApiMappings", 200, paging.Parameters(), s.serveMappings)
	o.Handle("GET "+mapping, "GetApiMapping", 200, nil, s.serveMapping)
	o.Handle("DELETE "+mapping, "DeleteApiMapping", 204, nil, func(c gateway.Request) (any, error) {
		return nil, s.unmap(c.Scope, c.Path("name"), "API mapping", withID(c.Path("id")))
	})
	o.Refuse("/v2/domainnames/{name}/routingrules", func(*http.Request) string { return "routing rules of API Gateway" })
	o.Refuse("/v2/domainnames/{name}/routingrules/", func(*http.Request) string { return "routing rules of API Gateway" })
	s.handleREST(o)
	o.Refuse("/", func(r *http.Request) string {
		return r.Method + " " + r.URL.Path + " of API Gateway: domain names are changed through CloudFormation or with apigatewayv2"
	})
	return o
}

// lister makes the operation that lists the domain names of a scope, each as
// output shows it.
func (s *Service) lister(output func(*domain) map[string]any, p gateway.Paging) func(gateway.Request) (any, error) {
	return func(c gateway.Request) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		list := []map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(s.domains)) {
			if d := s.domains[key]; d.Scope == c.Scope {
				list = append(list, output(d))
			}
		}
		return p.Page(c, list)
	}
}

// one makes the operation that shows a domain name.
func (s *Service) one(output func(*domain) map[string]any) func(gateway.Request) (any, error) {
	return func(c gateway.Request) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		d, err := s.find(c.Scope, c.Path("name"))
		if err != nil {
			return nil, err
		}
		return output(d), nil
	}
}

func (s *Service) serveRemove(c gateway.Request) (any, error) {
	return nil, s.remove(c.Scope, c.Path("name"))
}

// output returns a domain name as the API of HTTP APIs shows it.
func (d *domain) output() map[string]any {
	return map[string]any{
		"domainName": d.Name, "domainNameArn": d.arn(), "apiMappingSelectionExpression": "$request.basepath", "routingMode": "API_MAPPING_ONLY",
		"tags": d.Settings.Tags,
		"domainNameConfigurations": []map[string]any{{
			"apiGatewayDomainName": d.target(), "certificateArn": d.Settings.Certificate, "domainNameStatus": "AVAILABLE", "endpointType": d.Settings.Endpoint,
			"hostedZoneId": d.hostedZone(), "ipAddressType": d.Settings.IPAddressType, "securityPolicy": d.Settings.SecurityPolicy,
		}},
	}
}

// nameInput is what a caller says of a domain name.
type nameInput struct {
	DomainName               string            `json:"domainName"`
	DomainNameConfigurations []configuration   `json:"domainNameConfigurations"`
	RoutingMode              string            `json:"routingMode"`
	Tags                     map[string]string `json:"tags"`
}

type configuration struct {
	CertificateArn string `json:"certificateArn"`
	EndpointType   string `json:"endpointType"`
	IpAddressType  string `json:"ipAddressType"`
	SecurityPolicy string `json:"securityPolicy"`
}

// serveCreate makes a domain name.
func (s *Service) serveCreate(c gateway.Request) (any, error) {
	in, err := gateway.Decode(c, nameInput{})
	if err != nil {
		return nil, err
	}
	settings, err := in.settings()
	if err != nil {
		return nil, err
	}
	d, err := s.create(c.Scope, in.DomainName, settings, gateway.Conflict)
	if err != nil {
		return nil, err
	}
	return s.shown(d), nil
}

func (s *Service) shown(d *domain) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return d.output()
}

// serveUpdate changes a domain name: what is not said stays.
func (s *Service) serveUpdate(c gateway.Request) (any, error) {
	d, err := s.update(c.Scope, c.Path("name"), func(old settings) (settings, error) {
		in, err := gateway.Decode(c, nameInput{Tags: old.Tags, DomainNameConfigurations: []configuration{{
			CertificateArn: old.Certificate, EndpointType: old.Endpoint, IpAddressType: old.IPAddressType, SecurityPolicy: old.SecurityPolicy,
		}}})
		if err != nil {
			return old, err
		}
		return in.settings()
	})
	if err != nil {
		return nil, err
	}
	return s.shown(d), nil
}
