// SPDX-License-Identifier: MIT

package dynamodb

import (
	"slices"
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
	return indexDescription{
		IndexName: x.Name, KeySchema: x.KeySchema, Projection: x.Projection, IndexSizeBytes: t.indexes[x.Name].size, ItemCount: t.indexes[x.Name].Len(),
		IndexArn: t.arn() + "/index/" + x.Name,
	}
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
