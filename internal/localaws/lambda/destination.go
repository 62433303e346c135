// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// destinations say where the results of asynchronous events go: ARNs, empty for
// nowhere.
type destinations struct {
	OnSuccess destination
	OnFailure destination
}

type destination struct {
	Destination string `json:",omitempty"`
}

// checkDestination checks where results or dead letters of a function may go:
// what of services, and not the function itself.
func (s *Service) checkDestination(scope arn.Scope, function, target string, services ...string) error {
	a, ok := arn.Parse(target)
	switch {
	case target == "":
		return nil
	case !ok || a.Account == "" && a.Service != "s3":
		return invalidMember(target, "destination", "Member must be an ARN")
	case s.deps.Delivery == nil || a.Service == "s3":
		return unmodelled("the destination " + target)
	case !slices.Contains(services, a.Service) || a.Service == "events" && !strings.HasPrefix(a.Resource, "event-bus/"):
		return invalidValue("The destination ARN %s is invalid.", target)
	case strings.HasSuffix(a.Resource, ".fifo"):
		return invalidValue("The destination ARN %s is invalid: FIFO queues and topics are not supported.", target)
	case a.Service == "lambda" && strings.Split(a.Resource+":", ":")[1] == function:
		return invalidValue("You must specify a destination other than the function itself: %s", target)
	}
	if err := s.deps.Delivery.Admits(delivery.Message{Target: target, Account: scope.Account}); err != nil {
		return invalidValue("The destination ARN %s is invalid: %v", target, err)
	}
	return nil
}

// checkDeadLetter checks the dead-letter queue that a caller wants for a
// function.
func (s *Service) checkDeadLetter(scope arn.Scope, function string, in configInput) error {
	if in.DeadLetterConfig == nil {
		return nil
	}
	return s.checkDestination(scope, function, in.DeadLetterConfig.TargetArn, "sqs", "sns")
}

// outcome is what became of an asynchronous event.
type outcome struct {
	condition string // Success, RetriesExhausted or EventAgeExceeded
	attempts  int
	response  Response // of the last attempt; the zero value if there was none
}

// The conditions of an outcome.
const (
	succeeded        = "Success"
	retriesExhausted = "RetriesExhausted"
	ageExceeded      = "EventAgeExceeded"
)

// invocationRecord is what destinations get ("Capturing records of Lambda
// asynchronous invocations").
type invocationRecord struct {
	Version        string `json:"version"`
	Timestamp      string `json:"timestamp"`
	RequestContext struct {
		RequestID              string `json:"requestId"`
		FunctionARN            string `json:"functionArn"`
		Condition              string `json:"condition"`
		ApproximateInvokeCount int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	RequestPayload  json.RawMessage  `json:"requestPayload"`
	ResponseContext *responseContext `json:"responseContext,omitempty"`
	ResponsePayload json.RawMessage  `json:"responsePayload,omitempty"`
}

type responseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	FunctionError   string `json:"functionError,omitempty"`
}

// recordTime is how records for destinations write times.
const recordTime = "2006-01-02T15:04:05.000Z"

// record describes an outcome.
func (in invocation) record(o outcome, now time.Time) ([]byte, error) {
	var r invocationRecord
	r.Version, r.Timestamp, r.RequestPayload = "1.0", now.UTC().Format(recordTime), in.payload
	r.RequestContext.RequestID, r.RequestContext.FunctionARN = in.requestID, in.qualifiedARN()
	r.RequestContext.Condition, r.RequestContext.ApproximateInvokeCount = o.condition, o.attempts
	if o.response.Status != 0 {
		r.ResponseContext = &responseContext{http.StatusOK, o.response.ExecutedVersion, o.response.FunctionError}
		if json.Valid(o.response.Payload) {
			r.ResponsePayload = o.response.Payload
		}
	}
	return json.Marshal(r)
}

// qualifiedARN returns the ARN of the function with the qualifier that was
// invoked, $LATEST if none was.
func (in invocation) qualifiedARN() string {
	qualifier := in.function.qualifier
	if qualifier == "" {
		qualifier = "$LATEST"
	}
	return (&function{Scope: in.scope, Name: in.function.name}).arn(qualifier)
}

// conclude tells the destination of an event what became of it, and gives an
// event that failed to the function's dead-letter queue.
func (s *Service) conclude(in invocation, o outcome) {
	s.mu.Lock()
	var target, dead string
	if f, v, err := s.find(in.scope, in.function); err == nil {
		if c := f.Events[plain(in.function.qualifier)]; c != nil {
			target = c.Destinations.OnFailure.Destination
			if o.condition == succeeded {
				target = c.Destinations.OnSuccess.Destination
			}
		}
		if o.condition != succeeded {
			dead = v.DeadLetter
		}
	}
	s.mu.Unlock()
	if target != "" {
		s.tell(in, o, target)
	}
	if dead != "" {
		s.bury(in, o, dead)
	}
}

// tell sends the record of an outcome to a destination.
func (s *Service) tell(in invocation, o outcome, target string) {
	body, err := in.record(o, s.env.Now())
	if err == nil {
		kind := "Success"
		if o.condition != succeeded {
			kind = "Failure"
		}
		err = s.deps.Delivery.Send(context.Background(), delivery.Message{
			Account: in.scope.Account, Source: in.qualifiedARN(), Target: target, Body: body, TraceHeader: in.options.TraceID,
			EventSource: "lambda", DetailType: "Lambda Function Invocation Result - " + kind, Resources: []string{target, in.qualifiedARN()},
		})
	}
	if err != nil {
		s.env.Log.Warn().Err(err).Str("function", in.function.name).Str("destination", target).Msg("dropped invocation record")
	}
}

// maxErrorMessage is how much of an error goes with a dead letter, in bytes.
const maxErrorMessage = 1024

// bury sends an event to a dead-letter queue ("Adding a dead-letter queue").
func (s *Service) bury(in invocation, o outcome, target string) {
	text := func(kind, value string) delivery.Attribute {
		return delivery.Attribute{DataType: kind, StringValue: value}
	}
	var failure struct {
		ErrorMessage string `json:"errorMessage"`
	}
	_ = json.Unmarshal(o.response.Payload, &failure) // what is no such object has no message
	message, code := failure.ErrorMessage, "200"
	if o.response.Status == 0 {
		code = "429"
	}
	if message == "" {
		message = o.condition
	}
	err := s.deps.Delivery.Send(context.Background(), delivery.Message{
		Account: in.scope.Account, Source: in.qualifiedARN(), Target: target, Body: in.payload, TraceHeader: in.options.TraceID,
		Attributes: map[string]delivery.Attribute{
			"RequestID": text("String", in.requestID), "ErrorCode": text("Number", code),
			"ErrorMessage": text("String", strings.ToValidUTF8(message[:min(len(message), maxErrorMessage)], "")),
		},
	})
	if err != nil {
		s.env.Log.Warn().Err(err).Str("function", in.function.name).Str("queue", target).Msg("dropped event: the dead-letter queue does not take it")
	}
}
