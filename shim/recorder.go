// SPDX-License-Identifier: MIT

package shim

import (
	"bytes"
	"fmt"
	"net/http"
)

// recorder keeps a response in memory. It follows the rules of net/http's own
// ResponseWriter: the first status counts, headers are fixed by it, the first
// byte means 200, informational statuses are not answers.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int         // 0 until it is written
	body   bytes.Buffer
}

func newRecorder() *recorder {
	h := http.Header{}
	return &recorder{header: h, sent: h}
}

// Header returns the headers to send.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader sets the status and fixes the headers.
func (w *recorder) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %d", status))
	}
	if w.status != 0 || status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	w.status = status
	w.sent = w.header.Clone()
}

// Write appends to the body.
func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// WriteString appends to the body.
func (w *recorder) WriteString(s string) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.WriteString(s)
}

// finish completes the response as net/http does: a status, and a Content-Type
// for a body without one. A response that has no body by its status or the
// request's method loses what was written.
func (w *recorder) finish(method string) {
	w.WriteHeader(http.StatusOK)
	if method == http.MethodHead || w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		w.body.Reset()
	}
	if _, has := w.sent["Content-Type"]; !has && w.body.Len() > 0 {
		w.sent.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
}
