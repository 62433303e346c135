// SPDX-License-Identifier: MIT

package dynamodb

import (
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
)

type readWanted struct {
	wanted
	ConsistentRead           bool
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]string
}

// projection reads what a caller wants of an item.
func (in readWanted) projection() (*expression.Projection, error) {
	names := substitutes{ExpressionAttributeNames: in.ExpressionAttributeNames}
	if err := names.checkUse(parameter{"ProjectionExpression", in.ProjectionExpression}); err != nil {
		return nil, err
	}
	scope, err := names.scope()
	if err != nil || in.ProjectionExpression == nil {
		return nil, err
	}
	p, err := scope.Projection(*in.ProjectionExpression)
	if err != nil {
		return nil, err
	}
	return p, scope.Unused()
}

type getInput struct {
	readWanted
	TableName *string
	Key       rawItem
}

type getOutput struct {
	Item             *attribute.Item `json:",omitempty"` // nil: there is none
	ConsumedCapacity *capacityOutput `json:",omitempty"`
}

func (s *Service) getItem(c call, in getInput) (out getOutput, err error) {
	if err := checkTable(in.TableName); err != nil {
		return out, err
	}
	var faults constraints
	faults.present(in.Key != nil, "key")
	faults.wanted(in.wanted)
	if err := faults.err(); err != nil {
		return out, err
	}
	key, err := attribute.DecodeItem(in.Key)
	if err != nil {
		return out, err
	}
	p, err := in.projection()
	if err != nil {
		return out, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, err := s.find(c.scope, *in.TableName, true)
	if err != nil {
		return out, err
	}
	item, err := t.read(key, p)
	if err != nil {
		return out, err
	}
	used := consumed{table: readUnits(item.Size(), in.ConsistentRead)}
	return getOutput{found(item, p), used.output(*in.TableName, in.wanted, plain)}, nil
}

// found returns what a caller wants of an item, or nil if there is none.
func found(item attribute.Item, p *expression.Projection) *attribute.Item {
	if item == nil {
		return nil
	}
	return new(p.Of(item))
}

// read returns the item with a key, or nil, after the checks of the request.
func (t *table) read(key attribute.Item, p *expression.Projection) (attribute.Item, error) {
	if err := t.checkKey(key); err != nil {
		return nil, err
	}
	if err := t.checkPaths(p.Paths()); err != nil {
		return nil, err
	}
	return t.get(key), nil
}
