// SPDX-License-Identifier: MIT

package spec

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/internal/iotsql"
)

// TopicRuleEvent has a function called with the messages of AWS IoT that an SQL
// statement chooses.
type TopicRuleEvent struct {
	SQL         string  `key:"sql"`
	Name        string  `key:"name"` // of the rule; "": CloudFormation makes one up
	Enabled     bool    `key:"enabled"`
	Description string  `key:"description"`
	OnFailure   *Source `key:"onFailure"` // queue, topic or bucket for messages that the function could not be called with; may be nil
}

// TopicRuleVersion is the version of AWS IoT SQL that statements are written in;
// the service's default is older.
const TopicRuleVersion = string(iotsql.V2016)

// RuleID is the logical id of the topic rule.
func (r *TopicRuleEvent) RuleID(function string) string {
	return EventID(function, "TopicRule", or(r.Name, r.SQL))
}

// PermissionID is the logical id of the permission to call the function.
func (r *TopicRuleEvent) PermissionID(function string) string {
	return EventID(function, "TopicRulePermission", or(r.Name, r.SQL))
}

// TopicRuleRoleID is the logical id of the role with which AWS IoT sends what a
// function could not be called with.
func TopicRuleRoleID(function string) string { return LogicalID(function) + "TopicRuleRole" }

func (r *TopicRuleEvent) ids(f string) []string { return []string{r.RuleID(f), r.PermissionID(f)} }
func (*TopicRuleEvent) from() Source            { return Source{} }
func (*TopicRuleEvent) pulled() bool            { return false }

func (r *TopicRuleEvent) taken() (what, name string) { return "rule name", claim(r.Name, "iot") }

func (r *TopicRuleEvent) roles(f string) []string {
	if r.OnFailure == nil {
		return nil
	}
	return []string{TopicRuleRoleID(f)}
}

func (r *TopicRuleEvent) links() (parts, role []Source) {
	if r.OnFailure == nil {
		return nil, nil
	}
	return []Source{*r.OnFailure}, nil
}

// topicRuleEvent decodes a statement as a source.
func (d *decoder) topicRuleEvent(n *node) *TopicRuleEvent {
	sql := long(n, "sql")
	r := &TopicRuleEvent{
		SQL:         strings.TrimSpace(d.literal(sql)),
		Name:        d.literal(option(n, "name")),
		Enabled:     d.flag(option(n, "enabled"), true),
		Description: d.literal(option(n, "description")),
		OnFailure:   d.destination(option(n, "onFailure"), "", queueKind(), topicKind(), bucketKind()),
	}
	if usable(sql) {
		d.statement(sql)
	}
	return r
}

// statement checks a statement of AWS IoT SQL. The names of its functions are
// only warned of: AWS may have new ones.
func (d *decoder) statement(n *node) {
	parsed, err := iotsql.Parse(n.written, iotsql.V2016)
	if n.masked { // what it says stands in no message
		if err != nil {
			d.fault(n, diag.TopicStatement, "is no statement of AWS IoT SQL", "")
		}
		return
	}
	if fault, ok := errors.AsType[*iotsql.SyntaxError](err); ok {
		n.faulty = true
		d.problems.Add(d.problemWithin(n, fault.Offset, diag.TopicStatement, fault.Why, fault.Hint))
		return
	}
	for _, c := range parsed.Calls() {
		if c.Known() {
			continue
		}
		hint := "see \"Functions\" of the AWS IoT SQL reference"
		if near := nearest(c.Name, iotsql.Functions()); near != "" {
			hint = didYouMean(near)
		}
		p := d.problemWithin(n, c.Offset, diag.TopicStatement, fmt.Sprintf("has %s, which AWS IoT SQL is not known to have as a function", shorten(c.Name)), hint)
		p.Severity = diag.Warning
		d.problems.Add(p)
	}
}
