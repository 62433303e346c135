// SPDX-License-Identifier: MIT

package apigateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// isBinary reports whether the API takes a media type as binary.
func (v *visit) isBinary(contentType string) bool {
	media := httpevent.MediaType(contentType)
	return slices.ContainsFunc(v.definition.Settings.BinaryMediaTypes, func(b string) bool {
		b = strings.ToLower(strings.ReplaceAll(b, "~1", "/"))
		prefix, any := strings.CutSuffix(b, "/*")
		return b == "*/*" || b == media || any && strings.HasPrefix(media, prefix+"/")
	})
}

// payload returns the event for the function or an authorizer.
func (v *visit) payload() httpevent.V1 {
	e := v.event.V1(v.entry.path.String(), v.fullPath(), v.isBinary(v.event.Header.Get("Content-Type")))
	c := &e.RequestContext
	c.ResourceID, c.OperationName, c.Identity = v.entry.id, v.method.OperationName, v.identity
	return e
}

// source returns the ARN as which the method calls its function.
func (v *visit) source() string {
	return v.execution(v.stage.StageName + "/" + v.event.Method + v.entry.path.String())
}

// integrate hands the request to the function and returns its answer.
func (v *visit) integrate() httpevent.Response {
	i := v.method.Integration
	function, _ := gateway.Target(gateway.Variables(i.Uri, v.stage.Variables))
	payload, err := json.Marshal(v.payload())
	if err != nil {
		return v.failed(fmt.Errorf("make event: %w", err))
	}
	response, err := v.service.caller.Integrate(gateway.Call{
		Scope: v.scope, Function: function, Source: v.source(), Payload: payload, TraceID: v.event.TraceID,
		Timeout: time.Duration(i.TimeoutInMillis) * time.Millisecond,
	}, v.variables)
	if err != nil {
		return v.failed(err)
	}
	accepted, _, _ := strings.Cut(v.event.Header.Get("Accept"), ",")
	answer, err := httpevent.Proxied(response.Payload, "application/json", v.isBinary(accepted))
	if err != nil {
		return v.failed(err)
	}
	remap(answer.Headers)
	answer.Headers.Set("X-Amzn-Trace-Id", v.event.TraceID)
	return answer
}

// remapped are the headers of functions that REST APIs send under another name
// ("Amazon API Gateway important notes for REST APIs").
var remapped = []string{"Authorization", "Connection", "Content-Length", "Date", "Host", "Server", "User-Agent", "Www-Authenticate"}

func remap(h http.Header) {
	for _, name := range remapped {
		if values := h.Values(name); len(values) > 0 {
			h["X-Amzn-Remapped-"+name] = values
			h.Del(name)
		}
	}
}

// failed answers for a function that gave no response.
func (v *visit) failed(err error) httpevent.Response {
	v.variables["integrationErrorMessage"], v.variables["integration.error"] = err.Error(), err.Error()
	v.service.env.Log.Warn().Err(err).Str("api", v.apiID).Str("resource", v.entry.path.String()).Msg("answered for a function that gave no response")
	if e, ok := errors.AsType[*wire.Error](err); ok && e.HTTPStatus() == http.StatusRequestEntityTooLarge {
		return v.refuse("REQUEST_TOO_LARGE", http.StatusRequestEntityTooLarge, "Request Too Long")
	}
	switch {
	case errors.Is(err, gateway.ErrTimeout):
		return v.refuse("INTEGRATION_TIMEOUT", http.StatusGatewayTimeout, "Endpoint request timed out")
	case errors.Is(err, gateway.ErrFunction), errors.Is(err, httpevent.ErrResponse):
		return v.refuse("DEFAULT_5XX", http.StatusBadGateway, "Internal server error")
	}
	return v.refuse("API_CONFIGURATION_ERROR", http.StatusInternalServerError, "Internal server error")
}

// mock answers from the templates of the method: the request template, or the
// body that passes through, has the statusCode, which selects the response.
func (v *visit) mock() httpevent.Response {
	i := v.method.Integration
	media := httpevent.MediaType(v.event.Header.Get("Content-Type"))
	if media == "" {
		media = "application/json"
	}
	text, ok := i.RequestTemplates[media]
	if !ok {
		if i.PassthroughBehavior == "NEVER" || i.PassthroughBehavior == "WHEN_NO_TEMPLATES" && len(i.RequestTemplates) > 0 {
			return v.refuse("UNSUPPORTED_MEDIA_TYPE", http.StatusUnsupportedMediaType, "Unsupported Media Type")
		}
		text = string(v.event.Content)
	}
	var said struct {
		StatusCode json.Number `json:"statusCode"`
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil || said.StatusCode == "" {
		return v.failed(errors.New("answer MOCK: the request template gives no statusCode"))
	}
	response, ok := i.response(said.StatusCode.String())
	if !ok {
		return v.failed(fmt.Errorf("answer MOCK: no integration response fits the status %s", said.StatusCode))
	}
	return response.answer(v.event.Header.Get("Origin"))
}

// response returns the response whose pattern fits a status, or else the one
// without a pattern.
func (i *integration) response(status string) (integrationResponse, bool) {
	var general *integrationResponse
	for _, r := range i.IntegrationResponses {
		if r.SelectionPattern == "" {
			general = &r
			continue
		}
		if fits, err := regexp.MatchString("^(?:"+r.SelectionPattern+")$", status); err == nil && fits {
			return r, true
		}
	}
	if general == nil {
		return integrationResponse{}, false
	}
	return *general, true
}

// answer makes the HTTP response to a request from an origin.
func (r integrationResponse) answer(origin string) httpevent.Response {
	status, err := strconv.Atoi(r.StatusCode)
	if err != nil || status < 200 {
		status = http.StatusInternalServerError
	}
	answer := httpevent.Response{Status: status, Headers: http.Header{"Content-Type": {"application/json"}}}
	if text, ok := r.ResponseTemplates["application/json"]; ok {
		answer.Body = []byte(text)
	} else {
		for media, text := range r.ResponseTemplates {
			answer.Body = []byte(text)
			answer.Headers.Set("Content-Type", media)
		}
	}
	for name, value := range r.ResponseParameters {
		header, _ := strings.CutPrefix(name, "method.response.header.")
		text, _ := quoted(value)
		answer.Headers.Set(header, text)
	}
	if set, ok := originOf(string(answer.Body), origin); ok {
		answer.Body = nil
		if set != "" {
			answer.Headers.Set("Access-Control-Allow-Origin", set)
		}
	}
	return answer
}
