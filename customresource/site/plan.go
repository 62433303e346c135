// SPDX-License-Identifier: MIT

package site

import (
	"archive/zip"
	"slices"
)

// maxCopy is the largest object in bytes that one CopyObject request copies.
const maxCopy = 5 << 30

// step brings one object to what it should be.
type step struct {
	file    *zip.File
	headers headers
	copyIf  string // ETag; if set, only the headers differ
	verify  string // ETag; if set, the content may be the same already
	restamp bool   // with verify: the headers differ
}

// live is what is known of a bucket before it is updated.
type live struct {
	objects map[string]object
	old     *directory  // archive whose content it holds; nil: not known
	rules   []CacheRule // with which the headers were made
	trusted bool        // the last update came to its end

	manifestKey string // of the old properties
}

// plan returns the steps for the files of an archive: all but HTML first, so
// that no page refers to what is not there yet, then HTML. l is nil for a
// bucket of which nothing is known.
func plan(files *directory, rules []CacheRule, l *live) (assets, pages []step) {
	for _, f := range files.files {
		s, ok := planFile(f, rules, l)
		switch {
		case !ok:
		case isHTML(f.Name):
			pages = append(pages, s)
		default:
			assets = append(assets, s)
		}
	}
	return assets, pages
}

// planFile returns the step for one file, or false if there is nothing to do.
func planFile(f *zip.File, rules []CacheRule, l *live) (step, bool) {
	s := step{file: f, headers: headersOf(f.Name, rules)}
	if l == nil {
		return s, true
	}
	o, ok := l.objects[f.Name]
	if !ok || uint64(o.size) != f.UncompressedSize64 {
		return s, true
	}
	restamp := headersOf(f.Name, l.rules) != s.headers
	if !l.trusted || l.old == nil {
		if isMD5(o.etag) {
			s.verify, s.restamp = o.etag, restamp
		}
		return s, true
	}
	if old, ok := l.old.named[f.Name]; !ok || !sameContent(old, f) {
		return s, true
	}
	if restamp && o.size <= maxCopy {
		s.copyIf = o.etag
	}
	return s, restamp
}

// isMD5 reports whether an ETag is the MD5 of the object, which it is unless
// the object was written in parts or encrypted with a KMS key. In the latter
// case it only looks like one and never is equal to one.
func isMD5(etag string) bool {
	return len(etag) == 32 && !slices.ContainsFunc([]byte(etag), func(c byte) bool {
		return !('0' <= c && c <= '9' || 'a' <= c && c <= 'f')
	})
}
