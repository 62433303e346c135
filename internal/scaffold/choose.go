// SPDX-License-Identifier: MIT

package scaffold

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// eventsPackage is where aws-lambda-go has the events of AWS's services.
const eventsPackage = "github.com/aws/aws-lambda-go/events"

// confidence is how sure it is that a symbol is meant as a handler.
type confidence int

const (
	unlikely  confidence = iota // many Go functions look like this
	possible                    // worth a comment
	plausible                   // in a place for handlers
	serving                     // an http.Handler
	certain                     // of a type that only Lambda's handlers have, or started as one
)

// fewEnough is how many mere possibilities are proposed where there is nothing
// better.
const fewEnough = 3

// choose returns the candidates to propose, the surest first, and those to
// mention.
func choose(candidates []gobuild.Candidate, module string) (chosen, others []gobuild.Candidate) {
	whole := slices.ContainsFunc(candidates, func(c gobuild.Candidate) bool { return c.Maker })
	rank := func(c gobuild.Candidate) confidence {
		sure := judge(c, module)
		if sure == serving && !c.Maker && whole {
			return possible // a route of the handler that serves the whole
		}
		return sure
	}
	sorted := slices.SortedStableFunc(slices.Values(candidates), func(a, b gobuild.Candidate) int {
		return cmp.Compare(rank(b), rank(a))
	})
	for _, c := range sorted {
		switch rank(c) {
		case unlikely:
		case possible:
			others = append(others, c)
		default:
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 && len(others) <= fewEnough {
		return others, nil
	}
	return chosen, others
}

func judge(c gobuild.Candidate, module string) confidence {
	own := c.Event == module || strings.HasPrefix(c.Event, module+"/") || strings.HasPrefix(c.Event, module+".") || c.Event == "encoding/json.RawMessage"
	switch {
	case c.Started, c.Form == gobuild.FormResponder, strings.HasPrefix(c.Event, eventsPackage):
		return certain
	case c.Form == gobuild.FormHTTP && c.Package == "main" && !c.Maker:
		return possible // a route of a web server
	case c.Form == gobuild.FormHTTP:
		return serving
	case c.Params != 2 || c.Results != 2 || !own:
		return unlikely // not func(context.Context, In) (Out, error) with a type of the module's
	case c.Package == "main" || inHandlerDirectory(c.ImportPath):
		return plausible
	}
	return possible
}

// inHandlerDirectory reports whether a package lies where people put handlers.
func inHandlerDirectory(importPath string) bool {
	for element := range strings.SplitSeq(importPath, "/") {
		switch element {
		case "handler", "handlers", "lambda", "lambdas", "function", "functions", "cmd":
			return true
		}
	}
	return false
}

// answersURL reports whether a handler takes the events of a function URL.
func answersURL(c gobuild.Candidate) bool {
	switch c.Event {
	case eventsPackage + ".APIGatewayV2HTTPRequest", eventsPackage + ".LambdaFunctionURLRequest":
		return true
	}
	return c.Form == gobuild.FormHTTP
}
