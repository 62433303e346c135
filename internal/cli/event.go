// SPDX-License-Identifier: MIT

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxEvent is the largest event of a synchronous invocation, in bytes ("Lambda
// quotas").
const maxEvent = 6 << 20

// event returns the JSON of an event given as JSON, as @FILE, or as - for
// standard input.
func (s *session) event(data string) ([]byte, error) {
	payload, source := []byte(data), "--data"
	var err error
	switch {
	case data == "-":
		source = "standard input"
		payload, err = io.ReadAll(io.LimitReader(s.process.Stdin, maxEvent+1))
	case strings.HasPrefix(data, "@"):
		source = data[1:]
		payload, err = os.ReadFile(source)
	}
	if err != nil {
		return nil, usageError("read the event: %v", err)
	}
	if len(payload) > maxEvent {
		return nil, usageError("the event in %s has more than the %d bytes that Lambda takes", source, maxEvent)
	}
	var syntax any
	if err := json.Unmarshal(payload, &syntax); err != nil {
		return nil, usageError("the event in %s is no JSON: %v", source, err)
	}
	return payload, nil
}

// usage is an error of the command line.
type usage struct{ text string }

func (u *usage) Error() string { return u.text }

// Hint says where to read on.
func (u *usage) Hint() string { return "sparta --help" }

func usageError(format string, args ...any) error {
	return &usage{fmt.Sprintf(format, args...)}
}
