// SPDX-License-Identifier: MIT

package shim

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// streamHandler serves the requests of a function URL that streams: what h
// writes is on its way at once.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
func streamHandler(h http.Handler) lambda.Handler {
	return lambda.NewHandler(func(ctx context.Context, event json.RawMessage) (*events.LambdaFunctionURLStreamingResponse, error) {
		ctx = withLogger(ctx)
		_, r, err := requestOf(ctx, event)
		if err != nil {
			return nil, err
		}
		body, w := io.Pipe()
		s := &streamWriter{header: http.Header{}, body: w, head: r.Method == http.MethodHead, began: make(chan struct{})}
		go s.serve(ctx, h, r)
		<-s.began
		if s.failure != nil {
			return nil, s.failure
		}
		out := &events.LambdaFunctionURLStreamingResponse{StatusCode: s.status, Body: body}
		out.Headers, out.Cookies = flatten(s.sent)
		return out, nil
	})
}

// streamWriter passes a response on as it is written. The reader of body sees
// its end when the handler has returned.
type streamWriter struct {
	header http.Header
	body   *io.PipeWriter
	head   bool          // there is no body
	began  chan struct{} // closed when status and headers are fixed, or the handler failed

	// valid once began is closed
	status  int
	sent    http.Header
	failure error
}

// serve runs the handler to its end. A panic before the response began is the
// failure of the event; later it ends the body with an error.
func (w *streamWriter) serve(ctx context.Context, h http.Handler, r *http.Request) {
	err := w.guard(ctx, h, r)
	if err == nil {
		w.WriteHeader(http.StatusOK)
	}
	if w.status == 0 {
		w.failure = err
		close(w.began)
	}
	_ = w.body.CloseWithError(err) // never fails; nil means the end
}

func (w *streamWriter) guard(ctx context.Context, h http.Handler, r *http.Request) (err error) {
	defer recoverTo(ctx, &err)
	h.ServeHTTP(w, r)
	return nil
}

// Header returns the headers to send.
func (w *streamWriter) Header() http.Header { return w.header }

// WriteHeader fixes status and headers and begins the response.
func (w *streamWriter) WriteHeader(status int) { w.begin(status, nil) }

func (w *streamWriter) begin(status int, first []byte) {
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	w.sent = w.header.Clone()
	if _, has := w.sent["Content-Type"]; !has && len(first) > 0 {
		w.sent.Set("Content-Type", http.DetectContentType(first))
	}
	close(w.began)
}

// Write passes p on and waits until it is taken.
func (w *streamWriter) Write(p []byte) (int, error) {
	w.begin(http.StatusOK, p)
	if w.head {
		return len(p), nil
	}
	n, err := w.body.Write(p)
	if errors.Is(err, io.ErrClosedPipe) {
		err = http.ErrAbortHandler // the response was given up
	}
	return n, err
}

// Flush begins the response; what is written is never held back.
func (w *streamWriter) Flush() { w.begin(http.StatusOK, nil) }
