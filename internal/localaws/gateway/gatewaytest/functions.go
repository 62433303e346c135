// SPDX-License-Identifier: MIT

// Package gatewaytest is what the tests of APIs of both kinds have in common:
// functions in memory, a clock, a place for access logs, and requests.
package gatewaytest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Functions are functions in memory, by name. Its methods may be called
// concurrently, but the fields are set before requests come.
type Functions struct {
	Handlers map[string]func(event []byte) (string, error)
	Refused  string // a part of the ARNs of those that no policy lets call; "": all may

	mu      sync.Mutex
	sources []string
}

// Failure makes a function fail with a message.
type Failure string

// Error returns the message.
func (f Failure) Error() string { return string(f) }

// Invoke runs a function.
func (f *Functions) Invoke(_ context.Context, _ arn.Scope, function string, payload []byte, _ lambda.InvokeOptions) (lambda.Response, error) {
	handler := f.Handlers[function[strings.LastIndexByte(function, ':')+1:]]
	if handler == nil {
		return lambda.Response{}, wire.Errorf(404, "ResourceNotFoundException", "Function not found: %s", function)
	}
	out, err := handler(payload)
	if said, ok := errors.AsType[Failure](err); ok {
		return lambda.Response{Status: 200, FunctionError: "Unhandled", Payload: JSON(map[string]string{"errorMessage": string(said)})}, nil
	}
	return lambda.Response{Status: 200, Payload: []byte(out)}, err
}

// Permits lets API Gateway call, and notes as what.
func (f *Functions) Permits(_ arn.Scope, _, service, source string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sources = append(f.sources, source)
	return service == gateway.Principal && (f.Refused == "" || !strings.Contains(source, f.Refused))
}

// Called returns the ARNs of what has called functions, in order.
func (f *Functions) Called() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sources)
}

// JSON encodes v, which must be JSON.
func JSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
