// SPDX-License-Identifier: MIT

package dynamodb

import (
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// definition is what was said of a table. It does not change: an update stores
// another one.
type definition struct {
	ID                 string // UUID
	Scope              arn.Scope
	Name               string
	Created            time.Time
	KeySchema          []keyElement
	Attributes         []attributeDefinition
	OnDemand           bool       `json:",omitempty"`
	OnDemandSince      time.Time  `json:",omitzero"`
	Throughput         throughput `json:",omitzero"`
	Globals            []indexDefinition
	Locals             []indexDefinition
	StreamLabel        string `json:",omitempty"` // of the last stream
	StreamView         string `json:",omitempty"` // "": there is no stream now
	TTL                string `json:",omitempty"` // the attribute; "": there is none
	Encrypted          bool   `json:",omitempty"` // by a key of KMS
	Key                string `json:",omitempty"` // ARN of that key
	Protected          bool   `json:",omitempty"`
	Class              string `json:",omitempty"`
	Recovery           bool   `json:",omitempty"` // point in time
	RecoveryDays       int    `json:",omitempty"`
	RecoverySince      time.Time
	Tags               map[string]string `json:",omitempty"`
	Increased, Reduced time.Time         // the throughput
}

type keyElement struct{ AttributeName, KeyType string }

type attributeDefinition struct{ AttributeName, AttributeType string }

type throughput struct {
	Read  int64 `json:"ReadCapacityUnits"`
	Write int64 `json:"WriteCapacityUnits"`
}

// indexDefinition is what was said of an index.
type indexDefinition struct {
	Name       string
	KeySchema  []keyElement
	Projection projection
	Throughput throughput `json:",omitzero"`
}

type projection struct {
	ProjectionType   string   `json:",omitempty"`
	NonKeyAttributes []string `json:",omitempty"`
}

func (d *definition) arn() string { return d.Scope.Regional("dynamodb", "table/"+d.Name) }

func (d *definition) streamARN() string { return d.arn() + "/stream/" + d.StreamLabel }

// typeOf returns the type of a key attribute.
func (d *definition) typeOf(name string) attribute.Type {
	i := slices.IndexFunc(d.Attributes, func(a attributeDefinition) bool { return a.AttributeName == name })
	if i < 0 {
		return ""
	}
	return attribute.Type(d.Attributes[i].AttributeType)
}

// indexes returns the definitions of all indexes.
func (d *definition) indexes() []indexDefinition { return slices.Concat(d.Locals, d.Globals) }

// index returns the definition of an index, whether it is a local one, and
// whether there is one.
func (d *definition) index(name string) (x indexDefinition, local, ok bool) {
	named := func(x indexDefinition) bool { return x.Name == name }
	if i := slices.IndexFunc(d.Locals, named); i >= 0 {
		return d.Locals[i], true, true
	}
	if i := slices.IndexFunc(d.Globals, named); i >= 0 {
		return d.Globals[i], false, true
	}
	return indexDefinition{}, false, false
}

// names returns the names of key attributes, the partition key first.
func names(schema []keyElement) []string {
	out := make([]string, len(schema))
	for i, e := range schema {
		out[i] = e.AttributeName
	}
	return out
}

// keyOfItem returns the key attributes of an item.
func (d *definition) keyOfItem(item attribute.Item) attribute.Item {
	key := attribute.Item{}
	for _, name := range names(d.KeySchema) {
		key[name] = item[name]
	}
	return key
}

// projected returns the names of the attributes that an index has; all says
// that it has all of them.
func (d *definition) projected(x indexDefinition) (attributes []string, all bool) {
	if x.Projection.ProjectionType == "ALL" {
		return nil, true
	}
	attributes = slices.Concat(names(x.KeySchema), names(d.KeySchema), x.Projection.NonKeyAttributes)
	return attributes, false
}

// project returns an item as an index has it.
func (d *definition) project(x indexDefinition, item attribute.Item) attribute.Item {
	attributes, all := d.projected(x)
	if all {
		return item
	}
	out := make(attribute.Item, len(attributes))
	for _, name := range attributes {
		if v := item[name]; v != nil {
			out[name] = v
		}
	}
	return out
}
