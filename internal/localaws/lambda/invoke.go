// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The invocation types. The zero value of InvokeOptions.Type is
// RequestResponse.
const (
	RequestResponse = "RequestResponse"
	Event           = "Event"
	DryRun          = "DryRun"
)

// InvokeOptions is what may be said of an invocation beside its payload.
type InvokeOptions struct {
	Type          string   // RequestResponse, Event or DryRun
	ClientContext string   // JSON; may be empty
	TraceID       string   // X-Ray trace header; may be empty
	Cause         []string // functions whose log events led to the invocation; see logs.Event
}

// Response is what an invocation gave.
type Response struct {
	Status          int    // 200, 202 for Event, 204 for DryRun
	RequestID       string // UUID
	Payload         []byte // the result, or the JSON description of the failure
	ContentType     string // of the payload
	FunctionError   string // empty, or Unhandled if the function failed
	Log             []byte // the last 4 KB of what the invocation logged
	ExecutedVersion string // $LATEST or a number
	Streaming       bool   // the function streamed its result: it may start with an HTTP prelude
}

// The limits of a payload, in bytes (Lambda quotas).
const (
	maxSyncPayload  = 6 << 20
	maxAsyncPayload = 1 << 20
)

// Invoke runs a function: function is a name, name:qualifier or ARN, payload
// JSON (empty means {}). A function that fails is no error but a Response with
// FunctionError; errors are *wire.Error as the API answers them. If ctx ends
// the invocation is killed.
func (s *Service) Invoke(ctx context.Context, scope arn.Scope, function string, payload []byte, o InvokeOptions) (Response, error) {
	r, err := parseReference(function, "")
	if err != nil {
		return Response{}, err
	}
	return s.invoke(ctx, scope, r, payload, o)
}

func (s *Service) invoke(ctx context.Context, scope arn.Scope, r reference, payload []byte, o InvokeOptions) (Response, error) {
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if o.TraceID == "" {
		o.TraceID = traceOf(payload) // events of queues come with their messages' headers
	}
	if o.TraceID == "" {
		o.TraceID = traceHeader(s.env.Now(), wire.RequestID())
	}
	s.mu.Lock()
	f, v, err := s.find(scope, r)
	loops := false
	if err == nil {
		o.TraceID, loops = f.trace(o.TraceID)
	}
	s.mu.Unlock()
	if err != nil {
		return Response{}, err
	}
	if err := checkPayload(payload, o); err != nil {
		return Response{}, err
	}
	in := invocation{scope: scope, function: r, payload: payload, options: o, requestID: wire.RequestID()}
	if loops && o.Type != DryRun {
		return s.terminate(in)
	}
	switch o.Type {
	case "", RequestResponse:
		return s.run(ctx, in)
	case Event:
		if err := s.enqueue(in); err != nil {
			return Response{}, err
		}
		return Response{Status: http.StatusAccepted, RequestID: in.requestID, ExecutedVersion: v.Version}, nil
	case DryRun:
		return Response{Status: http.StatusNoContent, RequestID: in.requestID, ExecutedVersion: v.Version}, nil
	}
	return Response{}, invalidMember(o.Type, "invocationType", "Member must satisfy enum value set: [RequestResponse, Event, DryRun]")
}

// terminate ends a recursive loop: it refuses the invocation. An asynchronous
// event is accepted, and goes to where those go that failed.
func (s *Service) terminate(in invocation) (Response, error) {
	s.env.Log.Warn().Str("function", in.function.name).Str("request_id", in.requestID).Msg("terminated a recursive loop")
	if in.options.Type != Event {
		return Response{}, errRecursive()
	}
	s.conclude(in, outcome{condition: retriesExhausted})
	return Response{Status: http.StatusAccepted, RequestID: in.requestID}, nil
}

func checkPayload(payload []byte, o InvokeOptions) error {
	if len(payload) > maxSyncPayload {
		return wire.Errorf(http.StatusRequestEntityTooLarge, "RequestTooLargeException",
			"Request must be smaller than %d bytes for the InvokeFunction operation", maxSyncPayload)
	}
	if o.Type == Event && len(payload) > maxAsyncPayload {
		return wire.Errorf(http.StatusRequestEntityTooLarge, "RequestTooLargeException",
			"%d byte payload is too large for the Event invocation type (limit %d bytes)", len(payload), maxAsyncPayload)
	}
	if !json.Valid(payload) {
		return wire.Errorf(http.StatusBadRequest, "InvalidRequestContentException",
			"Could not parse request body into json: Could not parse payload into json")
	}
	if o.ClientContext != "" && !json.Valid([]byte(o.ClientContext)) {
		return wire.Errorf(http.StatusBadRequest, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.")
	}
	return nil
}

// invocation is an event for a function.
type invocation struct {
	scope     arn.Scope
	function  reference
	payload   []byte
	options   InvokeOptions
	requestID string
}

// run has an environment handle an event and waits for the result.
func (s *Service) run(ctx context.Context, in invocation) (Response, error) {
	s.mu.Lock()
	f, _, err := s.find(in.scope, in.function)
	if err != nil {
		s.mu.Unlock()
		return Response{}, err
	}
	v := f.route(in.function.qualifier)
	key, reserved, invoked := f.key(), f.Reserved, f.arn(in.function.qualifier)
	s.mu.Unlock()

	e, err := s.pool.acquire(ctx, key, v, reserved)
	if err != nil {
		return Response{}, err
	}
	reuse := false
	defer func() {
		if s.pool.release(key, e, reuse) {
			s.resupply(key)
		}
	}()
	if e == nil {
		if e, _, err = s.start(ctx, in.scope, key.name, v, onDemandType); err != nil {
			return Response{}, err
		}
	}
	e.journal.begin(in.requestID, in.options.Cause)
	out, err := e.runner.Invoke(ctx, sandbox.Invocation{
		RequestID: in.requestID, FunctionARN: invoked, Payload: in.payload, ClientContext: in.options.ClientContext,
		TraceID: in.options.TraceID, Deadline: time.Now().Add(v.timeout()),
	})
	if err != nil {
		return Response{}, wire.Errorf(http.StatusInternalServerError, "ServiceException", "invoke %s: %v", key.name, err)
	}
	reuse = e.runner.Alive() && s.current(key, v)
	return Response{
		Status: http.StatusOK, RequestID: in.requestID, Payload: out.Payload, ContentType: out.ContentType,
		FunctionError: out.FunctionError, Log: e.journal.end(in.requestID, out), ExecutedVersion: v.Version,
		Streaming: out.Streaming,
	}, nil
}

// traceHeader returns an X-Ray trace header that samples nothing.
func traceHeader(now time.Time, requestID string) string {
	return fmt.Sprintf("Root=1-%08x-%s;Sampled=0", now.Unix(), strings.ReplaceAll(requestID, "-", "")[:24])
}
