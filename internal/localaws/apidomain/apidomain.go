// SPDX-License-Identifier: MIT

// Package apidomain is the part of API Gateway that has domain names of one's
// own, to which the stages of REST APIs and HTTP APIs are mapped alike: the
// CloudFormation types and the API of both kinds.
//
// Nobody resolves the names on this machine, and nothing is served by TLS. A
// domain name is reached by its Host header, at the address of the embedded AWS
// or at one of its own, which is what RegionalDomainName and
// DistributionDomainName say. Requests there are routed as on AWS; unlike there,
// a name is the same domain name in all regions for requests to the embedded
// AWS, where that in the default region wins.
//
// A certificate of the embedded AWS must be there. One that it has never made is
// taken as given: it may be a real one, and only its region is looked at. What
// would behave differently on AWS is refused by name: mutual TLS, private domain
// names, routing rules, and certificates that are uploaded.
package apidomain

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
)

// document is the name of the store's document that holds the domain names.
const document = "apidomain"

// APIs are the APIs of one kind that domain names lead to.
type APIs interface {
	// Has reports whether there is an API in a scope, and whether it has a
	// stage.
	Has(scope arn.Scope, id, stage string) (api, staged bool)
	// Serve answers a request to an API; via says how it came there. It reports
	// false if there is no such API.
	Serve(w http.ResponseWriter, r *http.Request, id string, via *gateway.Mapping) bool
}

// Deps are the other services that domain names need.
type Deps struct {
	REST, HTTP APIs
	// Certificate returns an error if account cannot use a certificate, and
	// whether it is one of the embedded AWS.
	Certificate func(account, certificateARN string) (here bool, err error)
	// Notice tells the user something once. It may be nil.
	Notice func(text string)
}

// Service is the domain names of APIs. Its methods may be called concurrently.
type Service struct {
	env        service.Env
	deps       Deps
	operations *gateway.Operations

	mu      sync.Mutex
	domains map[string]*domain // by region and name, "us-east-1/api.example.com"
}

// New opens the domain names that env.Store keeps, each at its port.
func New(env service.Env, deps Deps) (*Service, error) {
	if deps.Notice == nil {
		deps.Notice = func(string) {}
	}
	s := &Service{env: env, deps: deps, domains: map[string]*domain{}}
	s.operations = s.router()
	if err := env.Store.Load(document, &s.domains); err != nil {
		return nil, fmt.Errorf("open domain names: %w", err)
	}
	env.Store.Register(document, func() ([]byte, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return json.Marshal(s.domains)
	})
	return s, s.openDoors()
}

// changed has the domain names written; s.mu may be held.
func (s *Service) changed() { s.env.Store.Changed(document) }

// ResourceTypes returns the CloudFormation types that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::ApiGateway::BasePathMapping": basePathType{s},
		"AWS::ApiGateway::DomainName":      restNameType{s},
		"AWS::ApiGatewayV2::ApiMapping":    mappingType{s},
		"AWS::ApiGatewayV2::DomainName":    nameType{s},
	}
}

// MappedTo returns the domain names that lead to an API, or to a stage of it
// unless stage is "".
func (s *Service) MappedTo(apiID, stage string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, d := range s.domains {
		for _, m := range d.Mappings {
			if m.API == apiID && (stage == "" || m.Stage == stage) && !slices.Contains(names, d.Name) {
				names = append(names, d.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// CertificateUsers returns the ARNs of the domain names that have a certificate.
func (s *Service) CertificateUsers(certificateARN string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var users []string
	for _, d := range s.domains {
		if d.Settings.Certificate == certificateARN {
			users = append(users, d.arn())
		}
	}
	slices.Sort(users)
	return users
}

func doorName(d *domain) string { return "apidomain/" + d.key() }

// openDoors opens the addresses of all domain names, on the ports they had if
// these are free.
func (s *Service) openDoors() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.domains {
		old := d.Port
		if err := s.openDoor(d); err != nil {
			return err
		}
		if old != d.Port {
			s.deps.Notice(door.Moved(d.Name, old, d.Port))
			s.changed()
		}
	}
	return nil
}

// openDoor opens the address of a domain name; s.mu is held.
func (s *Service) openDoor(d *domain) (err error) {
	key := d.key()
	d.Port, err = s.env.Doors.OpenTo(doorName(d), d.Port, d.answersTo, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, key)
	}))
	if err != nil {
		return fmt.Errorf("open domain name %s: %w", d.Name, err)
	}
	return nil
}

// address returns the URL of the domain name on this machine, without a final
// slash.
func (d *domain) address() string { return strings.TrimSuffix(door.URL(d.Port), "/") }
