// SPDX-License-Identifier: MIT

package route53

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// shownZone is a HostedZone of the API.
type shownZone struct {
	ID              string `xml:"Id"`
	Name            string
	CallerReference string
	Config          struct {
		Comment     string `xml:",omitempty"`
		PrivateZone bool
	}
	ResourceRecordSetCount int
}

func (z *zone) shown() shownZone {
	out := shownZone{ID: "/hostedzone/" + z.ID, Name: z.Name, CallerReference: cmp.Or(z.Reference, z.ID), ResourceRecordSetCount: len(z.Records)}
	out.Config.Comment = z.Comment
	if z.Named {
		out.Config.Comment = "not a zone of the embedded AWS: a template names it"
	}
	return out
}

// ordered returns the zones of an account by name, from the last label to the
// first, and identifier; s.mu is held.
func (s *Service) ordered(account string) []*zone {
	list := slices.DeleteFunc(slices.Collect(maps.Values(s.zones)), func(z *zone) bool { return z.Account != account })
	slices.SortFunc(list, func(a, b *zone) int {
		return cmp.Or(strings.Compare(reversed(a.Name), reversed(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return list
}

type zonesOutput struct {
	HostedZones  []shownZone `xml:"HostedZones>HostedZone"`
	DNSName      string      `xml:",omitempty"`
	HostedZoneID string      `xml:"HostedZoneId,omitempty"`
	Marker       string      `xml:",omitempty"`
	IsTruncated  bool
	NextMarker   string `xml:",omitempty"`
	NextDNSName  string `xml:",omitempty"`
	NextZoneID   string `xml:"NextHostedZoneId,omitempty"`
	MaxItems     int
}

// page returns the zones from the first that begins holds for.
func (s *Service) page(q question, begins func(z *zone) bool) (out zonesOutput, next *zone, err error) {
	if out.MaxItems, err = q.most(); err != nil {
		return out, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.ordered(q.account)
	if i := slices.IndexFunc(list, begins); i >= 0 {
		list = list[i:]
	} else {
		list = nil
	}
	if len(list) > out.MaxItems {
		next, out.IsTruncated, list = list[out.MaxItems], true, list[:out.MaxItems]
	}
	for _, z := range list {
		out.HostedZones = append(out.HostedZones, z.shown())
	}
	return out, next, nil
}

func (s *Service) listZones(q question) (any, error) {
	marker := q.parameter("marker")
	out, next, err := s.page(q, func(z *zone) bool { return marker == "" || z.ID == marker })
	if next != nil {
		out.NextMarker = next.ID
	}
	out.Marker = marker
	return out, err
}

func (s *Service) listByName(q question) (any, error) {
	name, id := q.parameter("dnsname"), strings.TrimPrefix(q.parameter("hostedzoneid"), "/hostedzone/")
	out, next, err := s.page(q, func(z *zone) bool {
		order := strings.Compare(reversed(z.Name), reversed(dotted(name)))
		return name == "" || order > 0 || order == 0 && z.ID >= id
	})
	if next != nil {
		out.NextDNSName, out.NextZoneID = next.Name, next.ID
	}
	out.DNSName, out.HostedZoneID = name, id
	return out, err
}

type zoneOutput struct {
	HostedZone  shownZone
	NameServers []string `xml:"DelegationSet>NameServers>NameServer"`
}

func (s *Service) getZone(q question) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, err := s.find(q.account, q.PathValue("Id"))
	if err != nil {
		return nil, err
	}
	return zoneOutput{z.shown(), z.nameServers()}, nil
}

type changeOutput struct {
	ID          string `xml:"ChangeInfo>Id"`
	Status      string `xml:"ChangeInfo>Status"`
	SubmittedAt string `xml:"ChangeInfo>SubmittedAt"`
}

func (s *Service) deleteZone(q question) (any, error) {
	if err := s.remove(q.account, q.PathValue("Id")); err != nil {
		return nil, err
	}
	return changeOutput{"/change/" + identifier(wire.RequestID()), "INSYNC", s.env.Now().UTC().Format(time.RFC3339)}, nil
}

// shown is a ResourceRecordSet of the API, which writes an asterisk as \052.
type shown struct {
	*record
	Name   string
	Values []value `xml:"ResourceRecords>ResourceRecord"`
}

type value struct{ Value string }

func (r *record) shown() shown {
	out := shown{record: r, Name: strings.Replace(r.Name, "*", `\052`, 1)}
	for _, text := range r.ResourceRecords {
		out.Values = append(out.Values, value{text})
	}
	return out
}

type recordsOutput struct {
	ResourceRecordSets []shown `xml:"ResourceRecordSets>ResourceRecordSet"`
	IsTruncated        bool
	NextRecordName     string `xml:",omitempty"`
	NextRecordType     string `xml:",omitempty"`
	NextRecordID       string `xml:"NextRecordIdentifier,omitempty"`
	MaxItems           int
}

func (s *Service) listRecords(q question) (any, error) {
	most, err := q.most()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	z, err := s.find(q.account, q.PathValue("Id"))
	if err != nil {
		return nil, err
	}
	first := &record{Type: q.parameter("type"), SetIdentifier: q.parameter("identifier")}
	if name := q.parameter("name"); name != "" {
		first.Name = dotted(name)
	}
	out := recordsOutput{MaxItems: most}
	for _, r := range z.Records {
		switch {
		case first.Name != "" && r.compare(first) < 0:
		case len(out.ResourceRecordSets) == most:
			out.IsTruncated, out.NextRecordName, out.NextRecordType, out.NextRecordID = true, r.Name, r.Type, r.SetIdentifier
			return out, nil
		default:
			out.ResourceRecordSets = append(out.ResourceRecordSets, r.shown())
		}
	}
	return out, nil
}

type tagsOutput struct {
	ResourceType string `xml:"ResourceTagSet>ResourceType"`
	ResourceID   string `xml:"ResourceTagSet>ResourceId"`
	Tags         []tag  `xml:"ResourceTagSet>Tags>Tag"`
}

type tag struct{ Key, Value string }

func (s *Service) listTags(q question) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, err := s.find(q.account, q.PathValue("Id"))
	if err != nil {
		return nil, err
	}
	out := tagsOutput{ResourceType: "hostedzone", ResourceID: z.ID}
	for _, key := range slices.Sorted(maps.Keys(z.Tags)) {
		out.Tags = append(out.Tags, tag{key, z.Tags[key]})
	}
	return out, nil
}
