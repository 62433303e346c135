// SPDX-License-Identifier: MIT

package gateway

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
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

// WriteAccess appends one line to the log group whose ARN is given. format is
// what the stage says, such as $context.requestId; variables are by name
// without $context. Variables that are unknown or empty become "-".
func WriteAccess(sink LogSink, scope arn.Scope, destination, stream, format string, variables map[string]string, now time.Time) error {
	group, ok := LogGroup(destination)
	if !ok || format == "" {
		return nil
	}
	return sink.Append(scope, group, stream, []logs.Event{{Time: now, Message: Expand(format, variables)}})
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
