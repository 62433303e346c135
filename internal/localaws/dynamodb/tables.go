// SPDX-License-Identifier: MIT

package dynamodb

import (
	"maps"
	"slices"
	"strings"
)

type tableInput struct{ TableName string }

// check finds a name that is missing.
func (in tableInput) check() error {
	if in.TableName == "" {
		return invalid("The parameter 'TableName' is required but was not present in the request")
	}
	return checkTable(&in.TableName)
}

// checkTable finds what is wrong with the name or ARN of a table.
func checkTable(name *string) error {
	var c constraints
	c.table(name)
	return c.err()
}

type describeOutput struct{ Table description }

func (s *Service) describeTable(c call, in tableInput) (describeOutput, error) {
	if err := in.check(); err != nil {
		return describeOutput{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, err := s.find(c.scope, in.TableName, false)
	if err != nil {
		return describeOutput{}, err
	}
	return describeOutput{s.describe(t)}, nil
}

type listInput struct {
	ExclusiveStartTableName string
	Limit                   *int64
}

type listOutput struct {
	TableNames             []string
	LastEvaluatedTableName string `json:",omitempty"`
}

func (s *Service) listTables(c call, in listInput) (listOutput, error) {
	var faults constraints
	if in.ExclusiveStartTableName != "" {
		faults.checkName(in.ExclusiveStartTableName, "exclusiveStartTableName")
	}
	limit := int64(100)
	if in.Limit != nil {
		limit = *in.Limit
		faults.atLeast(in.Limit, "limit", 1)
		faults.atMost(in.Limit, "limit", 100)
	}
	if err := faults.err(); err != nil {
		return listOutput{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := listOutput{TableNames: []string{}}
	for _, key := range slices.SortedFunc(maps.Keys(s.tables), func(a, b tableKey) int { return strings.Compare(a.name, b.name) }) {
		if key.account != c.scope.Account || key.region != c.scope.Region || key.name <= in.ExclusiveStartTableName {
			continue
		}
		if int64(len(out.TableNames)) == limit {
			out.LastEvaluatedTableName = out.TableNames[limit-1]
			break
		}
		out.TableNames = append(out.TableNames, key.name)
	}
	return out, nil
}

func (s *Service) deleteTable(c call, in tableInput) (tableOutput, error) {
	if err := in.check(); err != nil {
		return tableOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(c.scope, in.TableName, false)
	if err != nil {
		return tableOutput{}, err
	}
	shown := s.describe(t).inState("DELETING")
	return tableOutput{shown}, s.drop(t)
}

// drop deletes a table with its items; s.mu is held. What its stream has stays
// readable for a day.
func (s *Service) drop(t *table) error {
	if t.Protected {
		return invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	return s.commit(record{Drop: t.ID, Stream: s.closed(t)})
}
