// SPDX-License-Identifier: MIT

// Package route53 is the Route 53 of the embedded AWS, as far as templates need
// it: hosted zones and records, which CloudFormation makes and the API shows. No
// DNS server is started: records are kept and shown, and lead nobody anywhere,
// whatever their routing says.
//
// A record may be for a hosted zone that a template names but that the embedded
// AWS does not have, such as one that exists on AWS: it is kept as if the zone
// were there. Such a zone is there as long as it has records. Private zones,
// query logging, traffic policies, health checks and changes by the API are
// refused by name.
package route53

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// document is the name of the store's document that holds the zones.
const document = "route53"

// zone is a hosted zone as it is kept, guarded by Service.mu.
type zone struct {
	Account   string
	ID        string
	Name      string // with a final dot
	Comment   string
	Reference string // CallerReference
	Tags      map[string]string
	Records   []*record
	// Named says that the zone is none of the embedded AWS, and Unknown that
	// its name is not known either: Name is a guess then.
	Named, Unknown bool
}

// Service is Route 53. Its methods may be called concurrently.
type Service struct {
	env    service.Env
	routes *http.ServeMux
	needs  access.Routes

	mu    sync.Mutex
	zones map[string]*zone // by account and identifier, "000000000000/Z1"
}

// New opens the zones that env.Store keeps.
func New(env service.Env) (*Service, error) {
	s := &Service{env: env, needs: needs(), zones: map[string]*zone{}}
	s.routes = s.router()
	if err := env.Store.Load(document, &s.zones); err != nil {
		return nil, fmt.Errorf("open route53: %w", err)
	}
	env.Store.Register(document, func() ([]byte, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return json.Marshal(s.zones)
	})
	return s, nil
}

// changed has the zones written; s.mu may be held.
func (s *Service) changed() { s.env.Store.Changed(document) }

func (z *zone) key() string { return z.Account + "/" + z.ID }

// nameServers are those that the zone has: four, as on AWS, by its identifier.
func (z *zone) nameServers() []string {
	var list []string
	sum := sha256.Sum256([]byte(z.ID))
	for i, top := range []string{"com", "net", "org", "co.uk"} {
		list = append(list, fmt.Sprintf("ns-%d.awsdns-%02d.%s", i*512+int(sum[2*i])*2, sum[2*i+1]%64, top))
	}
	return list
}

// identifier makes that of a zone out of a text.
func identifier(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "Z" + base32.StdEncoding.EncodeToString(sum[:])[:20]
}

// zoneID is the form of identifiers.
var zoneID = lazy.MustCompile(`^Z[A-Z0-9]{4,31}$`)

// dotted returns a domain name in lower case with a final dot.
func dotted(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, ".")) + "."
}

func noSuchZone(id string) error {
	return wire.Errorf(http.StatusNotFound, "NoSuchHostedZone", "No hosted zone found with ID: %s", id)
}

// find returns a zone of an account; s.mu is held.
func (s *Service) find(account, id string) (*zone, error) {
	z := s.zones[account+"/"+strings.TrimPrefix(id, "/hostedzone/")]
	if z == nil {
		return nil, noSuchZone(id)
	}
	return z, nil
}
