// SPDX-License-Identifier: MIT

package s3

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// keptHeaders are the headers of a write that S3 returns with the object.
func keptHeaders() []string {
	return []string{
		"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires",
		"X-Amz-Storage-Class", "X-Amz-Website-Redirect-Location",
	}
}

// described reads what is kept of the headers of a write.
func described(h http.Header) (headers, meta map[string]string, err error) {
	headers, meta = map[string]string{}, map[string]string{}
	for _, name := range keptHeaders() {
		if value := h.Get(name); value != "" {
			headers[name] = value
		}
	}
	if encoding := withoutChunked(headers["Content-Encoding"]); encoding != "" {
		headers["Content-Encoding"] = encoding
	} else {
		delete(headers, "Content-Encoding")
	}
	if headers["Content-Type"] == "" {
		headers["Content-Type"] = "binary/octet-stream"
	}
	if headers["X-Amz-Storage-Class"] == "STANDARD" {
		delete(headers, "X-Amz-Storage-Class") // S3 does not return the default
	}
	size := 0
	for name, values := range h {
		if key, ok := strings.CutPrefix(name, "X-Amz-Meta-"); ok {
			meta[strings.ToLower(key)] = strings.Join(values, ",")
			size += len(key) + len(meta[strings.ToLower(key)])
		}
	}
	if size > 2<<10 {
		return nil, nil, wire.Errorf(http.StatusBadRequest, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
	}
	return headers, meta, nil
}

func withoutChunked(encodings string) string {
	var rest []string
	for encoding := range strings.SplitSeq(encodings, ",") {
		if encoding = strings.TrimSpace(encoding); encoding != "" && encoding != "aws-chunked" {
			rest = append(rest, encoding)
		}
	}
	return strings.Join(rest, ",")
}

// refuseUnmodelled refuses a write with headers whose meaning would be lost.
func (s *Service) refuseUnmodelled(r *request) error {
	if acl := r.Header.Get("X-Amz-Acl"); acl != "" && acl != "bucket-owner-full-control" {
		return s.refuseACL(r.bucket)
	}
	if sse := r.Header.Get("X-Amz-Server-Side-Encryption"); sse != "" && sse != "AES256" {
		return notModelled("encryption with " + sse)
	}
	for name := range r.Header {
		switch {
		case strings.HasPrefix(name, "X-Amz-Grant-"):
			return s.refuseACL(r.bucket)
		case strings.HasPrefix(name, "X-Amz-Object-Lock-"):
			return notModelled("object lock")
		case strings.HasPrefix(name, "X-Amz-Server-Side-Encryption-Customer-"), strings.HasPrefix(name, "X-Amz-Copy-Source-Server-Side-Encryption-"):
			return notModelled("encryption with keys of the customer")
		case name == "X-Amz-Write-Offset-Bytes":
			return notModelled("appending to objects")
		}
	}
	class := r.Header.Get("X-Amz-Storage-Class")
	known := []string{"", "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}
	switch {
	case slices.Contains([]string{"GLACIER", "DEEP_ARCHIVE"}, class):
		return notModelled("the storage class " + class)
	case !slices.Contains(known, class):
		return wire.Errorf(http.StatusBadRequest, "InvalidStorageClass", "The storage class you specified is not valid")
	}
	return nil
}

// putObject follows the page PutObject. The conditions are evaluated before the
// body is read, to spare it, and again when it counts.
func (s *Service) putObject(r *request) error {
	if err := s.refuseUnmodelled(r); err != nil {
		return err
	}
	o, err := newObject(r.Header)
	if err != nil {
		return err
	}
	s.mu.RLock()
	b, err := s.lookup(r)
	if err == nil {
		err = mayWrite(r.Header, b.current(r.key))
	}
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	body, err := s.receive(r, r.Header.Get("X-Amz-Sdk-Checksum-Algorithm"))
	if err != nil {
		return err
	}
	o.Blob, o.Size, o.ETag, o.Checksum = body.blob, body.size, body.etag(), body.checksum
	if err := s.commit(r, o); err != nil {
		return err
	}
	r.w.Header().Set("ETag", o.ETag)
	o.Checksum.set(r.w.Header())
	return r.empty(http.StatusOK)
}

// newObject describes an object by the headers of a write.
func newObject(h http.Header) (*object, error) {
	headers, meta, err := described(h)
	if err != nil {
		return nil, err
	}
	tags, err := headerTags(h)
	if err != nil {
		return nil, err
	}
	return &object{Headers: headers, Meta: meta, Tags: tags}, nil
}

// commit makes o the current version of the key of the request if its
// conditions hold at this moment; otherwise the blob is removed.
func (s *Service) commit(r *request, o *object) error {
	replaced, happened, err := s.replace(r, o)
	if err != nil {
		s.blobs.remove(o.Blob)
		return err
	}
	if replaced != nil {
		s.blobs.remove(replaced.Blob)
	}
	s.changed()
	s.notify(r, happened)
	r.w.Header().Set("X-Amz-Server-Side-Encryption", "AES256")
	return nil
}

func (s *Service) replace(r *request, o *object) (replaced *object, happened occurrence, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(r)
	if err != nil {
		return nil, happened, err
	}
	if err := mayWrite(r.Header, b.current(r.key)); err != nil {
		return nil, happened, err
	}
	o.Modified = s.env.Now().UTC()
	replaced = b.add(r.key, o)
	if b.Versioning != "" {
		r.w.Header().Set(headerVersionID, o.Version)
	}
	return replaced, s.created(b, r, o), nil
}
