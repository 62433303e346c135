// SPDX-License-Identifier: MIT

package shim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/rs/zerolog"
)

// The types that a function without a fixed form is judged by.
type (
	eventFunction = func(*json.RawMessage, *LambdaContext, http.ResponseWriter, *zerolog.Logger)
	httpFunction  = func(http.ResponseWriter, *http.Request)
)

// forms shows what New takes.
const forms = `  func(event *json.RawMessage, ctx *shim.LambdaContext, w http.ResponseWriter, logger *zerolog.Logger)
  func([context.Context], [event]) ([result], [error]), as github.com/aws/aws-lambda-go/lambda.Start takes them
  http.Handler, func(http.ResponseWriter, *http.Request), func() http.Handler or func() (http.Handler, error)`

// SignatureError says that a value is in none of the three forms.
type SignatureError struct {
	Type   string // Go type of the value, such as func(int) int
	Reason string // what is wrong with it
}

// Error says what is wrong and shows the three forms.
func (e *SignatureError) Error() string {
	return fmt.Sprintf("%s is no handler: %s; a handler is one of\n%s", e.Type, e.Reason, forms)
}

// New makes a Lambda handler of a function in one of the three forms of the
// package comment. The handler's Invoke takes an event and returns its result,
// so a test can call it; a failure of the function is an error, a panic a
// messages.InvokeResponse_Error. A function that returns an http.Handler is
// called at once. The error is a *SignatureError if function has no supported
// form, else it is the error of that call. The handler may be used from several
// goroutines if the function may.
func New(function any) (lambda.Handler, error) {
	if isNil(function) {
		return nil, &SignatureError{Type: fmt.Sprintf("%T", function), Reason: "it is nil"}
	}
	h, err := newHandler(function)
	if err != nil {
		return nil, err
	}
	return withCORS(h, function), nil
}

// newHandler is New without what all forms have in common.
func newHandler(function any) (lambda.Handler, error) {
	if f, ok := as[eventFunction](function); ok {
		return eventHandler(f), nil
	}
	h, ok, err := httpHandlerOf(function)
	if err != nil {
		return nil, err
	}
	if ok {
		return newHTTPHandler(h), nil
	}
	return newLambdaHandler(function)
}

// as converts a function to F if it has F's signature, under whatever name.
func as[F any](function any) (F, bool) {
	v := reflect.ValueOf(function)
	want := reflect.TypeFor[F]()
	if v.Kind() != reflect.Func || !v.CanConvert(want) {
		return *new(F), false
	}
	return v.Convert(want).Interface().(F), true
}

// httpHandlerOf returns the http.Handler that function is or makes.
func httpHandlerOf(function any) (h http.Handler, ok bool, err error) {
	if h, ok := function.(http.Handler); ok {
		return h, true, nil
	}
	if f, ok := as[httpFunction](function); ok {
		return http.HandlerFunc(f), true, nil
	}
	v := reflect.ValueOf(function)
	if !makesHTTPHandler(v.Type()) {
		return nil, false, nil
	}
	results := v.Call(nil)
	if len(results) == 2 && !results[1].IsNil() {
		return nil, false, fmt.Errorf("make http.Handler: %w", results[1].Interface().(error))
	}
	if isNil(results[0].Interface()) {
		return nil, false, fmt.Errorf("make http.Handler: %s returned nil", v.Type())
	}
	return results[0].Interface().(http.Handler), true, nil
}

// makesHTTPHandler reports whether t is func() H or func() (H, error), where H
// is an http.Handler.
func makesHTTPHandler(t reflect.Type) bool {
	if t.Kind() != reflect.Func || t.NumIn() != 0 || t.NumOut() == 0 || t.NumOut() > 2 {
		return false
	}
	if !t.Out(0).Implements(reflect.TypeFor[http.Handler]()) {
		return false
	}
	return t.NumOut() == 1 || t.Out(1) == reflect.TypeFor[error]()
}

func isNil(value any) bool {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Func, reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice, reflect.Chan:
		return v.IsNil()
	}
	return false
}

// invoker is a handler that takes and returns bytes.
type invoker func(ctx context.Context, event []byte) ([]byte, error)

// Invoke calls f.
func (f invoker) Invoke(ctx context.Context, event []byte) ([]byte, error) { return f(ctx, event) }
