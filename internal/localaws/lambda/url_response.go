// SPDX-License-Identifier: MIT

package lambda

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// urlResponse is what a function URL answers.
type urlResponse struct {
	status  int
	headers map[string]string
	cookies []string
	body    []byte
}

// errResponse is the error for a result that is no HTTP response.
var errResponse = errors.New("the result of the function is no HTTP response")

// httpMetadata is the content type of a streamed response that starts with a
// prelude: JSON, then eight NUL bytes.
const httpMetadata = "application/vnd.awslambda.http-integration-response"

// prelude is the head of a streamed response, and of a buffered one.
type prelude struct {
	StatusCode any
	Headers    map[string]any
	Cookies    []string
}

// bufferedResponse makes the HTTP response of a function's result ("Response
// payload format", Lambda Developer Guide): an object with a statusCode says it
// all, anything else is the body of a 200 in JSON.
func bufferedResponse(payload []byte) (urlResponse, error) {
	var result struct {
		prelude
		Body            *string
		IsBase64Encoded bool
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(payload, &members) != nil || members["statusCode"] == nil {
		if !json.Valid(payload) {
			return urlResponse{}, errResponse
		}
		return urlResponse{
			status: http.StatusOK, headers: map[string]string{"Content-Type": "application/json"}, body: payload,
		}, nil
	}
	if json.Unmarshal(payload, &result) != nil {
		return urlResponse{}, errResponse
	}
	response, err := result.prelude.response("application/json")
	if err != nil || result.Body == nil {
		return response, err
	}
	response.body = []byte(*result.Body)
	if result.IsBase64Encoded {
		if response.body, err = base64.StdEncoding.DecodeString(*result.Body); err != nil {
			return urlResponse{}, errResponse
		}
	}
	return response, nil
}

// streamedResponse makes the HTTP response of a result under RESPONSE_STREAM:
// with a prelude it says status and headers, without one it is the body of a
// 200.
func streamedResponse(payload []byte, contentType string) (urlResponse, error) {
	if contentType != httpMetadata {
		return urlResponse{
			status: http.StatusOK, headers: map[string]string{"Content-Type": contentType}, body: payload,
		}, nil
	}
	head, body, found := bytes.Cut(payload, make([]byte, 8))
	var p prelude
	if !found || json.Unmarshal(head, &p) != nil {
		return urlResponse{}, errResponse
	}
	if p.StatusCode == nil {
		p.StatusCode = http.StatusOK
	}
	response, err := p.response("application/octet-stream")
	response.body = body
	return response, err
}

// response takes over status, headers and cookies.
func (p prelude) response(contentType string) (urlResponse, error) {
	status, err := strconv.Atoi(scalar(p.StatusCode))
	if err != nil || status < 200 || status > 599 {
		return urlResponse{}, errResponse
	}
	r := urlResponse{status: status, headers: map[string]string{"Content-Type": contentType}, cookies: p.Cookies}
	for name, value := range p.Headers {
		switch value.(type) {
		case string, bool, float64:
			r.headers[http.CanonicalHeaderKey(name)] = scalar(value)
		default:
			return urlResponse{}, errResponse
		}
	}
	return r, nil
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

// write sends the response.
func (r urlResponse) write(w http.ResponseWriter) {
	h := w.Header()
	for name, value := range r.headers {
		h.Set(name, value)
	}
	for _, cookie := range r.cookies {
		h.Add("Set-Cookie", cookie)
	}
	h.Del("Content-Length") // of what is sent, not of what the function says
	h.Del("Transfer-Encoding")
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // an error means that the client is gone, or that the status has no body
}
