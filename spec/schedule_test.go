// SPDX-License-Identifier: MIT

package spec_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/spec"
)

// TestSchedulePast: what lies in the past depends on when the file is read, and
// in which time zone.
func TestSchedulePast(t *testing.T) {
	t.Parallel()
	const once, started = "at(2026-12-24T18:00:00)", "start: 2026-12-24T18:00:00+01:00"
	tests := []struct {
		name, schedule, now string
		want                []string
	}{
		{"before", once, "2026-12-24T17:59:59Z", nil},
		{"at", once, "2026-12-24T18:00:00Z", []string{"lies in the past: the function is not called any more"}},
		{"before in a zone", "{rate: " + once + ", timezone: America/New_York}", "2026-12-24T22:59:59Z", nil},
		{"after in a zone", "{rate: " + once + ", timezone: Europe/Berlin}", "2026-12-24T17:00:00Z", []string{"lies in the past: the function is not called any more"}},
		{"a year", "cron(0 8 * * ? 2026)", "2026-12-31T07:59:59Z", nil},
		{"the last time of a year", "cron(0 8 * * ? 2026)", "2026-12-31T08:00:00Z", []string{"lies in the past: the function is not called any more"}},
		{"a rate", "rate(5 minutes)", "2199-01-01T00:00:00Z", nil},
		{"just started", "{rate: rate(1 day), " + started + "}", "2026-12-24T17:04:59Z", nil},
		{"started", "{rate: rate(1 day), " + started + "}", "2026-12-24T17:05:01Z", []string{"lies in the past"}},
		{"once more before end", "{rate: 'cron(0 0 1 1 ? *)', end: 2027-01-01T00:00:00Z}", "2026-12-24T18:00:01Z", nil},
		{"not again before end", "{rate: 'cron(0 0 1 1 ? *)', end: 2026-12-31T23:59:59Z}", "2026-12-24T18:00:01Z", []string{"does not fall due again before end"}},
		{"ended long ago", "{rate: 'cron(0 0 1 1 ? *)', end: 2026-02-01T00:00:00Z}", "2026-12-24T18:00:01Z", []string{"lies in the past: the function is not called any more"}},
		{"ended", "{rate: rate(1 day), end: 2026-12-24T18:00:00Z}", "2026-12-24T18:00:01Z", []string{"lies in the past: the function is not called any more"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, tt.now)
			if err != nil {
				t.Fatal(err)
			}
			yaml := "serviceName: x\nfunctions:\n  f:\n    handler: ./h.F\n    events:\n      - schedule: " + tt.schedule + "\n"
			_, problems := spec.Parse("sparta.yaml", []byte(yaml), spec.Options{Now: now})
			if errors := problems.Errors(); len(errors) > 0 {
				t.Fatal(errors)
			}
			var got []string
			for _, p := range problems {
				got = append(got, p.Message)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSourceIDs: moving sources in the file, or giving them other options, moves
// no resource.
func TestSourceIDs(t *testing.T) {
	t.Parallel()
	ids := func(events string) []string {
		s, problems := spec.Parse("sparta.yaml", []byte("serviceName: x\nfunctions:\n  f:\n    handler: ./h.F\n    events: "+events+"\n"), spec.Options{})
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		return s.GeneratedIDs()
	}
	tests := []struct{ name, one, other string }{
		{"order", "[schedule: rate(1 day), iot: SELECT * FROM 'a', logs: /a/b, ses: a@b.cc]", "[ses: a@b.cc, logs: /a/b, iot: SELECT * FROM 'a', schedule: rate(1 day)]"},
		{"spelling", "[schedule: rate(1 day)]", "[schedule: {rate: [rate(1 days)], timezone: UTC, enabled: false}]"},
		{"a schedule's name", "[schedule: {rate: rate(1 day), name: n}]", "[schedule: {rate: rate(2 days), name: n, input: 1}]"},
		{"a rule's name", "[eventBridge: {pattern: {source: [a]}, name: n}]", "[eventBridge: {pattern: {source: [b]}, name: n, enabled: false}]"},
		{"a load balancer's conditions", "[alb: {listener: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/b/c', priority: 1, conditions: {path: /a}}]",
			"[alb: {listener: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/b/c', priority: 1, conditions: {host: a.b}, healthCheck: true}]"},
		{"recipients", "[ses: {recipients: [a@b.cc, b.cc]}]", "[ses: {recipients: [b.cc, a@b.cc], scan: true}]"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(ids(tt.one), ids(tt.other)); diff != "" {
			t.Errorf("%s moves resources:\n%s", tt.name, diff)
		}
	}
}
