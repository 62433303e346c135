// SPDX-License-Identifier: MIT

package ui

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
)

// logWriter shows zerolog's events, which are JSON objects, as lines for people:
//
//	upload: uploaded object key=sparta/1a2b bytes=5832830
type logWriter struct{ ui *UI }

// Write shows an event without a level.
func (w *logWriter) Write(event []byte) (int, error) {
	return w.WriteLevel(zerolog.NoLevel, event)
}

// WriteLevel shows an event.
func (w *logWriter) WriteLevel(level zerolog.Level, event []byte) (int, error) {
	text := logLine(event)
	u := w.ui
	if level >= zerolog.WarnLevel && level != zerolog.NoLevel {
		u.remember(text)
		if !u.quiet() {
			u.screen.print(u.screen.yellow(u.screen.wrap("  warning: ", text, "    ")))
		}
		return len(event), nil
	}
	if !u.quiet() || u.debug {
		u.screen.print(u.screen.dim(u.screen.wrap("  ", text, "    ")))
	}
	return len(event), nil
}

// logLine returns an event as "stage: message field=value ...", fields in their
// order. What is no JSON object stays as it is.
func logLine(event []byte) string {
	event = bytes.TrimSpace(event)
	if !json.Valid(event) || event[0] != '{' {
		return string(event)
	}
	decoder := json.NewDecoder(bytes.NewReader(event))
	decoder.Token() // the brace; the JSON is valid, so nothing here can fail
	var stage, message string
	var fields strings.Builder
	for decoder.More() {
		key, _ := decoder.Token()
		var value json.RawMessage
		decoder.Decode(&value)
		switch key {
		case zerolog.LevelFieldName:
		case "stage":
			stage = plainValue(value) + ": "
		case zerolog.MessageFieldName:
			message = plainValue(value)
		default:
			fields.WriteString(" " + key.(string) + "=" + quotedValue(value))
		}
	}
	return stage + strings.TrimSpace(message+fields.String())
}

// plainValue returns a JSON string without its quotes, and any other value as
// it is.
func plainValue(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// quotedValue is plainValue for a field, quoted where its end would not be seen.
func quotedValue(value json.RawMessage) string {
	text := plainValue(value)
	if value[0] != '"' {
		return text
	}
	if text == "" || strings.ContainsAny(text, " \t\n\"=") {
		return strconv.Quote(text)
	}
	return text
}
