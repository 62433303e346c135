// SPDX-License-Identifier: MIT

package cloudfront_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const errorPages = `, "CustomErrorResponses": [{"ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": "/error.html", "ErrorCachingMinTTL": 10}]`

func TestVisitBucket(t *testing.T) {
	t.Parallel()
	s := newSite(t, errorPages, "")
	s.put("index.html", "home", "Content-Type", "text/html", "x-amz-meta-author", "ada")
	s.put("a%20b/%C3%BC.txt", "umlaut")
	s.put("error.html", "not here", "Content-Type", "text/html")
	s.put("movie", "0123456789")
	for _, x := range []exchange{
		{url: "/", status: 200, want: "home", header: map[string]string{"Content-Type": "text/html", "X-Amz-Meta-Author": "ada", "Via": "(CloudFront)", "X-Amz-Request-Id": "", "Etag": `"`}},
		{url: "/index.html?a=1", status: 200, want: "home", header: map[string]string{"X-Cache": "Hit from cloudfront", "Age": "0"}},
		{method: "HEAD", url: "/index.html", status: 200, header: map[string]string{"X-Cache": "Hit", "Content-Length": "4"}},
		{method: "HEAD", url: "/movie", status: 200, header: map[string]string{"X-Cache": "Miss", "Content-Length": "10"}},
		{url: "/movie", headers: []string{"Range", "bytes=2-4"}, status: 206, want: "234", header: map[string]string{"X-Cache": "Miss", "Content-Range": "bytes 2-4/10"}},
		{url: "/movie", status: 200, want: "0123456789", header: map[string]string{"X-Cache": "Miss"}},
		{url: "/movie", headers: []string{"Range", "bytes=-2"}, status: 206, want: "89", header: map[string]string{"X-Cache": "Hit"}},
		{url: "/a%20b/%C3%BC.txt", status: 200, want: "umlaut"},
		{url: "/none", status: 404, want: "not here", header: map[string]string{"X-Cache": "Error from cloudfront", "Content-Type": "text/html"}},
		{method: "HEAD", url: "/none", status: 404, header: map[string]string{"X-Cache": "Error from cloudfront"}},
		{url: "/error.html", status: 200, want: "not here", header: map[string]string{"X-Cache": "Hit"}},
		{method: "POST", url: "/", status: 403, want: "supports only HEAD, GET", header: map[string]string{"Server": "CloudFront"}},
	} {
		x.url = s.base + x.url
		s.exchange(x)
	}
	_, header := s.exchange(exchange{url: s.base + "/", status: 200})
	s.exchange(exchange{url: s.base + "/", headers: []string{"If-None-Match", header.Get("Etag")}, status: 304, header: map[string]string{"X-Cache": "Hit"}})
	s.exchange(exchange{url: s.base + "/", headers: []string{"If-Modified-Since", header.Get("Last-Modified")}, status: 304})
}

// A distribution reads what the bucket's policy lets it, and there is no other
// way in.
func TestVisitPermission(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", `, "CachePolicyId": "`+disabled+`"`)
	s.put("page", "text")
	reads := func(what string, status int, want string) {
		t.Helper()
		t.Log(what)
		s.pass(minute)
		s.exchange(exchange{url: s.base + "/page", status: status, want: want})
	}
	reads("the policy names the distribution", 200, "text")
	s.exchange(exchange{url: s.url + "/pages/page", status: 403, want: "AccessDenied"})
	s.exchange(exchange{url: s.base + "/none", status: 403, want: "AccessDenied"})
	statement := `{"Effect": "Allow", "Principal": {"Service": %q}, "Action": "s3:*", "Resource": ["arn:aws:s3:::pages/*", "arn:aws:s3:::pages"], "Condition": {"StringEquals": {%q: %q}}}`
	s.policy(fmt.Sprintf(statement, "cloudfront.amazonaws.com", "aws:SourceArn", "arn:aws:cloudfront::000000000000:distribution/EOTHER"))
	reads("the policy names another distribution", 403, "AccessDenied")
	s.policy(fmt.Sprintf(statement, "ses.amazonaws.com", "aws:SourceAccount", account))
	reads("the policy names another service", 403, "AccessDenied")
	s.policy(fmt.Sprintf(statement, "cloudfront.amazonaws.com", "aws:SourceAccount", account))
	reads("the policy names the account", 200, "text")
	s.pass(minute)
	s.exchange(exchange{url: s.base + "/none", status: 404, want: "NoSuchKey"}) // it may list

	never := strings.Replace(controlText, "always", "never", 1)
	s.mustUpdate(controlType, s.control, never)
	reads("an access control that does not sign", 403, "AccessDenied")
	s.mustUpdate(bucketType, s.bucket(), `{"BucketName": "pages", "PublicAccessBlockConfiguration": {"BlockPublicPolicy": false, "RestrictPublicBuckets": false}}`)
	s.policy(`{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::pages/*"}`)
	reads("a public bucket", 200, "text")
}

func TestVisitWrites(t *testing.T) {
	t.Parallel()
	all := `, "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]`
	s := newSite(t, "", all)
	put := exchange{method: "PUT", url: s.base + "/new", body: "hello", headers: []string{"Content-Type", "text/plain"}, status: 403, want: "AccessDenied"}
	s.exchange(put)
	s.allow("s3:*", "/*")
	put.status, put.want = 200, ""
	s.exchange(put)
	s.exchange(exchange{url: s.base + "/new", status: 200, want: "hello", header: map[string]string{"Content-Type": "text/plain"}})
	s.exchange(exchange{method: "PUT", url: s.base + "/copy", headers: []string{"X-Amz-Copy-Source", "pages/new"}, status: 200}) // is not passed on
	s.exchange(exchange{url: s.base + "/copy", status: 200, header: map[string]string{"Content-Length": "0"}})
	s.exchange(exchange{method: "DELETE", url: s.base + "/new", status: 204})
}

func TestVisitCompressed(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", `, "Compress": true`)
	long := strings.Repeat("all work and no play ", 200)
	s.put("long.css", long, "Content-Type", "text/css; charset=utf-8")
	s.put("long.png", long, "Content-Type", "image/png")
	s.put("short.css", "p {}", "Content-Type", "text/css")
	s.put("done.css", long, "Content-Type", "text/css", "Content-Encoding", "br")
	take := []string{"Accept-Encoding", "br;q=1.0, gzip"}
	for _, cached := range []string{"Miss", "Hit"} {
		body, _ := s.exchange(exchange{url: s.base + "/long.css", headers: take, status: 200, header: map[string]string{
			"Content-Encoding": "gzip", "Etag": `W/"`, "Vary": "Accept-Encoding", "X-Cache": cached,
		}})
		r, err := gzip.NewReader(bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil || string(plain) != long || len(body) >= len(long) {
			t.Errorf("got %d bytes of %d, %v", len(plain), len(body), err)
		}
	}
	for _, x := range []exchange{
		{url: "/long.css", status: 200, want: long, header: map[string]string{"Content-Encoding": "", "Etag": `"`}},
		{url: "/long.css", headers: []string{"Accept-Encoding", "gzip;q=0"}, status: 200, want: long},
		{url: "/long.png", headers: take, status: 200, want: long, header: map[string]string{"Content-Encoding": ""}},
		{url: "/short.css", headers: take, status: 200, want: "p {}", header: map[string]string{"Content-Encoding": ""}},
		{url: "/done.css", headers: take, status: 200, want: long, header: map[string]string{"Content-Encoding": "br"}},
	} {
		x.url = s.base + x.url
		s.exchange(x)
	}
}

// Behaviors by path, with an API and a server on this machine as origins.
func TestVisitCustomOrigin(t *testing.T) {
	t.Parallel()
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, fmt.Sprintf("%s %s host=%v cookie=%s custom=%s type=%s encoding=%s body=%s", r.Method, r.URL.RequestURI(), r.Host == r.Header.Get("X-Want"),
			r.Header.Get("Cookie"), r.Header.Get("X-Custom"), r.Header.Get("Content-Type"), r.Header.Get("Accept-Encoding"), body))
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		w.WriteHeader(http.StatusCreated)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	s := newSite(t, "", "")
	s.put("index.html", "home")
	more := fmt.Sprintf(`, "CacheBehaviors": [
		{"PathPattern": "/live/*", "TargetOriginId": "server", "ViewerProtocolPolicy": "https-only", "CachePolicyId": %q, "OriginRequestPolicyId": %q,
			"AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]},
		{"PathPattern": "bare/?", "TargetOriginId": "server", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": %q},
		{"PathPattern": "api", "TargetOriginId": "api", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": %q, "OriginRequestPolicyId": %q}]`,
		disabled, allViewer, disabled, disabled, allViewer)
	text := strings.Replace(s.config(more, ""), `"Origins": [`, fmt.Sprintf(`"Origins": [
		{"Id": "server", "DomainName": %q, "OriginPath": "/v1", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
			"OriginCustomHeaders": [{"HeaderName": "X-Custom", "HeaderValue": "c"}, {"HeaderName": "X-Want", "HeaderValue": %q}]},
		{"Id": "api", "DomainName": "abc123.execute-api.eu-west-1.amazonaws.com", "OriginPath": "/prod", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}},`, host, host), 1)
	s.mustUpdate(distributionType, s.distribution, text)
	for _, x := range []exchange{
		{url: "/", status: 200, want: "home"},
		{method: "POST", url: "/live/a%2Fb?x=1&y", body: "hello", headers: []string{"Cookie", "a=b", "Content-Type", "text/plain"}, status: 201, header: map[string]string{"Set-Cookie": "session=1", "X-Cache": "Miss"}},
		{url: "/live/", headers: []string{"Accept-Encoding", "br"}, status: 201, header: map[string]string{"X-Cache": "Miss"}},
		{url: "/bare/1?x=1", headers: []string{"Cookie", "a=b"}, status: 201, header: map[string]string{"Set-Cookie": ""}},
		{url: "/bare/12", status: 403}, // fits no pattern
		{url: "/api?q=1", status: 200, want: "abc123.execute-api.eu-west-1.amazonaws.com/prod/api?q=1"},
	} {
		x.url = s.base + x.url
		s.exchange(x)
	}
	if diff := cmp.Diff([]string{
		"POST /v1/live/a%2Fb?x=1&y host=true cookie=a=b custom=c type=text/plain encoding= body=hello",
		"GET /v1/live/ host=true cookie= custom=c type= encoding= body=",
		"GET /v1/bare/1 host=true cookie= custom=c type= encoding= body=",
	}, seen); diff != "" {
		t.Errorf("what the origin saw (-want +got):\n%s", diff)
	}
	server.Close()
	s.exchange(exchange{url: s.base + "/live/", status: 502, want: "connect to the origin"})
}
