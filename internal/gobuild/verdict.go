// SPDX-License-Identifier: MIT

package gobuild

// verdict is how a symbol of some type is called, as far as it is known.
type verdict struct {
	fits  answer
	form  Form
	adapt Adapt
	event string
}

// choice is one way to call a symbol.
type choice struct {
	fits  answer
	form  Form
	adapt Adapt
}

// judge returns how a symbol of shape s is called in its use. The first choice
// that fits counts; one that may fit makes the verdict maybe, since it would
// come first.
func judge(s *shape, use Use) verdict {
	for _, c := range choices(s, use) {
		switch c.fits {
		case maybe:
			return verdict{}
		case yes:
			v := verdict{fits: yes, form: c.form, adapt: c.adapt}
			if c.form == FormEvent {
				v.event = s.fn.event()
			}
			return v
		}
	}
	return verdict{fits: no}
}

func choices(s *shape, use Use) []choice {
	if s.kind == unknownKind {
		return []choice{{fits: maybe}}
	}
	switch use {
	case CustomResource:
		return resourceChoices(s)
	case Decorator:
		if s.kind == functionKind {
			return []choice{{s.fn.isDecorator(), FormDecorator, AsIs}}
		}
		return nil
	}
	list := []choice{{s.isHTTPHandler(), FormHTTP, AsIs}}
	if s.kind != functionKind {
		return list
	}
	maker, makerErr := s.fn.makes((*shape).isHTTPHandler)
	return append(list,
		choice{s.fn.isResponder(), FormResponder, ifNamed(s, AsResponder)},
		choice{s.fn.isHTTPFunc(), FormHTTP, ifNamed(s, AsHTTPFunc)},
		choice{maker, FormHTTP, unlessExact(s, "net/http", "Handler", AsHTTPMaker)},
		choice{makerErr, FormHTTP, unlessExact(s, "net/http", "Handler", AsHTTPMakerErr)},
		choice{s.fn.isEvent(), FormEvent, AsIs},
	)
}

func resourceChoices(s *shape) []choice {
	list := []choice{{s.isResource(), FormCustomResource, AsResource}}
	if s.kind != functionKind {
		return list
	}
	maker, _ := s.fn.makes((*shape).isResource)
	return append(list,
		choice{s.fn.isResourceFunc(), FormCustomResource, ifNamed(s, AsResourceFunc)},
		choice{maker, FormCustomResource, unlessExact(s, toolkit+"/customresource", "Resource", AsResourceMaker)},
	)
}

// ifNamed returns the adaptation for a named function type.
func ifNamed(s *shape, a Adapt) Adapt {
	if s.name == "" {
		return AsIs
	}
	return a
}

// unlessExact returns the adaptation for a function whose first result is not
// exactly the interface, or whose own type is named.
func unlessExact(s *shape, pkg, name string, a Adapt) Adapt {
	if s.name == "" && len(s.fn.results) > 0 && s.fn.results[0].is(pkg, name) == yes {
		return AsIs
	}
	return a
}
