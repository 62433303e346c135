// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	crossorigin "github.com/sparta-up/sparta/internal/localaws/cors"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
)

// visit is a request to an API.
type visit struct {
	service    *Service
	scope      arn.Scope
	apiID      string
	execution  func(rest string) string
	stage      stageSettings
	definition definition
	entry      entry
	event      httpevent.Request
	variables  map[string]string // for access logs and identity sources
}

// visitor serves an API at its own address.
func (s *Service) visitor(id string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.visit(w, r, id, nil) })
}

// Serve answers a request to an API: to its own address, or by way of a domain
// name of one's own if via is not nil. It reports false if there is no such API.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, id string, via *gateway.Mapping) bool {
	s.mu.Lock()
	_, ok := s.apis[id]
	s.mu.Unlock()
	if ok {
		s.visit(w, r, id, via)
	}
	return ok
}

// Has reports whether there is an API in a scope, and whether it has a stage.
func (s *Service) Has(scope arn.Scope, id, stage string) (api, staged bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(scope, id)
	return err == nil, err == nil && a.Stages[stage] != nil
}

// Addresses returns the live addresses of all APIs by identifier, without a
// final slash.
func (s *Service) Addresses() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return gateway.Addresses(s.apis)
}

// visit answers a request to an API, and logs it.
func (s *Service) visit(w http.ResponseWriter, r *http.Request, id string, via *gateway.Mapping) {
	began := s.env.Now()
	v, table, segments, ok := s.arrive(r, id, via, began)
	w.Header().Set("Apigw-Requestid", v.event.RequestID)
	answer := func() httpevent.Response {
		if !ok {
			return message(http.StatusNotFound, "Not Found")
		}
		cors := v.definition.CORS.settings()
		cors.Mark(w.Header(), r)
		response := v.answer(table, segments)
		cors.Clear(response.Headers)
		return response
	}()
	answer.Write(w)
	if ok {
		v.log(answer, s.env.Now().Sub(began))
	}
}

// arrive finds the stage that a request is for, and the segments of the path
// behind it.
func (s *Service) arrive(r *http.Request, id string, via *gateway.Mapping, now time.Time) (visit, table, []string, bool) {
	// On AWS the path of the event is decoded, and what follows a question mark
	// that was encoded is lost.
	path, _, _ := strings.Cut(r.URL.Path, "?")
	if path == "" {
		path = "/"
	}
	v := visit{service: s, apiID: id, event: httpevent.Request{
		Request: r, APIID: id, Path: path, RequestID: requestID(), TraceID: httpevent.Trace(r, now), Now: now, ShowsLength: true,
	}}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.apis[id]
	if a == nil || a.Settings.DisableExecuteApiEndpoint && via == nil {
		return v, nil, nil, false
	}
	v.event.Port = a.Port
	st, segments := a.staged(r.URL.EscapedPath())
	if via != nil {
		st, segments = a.Stages[via.Stage], gateway.Segments(via.Rest(r.URL.EscapedPath()))
		v.mapped(via, segments)
	}
	if st == nil || a.Deployments[st.Deployment] == nil {
		return v, nil, nil, false
	}
	d := a.Deployments[st.Deployment]
	v.scope, v.execution, v.stage, v.definition = a.Scope, a.Execution, st.Settings, d.Definition
	v.event.Account, v.event.Stage, v.event.StageVariables = a.Scope.Account, st.Settings.StageName, st.Settings.StageVariables
	v.variables = v.describe()
	return v, d.table, segments, true
}

// staged returns the stage that a percent-encoded path leads to, and the
// segments behind it. A stage that is named wins over $default.
func (a *api) staged(path string) (*stage, []string) {
	segments := gateway.Segments(path)
	if len(segments) > 0 && a.Stages[segments[0]] != nil && segments[0] != "$default" {
		return a.Stages[segments[0]], segments[1:]
	}
	return a.Stages["$default"], segments
}

// mapped notes that the request came by a domain name of one's own. Format 2.0
// does not show what the path began with there, but shows the stage unless that
// is $default; format 1.0 shows the path that was asked for ("Payload format
// differences" of "Create AWS Lambda proxy integrations for HTTP APIs", API
// Gateway Developer Guide).
func (v *visit) mapped(via *gateway.Mapping, segments []string) {
	v.event.Port, v.event.Domain, v.event.Asked = via.Port, via.Domain, v.event.Path
	if via.Stage != "$default" {
		segments = append([]string{via.Stage}, segments...)
	}
	v.event.Path = "/" + strings.Join(segments, "/")
	if plain, err := url.PathUnescape(v.event.Path); err == nil {
		v.event.Path, _, _ = strings.Cut(plain, "?")
	}
}

// requestID returns an identifier in the manner of HTTP APIs: 16 characters.
func requestID() string { return gateway.NewID(15) + "=" }

// describe returns the variables of a request that are known when it arrives.
func (v *visit) describe() map[string]string {
	e := &v.event
	e2 := e.V2().RequestContext
	domain, prefix := e.DomainName()
	return map[string]string{
		"accountId": e.Account, "apiId": e.APIID, "domainName": domain, "domainPrefix": prefix, "httpMethod": e.Method, "path": cmp.Or(e.Asked, e.Path),
		"protocol": e.Proto, "requestId": e.RequestID, "extendedRequestId": e.RequestID, "requestTime": e2.Time,
		"requestTimeEpoch": strconv.FormatInt(e2.TimeEpoch, 10), "stage": e.Stage,
		"identity.sourceIp": e2.HTTP.SourceIP, "identity.userAgent": e2.HTTP.UserAgent,
	}
}

// answer routes, throttles, authorizes and hands over a request.
func (v *visit) answer(t table, segments []string) httpevent.Response {
	entry, parameters, ok := t.match(v.event.Method, segments)
	v.entry, v.event.PathParameters = entry, parameters
	if v.preflight(ok) {
		return httpevent.Response{Status: http.StatusNoContent, Headers: http.Header{}}
	}
	if !ok || entry.route.Target == "" {
		return v.refuse(http.StatusNotFound, "Not Found", "")
	}
	key := entry.key.text
	v.event.RouteKey, v.variables["routeKey"] = key, key
	if !v.service.throttle.Allow(strings.Join([]string{v.apiID, v.stage.StageName, key}, "/"), v.stage.limit(key), v.event.Now) {
		return v.refuse(http.StatusTooManyRequests, "Too Many Requests", "THROTTLED")
	}
	body, err := gateway.ReadBody(v.event.Body)
	switch {
	case errors.Is(err, gateway.ErrTooLarge):
		return v.refuse(http.StatusRequestEntityTooLarge, "Request Entity Too Large", "REQUEST_TOO_LARGE")
	case err != nil:
		return v.refuse(http.StatusBadRequest, "Bad Request", "BAD_REQUEST")
	}
	v.event.Content = body
	if response, refused := v.authorize(); refused {
		return response
	}
	return v.integrate()
}

// preflight reports whether the API itself answers: it does wherever CORS is
// configured, unless the request goes to a $default route that needs
// authorization ("Configuring CORS for an HTTP API", API Gateway Developer
// Guide: such an API needs a route OPTIONS /{proxy+} without it).
func (v *visit) preflight(routed bool) bool {
	if v.definition.CORS == nil || !crossorigin.Preflight(v.event.Request) {
		return false
	}
	return !routed || v.entry.key.method != "" || v.entry.route.AuthorizationType == "NONE"
}

// message returns the answer of API Gateway itself.
func message(status int, text string) httpevent.Response {
	body, err := json.Marshal(map[string]string{"message": text})
	if err != nil {
		body = nil // never: plain text
	}
	return httpevent.Response{Status: status, Headers: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

// refuse returns the answer of API Gateway itself and notes it for the access
// log.
func (v *visit) refuse(status int, text, kind string) httpevent.Response {
	v.variables["error.message"], v.variables["error.messageString"] = text, strconv.Quote(text)
	v.variables["error.responseType"] = kind
	return message(status, text)
}

// log writes the access log of the stage.
func (v *visit) log(answer httpevent.Response, latency time.Duration) {
	err := v.stage.AccessLogSettings.Write(v.service.deps.Logs, gateway.Entry{
		Scope: v.scope, Stream: v.service.logs, Variables: v.variables, Answer: answer, Came: v.event.Now, Latency: latency,
	})
	if err != nil {
		v.service.env.Log.Warn().Err(err).Str("api", v.apiID).Msg("lost an access log")
	}
}
