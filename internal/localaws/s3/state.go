// SPDX-License-Identifier: MIT

package s3

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// bucket is a bucket with all it holds. It is guarded by Service.mu.
type bucket struct {
	Name         string
	Account      string
	Region       string
	Namespace    string `json:",omitempty"` // "" (global) or account-regional
	Created      time.Time
	Versioning   string               `json:",omitempty"` // "", Enabled or Suspended
	Ownership    string               `json:",omitempty"` // ObjectOwnership; "" if there is no configuration
	Access       *accessBlock         `json:",omitempty"` // nil if there is no configuration
	Website      *website             `json:",omitempty"`
	Cors         *corsConfiguration   `json:",omitempty"`
	Port         int                  `json:",omitempty"` // of the website's door, kept so that the URL stays
	Tags         map[string]string    `json:",omitempty"`
	Policy       string               `json:",omitempty"` // JSON as it was put
	Notification *notification        `json:",omitempty"`
	Kept         map[string]string    `json:",omitempty"` // XML as it was put, by subresource: lifecycle, encryption
	Objects      map[string][]*object `json:",omitempty"` // versions by key, newest first; never empty
	Uploads      map[string]*upload   `json:",omitempty"` // by upload id

	order atomic.Pointer[[]string] // sorted keys of Objects; nil when they changed
}

// object is one version of an object or a delete marker. It does not change
// once it is stored, but for its tags, which are replaced as a whole.
type object struct {
	Version  string // "null" if it was put into an unversioned bucket
	Marker   bool   `json:",omitempty"` // a delete marker
	Modified time.Time
	Blob     string            `json:",omitempty"`
	Size     int64             `json:",omitempty"`
	ETag     string            `json:",omitempty"` // with quotes
	Headers  map[string]string `json:",omitempty"` // kept response headers by canonical name
	Meta     map[string]string `json:",omitempty"` // x-amz-meta- without prefix, lower case
	Tags     map[string]string `json:",omitempty"`
	Checksum checksum
}

// upload is a multipart upload that is under way.
type upload struct {
	Key       string
	Initiated time.Time
	Headers   map[string]string `json:",omitempty"`
	Meta      map[string]string `json:",omitempty"`
	Tags      map[string]string `json:",omitempty"`
	Algorithm string            `json:",omitempty"` // checksum algorithm asked for
	Kind      string            `json:",omitempty"` // checksum type, FULL_OBJECT or COMPOSITE
	Parts     map[int]*part     `json:",omitempty"`

	completing bool // set while the parts are put together
}

// part is one uploaded part.
type part struct {
	Blob     string
	Size     int64
	ETag     string
	Modified time.Time
	Checksum checksum
}

// current returns the newest version of key, which may be a delete marker, or
// nil.
func (b *bucket) current(key string) *object {
	if versions := b.Objects[key]; len(versions) > 0 {
		return versions[0]
	}
	return nil
}

// version returns the version of key with the given id, the current one if the
// id is empty, or nil.
func (b *bucket) version(key, id string) *object {
	if id == "" {
		return b.current(key)
	}
	for _, o := range b.Objects[key] {
		if o.Version == id {
			return o
		}
	}
	return nil
}

// add makes o the current version of key. It returns the version that o
// replaces for good, if any.
func (b *bucket) add(key string, o *object) (replaced *object) {
	if b.Versioning != "Enabled" {
		o.Version = "null"
		replaced = b.removeVersion(key, "null")
	} else {
		o.Version = newBlob()
	}
	if b.Objects == nil {
		b.Objects = map[string][]*object{}
	}
	if b.Objects[key] == nil {
		b.order.Store(nil)
	}
	b.Objects[key] = slices.Insert(slices.Clone(b.Objects[key]), 0, o)
	return replaced
}

// removeVersion takes one version away for good and returns it, or nil.
func (b *bucket) removeVersion(key, id string) *object {
	versions := b.Objects[key]
	i := slices.IndexFunc(versions, func(o *object) bool { return o.Version == id })
	if i < 0 {
		return nil
	}
	removed := versions[i]
	if len(versions) == 1 {
		delete(b.Objects, key)
		b.order.Store(nil)
	} else {
		b.Objects[key] = slices.Delete(slices.Clone(versions), i, i+1)
	}
	return removed
}

// keys returns all keys in the order of their bytes. The slice is shared.
func (b *bucket) keys() []string {
	if order := b.order.Load(); order != nil {
		return *order
	}
	order := slices.Sorted(maps.Keys(b.Objects))
	b.order.Store(&order) // readers that compute it at the same time store the same
	return order
}

// reconcile forgets what keep does not find on disk.
func (b *bucket) reconcile(keep func(blob string) bool) {
	for key, versions := range b.Objects {
		versions = slices.DeleteFunc(versions, func(o *object) bool { return !o.Marker && !keep(o.Blob) })
		if len(versions) == 0 {
			delete(b.Objects, key)
			continue
		}
		b.Objects[key] = versions
	}
	for _, u := range b.Uploads {
		maps.DeleteFunc(u.Parts, func(_ int, p *part) bool { return !keep(p.Blob) })
	}
}
