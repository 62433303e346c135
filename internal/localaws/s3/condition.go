// SPDX-License-Identifier: MIT

package s3

import (
	"net/http"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// mayWrite evaluates If-None-Match and If-Match of a write on the current
// version of a key, which is nil if there is none; from the S3 User Guide,
// "How to prevent object overwrites with conditional writes".
func mayWrite(h http.Header, current *object) error {
	if current != nil && current.Marker {
		current = nil
	}
	if tag := h.Get("If-None-Match"); tag != "" {
		if tag != "*" {
			return notModelled("If-None-Match other than * on writes")
		}
		if current != nil {
			return preconditionFailed()
		}
	}
	if tag := h.Get("If-Match"); tag != "" {
		if current == nil {
			return noSuchKey()
		}
		if !matches(tag, current.ETag) {
			return preconditionFailed()
		}
	}
	return nil
}

// mayDelete evaluates If-Match of a delete, which what is absent passes.
func mayDelete(tag string, current *object) error {
	if tag == "" || current == nil || current.Marker || matches(tag, current.ETag) {
		return nil
	}
	return preconditionFailed()
}

// mayRead evaluates the four conditions of a read in the order of RFC 9110,
// section 13.2.2. The names are prefixed when a copy names its source.
func mayRead(h http.Header, prefix string, o *object) error {
	modified := o.Modified.Truncate(time.Second)
	since := func(name string) (time.Time, bool) {
		t, err := http.ParseTime(h.Get(prefix + name))
		return t, err == nil
	}
	if tag := h.Get(prefix + "If-Match"); tag != "" {
		if !matches(tag, o.ETag) {
			return preconditionFailed()
		}
	} else if t, ok := since("If-Unmodified-Since"); ok && modified.After(t) {
		return preconditionFailed()
	}
	unchanged := false
	if tag := h.Get(prefix + "If-None-Match"); tag != "" {
		unchanged = matches(tag, o.ETag)
	} else if t, ok := since("If-Modified-Since"); ok {
		unchanged = !modified.After(t)
	}
	switch {
	case unchanged && prefix != "":
		return preconditionFailed()
	case unchanged:
		return wire.Errorf(http.StatusNotModified, "NotModified", "Not Modified")
	}
	return nil
}

// matches reports whether a list of entity tags, or *, includes etag. Quotes
// may be missing, which S3 forgives.
func matches(list, etag string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || strings.Trim(tag, `"`) == strings.Trim(etag, `"`) {
			return true
		}
	}
	return false
}
