// SPDX-License-Identifier: MIT

// Recorder is a function that appends each event it gets, as one line, to the
// file that RECORD names, and the trace header of each, if it has a lineage, to
// that file's neighbour with the ending .trace. It fails if the event contains
// the text "fail".
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
	record := os.Getenv("RECORD")
	if trace := os.Getenv("_X_AMZN_TRACE_ID"); strings.Contains(trace, "Lineage=") {
		if err := add(record+".trace", []byte(trace)); err != nil {
			return "", err
		}
	}
	if err := add(record, line.Bytes()); err != nil {
		return "", err
	}
	if bytes.Contains(event, []byte("fail")) {
		return "", errors.New("told to fail")
	}
	return "recorded", nil
}

// add appends a line to a file.
func add(file string, line []byte) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

func main() { lambda.Start(handle) }
