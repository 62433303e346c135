// SPDX-License-Identifier: MIT

package shim

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

// errNotHTTP is the failure of an event that an http.Handler cannot serve.
var errNotHTTP = errors.New("the event is no HTTP request of an HTTP API, a REST API, a function URL or a load balancer")

// streamVariable is set to 1 for functions whose URL streams responses, which
// needs an OS-only runtime.
const streamVariable = "SPARTA_STREAM"

// newHTTPHandler serves HTTP events with h.
func newHTTPHandler(h http.Handler) lambda.Handler {
	if os.Getenv(streamVariable) == "1" {
		return streamHandler(h)
	}
	return invoker(func(ctx context.Context, event []byte) (result []byte, err error) {
		ctx = withLogger(ctx)
		defer recoverTo(ctx, &err)
		e, r, err := requestOf(ctx, event)
		if err != nil {
			return nil, err
		}
		w := newRecorder()
		h.ServeHTTP(w, r)
		return e.respond(w)
	})
}

// requestOf returns the HTTP request that an event is.
func requestOf(ctx context.Context, event []byte) (*httpEvent, *http.Request, error) {
	e, ok := parseHTTPEvent(event)
	if !ok {
		return nil, nil, errNotHTTP
	}
	r, err := e.request(context.WithValue(ctx, eventKey{}, json.RawMessage(event)))
	return e, r, err
}

type eventKey struct{}

// Event returns the event that an HTTP request came in, such as to read the
// claims in its requestContext. It reports false if ctx is not that of a request
// that a handler of the third form serves. The event is valid until the handler
// returns.
func Event(ctx context.Context) (json.RawMessage, bool) {
	event, ok := ctx.Value(eventKey{}).(json.RawMessage)
	return event, ok
}
