// SPDX-License-Identifier: MIT

// Recorder is a function that appends each event it gets, as one line, to the
// file that RECORD names, and the trace header if it has a lineage, and fails if
// the event contains the text "fail".
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
)

func handle(event json.RawMessage) (string, error) {
	var line bytes.Buffer
	if err := json.Compact(&line, event); err != nil {
		return "", err
	}
	line.WriteByte('\n')
	if trace := os.Getenv("_X_AMZN_TRACE_ID"); strings.Contains(trace, "Lineage=") {
		line.WriteString("trace " + trace + "\n")
	}
	f, err := os.OpenFile(os.Getenv("RECORD"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(line.Bytes())
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	if bytes.Contains(event, []byte("fail")) {
		return "", errors.New("told to fail")
	}
	return "recorded", nil
}

func main() { lambda.Start(handle) }
