// SPDX-License-Identifier: MIT

package customresource

import (
	"context"
	"fmt"
	"reflect"
	"sync"
)

// target is a handler of any form behind one signature.
type target struct {
	handle   Handler
	identify func(Request) string // returns "" if the handler does not say
}

// newTarget takes a handler of any form that Wrap allows.
func newTarget(h any) (*target, error) {
	switch h := h.(type) {
	case nil:
		return nil, fmt.Errorf("no handler given")
	case Handler:
		return &target{h, func(Request) string { return "" }}, nil
	case Resource:
		return ofResource(func() (Resource, error) { return h, nil }), nil
	}
	v := reflect.ValueOf(h)
	if !makesResource(v.Type()) {
		return nil, fmt.Errorf("%T is neither a Handler nor a Resource nor a function that returns a Resource", h)
	}
	return ofResource(sync.OnceValues(func() (Resource, error) { return makeResource(v) })), nil
}

// makesResource reports whether t is func() T or func() (T, error) where T is a
// Resource.
func makesResource(t reflect.Type) bool {
	if t.Kind() != reflect.Func || t.NumIn() != 0 || t.NumOut() < 1 || t.NumOut() > 2 {
		return false
	}
	if t.NumOut() == 2 && t.Out(1) != reflect.TypeFor[error]() {
		return false
	}
	return t.Out(0).Implements(reflect.TypeFor[Resource]())
}

func makeResource(v reflect.Value) (Resource, error) {
	results := v.Call(nil)
	if len(results) == 2 && !results[1].IsNil() {
		return nil, results[1].Interface().(error)
	}
	r, ok := reflect.TypeAssert[Resource](results[0])
	if !ok {
		return nil, fmt.Errorf("%s returned no resource", v.Type())
	}
	return r, nil
}

func ofResource(make func() (Resource, error)) *target {
	handle := func(ctx context.Context, request Request) (Response, error) {
		r, err := make()
		if err != nil {
			return Response{}, err
		}
		switch request.Type {
		case Create:
			return r.Create(ctx, request)
		case Update:
			return r.Update(ctx, request)
		case Delete:
			return Response{}, r.Delete(ctx, request)
		}
		return Response{}, fmt.Errorf("request type %q: none of Create, Update, Delete", request.Type)
	}
	identify := func(request Request) string {
		r, err := make()
		if err != nil {
			return ""
		}
		if i, ok := r.(Identifier); ok {
			return i.PhysicalID(request)
		}
		return ""
	}
	return &target{handle, identify}
}
