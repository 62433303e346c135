// SPDX-License-Identifier: MIT

package pipeline

import "sync"

// Result is what a stage will return. It is a small value to be copied into the
// fields of the stages that need it. The zero Result is unset: [Add] panics on
// it. A Result may be read from several goroutines at once.
type Result[T any] struct {
	from  *node    // the stage that makes it; nil for a known value
	value func() T // reads the value once there is one; nil if unset
}

// Get returns the value. It panics before there is one; a stage may call it on
// its inputs, and the owner of the pipeline after Run has returned without an
// error. The value is shared by all who get it: it must not be changed.
func (r Result[T]) Get() T {
	if r.value == nil {
		panic("pipeline: Get of a Result that was never set")
	}
	if r.from != nil {
		r.from.mustHaveResult()
	}
	return r.value()
}

// Known returns a Result that needs no stage: its value is v.
func Known[T any](v T) Result[T] {
	return Result[T]{value: func() T { return v }}
}

// Map returns the Result that is f of r's value, such as one part of it. It is
// no stage: in the flowchart the arrow comes from the stage that makes r. f is
// called once, when the value is first asked for; it must not fail, and gets
// the zero T if that stage was skipped. Map of an unset Result is unset.
func Map[T, U any](r Result[T], f func(T) U) Result[U] {
	if r.value == nil {
		return Result[U]{}
	}
	return Result[U]{from: r.from, value: sync.OnceValue(func() U { return f(r.value()) })}
}

// handle is what every Result is, whatever its type.
type handle interface {
	producer() *node
	isSet() bool
}

func (r Result[T]) producer() *node { return r.from }
func (r Result[T]) isSet() bool     { return r.value != nil }
