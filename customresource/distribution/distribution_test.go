// SPDX-License-Identifier: MIT

package distribution

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

func TestInvalidate(t *testing.T) {
	t.Parallel()
	cdn := &fakeCDN{}
	if err := (invalidator{cdn}).Invalidate(t.Context(), "E1", "updated", []string{"index.html", "old.css"}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"E1 updated /index.html /old.css"}, cdn.calls); diff != "" {
		t.Errorf("invalidations (-want +got):\n%s", diff)
	}
	cdn.fault = errors.New("AccessDenied")
	err := (invalidator{cdn}).Invalidate(t.Context(), "E1", "updated", []string{"index.html"})
	if err == nil || err.Error() != "invalidate 1 paths of distribution E1: AccessDenied" {
		t.Errorf("a refused invalidation: got %v", err)
	}
}
