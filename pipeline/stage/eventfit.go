// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/internal/gobuild"
	"github.com/sparta-up/sparta/spec"
)

// eventsPackage is where aws-lambda-go has the events of AWS's services.
const eventsPackage = "github.com/aws/aws-lambda-go/events."

// delivery is what one caller of a function sends.
type delivery struct {
	path  []string // of the caller in sparta.yaml
	what  string   // such as "a function URL"
	types []string // of package events that hold it, the usual one first
	http  bool     // an http.Handler answers it
}

// deliveries returns what the callers of a function send it.
func deliveries(f spec.Function) []delivery {
	var all []delivery
	if f.URL != nil {
		// Payload format 2.0. Source: "Invoking Lambda function URLs", AWS Lambda Developer Guide.
		all = append(all, delivery{
			[]string{"functions", f.Name, "url"}, "a function URL",
			[]string{"LambdaFunctionURLRequest", "APIGatewayV2HTTPRequest"}, true,
		})
	}
	for i, e := range f.Events {
		d := sent(e)
		d.path = []string{"functions", f.Name, "events", strconv.Itoa(i)}
		all = append(all, d)
	}
	return all
}

// sent returns what a source sends.
func sent(e spec.Event) delivery {
	switch {
	case e.HTTP != nil:
		return routeDelivery(e.HTTP.REST)
	case e.SQS != nil:
		return delivery{what: "a queue", types: []string{"SQSEvent"}}
	}
	return delivery{}
}

// misfits returns the functions whose handler takes the event of another
// service than one that calls it. Types that are not aws-lambda-go's own may
// hold anything.
func (p *Project) misfits() diag.List {
	var problems diag.List
	for _, f := range p.Service.Functions {
		symbol, found := p.Symbols["functions."+f.Name]
		if !found {
			continue
		}
		for _, d := range append(deliveries(f), authorizations(p.Service.API, f.Name)...) {
			if message := d.misfit(symbol); message != "" {
				problems.Add(p.Service.Problem(diag.HandlerEvent, f.Handler+" "+message, d.hint(), d.path...))
			}
		}
	}
	return problems
}

// misfit says why a handler can't take what is sent, "" if it can.
func (d delivery) misfit(symbol gobuild.Symbol) string {
	switch event, aws := strings.CutPrefix(symbol.Event, eventsPackage); {
	case len(d.types) == 0 && symbol.Form != gobuild.FormHTTP:
		return ""
	case symbol.Form == gobuild.FormHTTP && !d.http:
		return fmt.Sprintf("is an http.Handler, and %s sends no HTTP requests", d.what)
	case symbol.Form == gobuild.FormEvent && aws && !slices.Contains(d.types, event):
		return fmt.Sprintf("takes events.%s, which %s does not send", event, d.what)
	}
	return ""
}

// hint says what a handler should take.
func (d delivery) hint() string {
	var ways []string
	if len(d.types) > 0 {
		ways = append(ways, "take events."+d.types[0])
	}
	if d.http {
		ways = append(ways, "make it an http.Handler")
	}
	last := d.path[len(d.path)-1]
	if d.path[len(d.path)-2] == "events" {
		last = "this source"
	}
	return strings.Join(append(ways, "leave "+last+" out"), ", or ")
}
