// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

// maxTail is how much of an invocation's log X-Amz-Log-Result shows, in bytes
// (Invoke, API reference).
const maxTail = 4096

// journal writes the log stream of one environment: the function's own lines
// and Lambda's, in the format that the function is set to.
type journal struct {
	sink     LogSink
	scope    arn.Scope
	function string
	stream   string
	settings *settings
	now      func() time.Time
	log      zerolog.Logger // for lines that could not be kept
	may      logs.Permission
	notice   func(text string) // tells the user that the role may not log
	silenced bool              // it was told; guarded by mu

	initialization string // onDemandType or provisionedType

	mu    sync.Mutex
	tail  []byte   // the end of what was logged since begin
	told  bool     // the tail is of an init phase that failed, and goes with the next invocation
	cause []string // functions whose log events led to the invocation
}

// journal returns the journal of an environment of a function.
func (s *Service) journal(scope arn.Scope, function, stream string, v *settings) *journal {
	return &journal{
		sink: s.deps.Logs, scope: scope, stream: stream, settings: v, now: s.env.Now, log: s.env.Log, function: function,
		may: func(action, resource string) error {
			return s.authorize(context.Background(), v.Role, function, action, resource)
		},
		notice: func(text string) {
			if _, told := s.muted.LoadOrStore(v.Role+" "+function, true); !told {
				s.notice(text)
			}
		},
	}
}

// write logs one event and keeps it for the tail.
func (j *journal) write(message string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tail = append(append(j.tail, message...), '\n')
	if extra := len(j.tail) - maxTail; extra > 0 {
		j.tail = append(j.tail[:0], j.tail[extra:]...)
	}
	event := logs.Event{Time: j.now(), Message: message + "\n", Cause: j.cause}
	err := j.sink.AppendAs(j.scope, j.settings.Logging.Group, j.stream, []logs.Event{event}, j.may)
	switch {
	case access.IsDenial(err):
		j.silence(err)
	case err != nil:
		j.log.Warn().Err(err).Str("function", j.function).Msg("lost a log line")
	}
}

// silence tells once that the function's role does not let Lambda log; j.mu is
// held. On AWS the log is missing, and nothing tells why. A group that is gone
// with its stack is not worth a word.
func (j *journal) silence(err error) {
	denial, _ := errors.AsType[*access.Denial](err)
	if j.silenced || denial.Action == "logs:CreateLogGroup" && !strings.HasPrefix(j.settings.Logging.Group, "/aws/lambda/") {
		return
	}
	j.silenced = true
	j.notice(fmt.Sprintf("function %s has no log: %v", j.function, err))
}

// line logs one line of the function's stdout or stderr. In JSON format lines
// below the application log level are left out.
func (j *journal) line(line []byte) {
	if j.settings.Logging.Format == "JSON" && !j.passes(line) {
		return
	}
	j.write(string(line))
}

// logLevels are the application log levels, lowest first.
func logLevels() []string { return []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"} }

// passes reports whether a line is at or above the application log level. A
// line that is not a JSON object with a level and an RFC 3339 timestamp has none
// and counts as INFO ("Log level filtering", Lambda Developer Guide).
func (j *journal) passes(line []byte) bool {
	level := "INFO"
	var entry struct{ Level, Timestamp string }
	if json.Unmarshal(line, &entry) == nil {
		_, err := time.Parse(time.RFC3339, entry.Timestamp)
		if given := strings.ToUpper(entry.Level); err == nil && slices.Contains(logLevels(), given) {
			level = given
		}
	}
	return slices.Index(logLevels(), level) >= slices.Index(logLevels(), j.settings.Logging.Application)
}

// begin empties the tail and logs the start of an invocation.
func (j *journal) begin(requestID string, cause []string) {
	j.mu.Lock()
	if !j.told {
		j.tail = j.tail[:0]
	}
	j.told, j.cause = false, cause
	j.mu.Unlock()
	j.system("INFO", "START RequestId: "+requestID+" Version: "+j.settings.Version,
		"platform.start", map[string]any{"requestId": requestID, "version": j.settings.Version})
}

// end logs the end of an invocation and returns the tail of its log.
func (j *journal) end(requestID string, out sandbox.Outcome) []byte {
	if line := failureLine(requestID, out); line != "" {
		j.write(line)
	}
	j.runtimeDone(requestID, out)
	status, level := statusOf(out), "INFO"
	if j.initialization == provisionedType {
		out.Init = 0 // long before the event, and not part of what it costs
	}
	billed := int(math.Ceil(milliseconds(out.Duration + out.Init)))
	text := fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\tMax Memory Used: %d MB\t",
		requestID, milliseconds(out.Duration), billed, j.settings.MemoryMB, out.MaxMemoryMB)
	metrics := map[string]any{
		"durationMs": round(milliseconds(out.Duration)), "billedDurationMs": billed,
		"memorySizeMB": j.settings.MemoryMB, "maxMemoryUsedMB": out.MaxMemoryMB,
	}
	if out.Init > 0 {
		text += fmt.Sprintf("Init Duration: %.2f ms\t", milliseconds(out.Init))
		metrics["initDurationMs"] = round(milliseconds(out.Init))
	}
	record := map[string]any{"requestId": requestID, "metrics": metrics, "status": status}
	if status != "success" {
		level = "WARN"
		text += "Status: " + status + "\t"
		if status != "timeout" {
			text += "Error Type: " + out.ErrorType + "\t"
			record["errorType"] = out.ErrorType
		}
	}
	j.system(level, text, "platform.report", record)
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.tail)
}

// system logs a line of Lambda itself: text, which may be empty for none, or in
// JSON format an event of that type, if its level is one that the function asks
// for.
func (j *journal) system(level, text, kind string, record map[string]any) {
	if j.settings.Logging.Format != "JSON" {
		if text != "" {
			j.write(text)
		}
		return
	}
	levels := logLevels()
	if slices.Index(levels, level) < slices.Index(levels, j.settings.Logging.System) {
		return
	}
	line, err := json.Marshal(map[string]any{
		"time": j.now().UTC().Format("2006-01-02T15:04:05.000Z"), "type": kind, "record": record,
	})
	if err == nil { // never fails: plain values
		j.write(string(line))
	}
}

// statusOf returns what REPORT calls the end of an invocation. An error that
// the handler returned is none to Lambda.
func statusOf(out sandbox.Outcome) string {
	switch {
	case out.ErrorType == "Sandbox.Timedout":
		return "timeout"
	case strings.HasPrefix(out.ErrorType, "Runtime.") && out.FunctionError != "":
		return "error"
	}
	return "success"
}

// failureLine returns the line that Lambda logs when an environment failed.
func failureLine(requestID string, out sandbox.Outcome) string {
	if statusOf(out) == "success" {
		return ""
	}
	var failure struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal(out.Payload, &failure) != nil || failure.ErrorMessage == "" {
		return ""
	}
	if statusOf(out) == "timeout" || strings.HasPrefix(failure.ErrorMessage, "RequestId: ") {
		return failure.ErrorMessage
	}
	return "RequestId: " + requestID + " Error: " + failure.ErrorMessage
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func round(ms float64) float64 { return math.Round(ms*1000) / 1000 }
