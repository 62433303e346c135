// SPDX-License-Identifier: MIT

package cloudfront

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/s3"
)

// bucket returns the bucket that an origin is, "" if it is none.
func (o *origin) bucket() string {
	name, _ := s3.Locate(o.DomainName, "/")
	return name
}

var apiHost = lazy.MustCompile(`^[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$`)

// reachable reports whether a custom origin is on this machine: an API by its
// name, or an address on loopback as function URLs and websites have.
func (o *origin) reachable() bool {
	if apiHost.MatchString(o.DomainName) {
		return true
	}
	host, port, err := net.SplitHostPort(o.DomainName)
	if err != nil || port == "" {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback() || host == "localhost"
}

// fetch asks the origin. ranges are the Range headers to pass on; own are
// further headers of the call that come from CloudFront itself.
func (q *inquiry) fetch(ctx context.Context, ranges []string, own ...string) *answer {
	r, err := q.request(ctx)
	if err != nil {
		return q.refusal(http.StatusBadRequest, "Bad request: "+err.Error())
	}
	if len(ranges) > 0 {
		r.Header["Range"] = ranges
	}
	for _, name := range own {
		if text := q.call.header.Get(name); text != "" {
			r.Header.Set(name, text)
		}
	}
	var a *answer
	if q.origin.bucket() != "" {
		a = q.s.fromBucket(r, q.sender())
	} else if a, err = q.s.fromServer(r); err != nil {
		return q.refusal(http.StatusBadGateway, "CloudFront wasn't able to connect to the origin: "+err.Error())
	}
	for _, name := range []string{"X-Amz-Request-Id", "X-Amz-Id-2", "X-Amz-Bucket-Region"} {
		a.header.Del(name)
	}
	if !q.passesAll() {
		a.header.Del("Set-Cookie")
	}
	a.cache = "Miss from cloudfront"
	if a.status >= http.StatusBadRequest {
		a.cache = errorFrom
	}
	return a
}

// sender is as whom a bucket is asked: as nobody without an origin access
// control that signs.
func (q *inquiry) sender() s3.Sender {
	q.s.mu.Lock()
	c := q.s.controls[q.origin.OriginAccessControlID]
	q.s.mu.Unlock()
	if c == nil || c.Behavior != signAlways {
		return s3.Sender{}
	}
	return s3.Sender{Principal: principal, Source: q.ARN, Account: q.Scope.Account}
}

// passesAll reports whether the origin gets headers, cookies and query of the
// viewer.
func (q *inquiry) passesAll() bool { return q.rule.OriginRequestPolicyID == allViewerExceptHost }

// request makes the request to the origin ("How CloudFront processes and
// forwards requests to your origin").
func (q *inquiry) request(ctx context.Context) (*http.Request, error) {
	to, err := url.Parse("http://" + q.origin.DomainName + q.origin.OriginPath + q.path)
	if err != nil {
		return nil, err
	}
	to.Fragment, to.RawQuery = "", ""
	r, err := http.NewRequestWithContext(ctx, q.call.method, to.String(), nil)
	if err != nil {
		return nil, err
	}
	if q.call.body != nil && !cacheable(q.call.method) && q.r.ContentLength != 0 {
		r.Body, r.ContentLength = io.NopCloser(q.call.body), q.r.ContentLength
	}
	q.describe(r)
	return r, nil
}

// describe sets the headers and the query of a request to the origin.
func (q *inquiry) describe(r *http.Request) {
	switch q.rule.OriginRequestPolicyID {
	case allViewerExceptHost:
		r.Header = q.call.header.Clone()
		r.URL.RawQuery = q.call.query
		for _, name := range []string{
			"Accept-Encoding", "Connection", "Expect", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since",
			"Keep-Alive", "Proxy-Connection", "Range", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
		} {
			r.Header.Del(name)
		}
	case corsS3Origin:
		for _, name := range corsHeaders {
			if given := q.call.header[name]; given != nil {
				r.Header[name] = given
			}
		}
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", "Amazon CloudFront")
	}
	if !cacheable(r.Method) && q.call.header.Get("Content-Type") != "" {
		r.Header.Set("Content-Type", q.call.header.Get("Content-Type"))
	}
	from := viewerIP(q.r)
	if before := q.call.header.Get("X-Forwarded-For"); before != "" {
		from = before + ", " + from
	}
	r.Header.Set("X-Forwarded-For", from)
	r.Header.Set("Via", via(q.distribution))
	r.Header.Set("X-Amz-Cf-Id", q.id)
	for _, custom := range q.origin.OriginCustomHeaders {
		r.Header.Set(custom.HeaderName, custom.HeaderValue)
	}
}

// fromServer asks a custom origin. An API has no name on this machine but at the
// address of all services.
func (s *Service) fromServer(r *http.Request) (*answer, error) {
	if apiHost.MatchString(r.URL.Host) {
		to, err := url.Parse(s.env.Endpoint())
		if err != nil {
			return nil, err
		}
		r.Host, r.URL.Host = r.URL.Host, to.Host
	}
	response, err := s.custom.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	return &answer{status: response.StatusCode, header: response.Header, stream: response.Body}, nil
}
