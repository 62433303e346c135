// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/gobuild"
)

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
