// SPDX-License-Identifier: MIT

package cloudfront

import (
	"encoding/xml"
	"slices"
	"time"
)

type invalidationXML struct {
	XMLName           xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ Invalidation"`
	ID                string   `xml:"Id"`
	Status            string
	CreateTime        string
	InvalidationBatch batchXML
}

// batchXML is what is to be invalidated.
type batchXML struct {
	Paths struct {
		Quantity int
		Items    []string `xml:"Items>Path"`
	}
	CallerReference string
}

func (i *invalidation) xml(status string) invalidationXML {
	out := invalidationXML{ID: i.ID, Status: status, CreateTime: i.Created.UTC().Format(times)}
	out.InvalidationBatch.CallerReference = i.Reference
	out.InvalidationBatch.Paths.Quantity, out.InvalidationBatch.Paths.Items = len(i.Paths), i.Paths
	return out
}

// createInvalidation answers as on AWS that the work has begun, though it is
// done.
func (s *Service) createInvalidation(c call) (any, error) {
	var in batchXML
	if err := xml.NewDecoder(c.Body).Decode(&in); err != nil {
		return nil, faulty("MalformedXML", "The XML document is malformed: %v", err)
	}
	switch {
	case in.CallerReference == "":
		return nil, faulty("MissingArgument", "The parameter CallerReference is required.")
	case in.Paths.Quantity != len(in.Paths.Items):
		return nil, faulty("InconsistentQuantities", "The value of Quantity and the size of Items don't match.")
	}
	made, err := s.invalidate(c.scope, c.PathValue("Id"), in.CallerReference, in.Paths.Items)
	if err != nil {
		return nil, err
	}
	c.w.Header().Set("Location", "https://cloudfront.amazonaws.com"+c.URL.Path+"/"+made.ID)
	return made.xml("InProgress"), nil
}

func (s *Service) getInvalidation(c call) (any, error) {
	found, err := s.findInvalidation(c.scope, c.PathValue("Id"), c.PathValue("Invalidation"))
	if err != nil {
		return nil, err
	}
	return found.xml("Completed"), nil
}

type invalidationsXML struct {
	XMLName     xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ InvalidationList"`
	Marker      string
	NextMarker  string `xml:",omitempty"`
	MaxItems    int
	IsTruncated bool
	Quantity    int
	Items       []invalidationSummaryXML `xml:"Items>InvalidationSummary"`
}

type invalidationSummaryXML struct {
	ID         string `xml:"Id"`
	CreateTime string
	Status     string
}

// listInvalidations returns the newest first.
func (s *Service) listInvalidations(c call) (any, error) {
	if err := c.parameters("Marker", "MaxItems"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(c.scope, c.PathValue("Id"))
	if err != nil {
		return nil, err
	}
	var all []string
	created := map[string]time.Time{}
	for _, i := range slices.Backward(d.Invalidations) {
		all = append(all, i.ID)
		created[i.ID] = i.Created
	}
	ids, next, most, err := c.page(all)
	if err != nil {
		return nil, err
	}
	out := invalidationsXML{Marker: c.query.Get("Marker"), NextMarker: next, MaxItems: most, IsTruncated: next != "", Quantity: len(ids)}
	for _, id := range ids {
		out.Items = append(out.Items, invalidationSummaryXML{id, created[id].UTC().Format(times), "Completed"})
	}
	return out, nil
}
