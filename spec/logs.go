// SPDX-License-Identifier: MIT

package spec

import (
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// logs decodes how logs are kept. What is not given is the zero value, and the
// retention then -1.
func (d *decoder) logs(n *node) Logs {
	if !usable(n) {
		return Logs{RetentionDays: -1}
	}
	l := Logs{
		RetentionDays: d.retention(n.field("retention")),
		Level:         strings.ToUpper(d.literal(n.field("level"))),
		SystemLevel:   strings.ToUpper(d.literal(n.field("systemLevel"))),
	}
	switch d.literal(n.field("format")) {
	case "json":
		l.Format = "JSON"
	case "text":
		l.Format = "Text"
	}
	return l
}

// retention decodes how long logs are kept: days, 0 for ever, -1 not given.
func (d *decoder) retention(n *node) int {
	switch {
	case !usable(n):
		return -1
	case n.kind == text: // "never"
		return 0
	}
	return whole(n.json())
}

// over is l with what it leaves open taken from base, and then Sparta's
// defaults.
func (l Logs) over(base Logs) Logs {
	if l.RetentionDays < 0 {
		l.RetentionDays = base.RetentionDays
	}
	if l.RetentionDays < 0 {
		l.RetentionDays = DefaultRetentionDays
	}
	l.Format = or(or(l.Format, base.Format), "Text")
	l.Level = or(l.Level, base.Level)
	l.SystemLevel = or(l.SystemLevel, base.SystemLevel)
	return l
}

// logLevels refuses levels of lines that have none.
func (d *decoder) logLevels(n *node, l Logs) {
	if l.Format == "JSON" {
		return
	}
	for _, key := range []string{"level", "systemLevel"} {
		if level := n.field(key); usable(level) {
			d.fault(level, diag.FunctionSetting, "takes logs of the format json: lines of text have no level", "add format: json")
		}
	}
}
