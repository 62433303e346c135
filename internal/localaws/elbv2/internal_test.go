// SPDX-License-Identifier: MIT

package elbv2

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// TestNote: states of a target by the results of its checks.
func TestNote(t *testing.T) {
	t.Parallel()
	settings := newHealth()
	settings.Healthy, settings.Unhealthy, settings.Codes = 3, 2, "200-299"
	type result struct {
		status int
		err    error
		want   string // state and reason
	}
	good := func(want string) result { return result{200, nil, want} }
	bad := func(want string) result { return result{500, nil, want} }
	late := result{0, fmt.Errorf("invoke f: %w", gateway.ErrTimeout), "unhealthy Target.Timeout"}
	lost := result{0, errors.New("no function"), "unhealthy Target.FailedHealthChecks"}
	const initial, mismatch = "initial Elb.InitialHealthChecking", "unhealthy Target.ResponseCodeMismatch"
	for _, test := range []struct {
		name    string
		results []result
	}{
		{"first is good", []result{good("healthy ")}},
		{"first is bad", []result{bad(initial), good("healthy ")}},
		{"one bad one", []result{good("healthy "), bad("healthy "), good("healthy "), bad("healthy ")}},
		{"becomes unhealthy and healthy", []result{good("healthy "), bad("healthy "), bad(mismatch), good(mismatch), good(mismatch), good("healthy ")}},
		{"a bad one between", []result{bad(initial), bad(mismatch), good(mismatch), good(mismatch), bad(mismatch), good(mismatch), good(mismatch), good("healthy ")}},
		{"other reasons", []result{bad(initial), late, lost, bad(mismatch)}},
	} {
		c := newCheck(settings, "f")
		for i, r := range test.results {
			c.note(r.status, r.err)
			if got := c.state(); got.State+" "+got.Reason != r.want {
				t.Errorf("%s: result %d: got %s %s, want %s", test.name, i, got.State, got.Reason, r.want)
			}
		}
	}
}

// TestChoose: target groups get requests as their weights say.
func TestChoose(t *testing.T) {
	t.Parallel()
	weight := func(n int) *int { return &n }
	groups := []share{{"a", weight(1)}, {"none", weight(0)}, {"b", weight(3)}}
	counts := map[string]int{}
	for n := range 4 {
		counts[choose(groups, func(below int) int {
			if below != 4 {
				t.Errorf("the sum is %d", below)
			}
			return n
		})]++
	}
	if counts["a"] != 1 || counts["b"] != 3 || counts["none"] != 0 {
		t.Errorf("got %v", counts)
	}
}

func TestTraceOf(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"": "Root=1-f", "nonsense": "Root=1-f", "Root=1-a": "Self=1-f;Root=1-a", "Self=1-x;Root=1-a;Sampled=1": "Self=1-f;Root=1-a;Sampled=1",
	} {
		if got := traceOf(sent, "Root=1-f"); got != want {
			t.Errorf("%q: got %q, want %q", sent, got, want)
		}
	}
}

// FuzzMatches compares patterns with the regular expressions that they are.
func FuzzMatches(f *testing.F) {
	f.Add("*.example.com", "a.example.com", false)
	f.Add("a*b?c*", "aXXbYcZ", false)
	f.Add(`\*\?\\a`, `*?\a`, true)
	f.Add(`a\`, `a\`, true)
	f.Fuzz(func(t *testing.T, pattern, text string, escapes bool) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(pattern) > 30 || len(text) > 60 {
			return
		}
		expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		if escapes {
			expression = escaped(pattern)
		}
		want := regexp.MustCompile("(?s)^" + expression + "$").MatchString(text)
		if got := matches(pattern, text, escapes); got != want {
			t.Errorf("%q, %q: got %t, want %t", pattern, text, got, want)
		}
	})
}

// escaped makes a regular expression of a pattern in which a backslash escapes.
func escaped(pattern string) string {
	var out strings.Builder
	for pattern != "" {
		switch next, size := utf8.DecodeRuneInString(pattern); {
		case strings.HasPrefix(pattern, `\*`), strings.HasPrefix(pattern, `\?`), strings.HasPrefix(pattern, `\\`):
			out.WriteString(regexp.QuoteMeta(pattern[1:2]))
			pattern = pattern[2:]
			continue
		case next == '*':
			out.WriteString(".*")
			pattern = pattern[size:]
		case next == '?':
			out.WriteString(".")
			pattern = pattern[size:]
		default:
			out.WriteString(regexp.QuoteMeta(string(next)))
			pattern = pattern[size:]
		}
	}
	return out.String()
}

// FuzzAnswer checks that no result of a function breaks the server.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"statusCode":200,"statusDescription":"200 OK","headers":{"a":"b","A":"c"},"body":"aGk=","isBase64Encoded":true}`), false)
	f.Add([]byte(`{"statusCode":204,"multiValueHeaders":{"a":["b","c"]}}`), true)
	f.Add([]byte(`{"statusCode":200,"headers":null}`), false)
	f.Fuzz(func(t *testing.T, payload []byte, multi bool) {
		a, err := parseAnswer(payload, multi)
		if err != nil {
			return
		}
		if a.status < 200 || a.status > 599 {
			t.Errorf("status %d", a.status)
		}
		w := httptest.NewRecorder()
		a.write(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != a.status {
			t.Errorf("wrote %d, want %d", w.Code, a.status)
		}
	})
}

// FuzzEvent checks that an event holds the parameters of a query as they were
// sent.
func FuzzEvent(f *testing.F) {
	f.Add("a=1&a=2&b", true)
	f.Add("&&=&%zz=+", false)
	f.Fuzz(func(t *testing.T, query string, multi bool) {
		g := &group{Settings: groupSettings{Attributes: map[string]string{multiValue: fmt.Sprint(multi)}}}
		e := newEvent(g, "GET", "/", query, nil, nil)
		if !utf8.ValidString(query) {
			return
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back event
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		for _, sent := range rawQuery(query) {
			list, one := back.MultiQuery[sent.Key], back.Query[sent.Key]
			if multi && !strings.Contains(strings.Join(list, "&"), sent.Value) || !multi && !strings.Contains(query, one) {
				t.Errorf("%q: parameter %q became %q %q", query, sent, list, one)
			}
		}
	})
}
