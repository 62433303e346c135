// SPDX-License-Identifier: MIT

package route53

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// place is what a record says of its zone.
type place struct{ HostedZoneId, HostedZoneName string }

// zoneFor returns the zone of records, of which there is at least one, and makes
// one that is only named; s.mu is held. old are those that are in it already.
func (s *Service) zoneFor(account string, p place, old, new []*record) (*zone, error) {
	id := strings.TrimPrefix(p.HostedZoneId, "/hostedzone/")
	switch {
	case (id == "") == (p.HostedZoneName == ""):
		return nil, invalidInput("Exactly one of HostedZoneId and HostedZoneName must be specified")
	case id == "":
		return s.zoneNamed(account, dotted(p.HostedZoneName), old)
	case !zoneID.MatchString(id):
		return nil, noSuchZone(id)
	}
	if z := s.zones[account+"/"+id]; z != nil {
		return z, nil
	}
	return &zone{Account: account, ID: id, Name: parent(append(new, old...)[0].Name), Named: true, Unknown: true}, nil
}

// zoneNamed returns the zone of a name that has one of the old records, or else
// the one that is more than a name.
func (s *Service) zoneNamed(account, name string, old []*record) (*zone, error) {
	var own []*zone
	named := &zone{Account: account, ID: identifier("named/" + name), Name: name, Named: true}
	for _, z := range s.zones {
		switch {
		case z.Account != account || z.Name != name || z.Unknown:
		case slices.ContainsFunc(z.Records, func(r *record) bool { return slices.ContainsFunc(old, r.same) }):
			return z, nil
		case z.Named:
			named = z
		default:
			own = append(own, z)
		}
	}
	switch len(own) {
	case 0:
		return named, nil
	case 1:
		return own[0], nil
	}
	return nil, invalidInput("Multiple hosted zones found with name: %s", name)
}

// parent returns the name without its first label, but no top-level domain.
func parent(name string) string {
	if _, rest, _ := strings.Cut(name, "."); strings.Count(rest, ".") > 1 {
		return rest
	}
	return name
}

// settle keeps a zone, or drops one that is only named and has no records;
// s.mu is held.
func (s *Service) settle(z *zone) {
	if z.Named && len(z.Records) == 0 {
		delete(s.zones, z.key())
	} else {
		s.zones[z.key()] = z
	}
	s.changed()
}

// create makes a zone with the records that each has.
func (s *Service) create(account, name, comment, reference string, tags map[string]string) (*zone, error) {
	name = dotted(name)
	if !validName(name) || strings.Count(name, ".") < 2 {
		return nil, wire.Errorf(http.StatusBadRequest, "InvalidDomainName", "%s is not a valid domain name", strings.TrimSuffix(name, "."))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	z := &zone{Account: account, ID: identifier(account + "/" + name + "/" + wire.RequestID()), Name: name, Comment: comment, Reference: reference, Tags: tags}
	servers := z.nameServers()
	authority := &record{Name: name, Type: "NS", TTL: "172800"}
	for _, server := range servers {
		authority.ResourceRecords = append(authority.ResourceRecords, server+".")
	}
	z.Records = []*record{authority, {
		Name: name, Type: "SOA", TTL: "900", ResourceRecords: []string{servers[0] + ". awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"},
	}}
	s.settle(z)
	return z, nil
}

// remove deletes a zone without records of its own.
func (s *Service) remove(account, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, err := s.find(account, id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(z.Records, func(r *record) bool { return r.Name != z.Name || r.Type != "NS" && r.Type != "SOA" }) {
		return wire.Errorf(http.StatusBadRequest, "HostedZoneNotEmpty", "The specified hosted zone contains non-required resource record sets  and so cannot be deleted.")
	}
	delete(s.zones, z.key())
	s.changed()
	return nil
}
