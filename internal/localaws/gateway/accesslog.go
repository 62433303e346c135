// SPDX-License-Identifier: MIT

package gateway

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// LogSink takes access logs; *logs.Service is one.
type LogSink interface {
	// Append writes events to a stream.
	Append(scope arn.Scope, group, stream string, events []logs.Event) error
}

// LogGroup returns the name of the log group whose ARN is given, with or
// without a final ":*". It reports false if the ARN names none.
func LogGroup(destination string) (string, bool) {
	a, ok := arn.Parse(destination)
	name, found := strings.CutPrefix(a.Resource, "log-group:")
	name = strings.TrimSuffix(name, ":*")
	return name, ok && found && a.Service == "logs" && name != ""
}

// AccessLog says where and how a stage logs requests. Nil does not log.
type AccessLog struct {
	DestinationArn string `json:"destinationArn,omitempty"`
	Format         string `json:"format,omitempty"` // such as $context.requestId
}

// Entry is a request that was answered.
type Entry struct {
	Scope     arn.Scope
	Stream    string            // that the line goes to
	Variables map[string]string // of the format, by name without $context
	Answer    httpevent.Response
	Came      time.Time
	Latency   time.Duration
}

// Write appends a line about a request to the log group. Variables that are
// unknown or empty become "-".
func (l *AccessLog) Write(sink LogSink, e Entry) error {
	if l == nil || l.Format == "" {
		return nil
	}
	group, ok := LogGroup(l.DestinationArn)
	if !ok {
		return nil
	}
	e.Variables["status"], e.Variables["responseLength"] = strconv.Itoa(e.Answer.Status), strconv.Itoa(len(e.Answer.Body))
	e.Variables["responseLatency"] = strconv.FormatInt(e.Latency.Milliseconds(), 10)
	return sink.Append(e.Scope, group, e.Stream, []logs.Event{{Time: e.Came, Message: Expand(l.Format, e.Variables)}})
}

// NewStream returns the name of a log stream: 32 hexadecimal digits.
func NewStream() string { return strings.ReplaceAll(wire.RequestID(), "-", "") }

// variable is a variable of an access log format.
var variable = regexp.MustCompile(`\$context\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_:-]+)*)`)

// Expand replaces the variables of an access log format, such as
// $context.identity.sourceIp.
func Expand(format string, variables map[string]string) string {
	return variable.ReplaceAllStringFunc(format, func(text string) string {
		return cmp.Or(variables[strings.TrimPrefix(text, "$context.")], "-")
	})
}
