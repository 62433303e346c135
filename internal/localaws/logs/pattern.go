// SPDX-License-Identifier: MIT

package logs

import (
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/logpattern"
)

// parsePattern reads a filter pattern, with AWS's words for what is none.
func parsePattern(text string) (logpattern.Pattern, error) {
	if utf8.RuneCountInString(text) > logpattern.MaxLength {
		return nil, invalid("1 validation error detected: Value at 'filterPattern' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", logpattern.MaxLength)
	}
	p, err := logpattern.Parse(text)
	if err != nil {
		return nil, invalid("Invalid filter pattern: %v", err)
	}
	return p, nil
}
