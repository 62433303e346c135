// SPDX-License-Identifier: MIT

package iotsql

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"regexp"
	"strings"
	"unicode/utf8"
)

// textFunction are the functions of texts, whose arguments are converted to
// texts.
func textFunction(name string) (function, bool) {
	hashed := func(h func() hash.Hash) function { return ofText(func(t string) any { return digest(h(), t) }) }
	f, ok := map[string]function{
		"endswith":       ofTexts(2, func(t []string) any { return strings.HasSuffix(t[0], t[1]) }),
		"indexof":        ofTexts(2, func(t []string) any { return indexOf(t[0], t[1]) }),
		"length":         ofText(func(t string) any { return whole(int64(utf8.RuneCountInString(t))) }),
		"lower":          ofText(func(t string) any { return strings.ToLower(t) }),
		"lpad":           {2, 2, func(_ *scope, a []any) any { return pad(a, func(t, spaces string) string { return spaces + t }) }},
		"ltrim":          ofText(func(t string) any { return strings.TrimLeft(t, " \t") }),
		"md5":            hashed(md5.New),
		"numbytes":       ofText(func(t string) any { return whole(int64(len(t))) }),
		"regexp_matches": ofTexts(2, regexpMatches),
		"regexp_replace": ofTexts(3, regexpReplace),
		"regexp_substr":  ofTexts(2, regexpSubstring),
		"replace":        ofTexts(3, replaceAll),
		"rpad":           {2, 2, func(_ *scope, a []any) any { return pad(a, func(t, spaces string) string { return t + spaces }) }},
		"rtrim":          ofText(func(t string) any { return strings.TrimRight(t, " \t") }),
		"sha1":           hashed(sha1.New),
		"sha224":         hashed(sha256.New224),
		"sha256":         hashed(sha256.New),
		"sha384":         hashed(sha512.New384),
		"sha512":         hashed(sha512.New),
		"startswith":     ofTexts(2, func(t []string) any { return strings.HasPrefix(t[0], t[1]) }),
		"substring":      {2, 3, func(_ *scope, a []any) any { return substring(a) }},
		"trim":           ofText(func(t string) any { return strings.TrimSpace(t) }),
		"upper":          ofText(func(t string) any { return strings.ToUpper(t) }),
	}[name]
	return f, ok
}

func ofText(f func(string) any) function {
	return ofTexts(1, func(t []string) any { return f(t[0]) })
}

func ofTexts(n int, f func([]string) any) function {
	return function{n, n, func(_ *scope, a []any) any {
		texts := make([]string, len(a))
		for i, v := range a {
			var ok bool
			if texts[i], ok = toText(v); !ok {
				return undefined{}
			}
		}
		return f(texts)
	}}
}

func digest(h hash.Hash, text string) any {
	_, _ = h.Write([]byte(text)) // never fails
	return hex.EncodeToString(h.Sum(nil))
}

// indexOf counts characters. What is not there has no index.
func indexOf(text, part string) any {
	i := strings.Index(text, part)
	if i < 0 {
		return whole(-1)
	}
	return whole(int64(utf8.RuneCountInString(text[:i])))
}

// pad adds 0 to 1000 spaces.
func pad(a []any, add func(text, spaces string) string) any {
	text, ok := toText(a[0])
	n, isNumber := toNumber(a[1])
	if !ok || !isNumber {
		return undefined{}
	}
	return add(text, strings.Repeat(" ", int(min(max(n.integral(floor).int64(), 0), 1000))))
}

func substring(a []any) any {
	text, ok := toText(a[0])
	if !ok {
		return undefined{}
	}
	runes := []rune(text)
	bounds := []int{0, len(runes)}
	for i, v := range a[1:] {
		n, ok := toNumber(v)
		if !ok {
			return undefined{}
		}
		bounds[i] = int(min(max(n.int64(), 0), int64(len(runes))))
	}
	if bounds[0] >= bounds[1] {
		return ""
	}
	return string(runes[bounds[0]:bounds[1]])
}

func replaceAll(t []string) any {
	if grown := len(t[0]) + strings.Count(t[0], t[1])*(len(t[2])-len(t[1])); grown > maxText {
		return undefined{}
	}
	return strings.ReplaceAll(t[0], t[1], t[2])
}

func regexpMatches(t []string) any {
	r, err := regexp.Compile(t[1])
	if err != nil {
		return undefined{}
	}
	return r.MatchString(t[0])
}

func regexpSubstring(t []string) any {
	r, err := regexp.Compile(t[1])
	if err != nil {
		return undefined{}
	}
	if at := r.FindStringIndex(t[0]); at != nil {
		return t[0][at[0]:at[1]]
	}
	return undefined{}
}

// regexpReplace replaces all matches. $1 is a group also if a letter follows.
func regexpReplace(t []string) any {
	r, err := regexp.Compile(t[1])
	if err != nil || (len(t[0])+1)*(len(t[2])+1) > 64*maxText {
		return undefined{}
	}
	groups := regexp.MustCompile(`\$([0-9]+)`).ReplaceAllString(t[2], "$${$1}")
	if out := r.ReplaceAllString(t[0], groups); len(out) <= maxText {
		return out
	}
	return undefined{}
}
