// SPDX-License-Identifier: MIT

package site

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/customresource"
)

// fakeCDN is a distribution as far as the site uses it.
type fakeCDN struct {
	fault error
	calls []string // distribution, reference and keys
}

func (f *fakeCDN) Invalidate(_ context.Context, distribution, reference string, keys []string) error {
	f.calls = append(f.calls, distribution+" "+reference+" "+strings.Join(keys, " "))
	return f.fault
}

// TestSiteInvalidates: CloudFront fetches anew what an update touched, and
// nothing after one that touched nothing.
func TestSiteInvalidates(t *testing.T) {
	t.Parallel()
	s := newSiteStack(t)
	content := files{"index.html": "one", "app.js": "one", "old.css": "x"}
	s.must(s.create(s.properties("1.zip", content, "Distribution", "E1")))
	s.cdn.calls = nil
	s.must(s.update(s.properties("2.zip", content.with("index.html", "other").without("old.css"), "Distribution", "E1")))
	s.must(s.update(s.properties("2.zip", content.with("index.html", "other").without("old.css"), "Distribution", "E1")))
	want := []string{"E1 updated index.html old.css"}
	if diff := cmp.Diff(want, s.cdn.calls); diff != "" {
		t.Errorf("invalidations (-want +got):\n%s", diff)
	}
	s.cdn.fault = errors.New("AccessDenied")
	err := s.update(s.properties("3.zip", content, "Distribution", "E1"))
	if err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("a refused invalidation: got %v", err)
	}
}

// TestSiteWithoutDistribution asks CloudFront for nothing.
func TestSiteWithoutDistribution(t *testing.T) {
	t.Parallel()
	s := newSiteStack(t)
	s.must(s.create(s.properties("1.zip", files{"index.html": "one"})))
	if len(s.cdn.calls) > 0 {
		t.Errorf("got %v", s.cdn.calls)
	}
	r := customresource.Request{Type: customresource.Create, Properties: s.properties("1.zip", files{}, "Distribution", "E1")}
	s.s3.calls = nil
	_, err := site{api: s.s3}.Create(t.Context(), r)
	if err == nil || !strings.Contains(err.Error(), `Distribution: "E1"`) || len(s.s3.calls) > 0 {
		t.Errorf("without CloudFront: got %v after %v", err, s.s3.calls)
	}
}
