// SPDX-License-Identifier: MIT

// Package script runs the JavaScript of CloudFront Functions in this process:
// one function named handler, which gets an event and returns a value.
//
// The engine is github.com/dop251/goja: ECMAScript 5.1 with nearly all of later
// editions, among it async functions, arrow functions, classes, destructuring
// and regular expressions with named groups, but not asynchronous iteration. A
// rehearsal needs no NodeJS for it. It takes more of the language than AWS does
// ("JavaScript runtime 2.0 features for CloudFront Functions", Amazon CloudFront
// Developer Guide).
//
// Beside the language there is console.log. Modules and key value stores,
// Buffer, atob and btoa are refused by name. There is no limit of memory, and
// that of time is much larger than on AWS, where a millisecond counts: this
// engine is a slow one.
package script

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// MaxCode is the largest size of a function in bytes ("Quotas on CloudFront
// Functions", Amazon CloudFront Developer Guide).
const MaxCode = 10 << 10

// limit is how long a call may take.
const limit = 2 * time.Second

// Program is a compiled function. It may be run concurrently; runs share
// nothing.
type Program struct{ compiled *goja.Program }

// Compile reads code. The error says what is wrong with it and where; name
// stands for the file.
func Compile(name, code string) (*Program, error) {
	if len(code) > MaxCode {
		return nil, fmt.Errorf("the function has %d bytes, more than %d", len(code), MaxCode)
	}
	compiled, err := goja.Compile(name, code, false)
	if err != nil {
		if usesImport(code) {
			return nil, errors.New("the embedded AWS does not model import in CloudFront Functions: key value stores and other modules")
		}
		return nil, err
	}
	return &Program{compiled}, nil
}

// usesImport reports whether a statement of code imports a module, which the
// engine takes for a mistake.
func usesImport(code string) bool {
	for line := range strings.Lines(code) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "import"); ok && strings.ContainsAny(rest, `"'`) {
			return true
		}
	}
	return false
}

// Result is what a run gave.
type Result struct {
	Value json.RawMessage // what the handler returned
	Lines []string        // what it logged; also of a run that failed
}

// Run calls the handler with an event, which is anything that encoding/json
// encodes. It ends with ctx.
func (p *Program) Run(ctx context.Context, event any) (Result, error) {
	var result Result
	data, err := json.Marshal(event)
	if err != nil {
		return result, err
	}
	vm := goja.New()
	vm.SetMaxCallStackSize(1000)
	furnish(vm, &result.Lines)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the function ran longer than %v", limit))
	defer cancel()
	defer context.AfterFunc(ctx, func() { vm.Interrupt(context.Cause(ctx)) })()
	value, err := p.call(vm, string(data))
	if interrupted, ok := errors.AsType[*goja.InterruptedError](err); ok {
		if cause, ok := interrupted.Value().(error); ok {
			err = cause
		}
	}
	if _, ok := errors.AsType[*goja.StackOverflowError](err); ok {
		err = errors.New("the function calls itself too deep: stack overflow")
	}
	result.Value = value
	return result, err
}

// call runs the program and its handler, and returns the result as JSON.
func (p *Program) call(vm *goja.Runtime, event string) (json.RawMessage, error) {
	if _, err := vm.RunProgram(p.compiled); err != nil {
		return nil, err
	}
	named, err := vm.RunString(`typeof handler === "function" ? handler : undefined`) // also one that const or let declares
	if err != nil {
		return nil, err
	}
	handler, ok := goja.AssertFunction(named)
	if !ok {
		return nil, errors.New("the code has no function handler")
	}
	argument, err := method(vm, "parse", vm.ToValue(event))
	if err != nil {
		return nil, err
	}
	value, err := handler(goja.Undefined(), argument)
	if err != nil {
		return nil, err
	}
	if value, err = settled(value); err != nil {
		return nil, err
	}
	text, err := method(vm, "stringify", value)
	if err != nil {
		return nil, err
	}
	if goja.IsUndefined(text) {
		return nil, errors.New("the function returned nothing")
	}
	return json.RawMessage(text.String()), nil
}

// settled returns the value of a promise; other values are returned as they are.
func settled(value goja.Value) (goja.Value, error) {
	promise, ok := value.Export().(*goja.Promise)
	if !ok {
		return value, nil
	}
	switch promise.State() {
	case goja.PromiseStateFulfilled:
		return promise.Result(), nil
	case goja.PromiseStateRejected:
		return nil, fmt.Errorf("rejected: %s", promise.Result())
	}
	return nil, errors.New("the function returned a promise that nothing settles")
}

// method calls a function of JSON.
func method(vm *goja.Runtime, name string, argument goja.Value) (goja.Value, error) {
	call, ok := goja.AssertFunction(vm.Get("JSON").ToObject(vm).Get(name))
	if !ok {
		return nil, errors.New("the function has replaced JSON." + name)
	}
	return call(goja.Undefined(), argument)
}
