// SPDX-License-Identifier: MIT

package shim

import (
	"context"
	"fmt"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda"
)

// newLambdaHandler makes a handler of a function that aws-lambda-go takes. It is
// wrapped in a function of the same signature, so that aws-lambda-go does with
// its arguments and results all that it does with those of the original.
func newLambdaHandler(function any) (lambda.Handler, error) {
	if h, ok := function.(lambda.Handler); ok {
		return wrapHandler(h), nil
	}
	t := reflect.TypeOf(function)
	if reason := lambdaFault(t); reason != "" {
		return nil, &SignatureError{Type: t.String(), Reason: reason}
	}
	return lambda.NewHandler(guarded(reflect.ValueOf(function))), nil
}

// wrapHandler guards a lambda.Handler against panics. One that aws-lambda-go
// made, perhaps with options, must be handed back to it as it is: a panic then
// ends the process, which its host starts again.
func wrapHandler(h lambda.Handler) lambda.Handler {
	if reflect.TypeOf(h) == reflect.TypeOf(lambda.NewHandler(func() {})) {
		return h
	}
	return invoker(func(ctx context.Context, event []byte) (result []byte, err error) {
		ctx = withLogger(ctx)
		defer recoverTo(ctx, &err)
		return h.Invoke(ctx, event)
	})
}

// guarded returns a function with the arguments and results of f that turns a
// panic of f into an error and puts the logger into its context. A function
// without an error among its results gets one.
func guarded(f reflect.Value) any {
	t := f.Type()
	in := make([]reflect.Type, t.NumIn())
	for i := range in {
		in[i] = t.In(i)
	}
	out := make([]reflect.Type, t.NumOut(), t.NumOut()+1)
	for i := range out {
		out[i] = t.Out(i)
	}
	if len(out) == 0 {
		out = append(out, reflect.TypeFor[error]())
	}
	takesContext := len(in) > 0 && isContext(in[0])
	body := func(args []reflect.Value) (results []reflect.Value) {
		ctx := context.Background()
		if takesContext {
			ctx = withLogger(args[0].Interface().(context.Context))
			args[0] = reflect.ValueOf(ctx)
		}
		results = make([]reflect.Value, len(out))
		for i := range out {
			results[i] = reflect.Zero(out[i])
		}
		var err error
		defer func() {
			if err != nil {
				results[len(out)-1] = reflect.ValueOf(err)
			}
		}()
		defer recoverTo(ctx, &err)
		copy(results, f.Call(args))
		return results
	}
	return reflect.MakeFunc(reflect.FuncOf(in, out, false), body).Interface()
}

func isContext(t reflect.Type) bool {
	want := reflect.TypeFor[context.Context]()
	return t.Kind() == reflect.Interface && t.NumMethod() > 0 && t.Implements(want) && want.Implements(t)
}

// lambdaFault says why aws-lambda-go does not take a function of type t, or
// nothing. The rules are those of lambda.Start's documentation.
func lambdaFault(t reflect.Type) string {
	if t.Kind() != reflect.Func {
		return "it is no function"
	}
	switch {
	case t.IsVariadic():
		return "it takes a variable number of arguments"
	case t.NumIn() > 2:
		return fmt.Sprintf("it takes %d arguments", t.NumIn())
	case t.NumIn() == 2 && !isContext(t.In(0)):
		return fmt.Sprintf("its first argument is a %s, not a context.Context", t.In(0))
	case t.NumIn() == 1 && t.In(0).Kind() == reflect.Interface && t.In(0).NumMethod() > 0 && !isContext(t.In(0)):
		return fmt.Sprintf("its argument is a %s, which JSON cannot be decoded into", t.In(0))
	}
	isError := func(i int) bool { return t.Out(i).Implements(reflect.TypeFor[error]()) }
	switch {
	case t.NumOut() > 2:
		return fmt.Sprintf("it returns %d values", t.NumOut())
	case t.NumOut() > 0 && !isError(t.NumOut()-1):
		return fmt.Sprintf("its last result is a %s, not an error", t.Out(t.NumOut()-1))
	}
	return ""
}
