// SPDX-License-Identifier: MIT

package policy

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// comparison says whether the value of a request fits what a policy wants.
type comparison func(want template, value string, q *Request) bool

// comparisonOf returns the comparison of an operator that is not negated, nil
// if there is no such operator ("IAM JSON policy elements: Condition
// operators", IAM User Guide).
func comparisonOf(operator string) comparison {
	switch operator {
	case "StringEquals", "BinaryEquals":
		return onText(func(want, value string) bool { return want == value })
	case "StringEqualsIgnoreCase", "Bool":
		return onText(strings.EqualFold)
	case "StringLike":
		return func(want template, value string, q *Request) bool {
			p, ok := want.pattern(q)
			return ok && p.match(value)
		}
	case "ArnEquals", "ArnLike":
		return func(want template, value string, q *Request) bool {
			p, ok := want.pattern(q)
			return ok && p.matchARN(value)
		}
	case "IpAddress":
		return onText(inNetwork)
	}
	if order, ok := strings.CutPrefix(operator, "Numeric"); ok {
		return ordered(order, parseNumber)
	}
	if order, ok := strings.CutPrefix(operator, "Date"); ok {
		return ordered(order, parseDate)
	}
	return nil
}

// onText compares with a text in which wildcards mean nothing.
func onText(compare func(want, value string) bool) comparison {
	return func(want template, value string, q *Request) bool {
		text, ok := want.expand(q)
		return ok && compare(text, value)
	}
}

// ordered compares numbers or dates.
func ordered(order string, parse func(string) (float64, bool)) comparison {
	orders := map[string]func(value, want float64) bool{
		"Equals":            func(value, want float64) bool { return value == want },
		"LessThan":          func(value, want float64) bool { return value < want },
		"LessThanEquals":    func(value, want float64) bool { return value <= want },
		"GreaterThan":       func(value, want float64) bool { return value > want },
		"GreaterThanEquals": func(value, want float64) bool { return value >= want },
	}
	compare, ok := orders[order]
	if !ok {
		return nil
	}
	return onText(func(want, value string) bool {
		a, ok := parse(value)
		b, known := parse(want)
		return ok && known && compare(a, b)
	})
}

func parseNumber(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// parseDate reads a date of ISO 8601 as the W3C limits it, or seconds since
// 1970.
func parseDate(text string) (float64, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006"} {
		if layout == "2006" && len(text) != 4 {
			break // a number of seconds
		}
		if t, err := time.Parse(layout, text); err == nil {
			return float64(t.UnixMilli()) / 1000, true
		}
	}
	return parseNumber(text)
}

// matchARN compares the six parts of an ARN, each by itself.
func (p pattern) matchARN(value string) bool {
	parts := strings.SplitN(value, ":", 6)
	for i, part := range parts {
		end := slices.Index(p, uint16(':'))
		if last := i == len(parts)-1; last || end < 0 {
			return last && p.match(part) || len(p) == 1 && p[0] == anyRun
		}
		if !p[:end].match(part) {
			return false
		}
		p = p[end+1:]
	}
	return false
}

func inNetwork(network, address string) bool {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	if single, err := netip.ParseAddr(network); err == nil {
		return single == addr
	}
	prefix, err := netip.ParsePrefix(network)
	return err == nil && prefix.Contains(addr)
}
