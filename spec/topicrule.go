// SPDX-License-Identifier: MIT

package spec

import (
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// TopicRuleEvent has a function called with the messages of AWS IoT that an SQL
// statement chooses.
type TopicRuleEvent struct {
	SQL         string `key:"sql"`
	Name        string `key:"name"` // of the rule; "": CloudFormation makes one up
	Enabled     bool   `key:"enabled"`
	Description string `key:"description"`
}

// RuleID is the logical id of the topic rule.
func (r *TopicRuleEvent) RuleID(function string) string {
	return EventID(function, "TopicRule", or(r.Name, r.SQL))
}

// PermissionID is the logical id of the permission to call the function.
func (r *TopicRuleEvent) PermissionID(function string) string {
	return EventID(function, "TopicRulePermission", or(r.Name, r.SQL))
}

func (r *TopicRuleEvent) ids(f string) []string { return []string{r.RuleID(f), r.PermissionID(f)} }
func (*TopicRuleEvent) from() Source            { return Source{} }
func (*TopicRuleEvent) pulled() bool            { return false }

func (r *TopicRuleEvent) taken() (what, name string) { return "rule name", claim(r.Name, "iot") }

// topicRuleEvent decodes a statement as a source.
func (d *decoder) topicRuleEvent(n *node) *TopicRuleEvent {
	sql := long(n, "sql")
	r := &TopicRuleEvent{
		SQL:         strings.TrimSpace(d.literal(sql)),
		Name:        d.literal(option(n, "name")),
		Enabled:     d.flag(option(n, "enabled"), true),
		Description: d.literal(option(n, "description")),
	}
	if !usable(sql) {
		return r
	}
	if why, hint := statementFault(r.SQL); why != "" {
		d.fault(sql, diag.TopicStatement, why, hint)
	}
	return r
}

// statementFault says why a text is no statement of AWS IoT, as far as that can
// be told from its outline; "" if it is one. A rule without FROM gets messages
// by Basic Ingest only. Source: "AWS IoT SQL reference",
// https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
func statementFault(sql string) (why, hint string) {
	words, open := sqlWords(sql)
	switch {
	case open != "":
		return "has " + open + " that is not closed", ""
	case len(words) == 0 || !strings.EqualFold(words[0], "SELECT"):
		return "does not begin with SELECT", "write SELECT * FROM '<topic filter>'"
	case len(words) == 1 || strings.EqualFold(words[1], "FROM"):
		return "selects nothing", "write SELECT * for the whole message"
	}
	for i, word := range words {
		if !strings.EqualFold(word, "FROM") {
			continue
		}
		if i+1 == len(words) || words[i+1][0] != '\'' && words[i+1][0] != '"' {
			return "has no topic filter in quotes after FROM", "write FROM 'things/+'"
		}
		return topicFault(words[i+1][1 : len(words[i+1])-1]), ""
	}
	return "", ""
}

// topicFault says why a text is no topic filter, "" if it is one.
func topicFault(filter string) string {
	const most, slashes = 256, 7
	levels := strings.Split(filter, "/")
	switch {
	case filter == "":
		return "has an empty topic filter"
	case len(filter) > most:
		return "has a topic filter of more than 256 bytes"
	case len(levels) > slashes+1 && !strings.HasPrefix(filter, "$aws/"):
		return "has a topic filter with more than 7 slashes"
	}
	for i, level := range levels {
		switch {
		case strings.Contains(level, "#") && (level != "#" || i != len(levels)-1):
			return "has # in its topic filter, which is the whole last level or nothing"
		case strings.Contains(level, "+") && level != "+":
			return "has + in its topic filter, which is a whole level or nothing"
		}
	}
	return ""
}

// sqlWords splits a statement into its words outside of brackets and its texts
// in quotes. open is the bracket or quote that is not closed.
func sqlWords(sql string) (words []string, open string) {
	var brackets []byte
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			end := strings.IndexByte(sql[i+1:], c)
			if end < 0 {
				return nil, "a quote " + string(c)
			}
			if len(brackets) == 0 {
				words = append(words, sql[i:i+end+2])
			}
			i += end + 2
		case strings.IndexByte("([{", c) >= 0:
			brackets = append(brackets, c)
			if len(brackets) == 1 {
				words = append(words, string(c))
			}
			i++
		case strings.IndexByte(")]}", c) >= 0:
			if len(brackets) == 0 || brackets[len(brackets)-1] != map[byte]byte{')': '(', ']': '[', '}': '{'}[c] {
				return nil, "a bracket " + string(c) + " too much, or one"
			}
			brackets = brackets[:len(brackets)-1]
			i++
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',':
			i++
		default:
			end := strings.IndexAny(sql[i:], "'\"([{)]} \t\n\r,")
			if end < 0 {
				end = len(sql) - i
			}
			if len(brackets) == 0 {
				words = append(words, sql[i:i+end])
			}
			i += end
		}
	}
	if len(brackets) > 0 {
		return nil, "a bracket " + string(brackets[len(brackets)-1])
	}
	return words, ""
}
