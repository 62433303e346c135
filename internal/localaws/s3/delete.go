// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"errors"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// deletion says what became of a key that was deleted.
type deletion struct {
	version string  // the one that was removed or the marker that was made; "" in unversioned buckets
	marker  bool    // a marker was made or removed
	made    *object // the marker that was made
	gone    *object
}

// remove deletes a key as the bucket's versioning says: for good, behind a
// delete marker, or one version. What is absent is no error. The caller holds
// the lock and then removes the blob of what is gone.
func (s *Service) remove(b *bucket, key, version, ifMatch string) (deletion, error) {
	if err := mayDelete(ifMatch, b.version(key, version)); err != nil {
		return deletion{}, err
	}
	s.changed()
	switch {
	case version != "":
		gone := b.removeVersion(key, version)
		return deletion{version: version, marker: gone != nil && gone.Marker, gone: gone}, nil
	case b.Versioning == "":
		return deletion{gone: b.removeVersion(key, "null")}, nil
	}
	marker := &object{Marker: true, Modified: s.env.Now().UTC()}
	replaced := b.add(key, marker)
	return deletion{version: marker.Version, marker: true, made: marker, gone: replaced}, nil
}

func (s *Service) deleteObject(r *request) error {
	s.mu.Lock()
	b, err := s.lookup(r)
	var done deletion
	var happened []occurrence
	if err == nil {
		done, err = s.remove(b, r.key, r.query.Get("versionId"), r.Header.Get("If-Match"))
	}
	if err == nil {
		happened = s.removed(b, r.key, done)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.dispose(done)
	s.notify(r, happened...)
	if done.version != "" {
		r.w.Header().Set(headerVersionID, done.version)
	}
	if done.marker {
		r.w.Header().Set(headerDeleteMarker, "true")
	}
	return r.empty(http.StatusNoContent)
}

func (s *Service) dispose(d deletion) {
	if d.gone != nil {
		s.blobs.remove(d.gone.Blob)
	}
}

// deleteList is the body of DeleteObjects.
type deleteList struct {
	XMLName xml.Name `xml:"Delete"`
	Quiet   bool
	Objects []struct {
		Key       string
		VersionID string `xml:"VersionId"`
		ETag      string
	} `xml:"Object"`
}

type deletedKey struct {
	Key                   string
	VersionID             string `xml:"VersionId,omitempty"`
	DeleteMarker          bool   `xml:",omitempty"`
	DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
}

type undeletedKey struct {
	Key       string
	VersionID string `xml:"VersionId,omitempty"`
	Code      string
	Message   string
}

type deleteResult struct {
	XMLName xml.Name       `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
	Deleted []deletedKey   `xml:",omitempty"`
	Error   []undeletedKey `xml:",omitempty"`
}

// deleteObjects follows the page DeleteObjects: up to 1000 keys, each with an
// outcome of its own.
func (s *Service) deleteObjects(r *request) error {
	if c, err := claimed(r.Header); err != nil || c.algorithm == "" && r.Header.Get("Content-Md5") == "" {
		return errors.Join(err, invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*"))
	}
	body, err := r.document(4 << 20)
	if err != nil {
		return err
	}
	in, err := parseDelete(body)
	if err != nil {
		return err
	}
	var out deleteResult
	happened, err := s.deleteAll(r, in, &out)
	if err != nil {
		return err
	}
	s.notify(r, happened...)
	r.xml(http.StatusOK, out)
	return nil
}

// deleteAll deletes the objects of a list, each with an outcome of its own.
func (s *Service) deleteAll(r *request, in deleteList, out *deleteResult) ([]occurrence, error) {
	denied := s.undeletable(r, in)
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(r)
	if err != nil {
		return nil, err
	}
	var happened []occurrence
	for i, o := range in.Objects {
		var done deletion
		err := denied[i]
		if err == nil {
			done, err = s.remove(b, o.Key, o.VersionID, o.ETag)
		}
		if e, ok := errors.AsType[*wire.Error](err); ok {
			out.Error = append(out.Error, undeletedKey{o.Key, o.VersionID, e.Code, e.Message})
			continue
		}
		happened = append(happened, s.removed(b, o.Key, done)...)
		s.dispose(done)
		entry := deletedKey{Key: o.Key, VersionID: o.VersionID, DeleteMarker: done.marker}
		if done.marker {
			entry.DeleteMarkerVersionID = done.version
		}
		if !in.Quiet {
			out.Deleted = append(out.Deleted, entry)
		}
	}
	return happened, nil
}

// undeletable returns the errors of the objects, by their place in the list, that
// the caller may not delete. The lock is not held.
func (s *Service) undeletable(r *request, in deleteList) map[int]error {
	denied := map[int]error{}
	for i, o := range in.Objects {
		if err := s.env.Access.Check(r.id, objectNeed("DeleteObject", r.bucket, o.Key, o.VersionID)); err != nil {
			denied[i] = refusal(err)
		}
	}
	return denied
}

func parseDelete(body []byte) (deleteList, error) {
	var in deleteList
	if xml.Unmarshal(body, &in) != nil || len(in.Objects) == 0 || len(in.Objects) > 1000 {
		return deleteList{}, malformedXML()
	}
	for _, o := range in.Objects {
		if o.Key == "" {
			return deleteList{}, wire.Errorf(http.StatusBadRequest, "UserKeyMustBeSpecified", "The bucket DELETE request must specify a key.")
		}
	}
	return in, nil
}
