// SPDX-License-Identifier: MIT

package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// modeline tells editors the schema of the file.
const modeline = "# yaml-language-server: $schema=" + schemaFile

// mostMentioned is how many handlers are shown as comments.
const mostMentioned = 20

// document returns the text of sparta.yaml.
func document(service string, functions []Function, others []gobuild.Candidate) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nserviceName: %s\n", modeline, service)
	if slices.ContainsFunc(functions, func(f Function) bool { return f.source.rest }) {
		b.WriteString("api: {type: rest}\n")
	}
	b.WriteString("functions:\n")
	said := map[string]bool{}
	for _, f := range functions {
		fmt.Fprintf(&b, "  %s:\n    handler: %s\n", f.Name, scalar(f.Handler))
		if f.URL {
			b.WriteString("    url: true" + once(said, "an HTTPS address that everybody may call; {auth: iam} asks for signed requests") + "\n")
		}
		switch s := f.source; {
		case s.kind != "":
			b.WriteString("    events:\n")
			for _, value := range s.values {
				fmt.Fprintf(&b, "      - %s: %s%s\n", s.kind, value, once(said, s.remark))
			}
		case s.remark != "":
			fmt.Fprintf(&b, "    # %s\n", s.remark)
		}
	}
	if len(others) > 0 {
		fmt.Fprintf(&b, "  # These fit as well:\n")
	}
	for i, c := range others {
		if i == mostMentioned {
			fmt.Fprintf(&b, "  # and %d more\n", len(others)-i)
			break
		}
		fmt.Fprintf(&b, "  # %s: {handler: %s}\n", functionName(c, service), scalar(c.Handler))
	}
	b.WriteString(resources(functions))
	return b.String()
}

// once is the comment of a line, "" if another line has it already.
func once(said map[string]bool, remark string) string {
	if remark == "" || said[remark] {
		return ""
	}
	said[remark] = true
	return " # " + remark
}

// resources returns the section of what the sources have of their own, "" if
// there is nothing.
func resources(functions []Function) string {
	var b strings.Builder
	for _, f := range functions {
		s := f.source
		if s.id == "" {
			continue
		}
		if b.Len() == 0 {
			b.WriteString("resources:\n")
		}
		space := " "
		if strings.HasPrefix(s.resource, "\n") {
			space = ""
		}
		fmt.Fprintf(&b, "  %s:%s%s\n", s.id, space, s.resource)
	}
	return b.String()
}

// scalar quotes text that YAML would read as something else.
func scalar(text string) string {
	if regexp.MustCompile(`^[A-Za-z0-9._/-]+$`).MatchString(text) {
		return text
	}
	return strconv.Quote(text)
}
