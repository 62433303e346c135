// SPDX-License-Identifier: MIT

package shim

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/rs/zerolog"
)

// stamp gives each line the field "timestamp" in RFC 3339, by which Lambda tells
// JSON lines with a level of their own.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
type stamp struct{}

// Run adds the field.
func (stamp) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Str("timestamp", time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00"))
}

// newLogger returns the logger of one event. It writes JSON lines to stdout with
// the fields level, message, timestamp and requestId, from the level on that the
// environment variable AWS_LAMBDA_LOG_LEVEL names (INFO if it names none).
func newLogger(requestID string) zerolog.Logger {
	level, err := zerolog.ParseLevel(strings.ToLower(os.Getenv("AWS_LAMBDA_LOG_LEVEL")))
	if err != nil || level == zerolog.NoLevel {
		level = zerolog.InfoLevel
	}
	return zerolog.New(os.Stdout).Level(level).Hook(stamp{}).With().Str("requestId", requestID).Logger()
}

// withLogger puts the event's logger into its context, where zerolog.Ctx finds
// it, unless there is one.
func withLogger(ctx context.Context) context.Context {
	if zerolog.Ctx(ctx).GetLevel() != zerolog.Disabled {
		return ctx
	}
	requestID := ""
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		requestID = lc.AwsRequestID
	}
	return newLogger(requestID).WithContext(ctx)
}
