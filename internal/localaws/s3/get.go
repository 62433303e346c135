// SPDX-License-Identifier: MIT

package s3

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// find returns the object that a request names, which is no delete marker. The
// caller holds the lock.
func (s *Service) find(r *request) (*object, error) {
	b, err := s.lookup(r)
	if err != nil {
		return nil, err
	}
	id := r.query.Get("versionId")
	o := b.version(r.key, id)
	switch {
	case o == nil && id != "":
		return nil, wire.Errorf(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
	case o == nil:
		return nil, noSuchKey()
	case o.Marker:
		r.w.Header().Set(headerDeleteMarker, "true")
		o.identify(r.w.Header())
		if id != "" {
			r.w.Header().Set("Last-Modified", o.Modified.Format(http.TimeFormat))
			return nil, wire.Errorf(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
		}
		return nil, noSuchKey()
	}
	return o, nil
}

// identify sets the version id of objects that have one.
func (o *object) identify(h http.Header) {
	if o.Version != "null" {
		h.Set(headerVersionID, o.Version)
	}
}

// openObject finds the object of a request and opens its bytes, so that they
// stay readable when it is replaced or deleted.
func (s *Service) openObject(r *request) (*object, *os.File, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, err := s.find(r)
	if err != nil {
		return nil, nil, err
	}
	f, err := s.blobs.open(o.Blob)
	return o, f, err
}

// getObject answers GetObject and HeadObject.
func (s *Service) getObject(r *request) error {
	o, f, err := s.openObject(r)
	if err != nil {
		return s.hide(r, err)
	}
	defer f.Close()
	return r.send(o, f)
}

// send answers with an object as the conditions and the range of the request
// say.
func (r *request) send(o *object, f *os.File) error {
	h := r.w.Header()
	if err := mayRead(r.Header, "", o); err != nil {
		if code(err) == "NotModified" {
			o.validate(h)
		}
		return err
	}
	span, partial, err := parseRange(r.Header.Get("Range"), o.Size)
	if err != nil {
		h.Set("Content-Range", fmt.Sprintf("bytes */%d", o.Size))
		return err
	}
	o.describe(h)
	if err := r.override(h); err != nil {
		return err
	}
	h.Set("Content-Length", strconv.FormatInt(span.length, 10))
	status := http.StatusOK
	if partial {
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", span.start, span.start+span.length-1, o.Size))
		status = http.StatusPartialContent
	} else if r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" {
		o.Checksum.set(h)
	}
	r.w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := f.Seek(span.start, io.SeekStart); err == nil {
		_, _ = io.CopyN(r.w, f, span.length) // an error means that the client is gone
	}
	return nil
}

// hide turns "there is no such key" into "access denied" for those who may not
// list the bucket, as S3 does.
func (s *Service) hide(r *request, err error) error {
	if code(err) != "NoSuchKey" {
		return err
	}
	if !r.id.Anonymous && r.from.Principal == "" {
		if denied := s.env.Access.Check(r.id, objectNeed("ListBucket", r.bucket, "", "")); denied != nil {
			return refusal(denied)
		}
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, lost := s.lookup(r)
	if lost != nil {
		return lost
	}
	if r.from.Principal != "" {
		if b.admitSender(r.from, "ListBucket", "") != nil {
			return accessDenied()
		}
		return err
	}
	if b.admitAnonymous("s3:ListBucket", "") != nil {
		return accessDenied()
	}
	return err
}

// validate sets the headers by which a client knows what it has.
func (o *object) validate(h http.Header) {
	h.Set("ETag", o.ETag)
	h.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	if cache := o.Headers["Cache-Control"]; cache != "" {
		h.Set("Cache-Control", cache)
	}
	o.identify(h)
}

// describe sets the headers that tell about an object.
func (o *object) describe(h http.Header) {
	o.validate(h)
	for name, value := range o.Headers {
		h.Set(name, value)
	}
	for name, value := range o.Meta {
		h.Set("X-Amz-Meta-"+name, value)
	}
	h.Set("Accept-Ranges", "bytes")
	h.Set("X-Amz-Server-Side-Encryption", "AES256")
	if len(o.Tags) > 0 {
		h.Set("X-Amz-Tagging-Count", strconv.Itoa(len(o.Tags)))
	}
}

// override sets the headers that the query asks for, such as
// response-content-type; only signed requests may.
func (r *request) override(h http.Header) error {
	names := map[string]string{
		"response-cache-control": "Cache-Control", "response-content-disposition": "Content-Disposition",
		"response-content-encoding": "Content-Encoding", "response-content-language": "Content-Language",
		"response-content-type": "Content-Type", "response-expires": "Expires",
	}
	for parameter, header := range names {
		value := r.query.Get(parameter)
		if value == "" {
			continue
		}
		if r.id.Anonymous {
			return invalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
		}
		h.Set(header, value)
	}
	return nil
}
