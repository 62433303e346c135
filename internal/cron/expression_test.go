// SPDX-License-Identifier: MIT

package cron_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/cron"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("no time zones here: %v", err)
	}
	return z
}

func TestNext(t *testing.T) {
	t.Parallel()
	berlin, newYork := "Europe/Berlin", "America/New_York"
	for _, test := range []struct {
		expression, zone, after string
		want                    []string // RFC 3339, in turn; "" ends
	}{
		{"at(2026-11-20T13:00:00)", "UTC", "2026-11-20T12:59:59Z", []string{"2026-11-20T13:00:00Z", ""}},
		{"at(2026-11-20T13:00:00)", berlin, "2026-11-20T00:00:00Z", []string{"2026-11-20T12:00:00Z", ""}},
		{"at(2026-11-20T13:00:00)", "UTC", "2026-11-20T13:00:00Z", []string{""}},
		{"rate(5 minutes)", "UTC", "2026-01-01T00:07:00Z", []string{"2026-01-01T00:10:00Z", "2026-01-01T00:15:00Z"}},
		{"rate(1 day)", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-02T00:00:00Z"}},
		{"rate(2 hours)", "UTC", "2025-12-31T00:00:00Z", []string{"2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z"}},
		{"cron(0 10 * * ? *)", "UTC", "2026-01-01T10:00:00Z", []string{"2026-01-02T10:00:00Z", "2026-01-03T10:00:00Z"}},
		{"cron(15 12 * * ? *)", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T12:15:00Z"}},
		{"cron(0 18 ? * MON-FRI *)", "UTC", "2026-01-02T18:00:00Z", []string{"2026-01-05T18:00:00Z"}},
		{"cron(0 8 1 * ? *)", "UTC", "2026-01-15T00:00:00Z", []string{"2026-02-01T08:00:00Z"}},
		{"cron(0/15 * * * ? *)", "UTC", "2026-01-01T00:14:59Z", []string{"2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z", "2026-01-01T00:45:00Z", "2026-01-01T01:00:00Z"}},
		{"cron(0/5 8-17 ? * MON-FRI *)", "UTC", "2026-01-02T17:55:00Z", []string{"2026-01-05T08:00:00Z"}},
		{"cron(0,30 20-22 ? * 2,6 *)", "UTC", "2026-01-02T20:15:00Z", []string{"2026-01-02T20:30:00Z"}},
		{"cron(0 0 L * ? *)", "UTC", "2028-02-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"}},
		{"cron(0 0 1W * ? *)", "UTC", "2026-08-03T00:00:00Z", []string{"2026-09-01T00:00:00Z"}},        // a Tuesday
		{"cron(0 0 1W 8 ? 2026)", "UTC", "2026-01-01T00:00:00Z", []string{"2026-08-03T00:00:00Z", ""}}, // the 1st is a Saturday
		{"cron(0 0 31W 5 ? 2026)", "UTC", "2026-01-01T00:00:00Z", []string{"2026-05-29T00:00:00Z"}},    // the 31st is a Sunday
		{"cron(0 0 31W * ? *)", "UTC", "2026-04-01T00:00:00Z", []string{"2026-05-29T00:00:00Z"}},       // April has no 31st
		{"cron(0 9 ? * 2#1 *)", "UTC", "2026-01-05T09:00:00Z", []string{"2026-02-02T09:00:00Z"}},
		{"cron(0 9 ? * 6L *)", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-30T09:00:00Z", "2026-02-27T09:00:00Z"}},
		{"cron(0 9 ? * L *)", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-03T09:00:00Z"}},
		{"cron(0 0 29 FEB ? *)", "UTC", "2026-01-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		{"cron(0 0 1 1 ? 2027-2028)", "UTC", "2026-06-01T00:00:00Z", []string{"2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z", ""}},
		{"cron(0 0 30 2 ? *)", "UTC", "2026-01-01T00:00:00Z", []string{""}},
		{"cron(30 2 * * ? *)", berlin, "2026-03-28T00:00:00Z", []string{"2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"}},  // the 29th has no 2:30
		{"cron(30 1 * * ? *)", newYork, "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}}, // the 1st has it twice
		{"cron(0 0 * * ? *)", newYork, "2026-06-01T00:00:00Z", []string{"2026-06-01T04:00:00Z"}},
	} {
		t.Run(test.expression+" "+test.zone, func(t *testing.T) {
			t.Parallel()
			e, err := cron.Parse(test.expression, cron.Scheduler)
			if err != nil {
				t.Fatal(err)
			}
			after, err := time.Parse(time.RFC3339, test.after)
			if err != nil {
				t.Fatal(err)
			}
			anchor := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			for _, want := range test.want {
				due, ok := e.Next(after, anchor, zone(t, test.zone))
				got := ""
				if ok {
					got = due.UTC().Format(time.RFC3339)
				}
				if got != want {
					t.Fatalf("after %s: got %s, want %s", after.UTC().Format(time.RFC3339), got, want)
				}
				after = due
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"":                                "not valid",
		"every day":                       "not valid",
		"rate(0 minutes)":                 "number of minutes",
		"rate(5 seconds)":                 "number of minutes",
		"rate(1 minutes)":                 "singular",
		"rate(5 minute)":                  "singular",
		"rate(99999999999 days)":          "too large",
		"rate(99999999999999999999 days)": "too large",
		"at(2026-11-20T13:00:00)":         "it is rate(5 minutes) or cron",
		"cron(0 10 * * ?)":                "six fields",
		"cron(0 10 * * * *)":              "?",
		"cron(0 10 ? * ? *)":              "?",
		"cron(60 10 * * ? *)":             "\"60\" does not fit the cron field minutes, which takes 0-59 and , - * /",
		"cron(0 24 * * ? *)":              "hours",
		"cron(0 10 32 * ? *)":             "day of month",
		"cron(0 10 0W * ? *)":             "day of month",
		"cron(0 10 * 13 ? *)":             "\"13\" does not fit the cron field month, which takes 1-12 or JAN-DEC and , - * /",
		"cron(0 10 * FOO ? *)":            "month",
		"cron(0 10 ? * 8 *)":              "day of week",
		"cron(0 10 ? * 2#6 *)":            "day of week",
		"cron(0 10 ? * 2-3#1 *)":          "day of week",
		"cron(0 10 ? * XL *)":             "day of week",
		"cron(0 10 * * ? 1969)":           "year",
		"cron(5-3 10 * * ? *)":            "minutes",
		"cron(0/0 10 * * ? *)":            "minutes",
		"cron(, 10 * * ? *)":              "minutes",
	} {
		_, err := cron.Parse(expression, cron.Rules)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", expression, err, want)
		}
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]bool{"at(2026-11-20T13:00:00)": true, "rate(1 minute)": false, "cron(0 0 * * ? *)": false} {
		e, err := cron.Parse(expression, cron.Scheduler)
		if err != nil || e.Once() != want || e.Rate() != strings.HasPrefix(expression, "rate") {
			t.Errorf("%s: got %v, %v", expression, e.Once(), err)
		}
	}
}

func TestSchedulerDialect(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{"rate(1 minutes)", "rate(5 minute)", "at(2026-11-20T13:00:00)"} {
		if _, err := cron.Parse(expression, cron.Scheduler); err != nil {
			t.Errorf("%s: %v", expression, err)
		}
	}
	for _, expression := range []string{"at(2026-11-20)", "at(2026-11-20T9:00:00)", "at(2026-11-20T09:00:00.5)"} {
		if _, err := cron.Parse(expression, cron.Scheduler); err == nil || !strings.Contains(err.Error(), "yyyy-mm-ddThh:mm:ss") {
			t.Errorf("%s: got %v", expression, err)
		}
	}
	for _, expression := range []string{"at(2026-02-30T00:00:00)", "at(2026-02-28T24:00:00)"} {
		if _, err := cron.Parse(expression, cron.Scheduler); err == nil || !strings.Contains(err.Error(), "no calendar and clock has") {
			t.Errorf("%s: got %v", expression, err)
		}
	}
}

// What falls due does so after the moment that was asked for, and the same
// question has the same answer.
func FuzzNext(f *testing.F) {
	f.Add("cron(0/5 8-17 ? * MON-FRI *)", int64(1767225600))
	f.Add("cron(0 0 31W * ? 2026-2030/2)", int64(0))
	f.Add("cron(1,2,3 * L FEB ? *)", int64(1e9))
	f.Add("cron(0 9 ? * SUN#5 *)", int64(4e9))
	f.Add("rate(7 days)", int64(12))
	f.Add("at(2026-11-20T13:00:00)", int64(5))
	f.Fuzz(func(t *testing.T, expression string, seconds int64) {
		e, err := cron.Parse(expression, cron.Scheduler)
		if err != nil || seconds < -1e10 || seconds > 1e10 {
			return
		}
		again, err := cron.Parse(e.String(), cron.Scheduler)
		if err != nil || again.String() != e.String() {
			t.Fatalf("%s becomes %s, which becomes %v, %v", expression, e, again, err)
		}
		after := time.Unix(seconds, 0)
		due, ok := e.Next(after, time.Unix(0, 0), time.UTC)
		if ok && !due.After(after) {
			t.Errorf("%s falls due at %s, after %s", expression, due, after)
		}
		if ok && e.Never() {
			t.Errorf("%s falls due at %s, and never", expression, due)
		}
		if other, ok := again.Next(after, time.Unix(0, 0), time.UTC); !other.Equal(due) || ok && other.IsZero() {
			t.Errorf("%s falls due at %s, %s at %s", expression, due, e, other)
		}
	})
}

func TestString(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"rate(1 minutes)":          "rate(1 minute)",
		"rate(5 minute)":           "rate(5 minutes)",
		"rate(2 days)":             "rate(2 days)",
		"cron(0  8 ? * mon-fri *)": "cron(0 8 ? * mon-fri *)",
		"at(2026-11-20T13:00:00)":  "at(2026-11-20T13:00:00)",
	} {
		e, err := cron.Parse(expression, cron.Scheduler)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.String(); got != want {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
}

func TestNever(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]bool{
		"cron(0 0 30 2 ? *)":           true,
		"cron(0 0 31 4,6,9,11 ? *)":    true,
		"cron(0 0 29 2 ? 2027-2101/4)": true, // no leap years
		"cron(0 0 29 2 ? 2027-2030)":   false,
		"cron(0 0 1 1 ? 1970)":         false,
		"cron(0 0 31 12 ? 2199)":       false,
		"cron(0 0 ? 2 2#5 *)":          false, // February 2044 has five Mondays
		"rate(1 minute)":               false,
		"at(2001-01-01T00:00:00)":      false,
	} {
		e, err := cron.Parse(expression, cron.Scheduler)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Never(); got != want {
			t.Errorf("%s: got %v, want %v", expression, got, want)
		}
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"UTC": "", "Europe/Berlin": "", "America/Argentina/Buenos_Aires": "", "CET": "",
		"europe/berlin": "Europe/Berlin", "Berlin": "Europe/Berlin", "new york": "America/New_York", "utc": "UTC",
		"Local": "none", "": "none", "../passwd": "none", "Europe/Nowhere": "none", "posix/UTC": "none", "UTC+2": "none",
	} {
		_, err := cron.Zone(name)
		if (want == "") != (err == nil) {
			t.Errorf("%q: got %v", name, err)
		}
		if near := cron.NearestZone(name); want != "" && near != strings.TrimPrefix(want, "none") {
			t.Errorf("%q: got nearest %q, want %q", name, near, want)
		}
	}
}
