// SPDX-License-Identifier: MIT

package stage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/gobuild"
)

func TestMisfits(t *testing.T) {
	t.Parallel()
	const file = `serviceName: orders
functions:
  hello:
    handler: ./h.Hello
    url: true
`
	const plain = "serviceName: orders\nfunctions: {hello: {handler: ./h.Hello}}\n"
	const fault = "sparta.yaml:5:5: functions.hello.url: ./h.Hello takes events.SQSEvent, which a function URL does not send [SP0323]"
	tests := []struct {
		name, file string
		symbol     gobuild.Symbol
		want       []string
	}{
		{"a queue's event", file, gobuild.Symbol{Form: gobuild.FormEvent, Event: eventsPackage + "SQSEvent"}, []string{fault}},
		{"without a URL", plain, gobuild.Symbol{Form: gobuild.FormEvent, Event: eventsPackage + "SQSEvent"}, nil},
		{"a URL's event", file, gobuild.Symbol{Form: gobuild.FormEvent, Event: eventsPackage + "LambdaFunctionURLRequest"}, nil},
		{"an HTTP API's event", file, gobuild.Symbol{Form: gobuild.FormEvent, Event: eventsPackage + "APIGatewayV2HTTPRequest"}, nil},
		{"a type of the user's", file, gobuild.Symbol{Form: gobuild.FormEvent, Event: "example.com/orders.Order"}, nil},
		{"no event", file, gobuild.Symbol{Form: gobuild.FormEvent}, nil},
		{"an HTTP handler behind a URL", file, gobuild.Symbol{Form: gobuild.FormHTTP}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			service := serviceIn(t, map[string]string{"sparta.yaml": tt.file})
			p := Project{Service: service, Symbols: map[string]gobuild.Symbol{"functions.hello": tt.symbol}}
			var got []string
			for _, problem := range p.misfits() {
				problem.Position.File = "sparta.yaml"
				got = append(got, problem.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
