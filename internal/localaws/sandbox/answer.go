// SPDX-License-Identifier: MIT

package sandbox

import (
	"encoding/base64"
	"io"
	"net/http"
)

// The headers and trailers of an answer.
const (
	responseModeHeader = "Lambda-Runtime-Function-Response-Mode"
	errorTypeHeader    = "Lambda-Runtime-Function-Error-Type"
	errorBodyTrailer   = "Lambda-Runtime-Function-Error-Body"
)

// httpIntegration is the content type of a streamed HTTP response: a JSON
// prelude with status and headers, eight NUL bytes, and the body.
const httpIntegration = "application/vnd.awslambda.http-integration-response"

// streamLimit is the size of the largest streamed result in bytes.
const streamLimit = 200 << 20

// drainBytes is how much more of a result that is too large is read, so that
// the runtime gets to read our answer.
const drainBytes = 64 << 20

// serveResponse takes the result of an event.
func (a *runtimeAPI) serveResponse(w http.ResponseWriter, r *http.Request) {
	e := a.take(w, r)
	if e == nil {
		return
	}
	mode := r.Header.Get(responseModeHeader)
	if mode != "" && mode != "streaming" {
		a.settle(e, runtimeReply("", "Runtime.InvalidResponseModeHeader", "invalid response mode header"))
		answer(w, http.StatusBadRequest, failure{"InvalidFunctionResponseMode", "Invalid function response mode"})
		return
	}
	contentType := r.Header.Get("Content-Type")
	streaming := mode == "streaming" || contentType == httpIntegration
	limit := payloadLimit
	if streaming {
		limit = streamLimit
	}
	body, ok := a.body(w, r, e, limit)
	if !ok {
		return
	}
	out := reply{payload: body, contentType: contentType, streaming: streaming}
	if late := r.Trailer.Get(errorTypeHeader); late != "" {
		out = lateFailure(r)
	}
	a.settle(e, out)
	accepted(w)
}

// serveError takes the failure of an event.
func (a *runtimeAPI) serveError(w http.ResponseWriter, r *http.Request) {
	e := a.take(w, r)
	if e == nil {
		return
	}
	body, ok := a.body(w, r, e, payloadLimit)
	if !ok {
		return
	}
	a.settle(e, failureOf(body, r.Header.Get(errorTypeHeader)))
	accepted(w)
}

// serveInitError takes the failure of the init phase.
func (a *runtimeAPI) serveInitError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, payloadLimit))
	a.mu.Lock()
	from := a.state
	if from == started {
		a.state = "InitError"
	}
	a.mu.Unlock()
	switch {
	case err != nil:
		truncated(w)
	case from != started:
		forbidden(w, from, "InitError")
	default:
		a.initFailed <- failureOf(body, r.Header.Get(errorTypeHeader))
		accepted(w)
	}
}

// take returns the event that the request answers, or nil after it answered the
// request itself: it is for another event, or not due.
func (a *runtimeAPI) take(w http.ResponseWriter, r *http.Request) *event {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.event == nil || a.event.RequestID != r.PathValue("id") {
		answer(w, http.StatusBadRequest, failure{"InvalidRequestID", "Invalid request ID"})
		return nil
	}
	if a.state != running {
		forbidden(w, a.state, answered)
		return nil
	}
	return a.event
}

// settle ends the event with its reply. Of two answers that race, the first
// counts.
func (a *runtimeAPI) settle(e *event, r reply) {
	a.mu.Lock()
	a.state = answered
	a.mu.Unlock()
	select {
	case e.done <- r:
	default:
	}
}

// body reads an answer. It reports false after it answered the request itself:
// the body is too large or was cut off.
func (a *runtimeAPI) body(w http.ResponseWriter, r *http.Request, e *event, limit int) ([]byte, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	switch {
	case err != nil:
		truncated(w)
		return nil, false
	case len(body) > limit:
		_, _ = io.CopyN(io.Discard, r.Body, drainBytes)
		a.settle(e, sizeReply())
		answer(w, http.StatusRequestEntityTooLarge, failure{"RequestEntityTooLarge", sizeMessage("Exceeded")})
		return nil, false
	}
	return body, true
}

func truncated(w http.ResponseWriter) {
	answer(w, http.StatusBadRequest, failure{"TruncatedHTTPRequest", "HTTP request detected as truncated"})
}

// lateFailure is the failure of a result that was already on its way, told in
// trailers.
func lateFailure(r *http.Request) reply {
	body, err := base64.StdEncoding.DecodeString(r.Trailer.Get(errorBodyTrailer))
	if err != nil {
		body = nil
	}
	return failureOf(body, r.Trailer.Get(errorTypeHeader))
}

// failureOf is the reply for a failure that the runtime described.
func failureOf(body []byte, errorType string) reply {
	return reply{payload: body, contentType: jsonType, errorType: knownErrorType(errorType)}
}
