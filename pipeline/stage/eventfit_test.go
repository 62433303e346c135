// SPDX-License-Identifier: MIT

package stage

import (
	"reflect"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/gobuild"
	"github.com/sparta-up/sparta/spec"
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

// TestDeliveries: what each source sends, and whom it takes.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	event := func(name string) gobuild.Symbol {
		return gobuild.Symbol{Form: gobuild.FormEvent, Event: eventsPackage + name}
	}
	handler := gobuild.Symbol{Form: gobuild.FormHTTP}
	tests := []struct {
		source string
		fits   []gobuild.Symbol
		misfit gobuild.Symbol
		want   string
	}{
		{"schedule: rate(1 day)", []gobuild.Symbol{event("EventBridgeEvent"), event("CloudWatchEvent")}, event("SQSEvent"),
			"takes events.SQSEvent, which a schedule does not send; hint: take events.EventBridgeEvent, or leave this source out"},
		{"schedule: {rate: rate(1 day), input: {Records: []}}", []gobuild.Symbol{event("SQSEvent"), event("EventBridgeEvent")}, handler,
			"is an http.Handler, and a schedule sends no HTTP requests; hint: leave this source out"},
		{"eventBridge: {pattern: {source: [aws.codebuild]}}", []gobuild.Symbol{event("CodeBuildEvent"), event("EventBridgeEvent")}, event("CodeCommitEvent"),
			"takes events.CodeCommitEvent, which a rule of EventBridge does not send; hint: take events.EventBridgeEvent, or leave this source out"},
		{"eventBridge: {pattern: {source: [a]}, inputPath: $.detail}", []gobuild.Symbol{event("S3Event")}, handler,
			"is an http.Handler, and a rule of EventBridge sends no HTTP requests; hint: leave this source out"},
		{"permission: {principal: \"123456789012\"}", []gobuild.Symbol{event("S3Event"), handler}, gobuild.Symbol{}, ""},
		{"logs: /aws/lambda/x", []gobuild.Symbol{event("CloudwatchLogsEvent")}, event("KinesisEvent"),
			"takes events.KinesisEvent, which a log group does not send; hint: take events.CloudwatchLogsEvent, or leave this source out"},
		{"iot: SELECT * FROM 'a'", []gobuild.Symbol{event("IoTButtonEvent"), {Form: gobuild.FormEvent, Event: "example.com/a.Heat"}}, handler,
			"is an http.Handler, and a rule of AWS IoT sends no HTTP requests; hint: leave this source out"},
		{"cognito: {pool: Users, trigger: preSignUp}", []gobuild.Symbol{event("CognitoEventUserPoolsPreSignup")}, event("CognitoEventUserPoolsPostConfirmation"),
			"takes events.CognitoEventUserPoolsPostConfirmation, which trigger preSignUp of a user pool does not send; " +
				"hint: take events.CognitoEventUserPoolsPreSignup, or leave this source out"},
		{"cognito: {pool: Users, trigger: preTokenGeneration, version: 2}", []gobuild.Symbol{event("CognitoEventUserPoolsPreTokenGenV2_0")}, event("CognitoEventUserPoolsPreTokenGen"),
			"takes events.CognitoEventUserPoolsPreTokenGen, which trigger preTokenGeneration of a user pool does not send; " +
				"hint: take events.CognitoEventUserPoolsPreTokenGenV2_0, or leave this source out"},
		{"alb: {listener: Listener, priority: 1, conditions: {path: /}}", []gobuild.Symbol{event("ALBTargetGroupRequest"), handler}, event("APIGatewayProxyRequest"),
			"takes events.APIGatewayProxyRequest, which a load balancer does not send; hint: take events.ALBTargetGroupRequest, or make it an http.Handler, or leave this source out"},
		{"ses: info@example.com", []gobuild.Symbol{event("SimpleEmailEvent")}, event("SNSEvent"),
			"takes events.SNSEvent, which received mail does not send; hint: take events.SimpleEmailEvent, or leave this source out"},
		{"codecommit: Code", []gobuild.Symbol{event("EventBridgeEvent")}, event("CodeCommitEvent"),
			"takes events.CodeCommitEvent, which a repository, through EventBridge, does not send; hint: take events.EventBridgeEvent, or leave this source out"},
	}
	for _, tt := range tests {
		t.Run(tt.source, func(t *testing.T) {
			t.Parallel()
			s := service(t, "serviceName: orders\nfunctions:\n  work:\n    handler: ./h.Work\n    events:\n      - "+tt.source+`
resources:
  Users: {Type: "AWS::Cognito::UserPool"}
  Listener: {Type: "AWS::ElasticLoadBalancingV2::Listener"}
  Code: {Type: "AWS::CodeCommit::Repository"}
`)
			said := func(symbol gobuild.Symbol) string {
				d := deliveries(s.Functions[0])[0]
				if message := d.misfit(symbol); message != "" {
					return message + "; hint: " + d.hint()
				}
				return ""
			}
			for _, symbol := range tt.fits {
				if got := said(symbol); got != "" {
					t.Errorf("%v: %s", symbol, got)
				}
			}
			if got := said(tt.misfit); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestEventTypesExist: aws-lambda-go has the types that are named.
func TestEventTypesExist(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"EventBridgeEvent": true} // another name of CloudWatchEvent
	for _, v := range []any{
		events.CloudWatchEvent{}, events.AutoScalingEvent{}, events.CodeBuildEvent{}, events.CodeDeployEvent{}, events.CodePipelineCloudWatchEvent{},
		events.ECRImageActionEvent{}, events.ECRScanEvent{}, events.ECSContainerInstanceEvent{}, events.CognitoEventUserPoolsPreSignup{},
		events.CognitoEventUserPoolsPostConfirmation{}, events.CognitoEventUserPoolsPreAuthentication{}, events.CognitoEventUserPoolsPostAuthentication{},
		events.CognitoEventUserPoolsCustomMessage{}, events.CognitoEventUserPoolsDefineAuthChallenge{}, events.CognitoEventUserPoolsCreateAuthChallenge{},
		events.CognitoEventUserPoolsVerifyAuthChallenge{}, events.CognitoEventUserPoolsMigrateUser{}, events.CognitoEventUserPoolsPreTokenGen{},
		//lint:ignore SA1019 deprecated, and still in use
		events.CognitoEventUserPoolsPreTokenGenV2_0{}, events.CognitoEventUserPoolsPreTokenGenV2{},
	} {
		known[reflect.TypeOf(v).Name()] = true
	}
	known[reflect.TypeFor[events.SimpleEmailEvent]().Name()] = true
	named := append(ruleEvents(), "SimpleEmailEvent")
	for _, trigger := range []string{
		"preSignUp", "postConfirmation", "preAuthentication", "postAuthentication", "customMessage", "defineAuthChallenge",
		"createAuthChallenge", "verifyAuthChallengeResponse", "userMigration", "preTokenGeneration",
	} {
		for version := 1; version <= 3; version++ {
			types := triggerEvents(&spec.UserPoolEvent{Trigger: trigger, Version: version})
			if len(types) == 0 {
				t.Errorf("%s has no event", trigger)
			}
			named = append(named, types...)
		}
	}
	for _, name := range named {
		if !known[name] {
			t.Errorf("there is no events.%s", name)
		}
	}
}

// TestFaultySourceFits: of a source with a fault nothing is known, and nothing
// more is said.
func TestFaultySourceFits(t *testing.T) {
	t.Parallel()
	for _, symbol := range []gobuild.Symbol{{Form: gobuild.FormHTTP}, {Form: gobuild.FormEvent, Event: eventsPackage + "SQSEvent"}} {
		if got := sent(spec.Event{}).misfit(symbol); got != "" {
			t.Errorf("%v: got %q, want nothing", symbol.Form, got)
		}
	}
}
