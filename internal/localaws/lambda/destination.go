// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
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
func (s *Service) checkDestination(scope arn.Scope, function, role, target string, services ...string) error {
	a, ok := arn.Parse(target)
	switch {
	case target == "":
		return nil
	case !ok || a.Account == "" && a.Service != "s3":
		return invalidMember(target, "destination", "Member must be an ARN")
	case s.deps.Delivery == nil:
		return unmodelled("the destination " + target)
	case !slices.Contains(services, a.Service) || a.Service == "events" && !strings.HasPrefix(a.Resource, "event-bus/"):
		return invalidValue("The destination ARN %s is invalid.", target)
	case strings.HasSuffix(a.Resource, ".fifo"):
		return invalidValue("The destination ARN %s is invalid: FIFO queues and topics are not supported.", target)
	case a.Service == "lambda" && strings.Split(a.Resource+":", ":")[1] == function:
		return invalidValue("You must specify a destination other than the function itself: %s", target)
	}
	if a.Service == "s3" {
		return s.checkBucket(scope, function, role, target, asyncFolder(function))
	}
	if err := s.deps.Delivery.Admits(delivery.Message{Target: target, Account: scope.Account}); err != nil {
		return invalidValue("The destination ARN %s is invalid: %v", target, err)
	}
	action := delivery.Action(target)
	if err := s.authorize(context.Background(), role, function, action, target); err != nil {
		return &unsendable{cause: err, action: action}
	}
	return nil
}

// asyncFolder begins the keys of the objects that tell of events which failed.
func asyncFolder(function string) string { return "aws/lambda/async/" + function }

// failureKey is the key of an object that tells of a failure.
func failureKey(folder string, now time.Time) string {
	return folder + "/" + now.UTC().Format("2006/01/02/2006-01-02T15.04.05") + "-" + wire.RequestID()
}

// checkBucket checks that failures may be told to a bucket, in a folder of it.
// Lambda wants the role to be allowed to write anywhere in the bucket, and to
// list it.
func (s *Service) checkBucket(scope arn.Scope, session, role, target, folder string) error {
	if a, _ := arn.Parse(target); strings.Contains(a.Resource, "/") {
		return invalidValue("The destination ARN %s is invalid.", target)
	}
	if err := s.deps.Delivery.Admits(delivery.Message{Target: target, Account: scope.Account, Key: folder}); err != nil {
		return invalidValue("The destination ARN %s is invalid: %v", target, err)
	}
	for _, need := range [][2]string{{"s3:PutObject", target + "/*"}, {"s3:ListBucket", target}} {
		if err := s.authorize(context.Background(), role, session, need[0], need[1]); err != nil {
			return &unsendable{cause: err, action: need[0]}
		}
	}
	return nil
}

// unsendable says that a role may not send to where results of its function are
// to go.
type unsendable struct {
	cause  error
	action string // such as sqs:SendMessage
}

func (e *unsendable) Error() string { return e.cause.Error() }

// operation returns what the role may not call, and the service.
func (e *unsendable) operation() (name, service string) {
	service, name, _ = strings.Cut(e.action, ":")
	return strings.TrimSuffix(name, "Function"), strings.ToUpper(service)
}

// checkDeadLetter checks the dead-letter queue that a caller wants for a
// function.
func (s *Service) checkDeadLetter(scope arn.Scope, function string, in configInput) error {
	if in.DeadLetterConfig == nil {
		return nil
	}
	role := ""
	if in.Role != nil {
		role = *in.Role
	} else {
		role = s.roleOf(scope, reference{name: function})
	}
	err := s.checkDestination(scope, function, role, in.DeadLetterConfig.TargetArn, "sqs", "sns")
	if no, ok := errors.AsType[*unsendable](err); ok {
		operation, service := no.operation()
		return invalidValue("The provided execution role does not have permissions to call %s on %s", operation, service)
	}
	return err
}

// checkResultDestinations checks where results of a function may go: to buckets
// those of failures only.
func (s *Service) checkResultDestinations(scope arn.Scope, r reference, d destinations) error {
	role := s.roleOf(scope, r)
	services := []string{"sqs", "sns", "lambda", "events"}
	if target := d.OnSuccess.Destination; target != "" {
		if err := s.permitted(s.checkDestination(scope, r.name, role, target, services...), target); err != nil {
			return err
		}
	}
	target := d.OnFailure.Destination
	return s.permitted(s.checkDestination(scope, r.name, role, target, append(services, "s3")...), target)
}

// permitted words the error of a function's role that may not send to a
// destination.
func (s *Service) permitted(err error, target string) error {
	if no, ok := errors.AsType[*unsendable](err); ok {
		operation, _ := no.operation()
		return invalidValue("The function's execution role does not have permissions to call %s on %s", operation, target)
	}
	return err
}

// roleOf returns the role of a function's version, "" if there is none.
func (s *Service) roleOf(scope arn.Scope, r reference) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, v, err := s.find(scope, r)
	if err != nil {
		return ""
	}
	return v.Role
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
	var target, dead, role string
	if f, v, err := s.find(in.scope, in.function); err == nil {
		if c := f.Events[plain(in.function.qualifier)]; c != nil {
			target = c.Destinations.OnFailure.Destination
			if o.condition == succeeded {
				target = c.Destinations.OnSuccess.Destination
			}
		}
		if role = v.Role; o.condition != succeeded {
			dead = v.DeadLetter
		}
	}
	s.mu.Unlock()
	if target != "" {
		s.tell(in, o, role, target)
	}
	if dead != "" {
		s.bury(in, o, role, dead)
	}
}

// tell sends the record of an outcome to a destination.
func (s *Service) tell(in invocation, o outcome, role, target string) {
	body, err := in.record(o, s.env.Now())
	if err == nil {
		kind := "Success"
		if o.condition != succeeded {
			kind = "Failure"
		}
		out := delivery.Message{
			Role: role, Session: in.function.name, Account: in.scope.Account, Source: in.qualifiedARN(), Target: target, Body: body, TraceHeader: in.options.TraceID,
			EventSource: "lambda", DetailType: "Lambda Function Invocation Result - " + kind, Resources: []string{target, in.qualifiedARN()},
		}
		if to, _ := arn.Parse(target); to.Service == "s3" {
			out.Key = failureKey(asyncFolder(in.function.name), s.env.Now())
		}
		err = s.deps.Delivery.Send(context.Background(), out)
	}
	if err != nil {
		s.env.Log.Warn().Err(err).Str("function", in.function.name).Str("destination", target).Msg("dropped invocation record")
	}
}

// maxErrorMessage is how much of an error goes with a dead letter, in bytes.
const maxErrorMessage = 1024

// bury sends an event to a dead-letter queue ("Adding a dead-letter queue").
func (s *Service) bury(in invocation, o outcome, role, target string) {
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
		Role: role, Session: in.function.name, Account: in.scope.Account, Source: in.qualifiedARN(), Target: target, Body: in.payload, TraceHeader: in.options.TraceID,
		Attributes: map[string]delivery.Attribute{
			"RequestID": text("String", in.requestID), "ErrorCode": text("Number", code),
			"ErrorMessage": text("String", strings.ToValidUTF8(message[:min(len(message), maxErrorMessage)], "")),
		},
	})
	if err != nil {
		s.env.Log.Warn().Err(err).Str("function", in.function.name).Str("queue", target).Msg("dropped event: the dead-letter queue does not take it")
	}
}
