// SPDX-License-Identifier: MIT

package scaffold

import (
	"fmt"
	"regexp"
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
	fmt.Fprintf(&b, "%s\nserviceName: %s\nfunctions:\n", modeline, service)
	for i, f := range functions {
		fmt.Fprintf(&b, "  %s:\n    handler: %s\n", f.Name, scalar(f.Handler))
		if f.URL {
			remark := ""
			if i == 0 || !functions[i-1].URL {
				remark = " # an HTTPS address that everybody may call; {auth: iam} asks for signed requests"
			}
			fmt.Fprintf(&b, "    url: true%s\n", remark)
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
	return b.String()
}

// scalar quotes text that YAML would read as something else.
func scalar(text string) string {
	if regexp.MustCompile(`^[A-Za-z0-9._/-]+$`).MatchString(text) {
		return text
	}
	return strconv.Quote(text)
}
