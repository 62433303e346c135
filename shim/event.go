// SPDX-License-Identifier: MIT

package shim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/rs/zerolog"
)

// eventHandler serves events with a function of the first form. Its result is
// what it writes: JSON as it is, other text as a JSON string, nothing as null. A
// status of 400 or more is a failure. For an HTTP event the result is the HTTP
// response instead, whatever its status.
func eventHandler(f eventFunction) lambda.Handler {
	return invoker(func(ctx context.Context, event []byte) (result []byte, err error) {
		ctx = withLogger(ctx)
		defer recoverTo(ctx, &err)
		request, isHTTP := parseHTTPEvent(event)
		lc, ok := From(ctx)
		if !ok {
			lc = &LambdaContext{}
		}
		w := newRecorder()
		f(new(json.RawMessage(event)), lc, w, zerolog.Ctx(ctx))
		if isHTTP {
			return request.respond(w)
		}
		return w.result()
	})
}

// result is what the handler wrote as a Lambda result.
func (w *recorder) result() ([]byte, error) {
	if w.status >= http.StatusBadRequest {
		return nil, failureOfStatus(w.status, w.body.String())
	}
	body := w.body.Bytes()
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return []byte("null"), nil
	case isJSON(w.sent.Get("Content-Type")) || json.Valid(body):
		return body, nil
	}
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(w.body.String()); err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return bytes.TrimSuffix(quoted.Bytes(), []byte{'\n'}), nil
}

// failureOfStatus is the failure that a status stands for. Its message begins
// with the status text, by which an API can tell failures apart, and goes on
// with the body: "Not Found: no such order".
func failureOfStatus(status int, body string) messages.InvokeResponse_Error {
	text := http.StatusText(status)
	if text == "" {
		text = fmt.Sprintf("Status %d", status)
	}
	message := text
	if body = strings.TrimSpace(body); body != "" {
		message += ": " + body
	}
	return messages.InvokeResponse_Error{Type: identifier(text), Message: message}
}

// identifier drops all but letters and digits: Internal Server Error becomes
// InternalServerError.
func identifier(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// isJSON reports whether a Content-Type is application/json or another type in
// JSON's syntax, such as application/problem+json.
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || strings.HasSuffix(media, "+json"))
}
