// SPDX-License-Identifier: MIT

package lambda_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// A function with JSON logs learns format and level from its environment, and
// the log has events in place of START, END and REPORT.
func TestJSONLogs(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) {
		in.LoggingConfig = &types.LoggingConfig{
			LogFormat: types.LogFormatJson, ApplicationLogLevel: types.ApplicationLogLevelWarn, SystemLogLevel: types.SystemLogLevelDebug,
		}
	})
	var environ []string
	if err := json.Unmarshal(w.invoke(t, "hello", `{"do":"environment"}`).Payload, &environ); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=WARN", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand"} {
		if !slices.Contains(environ, want) {
			t.Errorf("no %s in %q", want, environ)
		}
	}
	print := func(line string) string {
		payload, err := json.Marshal(map[string]string{"do": "print", "text": line})
		if err != nil {
			t.Fatal(err)
		}
		return logOf(t, w.invoke(t, "hello", string(payload)))
	}
	for line, kept := range map[string]bool{
		`{"timestamp":"2026-11-23T10:00:00.000Z","level":"INFO","message":"m1"}`:  false,
		`{"timestamp":"2026-11-23T10:00:00.000Z","level":"ERROR","message":"m2"}`: true,
		`{"timestamp":"2026-11-23T10:00:00Z","level":"warn","message":"m3"}`:      true,
		`{"level":"ERROR","message":"m4"}`:                                        false, // no timestamp: INFO
		"plain text":                                                              false,
	} {
		log := print(line)
		if strings.Contains(log, line) != kept {
			t.Errorf("line %s: kept is %v, want %v, in\n%s", line, !kept, kept, log)
		}
		var kinds []string
		for entry := range strings.Lines(log) {
			var event struct{ Type string }
			if err := json.Unmarshal([]byte(entry), &event); err != nil {
				t.Errorf("line %q: %v", entry, err)
			}
			if event.Type != "" {
				kinds = append(kinds, event.Type)
			}
		}
		if want := []string{"platform.start", "platform.runtimeDone", "platform.report"}; !slices.Equal(kinds, want) {
			t.Errorf("events %v, want %v", kinds, want)
		}
	}
	_, err := w.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("hello"), LoggingConfig: &types.LoggingConfig{LogFormat: types.LogFormatText, SystemLogLevel: types.SystemLogLevelWarn},
	})
	wantError(t, err, "InvalidParameterValueException", "JSON")
}

// The log of an init phase that fails goes with the event that meets it.
func TestLogOfFailedInit(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) {
		in.Environment = &types.Environment{Variables: map[string]string{"INIT": "exit"}}
	})
	log := logOf(t, w.invoke(t, "hello", `{}`))
	for _, want := range []string{"INIT_START", "giving up", "INIT_REPORT Init Duration: ", "Status: error\tError Type: Runtime.ExitError\nSTART"} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in\n%s", want, log)
		}
	}
}
