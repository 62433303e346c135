// SPDX-License-Identifier: MIT

package cron

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fields are those of a cron expression of AWS: minutes, hours, day of month,
// month, day of week, year. One of the two days is ?.
type fields struct {
	minutes, hours, months uint64 // bit n is set if n matches
	years                  []span
	monthDay               func(day time.Time) bool // nil: ?
	weekDay                func(day time.Time) bool // nil: ?
}

// span is every step-th number from first to last.
type span struct{ first, last, step int }

func (s span) has(n int) bool { return n >= s.first && n <= s.last && (n-s.first)%s.step == 0 }

const (
	firstYear = 1970
	lastYear  = 2199
)

// field is one of the six.
type field struct {
	name        string
	least, most int
	names       []string // stand for the numbers from least on
	takes       string   // in words
}

func (f field) refuse(item string) error {
	return fmt.Errorf("%.40q does not fit the cron field %s, which takes %s", item, f.name, f.takes)
}

var (
	minuteField   = field{name: "minutes", least: 0, most: 59, takes: "0-59 and , - * /"}
	hourField     = field{name: "hours", least: 0, most: 23, takes: "0-23 and , - * /"}
	monthDayField = field{name: "day of month", least: 1, most: 31, takes: "1-31 and , - * ? / L W"}
	monthField    = field{name: "month", least: 1, most: 12, names: months(), takes: "1-12 or JAN-DEC and , - * /"}
	weekDayField  = field{name: "day of week", least: 1, most: 7, names: weekdays(), takes: "1-7 or SUN-SAT and , - * ? / L #"}
	yearField     = field{name: "year", least: firstYear, most: lastYear, takes: "1970-2199 and , - * /"}
)

func parseFields(text string) (*fields, error) {
	parts := strings.Fields(text)
	if len(parts) != 6 {
		return nil, fmt.Errorf("a cron expression has six fields, not %d: minutes, hours, day of month, month, day of week, year", len(parts))
	}
	c := &fields{}
	var err error
	if c.minutes, err = minuteField.set(parts[0]); err != nil {
		return nil, err
	}
	if c.hours, err = hourField.set(parts[1]); err != nil {
		return nil, err
	}
	if c.months, err = monthField.set(parts[3]); err != nil {
		return nil, err
	}
	if c.years, err = yearField.spans(parts[5]); err != nil {
		return nil, err
	}
	if (parts[2] == "?") == (parts[4] == "?") {
		return nil, errors.New("a cron expression has ? for the day of month or for the day of week, and not for both")
	}
	if c.monthDay, err = parseMonthDay(parts[2]); err != nil {
		return nil, err
	}
	c.weekDay, err = parseWeekDay(parts[4])
	return c, err
}

func months() []string {
	return []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
}

func weekdays() []string { return []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"} }

// spans reads a field of lists, ranges and steps.
func (f field) spans(text string) ([]span, error) {
	var spans []span
	for item := range strings.SplitSeq(text, ",") {
		s, ok := f.span(item)
		if !ok {
			return nil, f.refuse(item)
		}
		spans = append(spans, s)
	}
	return spans, nil
}

// number reads one number or name.
func (f field) number(text string) (int, bool) {
	if i := slices.Index(f.names, strings.ToUpper(text)); i >= 0 {
		return i + f.least, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.least && n <= f.most && text[0] != '+'
}

func (f field) span(item string) (span, bool) {
	base, stepText, stepped := strings.Cut(item, "/")
	s := span{first: f.least, last: f.most, step: 1}
	if stepped {
		n, err := strconv.Atoi(stepText)
		if err != nil || n < 1 || n > f.most {
			return s, false
		}
		s.step = n
	}
	if base == "*" {
		return s, true
	}
	first, last, isRange := strings.Cut(base, "-")
	var ok bool
	if s.first, ok = f.number(first); !ok {
		return s, false
	}
	if !isRange {
		if !stepped { // a single number; with a step it is where the series begins
			s.last = s.first
		}
		return s, true
	}
	s.last, ok = f.number(last)
	return s, ok && s.first <= s.last
}

func (f field) set(text string) (uint64, error) {
	spans, err := f.spans(text)
	var set uint64
	for n := f.least; n <= f.most; n++ {
		if slices.ContainsFunc(spans, func(s span) bool { return s.has(n) }) {
			set |= 1 << n
		}
	}
	return set, err
}

// parseMonthDay reads the day of month, which may also be L, the last one, or
// nW, the weekday nearest to n.
func parseMonthDay(text string) (func(time.Time) bool, error) {
	switch {
	case text == "?":
		return nil, nil
	case text == "L":
		return func(day time.Time) bool { return day.Day() == lastDay(day) }, nil
	case strings.HasSuffix(text, "W"):
		n, err := strconv.Atoi(strings.TrimSuffix(text, "W"))
		if err != nil || n < 1 || n > 31 {
			return nil, monthDayField.refuse(text)
		}
		return func(day time.Time) bool { return day.Day() == nearestWeekday(day, n) }, nil
	}
	set, err := monthDayField.set(text)
	return func(day time.Time) bool { return set&(1<<day.Day()) != 0 }, err
}

// lastDay returns the number of days of the month of a day.
func lastDay(day time.Time) int {
	return time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nearestWeekday returns the day from Monday to Friday that is nearest to the
// nth of the month and within the month, or 0 if the month has no such day.
func nearestWeekday(month time.Time, n int) int {
	last := lastDay(month)
	if n > last {
		return 0
	}
	switch time.Date(month.Year(), month.Month(), n, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if n == 1 {
			return 3
		}
		return n - 1
	case time.Sunday:
		if n == last {
			return n - 2
		}
		return n + 1
	}
	return n
}

// parseWeekDay reads the day of week, 1 to 7 from Sunday on, which may also be L,
// Saturday, nL, the last such day of the month, or n#k, the kth one.
func parseWeekDay(text string) (func(time.Time) bool, error) {
	nth, k, ranked := strings.Cut(text, "#")
	lastOf, isLast := strings.CutSuffix(text, "L")
	switch {
	case text == "?":
		return nil, nil
	case text == "L":
		return func(day time.Time) bool { return day.Weekday() == time.Saturday }, nil
	case ranked:
		s, ok := weekDayField.span(nth)
		n, err := strconv.Atoi(k)
		if !ok || s.first != s.last || err != nil || n < 1 || n > 5 {
			return nil, weekDayField.refuse(text)
		}
		return func(day time.Time) bool { return int(day.Weekday())+1 == s.first && (day.Day()+6)/7 == n }, nil
	case isLast:
		s, ok := weekDayField.span(lastOf)
		if !ok || s.first != s.last {
			return nil, weekDayField.refuse(text)
		}
		return func(day time.Time) bool { return int(day.Weekday())+1 == s.first && day.Day()+7 > lastDay(day) }, nil
	}
	set, err := weekDayField.set(text)
	return func(day time.Time) bool { return set&(1<<(int(day.Weekday())+1)) != 0 }, err
}

// runs reports whether the expression falls due on a day, which is midnight UTC
// whatever the time zone.
func (c *fields) runs(day time.Time) bool {
	return slices.ContainsFunc(c.years, func(s span) bool { return s.has(day.Year()) }) && c.months&(1<<day.Month()) != 0 &&
		(c.monthDay == nil || c.monthDay(day)) && (c.weekDay == nil || c.weekDay(day))
}

// next returns the first time after a moment. It looks at days in turn, skipping
// years and months that cannot match.
func (c *fields) next(after time.Time, zone *time.Location) (time.Time, bool) {
	local := after.In(zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	for day.Year() <= lastYear {
		if c.months&(1<<day.Month()) == 0 {
			day = time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
			continue
		}
		if c.runs(day) {
			if due, ok := c.within(day, after, zone); ok {
				return due, true
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}, false
}

// within returns the first time on a day and after a moment. Local times that
// the day does not have are skipped.
func (c *fields) within(day, after time.Time, zone *time.Location) (time.Time, bool) {
	for hours := c.hours; hours != 0; hours &= hours - 1 {
		hour := bits.TrailingZeros64(hours)
		for minutes := c.minutes; minutes != 0; minutes &= minutes - 1 {
			minute := bits.TrailingZeros64(minutes)
			due := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, zone)
			if due.Hour() == hour && due.Minute() == minute && due.After(after) {
				return due, true
			}
		}
	}
	return time.Time{}, false
}
