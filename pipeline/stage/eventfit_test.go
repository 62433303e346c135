// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"
	"strings"
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

// TestSourceMisfits: each source has the type of aws-lambda-go that it sends.
func TestSourceMisfits(t *testing.T) {
	t.Parallel()
	secret := `auth: {scram512: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s"}`
	tests := []struct{ source, event, sends string }{
		{`{sqs: Jobs}`, "SQSEvent", "a queue"},
		{`{s3: Files}`, "S3Event", "a bucket"},
		{`{sns: Topic}`, "SNSEvent", "a topic"},
		{`{sns: {topic: Topic, queue: Jobs}}`, "SQSEvent", "a queue"},
		{`{kinesis: Clicks}`, "KinesisEvent", "a data stream"},
		{`{kinesis: {stream: Clicks, tumblingWindow: 10}}`, "KinesisTimeWindowEvent", "a data stream"},
		{`{dynamodb: Table}`, "DynamoDBEvent", "a table"},
		{`{dynamodb: {table: Table, tumblingWindow: 10}}`, "DynamoDBTimeWindowEvent", "a table"},
		{`{msk: {cluster: "arn:aws:kafka:eu-west-1:123456789012:cluster/c/1", topic: t}}`, "KafkaEvent", "Kafka"},
		{`{kafka: {servers: ["k.example.com:9092"], topic: t, ` + secret + `}}`, "KafkaEvent", "Kafka"},
	}
	for _, tt := range tests {
		t.Run(tt.source, func(t *testing.T) {
			t.Parallel()
			s := service(t, fmt.Sprintf(sourcesYAML, "events: ["+tt.source+"]"))
			said := func(symbol gobuild.Symbol) string {
				p := Project{Service: s, Symbols: map[string]gobuild.Symbol{"functions.work": symbol}}
				var all []string
				for _, problem := range p.misfits() {
					all = append(all, problem.Message+"; "+problem.Hint)
				}
				return strings.Join(all, "\n")
			}
			if got := said(gobuild.Symbol{Form: gobuild.FormEvent, Event: eventsPackage + tt.event}); got != "" {
				t.Errorf("events.%s: %s", tt.event, got)
			}
			want := "./h.Work takes events.ALBTargetGroupRequest, which " + tt.sends + " does not send; take events." + tt.event + ", or leave this source out"
			if got := said(gobuild.Symbol{Form: gobuild.FormEvent, Event: eventsPackage + "ALBTargetGroupRequest"}); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got := said(gobuild.Symbol{Form: gobuild.FormHTTP}); !strings.Contains(got, tt.sends+" sends no HTTP requests") {
				t.Errorf("an http.Handler: got %q", got)
			}
		})
	}
}
