// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// RuleEvent has a function called with the events of an EventBridge bus that
// match a pattern.
type RuleEvent struct {
	Pattern          map[string]any    `key:"pattern"`          // intrinsics may stand for values
	Bus              Name              `key:"bus"`              // name or ARN
	Input            any               `key:"input"`            // JSON value in place of the event; nil: the event
	InputPath        string            `key:"inputPath"`        // part of the event in its place
	InputTransformer *InputTransformer `key:"inputTransformer"` // text in place of the event
	Retries          int               `key:"retries"`          // 0 to 185
	MaxAge           time.Duration     `key:"maxAge"`           // whole seconds, 1 min to 24 h
	DeadLetter       Source            `key:"deadLetter"`       // queue for what could not be sent
	Enabled          bool              `key:"enabled"`
	Description      string            `key:"description"`
	Name             string            `key:"name"` // of the rule; "": CloudFormation makes one up
}

// InputTransformer makes a text of parts of an event.
type InputTransformer struct {
	Paths    map[string]string `key:"paths"` // by their names in the template
	Template string            `key:"template"`
}

// DefaultBus is the event bus that every account has.
const DefaultBus = "default"

// RuleID is the logical id of the rule.
func (r *RuleEvent) RuleID(function string) string { return r.id(function, "Rule") }

// PermissionID is the logical id of the permission to call the function.
func (r *RuleEvent) PermissionID(function string) string { return r.id(function, "RulePermission") }

func (r *RuleEvent) id(function, kind string) string {
	if r.Name != "" {
		return EventID(function, kind, r.Name, r.Bus.Value)
	}
	return EventID(function, kind, r.Bus.Value, r.Pattern)
}

func (r *RuleEvent) ids(f string) []string { return []string{r.RuleID(f), r.PermissionID(f)} }
func (*RuleEvent) from() Source            { return Source{} }
func (*RuleEvent) pulled() bool            { return false }
func (r *RuleEvent) admits() []Source      { return []Source{r.DeadLetter} }

func (r *RuleEvent) links() (parts, role []Source) {
	return []Source{r.DeadLetter, {ID: r.Bus.ID}}, nil
}

func (r *RuleEvent) taken() (what, name string) {
	return "rule name", claim(r.Name, r.Bus.Value)
}

// ruleEvent decodes a pattern on a bus.
func (d *decoder) ruleEvent(n *node) *RuleEvent {
	r := &RuleEvent{
		Pattern:          d.eventPattern(n.field("pattern")),
		Bus:              d.nameOf(n.field("bus"), busKind().inRegion(), DefaultBus),
		Input:            d.input(n.field("input")),
		InputPath:        d.literal(n.field("inputPath")),
		InputTransformer: d.inputTransformer(n.field("inputTransformer")),
		Retries:          d.number(n.field("retries"), DefaultEventRetries),
		MaxAge:           or(d.duration(n.field("maxAge")), DefaultEventMaxAge),
		DeadLetter:       d.deadLetter(n.field("deadLetter")),
		Enabled:          d.flag(n.field("enabled"), true),
		Description:      d.literal(n.field("description")),
		Name:             d.literal(n.field("name")),
	}
	var given []string
	for _, key := range []string{"input", "inputPath", "inputTransformer"} {
		if n.field(key) != nil {
			given = append(given, key)
		}
	}
	if len(given) > 1 {
		d.keyFault(n.field(given[1]), diag.SourceOptions, "cannot stand beside "+given[0], "the function gets one of input, inputPath and inputTransformer, or the event as it is")
	}
	return r
}

// eventPattern decodes the pattern of a rule, in which intrinsic functions may
// stand for values.
func (d *decoder) eventPattern(n *node) map[string]any {
	if !usable(n) {
		return nil
	}
	if _, _, call := intrinsicOf(n); call {
		d.fault(n, diag.EventPattern, "is no event pattern, which is a map", `write {source: [orders]}`)
		return nil
	}
	d.callsWithin(n)
	plain, _ := literalOf(n).(map[string]any)
	if where, why := checkPattern(plain, nil); why != "" {
		d.patternFault(n, where, why)
		return nil
	}
	pattern, _ := n.value().(map[string]any)
	return pattern
}

// inputTransformer checks that the names in a template have paths.
func (d *decoder) inputTransformer(n *node) *InputTransformer {
	if !usable(n) {
		return nil
	}
	t := &InputTransformer{Paths: map[string]string{}, Template: d.literal(n.field("template"))}
	for _, f := range n.field("paths").fieldsOf() {
		if strings.HasPrefix(strings.ToLower(f.key), "aws") {
			d.keyFault(f, diag.InputTemplate, "names that begin with aws are EventBridge's own", "rename it")
			continue
		}
		t.Paths[f.key] = d.literal(f)
	}
	used := placeholders(t.Template)
	for _, name := range used {
		if _, ok := t.Paths[name]; !ok && !slices.Contains(eventVariables(), name) {
			hint := "add paths: {" + name + ": $.detail." + name + "}"
			if near := nearest(name, append(keysOf(n.field("paths")), eventVariables()...)); near != "" {
				hint = didYouMean("<" + near + ">")
			}
			d.say(n.field("template"), diag.InputTemplate, fmt.Sprintf("<%s> has no path", shorten(name)), hint)
		}
	}
	for _, f := range n.field("paths").fieldsOf() {
		if t.Template != "" && !f.faulty && !slices.Contains(used, f.key) {
			d.warn(f, diag.InputTemplate, "is not in the template", "write <"+f.key+"> where it shall stand, or leave the path out")
		}
	}
	return t
}

// eventVariables are what a template may have without a path. Source: "Amazon EventBridge input transformation",
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
func eventVariables() []string {
	return []string{"aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event", "aws.events.event.json"}
}

// placeholders are the names in <> of a template, each once, sorted.
func placeholders(template string) []string {
	var names []string
	for rest := template; ; {
		_, after, _ := strings.Cut(rest, "<")
		name, tail, ok := strings.Cut(after, ">")
		if !ok {
			slices.Sort(names)
			return slices.Compact(names)
		}
		if inner := strings.LastIndexByte(name, '<'); inner >= 0 {
			name = name[inner+1:]
		}
		if name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == "" {
			names = append(names, name)
		}
		rest = tail
	}
}
