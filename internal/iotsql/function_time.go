// SPDX-License-Identifier: MIT

package iotsql

import (
	"fmt"
	"strings"
	"time"
)

// timeFunction are the functions of times.
func timeFunction(name string) (function, bool) {
	if name != "parse_time" {
		return function{}, false
	}
	return function{2, 3, func(_ *scope, a []any) any { return formatTime(append(a, "UTC")) }}, true
}

// formatTime writes milliseconds since 1970 by a pattern of Joda-Time, in a zone
// of the IANA database.
func formatTime(a []any) any {
	pattern, ok1 := toText(a[0])
	n, ok2 := toNumber(a[1])
	name, ok3 := a[2].(string)
	if !ok1 || !ok2 || !ok3 {
		return undefined{}
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return undefined{}
	}
	at := time.UnixMilli(n.int64()).In(zone)
	if at.Year() < 1 || at.Year() > 9999 {
		return undefined{}
	}
	var b strings.Builder
	for pattern != "" {
		size := 1
		switch c := pattern[0]; {
		case c == '\'':
			text, after := quotedPattern(pattern)
			b.WriteString(text)
			pattern = after
			continue
		case isLetter(c):
			for size < len(pattern) && pattern[size] == c {
				size++
			}
			text, ok := timeField(at, c, size)
			if !ok {
				return undefined{}
			}
			b.WriteString(text)
		default:
			b.WriteByte(c)
		}
		pattern = pattern[size:]
	}
	return b.String()
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// quotedPattern returns the text in quotes that a pattern begins with, and what
// follows it. Two quotes are one.
func quotedPattern(pattern string) (text, after string) {
	if strings.HasPrefix(pattern, "''") {
		return "'", pattern[2:]
	}
	var b strings.Builder
	for i := 1; i < len(pattern); i++ {
		switch {
		case pattern[i] != '\'':
			b.WriteByte(pattern[i])
		case strings.HasPrefix(pattern[i:], "''"):
			b.WriteByte('\'')
			i++
		default:
			return b.String(), pattern[i+1:]
		}
	}
	return b.String(), ""
}

// timeField returns the part of a time that a letter stands for, which is written
// n times ("DateTimeFormat", Joda-Time). Weeks are not there.
func timeField(t time.Time, letter byte, n int) (string, bool) {
	number := func(value int) (string, bool) { return fmt.Sprintf("%0*d", min(n, 20), value), true }
	named := func(short, long string) (string, bool) {
		if n < 4 {
			return t.Format(short), true
		}
		return t.Format(long), true
	}
	switch letter {
	case 'y', 'Y':
		if n == 2 {
			return fmt.Sprintf("%02d", t.Year()%100), true
		}
		return number(t.Year())
	case 'M':
		if n > 2 {
			return named("Jan", "January")
		}
		return number(int(t.Month()))
	case 'd':
		return number(t.Day())
	case 'D':
		return number(t.YearDay())
	case 'H':
		return number(t.Hour())
	case 'h':
		return number((t.Hour()+11)%12 + 1)
	case 'k':
		return number((t.Hour()+23)%24 + 1)
	case 'K':
		return number(t.Hour() % 12)
	case 'm':
		return number(t.Minute())
	case 's':
		return number(t.Second())
	case 'S':
		return (fmt.Sprintf("%03d", t.Nanosecond()/1e6) + strings.Repeat("0", 20))[:min(n, 20)], true
	case 'E':
		return named("Mon", "Monday")
	case 'a':
		return t.Format("PM"), true
	case 'G':
		return "AD", true
	case 'z':
		return t.Format("MST"), true
	case 'Z':
		return zoneField(t, n), true
	}
	return "", false
}

// zoneField is the offset of a zone, without and with a colon, or its name.
func zoneField(t time.Time, n int) string {
	switch n {
	case 1:
		return t.Format("-0700")
	case 2:
		return t.Format("-07:00")
	}
	return t.Location().String()
}
