// SPDX-License-Identifier: MIT

package dynamodb

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// rawItem is attributes as a request has them; they are checked later than the
// parameters around them.
type rawItem map[string]json.RawMessage

// substitutes are the names and values that expressions refer to.
type substitutes struct {
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues map[string]json.RawMessage
}

// parameter is an expression of a request; nil was not given.
type parameter struct {
	name string
	text *string
}

// checkUse refuses names and values without an expression that could use them.
func (in substitutes) checkUse(parameters ...parameter) error {
	given := func(p parameter) bool { return p.text != nil }
	if in.ExpressionAttributeNames != nil && !slices.ContainsFunc(parameters, given) {
		return invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	valued := slices.DeleteFunc(slices.Clone(parameters), func(p parameter) bool { return p.name == "ProjectionExpression" })
	if in.ExpressionAttributeValues == nil || slices.ContainsFunc(valued, given) {
		return nil
	}
	var missing []string
	for _, p := range valued {
		missing = append(missing, p.name)
	}
	verb := "is"
	if len(missing) > 1 {
		verb = "are"
	}
	return invalid("ExpressionAttributeValues can only be specified when using expressions: %s %s null", strings.Join(missing, " and "), verb)
}

// scope reads the names and values.
func (in substitutes) scope() (*expression.Scope, error) {
	var values map[string]attribute.Value
	if in.ExpressionAttributeValues != nil {
		values = map[string]attribute.Value{}
	}
	for _, name := range slices.Sorted(maps.Keys(in.ExpressionAttributeValues)) {
		v, err := attribute.Decode(in.ExpressionAttributeValues[name])
		if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "ValidationException" {
			return nil, invalid("ExpressionAttributeValues contains invalid value: %s for key %s", e.Message, name)
		}
		if err != nil {
			return nil, err
		}
		values[name] = v
	}
	return expression.NewScope(in.ExpressionAttributeNames, values)
}

// wanted is what a caller wants to be told.
type wanted struct {
	ReturnConsumedCapacity string
}

func (c *constraints) wanted(w wanted) {
	c.enum(w.ReturnConsumedCapacity, "returnConsumedCapacity", "INDEXES", "TOTAL", "NONE")
}

// checkPath refuses to look into a key attribute, which is a scalar.
func (d *definition) checkPaths(paths []expression.Path) error {
	for _, p := range paths {
		if len(p) < 2 {
			continue
		}
		if slices.Contains(names(d.KeySchema), p[0].Name) {
			return invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: %s", p[0].Name)
		}
		for _, x := range d.indexes() {
			if slices.Contains(names(x.KeySchema), p[0].Name) {
				return invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: %s", p[0].Name)
			}
		}
	}
	return nil
}
