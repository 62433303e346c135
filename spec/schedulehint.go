// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/cron"
)

var every = regexp.MustCompile(`^(?:every )?([0-9]*) ?(s|m|h|d|sec|second|min|minute|hour|day)s?$`)

// expressionHint suggests the schedule expression that a wrong one was meant to
// be, "" if none comes to mind.
func expressionHint(written string) string {
	inner := strings.TrimSpace(written)
	fields := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(inner, "cron("), ")"))
	var candidates []string
	switch parts := every.FindStringSubmatch(strings.ToLower(inner)); {
	case parts != nil && parts[2][0] != 's':
		unit := map[byte]string{'m': "minute", 'h': "hour", 'd': "day"}[parts[2][0]]
		candidates = append(candidates, fmt.Sprintf("rate(%s %ss)", or(parts[1], "1"), unit))
	case len(fields) == 5: // a cron expression of Unix
		candidates = append(candidates, unixCron(fields)...)
	case len(fields) == 6 && (fields[2] == "?") == (fields[4] == "?"):
		for _, i := range []int{4, 2} {
			if fields[i] == "*" {
				fields[i] = "?"
				break
			}
		}
		candidates = append(candidates, "cron("+strings.Join(fields, " ")+")")
	default:
		candidates = append(candidates, "at("+inner+")", "cron("+inner+")", "rate("+inner+")", strings.ToLower(inner))
	}
	for _, c := range candidates {
		if e, err := cron.Parse(c, cron.Scheduler); err == nil && !e.Never() {
			return didYouMean(e.String())
		}
	}
	return formHint(inner)
}

// formHint shows the form of what an expression begins as.
func formHint(written string) string {
	kind, rest, _ := strings.Cut(strings.ToLower(written), "(")
	switch {
	case kind == "rate" && strings.Contains(rest, "second"):
		return "the least is rate(1 minute)"
	case kind == "rate" && (strings.Contains(rest, "month") || strings.Contains(rest, "year")):
		return "write cron(0 0 1 * ? *) for the first of each month"
	case kind == "rate" && strings.Contains(rest, "week"):
		return "write rate(7 days), or cron(0 8 ? * MON *)"
	case kind == "rate":
		return "write rate(5 minutes), rate(12 hours) or rate(7 days)"
	case kind == "cron":
		return "minutes, hours, day of month, month, day of week, year: one of the days is ?, such as cron(0 8 ? * MON-FRI *)"
	case kind == "at":
		return "write date and time of a day that there is, such as at(2030-02-28T18:00:00)"
	}
	return ""
}

// unixCron turns the five fields of Unix into the six of AWS: one of the days is
// ?, the year is new, and days of the week count from 1.
func unixCron(f []string) []string {
	day, week := f[2], f[4]
	switch {
	case week == "*" || week == "?":
		week = "?"
	case day == "*" || day == "?":
		day = "?"
	default:
		return nil // both count to Unix: no expression of AWS says so
	}
	var shifted strings.Builder
	for i, c := range week {
		number := c >= '0' && c <= '7' && (i == 0 || strings.IndexByte(",-", week[i-1]) >= 0)
		if number {
			shifted.WriteString(strconv.Itoa(int(c-'0')%7 + 1))
			continue
		}
		shifted.WriteRune(c)
	}
	return []string{fmt.Sprintf("cron(%s %s %s %s %s *)", f[0], f[1], day, f[3], &shifted)}
}
