// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func isSystemTag(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") }

func keysOf(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func tagMap(list []tag) map[string]string {
	tags := make(map[string]string, len(list))
	for _, t := range list {
		tags[t.Key] = t.Value
	}
	return tags
}

func tagList(tags map[string]string) []tag {
	list := make([]tag, 0, len(tags))
	for _, key := range keysOf(tags) {
		list = append(list, tag{key, tags[key]})
	}
	return list
}

func invalidTag(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidTag", format, args...)
}

// parseTagging reads the body of the tagging calls; most is the largest number
// of tags, 50 for buckets and 10 for objects.
func parseTagging(body []byte, most int) (map[string]string, error) {
	var in tagging
	if xml.Unmarshal(body, &in) != nil {
		return nil, malformedXML()
	}
	tags := tagMap(in.Set)
	if len(tags) != len(in.Set) {
		return nil, invalidTag("Cannot provide multiple Tags with the same key")
	}
	return tags, checkTags(tags, most)
}

func checkTags(tags map[string]string, most int) error {
	if len(tags) > most {
		return wire.Errorf(http.StatusBadRequest, "BadRequest", "Object tags cannot be greater than %d", most)
	}
	for key, value := range tags {
		if key == "" || len(key) > 128*4 || len([]rune(key)) > 128 {
			return invalidTag("The TagKey you have provided is invalid")
		}
		if len([]rune(value)) > 256 {
			return invalidTag("The TagValue you have provided is invalid")
		}
	}
	return nil
}

// headerTags reads x-amz-tagging: tags in the form of a query string.
func headerTags(h http.Header) (map[string]string, error) {
	text := h.Get("X-Amz-Tagging")
	if text == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, invalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	tags := map[string]string{}
	for key, list := range values {
		if len(list) != 1 {
			return nil, invalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		tags[key] = list[0]
	}
	return tags, checkTags(tags, 10)
}

func (s *Service) getTagging(r *request) error {
	s.mu.RLock()
	o, err := s.find(r)
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	o.identify(r.w.Header())
	r.xml(http.StatusOK, tagging{Set: tagList(o.Tags)})
	return nil
}

func (s *Service) putTagging(r *request) error {
	body, err := r.document(64 << 10)
	if err != nil {
		return err
	}
	tags, err := parseTagging(body, 10)
	if err != nil {
		return err
	}
	return s.tag(r, tags, http.StatusOK)
}

func (s *Service) deleteTagging(r *request) error { return s.tag(r, nil, http.StatusNoContent) }

func (s *Service) tag(r *request, tags map[string]string, status int) error {
	happened, err := s.retag(r, tags)
	if err != nil {
		return err
	}
	s.notify(r, happened)
	return r.empty(status)
}

// retag replaces the tags of the object of a request.
func (s *Service) retag(r *request, tags map[string]string) (occurrence, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(r)
	if err != nil {
		return occurrence{}, err
	}
	changed := *o // readers may hold the old one
	changed.Tags = tags
	b := s.buckets[r.bucket]
	versions := slices.Clone(b.Objects[r.key])
	versions[slices.Index(versions, o)] = &changed
	b.Objects[r.key] = versions
	s.changed()
	o.identify(r.w.Header())
	event := "s3:ObjectTagging:Put"
	if tags == nil {
		event = "s3:ObjectTagging:Delete"
	}
	return s.occurred(b, event, r.key, &changed), nil
}

// getACL returns what every ACL is where ACLs are off: full control of the
// owner.
func (s *Service) getACL(r *request) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.lookup(r)
	if err != nil {
		return err
	}
	if r.key != "" {
		if _, err := s.find(r); err != nil {
			return err
		}
	}
	id := ownerOf(b.Account)
	r.xml(http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ AccessControlPolicy"`
		Owner   owner
		Grants  []grant `xml:"AccessControlList>Grant"`
	}{Owner: id, Grants: []grant{{grantee{Space: "http://www.w3.org/2001/XMLSchema-instance", Type: "CanonicalUser", owner: id}, "FULL_CONTROL"}}})
	return nil
}

type grant struct {
	Grantee    grantee
	Permission string
}

type grantee struct {
	Space string `xml:"xmlns:xsi,attr"`
	Type  string `xml:"xsi:type,attr"`
	owner
}

// putACL refuses: ACLs are off for new buckets, and not modelled where a bucket
// has them on.
func (s *Service) putACL(r *request) error { return s.refuseACL(r.bucket) }

func (s *Service) refuseACL(bucket string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if b := s.buckets[bucket]; b != nil && (b.Ownership == "" || b.Ownership == "BucketOwnerEnforced") {
		return wire.Errorf(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs")
	}
	return notModelled("access control lists")
}
