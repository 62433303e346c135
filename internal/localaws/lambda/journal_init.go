// SPDX-License-Identifier: MIT

package lambda

import (
	"fmt"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

// The initialization types: what AWS_LAMBDA_INITIALIZATION_TYPE and the events
// of the init phase say.
const (
	onDemandType    = "on-demand"
	provisionedType = "provisioned-concurrency"
)

// initStart logs that the environment is being made.
func (j *journal) initStart(version string) {
	j.system("INFO", fmt.Sprintf("INIT_START Runtime Version: %s\tRuntime Version ARN: %s", j.settings.Runtime, version),
		"platform.initStart", map[string]any{
			"initializationType": j.initialization, "phase": "init", "runtimeVersion": j.settings.Runtime, "runtimeVersionArn": version,
			"functionName": j.function, "functionVersion": j.settings.Version,
		})
}

// initDone logs how the init phase ended. Text format shows it only if it
// failed. The levels are those of "System log level event mapping" in the
// Lambda Developer Guide.
func (j *journal) initDone(init sandbox.Init) {
	status := initStatus(init.ErrorType)
	done := map[string]any{"initializationType": j.initialization, "phase": "init", "status": status}
	report := map[string]any{
		"initializationType": j.initialization, "phase": "init", "status": status,
		"metrics": map[string]any{"durationMs": round(milliseconds(init.Duration))},
	}
	text, doneLevel, reportLevel := "", "DEBUG", "DEBUG"
	if j.initialization != onDemandType {
		reportLevel = "INFO"
	}
	if status != "success" {
		doneLevel, reportLevel = "WARN", "WARN"
		text = fmt.Sprintf("INIT_REPORT Init Duration: %.2f ms\tPhase: init\tStatus: %s", milliseconds(init.Duration), status)
		if status == "error" {
			done["errorType"], report["errorType"] = init.ErrorType, init.ErrorType
			text += "\tError Type: " + init.ErrorType
		}
	}
	j.mu.Lock()
	j.told = status != "success"
	j.mu.Unlock()
	j.system(doneLevel, "", "platform.initRuntimeDone", done)
	j.system(reportLevel, text, "platform.initReport", report)
}

// runtimeDone logs that the function has answered an invocation, or failed to.
func (j *journal) runtimeDone(requestID string, out sandbox.Outcome) {
	record := map[string]any{
		"requestId": requestID, "status": statusOf(out),
		"metrics": map[string]any{"durationMs": round(milliseconds(out.Duration)), "producedBytes": len(out.Payload)},
	}
	level := "DEBUG"
	if statusOf(out) != "success" {
		level = "WARN"
	}
	if statusOf(out) == "error" {
		record["errorType"] = out.ErrorType
	}
	j.system(level, "END RequestId: "+requestID, "platform.runtimeDone", record)
}

func initStatus(errorType string) string {
	switch errorType {
	case "":
		return "success"
	case "Sandbox.Timedout":
		return "timeout"
	}
	return "error"
}
