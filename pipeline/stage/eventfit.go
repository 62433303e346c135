// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/internal/gobuild"
)

// eventsPackage is where aws-lambda-go has the events of AWS's services.
const eventsPackage = "github.com/aws/aws-lambda-go/events."

// urlEvents are the types that hold what a function URL sends: payload format
// 2.0. Source: "Invoking Lambda function URLs", AWS Lambda Developer Guide.
func urlEvents() map[string]bool {
	return map[string]bool{"APIGatewayV2HTTPRequest": true, "LambdaFunctionURLRequest": true}
}

// misfits returns the functions whose handler takes the event of another
// service than the one that calls it. Types that are not aws-lambda-go's own
// may hold anything.
func (p *Project) misfits() diag.List {
	var problems diag.List
	for _, f := range p.Service.Functions {
		symbol, found := p.Symbols["functions."+f.Name]
		event, aws := strings.CutPrefix(symbol.Event, eventsPackage)
		if f.URL == nil || !found || symbol.Form != gobuild.FormEvent || !aws || urlEvents()[event] {
			continue
		}
		problems.Add(p.Service.Problem(diag.HandlerEvent,
			fmt.Sprintf("%s takes events.%s, which a function URL does not send", f.Handler, event),
			"take events.LambdaFunctionURLRequest or make it an http.Handler, or leave url out",
			"functions", f.Name, "url"))
	}
	return problems
}
