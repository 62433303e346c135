// SPDX-License-Identifier: MIT

// Package schema holds the definition of sparta.yaml: one JSON Schema that
// editors complete and check with, and that the reader of the file obeys.
package schema

import (
	"bytes"
	_ "embed"
	"slices"
)

// JSON is the JSON Schema (draft-07) of sparta.yaml. It is closed: a key that it
// does not name is refused. Besides the keywords of the draft it uses
// patternErrorMessage, which editors show when a pattern does not match, and
// x-unit, the unit of a number. Callers must not change it.
//
//go:embed service.schema.json
var JSON []byte

// WithoutOverlay returns JSON without the definition of overlays, which is the
// last one and most of the text, for programs that merge them first. What
// refers to it is still there.
func WithoutOverlay() []byte {
	text, _, ok := bytes.Cut(JSON, []byte(",\n    \"overlay\": "))
	if !ok {
		panic("service.schema.json: overlay is not its last definition")
	}
	return append(slices.Clip(text), "\n  }\n}\n"...)
}
