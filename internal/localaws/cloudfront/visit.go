// SPDX-License-Identifier: MIT

package cloudfront

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// visit is the request of a viewer to a distribution.
type visit struct {
	*distribution
	s     *Service
	cache *cache
	w     http.ResponseWriter
	r     *http.Request
	id    string // of the request
	rule  *behavior
}

// viewerCall is what a viewer asks for, as the function on its request leaves it.
type viewerCall struct {
	method string
	uri    string // path, escaped
	query  string
	host   string
	header http.Header
	body   io.Reader // nil without one
}

// visitor serves a distribution.
func (s *Service) visitor(id string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		d, kept := s.distributions[id], s.caches[id]
		if d != nil {
			now := *d
			d = &now
		}
		s.mu.Unlock()
		if d == nil { // deleted a moment ago
			http.NotFound(w, r)
			return
		}
		v := &visit{distribution: d, s: s, cache: kept, w: w, r: r, id: wire.RequestID()}
		v.rule = d.Config.behavior(escapedPath(r.URL))
		v.serve()
	})
}

// serve answers in the order of "How CloudFront processes HTTP requests": who
// may ask, the function on the request, the cache and the origin, error pages,
// the function on the response.
func (v *visit) serve() {
	call := &viewerCall{
		method: v.r.Method, uri: escapedPath(v.r.URL), query: v.r.URL.RawQuery, host: v.r.Host, header: v.r.Header.Clone(), body: v.r.Body,
	}
	if !v.rule.allows(v.r.Method) {
		v.send(v.refusal(http.StatusForbidden, "This distribution is not configured to allow the HTTP request method that was used for this request. "+
			"The distribution supports only "+strings.Join(v.rule.methods(), ", ")+"."))
		return
	}
	if made := v.askFunction(call); made != nil {
		v.send(made)
		return
	}
	a := v.answer(v.r.Context(), v.rule, call)
	if a.status >= http.StatusBadRequest {
		v.send(v.errorPage(a))
		return
	}
	if failed := v.tellFunction(call, a); failed != nil {
		a.close()
		a = failed
	}
	v.send(a)
}

// askFunction runs the function on the request, which it may change. It returns
// the response that the function made, or why there is none; nil if the request
// goes on.
func (v *visit) askFunction(call *viewerCall) *answer {
	arn := v.rule.function(viewerRequest)
	if arn == "" {
		return nil
	}
	event := v.event(viewerRequest)
	event.Request = requestEvent(call)
	result, err := v.s.run(v.r.Context(), arn, event)
	status := 0
	if err == nil {
		status, err = result.status()
	}
	if err == nil && status == 0 {
		err = result.rewrite(call, event.Request)
	}
	switch {
	case err != nil:
		return v.failure(err)
	case status == 0:
		return nil
	}
	a := &answer{status: status, header: result.header("Set-Cookie"), cache: "FunctionGeneratedResponse from cloudfront"}
	if result.Body != nil {
		a.body = *result.Body
	}
	return a
}

// tellFunction runs the function on the response, which it may change. It
// returns a response in its place if the function fails.
func (v *visit) tellFunction(call *viewerCall, a *answer) *answer {
	arn := v.rule.function(viewerResponse)
	if arn == "" {
		return nil
	}
	event := v.event(viewerResponse)
	event.Request, event.Response = requestEvent(call), responseEvent(a)
	result, err := v.s.run(v.r.Context(), arn, event)
	status := 0
	if err == nil {
		status, err = result.status()
	}
	if err != nil {
		return v.failure(err)
	}
	if status != 0 {
		a.status = status
	}
	a.header = result.header("Set-Cookie")
	if result.Body != nil {
		a.close()
		a.body, a.stream = *result.Body, nil
		a.header.Del("Content-Length")
		a.header.Del("Content-Encoding")
		a.header.Del("ETag")
	}
	return nil
}

// event describes the visit to a function.
func (v *visit) event(kind string) functionEvent {
	e := functionEvent{Version: "1.0", Context: eventContext{
		DistributionDomainName: v.Domain, DistributionID: v.ID, EventType: kind, RequestID: v.id,
	}}
	e.Viewer.IP = viewerIP(v.r)
	return e
}

func viewerIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// errorPage returns the page that the distribution has for an error in place of
// what the origin said. If the page is not to be had, the viewer gets the error
// of asking for it ("How CloudFront processes HTTP 4xx and 5xx status codes from
// your origin").
func (v *visit) errorPage(a *answer) *answer {
	e := v.Config.errorResponse(a.status)
	if e.ResponsePagePath == "" {
		return a
	}
	a.close()
	page := v.answer(v.r.Context(), v.Config.behavior(e.ResponsePagePath), &viewerCall{
		method: http.MethodGet, uri: e.ResponsePagePath, host: v.r.Host, header: http.Header{},
	})
	if page.status == http.StatusOK {
		page.status = e.ResponseCode
	}
	page.cache = errorFrom
	return page
}

// answer gets what is asked for from the cache or the origin of a behavior.
func (v *visit) answer(ctx context.Context, b *behavior, call *viewerCall) *answer {
	path := call.uri
	if path == "/" && v.Config.DefaultRootObject != "" {
		path += v.Config.DefaultRootObject
	}
	ask := &inquiry{visit: v, rule: b, origin: v.Config.origin(b), call: call, path: path}
	ask.policy, _ = cachePolicies(b.CachePolicyID)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(v.s.stopped, cancel)
	a := ask.answer(ctx)
	a.done = func() { stop(); cancel() }
	if a.stream == nil {
		a.done()
	}
	return a
}
