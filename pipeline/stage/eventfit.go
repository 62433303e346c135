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
	case e.S3 != nil:
		return delivery{what: "a bucket", types: []string{"S3Event"}}
	case e.SNS != nil && e.SNS.Queue != nil:
		return delivery{what: "a queue", types: []string{"SQSEvent"}}
	case e.SNS != nil:
		return delivery{what: "a topic", types: []string{"SNSEvent"}}
	case e.Kinesis != nil:
		return delivery{what: "a data stream", types: windowed("Kinesis", e.Kinesis.Shards)}
	case e.DynamoDB != nil:
		return delivery{what: "a table", types: windowed("DynamoDB", e.DynamoDB.Shards)}
	case e.MSK != nil, e.Kafka != nil:
		return delivery{what: "Kafka", types: []string{"KafkaEvent"}}
	case e.Schedule != nil:
		return delivery{what: "a schedule", types: unlessInput(e.Schedule.Input != nil, "EventBridgeEvent", "CloudWatchEvent")}
	case e.EventBridge != nil:
		r := e.EventBridge
		return delivery{what: "a rule of EventBridge", types: unlessInput(r.Input != nil || r.InputPath != "" || r.InputTransformer != nil, ruleEvents()...)}
	case e.Permission != nil:
		return delivery{what: "a permission", http: true} // whatever the principal sends
	case e.Logs != nil:
		return delivery{what: "a log group", types: []string{"CloudwatchLogsEvent"}}
	case e.IoT != nil:
		return delivery{what: "a rule of AWS IoT"} // what the statement selects
	case e.Cognito != nil:
		return delivery{what: "trigger " + e.Cognito.Trigger + " of a user pool", types: triggerEvents(e.Cognito)}
	case e.ALB != nil:
		return delivery{what: "a load balancer", types: []string{"ALBTargetGroupRequest"}, http: true}
	case e.CodeCommit != nil:
		return delivery{what: "a repository, through EventBridge,", types: []string{"EventBridgeEvent", "CloudWatchEvent"}}
	case e.SES != nil:
		return delivery{what: "received mail", types: []string{"SimpleEmailEvent"}}
	}
	return delivery{}
}

// windowed is the type of events of a stream, which hold the state of a
// tumbling window if there is one.
func windowed(source string, s spec.Shards) []string {
	if s.TumblingWindow > 0 {
		return []string{source + "TimeWindowEvent"}
	}
	return []string{source + "Event"}
}

// unlessInput are types of events, none if the user chooses what is sent.
func unlessInput(chosen bool, types ...string) []string {
	if chosen {
		return nil
	}
	return types
}

// ruleEvents are the types that hold what EventBridge sends: any event, and
// those of some services.
func ruleEvents() []string {
	return []string{
		"EventBridgeEvent", "CloudWatchEvent", "AutoScalingEvent", "CodeBuildEvent", "CodeDeployEvent", "CodePipelineCloudWatchEvent",
		"ECRImageActionEvent", "ECRScanEvent", "ECSContainerInstanceEvent",
	}
}

// triggerEvents are the types that hold what a user pool sends; aws-lambda-go
// has none for the senders of codes.
func triggerEvents(u *spec.UserPoolEvent) []string {
	const stem = "CognitoEventUserPools"
	if u.Trigger == spec.TriggerTokenGeneration && u.Version > 1 {
		return []string{stem + "PreTokenGenV2_0", stem + "PreTokenGenV2"}
	}
	name := map[string]string{
		"preSignUp": "PreSignup", "postConfirmation": "PostConfirmation", "preAuthentication": "PreAuthentication",
		"postAuthentication": "PostAuthentication", "customMessage": "CustomMessage", "defineAuthChallenge": "DefineAuthChallenge",
		"createAuthChallenge": "CreateAuthChallenge", "verifyAuthChallengeResponse": "VerifyAuthChallenge",
		"userMigration": "MigrateUser", spec.TriggerTokenGeneration: "PreTokenGen",
	}[u.Trigger]
	if name == "" {
		return nil
	}
	return []string{stem + name}
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
	case d.what == "": // the source has a fault
		return ""
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
