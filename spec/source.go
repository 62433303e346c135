// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// Source is a resource that is named in place of its ARN: one of the stack or
// one that exists already.
type Source struct {
	ARN  any    // string or intrinsic function; nil: not given
	ID   string // logical id, if it is one of resources; else ""
	Type string // CloudFormation type of that resource, else ""

	Service  string // in its ARN, such as sqs; "" where only one is possible
	Function string // name of the function of the service that it is, else ""
}

// sourceKind is what a place of sparta.yaml takes a resource for.
type sourceKind struct {
	what      string   // with its article, such as "an SQS queue"
	service   string   // in its ARN
	types     []string // its CloudFormation types
	attribute string   // that gives its ARN; "" if Ref does
	also      []string // further attributes that stand for it, "" for Ref

	form    string // of the last part of its ARN, such as stream/<name>
	global  bool   // its ARN has neither region nor account
	ordered bool   // its name may end in .fifo, and has no other dot
	wild    bool   // the ARN may have stars, as in a policy
	here    bool   // it has to be in the region of the stack
	own     bool   // and in its account
}

// inRegion is the kind where only resources in the stack's region will do.
func (k sourceKind) inRegion() sourceKind {
	k.here = true
	return k
}

// arn is the call that gives the ARN of a resource of the stack.
func (k sourceKind) arn(id string) any {
	if k.attribute == "" {
		return map[string]any{"Ref": id}
	}
	return map[string]any{"Fn::GetAtt": []any{id, k.attribute}}
}

// call is arn as a person writes it.
func (k sourceKind) call(id string) string {
	if k.attribute == "" {
		return "!Ref " + id
	}
	return "!GetAtt " + id + "." + k.attribute
}

// sourceOf decodes a resource: the logical id of one of resources, an ARN, or
// an intrinsic function that gives one.
func (d *decoder) sourceOf(n *node, k sourceKind) Source {
	switch {
	case !usable(n):
		return Source{}
	case n.kind == object:
		return d.calledSource(n, k)
	case strings.HasPrefix(n.written, "arn:"):
		if !d.arn(n, k) {
			return Source{}
		}
		return Source{ARN: n.written}
	}
	id := n.written
	kind, ok := d.resourceType(id)
	if !ok {
		if d.decorated() {
			return Source{ARN: k.arn(id), ID: id} // a decorator may add it
		}
		d.fault(n, diag.UnknownResource, "there is no resource "+strconv.Quote(shorten(id)), d.sourceHint(id, k))
		return Source{}
	}
	if !d.fits(n, id, kind, k) {
		return Source{}
	}
	return Source{ARN: k.arn(id), ID: id, Type: kind}
}

// calledSource decodes an intrinsic function that gives the ARN of a resource.
func (d *decoder) calledSource(n *node, k sourceKind) Source {
	d.calls(n, false)
	if !n.faulty && !d.arn(n, k) {
		return Source{}
	}
	s := Source{ARN: n.value()}
	id, attribute := referred(n)
	kind, ok := d.resourceType(id)
	if n.faulty || !ok {
		return s
	}
	if !d.fits(n, id, kind, k) {
		return Source{}
	}
	if attribute != k.attribute && slices.Contains(k.also, attribute) {
		s.ARN = k.arn(id)
	} else if attribute != k.attribute {
		d.fault(n, diag.SourceKind, "does not give the ARN of "+id, "write "+k.call(id)+", or just "+id)
		return Source{}
	}
	s.ID, s.Type = id, kind
	return s
}

// referred is the resource that a call is the name or an attribute of, "" if it
// is something else.
func referred(n *node) (id, attribute string) {
	s, inner, ok := intrinsicOf(n)
	switch {
	case !ok:
	case s.name == "Ref" && inner.kind == text:
		return inner.written, ""
	case s.name == "Fn::GetAtt" && inner.kind == list && len(inner.items) == 2:
		return inner.items[0].written, inner.items[1].written
	case s.name == "Fn::Sub" && inner.kind == text:
		name, whole := strings.CutPrefix(inner.written, "${")
		name, closed := strings.CutSuffix(name, "}")
		if whole && closed && !strings.ContainsAny(name, "${}!") {
			id, attribute, _ = strings.Cut(name, ".")
		}
	}
	return id, attribute
}

// fits checks the type of a resource that a source names.
func (d *decoder) fits(n *node, id, kind string, k sourceKind) bool {
	if kind == "" || slices.Contains(k.types, kind) {
		return true
	}
	d.fault(n, diag.SourceKind, fmt.Sprintf("%s is %s, not %s", id, kind, k.what), d.sourceHint("", k))
	return false
}

// resource returns the raw resource with a logical id, nil if there is none.
func (d *decoder) resource(id string) *node {
	if id == "" {
		return nil
	}
	return d.root.field("resources").field(id)
}

// resourceType returns the CloudFormation type of one of resources, "" if it
// has none that is well formed.
func (d *decoder) resourceType(id string) (kind string, ok bool) {
	n := d.resource(id)
	return d.literal(n.field("Type")), n != nil
}

// property returns a property of one of resources, nil if it is not given.
func (d *decoder) property(id, name string) *node {
	return d.resource(id).field("Properties").field(name)
}

// decorated reports whether decorators may add resources that the file does
// not tell of. Those that are built in add what is known.
func (d *decoder) decorated() bool {
	decorators := d.root.field("decorators")
	if decorators == nil {
		return false
	}
	return decorators.faulty || slices.ContainsFunc(decorators.items, func(n *node) bool { return n.field("use") == nil })
}

// sourceHint suggests the resource that was meant.
func (d *decoder) sourceHint(id string, k sourceKind) string {
	var names []string
	for _, n := range d.root.field("resources").fieldsOf() {
		if slices.Contains(k.types, d.literal(n.field("Type"))) {
			names = append(names, n.key)
		}
	}
	switch near := nearest(id, names); {
	case near != "":
		return didYouMean(near)
	case len(names) == 1:
		return didYouMean(names[0])
	case len(names) > 1 && len(names) <= 12:
		return "resources of this kind: " + strings.Join(names, ", ")
	}
	what := "ARN"
	if k.service == "" {
		what = "name"
	}
	return fmt.Sprintf("add %s: {Type: %s} under resources, or write the %s of one that exists", or(id, lastPart(k.types[0])), k.types[0], what)
}

// lastPart is the name of a type without those of its service.
func lastPart(kind string) string { return kind[strings.LastIndexByte(kind, ':')+1:] }
