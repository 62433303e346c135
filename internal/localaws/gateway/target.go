// SPDX-License-Identifier: MIT

package gateway

import (
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// Target returns the ARN of the function that an integration or an authorizer
// names: the ARN itself, or the form
// arn:aws:apigateway:region:lambda:path/2015-03-31/functions/ARN/invocations.
// It reports false for anything else.
func Target(uri string) (string, bool) {
	a, ok := arn.Parse(uri)
	switch {
	case !ok:
		return "", false
	case a.Service == "lambda":
		return uri, strings.HasPrefix(a.Resource, "function:")
	case a.Service != "apigateway" || a.Account != "lambda":
		return "", false
	}
	rest, found := strings.CutPrefix(a.Resource, "path/2015-03-31/functions/")
	function, ends := strings.CutSuffix(rest, "/invocations")
	if !found || !ends {
		return "", false
	}
	f, ok := arn.Parse(function)
	return function, ok && f.Service == "lambda" && strings.HasPrefix(f.Resource, "function:")
}

// Variables puts stage variables into a text such as a function's ARN:
// ${stageVariables.name}.
func Variables(text string, values map[string]string) string {
	const start = "${stageVariables."
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, start)
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(before)
		out.WriteString(values[name])
		text = after
	}
}
