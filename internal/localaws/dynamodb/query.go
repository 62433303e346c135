// SPDX-License-Identifier: MIT

package dynamodb

import (
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
)

type queryInput struct {
	pageInput
	KeyConditionExpression *string
	ScanIndexForward       *bool
}

func (s *Service) query(c call, in queryInput) (out pageOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	if in.Limit != nil && *in.Limit < 1 { // in other words than those of Scan
		return out, invalid("1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1")
	}
	if err := in.checkUse(parameter{"ProjectionExpression", in.ProjectionExpression}, parameter{"FilterExpression", in.FilterExpression},
		parameter{"KeyConditionExpression", in.KeyConditionExpression}); err != nil {
		return out, err
	}
	if in.KeyConditionExpression == nil {
		return out, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	scope, err := in.scope()
	if err != nil {
		return out, err
	}
	keys, err := scope.KeyConditions(*in.KeyConditionExpression)
	if err != nil {
		return out, err
	}
	filter, projection, err := in.expressions(scope)
	if err != nil {
		return out, err
	}
	if err := in.checkSelect(); err != nil {
		return out, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	src, err := s.source(c, in.pageInput)
	if err != nil {
		return out, err
	}
	sp, err := src.between(keys)
	if err != nil {
		return out, err
	}
	if err := src.read(in.pageInput, filter, projection); err != nil {
		return out, err
	}
	if err := src.checkFilter(filter); err != nil {
		return out, err
	}
	sp.reverse = in.ScanIndexForward != nil && !*in.ScanIndexForward
	if sp.after, _, err = src.startKey(in.ExclusiveStartKey); err != nil {
		return out, err
	}
	if sp.after != "" && (sp.after < sp.from || sp.after >= sp.to) {
		return out, invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	return src.page(in.pageInput, sp), nil
}

// checkFilter refuses filters on what the key condition is for.
func (src *source) checkFilter(filter *expression.Condition) error {
	for _, path := range filter.Paths() {
		if slices.Contains(names(src.schema), path[0].Name) {
			return invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", path[0].Name)
		}
	}
	return nil
}

// between returns the places of the items that conditions on the key select.
func (src *source) between(keys map[string]expression.KeyCondition) (sp span, err error) {
	schema := names(src.schema)
	if len(keys) > 2 {
		return sp, invalid("Conditions can be of length 1 or 2 only")
	}
	if len(schema) == 1 && len(keys) > 1 {
		return sp, invalid("Query key condition not supported")
	}
	for i, name := range schema {
		condition, there := keys[name]
		if !there {
			if i == 0 || len(keys) > 1 {
				return sp, invalid("Query condition missed key schema element: %s", name)
			}
			continue
		}
		if err := src.checkKey(name, condition, i == 0); err != nil {
			return sp, err
		}
	}
	partition := appendPartition(nil, keys[schema[0]].Values[0])
	sp.from, sp.to = string(partition), attribute.Successor(partition)
	if len(keys) == 2 {
		sp.from, sp.to = narrow(sp, keys[schema[1]])
	}
	return sp, nil
}

func (src *source) checkKey(name string, condition expression.KeyCondition, partition bool) error {
	for _, v := range condition.Values {
		if v.Type() != src.table.typeOf(name) {
			return invalidParameter("Condition parameter type does not match schema type")
		}
		prefix := condition.Operator == "begins_with"
		if attribute.Size(v) == 0 && !prefix || partition && attribute.Size(v) > maxPartitionKey {
			return checkKeyValue(name, v, partition)
		}
	}
	if partition && condition.Operator != "=" {
		return invalid("Query key condition not supported")
	}
	return nil
}

// narrow narrows a partition to what a condition on the sort key selects.
func narrow(partition span, condition expression.KeyCondition) (from, to string) {
	at := func(v attribute.Value) []byte { return attribute.AppendKey([]byte(partition.from), v) }
	first := at(condition.Values[0])
	switch condition.Operator {
	case "=":
		return string(first), attribute.Successor(first)
	case "<":
		return partition.from, string(first)
	case "<=":
		return partition.from, attribute.Successor(first)
	case ">":
		return attribute.Successor(first), partition.to
	case ">=":
		return string(first), partition.to
	case "BETWEEN":
		return string(first), attribute.Successor(at(condition.Values[1]))
	}
	prefix := attribute.AppendPrefix([]byte(partition.from), condition.Values[0])
	if len(prefix) == len(partition.from) { // all texts begin with the empty one
		return partition.from, partition.to
	}
	return string(prefix), attribute.Successor(prefix)
}
