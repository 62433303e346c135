// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// source is the object that a copy reads.
type source struct {
	object *object
	bucket string
	key    string
}

// source finds what x-amz-copy-source names: "bucket/key", percent-encoded,
// perhaps with a slash before and ?versionId= behind. The caller holds the lock.
func (s *Service) source(r *request) (source, error) {
	name, query, _ := strings.Cut(r.Header.Get("X-Amz-Copy-Source"), "?")
	name, err := url.PathUnescape(strings.TrimPrefix(name, "/"))
	bucket, key, ok := strings.Cut(name, "/")
	if err != nil || !ok || bucket == "" || key == "" {
		return source{}, invalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	if strings.HasPrefix(bucket, "arn:") {
		return source{}, notModelled("access points as the source of a copy")
	}
	b := s.buckets[bucket]
	if b == nil {
		return source{}, noSuchBucket()
	}
	if err := b.isOwnedBy(r.Header.Get("X-Amz-Source-Expected-Bucket-Owner")); err != nil {
		return source{}, err
	}
	if b.Account != r.id.Account {
		return source{}, accessDenied()
	}
	values, _ := url.ParseQuery(query)
	o := b.version(key, values.Get("versionId"))
	if o == nil || o.Marker {
		return source{}, noSuchKey()
	}
	if b.Versioning != "" {
		r.w.Header().Set("X-Amz-Copy-Source-Version-Id", o.Version)
	}
	return source{object: o, bucket: bucket, key: key}, mayRead(r.Header, "X-Amz-Copy-Source-", o)
}

type copyResult struct {
	XMLName      xml.Name
	LastModified string
	ETag         string
	ChecksumType string    `xml:",omitempty"`
	Checksum     *sumValue `xml:",omitempty"`
}

// sumValue is a checksum in XML, whose element is named after its algorithm.
type sumValue struct {
	XMLName xml.Name
	Value   string `xml:",chardata"`
}

func (c checksum) element() *sumValue {
	if c.Algorithm == "" {
		return nil
	}
	return &sumValue{XMLName: xml.Name{Local: "Checksum" + c.Algorithm}, Value: c.Value}
}

// copyObject follows the page CopyObject.
func (s *Service) copyObject(r *request) error {
	if err := s.refuseUnmodelled(r); err != nil {
		return err
	}
	given, err := newObject(r.Header)
	if err != nil {
		return err
	}
	s.mu.RLock()
	from, err := s.source(r)
	blob := ""
	if err == nil {
		if err = illegalCopy(r, from); err == nil {
			blob, err = s.blobs.clone(from.object.Blob)
		}
	}
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	o := from.copied(r.Header, given)
	o.Blob = blob
	if err := s.commit(r, o); err != nil {
		return err
	}
	r.xml(http.StatusOK, copyResult{
		XMLName: xml.Name{Space: namespace, Local: "CopyObjectResult"}, LastModified: stamp(o.Modified), ETag: o.ETag,
		ChecksumType: o.Checksum.Type, Checksum: o.Checksum.element(),
	})
	return nil
}

// copied describes the copy of an object: with its own headers or those given,
// as the directives say.
func (from source) copied(h http.Header, given *object) *object {
	o := &object{Size: from.object.Size, ETag: from.object.ETag, Checksum: from.object.Checksum, Tags: from.object.Tags}
	if strings.EqualFold(h.Get("X-Amz-Metadata-Directive"), "REPLACE") {
		o.Headers, o.Meta = given.Headers, given.Meta
	} else {
		o.Headers, o.Meta = maps.Clone(from.object.Headers), from.object.Meta
		for _, name := range []string{"X-Amz-Storage-Class", "X-Amz-Website-Redirect-Location"} { // never copied
			delete(o.Headers, name)
			if value := given.Headers[name]; value != "" {
				o.Headers[name] = value
			}
		}
	}
	if strings.EqualFold(h.Get("X-Amz-Tagging-Directive"), "REPLACE") {
		o.Tags = given.Tags
	}
	return o
}

// illegalCopy refuses bad directives and the copy of an object to itself that
// changes nothing.
func illegalCopy(r *request, from source) error {
	changes := false
	for _, name := range []string{"X-Amz-Metadata-Directive", "X-Amz-Tagging-Directive"} {
		switch strings.ToUpper(r.Header.Get(name)) {
		case "", "COPY":
		case "REPLACE":
			changes = true
		default:
			return invalidArgument("Unknown %s.", strings.ToLower(strings.TrimPrefix(name, "X-Amz-")))
		}
	}
	changes = changes || r.Header.Get("X-Amz-Storage-Class") != "" || r.Header.Get("X-Amz-Website-Redirect-Location") != "" || strings.Contains(r.Header.Get("X-Amz-Copy-Source"), "versionId=")
	if !changes && from.bucket == r.bucket && from.key == r.key {
		return invalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	return nil
}
