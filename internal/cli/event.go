// SPDX-License-Identifier: MIT

package cli

import (
	"encoding/json"
	"io"
	"os"
	"strings"
)

// maxEvent is the largest event of a synchronous invocation, in bytes ("Lambda
// quotas").
const maxEvent = 6 << 20

// event returns the JSON of an event given as JSON, as @FILE, or as - for
// standard input. Without any it is an empty object.
func (s *session) event(data *string) ([]byte, error) {
	if data == nil {
		return []byte("{}"), nil
	}
	return s.readEvent(*data)
}

func (s *session) readEvent(data string) ([]byte, error) {
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
