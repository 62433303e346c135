// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// serveInvoke answers Invoke. A client that goes away does not stop the
// function, as on AWS.
func (s *Service) serveInvoke(w http.ResponseWriter, r *http.Request) {
	response, err := s.answerInvoke(w, r)
	if err != nil {
		wire.WriteJSONError(w, err)
		return
	}
	h := w.Header()
	h.Set("X-Amzn-Requestid", response.RequestID)
	h.Set("X-Amz-Executed-Version", response.ExecutedVersion)
	if response.FunctionError != "" {
		h.Set("X-Amz-Function-Error", response.FunctionError)
	}
	if r.Header.Get("X-Amz-Log-Type") == "Tail" && len(response.Log) > 0 {
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(response.Log))
	}
	if response.ContentType != "" {
		h.Set("Content-Type", response.ContentType)
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Payload) // an error means that the client is gone
}

func (s *Service) answerInvoke(w http.ResponseWriter, r *http.Request) (Response, error) {
	c, err := s.callOf(r)
	if err != nil {
		return Response{}, err
	}
	for parameter := range c.query {
		if parameter != "Qualifier" {
			return Response{}, unmodelled(fmt.Sprintf("parameter %q of Invoke", parameter))
		}
	}
	for _, header := range []string{"X-Amz-Tenant-Id", "X-Amz-Durable-Execution-Name"} {
		if r.Header.Get(header) != "" {
			return Response{}, unmodelled("header " + header + " of Invoke")
		}
	}
	if tail := r.Header.Get("X-Amz-Log-Type"); tail != "" && tail != "None" && tail != "Tail" {
		return Response{}, invalidMember(tail, "logType", "Member must satisfy enum value set: [None, Tail]")
	}
	client, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Amz-Client-Context"))
	if err != nil {
		return Response{}, wire.Errorf(http.StatusBadRequest, "InvalidRequestContentException",
			"Client context must be a valid Base64-encoded JSON object.")
	}
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSyncPayload+1))
	if err != nil && len(payload) <= maxSyncPayload {
		return Response{}, wire.Errorf(http.StatusBadRequest, "InvalidRequestContentException", "%v", err)
	}
	return s.invoke(context.WithoutCancel(r.Context()), c.scope, c.function, payload, InvokeOptions{
		Type: r.Header.Get("X-Amz-Invocation-Type"), ClientContext: string(client), TraceID: r.Header.Get("X-Amzn-Trace-Id"),
	})
}
