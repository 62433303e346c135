// SPDX-License-Identifier: MIT

package apigateway

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/wire"
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
	method     *method
	event      httpevent.Request
	identity   httpevent.V1Identity
	usageKey   string            // the API key that the authorizer took the caller for
	variables  map[string]string // for access logs, identity sources and answers
}

// visitor serves an API at its own address.
func (s *Service) visitor(id string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.visit(w, r, id, nil) })
}

// Serve answers a request to an API: to its own address, or by way of a domain
// name of one's own if via is not nil. It reports false if there is no such API.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, id string, via *gateway.Mapping) bool {
	s.mu.Lock()
	_, ok := s.state.APIs[id]
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
// final slash; the stage follows each.
func (s *Service) Addresses() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return gateway.Addresses(s.state.APIs)
}

// visit answers a request to an API, and logs it.
func (s *Service) visit(w http.ResponseWriter, r *http.Request, id string, via *gateway.Mapping) {
	began := s.env.Now()
	v, table, segments, ok := s.arrive(r, id, via, began)
	h := w.Header()
	h.Set("X-Amzn-Requestid", v.event.RequestID)
	h.Set("X-Amz-Apigw-Id", gateway.NewID(15)+"=")
	if !ok {
		h.Set("X-Amzn-Errortype", "ForbiddenException")
		httpevent.Response{Status: http.StatusForbidden, Headers: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"message":"Forbidden"}`)}.Write(w)
		return
	}
	answer := v.answer(table, segments)
	answer.Write(w)
	v.log(answer, s.env.Now().Sub(began))
}

// arrive finds the stage that a request is for, and the segments of the path
// behind it. Behind a domain name of one's own the event shows the path that was
// asked for ("Use API mappings to connect API stages to a custom domain name for
// REST APIs", API Gateway Developer Guide).
func (s *Service) arrive(r *http.Request, id string, via *gateway.Mapping, now time.Time) (visit, table, []string, bool) {
	v := visit{service: s, apiID: id, event: httpevent.Request{
		Request: r, APIID: id, RequestID: wire.RequestID(), TraceID: httpevent.Trace(r, now), Now: now,
	}}
	segments := gateway.Segments(r.URL.EscapedPath())
	if via != nil {
		segments = gateway.Segments(via.Rest(r.URL.EscapedPath()))
		v.event.Domain, v.event.Asked = via.Domain, r.URL.EscapedPath()
		if via.Stage != "" {
			segments = append([]string{via.Stage}, segments...)
		}
	}
	if len(segments) == 0 {
		return v, nil, nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.state.APIs[id]
	if a == nil || a.Current.Settings.DisableExecuteApiEndpoint && via == nil {
		return v, nil, nil, false
	}
	st := a.Stages[segments[0]]
	if st == nil || a.Deployments[st.Settings.DeploymentId] == nil {
		return v, nil, nil, false
	}
	d := a.Deployments[st.Settings.DeploymentId]
	segments = segments[1:]
	v.scope, v.execution, v.stage, v.definition = a.Scope, a.Execution, st.Settings, d.Definition
	v.event.Port, v.event.Account, v.event.Stage = a.Port, a.Scope.Account, st.Settings.StageName
	if via != nil {
		v.event.Port = via.Port
	}
	v.event.StageVariables = st.Settings.Variables
	v.event.Path = "/" + strings.Join(segments, "/")
	v.identity = httpevent.V1Identity{SourceIP: httpevent.SourceIP(r), UserAgent: r.UserAgent()}
	v.describe()
	return v, d.table, segments, true
}

// describe notes the variables of a request that are known when it arrives.
func (v *visit) describe() {
	e := &v.event
	c := e.V1("", v.fullPath(), false).RequestContext
	v.variables = map[string]string{
		"accountId": e.Account, "apiId": e.APIID, "domainName": c.DomainName, "domainPrefix": c.DomainPrefix, "httpMethod": e.Method,
		"path": c.Path, "protocol": e.Proto, "requestId": e.RequestID, "extendedRequestId": e.RequestID,
		"requestTime": c.RequestTime, "requestTimeEpoch": strconv.FormatInt(c.RequestTimeEpoch, 10), "stage": e.Stage,
		"identity.sourceIp": v.identity.SourceIP, "identity.userAgent": v.identity.UserAgent,
	}
}

// fullPath returns the path with the stage.
func (v *visit) fullPath() string { return "/" + v.stage.StageName + v.event.Path }

// answer routes, authorizes, throttles, validates and hands over a request.
func (v *visit) answer(t table, segments []string) httpevent.Response {
	v.entry, v.method, v.event.PathParameters = t.match(v.event.Method, segments)
	if v.method == nil {
		return v.refuse("MISSING_AUTHENTICATION_TOKEN", http.StatusForbidden, "Missing Authentication Token")
	}
	v.variables["resourceId"], v.variables["resourcePath"] = v.entry.id, v.entry.path.String()
	for _, step := range []func() (httpevent.Response, bool){v.read, v.authorize, v.admit, v.pace, v.validate} {
		if response, refused := step(); refused {
			return response
		}
	}
	if v.method.Integration.Type == "MOCK" {
		return v.mock()
	}
	return v.integrate()
}

// read takes the body.
func (v *visit) read() (httpevent.Response, bool) {
	body, err := gateway.ReadBody(v.event.Body)
	switch {
	case errors.Is(err, gateway.ErrTooLarge):
		return v.refuse("REQUEST_TOO_LARGE", http.StatusRequestEntityTooLarge, "Request Too Long"), true
	case err != nil:
		return v.refuse("DEFAULT_4XX", http.StatusBadRequest, "Bad Request"), true
	}
	v.event.Content = body
	return httpevent.Response{}, false
}

// pace counts the request against the limits of the stage.
func (v *visit) pace() (httpevent.Response, bool) {
	path, verb := v.entry.path.String(), v.method.HttpMethod
	name := strings.Join([]string{v.apiID, v.stage.StageName, verb, path}, "/")
	if !v.service.throttle.Allow(name, v.stage.limit(path, verb), v.event.Now) {
		return v.refuse("THROTTLED", http.StatusTooManyRequests, "Too Many Requests"), true
	}
	return httpevent.Response{}, false
}

// validate asks for the parameters that the method requires.
func (v *visit) validate() (httpevent.Response, bool) {
	rules := v.definition.Validators[v.method.RequestValidatorId]
	if rules == nil || !rules.ValidateRequestParameters {
		return httpevent.Response{}, false
	}
	var missing []string
	for name, required := range v.method.RequestParameters {
		place, key, _ := location(name)
		if required && v.parameter(place, key) == "" {
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return httpevent.Response{}, false
	}
	return v.refuse("BAD_REQUEST_PARAMETERS", http.StatusBadRequest, "Missing required request parameters: ["+strings.Join(sorted(missing), ", ")+"]"), true
}

// parameter returns something of the request, such as a header.
func (v *visit) parameter(place, key string) string {
	switch place {
	case "path":
		return v.event.PathParameters[key]
	case "header", "multivalueheader":
		if strings.EqualFold(key, "host") {
			return v.event.Host
		}
		return strings.Join(v.event.Header.Values(key), ",")
	}
	return strings.Join(v.event.URL.Query()[key], ",")
}

// log writes the access log of the stage.
func (v *visit) log(answer httpevent.Response, latency time.Duration) {
	err := v.stage.AccessLogSetting.Write(v.service.deps.Logs, gateway.Entry{
		Scope: v.scope, Stream: v.service.logs, Variables: v.variables, Answer: answer, Came: v.event.Now, Latency: latency,
	})
	if err != nil {
		v.service.env.Log.Warn().Err(err).Str("api", v.apiID).Msg("lost an access log")
	}
}
