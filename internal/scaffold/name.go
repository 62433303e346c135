// SPDX-License-Identifier: MIT

package scaffold

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/mod/module"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// Longest names that are derived. A stack's may have 128 characters and a
// function's 64; the rest is left for what Sparta derives from them, such as
// the 64 characters of a role's name.
const (
	maxServiceName  = 40
	maxFunctionName = 24
)

// serviceName derives a stack name from the directory of sparta.yaml or, at the
// root of a module with a name of its own, from the module.
func serviceName(m *gobuild.Module, ours bool) string {
	if m.Dir != m.Root || ours {
		return stackName(filepath.Base(m.Dir))
	}
	prefix, _, ok := module.SplitPathVersion(m.Path)
	if !ok {
		prefix = m.Path
	}
	return stackName(path.Base(prefix))
}

// stackName makes a name for a CloudFormation stack: a letter, then letters,
// digits and hyphens.
func stackName(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return r >= unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	name = strings.Join(words, "-")
	if name == "" {
		return "service"
	}
	if !unicode.IsLetter(rune(name[0])) {
		name = "service-" + name
	}
	return strings.TrimRight(name[:min(len(name), maxServiceName)], "-")
}

// nameFunctions names each handler after its symbol or, where that says
// nothing, after its directory, and says what calls it.
func nameFunctions(chosen []gobuild.Candidate, service string) []Function {
	var functions []Function
	taken := map[string]bool{}
	for _, c := range chosen {
		name := functionName(c, service)
		for n, base := 2, name; taken[logical(name)]; n++ {
			name = fmt.Sprintf("%s%d", base, n)
		}
		taken[logical(name)] = true
		s := sourceOf(c, name)
		functions = append(functions, Function{Name: name, Handler: c.Handler, URL: answersURL(c), Source: s.kind, source: s})
	}
	separateRoutes(functions)
	return functions
}

// logical folds names that would become one logical id.
func logical(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}

// functionName is the symbol's name without the word handler, or the name of the
// nearest directory that tells something.
func functionName(c gobuild.Candidate, service string) string {
	name := strings.TrimPrefix(strings.TrimSuffix(c.Name, "Handler"), "New")
	if rest, ok := strings.CutPrefix(name, "Handle"); ok && rest != "" && unicode.IsUpper(rune(rest[0])) {
		name = rest
	}
	if !slices.Contains(emptyWords(), strings.ToLower(name)) {
		return limited(lowerCamel(name))
	}
	place := strings.TrimSuffix(c.Handler, "."+c.Name)
	for ; place != "" && place != "."; place = path.Dir(place) {
		if base := path.Base(place); !slices.Contains(emptyWords(), strings.ToLower(base)) {
			return limited(lowerCamel(stackName(base)))
		}
	}
	return limited(lowerCamel(service))
}

// emptyWords are names that tell nothing of what a function does.
func emptyWords() []string {
	return []string{
		"", "handle", "handler", "handlers", "handlerequest", "request", "lambda", "lambdas", "function", "functions", "func",
		"main", "run", "start", "router", "routes", "mux", "server", "cmd", "internal", "pkg", "src",
	}
}

// lowerCamel makes HTTPProxy httpProxy, and Order order.
func lowerCamel(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsUpper(r) || i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}

// limited keeps the characters of a function's name, and not too many.
func limited(name string) string {
	kept := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_') {
			return r
		}
		return -1
	}, name)
	kept = strings.TrimLeft(kept, "0123456789-_")
	if kept == "" {
		kept = "function"
	}
	return strings.TrimRight(kept[:min(len(kept), maxFunctionName)], "-_")
}
