// SPDX-License-Identifier: MIT

package lambda

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// streamSettings is what only mappings of streams have.
type streamSettings struct {
	Start      string    // starting position
	At         time.Time `json:",omitzero"` // of AT_TIMESTAMP
	Parallel   int       // batches at a time for each shard
	Bisect     bool      // split a batch that failed
	Retries    int       // of a failed batch, or unlimited
	AgeSeconds int       // of a record, or unlimited
	OnFailure  string    // ARN of where failures are told; empty: nowhere
}

// unlimited is how the API says that records are tried until they are gone from
// the stream.
const unlimited = -1

// startInput is what a caller says of where a new mapping begins.
type startInput struct {
	StartingPosition          string
	StartingPositionTimestamp *float64 // seconds since 1970
}

// begin sets where a new mapping starts to read.
func (s *Service) begin(m *mapping, src eventSource, in startInput) error {
	positions := []string{stream.TrimHorizon, stream.Latest, stream.AtTimestamp}
	kinesis := strings.HasPrefix(m.Source, "arn:") && strings.Split(m.Source, ":")[2] == "kinesis"
	switch {
	case src.streams == nil && in != startInput{}:
		return invalidValue("StartingPosition is not valid for SQS event sources.")
	case src.streams == nil:
		return nil
	case in.StartingPosition == "":
		return invalidValue("1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.")
	case !slices.Contains(positions, in.StartingPosition):
		return invalidMember(in.StartingPosition, "startingPosition", "Member must satisfy enum value set: "+joined(positions))
	case in.StartingPosition == stream.AtTimestamp && !kinesis:
		return invalidValue("Unsupported starting position for arn type: %s", m.Source)
	case (in.StartingPosition == stream.AtTimestamp) != (in.StartingPositionTimestamp != nil):
		return invalidValue("StartingPositionTimestamp is required with, and valid only with, the starting position AT_TIMESTAMP.")
	}
	m.Stream = &streamSettings{Start: in.StartingPosition}
	if t := in.StartingPositionTimestamp; t != nil {
		if m.Stream.At = time.UnixMilli(int64(math.Round(*t * 1000))).UTC(); m.Stream.At.After(s.env.Now()) {
			return invalidValue("StartingPositionTimestamp cannot be in the future.")
		}
	}
	return nil
}

// streamInput is what a caller says of a mapping of a stream, now or later.
type streamInput struct {
	BisectBatchOnFunctionError *bool
	DestinationConfig          *destinations
	MaximumRecordAgeInSeconds  *int
	MaximumRetryAttempts       *int
	ParallelizationFactor      *int
	TumblingWindowInSeconds    *int
}

func (in streamInput) apply(m *mapping) error {
	v := m.Stream
	if v == nil {
		if !reflect.ValueOf(in).IsZero() {
			return invalidValue("The settings of streams are not valid for SQS event sources.")
		}
		return nil
	}
	set(&v.Bisect, in.BisectBatchOnFunctionError)
	set(&v.AgeSeconds, in.MaximumRecordAgeInSeconds)
	set(&v.Retries, in.MaximumRetryAttempts)
	set(&v.Parallel, in.ParallelizationFactor)
	if in.TumblingWindowInSeconds != nil && *in.TumblingWindowInSeconds != 0 {
		return unmodelled("TumblingWindowInSeconds")
	}
	if in.DestinationConfig != nil {
		if in.DestinationConfig.OnSuccess.Destination != "" {
			return invalidValue("OnSuccess destinations are not supported for event source mappings.")
		}
		v.OnFailure = in.DestinationConfig.OnFailure.Destination
	}
	return v.check()
}

func (v *streamSettings) check() error {
	if v.AgeSeconds != unlimited && v.AgeSeconds < 60 { // "values less than 60 and greater than -1 are not allowed"
		return inRange(v.AgeSeconds, "maximumRecordAgeInSeconds", 60, 604800)
	}
	if err := inRange(v.AgeSeconds, "maximumRecordAgeInSeconds", unlimited, 604800); err != nil {
		return err
	}
	if err := inRange(v.Retries, "maximumRetryAttempts", unlimited, 10000); err != nil {
		return err
	}
	return inRange(v.Parallel, "parallelizationFactor", 1, 10)
}

// checkStream checks where the failures of a mapping are told.
func (s *Service) checkStream(m *mapping) error {
	if m.Stream == nil {
		return nil
	}
	target := m.Stream.OnFailure
	a, _ := arn.Parse(target)
	switch {
	case strings.HasPrefix(target, "kafka://"):
		return unmodelled("the destination " + target)
	case a.Service != "s3" || s.deps.Delivery == nil:
		return s.permitted(s.checkDestination(m.Scope, m.Function.name, s.role(m), target, "sqs", "sns"), target)
	}
	err := s.checkBucket(m.Scope, pollerSession, s.role(m), target, m.failureFolder())
	if no, ok := errors.AsType[*unsendable](err); ok {
		operation, service := no.operation()
		return invalidValue("The function execution role does not have permissions to call %s on %s", operation, service)
	}
	return err
}

// role returns the role of a mapping's function, "" if that is gone; s.mu is
// held.
func (s *Service) role(m *mapping) string {
	_, v, err := s.find(m.Scope, m.Function)
	if err != nil {
		return ""
	}
	return v.Role
}

// streamOutput shows what only mappings of streams have.
type streamOutput struct {
	BisectBatchOnFunctionError bool
	DestinationConfig          struct{ OnFailure destination }
	MaximumRecordAgeInSeconds  int
	MaximumRetryAttempts       int
	ParallelizationFactor      int
	StartingPosition           string
	StartingPositionTimestamp  float64 `json:",omitzero"`
	TumblingWindowInSeconds    int
}

func (v *streamSettings) output() *streamOutput {
	out := &streamOutput{
		BisectBatchOnFunctionError: v.Bisect, MaximumRecordAgeInSeconds: v.AgeSeconds, MaximumRetryAttempts: v.Retries,
		ParallelizationFactor: v.Parallel, StartingPosition: v.Start,
	}
	out.DestinationConfig.OnFailure.Destination = v.OnFailure
	if !v.At.IsZero() {
		out.StartingPositionTimestamp = float64(v.At.UnixMilli()) / 1000
	}
	return out
}

// streamFields are the properties that only mappings of streams have.
func streamFields() shape.Fields {
	return shape.Fields{
		"BisectBatchOnFunctionError": shape.Boolean,
		"DestinationConfig": shape.Object(shape.Fields{
			"OnFailure": shape.Object(shape.Fields{"Destination": shape.String}), "OnSuccess": shape.Unmodelled,
		}),
		"MaximumRecordAgeInSeconds": shape.Integer(unlimited, 604800),
		"MaximumRetryAttempts":      shape.Integer(unlimited, 10000),
		"ParallelizationFactor":     shape.Integer(1, 10),
		"StartingPosition":          shape.Enum(stream.TrimHorizon, stream.Latest, stream.AtTimestamp),
		"StartingPositionTimestamp": shape.Integer(0, math.MaxInt32),
		"TumblingWindowInSeconds":   shape.Unmodelled,
	}
}
