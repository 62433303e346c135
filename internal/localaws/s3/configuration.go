// SPDX-License-Identifier: MIT

package s3

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// configuration is one kind of configuration that a bucket can have. Its
// functions are called with the lock held.
type configuration struct {
	name   string                             // of the API operations, after Get, Put and Delete
	get    func(b *bucket) (any, error)       // a struct for XML, or text to be sent as it is
	put    func(b *bucket, body []byte) error // nil: there is no such operation
	remove func(b *bucket)                    // nil: there is no such operation
	status int                                // of Put; 0 means 200
}

// configurations are the modelled kinds by subresource. Texts and codes of what
// is missing are those of the API reference.
func configurations() map[string]configuration {
	return map[string]configuration{
		"policy":            {name: "BucketPolicy", get: getPolicy, put: putPolicy, remove: func(b *bucket) { b.Policy = "" }, status: http.StatusNoContent},
		"policyStatus":      {name: "BucketPolicyStatus", get: getPolicyStatus},
		"publicAccessBlock": {name: "PublicAccessBlock", get: getAccess, put: putAccess, remove: func(b *bucket) { b.Access = nil }},
		"tagging":           {name: "BucketTagging", get: getTags, put: putTags, remove: func(b *bucket) { b.Tags = nil }, status: http.StatusNoContent},
		"lifecycle":         {name: "BucketLifecycleConfiguration", get: getLifecycle, put: putLifecycle, remove: func(b *bucket) { b.keep("lifecycle", nil) }},
		"versioning":        {name: "BucketVersioning", get: getVersioning, put: putVersioning},
		"encryption":        {name: "BucketEncryption", get: getEncryption, put: putEncryption, remove: func(b *bucket) { b.keep("encryption", nil) }},
		"ownershipControls": {name: "BucketOwnershipControls", get: getOwnership, put: putOwnership, remove: func(b *bucket) { b.Ownership = "" }},
		"website":           {name: "BucketWebsite", get: getWebsite, put: putWebsite, remove: func(b *bucket) { b.Website = nil }},
		"cors":              {name: "BucketCors", get: getCors, put: putCors, remove: func(b *bucket) { b.Cors = nil }},
	}
}

func missing(code, text string) error { return wire.Errorf(http.StatusNotFound, code, "%s", text) }

func (c configuration) serveGet(s *Service, r *request) error {
	s.mu.RLock()
	b, err := s.lookup(r)
	var body any
	if err == nil {
		body, err = c.get(b)
	}
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	text, ok := body.(string)
	if !ok {
		r.xml(http.StatusOK, body)
		return nil
	}
	r.w.Header().Set("Content-Type", "application/xml")
	if c.name == "BucketPolicy" {
		r.w.Header().Set("Content-Type", "application/json")
	}
	_, _ = r.w.Write([]byte(text)) // an error means that the client is gone
	return nil
}

func (c configuration) servePut(s *Service, r *request) error {
	body, err := r.document(1 << 20)
	if err != nil {
		return err
	}
	if err := s.configure(r.bucket, func(b *bucket) error { return c.put(b, body) }); err != nil {
		return err
	}
	return r.empty(max(c.status, http.StatusOK))
}

func (c configuration) serveDelete(s *Service, r *request) error {
	err := s.configure(r.bucket, func(b *bucket) error { c.remove(b); return nil })
	if err != nil {
		return err
	}
	return r.empty(http.StatusNoContent)
}

// configure changes a bucket and opens or closes its website's door as its
// configuration then says.
func (s *Service) configure(name string, change func(*bucket) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		return noSuchBucket()
	}
	had := b.Website != nil
	if err := change(b); err != nil {
		return err
	}
	s.changed()
	switch {
	case b.Website != nil && !had:
		return s.openDoor(b)
	case b.Website == nil && had:
		s.env.Doors.Close(doorName(name))
	}
	return nil
}

// keep stores a configuration as it was put, or takes it away.
func (b *bucket) keep(sub string, body []byte) {
	if body == nil {
		delete(b.Kept, sub)
		return
	}
	if b.Kept == nil {
		b.Kept = map[string]string{}
	}
	b.Kept[sub] = string(body)
}
