// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// integrate hands the request to the function and returns its answer.
func (v *visit) integrate() httpevent.Response {
	i := v.definition.Integrations[v.entry.route.integration()]
	if i == nil {
		return v.refuse(http.StatusInternalServerError, "Internal Server Error", "INTEGRATION_FAILURE")
	}
	function, ok := gateway.Target(gateway.Variables(i.IntegrationUri, v.stage.StageVariables))
	payload, err := json.Marshal(v.payload(i.PayloadFormatVersion))
	if err != nil || !ok {
		return v.refuse(http.StatusInternalServerError, "Internal Server Error", "INTEGRATION_FAILURE")
	}
	response, err := v.service.caller.Integrate(gateway.Call{
		Scope: v.scope, Function: function, Source: v.source(), Payload: payload, TraceID: v.event.TraceID,
		Timeout: time.Duration(i.TimeoutInMillis) * time.Millisecond,
	}, v.variables)
	if err == nil {
		var answer httpevent.Response
		if answer, err = responseOf(i.PayloadFormatVersion, response.Payload); err == nil {
			return answer
		}
	}
	return v.failed(err)
}

// failed answers for a function that gave no response.
func (v *visit) failed(err error) httpevent.Response {
	v.variables["integrationErrorMessage"], v.variables["integration.error"] = err.Error(), err.Error()
	v.service.env.Log.Warn().Err(err).Str("api", v.apiID).Str("route", v.entry.key.text).Msg("answered for a function that gave no response")
	if e, ok := errors.AsType[*wire.Error](err); ok {
		switch e.HTTPStatus() {
		case http.StatusRequestEntityTooLarge:
			return v.refuse(http.StatusRequestEntityTooLarge, "Request Entity Too Large", "REQUEST_TOO_LARGE")
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			return v.refuse(http.StatusServiceUnavailable, "Service Unavailable", "INTEGRATION_FAILURE")
		}
	}
	if errors.Is(err, gateway.ErrTimeout) || errors.Is(err, gateway.ErrClosed) {
		return v.refuse(http.StatusServiceUnavailable, "Service Unavailable", "INTEGRATION_TIMEOUT")
	}
	return v.refuse(http.StatusInternalServerError, "Internal Server Error", "INTEGRATION_FAILURE")
}

// source returns the ARN as which the route calls its function: stage, method
// and path of the route, whose parameters stay in braces.
func (v *visit) source() string {
	if v.entry.key.method == "" {
		return v.execution(v.stage.StageName + "/$default")
	}
	return v.execution(v.stage.StageName + "/" + v.event.Method + v.entry.key.path.String())
}

// payload returns the event for the function.
func (v *visit) payload(version string) any {
	if version == "2.0" {
		return v.event.V2()
	}
	e := v.event.V1(v.resource(), v.event.Path, !httpevent.IsText(v.event.Header.Get("Content-Type"), v.event.Content))
	e.Version, e.RequestContext.ResourceID = "1.0", v.entry.key.text
	e.RequestContext.OperationName = v.entry.route.OperationName
	e.RequestContext.Authorizer = authorizerV1(&e, v.event.Authorizer)
	return e
}

// resource returns the path of the route.
func (v *visit) resource() string {
	if v.entry.key.method == "" {
		return v.entry.key.text
	}
	return v.entry.key.path.String()
}

// responseOf makes the response of what a function returned. In format 2.0
// anything without a statusCode is the body of a 200, whether it is JSON or not.
func responseOf(version string, payload []byte) (httpevent.Response, error) {
	const contentType = "text/plain; charset=utf-8"
	switch {
	case version != "2.0":
		return httpevent.Proxied(payload, contentType, true)
	case !json.Valid(payload):
		return httpevent.Response{Status: http.StatusOK, Headers: http.Header{"Content-Type": {"application/json"}}, Body: payload}, nil
	}
	return httpevent.Buffered(payload, contentType)
}
