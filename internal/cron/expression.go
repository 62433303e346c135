// SPDX-License-Identifier: MIT

// Package cron reads schedule expressions, at(...), rate(...) and cron(...), and
// says when they fall due. It follows "Schedule types in EventBridge Scheduler"
// and "Creating an Amazon EventBridge rule that runs on a schedule".
package cron

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Expression is a parsed schedule expression. Its methods may be called
// concurrently.
type Expression struct {
	text string        // as String returns it
	at   string        // local time of a one-time schedule; "" for the others
	rate time.Duration // 0 for the others
	cron *fields       // nil for the others
}

var (
	shape    = regexp.MustCompile(`^(at|rate|cron)\((.*)\)$`)
	interval = regexp.MustCompile(`^([1-9][0-9]*) (minute|minutes|hour|hours|day|days)$`)
)

// The forms that each dialect has.
var (
	errNoRule     = errors.New("the schedule expression is not valid: it is rate(5 minutes) or cron(0 8 * * ? *)")
	errNoSchedule = errors.New("the schedule expression is not valid: it is rate(5 minutes), cron(0 8 * * ? *) or at(2026-12-24T18:00:00)")
)

// maxRate is the greatest interval that is accepted, in days.
const maxRate = 366 * 100

// Dialect is what a service takes as an expression.
type Dialect int

// The dialects: rules of EventBridge know no at(...) and want a rate of 1 in the
// singular and all others in the plural, EventBridge Scheduler does not mind.
const (
	Rules Dialect = iota
	Scheduler
)

// Parse reads an expression. The error says what is wrong; callers give it the
// words of their service.
func Parse(text string, d Dialect) (*Expression, error) {
	parts := shape.FindStringSubmatch(text)
	switch {
	case d == Rules && (parts == nil || parts[1] == "at"):
		return nil, errNoRule
	case parts == nil:
		return nil, errNoSchedule
	case parts[1] == "at":
		at, err := time.Parse(localTime, parts[2])
		switch fault, parsed := errors.AsType[*time.ParseError](err); {
		case parsed && strings.HasSuffix(fault.Message, "out of range"):
			return nil, errors.New("the time of a one-time schedule is one that no calendar and clock has")
		case err != nil || at.Format(localTime) != parts[2]:
			return nil, errors.New("the time of a one-time schedule is not of the form yyyy-mm-ddThh:mm:ss")
		}
		return &Expression{text: text, at: parts[2]}, nil
	case parts[1] == "rate":
		return parseRate(parts[2], d)
	}
	c, err := parseFields(parts[2])
	if err != nil {
		return nil, err
	}
	return &Expression{text: "cron(" + strings.Join(strings.Fields(parts[2]), " ") + ")", cron: c}, nil
}

const localTime = "2006-01-02T15:04:05"

func parseRate(text string, d Dialect) (*Expression, error) {
	parts := interval.FindStringSubmatch(text)
	if parts == nil {
		return nil, errors.New("a rate is a number of minutes, hours or days, such as rate(5 minutes)")
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return nil, errors.New("the rate is too large")
	}
	if d == Rules && (n == 1) == strings.HasSuffix(parts[2], "s") {
		return nil, errors.New("a rate of 1 takes a singular unit, such as rate(1 minute), every other a plural one")
	}
	unit := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[parts[2][0]]
	if n > int(maxRate*24*time.Hour/unit) {
		return nil, errors.New("the rate is too large")
	}
	word := strings.TrimSuffix(parts[2], "s")
	if n > 1 {
		word += "s"
	}
	return &Expression{text: fmt.Sprintf("rate(%d %s)", n, word), rate: time.Duration(n) * unit}, nil
}

// String is the expression with the rate's unit in the number that its amount
// takes, which both dialects understand, and one space between fields.
func (e *Expression) String() string { return e.text }

// Never reports whether the expression falls due at no time at all, neither past
// nor future.
func (e *Expression) Never() bool {
	if e.cron == nil {
		return false
	}
	_, ok := e.cron.next(time.Date(firstYear, 1, 1, 0, 0, 0, -1, time.UTC), time.UTC)
	return !ok
}

// Once reports whether the expression is a one-time schedule.
func (e *Expression) Once() bool { return e.at != "" }

// Rate reports whether the expression is a rate.
func (e *Expression) Rate() bool { return e.rate > 0 }

// Next returns the first time after a moment at which the expression falls due,
// or false if there is none. A rate counts from anchor; the other kinds are in
// the time zone zone. A local time that a change of the clocks leaves out is
// skipped, one that happens twice counts once.
func (e *Expression) Next(after, anchor time.Time, zone *time.Location) (time.Time, bool) {
	switch {
	case e.at != "":
		due, err := time.ParseInLocation(localTime, e.at, zone)
		return due, err == nil && due.After(after)
	case e.rate > 0:
		if after.Before(anchor) {
			return anchor, true
		}
		return anchor.Add((after.Sub(anchor)/e.rate + 1) * e.rate), true
	}
	return e.cron.next(after, zone)
}
