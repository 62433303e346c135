// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// inbox takes what is delivered to a service of which only "gone" is missing.
type inbox struct{ got []delivery.Message }

func (b *inbox) Deliver(_ context.Context, m delivery.Message) error {
	b.got = append(b.got, m)
	return nil
}

func (b *inbox) Admits(m delivery.Message) error {
	if strings.HasSuffix(m.Target, "gone") {
		return wire.Errorf(404, "NotFound", "it does not exist")
	}
	return nil
}

// ending is a function "worker" whose results go to an inbox, inside a synctest
// bubble.
type ending struct {
	*Service
	box    inbox
	events []string // of the function "other"
}

func withDestinations(t *testing.T, fail bool) *ending {
	t.Helper()
	e := &ending{}
	all := &fakes{}
	all.handle = func(_ context.Context, f *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
		if strings.HasSuffix(in.FunctionARN, "other") {
			e.events = append(e.events, string(in.Payload))
			return sandbox.Outcome{}, nil
		}
		if fail {
			return sandbox.Outcome{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"no","errorType":"Error"}`)}, nil
		}
		return sandbox.Outcome{Payload: []byte(`"done"`)}, nil
	}
	e.Service = withFakes(t, all)
	for _, name := range []string{"sqs", "sns", "events", "s3"} {
		all.table.Add(name, &e.box)
	}
	add(t, e.Service, "worker", nil)
	add(t, e.Service, "other", nil)
	return e
}

func (e *ending) configure(t *testing.T, in eventConfigInput) error {
	t.Helper()
	_, err := e.putEventConfig(t.Context(), call{scope: here, function: reference{name: "worker"}}, in)
	return err
}

func to(success, failure string) eventConfigInput {
	return eventConfigInput{DestinationConfig: &destinations{destination{success}, destination{failure}}}
}

var (
	queue = here.Regional("sqs", "q")
	topic = here.Regional("sns", "t")
	bus   = here.Regional("events", "event-bus/default")
	files = "arn:aws:s3:::files"
)

// failedKey is what keys of failures look like ("Capturing records of Lambda
// asynchronous invocations"); synctest begins at the turn of 2000.
var failedKey = regexp.MustCompile(`^aws/lambda/async/worker/2000/01/01/2000-01-01T00\.\d\d\.\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func TestDestinations(t *testing.T) {
	t.Parallel()
	worker := here.Regional("lambda", "function:worker:$LATEST")
	for _, test := range []struct {
		name, success, failure string
		fails                  bool
		target                 string // "" for none
		condition              string
		count                  float64
	}{
		{"success to a queue", queue, "", false, queue, "Success", 1},
		{"failure to a topic", queue, topic, true, topic, "RetriesExhausted", 3},
		{"success to nobody", "", topic, false, "", "", 0},
		{"failure to nobody", queue, "", true, "", "", 0},
		{"failure to a bus", "", bus, true, bus, "RetriesExhausted", 3},
		{"failure to a bucket", queue, files, true, files, "RetriesExhausted", 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := withDestinations(t, test.fails)
				if err := e.configure(t, to(test.success, test.failure)); err != nil {
					t.Fatal(err)
				}
				out, err := e.Invoke(t.Context(), here, "worker", []byte(`{"n":1}`), InvokeOptions{Type: Event})
				if err != nil {
					t.Fatal(err)
				}
				pause(time.Hour)
				closeService(t, e.Service)
				if test.target == "" {
					if len(e.box.got) != 0 {
						t.Errorf("got %+v", e.box.got)
					}
					return
				}
				if len(e.box.got) != 1 || e.box.got[0].Target != test.target || e.box.got[0].Account != here.Account {
					t.Fatalf("got %+v", e.box.got)
				}
				m := e.box.got[0]
				if named := failedKey.MatchString(m.Key); named != (test.target == files) {
					t.Errorf("the key is %q", m.Key)
				}
				var got map[string]any
				if err := json.Unmarshal(m.Body, &got); err != nil {
					t.Fatal(err)
				}
				delete(got, "timestamp")
				response := map[string]any{"statusCode": 200.0, "executedVersion": "$LATEST"}
				var payload any = "done"
				kind := "Success"
				if test.fails {
					response["functionError"], kind = "Unhandled", "Failure"
					payload = map[string]any{"errorMessage": "no", "errorType": "Error"}
				}
				want := map[string]any{
					"version": "1.0", "requestPayload": map[string]any{"n": 1.0}, "responseContext": response, "responsePayload": payload,
					"requestContext": map[string]any{"requestId": out.RequestID, "functionArn": worker, "condition": test.condition, "approximateInvokeCount": test.count},
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				if m.EventSource != "lambda" || m.DetailType != "Lambda Function Invocation Result - "+kind || !slices.Equal(m.Resources, []string{test.target, worker}) {
					t.Errorf("got %+v", m)
				}
			})
		})
	}
}

// A failure that the role may no longer write is dropped.
func TestDestinationDenied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := withDestinations(t, true)
		if err := e.configure(t, to("", files)); err != nil {
			t.Fatal(err)
		}
		var asked []string
		e.deps.Delivery.Guard(func(_, session, action, on string) error {
			asked = append(asked, session+" "+action+" "+on[:strings.LastIndex(on, "/")])
			return errors.New("no policy allows it")
		})
		if _, err := e.Invoke(t.Context(), here, "worker", nil, InvokeOptions{Type: Event}); err != nil {
			t.Fatal(err)
		}
		pause(time.Hour)
		closeService(t, e.Service)
		if want := []string{"worker s3:PutObject " + files + "/aws/lambda/async/worker/2000/01/01"}; !slices.Equal(asked, want) || len(e.box.got) != 0 {
			t.Errorf("asked for %v, want %v; got %+v", asked, want, e.box.got)
		}
	})
}

func TestDestinationFunction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := withDestinations(t, false)
		if err := e.configure(t, to(here.Regional("lambda", "function:other"), "")); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Invoke(t.Context(), here, "worker", nil, InvokeOptions{Type: Event}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Invoke(t.Context(), here, "worker", nil, InvokeOptions{}); err != nil { // synchronous events have none
			t.Fatal(err)
		}
		pause(time.Minute)
		if len(e.events) != 1 || !strings.Contains(e.events[0], `"responsePayload":"done"`) {
			t.Errorf("got %v", e.events)
		}
		closeService(t, e.Service)
	})
}

// An event that no environment was free for is too old in the end, and was never
// tried.
func TestDestinationOfOldEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := withDestinations(t, false)
		in := to("", queue)
		in.MaximumEventAgeInSeconds = new(60)
		if err := e.configure(t, in); err != nil {
			t.Fatal(err)
		}
		if err := e.reserve(call{scope: here, function: reference{name: "worker"}}, new(0)); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Invoke(t.Context(), here, "worker", nil, InvokeOptions{Type: Event}); err != nil {
			t.Fatal(err)
		}
		pause(10 * time.Minute)
		if len(e.box.got) != 1 || !strings.Contains(string(e.box.got[0].Body), `"condition":"EventAgeExceeded","approximateInvokeCount":0`) || strings.Contains(string(e.box.got[0].Body), "responseContext") {
			t.Errorf("got %+v", e.box.got)
		}
		closeService(t, e.Service)
	})
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := withDestinations(t, true)
		c := call{scope: here, function: reference{name: "worker"}}
		change := updateConfigInput{configInput: configInput{DeadLetterConfig: &struct{ TargetArn string }{queue}}}
		out, err := e.updateFunctionConfiguration(t.Context(), c, change)
		if err != nil || out.(configuration).DeadLetterConfig.TargetArn != queue {
			t.Fatal(out, err)
		}
		response, err := e.Invoke(t.Context(), here, "worker", []byte(`{"n":1}`), InvokeOptions{Type: Event})
		if err != nil {
			t.Fatal(err)
		}
		pause(time.Hour)
		want := map[string]delivery.Attribute{"RequestID": {DataType: "String", StringValue: response.RequestID},
			"ErrorCode": {DataType: "Number", StringValue: "200"}, "ErrorMessage": {DataType: "String", StringValue: "no"}}
		if len(e.box.got) != 1 || e.box.got[0].Target != queue || string(e.box.got[0].Body) != `{"n":1}` || !cmp.Equal(e.box.got[0].Attributes, want) {
			t.Errorf("got %+v", e.box.got)
		}
		change.DeadLetterConfig.TargetArn = ""
		if out, err := e.updateFunctionConfiguration(t.Context(), c, change); err != nil || out.(configuration).DeadLetterConfig != nil {
			t.Error(out, err)
		}
		closeService(t, e.Service)
	})
}

func TestDestinationsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := withDestinations(t, false)
		for target, want := range map[string]string{
			"q":                                             "must be an ARN",
			files + "/folder":                               "is invalid",
			"arn:aws:s3:::gone":                             "it does not exist",
			here.Regional("kinesis", "stream/s"):            "is invalid",
			here.Regional("events", "rule/r"):               "is invalid",
			queue + ".fifo":                                 "FIFO",
			here.Regional("sqs", "gone"):                    "it does not exist",
			here.Regional("lambda", "function:worker"):      "other than the function itself",
			here.Regional("lambda", "function:worker:live"): "other than the function itself",
			here.Regional("lambda", "function:nobody"):      "Function not found",
		} {
			if err := e.configure(t, to("", target)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %s", target, err, want)
			}
		}
		if err := e.configure(t, to(files, "")); err == nil || !strings.Contains(err.Error(), "is invalid") {
			t.Errorf("a bucket of successes: got %v", err)
		}
		for _, target := range []string{here.Regional("lambda", "function:other"), files} {
			_, err := e.updateFunctionConfiguration(t.Context(), call{scope: here, function: reference{name: "worker"}},
				updateConfigInput{configInput: configInput{DeadLetterConfig: &struct{ TargetArn string }{target}}})
			if err == nil || !strings.Contains(err.Error(), "is invalid") {
				t.Errorf("a dead letter to %s: got %v", target, err)
			}
		}
		closeService(t, e.Service)
	})
}

func TestDestinationTypes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := withDestinations(t, false)
		configs := e.ResourceTypes()["AWS::Lambda::EventInvokeConfig"]
		properties := map[string]any{"FunctionName": "worker", "Qualifier": "$LATEST", "MaximumRetryAttempts": "0",
			"DestinationConfig": map[string]any{"OnSuccess": map[string]any{"Destination": queue}, "OnFailure": map[string]any{"Destination": topic}}}
		if faults := configs.Check(properties); faults != nil {
			t.Error(faults)
		}
		r := resource.Request{Scope: here, Properties: properties, DefaultName: func(int) string { return "id" }}
		made, err := configs.Create(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		get := func() destinations {
			out, err := e.getEventConfig(t.Context(), call{scope: here, function: reference{name: "worker"}}, none{})
			if err != nil {
				t.Fatal(err)
			}
			return out.(eventConfigOutput).DestinationConfig
		}
		if got := get(); got.OnSuccess.Destination != queue || got.OnFailure.Destination != topic {
			t.Errorf("got %+v", got)
		}
		r.Properties = map[string]any{"FunctionName": "worker", "Qualifier": "$LATEST"}
		if _, err := configs.Update(t.Context(), made, r); err != nil {
			t.Fatal(err)
		}
		if got := get(); got != (destinations{}) {
			t.Errorf("got %+v", got)
		}
		functions := e.ResourceTypes()["AWS::Lambda::Function"]
		faults := functions.Check(map[string]any{"Code": map[string]any{}, "Role": "r", "DeadLetterConfig": map[string]any{"TargetArn": queue}})
		if faults != nil {
			t.Error(faults)
		}
		closeService(t, e.Service)
	})
}

// Other services invoke a function if its policy lets them.
func TestDeliver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := withDestinations(t, false)
		m := delivery.Message{Principal: "sns.amazonaws.com", Source: topic, Account: here.Account, Target: here.Regional("lambda", "function:other"), Body: []byte(`{"n":1}`)}
		if err := e.Deliver(t.Context(), m); err == nil || !strings.Contains(err.Error(), "lambda:InvokeFunction") {
			t.Errorf("without a permission: %v", err)
		}
		c := call{scope: here, function: reference{name: "other"}}
		if _, err := e.permit(c, permissionInput{StatementID: "s", Action: "lambda:InvokeFunction", Principal: "sns.amazonaws.com", SourceArn: here.Regional("sns", "t*")}); err != nil {
			t.Fatal(err)
		}
		if err := e.Deliver(t.Context(), m); err != nil {
			t.Error(err)
		}
		pause(time.Second)
		if !slices.Equal(e.events, []string{`{"n":1}`}) {
			t.Errorf("got %v", e.events)
		}
		for _, edit := range []func(*delivery.Message){
			func(m *delivery.Message) { m.Source = here.Regional("sns", "x") }, func(m *delivery.Message) { m.Principal = "s3.amazonaws.com" },
			func(m *delivery.Message) { m.Target += ":live" }, func(m *delivery.Message) { m.Target = here.Regional("lambda", "function:nobody") },
		} {
			other := m
			edit(&other)
			if err := e.Admits(other); err == nil {
				t.Errorf("admitted %+v", other)
			}
		}
		m.Principal = "" // with a role
		if err := e.Admits(m); err != nil {
			t.Error(err)
		}
		closeService(t, e.Service)
	})
}
