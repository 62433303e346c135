// SPDX-License-Identifier: MIT

package dynamodb

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// description is how the API shows a table.
type description struct {
	AttributeDefinitions      []attributeDefinition
	TableName                 string
	KeySchema                 []keyElement
	TableStatus               string
	CreationDateTime          float64
	ProvisionedThroughput     shownThroughput
	TableSizeBytes            int64
	ItemCount                 int
	TableArn                  string
	TableID                   string             `json:"TableId"`
	BillingModeSummary        *billing           `json:",omitempty"`
	GlobalSecondaryIndexes    []indexDescription `json:",omitempty"`
	LocalSecondaryIndexes     []indexDescription `json:",omitempty"`
	StreamSpecification       *shownStream       `json:",omitempty"`
	LatestStreamLabel         string             `json:",omitempty"`
	LatestStreamArn           string             `json:",omitempty"`
	SSEDescription            *encryption        `json:",omitempty"`
	TableClassSummary         *class             `json:",omitempty"`
	DeletionProtectionEnabled bool
}

type shownThroughput struct {
	throughput
	LastIncreaseDateTime   float64 `json:",omitempty"`
	LastDecreaseDateTime   float64 `json:",omitempty"`
	NumberOfDecreasesToday int
}

type billing struct {
	BillingMode                       string
	LastUpdateToPayPerRequestDateTime float64 `json:",omitempty"`
}

type indexDescription struct {
	IndexName             string
	KeySchema             []keyElement
	Projection            projection
	IndexStatus           string           `json:",omitempty"` // of global indexes
	ProvisionedThroughput *shownThroughput `json:",omitempty"` // likewise
	IndexSizeBytes        int64
	ItemCount             int
	IndexArn              string
}

type shownStream struct {
	StreamEnabled  bool
	StreamViewType string
}

type encryption struct{ Status, SSEType, KMSMasterKeyArn string }

type class struct{ TableClass string }

// seconds writes a time as JSON protocols do.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// describe shows a table; s.mu is held.
func (s *Service) describe(t *table) description {
	d := description{
		AttributeDefinitions: t.Attributes, TableName: t.Name, KeySchema: t.KeySchema, TableStatus: "ACTIVE", CreationDateTime: seconds(t.Created),
		ProvisionedThroughput: shownThroughput{throughput: t.Throughput, LastIncreaseDateTime: seconds(t.Increased), LastDecreaseDateTime: seconds(t.Reduced)},
		TableSizeBytes:        t.size, ItemCount: t.items.Len(), TableArn: t.arn(), TableID: t.ID, DeletionProtectionEnabled: t.Protected,
	}
	if t.OnDemand || !t.OnDemandSince.IsZero() {
		d.BillingModeSummary = &billing{"PROVISIONED", seconds(t.OnDemandSince)}
		if t.OnDemand {
			d.BillingModeSummary.BillingMode = onDemandMode
		}
	}
	for _, x := range t.Globals {
		shown := t.describeIndex(x)
		shown.IndexStatus, shown.ProvisionedThroughput = "ACTIVE", &shownThroughput{throughput: x.Throughput}
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, shown)
	}
	for _, x := range t.Locals {
		d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, t.describeIndex(x))
	}
	if t.StreamLabel != "" {
		d.LatestStreamLabel, d.LatestStreamArn = t.StreamLabel, t.streamARN()
	}
	if t.StreamView != "" {
		d.StreamSpecification = &shownStream{true, t.StreamView}
	}
	if t.Encrypted {
		d.SSEDescription = &encryption{"ENABLED", "KMS", t.Key}
	}
	if t.Class != "" {
		d.TableClassSummary = &class{t.Class}
	}
	return d
}

func (t *table) describeIndex(x indexDefinition) indexDescription {
	d := indexDescription{IndexName: x.Name, KeySchema: x.KeySchema, Projection: x.Projection, ItemCount: t.indexes[x.Name].Len(), IndexArn: t.arn() + "/index/" + x.Name}
	for _, item := range t.indexes[x.Name].Values() {
		d.IndexSizeBytes += int64(t.project(x, item).Size())
	}
	return d
}

// inState returns a description of a table that is being changed.
func (d description) inState(state string) description {
	d.TableStatus = state
	if state == "CREATING" {
		d.GlobalSecondaryIndexes = slices.Clone(d.GlobalSecondaryIndexes)
		for i := range d.GlobalSecondaryIndexes {
			d.GlobalSecondaryIndexes[i].IndexStatus = state
		}
	}
	return d
}

type tableInput struct{ TableName string }

// check finds a name that is missing.
func (in tableInput) check() error {
	if in.TableName == "" {
		return invalid("The parameter 'TableName' is required but was not present in the request")
	}
	return checkTable(in.TableName)
}

// checkTable finds what is wrong with the name or ARN of a table.
func checkTable(name string) error {
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
