// SPDX-License-Identifier: MIT

package dynamodb

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// fault is an error that says more than its message.
type fault struct {
	cause *wire.Error
	more  map[string]any // further members of the answer
}

func (f *fault) Error() string { return f.cause.Error() }

func (f *fault) Unwrap() error { return f.cause }

func invalid(format string, args ...any) error { return attribute.Invalid(format, args...) }

// invalidParameter is the error for many faults in the values of parameters.
func invalidParameter(format string, args ...any) error {
	return invalid("One or more parameter values were invalid: "+format, args...)
}

func notFound(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "ResourceNotFoundException", format, args...)
}

func inUse(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "ResourceInUseException", format, args...)
}

func limitExceeded(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "LimitExceededException", format, args...)
}

// unmodelled refuses what DynamoDB has and the embedded AWS has not.
func unmodelled(what string) error {
	return invalid("the embedded AWS does not model %s", what)
}

// constraints collects what is wrong with the members of a request, which is
// said at once.
type constraints struct{ faults []string }

func (c *constraints) fail(shown, member, text string) {
	c.faults = append(c.faults, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", shown, member, text))
}

func (c *constraints) err() error {
	if len(c.faults) == 0 {
		return nil
	}
	faults := c.faults[:min(len(c.faults), 10)]
	plural := ""
	if len(faults) > 1 {
		plural = "s"
	}
	return invalid("%d validation error%s detected: %s", len(faults), plural, strings.Join(faults, "; "))
}

// present notes a member that is missing.
func (c *constraints) present(there bool, member string) {
	if !there {
		c.fail("null", member, "Member must not be null")
	}
}

// enum notes a value that is none of those allowed; "" was not said.
func (c *constraints) enum(value, member string, allowed ...string) {
	if slices.Contains(append(allowed, ""), value) {
		return
	}
	c.fail(quote(value), member, "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
}

// length notes a text or list that is too short or too long.
func (c *constraints) length(shown string, n int, member string, least, most int) {
	switch {
	case n < least:
		c.fail(shown, member, fmt.Sprintf("Member must have length greater than or equal to %d", least))
	case n > most:
		c.fail(shown, member, fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
}

// atLeast notes a number that is too small; nil was not said.
func (c *constraints) atLeast(n *int64, member string, least int64) {
	if n != nil && *n < least {
		c.fail(fmt.Sprintf("'%d'", *n), member, fmt.Sprintf("Member must have value greater than or equal to %d", least))
	}
}

// atMost notes a number that is too large; nil was not said.
func (c *constraints) atMost(n *int64, member string, most int64) {
	if n != nil && *n > most {
		c.fail(fmt.Sprintf("'%d'", *n), member, fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
}

// table notes what is wrong with the name of a table, or its ARN.
func (c *constraints) table(name *string) {
	switch {
	case name == nil:
		c.present(false, "tableName")
	case *name == "":
		c.length("''", 0, "tableName", 1, 1024)
	case strings.HasPrefix(*name, "arn:"):
	default:
		if !namePattern.MatchString(*name) {
			c.fail(quote(*name), "tableName", namePatternText)
		}
		c.length(quote(*name), len(*name), "tableName", 3, 255)
	}
}

func quote(text string) string { return "'" + text + "'" }
