// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// Destinations say where the results of a function's asynchronous events go.
type Destinations struct {
	OnSuccess *Source `key:"onSuccess"` // nil for nowhere
	OnFailure *Source `key:"onFailure"`
}

// Defaults of Lambda for asynchronous events. Source: "Configuring error handling settings for Lambda asynchronous
// invocations", https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
const (
	DefaultRetries     = 2
	DefaultMaxEventAge = 6 * time.Hour
)

// Asynchronous reports whether a function's asynchronous events are handled
// otherwise than by default.
func (f Function) Asynchronous() bool {
	return f.Destinations != nil || f.Retries != DefaultRetries || f.MaxEventAge != DefaultMaxEventAge
}

// EventConfigID is the logical id of how a function's asynchronous events are
// handled.
func EventConfigID(function string) string { return LogicalID(function) + "EventConfig" }

func topicKind() sourceKind {
	return sourceKind{what: "an SNS topic", service: "sns", types: []string{"AWS::SNS::Topic"}, also: []string{"TopicArn"}, form: "<name>", ordered: true}
}

func busKind() sourceKind {
	return sourceKind{what: "an event bus", service: "events", types: []string{"AWS::Events::EventBus"}, attribute: "Arn", form: "event-bus/<name>"}
}

func functionKind() sourceKind {
	return sourceKind{what: "a function", service: "lambda", types: []string{"AWS::Lambda::Function"}, attribute: "Arn", form: "function:<name>"}
}

// outcomes decodes what becomes of a function's asynchronous events.
func (d *decoder) outcomes(n *node, f *Function) {
	f.Retries = d.number(n.field("retries"), DefaultRetries)
	f.MaxEventAge = or(d.duration(n.field("maxEventAge")), DefaultMaxEventAge)
	f.DeadLetter = d.destination(n.field("deadLetter"), f.Name, queueKind(), topicKind())
	where := n.field("destinations")
	if usable(where) {
		both := []sourceKind{queueKind(), topicKind(), functionKind(), busKind()}
		f.Destinations = &Destinations{
			OnSuccess: d.destination(where.field("onSuccess"), f.Name, both...),
			OnFailure: d.destination(where.field("onFailure"), f.Name, append(both, bucketKind())...),
		}
		if failed := where.field("onFailure"); f.DeadLetter != nil && f.Destinations.OnFailure != nil {
			d.warn(failed, diag.TwoDeadLetters, "an event that failed goes here and to deadLetter as well",
				"keep one of them: a destination gets the error and the answer too")
		}
	}
}

// destination decodes a resource of one of several kinds that events are sent
// to, nil if there is none. It may be a function of the service, by its name.
func (d *decoder) destination(n *node, function string, kinds ...sourceKind) *Source {
	if !usable(n) {
		return nil
	}
	s, ok := d.sibling(n, kinds)
	if !ok {
		k := d.kindOf(n, kinds)
		if k == nil {
			return nil
		}
		if s = d.sourceOf(n, *k); s.ARN == nil {
			return nil
		}
		s.Service = k.service
	}
	switch {
	case s.Function != "" && s.Function == function:
		d.fault(n, diag.OwnDestination, "is the function itself", "an event would never come to an end: name another function, a queue or a topic")
		return nil
	case d.fifo(s):
		d.fault(n, diag.FIFO, "FIFO queues and topics take no such events", "name a standard one")
		return nil
	}
	return &s
}

// relays warns of functions that hand the results of their successes round in a
// circle.
func (d *decoder) relays(s *Service) {
	next := map[string]string{}
	for _, f := range s.Functions {
		if f.Destinations != nil && f.Destinations.OnSuccess != nil {
			next[f.Name] = f.Destinations.OnSuccess.Function
		}
	}
	said := map[string]bool{}
	for _, f := range s.Functions {
		circle := []string{f.Name}
		for at := next[f.Name]; at != "" && !slices.Contains(circle, at); at = next[at] {
			circle = append(circle, at)
		}
		if next[circle[len(circle)-1]] != f.Name || said[f.Name] {
			continue
		}
		for _, name := range circle {
			said[name] = true
		}
		d.warn(d.find([]string{"functions", f.Name, "destinations", "onSuccess"}), diag.OwnDestination,
			"events go round in a circle: "+strings.Join(append(circle, f.Name), " -> "), "they only end when a function fails: let one of them have no onSuccess")
	}
}

// sibling decodes a function of the service, named as in functions or by its
// logical id.
func (d *decoder) sibling(n *node, kinds []sourceKind) (Source, bool) {
	if !slices.ContainsFunc(kinds, func(k sourceKind) bool { return k.service == "lambda" }) {
		return Source{}, false
	}
	id, attribute := referred(n)
	for _, f := range d.root.field("functions").fieldsOf() {
		own := FunctionID(f.key)
		if n.kind == text && n.written == f.key && d.resource(f.key) == nil || id == own && attribute == "Arn" {
			return Source{ARN: functionKind().arn(own), ID: own, Type: "AWS::Lambda::Function", Service: "lambda", Function: f.key}, true
		}
	}
	return Source{}, false
}

// kindOf finds out which of several kinds a resource is of; nil, with a fault,
// if it is none.
func (d *decoder) kindOf(n *node, kinds []sourceKind) *sourceKind {
	id := n.written
	if n.kind == object {
		id, _ = referred(n)
	}
	kind, found := d.resourceType(id)
	for i, k := range kinds {
		if found && slices.Contains(k.types, kind) || arnService(n) == k.service {
			return &kinds[i]
		}
	}
	var names []string
	for _, k := range kinds {
		names = append(names, k.what)
	}
	choice := strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
	switch {
	case found && kind != "":
		d.fault(n, diag.SourceKind, id+" is "+kind+", not "+choice, d.sourceHint("", kinds[0]))
	case !found && n.kind == text && d.root.field("functions").field(id) != nil:
		d.fault(n, diag.SourceKind, n.quote()+" is a function, not "+choice, d.sourceHint("", kinds[0]))
	case n.kind == object:
		d.fault(n, diag.SourceKind, "does not tell what it is: "+choice, "write its ARN out, such as !Sub arn:${AWS::Partition}:"+kinds[0].service+":${AWS::Region}:${AWS::AccountId}:name")
	case strings.HasPrefix(n.written, "arn:"):
		d.fault(n, diag.SourceKind, n.quote()+" is not the ARN of "+choice, "")
	default:
		d.fault(n, diag.UnknownResource, "there is no resource "+strconv.Quote(shorten(id)), d.destinationHint(id, kinds))
	}
	return nil
}

// arnService is the service in an ARN that is written out, as text or in
// Fn::Sub; "" if it is none.
func arnService(n *node) string {
	written := n.written
	if s, inner, ok := intrinsicOf(n); ok && s.name == "Fn::Sub" && inner.kind == text {
		written = strings.ReplaceAll(inner.written, "AWS::", "AWS.")
	}
	parts := strings.Split(written, ":")
	if len(parts) < 6 || parts[0] != "arn" {
		return ""
	}
	return parts[2]
}

// destinationHint suggests what was meant.
func (d *decoder) destinationHint(id string, kinds []sourceKind) string {
	var names []string
	for _, n := range d.root.field("resources").fieldsOf() {
		for _, k := range kinds {
			if slices.Contains(k.types, d.literal(n.field("Type"))) {
				names = append(names, n.key)
			}
		}
	}
	if slices.ContainsFunc(kinds, func(k sourceKind) bool { return k.service == "lambda" }) {
		for _, f := range d.root.field("functions").fieldsOf() {
			names = append(names, f.key)
		}
	}
	if near := nearest(id, names); near != "" {
		return didYouMean(near)
	}
	return d.sourceHint(id, kinds[0])
}
