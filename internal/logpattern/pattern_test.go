// SPDX-License-Identifier: MIT

package logpattern

import (
	"errors"
	"strings"
	"testing"
)

// object is the log event of the examples on JSON patterns.
const object = `{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],
	"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"ThisFlag":true,"cluster.name":"c","latency":500.5,"count":"3",
	"user":{"id":1,"email":"John.Stiles@example.com"},"users":[{"id":2,"email":"John.Doe@example.com"}],"actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6]]}`

// line is the log event of the examples on space-delimited patterns.
const line = `127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`

// The cases follow "Filter pattern syntax" of the CloudWatch Logs User Guide.
func TestPattern(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern string
		yes, no []string
	}{
		{"", []string{"anything", ""}, nil},
		{"ERROR", []string{"[ERROR 400] BAD REQUEST"}, []string{"error", "WARN"}},
		{"ERROR ARGUMENTS", []string{"[ERROR 419] MISSING ARGUMENTS", "ARGUMENTS ERROR"}, []string{"[ERROR 401] UNAUTHORIZED REQUEST"}},
		{"?ERROR ?ARGUMENTS", []string{"ERROR", "ARGUMENTS"}, []string{"WARN"}},
		{`"INTERNAL SERVER ERROR"`, []string{"[ERROR 500] INTERNAL SERVER ERROR"}, []string{"INTERNAL ERROR"}},
		{`"a \"b\""`, []string{`say a "b" now`}, []string{"a b"}},
		{"ERROR -ARGUMENTS", []string{"[ERROR 400] BAD REQUEST"}, []string{"[ERROR 419] MISSING ARGUMENTS"}},
		{`-"a b" -c`, []string{"a", "b"}, []string{"a b", "abc"}},
		{"?ERROR WARN", []string{"WARN"}, []string{"ERROR"}}, // ? beside other terms is ignored
		{"a_1  b", []string{"b a_1"}, []string{"a_1"}},

		{"%AUTHORIZED%", []string{"[ERROR 401] UNAUTHORIZED REQUEST"}, []string{"WARN"}},
		{`%10\.10\.0\.[0-9]+%`, []string{"from 10.10.0.12"}, []string{"from 10x10y0z1"}},
		{"%^ERR|WARN$%", []string{"ERRx", "a WARN"}, []string{"an ERR", "WARN x"}},

		{`{ $.eventType = "UpdateTrail" }`, []string{object, "\t" + object + "\n"}, []string{"UpdateTrail", `{"eventType":"Other"}`, object + "x", `{}`}},
		{`{$.eventType=UpdateTrail}`, []string{object}, nil},
		{`{ $.eventType = "Up*il" }`, []string{object}, nil},
		{`{ $.eventType = "up*" }`, nil, []string{object}},
		{`{ $.eventType = * }`, []string{object}, []string{`{"eventType":null}`, `{"eventType":{}}`}},
		{`{ $.eventType = %^Update[A-Z]% }`, []string{object}, []string{`{"eventType":"Updates"}`}},
		{`{ $.sourceIPAddress != 123.123.* }`, []string{object}, []string{`{"sourceIPAddress":"123.123.1.1"}`, `{}`}},
		{`{ $.arrayKey[0] = "value" }`, []string{object}, []string{`{"arrayKey":{"0":"value"}}`, `{"arrayKey":[]}`}},
		{`{ $.objectList[1].id = 2 }`, []string{object}, []string{`{"objectList":[{"id":2}]}`}},
		{`{ $.objectList[*].name = b }`, []string{object}, []string{`{"objectList":[{"name":"c"}]}`}},
		{`{ $.*.id = 1 }`, []string{object}, []string{`{"a":{"id":2}}`}},
		{`{ $.SomeObject IS NULL }`, []string{object}, []string{`{}`, `{"SomeObject":0}`}},
		{`{ $.SomeOtherObject NOT EXISTS }`, []string{object}, []string{`{"SomeOtherObject":null}`}},
		{`{ $.ThisFlag IS TRUE }`, []string{object}, []string{`{"ThisFlag":false}`, `{"ThisFlag":"true"}`}},
		{`{ $.ThisFlag IS FALSE }`, []string{`{"ThisFlag":false}`}, []string{object}},
		{`{ $.ThisFlag = true }`, []string{`{"ThisFlag":"true"}`}, []string{object}},
		{`{ $.['cluster.name'] = "c" }`, []string{object}, nil},
		{`{ $["cluster.name"] = c }`, []string{object}, nil},
		{`{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`, []string{object}, nil},
		{`{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`, nil, []string{object}},
		{`{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }`, []string{object}, nil},
		{`{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }`, nil, []string{object}},
		{`{ $.users = 1 }`, nil, []string{`{"users":[1,2,3]}`}},
		{`{ $.users != 1 }`, nil, []string{`{"users":[1,2,3]}`}},
		{`{ $.latency >= 500 }`, []string{object, `{"latency":500}`}, []string{`{"latency":499.9}`, `{"latency":"slow"}`}},
		{`{ $.latency < 10e-3 }`, []string{`{"latency":0.001}`}, []string{object}},
		{`{ $.latency > +1000 }`, []string{`{"latency":1e4}`}, []string{object}},
		{`{ $.latency = 500.50 }`, []string{object}, nil},
		{`{ $.latency <= 500.5 && $.latency != 500 }`, []string{object}, nil},
		{`{ $.latency = 50* }`, []string{object}, nil},
		{`{ $.count = 3 }`, []string{object, `{"count":3}`}, []string{`{"count":33}`}},

		{"[ip, server, username, timestamp, request, status_code, bytes]", []string{line}, []string{line + " more", "127.0.0.1"}},
		{"[ip, server, username, timestamp, request, status_code = 4*, bytes > 1000]", []string{line}, nil},
		{"[ip, server, username, timestamp, request, status_code = 4* && status_code != 404, bytes]", nil, []string{line}},
		{"[ip, server, username, timestamp, request = *html*, status_code = 4*, bytes]", []string{line}, nil},
		{"[ip=%127\\.0\\.0\\.[1-9]%, server, username, timestamp, request = \"GET *\", status_code = 4*, bytes]", []string{line}, nil},
		{"[..., status_code=404, bytes]", []string{line}, []string{"404"}},
		{"[..., request=*.html*, status_code=4*,]", []string{line}, nil},
		{"[ip, server = Prod, ..., bytes < 1000]", nil, []string{line}},
		{"[ip, user, …]", []string{line, "a b"}, []string{"a"}},
		{"[w1=ERROR, w2]", []string{"ERROR message"}, []string{"ERROR WARN message", "WARN message"}},
		{"[w1=ERROR || w1=%WARN%, w2]", []string{"ERROR message", "WARN message"}, []string{"INFO message"}},
		{"[w1=!ERROR&&w1=!WARN, w2]", []string{"INFO message"}, []string{"ERROR message", "WARN message"}},
		{"[(w1 = a || w1 = b) && w1 != b]", []string{"a"}, []string{"b", "c"}},
		{"[a = \"x y\"]", []string{`"x y"`, "[x y]"}, []string{"x y", `"x y`}},
	} {
		p, err := Parse(test.pattern)
		if err != nil {
			t.Errorf("%q: %v", test.pattern, err)
			continue
		}
		for _, message := range test.yes {
			if !p.Match(message) {
				t.Errorf("%q does not match %q", test.pattern, message)
			}
		}
		for _, message := range test.no {
			if p.Match(message) {
				t.Errorf("%q matches %q", test.pattern, message)
			}
		}
	}
}

func TestPatternRefused(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"a.b": "double quotes", `"open`: "not closed", `""`: "empty", "-": "has no term", "a -%x%": "beside terms", "a %x%": "beside terms",
		"%a": "not closed", "%a% b": "beside a regular expression", "%(a)%": "not supported", "%ä%": "not supported", "%a{2,1}%": "invalid repeat", "%%": "not supported",
		"{": "no property selector", "{ $.a }": "no operator", "{ $.a = }": "no value", "{ $.a = 1": "not closed", "{ $.a = 1 } x": "follows", "{ a = 1 }": "no property selector",
		"{ $ = 1 }": "no property", "{ $.a == 1 }": "no operator ==", "{ $.a = 1 && }": "no property selector", "{ ($.a = 1 }": "parenthesis", "{ $.a IS MAYBE }": "no operator",
		"{ $.a EXISTS }": "no operator", "{ $.a[x] = 1 }": "no number", "{ $.a[0 = 1 }": "not closed", `{ $.a = "x }`: "not closed", "{ $.a > x }": "numbers only", "{ $.a < %x% }": "numbers only",
		`{ $.[''] = 1 }`: "empty", `{ $.["a] = 1 }`: "not closed", "{ $.a = %x% || $.a = %y% || $.a = %z% }": "more than 2",
		"[a, b": "not closed", "[..., a, ...]": "more than one ellipsis", "[a = 1 && b = 2]": "about b", "[a] b": "follows", "[a b]": "no operator", "[a = (]": "no value",
		strings.Repeat("x", 1025): "more than 1024 characters",
	} {
		_, err := Parse(pattern)
		if fault, ok := errors.AsType[*Fault](err); ok && fault.Hint() == "" && !strings.HasPrefix(want, "invalid repeat") && !strings.HasPrefix(want, "more than 1024") {
			t.Errorf("%q: %v: there is no advice", pattern, err)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want ...%s...", pattern, err, want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("ERROR -x ?y", "an ERROR")
	f.Add(`"a \" b" -"c"`, `a " b`)
	f.Add("?", "")
	f.Add(`{ ($.a[0].b = "x*" || $.c IS NULL) && $.['d'] NOT EXISTS && $.*[*] >= 1e3 }`, object)
	f.Add(`[..., a = 4* && a != 403, "b" , c=%x+%,]`, line)
	f.Add("%a|b%", "b")
	f.Fuzz(func(t *testing.T, text, message string) {
		p, err := Parse(text)
		if err != nil {
			if fault, ok := errors.AsType[*Fault](err); !ok || fault.Error() == "" {
				t.Errorf("%q: %v is no fault of the pattern", text, err)
			}
			return
		}
		matches := p.Match(message)
		words, ok := p.(terms)
		if !ok {
			return
		}
		for _, term := range words.all {
			if matches && !strings.Contains(message, term) {
				t.Errorf("%q matches %q without %q", text, message, term)
			}
		}
		for _, term := range words.none {
			if matches && strings.Contains(message, term) {
				t.Errorf("%q matches %q with %q", text, message, term)
			}
		}
	})
}

func FuzzStars(f *testing.F) {
	f.Add("a*b*c", "axbyc")
	f.Add("**", "")
	f.Add("a*a", "a")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !matchStars(pattern, strings.ReplaceAll(pattern, "*", text)) {
			t.Errorf("%q does not match itself with %q for its stars", pattern, text)
		}
		if !strings.Contains(pattern, "*") && matchStars(pattern, text) != (pattern == text) {
			t.Errorf("%q and %q", pattern, text)
		}
	})
}
