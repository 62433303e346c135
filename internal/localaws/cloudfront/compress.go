// SPDX-License-Identifier: MIT

package cloudfront

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"slices"
	"strings"
)

// The sizes in bytes between which objects are compressed.
const (
	leastCompressed = 1000
	mostCompressed  = 10_000_000
)

// compress returns the body as the viewer gets it and describes it in the
// headers of the answer ("Serve compressed files", Amazon CloudFront Developer
// Guide). Where a viewer takes Brotli as well, it gets gzip here.
func (v *visit) compress(a *answer) []byte {
	h := v.w.Header()
	policy, _ := cachePolicies(v.rule.CachePolicyID)
	if !v.rule.Compress || !policy.gzip || !compressible(a.status, h, len(a.body)) {
		return a.body
	}
	if !slices.Contains(h.Values("Vary"), "Accept-Encoding") {
		h.Add("Vary", "Accept-Encoding")
	}
	if !accepts(v.r.Header, "gzip") || v.r.Header.Get("Range") != "" {
		return a.body
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(a.body) // never fails: it writes to memory
	_ = w.Close()
	h.Set("Content-Encoding", "gzip")
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("ETag", "W/"+tag)
	}
	return out.Bytes()
}

func compressible(status int, h http.Header, size int) bool {
	switch {
	case status != http.StatusOK && status != http.StatusForbidden && status != http.StatusNotFound:
		return false
	case size < leastCompressed || size > mostCompressed || h.Get("Content-Encoding") != "":
		return false
	}
	kind, _, _ := strings.Cut(strings.ToLower(h.Get("Content-Type")), ";")
	return slices.Contains(compressed[:], strings.TrimSpace(kind))
}

// accepts reports whether a viewer takes an encoding.
func accepts(h http.Header, encoding string) bool {
	for _, line := range h.Values("Accept-Encoding") {
		for item := range strings.SplitSeq(line, ",") {
			name, quality, _ := strings.Cut(strings.TrimSpace(item), ";")
			quality = strings.ReplaceAll(quality, " ", "")
			if strings.EqualFold(strings.TrimSpace(name), encoding) && quality != "q=0" && !strings.HasPrefix(quality, "q=0.0") {
				return true
			}
		}
	}
	return false
}

// compressed are the types that are compressed ("File types that CloudFront
// compresses").
var compressed = [...]string{
	"application/dash+xml", "application/eot", "application/font", "application/font-sfnt", "application/javascript", "application/json",
	"application/opentype", "application/otf", "application/pdf", "application/pkcs7-mime", "application/protobuf", "application/rss+xml",
	"application/truetype", "application/ttf", "application/vnd.apple.mpegurl", "application/vnd.mapbox-vector-tile",
	"application/vnd.ms-fontobject", "application/wasm", "application/xhtml+xml", "application/xml", "application/x-font-opentype",
	"application/x-font-truetype", "application/x-font-ttf", "application/x-httpd-cgi", "application/x-javascript", "application/x-mpegurl",
	"application/x-opentype", "application/x-otf", "application/x-perl", "application/x-ttf", "font/eot", "font/opentype", "font/otf",
	"font/ttf", "image/svg+xml", "text/css", "text/csv", "text/html", "text/javascript", "text/js", "text/plain", "text/richtext",
	"text/tab-separated-values", "text/xml", "text/x-component", "text/x-java-source", "text/x-script", "vnd.apple.mpegurl",
}
