// SPDX-License-Identifier: MIT

package customresource

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/google/go-cmp/cmp"
)

// fakeCDN is CloudFront as far as the site uses it.
type fakeCDN struct {
	fault error
	calls []string // distribution, reference and paths
}

func (f *fakeCDN) CreateInvalidation(_ context.Context, in *cloudfront.CreateInvalidationInput, _ ...func(*cloudfront.Options)) (*cloudfront.CreateInvalidationOutput, error) {
	paths := in.InvalidationBatch.Paths
	if int(*paths.Quantity) != len(paths.Items) {
		return nil, errors.New("InvalidArgument: the quantity is not that of the items")
	}
	f.calls = append(f.calls, *in.DistributionId+" "+*in.InvalidationBatch.CallerReference+" "+strings.Join(paths.Items, " "))
	return nil, f.fault
}

func TestInvalidated(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range maxInvalidated + 1 {
		many = append(many, strconv.Itoa(i))
	}
	tests := []struct {
		name string
		keys []string
		want []string
	}{
		{"a file", []string{"app.js"}, []string{"/app.js"}},
		{"a page of the root", []string{"index.html"}, []string{"/index.html"}},
		{"a page of a directory", []string{"a/index.html"}, []string{"/a/index.html"}},
		{"other characters", []string{"grün & blau*.css"}, []string{"/gr%C3%BCn%20&%20blau%2A.css"}},
		{"many", many, []string{"/*"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, invalidated(test.keys)); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
		})
	}
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
	want := []string{"E1 updated /index.html /old.css"}
	if diff := cmp.Diff(want, s.cdn.calls); diff != "" {
		t.Errorf("invalidations (-want +got):\n%s", diff)
	}
	s.cdn.fault = errors.New("AccessDenied")
	err := s.update(s.properties("3.zip", content, "Distribution", "E1"))
	if err == nil || !strings.Contains(err.Error(), "distribution E1: AccessDenied") {
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
}
