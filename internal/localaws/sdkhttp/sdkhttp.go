// SPDX-License-Identifier: MIT

// Package sdkhttp is how the SDK clients of tests send requests, which see each
// failure since they do not try again.
package sdkhttp

import (
	"io"
	"net/http"
)

// Client returns an HTTP client with connections of its own. It follows no
// redirects, as the SDK's own does not.
//
// The SDK closes a request's body once it has the response. If net/http has not
// yet looked whether there is more of it, smithy-go's WriteTo answers with io.EOF,
// which net/http takes for a failure: it closes the connection while the response
// is being read ("use of closed network connection"). The SDK usually tries again
// then. To this client bodies have no WriteTo.
func Client() *http.Client {
	return &http.Client{
		Transport:     plain{http.DefaultTransport.(*http.Transport).Clone()},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// plain sends requests whose bodies can be read only.
type plain struct{ *http.Transport }

// RoundTrip sends a request.
func (p plain) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r = r.WithContext(r.Context()) // a copy: the request is the caller's
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return p.Transport.RoundTrip(r)
}
