// SPDX-License-Identifier: MIT

package cloudfront_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/google/go-cmp/cmp"
)

// How long objects are served without a look at the bucket.
func TestCacheAge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, behavior string
		headers        []string
		fresh, stale   time.Duration // still and no longer from the cache; 0: never was
	}{
		{"nobody says", "", nil, 24*time.Hour - time.Second, 24 * time.Hour},
		{"max-age", "", []string{"Cache-Control", "public, max-age=60"}, 59 * time.Second, time.Minute},
		{"s-maxage counts before", "", []string{"Cache-Control", `max-age=1, s-maxage="60"`}, 59 * time.Second, time.Minute},
		{"expires", "", []string{"Expires", "Fri, 27 Nov 2026 12:01:00 GMT"}, 59 * time.Second, time.Minute},
		{"the policy's most", "", []string{"Cache-Control", "max-age=2000000000"}, 364 * 24 * time.Hour, 365 * 24 * time.Hour},
		{"the policy's least", "", []string{"Cache-Control", "no-store"}, time.Millisecond, time.Second},
		{"a policy that caches nothing", `, "CachePolicyId": "` + disabled + `"`, []string{"Cache-Control", "max-age=60"}, 0, time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "", test.behavior)
			s.put("page", "text", test.headers...)
			see := func(after time.Duration, want string) {
				t.Helper()
				s.pass(after)
				s.exchange(exchange{url: s.base + "/page", status: 200, want: "text", header: map[string]string{"X-Cache": want}})
			}
			see(0, "Miss from cloudfront")
			if test.fresh == 0 {
				see(test.stale, "Miss from cloudfront")
				return
			}
			see(test.fresh, "Hit from cloudfront")
			see(test.stale-test.fresh, "RefreshHit from cloudfront")
			asked := s.questions()
			if len(asked) != 2 || !strings.HasPrefix(asked[1], `GET /page "`) {
				t.Errorf("the bucket was asked for %v, want two times, the second by ETag", asked)
			}
			see(0, "Hit from cloudfront")
			s.put("page", "text of tomorrow", test.headers...)
			see(2*test.stale, "Miss from cloudfront")
		})
	}
}

// Errors stay for as long as the distribution says.
func TestCacheErrors(t *testing.T) {
	t.Parallel()
	s := newSite(t, `, "CustomErrorResponses": [{"ErrorCode": 403, "ErrorCachingMinTTL": 30}]`, "")
	see := func(after time.Duration, status int) {
		t.Helper()
		s.pass(after)
		s.exchange(exchange{url: s.base + "/page", status: status})
	}
	see(0, 403)
	s.put("page", "text")
	see(29*time.Second, 403)
	see(time.Second, 200)
}

func TestInvalidate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		paths []string
		want  []string // what is fetched anew
	}{
		{[]string{"/a/1"}, []string{"GET /a/1"}},
		{[]string{"/a/*"}, []string{"GET /a/1", "GET /a/2"}},
		{[]string{"/a*", "/gr%C3%BCn%20x"}, []string{"GET /a/1", "GET /a/2", "GET /gr%C3%BCn%20x"}},
		{[]string{"/index.html"}, []string{"GET /index.html"}},
		{[]string{"/"}, []string{"GET /index.html"}},
		{[]string{"/*"}, []string{"GET /index.html", "GET /a/1", "GET /a/2", "GET /gr%C3%BCn%20x", "GET /star*"}},
		{[]string{"/star%2A"}, []string{"GET /star*"}},
		{[]string{"/none", "/a"}, nil},
	} {
		t.Run(strings.Join(test.paths, " "), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "", "")
			keys := []string{"index.html", "a/1", "a/2", "gr%C3%BCn%20x", "star*"}
			for _, key := range keys {
				s.put(key, "text")
			}
			visit := func() {
				for _, key := range append([]string{""}, keys[1:]...) {
					s.exchange(exchange{url: s.base + "/" + key, status: 200})
				}
			}
			visit()
			s.questions()
			if _, err := s.client.CreateInvalidation(t.Context(), &sdk.CreateInvalidationInput{
				DistributionId: &s.distribution.PhysicalID, InvalidationBatch: &types.InvalidationBatch{
					CallerReference: aws.String("now"), Paths: &types.Paths{Items: test.paths, Quantity: aws.Int32(int32(len(test.paths)))},
				},
			}); err != nil {
				t.Fatal(err)
			}
			visit()
			if diff := cmp.Diff(test.want, s.questions()); diff != "" {
				t.Errorf("what was fetched anew (-want +got):\n%s", diff)
			}
		})
	}
}

// What does not fit into the cache is passed on as a whole each time.
func TestCacheLarge(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "")
	large := strings.Repeat("0123456789abcdef", 9<<20/16)
	s.put("large", large)
	for range 2 {
		s.exchange(exchange{url: s.base + "/large", status: 200, want: large, header: map[string]string{"X-Cache": "Miss from cloudfront", "Content-Length": "9437184"}})
	}
	s.exchange(exchange{url: s.base + "/large", headers: []string{"Range", "bytes=16-31"}, status: 206, want: "0123456789abcdef"})
}

// The oldest objects make room for new ones.
func TestCacheFull(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "")
	text := strings.Repeat("0123456789abcdef", 8<<20/16)
	keys := strings.Split("abcdefghi", "")
	for _, key := range keys {
		s.put(key, text)
		s.pass(time.Second)
		s.exchange(exchange{url: s.base + "/" + key, status: 200})
	}
	for _, key := range keys {
		want := "Hit from cloudfront"
		if key == "a" {
			want = "Miss from cloudfront"
		}
		r := exchange{method: "HEAD", url: s.base + "/" + key, status: 200, header: map[string]string{"X-Cache": want}}
		s.exchange(r)
	}
}
