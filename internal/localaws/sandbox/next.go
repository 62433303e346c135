// SPDX-License-Identifier: MIT

package sandbox

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// serveNext answers with the next event, however long that takes. Asking for
// one ends the init phase.
func (a *runtimeAPI) serveNext(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	from := a.state
	if from == running {
		a.mu.Unlock()
		forbidden(w, from, ready)
		return
	}
	a.state = ready
	if from == started {
		a.readyAt = time.Now()
		close(a.ready)
	}
	a.mu.Unlock()
	select {
	case e := <-a.next:
		a.deliver(w, e)
	case <-r.Context().Done():
	case <-a.closed:
	}
}

// deliver writes an event. A runtime that has gone away meanwhile is noticed by
// its process's end.
func (a *runtimeAPI) deliver(w http.ResponseWriter, e *event) {
	a.mu.Lock()
	a.state, a.event = running, e
	a.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", jsonType)
	h.Set("Content-Length", strconv.Itoa(len(e.Payload)))
	h.Set("Lambda-Runtime-Aws-Request-Id", e.RequestID)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(e.Deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", e.FunctionARN)
	for name, value := range map[string]string{
		"Lambda-Runtime-Trace-Id":         e.TraceID,
		"Lambda-Runtime-Client-Context":   asciiJSON(e.ClientContext),
		"Lambda-Runtime-Cognito-Identity": asciiJSON(e.CognitoIdentity),
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	_, _ = w.Write(e.Payload)
}

// asciiJSON returns the JSON text with all but printable ASCII escaped, so that
// it survives as the value of an HTTP header.
func asciiJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteByte(' ') // only white space between tokens can be one of these
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				b.WriteString(`\u` + strconv.FormatUint(0x10000+uint64(unit), 16)[1:])
			}
		}
	}
	return b.String()
}
