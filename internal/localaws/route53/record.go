// SPDX-License-Identifier: MIT

package route53

import (
	"cmp"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// record is a resource record set as it is kept. It never changes: a change
// replaces it.
type record struct {
	Name             string // with a final dot
	Type             string
	SetIdentifier    string       `xml:",omitempty"`
	Weight           *int         `xml:",omitempty"`
	Region           string       `xml:",omitempty"`
	GeoLocation      *geoLocation `xml:",omitempty"`
	Failover         string       `xml:",omitempty"`
	MultiValueAnswer *bool        `xml:",omitempty"`
	TTL              string       `xml:",omitempty"` // seconds
	ResourceRecords  []string     `xml:"-"`          // see shown
	AliasTarget      *aliasTarget `xml:",omitempty"`
	HealthCheckId    string       `xml:",omitempty"`
}

type geoLocation struct {
	ContinentCode   string `xml:",omitempty"`
	CountryCode     string `xml:",omitempty"`
	SubdivisionCode string `xml:",omitempty"`
}

// aliasTarget is what a record is another name of.
type aliasTarget struct {
	HostedZoneId         string
	DNSName              string
	EvaluateTargetHealth bool
}

// recordTypes are those that a record may have.
var recordTypes = []string{"A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"}

// namePattern is the form of names in lower case: labels with a final dot each,
// the first of which may be an asterisk.
var namePattern = lazy.MustCompile(`^(\*\.)?([a-z0-9_\\-]{1,63}\.)+$`)

func validName(name string) bool { return len(name) <= 255 && namePattern.MatchString(name) }

func invalidInput(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidInput", format, args...)
}

// invalidBatch is the fault of a change that does not fit what is there.
func invalidBatch(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidChangeBatch", "["+format+"]", args...)
}

// check returns the fault of a record for a zone.
func (r *record) check(z *zone) error {
	lists := r.TTL != "" && len(r.ResourceRecords) > 0
	switch {
	case !validName(r.Name):
		return invalidBatch("Invalid Resource Record: FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with '%s'", r.Name)
	case !slices.Contains(recordTypes, r.Type):
		return invalidInput("Invalid record type: %s", r.Type)
	case (r.AliasTarget != nil) == lists, r.AliasTarget != nil && (r.TTL != "" || len(r.ResourceRecords) > 0):
		found := "none"
		if r.AliasTarget != nil {
			found = "more than one"
		}
		return invalidInput("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found %s in Change with [Action=CREATE, Name=%s, Type=%s, SetIdentifier=%s]",
			found, r.Name, r.Type, cmp.Or(r.SetIdentifier, "null"))
	case !z.Unknown && r.Name != z.Name && !strings.HasSuffix(r.Name, "."+z.Name):
		return invalidBatch("RRSet with DNS name %s is not permitted in zone %s", r.Name, z.Name)
	case r.Type == "CNAME" && r.Name == z.Name && !z.Unknown:
		return invalidBatch("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", r.Name, z.Name)
	}
	return r.checkAddresses()
}

func (r *record) checkAddresses() error {
	for _, value := range r.ResourceRecords {
		address, err := netip.ParseAddr(value)
		switch {
		case r.Type == "A" && (err != nil || !address.Is4()):
			return invalidBatch("Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '%s''", value)
		case r.Type == "AAAA" && (err != nil || !address.Is6()):
			return invalidBatch("Invalid Resource Record: 'FATAL problem: AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address) encountered with '%s''", value)
		}
	}
	return nil
}

// same reports whether two records cannot be side by side.
func (r *record) same(other *record) bool {
	return r.Name == other.Name && r.Type == other.Type && r.SetIdentifier == other.SetIdentifier
}

// compare orders records as the API lists them: by name, from the last label to
// the first, and by type.
func (r *record) compare(other *record) int {
	return cmp.Or(strings.Compare(reversed(r.Name), reversed(other.Name)), strings.Compare(r.Type, other.Type), strings.Compare(r.SetIdentifier, other.SetIdentifier))
}

func reversed(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// replace takes records out of a zone and puts others in, all or nothing.
func (s *Service) replace(account string, p place, old, new []*record) error {
	if len(new) == 0 && len(old) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	z, err := s.zoneFor(account, p, old, new)
	if err != nil {
		return err
	}
	list := slices.DeleteFunc(slices.Clone(z.Records), func(r *record) bool { return slices.ContainsFunc(old, r.same) })
	for _, r := range new {
		if err := r.check(z); err != nil {
			return err
		}
		if slices.ContainsFunc(list, r.same) {
			return invalidBatch("Tried to create resource record set [name='%s', type='%s'] but it already exists", r.Name, r.Type)
		}
		if slices.ContainsFunc(list, func(other *record) bool {
			return other.Name == r.Name && (other.Type == "CNAME") != (r.Type == "CNAME")
		}) {
			return invalidBatch("RRSet of type %s with DNS name %s is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone %s", r.Type, r.Name, z.Name)
		}
		list = append(list, r)
	}
	slices.SortFunc(list, (*record).compare)
	z.Records = list
	s.settle(z)
	return nil
}
