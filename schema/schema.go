// SPDX-License-Identifier: MIT

// Package schema holds the definition of sparta.yaml: one JSON Schema that
// editors complete and check with, and that the reader of the file obeys.
package schema

import _ "embed"

// JSON is the JSON Schema (draft-07) of sparta.yaml. It is closed: a key that it
// does not name is refused. Besides the keywords of the draft it uses
// patternErrorMessage, which editors show when a pattern does not match, and
// x-unit, the unit of a number. Callers must not change it.
//
//go:embed service.schema.json
var JSON []byte
