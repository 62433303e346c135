// SPDX-License-Identifier: MIT

package gobuild

import "go/types"

// shapeOfType makes a shape of a checked type.
func shapeOfType(t types.Type, depth int) *shape {
	s := &shape{}
	t = types.Unalias(t)
	if depth > maxDepth {
		return s
	}
	if n, ok := t.(*types.Named); ok {
		s.name = n.Obj().Name()
		if n.Obj().Pkg() != nil {
			s.pkg = n.Obj().Pkg().Path()
		}
		if known := knownType(s.pkg, s.name); known != nil {
			return known
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() == types.Invalid {
			return unknown()
		}
		s.kind = otherKind
		if s.name == "" {
			s.name = u.Name()
		}
	case *types.Pointer:
		s.kind, s.elem = pointerKind, shapeOfType(u.Elem(), depth+1)
	case *types.Signature:
		s.kind, s.fn = functionKind, signatureOfType(u, depth+1)
	case *types.Interface:
		s.kind = interfaceKind
		if u.Empty() {
			s.kind = anyKind
		}
	case *types.Chan:
		s.kind = channelKind
	default:
		s.kind = otherKind
	}
	s.method = func(name string) (*signature, answer) { return methodOfType(t, name, depth+1) }
	return s
}

func methodOfType(t types.Type, name string, depth int) (*signature, answer) {
	selection := types.NewMethodSet(t).Lookup(nil, name)
	if selection == nil {
		return nil, no
	}
	f, ok := selection.Type().(*types.Signature)
	if !ok {
		return nil, no
	}
	return signatureOfType(f, depth), yes
}

func signatureOfType(f *types.Signature, depth int) *signature {
	s := &signature{variadic: f.Variadic()}
	for v := range f.Params().Variables() {
		s.params = append(s.params, shapeOfType(v.Type(), depth))
	}
	for v := range f.Results().Variables() {
		s.results = append(s.results, shapeOfType(v.Type(), depth))
	}
	return s
}
