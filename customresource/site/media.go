// SPDX-License-Identifier: MIT

package site

import (
	"path"
	"strings"
)

// headers are the HTTP headers a file is served with.
type headers struct {
	contentType  string
	cacheControl string
}

// headersOf returns the headers of the file at a slash-separated path.
func headersOf(name string, rules []CacheRule) headers {
	h := headers{contentType(name), ""}
	for _, rule := range rules {
		whole, _ := path.Match(rule.Glob, name)
		last, _ := path.Match(rule.Glob, path.Base(name))
		if whole || last {
			h.cacheControl = rule.CacheControl
			return h
		}
	}
	switch {
	case isHTML(name), isServiceWorker(name):
		h.cacheControl = "no-cache"
	case isHashed(name):
		h.cacheControl = "public, max-age=31536000, immutable"
	default:
		h.cacheControl = "public, max-age=300"
	}
	return h
}

func extension(name string) string { return strings.ToLower(path.Ext(name)) }

func isHTML(name string) bool {
	switch extension(name) {
	case ".html", ".htm", ".xhtml":
		return true
	}
	return false
}

// isServiceWorker: browsers must see a new worker at once, or an old one goes on
// to serve old files.
func isServiceWorker(name string) bool {
	switch path.Base(name) {
	case "sw.js", "service-worker.js", "ngsw-worker.js", "ngsw.json":
		return true
	}
	return false
}

// isHashed reports whether a file name holds a hash of the content, as bundlers
// write it: app.3f2a9c1b.js, index-BkP0a9xd.js. Eight or more hexadecimal digits
// with both letters and digits count, and, for what bundlers make, exactly
// eight characters with digits and capital letters.
func isHashed(name string) bool {
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	parts := strings.FieldsFunc(stem, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	for i, part := range parts {
		if len(parts) == 1 && len(part) < 16 {
			return false
		}
		if isHexHash(part) || i > 0 && isBundled(name) && isMixedHash(part) {
			return true
		}
	}
	return false
}

func isHexHash(s string) bool {
	digits, letters := 0, 0
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case 'a' <= r && r <= 'f':
			letters++
		default:
			return false
		}
	}
	return len(s) >= 8 && digits > 0 && letters > 0
}

func isMixedHash(s string) bool {
	digits, capitals := 0, 0
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case 'A' <= r && r <= 'Z':
			capitals++
		case 'a' <= r && r <= 'z':
		default:
			return false
		}
	}
	return len(s) == 8 && digits > 0 && capitals > 0
}

func isBundled(name string) bool {
	switch extension(name) {
	case ".js", ".mjs", ".css", ".map", ".wasm", ".woff", ".woff2":
		return true
	}
	return false
}

// contentType goes by the extension only: a table of the machine, as package
// mime reads it, would give other types elsewhere. Types are those of IANA's
// media type registry.
func contentType(name string) string {
	switch extension(name) {
	case ".html", ".htm":
		return "text/html; charset=utf-8"
	case ".xhtml":
		return "application/xhtml+xml; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs", ".cjs":
		return "text/javascript; charset=utf-8"
	case ".json", ".map":
		return "application/json; charset=utf-8"
	case ".jsonld":
		return "application/ld+json; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json; charset=utf-8"
	case ".xml", ".xsl":
		return "text/xml; charset=utf-8"
	case ".rss":
		return "application/rss+xml; charset=utf-8"
	case ".atom":
		return "application/atom+xml; charset=utf-8"
	case ".txt", ".log":
		return "text/plain; charset=utf-8"
	case ".md":
		return "text/markdown; charset=utf-8"
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".ics":
		return "text/calendar; charset=utf-8"
	case ".vtt":
		return "text/vtt; charset=utf-8"
	case ".yaml", ".yml":
		return "application/yaml; charset=utf-8"
	}
	return binaryType(name)
}

func binaryType(name string) string {
	switch extension(name) {
	case ".svg":
		return "image/svg+xml; charset=utf-8"
	case ".png":
		return "image/png"
	case ".apng":
		return "image/apng"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".avif":
		return "image/avif"
	case ".ico":
		return "image/vnd.microsoft.icon"
	case ".bmp":
		return "image/bmp"
	case ".tif", ".tiff":
		return "image/tiff"
	case ".woff":
		return "font/woff"
	case ".woff2":
		return "font/woff2"
	case ".ttf":
		return "font/ttf"
	case ".otf":
		return "font/otf"
	case ".eot":
		return "application/vnd.ms-fontobject"
	case ".wasm":
		return "application/wasm"
	case ".pdf":
		return "application/pdf"
	case ".zip":
		return "application/zip"
	case ".gz":
		return "application/gzip"
	case ".mp3":
		return "audio/mpeg"
	case ".m4a":
		return "audio/mp4"
	case ".wav":
		return "audio/wav"
	case ".ogg", ".oga":
		return "audio/ogg"
	case ".mp4":
		return "video/mp4"
	case ".webm":
		return "video/webm"
	case ".ogv":
		return "video/ogg"
	case ".mov":
		return "video/quicktime"
	}
	if path.Base(name) == "apple-app-site-association" {
		return "application/json; charset=utf-8"
	}
	return "application/octet-stream"
}
