// SPDX-License-Identifier: MIT

package site

import (
	"strings"
	"testing"
)

func TestHeadersOf(t *testing.T) {
	t.Parallel()
	const year, minutes = "public, max-age=31536000, immutable", "public, max-age=300"
	tests := []struct{ name, contentType, cacheControl string }{
		{"INDEX.HTML", "text/html; charset=utf-8", "no-cache"},
		{"a/sw.js", "text/javascript; charset=utf-8", "no-cache"},
		{"assets/index-BkP0a9xd.js", "text/javascript; charset=utf-8", year},
		{"main.8a1f0c2e.chunk.css", "text/css; charset=utf-8", year},
		{"4bd1b696-0e4d2b.mjs", "text/javascript; charset=utf-8", year},
		{"d41d8cd98f00b204e9800998ecf8427e.png", "image/png", year},
		{"report-20261123.pdf", "application/pdf", minutes},
		{"report-Version2.pdf", "application/pdf", minutes},
		{"abc12345.jpg", "image/jpeg", minutes},
		{"facade.js", "text/javascript; charset=utf-8", minutes},
		{"app-settings.js", "text/javascript; charset=utf-8", minutes},
		{"font.woff2", "font/woff2", minutes},
		{"logo.svg", "image/svg+xml; charset=utf-8", minutes},
		{"data.json", "application/json; charset=utf-8", minutes},
		{".well-known/apple-app-site-association", "application/json; charset=utf-8", minutes},
		{"LICENSE", "application/octet-stream", minutes},
		{"a.unknown", "application/octet-stream", minutes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, want := headersOf(test.name, nil), (headers{test.contentType, test.cacheControl}); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestHeadersOfRules(t *testing.T) {
	t.Parallel()
	rules := []CacheRule{{"img/*", "one"}, {"*.png", "two"}, {"*", "three"}}
	for name, want := range map[string]string{"img/a.png": "one", "deep/img/a.png": "two", "index.html": "three"} {
		if got := headersOf(name, rules).cacheControl; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestTextTypesHaveCharset(t *testing.T) {
	t.Parallel()
	for _, extension := range []string{"html", "css", "js", "txt", "md", "csv", "ics", "vtt", "xml", "json", "svg", "yaml"} {
		if got := contentType("a." + extension); !strings.HasSuffix(got, "; charset=utf-8") {
			t.Errorf("%s: got %q", extension, got)
		}
	}
}
