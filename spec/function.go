// SPDX-License-Identifier: MIT

package spec

import (
	"go/token"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// functions decodes defaults and functions, the latter sorted by name.
func (d *decoder) functions(s *Service) {
	defaults := d.root.field("defaults")
	base := d.settings(defaults)
	if usable(defaults) {
		d.checkSize(base.Environment, defaults.field("environment"))
		d.logLevels(defaults.field("logs"), base.Logs)
	}
	n := d.root.field("functions")
	if !usable(n) {
		return
	}
	s.Functions = make([]Function, 0, len(n.fields))
	for _, f := range n.fields {
		if usable(f) && f.kind == object {
			s.Functions = append(s.Functions, d.function(f, base))
		}
	}
	slices.SortFunc(s.Functions, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
}

// settings decodes what defaults and functions have in common. What is not
// given is the zero value, and the retention then -1.
func (d *decoder) settings(n *node) Function {
	if !usable(n) {
		return Function{Logs: Logs{RetentionDays: -1}}
	}
	return Function{
		Runtime:      d.runtime(n.field("runtime")),
		Architecture: d.architecture(n.field("architecture")),
		MemoryMB:     d.memory(n.field("memory")),
		Timeout:      d.duration(n.field("timeout")),
		Environment:  d.environment(n.field("environment")),
		Tags:         d.tags(n.field("tags")),
		Logs:         d.logs(n.field("logs")),

		Layers:             d.layers(n.field("layers")),
		VPC:                d.vpc(n.field("vpc")),
		EphemeralStorageMB: d.memory(n.field("ephemeralStorage")),
		Tracing:            d.flag(n.field("tracing"), false),
		KMSKey:             d.kmsKey(n.field("kmsKey")),
	}
}

// function decodes one function over the defaults.
func (d *decoder) function(n *node, base Function) Function {
	f := d.settings(n)
	f.Name = n.key
	f.Handler = d.handler(n.field("handler"))
	f.Description = d.literal(n.field("description"))
	f.Runtime = or(or(f.Runtime, base.Runtime), DefaultRuntime)
	f.Architecture = or(or(f.Architecture, base.Architecture), DefaultArchitecture)
	f.MemoryMB = or(or(f.MemoryMB, base.MemoryMB), DefaultMemoryMB)
	f.Timeout = or(or(f.Timeout, base.Timeout), DefaultTimeout*time.Second)
	f.Environment = overlay(base.Environment, f.Environment)
	d.checkSize(f.Environment, n.field("environment"))
	f.Tags = overlay(base.Tags, f.Tags)
	f.Logs = f.Logs.over(base.Logs)
	d.logLevels(n.field("logs"), f.Logs)
	d.setup(&f, n, base)
	f.Role = d.role(n.field("role"))
	f.Permissions = d.permissions(n.field("permissions"))
	f.URL = d.url(n.field("url"))
	d.outcomes(n, &f)
	f.Events = d.events(n.field("events"), f)
	if f.URL != nil && f.URL.Stream && f.Shim() {
		d.fault(n.field("url").field("mode"), diag.StreamThroughShim, "the NodeJS shim sends a response as a whole", "set runtime: provided.al2023 for "+n.key+", or leave mode out")
	}
	return f
}

// handler decodes <directory or import path>.<Go symbol>.
func (d *decoder) handler(n *node) string {
	h := d.literal(n)
	if h == "" || n.faulty {
		return ""
	}
	symbol := h[strings.LastIndexByte(h, '.')+1:]
	if !token.IsIdentifier(symbol) {
		d.fault(n, diag.HandlerForm, strconv.Quote(shorten(symbol))+" is no Go identifier", "write <directory or import path>.<Go symbol>, such as ./handlers.Hello")
		return ""
	}
	return h
}

// role decodes a static role: a string, an intrinsic or nil.
func (d *decoder) role(n *node) any {
	if !usable(n) {
		return nil
	}
	return d.scalarOrCall(n)
}
