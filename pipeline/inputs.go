// SPDX-License-Identifier: MIT

package pipeline

import (
	"fmt"
	"reflect"
	"slices"
)

// findInputs sets n.inputs to the producers of the Results in the fields of s.
func (n *node) findInputs(s any) {
	v := reflect.ValueOf(s)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		n.panicf("a stage is a pointer to a struct, not %T", s)
	}
	v = v.Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch {
		case isHandle(field.Type):
			n.mustBeExported(field)
			n.addInput(field.Name, v.Field(i).Interface().(handle))
		case field.Type.Kind() == reflect.Slice && isHandle(field.Type.Elem()):
			n.mustBeExported(field)
			for j := range v.Field(i).Len() {
				n.addInput(fmt.Sprintf("%s[%d]", field.Name, j), v.Field(i).Index(j).Interface().(handle))
			}
		case hides(field.Type):
			n.panicf("field %s: a Result inside %s is not seen as an input", field.Name, field.Type)
		}
	}
}

func (n *node) mustBeExported(field reflect.StructField) {
	if !field.IsExported() {
		n.panicf("field %s: a Result in an unexported field is not seen as an input", field.Name)
	}
}

// addInput adds the stage that makes h, if there is one, to the inputs of n.
func (n *node) addInput(field string, h handle) {
	from := h.producer()
	switch {
	case !h.isSet():
		n.panicf("field %s: the Result is not set", field)
	case from == nil: // a known value
	case from.pipeline != n.pipeline:
		n.panicf("field %s: the Result is that of stage %q of another pipeline", field, from.name)
	case !slices.Contains(n.inputs, from):
		n.inputs = append(n.inputs, from)
	}
}

// isHandle reports whether t is Result of some type.
func isHandle(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[handle]()) && t.PkgPath() == reflect.TypeFor[handle]().PkgPath()
}

// hides reports whether a value of type t holds Results other than as a field or
// a slice of their own: behind a pointer, in an array, a map or a struct. The
// types in seen are being looked at.
func hides(t reflect.Type, seen ...reflect.Type) bool {
	if slices.Contains(seen, t) {
		return false
	}
	seen = append(seen, t)
	holds := func(t reflect.Type) bool { return isHandle(t) || hides(t, seen...) }
	switch t.Kind() {
	case reflect.Pointer:
		return isHandle(t.Elem())
	case reflect.Slice, reflect.Array:
		return holds(t.Elem())
	case reflect.Map:
		return holds(t.Key()) || holds(t.Elem())
	case reflect.Struct:
		for field := range t.Fields() {
			if holds(field.Type) {
				return true
			}
		}
	}
	return false
}
