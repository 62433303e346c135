// SPDX-License-Identifier: MIT

package shim

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
)

// request makes the request that the event describes.
func (e *httpEvent) request(ctx context.Context) (*http.Request, error) {
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(e.Body)
		if err != nil {
			return nil, fmt.Errorf("decode request body: %w", err)
		}
		body = decoded
	}
	header := e.header()
	u := e.url(header)
	protocol, major, minor := e.protocol()
	r := &http.Request{
		Method:        e.method(),
		URL:           u,
		Proto:         protocol,
		ProtoMajor:    major,
		ProtoMinor:    minor,
		Header:        header,
		Host:          u.Host,
		ContentLength: int64(len(body)),
		Body:          http.NoBody,
		RequestURI:    u.RequestURI(),
		RemoteAddr:    e.remoteAddr(header),
	}
	if len(body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	r.Header.Del("Host") // as net/http's server does
	return r.WithContext(ctx), nil
}

// header returns the request's headers under their canonical names.
func (e *httpEvent) header() http.Header {
	h := http.Header{}
	for name, value := range e.Headers {
		h.Set(name, value)
	}
	for name, values := range e.MultiValueHeaders {
		h[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	if len(e.Cookies) > 0 {
		h.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	return h
}

// url returns the absolute address of the request as its client wrote it.
func (e *httpEvent) url(header http.Header) *url.URL {
	u := &url.URL{Scheme: "https", Host: header.Get("Host"), RawQuery: e.query()}
	if scheme, _, _ := strings.Cut(header.Get("X-Forwarded-Proto"), ","); scheme != "" {
		u.Scheme = strings.TrimSpace(scheme)
	}
	if u.Host == "" {
		u.Host = e.RequestContext.DomainName
	}
	path := e.Path
	if e.shape == payloadV2 {
		path = e.withoutStage()
	}
	path = withoutBase(e.RequestContext.DomainName, path)
	if path == "" || path[0] != '/' {
		path = "/" + path
	}
	u.Path = path
	if decoded, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = decoded, path
	}
	return u
}

// withoutStage returns the path without the stage that an HTTP API puts before
// it, also behind a custom domain, where the client did not name the stage, so
// that routes look the same on every stage and domain.
func (e *httpEvent) withoutStage() string {
	c := e.RequestContext
	if c.Stage == "" || c.Stage == "$default" {
		return e.RawPath
	}
	rest, found := strings.CutPrefix(e.RawPath, "/"+c.Stage)
	if !found || rest != "" && rest[0] != '/' {
		return e.RawPath
	}
	return rest
}

// baseVariable holds a domain name and the path in it under which the function's
// API is: api.example.com/v1.
const baseVariable = "SPARTA_BASE"

// withoutBase returns a path without what a custom domain puts before those of
// an API, so that routes look the same under every name.
func withoutBase(domain, path string) string {
	name, base, _ := strings.Cut(os.Getenv(baseVariable), "/")
	if base == "" || domain != name {
		return path
	}
	rest, found := strings.CutPrefix(path, "/"+base)
	if !found || rest != "" && rest[0] != '/' {
		return path
	}
	return rest
}

// query returns the encoded query. A load balancer passes names and values on as
// they came, a REST API decodes them.
func (e *httpEvent) query() string {
	if e.shape == payloadV2 {
		return e.RawQueryString
	}
	values := e.MultiValueQuery
	if values == nil {
		values = map[string][]string{}
		for name, value := range e.Query {
			values[name] = []string{value}
		}
	}
	if e.shape == payloadV1 {
		return url.Values(values).Encode()
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			pairs = append(pairs, name+"="+value)
		}
	}
	return strings.Join(pairs, "&")
}

// protocol returns the HTTP version of the client's request.
func (e *httpEvent) protocol() (name string, major, minor int) {
	name = e.RequestContext.Protocol
	if e.shape == payloadV2 {
		name = e.RequestContext.HTTP.Protocol
	}
	major, minor, ok := http.ParseHTTPVersion(name)
	if !ok {
		return "HTTP/1.1", 1, 1
	}
	return name, major, minor
}

// remoteAddr returns the client's address with port 0: no event tells the port.
func (e *httpEvent) remoteAddr(header http.Header) string {
	ip := ""
	switch e.shape {
	case payloadV2:
		ip = e.RequestContext.HTTP.SourceIP
	case payloadV1:
		ip = e.RequestContext.Identity.SourceIP
	default: // the balancer appends the address it sees
		forwarded := strings.Split(header.Get("X-Forwarded-For"), ",")
		ip = strings.TrimSpace(forwarded[len(forwarded)-1])
	}
	return net.JoinHostPort(ip, "0")
}
