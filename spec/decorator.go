// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// DefaultDecoratorTimeout is how long, in seconds, a decorator may take that
// says nothing.
const DefaultDecoratorTimeout = 60

// decorators decodes the decorators in their order.
func (d *decoder) decorators(s *Service) {
	n := d.root.field("decorators")
	if !usable(n) {
		return
	}
	seen := map[string]*node{}
	for _, item := range n.items {
		if !usable(item) {
			continue
		}
		one := d.decorator(item)
		if name := item.field("name"); usable(name) {
			if first := seen[one.Name]; first != nil {
				d.fault(name, diag.DecoratorTwice, fmt.Sprintf("the decorator in line %d has this name too", first.at.line), "give each a name of its own")
			}
			seen[one.Name] = name
		}
		s.Decorators = append(s.Decorators, one)
	}
}

func (d *decoder) decorator(n *node) Decorator {
	one := Decorator{
		Name:    d.literal(n.field("name")),
		Handler: d.handler(n.field("handler")),
		Exec:    d.texts(n.field("exec")),
		Timeout: or(d.duration(n.field("timeout")), DefaultDecoratorTimeout*time.Second),
	}
	if program := n.field("exec"); usable(program) && len(program.items) > 0 && usable(program.items[0]) {
		d.program(program.items[0])
	}
	one.Use, one.With = d.builtin(n)
	patch := n.field("patch")
	if !usable(patch) {
		return one
	}
	d.callsIn(patch, true)
	one.Patch, _ = patch.value().(map[string]any)
	d.noTimeout(n, "a patch")
	return one
}

// noTimeout refuses a time limit of what takes no time.
func (d *decoder) noTimeout(n *node, what string) {
	if limit := n.field("timeout"); usable(limit) {
		d.keyFault(limit, diag.PatchTimeout, what+" takes no time", "remove timeout")
	}
}

// builtin decodes a decorator of Sparta's own, "" if it is none.
func (d *decoder) builtin(n *node) (string, *Alarms) {
	use, with := n.field("use"), n.field("with")
	if use == nil {
		if usable(with) {
			d.keyFault(with, diag.ExclusiveKeys, "goes with use: a built-in decorator", "add use: alarms, or remove with")
		}
		return "", nil
	}
	d.noTimeout(n, "a built-in decorator")
	a := &Alarms{
		Topic:           d.sourceOf(with.field("topic"), topicKind()),
		Errors:          d.number(with.field("errors"), DefaultAlarmCount),
		Throttles:       d.number(with.field("throttles"), DefaultAlarmCount),
		DurationPercent: d.number(with.field("duration"), DefaultAlarmPercent),
		Period:          or(d.duration(with.field("period")), time.Minute),
	}
	if a.Period%time.Minute != 0 {
		d.fault(with.field("period"), diag.Quantity, "is not a whole number of minutes", "")
	}
	if functions := with.field("functions"); usable(functions) {
		for _, item := range functions.items {
			d.functionNamed(item)
		}
		a.Functions = d.texts(functions)
		slices.Sort(a.Functions)
	}
	return d.literal(use), a
}

// What the built-in alarms do that say nothing.
const (
	DefaultAlarmCount   = 1
	DefaultAlarmPercent = 80
)

// AlarmID is the logical id of an alarm that is built in; kind is Errors,
// Throttles or Duration.
func AlarmID(function, kind string) string { return LogicalID(function) + kind + "Alarm" }

// alarmIDs returns the logical ids that the built-in decorators add.
func (s *Service) alarmIDs() []string {
	var ids []string
	for _, decorator := range s.Decorators {
		if decorator.With == nil {
			continue
		}
		for _, f := range s.Functions {
			if a := decorator.With; a.Functions == nil || slices.Contains(a.Functions, f.Name) {
				for kind, limit := range map[string]int{"Errors": a.Errors, "Throttles": a.Throttles, "Duration": a.DurationPercent} {
					if limit > 0 {
						ids = append(ids, AlarmID(f.Name, kind))
					}
				}
			}
		}
	}
	return ids
}

// program checks the program of an exec decorator.
func (d *decoder) program(n *node) {
	if n.written == "" {
		d.fault(n, diag.Program, "names no program", "write the program first, then its arguments")
		return
	}
	d.executable(n)
}
