// SPDX-License-Identifier: MIT

package sandbox

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

const jsonType = "application/json"

// Error types that Lambda gives by itself.
const (
	timedOut  = "Sandbox.Timedout"
	exitError = "Runtime.ExitError"
)

// failure is the JSON description of a function's failure.
type failure struct {
	ErrorType    string `json:"errorType,omitempty"`
	ErrorMessage string `json:"errorMessage"`
}

// failed is the reply that Lambda itself gives for a function that failed.
func failed(errorType string, f failure) reply {
	payload, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings always marshal
	}
	return reply{payload: payload, contentType: jsonType, errorType: errorType}
}

// timeoutReply is what Lambda answers for a function that takes too long.
func timeoutReply(e *event) reply {
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	message := fmt.Sprintf("%s %s Task timed out after %.2f seconds", now, e.RequestID, e.timeout.Seconds())
	return failed(timedOut, failure{ErrorMessage: message})
}

// exitReply is what Lambda answers when the runtime ends without an answer.
func (p *process) exitReply(requestID string) reply {
	return runtimeReply(requestID, exitError, p.exit)
}

// runtimeReply is a failure of the runtime; the request id may be empty.
func runtimeReply(requestID, errorType, message string) reply {
	if requestID != "" {
		message = "RequestId: " + requestID + " Error: " + message
	}
	return failed(errorType, failure{ErrorType: errorType, ErrorMessage: message})
}

// sizeReply is what Lambda answers for a result that is too large.
func sizeReply() reply {
	const errorType = "Function.ResponseSizeTooLarge"
	return failed(errorType, failure{ErrorType: errorType, ErrorMessage: sizeMessage("Response payload size exceeded")})
}

func sizeMessage(what string) string {
	return fmt.Sprintf("%s maximum allowed payload size (%d bytes).", what, payloadLimit)
}

// errorTypes matches the error types that Lambda knows; others are counted as
// unknown.
var errorTypes = regexp.MustCompile(`^(Runtime|Function)\.[A-Z][A-Za-z]+$`)

// knownErrorType is the error type that Lambda makes of the one in the header
// Lambda-Runtime-Function-Error-Type.
func knownErrorType(header string) string {
	switch {
	case errorTypes.MatchString(header):
		return header
	case strings.HasPrefix(header, "Runtime."):
		return "Runtime.Unknown"
	}
	return "Function.Unknown"
}
