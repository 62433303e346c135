// SPDX-License-Identifier: MIT

package cloudfront

import (
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
)

// times are those of the API.
const times = "2006-01-02T15:04:05.000Z"

type distributionXML struct {
	XMLName                       xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ Distribution"`
	ID                            string   `xml:"Id"`
	ARN                           string
	Status                        string
	LastModifiedTime              string
	InProgressInvalidationBatches int
	DomainName                    string
	ActiveTrustedSigners          keys
	ActiveTrustedKeyGroups        keys
	DistributionConfig            configXML
}

type summaryXML struct {
	ID               string `xml:"Id"`
	ARN              string
	ETag             string
	Status           string
	LastModifiedTime string
	DomainName       string
	contentXML
	WebACLID string `xml:"WebACLId"`
	Staging  bool
}

type distributionsXML struct {
	XMLName     xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ DistributionList"`
	Marker      string
	NextMarker  string `xml:",omitempty"`
	MaxItems    int
	IsTruncated bool
	Quantity    int
	Items       []summaryXML `xml:"Items>DistributionSummary"`
}

// etag is the version of a distribution, which changes with it.
func (d *distribution) etag() string {
	return "E" + strconv.FormatInt(d.Modified.UnixNano(), 36)
}

func (s *Service) getDistribution(c call) (any, error) {
	if err := c.parameters(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(c.scope, c.PathValue("Id"))
	if err != nil {
		return nil, err
	}
	c.w.Header().Set("ETag", d.etag())
	return distributionXML{
		ID: d.ID, ARN: d.ARN, Status: "Deployed", LastModifiedTime: d.Modified.UTC().Format(times), DomainName: d.Domain, DistributionConfig: d.configXML(),
	}, nil
}

func (s *Service) getConfig(c call) (any, error) {
	if err := c.parameters(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(c.scope, c.PathValue("Id"))
	if err != nil {
		return nil, err
	}
	c.w.Header().Set("ETag", d.etag())
	return struct {
		XMLName xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ DistributionConfig"`
		configXML
	}{configXML: d.configXML()}, nil
}

func (s *Service) listDistributions(c call) (any, error) {
	if err := c.parameters("Marker", "MaxItems"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, id := range slices.Sorted(maps.Keys(s.distributions)) {
		if s.distributions[id].Scope.Account == c.scope.Account {
			all = append(all, id)
		}
	}
	ids, next, most, err := c.page(all)
	if err != nil {
		return nil, err
	}
	out := distributionsXML{Marker: c.query.Get("Marker"), NextMarker: next, MaxItems: most, IsTruncated: next != "", Quantity: len(ids)}
	for _, id := range ids {
		d := s.distributions[id]
		out.Items = append(out.Items, summaryXML{
			ID: d.ID, ARN: d.ARN, ETag: d.etag(), Status: "Deployed", LastModifiedTime: d.Modified.UTC().Format(times), DomainName: d.Domain,
			contentXML: d.Config.contentXML(),
		})
	}
	return out, nil
}

// page returns the ids after Marker, at most MaxItems of them, and the last one
// if there are more.
func (c call) page(ids []string) (page []string, next string, most int, err error) {
	most = 100
	if text := c.query.Get("MaxItems"); text != "" {
		if most, err = strconv.Atoi(text); err != nil || most < 1 {
			return nil, "", 0, invalidArgument("The parameter MaxItems is invalid: %s.", text)
		}
		most = min(most, 100)
	}
	if marker := c.query.Get("Marker"); marker != "" {
		at := slices.Index(ids, marker)
		if at < 0 {
			return nil, "", 0, invalidArgument("The parameter Marker is invalid: %s.", marker)
		}
		ids = ids[at+1:]
	}
	if len(ids) > most {
		return ids[:most], ids[most-1], most, nil
	}
	return ids, "", most, nil
}
