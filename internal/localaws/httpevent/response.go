// SPDX-License-Identifier: MIT

package httpevent

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
)

// Response is what a front end answers.
type Response struct {
	Status  int
	Headers http.Header
	Body    []byte
}

// ErrResponse is the error for a result that is no HTTP response.
var ErrResponse = errors.New("the result of the function is no HTTP response")

// httpMetadata is the content type of a streamed response that starts with a
// prelude: JSON, then eight NUL bytes.
const httpMetadata = "application/vnd.awslambda.http-integration-response"

// prelude is the head of a streamed response, and of a buffered one.
type prelude struct {
	StatusCode        any
	Headers           map[string]any
	MultiValueHeaders map[string][]any
	Cookies           []string
}

// result is what a function returns.
type result struct {
	prelude
	Body            *string
	IsBase64Encoded bool
}

// Buffered makes the HTTP response of a result in format 2.0: an object with a
// statusCode says it all, and has contentType unless it names one; anything
// else is the body of a 200 in JSON.
func Buffered(payload []byte, contentType string) (Response, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(payload, &members) != nil || members["statusCode"] == nil {
		if !json.Valid(payload) {
			return Response{}, ErrResponse
		}
		return Response{http.StatusOK, http.Header{"Content-Type": {"application/json"}}, payload}, nil
	}
	var r result
	if json.Unmarshal(payload, &r) != nil {
		return Response{}, ErrResponse
	}
	r.MultiValueHeaders = nil // format 2.0 has none
	return r.response(contentType, true)
}

// Proxied makes the HTTP response of a result in format 1.0, which must be an
// object with a statusCode. A body in base64 is decoded only if decode is set,
// as REST APIs do for the media types that they know as binary.
func Proxied(payload []byte, contentType string, decode bool) (Response, error) {
	var r result
	if json.Unmarshal(payload, &r) != nil || r.StatusCode == nil {
		return Response{}, ErrResponse
	}
	r.Cookies = nil // format 1.0 has none
	return r.response(contentType, decode)
}

// response makes the HTTP response.
func (r result) response(contentType string, decode bool) (Response, error) {
	response, err := r.prelude.response(contentType)
	if err != nil || r.Body == nil {
		return response, err
	}
	response.Body = []byte(*r.Body)
	if r.IsBase64Encoded && decode {
		if response.Body, err = base64.StdEncoding.DecodeString(*r.Body); err != nil {
			return Response{}, ErrResponse
		}
	}
	return response, nil
}

// Streamed makes the HTTP response of a streamed result: with a prelude it says
// status and headers, without one it is the body of a 200.
func Streamed(payload []byte, contentType string) (Response, error) {
	if contentType != httpMetadata {
		return Response{http.StatusOK, http.Header{"Content-Type": {contentType}}, payload}, nil
	}
	head, body, found := bytes.Cut(payload, make([]byte, 8))
	var p prelude
	if !found || json.Unmarshal(head, &p) != nil {
		return Response{}, ErrResponse
	}
	if p.StatusCode == nil {
		p.StatusCode = http.StatusOK
	}
	response, err := p.response("application/octet-stream")
	response.Body = body
	return response, err
}

// response takes over status, headers and cookies. A header in both maps has
// the values of both, each once.
func (p prelude) response(contentType string) (Response, error) {
	status, err := strconv.Atoi(scalar(p.StatusCode))
	if err != nil || status < 200 || status > 599 {
		return Response{}, ErrResponse
	}
	h := http.Header{}
	for name, value := range p.Headers {
		switch value.(type) {
		case string, bool, float64:
			h.Set(name, scalar(value))
		default:
			return Response{}, ErrResponse
		}
	}
	for name, values := range p.MultiValueHeaders {
		single := h.Values(name)
		h.Del(name)
		for _, value := range values {
			h.Add(name, scalar(value))
		}
		for _, value := range single {
			if !slices.Contains(h.Values(name), value) {
				h.Add(name, value)
			}
		}
	}
	for _, cookie := range p.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", contentType)
	}
	return Response{Status: status, Headers: h}, nil
}

// scalar returns a JSON scalar as text, or "" for anything else.
func scalar(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case int:
		return strconv.Itoa(x)
	}
	return ""
}

// Write sends the response.
func (r Response) Write(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range r.Headers {
		if name == "Vary" { // that of CORS stays
			values = append(h[name], values...)
		}
		h[name] = values
	}
	h.Del("Content-Length") // of what is sent, not of what the function says
	h.Del("Transfer-Encoding")
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body) // an error means that the client is gone, or that the status has no body
}
