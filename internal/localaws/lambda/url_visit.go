// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	crossorigin "github.com/sparta-up/sparta/internal/localaws/cors"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// visit is a request to a function URL.
type visit struct {
	service *Service
	scope   arn.Scope
	ref     reference
}

// visitor serves the function URL of a function's $LATEST, or of an alias.
func (s *Service) visitor(scope arn.Scope, name, qualifier string) http.Handler {
	v := visit{s, scope, reference{name: name, qualifier: qualifier}}
	return http.HandlerFunc(v.serve)
}

func (v visit) serve(w http.ResponseWriter, r *http.Request) {
	s := v.service
	s.mu.Lock()
	f, u, err := s.url(call{scope: v.scope, function: v.ref})
	granted := err == nil && (u.AuthType == "AWS_IAM" || f.public(v.ref.qualifier))
	s.mu.Unlock()
	if err != nil {
		refuseVisit(w, http.StatusNotFound, "ResourceNotFoundException", "Not Found")
		return
	}
	if u.CORS != nil && crossorigin.Preflight(r) {
		u.CORS.settings().Mark(w.Header(), r)
		w.WriteHeader(http.StatusOK)
		return
	}
	id := wire.Identify(r, v.scope.Account, v.scope.Region)
	if !granted || u.AuthType == "AWS_IAM" && !v.admits(id) {
		u.CORS.settings().Mark(w.Header(), r)
		refuseVisit(w, http.StatusForbidden, "AccessDeniedException", "Forbidden. For troubleshooting Function URL "+
			"authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html")
		return
	}
	v.forward(w, r, u, id)
}

// admits reports whether a caller who signs may use a URL for AWS_IAM: a role
// needs two permissions since October 2025 ("Control access to Lambda function
// URLs").
func (v visit) admits(id wire.Identity) bool {
	if id.Anonymous {
		return false
	}
	on := (&function{Scope: v.scope, Name: v.ref.name}).arn(v.ref.qualifier)
	return v.service.env.Access.Check(id,
		access.Need{Action: "lambda:InvokeFunctionUrl", Resource: on, Context: map[string]string{"lambda:functionurlauthtype": "AWS_IAM"}},
		access.Need{Action: "lambda:InvokeFunction", Resource: on, Context: map[string]string{"lambda:invokedviafunctionurl": "true"}},
	) == nil
}

// forward hands the request to the function and its answer to the client.
func (v visit) forward(w http.ResponseWriter, r *http.Request, u *functionURL, id wire.Identity) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSyncPayload))
	if err != nil {
		u.CORS.settings().Mark(w.Header(), r)
		refuseVisit(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", "Request Entity Too Large")
		return
	}
	request := urlRequest(r, body, u, v.scope.Account, v.service.env.Now())
	if u.AuthType == "AWS_IAM" {
		request.Authorizer = v.authorizer(id)
	}
	payload, err := json.Marshal(request.V2())
	if err != nil {
		refuseVisit(w, http.StatusBadGateway, "InternalServerException", "Internal Server Error")
		return
	}
	// The function is not stopped when the client goes away, as on AWS.
	response, err := v.service.invoke(context.WithoutCancel(r.Context()), v.scope, v.ref, payload,
		InvokeOptions{TraceID: request.TraceID})
	h := w.Header()
	h.Set("X-Amzn-Requestid", request.RequestID)
	h.Set("X-Amzn-Trace-Id", request.TraceID)
	if err != nil {
		u.CORS.settings().Mark(h, r)
		status, code, message := faultOf(err)
		refuseVisit(w, status, code, message)
		return
	}
	answer, err := answerOf(u, response)
	if err != nil {
		v.service.env.Log.Warn().Err(err).Str("function", v.ref.name).Msg("answered 502 for a function URL")
		u.CORS.settings().Mark(h, r)
		refuseVisit(w, http.StatusBadGateway, "InternalServerException", "Internal Server Error")
		return
	}
	u.CORS.settings().Clear(answer.Headers)
	u.CORS.settings().Mark(h, r)
	answer.Write(w)
}

// answerOf makes the HTTP response of what the function gave.
func answerOf(u *functionURL, response Response) (httpevent.Response, error) {
	switch {
	case response.FunctionError != "":
		return httpevent.Response{}, errors.New("the function failed")
	case u.InvokeMode == "RESPONSE_STREAM":
		return httpevent.Streamed(response.Payload, response.ContentType)
	}
	return httpevent.Buffered(response.Payload, "application/json")
}

func (v visit) authorizer(id wire.Identity) *urlAuthorizer {
	var a urlAuthorizer
	userARN, userID := v.service.env.Access.Caller(id)
	a.IAM.AccessKey, a.IAM.AccountID = id.AccessKeyID, id.Account
	a.IAM.CallerID, a.IAM.UserID, a.IAM.UserARN = userID, userID, userARN
	return &a
}

// faultOf returns how a function URL answers an invocation that Lambda refused.
func faultOf(err error) (status int, code, message string) {
	e, ok := errors.AsType[*wire.Error](err)
	switch {
	case ok && e.HTTPStatus() == http.StatusTooManyRequests:
		return e.HTTPStatus(), e.Code, e.Message
	case ok && e.HTTPStatus() == http.StatusRequestEntityTooLarge:
		return e.HTTPStatus(), e.Code, "Request Entity Too Large"
	case ok && e.HTTPStatus() == http.StatusServiceUnavailable:
		return e.HTTPStatus(), e.Code, "Service Unavailable"
	}
	return http.StatusBadGateway, "InternalServerException", "Internal Server Error"
}

// refuseVisit answers with an error of Lambda itself.
func refuseVisit(w http.ResponseWriter, status int, code, message string) {
	member := "message"
	if status == http.StatusForbidden {
		member = "Message" // so it is on AWS
	}
	w.Header().Set("X-Amzn-Errortype", code)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	text, err := json.Marshal(map[string]string{member: message})
	if err == nil { // never fails: plain text
		_, _ = io.WriteString(w, strings.TrimSpace(string(text)))
	}
}
