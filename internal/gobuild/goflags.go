// SPDX-License-Identifier: MIT

package gobuild

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var errNoGo = errors.New("go command: not found on PATH")

// flags is what the user's GOFLAGS ask for, as far as it is honoured.
type flags struct {
	tags    []string // build tags, sorted, lambda.norpc included
	ldflags []string // the user's linker flags, after ours
	rest    []string // flags passed on to the go command through GOFLAGS
}

// parseFlags reads GOFLAGS: a space-separated list of -flag or -flag=value,
// each of which may be quoted. Tags are merged with ours; flags that this
// package sets itself are dropped; flags that would change where source comes
// from, or need cgo, are refused.
func parseFlags(text string) (flags, error) {
	f := flags{tags: []string{"lambda.norpc"}}
	words, err := splitFlags(text)
	if err != nil {
		return f, err
	}
	for _, word := range words {
		name, value, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch name {
		case "tags":
			f.tags = append(f.tags, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })...)
		case "ldflags":
			f.ldflags = append(f.ldflags, value)
		case "overlay", "modfile", "C", "race", "msan", "asan", "buildmode", "linkshared", "toolexec", "compiler":
			return f, advised{
				fmt.Errorf("GOFLAGS: -%s can't be combined with sparta's own build", name),
				"unset it for this command: GOFLAGS= sparta ...",
			}
		case "mod", "trimpath", "buildvcs", "o":
		default:
			f.rest = append(f.rest, word)
		}
	}
	slices.Sort(f.tags)
	f.tags = slices.Compact(f.tags)
	return f, nil
}

// splitFlags splits GOFLAGS at spaces outside of quotes, as the go command does.
func splitFlags(text string) ([]string, error) {
	var words []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if text[0] == '"' || text[0] == '\'' {
			word, rest, ok := strings.Cut(text[1:], text[:1])
			if !ok {
				return nil, fmt.Errorf("GOFLAGS: unterminated %s quote", text[:1])
			}
			words, text = append(words, word), rest
			continue
		}
		i := strings.IndexAny(text, " \t\r\n")
		if i < 0 {
			i = len(text)
		}
		words, text = append(words, text[:i]), text[i:]
	}
	return words, nil
}

// goflags returns the value of GOFLAGS for the go command.
func (f flags) goflags() string {
	words := slices.Clone(f.rest)
	for i, word := range words {
		switch {
		case !strings.ContainsAny(word, " \t\r\n'\""):
		case strings.Contains(word, "'"):
			words[i] = `"` + word + `"`
		default:
			words[i] = "'" + word + "'"
		}
	}
	return strings.Join(words, " ")
}

// environ returns the variables that make the go command compile for t.
func (t Target) environ(f flags) []string {
	return []string{"GOOS=" + t.GOOS, "GOARCH=" + t.GOARCH, "CGO_ENABLED=0", "GOFLAGS=" + f.goflags()}
}
