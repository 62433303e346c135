// SPDX-License-Identifier: MIT

package shim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/rs/zerolog"
)

// recoverTo, deferred, turns a panic into the error of the event and logs it
// with its stack. aws-lambda-go would end the process; here the next event is
// served by the same one.
func recoverTo(ctx context.Context, err *error) {
	value := recover()
	if value == nil {
		return
	}
	failure := failureOfPanic(value)
	if cause, ok := value.(error); !ok || !errors.Is(cause, http.ErrAbortHandler) {
		zerolog.Ctx(ctx).Error().Str("error_type", failure.Type).Bytes("stack", debug.Stack()).
			Msg("handler panicked: " + failure.Message)
	}
	*err = failure
}

// failureOfPanic describes a panic as aws-lambda-go does.
func failureOfPanic(value any) messages.InvokeResponse_Error {
	if failure, ok := value.(messages.InvokeResponse_Error); ok {
		failure.ShouldExit = false
		return failure
	}
	return messages.InvokeResponse_Error{
		Message:    fmt.Sprint(value),
		Type:       typeName(value),
		StackTrace: stackFrames(),
	}
}

// typeName is the errorType that aws-lambda-go gives to a value.
func typeName(value any) string {
	t := reflect.TypeOf(value)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

const maxFrames = 32

// stackFrames are the calls that led to the panic, innermost first, from the
// function that panicked on.
func stackFrames() []*messages.InvokeResponse_Error_StackFrame {
	const own = 4 // runtime.Callers, stackFrames, failureOfPanic, recoverTo
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(own, pcs)])
	var told []*messages.InvokeResponse_Error_StackFrame
	for {
		frame, more := frames.Next()
		if len(told) > 0 || !strings.HasPrefix(frame.Function, "runtime.") {
			told = append(told, &messages.InvokeResponse_Error_StackFrame{
				Path:  shortPath(frame.File, frame.Function),
				Line:  int32(frame.Line),
				Label: shortLabel(frame.Function),
			})
		}
		if !more {
			return told
		}
	}
}

// shortPath keeps of a file's path what is in the import path: pkg/sub/file.go.
func shortPath(file, function string) string {
	i := len(file)
	for range strings.Count(function, "/") + 2 {
		if i = strings.LastIndexByte(file[:i], '/'); i < 0 {
			break
		}
	}
	return file[i+1:]
}

// shortLabel keeps of a function's name what follows its package.
func shortLabel(function string) string {
	_, label, _ := strings.Cut(function[strings.LastIndexByte(function, '/')+1:], ".")
	return label
}
