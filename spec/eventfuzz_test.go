// SPDX-License-Identifier: MIT

package spec_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/spec"
)

// parseSource reads a service with one source, which is a value of JSON.
func parseSource(t *testing.T, kind string, value any) (*spec.Service, diag.List) {
	t.Helper()
	data, err := json.Marshal(tree{"serviceName": "x", "functions": tree{"f": tree{"handler": "./h.F", "events": []any{tree{kind: value}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return spec.Parse("sparta.yaml", data, spec.Options{})
}

// plain reports whether a text is in a file what it is here: it has no variables
// and nothing that YAML reads otherwise.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.Contains(text, "${") && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// What is suggested for a wrong schedule expression is a right one.
func FuzzScheduleHint(f *testing.F) {
	for _, text := range []string{
		"5 minutes", "every hour", "*/5 * * * *", "0 8 * * 1-5", "0 8 1 * 1", "cron(0 8 * * * *)", "2099-12-24T18:00:00", "RATE(5 minutes)", "12h", "s", "0 0 * * 7,0/2",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !plain(text) {
			return
		}
		s, problems := parseSource(t, "schedule", text)
		if len(problems.Errors()) == 0 {
			if got := s.Functions[0].Events[0].Schedule.Rate; len(got) != 1 || got[0] == "" {
				t.Errorf("%q: got %q", text, got)
			}
			return
		}
		for _, p := range problems.Errors() {
			hint, ok := strings.CutPrefix(p.Hint, "did you mean `")
			if p.Code != diag.ScheduleExpression || !ok {
				continue
			}
			meant := strings.TrimSuffix(hint, "`?")
			if _, again := parseSource(t, "schedule", meant); len(again.Errors()) > 0 {
				t.Errorf("%q: hint %q, which is wrong: %v", text, meant, again)
			}
		}
	})
}

// A statement that is taken begins with SELECT, and its quotes and brackets
// close.
func FuzzStatement(f *testing.F) {
	for _, text := range []string{
		"SELECT * FROM 'things/+'", "select a, (SELECT VALUE b FROM c) AS d FROM \"x/#\" WHERE e = 'FROM'", "SELECT", "SELECT * FROM 'a", "SELECT [a(b{c}d)e] FROM '/'", "SELECT * WHERE a", "SELECT a)",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !plain(text) {
			return
		}
		s, problems := parseSource(t, "iot", text)
		if len(problems.Errors()) > 0 {
			return
		}
		sql := s.Functions[0].Events[0].IoT.SQL
		if !strings.EqualFold(sql[:6], "select") || strings.TrimSpace(text) != sql {
			t.Errorf("%q: got %q", text, sql)
		}
		if strings.Count(sql, "'")%2 == 1 && !strings.Contains(sql, `"`) {
			t.Errorf("%q has an open quote", sql)
		}
	})
}

// A template that is taken has paths for the names in it.
func FuzzInputTemplate(f *testing.F) {
	for _, text := range []string{`{"order": <id>}`, `"<id> <aws.events.rule-name>"`, "a < b > c", "<<id>>", "<>", "<id", "<x>", "<aws.events.event.json>"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !plain(text) || text == "" {
			return
		}
		_, problems := parseSource(t, "eventBridge", tree{
			"pattern": tree{"source": []any{"a"}}, "inputTransformer": tree{"paths": tree{"id": "$.detail.id"}, "template": text},
		})
		wrong := len(problems.Errors()) > 0
		if strings.Contains(text, "<other>") && !wrong {
			t.Errorf("%q is taken", text)
		}
		if !strings.Contains(text, "<") && wrong && len(text) < 8192 {
			t.Errorf("%q: %v", text, problems)
		}
	})
}
