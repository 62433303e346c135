// SPDX-License-Identifier: MIT

package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/internal/logpattern"
)

// LogsEvent has a function called with the log events of a group.
type LogsEvent struct {
	Group  Name   `key:"group"`
	Filter string `key:"filter"` // filter pattern; "": every log event
}

// maxFilters is how many subscription filters a group has. Source: "CloudWatch Logs quotas",
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
const maxFilters = 2

// LogGroupName is the name of a function's log group.
func LogGroupName(service, function string) string { return "/sparta/" + service + "/" + function }

// FilterID is the logical id of the subscription filter.
func (l *LogsEvent) FilterID(function string) string { return l.id(function, "LogFilter") }

// PermissionID is the logical id of the permission to call the function.
func (l *LogsEvent) PermissionID(function string) string { return l.id(function, "LogPermission") }

func (l *LogsEvent) id(function, kind string) string {
	if l.Filter != "" {
		return EventID(function, kind, l.Group.Value, l.Filter)
	}
	return EventID(function, kind, l.Group.Value)
}

func (l *LogsEvent) ids(f string) []string { return []string{l.FilterID(f), l.PermissionID(f)} }
func (l *LogsEvent) from() Source          { return Source{ID: l.Group.ID} }
func (*LogsEvent) pulled() bool            { return false }

func logGroupKind() sourceKind {
	return sourceKind{what: "a log group", service: "logs", types: []string{"AWS::Logs::LogGroup"}, form: "log-group:<name>", here: true, own: true}
}

// logsEvent decodes a log group as a source.
func (d *decoder) logsEvent(n *node, f Function) *LogsEvent {
	group := long(n, "group")
	l := &LogsEvent{Group: d.logGroup(group), Filter: d.logPattern(option(n, "filter"))}
	if usable(group) && l.Group.ID == LogGroupID(f.Name) && f.RecursiveLoop != "Allow" {
		why, hint := "each line that it writes would call it again", "name the log group of another function"
		if l.Filter != "" {
			why, hint = "each line that it writes and that meets the filter would call it again", hint+"; recursiveLoop: allow says that it is meant"
		}
		d.warn(group, diag.LogLoop, "is the function's own log group: "+why, hint)
	}
	return l
}

// logPattern decodes a filter pattern.
func (d *decoder) logPattern(n *node) string {
	written := d.literal(n)
	_, err := logpattern.Parse(written)
	fault, ok := errors.AsType[*logpattern.Fault](err)
	switch {
	case !ok:
		return written
	case n.masked:
		d.fault(n, diag.LogPattern, "is no filter pattern", "write ERROR, ?ERROR ?WARN, { $.level = \"error\" } or [ip, user, code = 5*]")
	default:
		d.fault(n, diag.LogPattern, "is no filter pattern: "+fault.Error(), fault.Hint())
	}
	return ""
}

// logGroup decodes a log group: that of a function of the service, one of
// resources, or an existing one.
func (d *decoder) logGroup(n *node) Name {
	if !usable(n) {
		return Name{}
	}
	if id, _ := referred(n); id != "" {
		group := d.nameOf(n, logGroupKind(), "")
		if function := d.functionOfGroup(id); function != "" || group.ID != "" {
			return Name{Value: map[string]any{"Ref": id}, ID: id}
		}
		return group
	}
	if n.kind == object {
		if writtenARN(n) != "" && n.only().kind == text {
			d.calls(n, false)
			return d.groupOfARN(n)
		}
		return d.nameOf(n, logGroupKind(), "")
	}
	name := n.written
	if strings.HasPrefix(name, "arn:") {
		return d.groupOfARN(n)
	}
	service := d.literal(d.root.field("serviceName"))
	for _, f := range d.root.field("functions").fieldsOf() {
		if name == f.key || name == LogGroupName(service, f.key) {
			return Name{Value: map[string]any{"Ref": LogGroupID(f.key)}, ID: LogGroupID(f.key)}
		}
	}
	if _, ok := d.resourceType(name); ok || strings.Contains(name, "/") {
		return d.nameOf(n, logGroupKind(), "")
	}
	hint := "write an existing group without a slash in its name as its ARN: arn:aws:logs:<region>:<account>:log-group:" + name
	if near := nearest(name, append(keysOf(d.root.field("functions")), keysOf(d.root.field("resources"))...)); near != "" {
		hint = didYouMean(near)
	}
	d.fault(n, diag.UnknownResource, fmt.Sprintf("there is neither a function nor a resource %q", shorten(name)), hint)
	return Name{}
}

// groupOfARN takes the name out of the ARN of a log group.
func (d *decoder) groupOfARN(n *node) Name {
	if !d.arn(n, logGroupKind()) {
		return Name{}
	}
	written := n.written
	if n.kind == object {
		written = n.only().written
	}
	_, name, _ := strings.Cut(written, ":log-group:")
	name = strings.TrimSuffix(name, ":*")
	if n.kind == object && strings.Contains(name, "${") {
		return Name{Value: map[string]any{"Fn::Sub": name}}
	}
	return Name{Value: name}
}

// functionOfGroup is the function whose log group has a logical id, "" if none.
func (d *decoder) functionOfGroup(id string) string {
	for _, f := range d.root.field("functions").fieldsOf() {
		if LogGroupID(f.key) == id {
			return f.key
		}
	}
	return ""
}

// logRules checks what the sources of all functions make together: groups with
// too many filters, and functions that call each other by what they log.
func (d *decoder) logRules(s *Service) {
	filters := map[string][]string{}
	readers := map[string][]string{} // functions by the group that they read
	for _, f := range s.Functions {
		for i, e := range f.Events {
			if e.Logs == nil {
				continue
			}
			key := claim("group", e.Logs.Group.Value)
			at := d.find(eventPath(f.Name, i))
			filters[key] = append(filters[key], at.place())
			readers[e.Logs.Group.ID] = append(readers[e.Logs.Group.ID], f.Name)
			if n := len(filters[key]); n > maxFilters {
				d.say(at, diag.EventLimit, fmt.Sprintf("is filter %d of the group, which takes %d: %s are the others", n, maxFilters, strings.Join(filters[key][:maxFilters], " and ")),
					"send them to one function, or on from there")
			}
		}
	}
	for _, f := range s.Functions {
		if path := circleOfLogs(f.Name, readers); len(path) > 2 && f.Name == slices.Min(path) {
			d.warn(d.root.field("functions").field(f.Name), diag.LogLoop, "is called by what it logs: "+strings.Join(path, " -> "), "see that the filters let nothing around the circle")
		}
	}
}

// circleOfLogs follows who reads whose logs from a function back to it, nil if
// there is no such way.
func circleOfLogs(from string, readers map[string][]string) []string {
	seen := map[string]bool{}
	var visit func(path []string) []string
	visit = func(path []string) []string {
		for _, next := range readers[LogGroupID(path[len(path)-1])] {
			if next == from {
				return append(path, next)
			}
			if seen[next] {
				continue
			}
			seen[next] = true
			if found := visit(append(slices.Clone(path), next)); found != nil {
				return found
			}
		}
		return nil
	}
	return visit([]string{from})
}
