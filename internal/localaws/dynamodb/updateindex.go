// SPDX-License-Identifier: MIT

package dynamodb

import "slices"

// name returns the name of the index that is changed.
func (u indexUpdate) name() string {
	switch {
	case u.Create != nil:
		return u.Create.IndexName
	case u.Update != nil:
		return u.Update.IndexName
	case u.Delete != nil:
		return u.Delete.IndexName
	}
	return ""
}

// changeIndexes makes, changes and deletes global indexes.
func (d *definition) changeIndexes(in updateTableInput) error {
	d.Globals = slices.Clone(d.Globals)
	online := 0
	var seen []string
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if u.name() == "" {
			return invalidParameter("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null")
		}
		if slices.Contains(seen, u.name()) {
			return invalidParameter("Only one global secondary index update per index is allowed simultaneously. Index: %s", u.name())
		}
		seen = append(seen, u.name())
		if u.Update == nil {
			online++
		}
	}
	if online > 1 {
		return limitExceeded("Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
	}
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if err := d.changeIndex(in, u); err != nil {
			return err
		}
	}
	return d.pruneAttributes()
}

func (d *definition) changeIndex(in updateTableInput, u indexUpdate) error {
	i := slices.IndexFunc(d.Globals, func(x indexDefinition) bool { return x.Name == u.name() })
	switch {
	case u.Create != nil:
		return d.addIndex(in, *u.Create)
	case i < 0:
		return notFound("Requested resource not found: Index: %s not found", u.name())
	case u.Delete != nil:
		d.Globals = slices.Delete(d.Globals, i, i+1)
	case d.OnDemand:
		return checkIndexBilling(true, indexInput{IndexName: u.name(), ProvisionedThroughput: u.Update.ProvisionedThroughput})
	default:
		if err := u.Update.ProvisionedThroughput.bounds(); err != nil {
			return err
		}
		d.Globals[i].Throughput = u.Update.ProvisionedThroughput.units()
	}
	return nil
}

// addIndex makes an index of what the table has.
func (d *definition) addIndex(in updateTableInput, x indexInput) error {
	d.Attributes = slices.Clone(d.Attributes)
	for _, a := range in.AttributeDefinitions {
		switch t := d.typeOf(a.AttributeName); {
		case t == "":
			d.Attributes = append(d.Attributes, a)
		case string(t) != a.AttributeType:
			return invalidParameter("Attribute %s is defined with type %s already", a.AttributeName, t)
		}
	}
	var seen []string
	for _, other := range d.indexes() {
		seen = append(seen, other.Name)
	}
	if slices.Contains(seen, x.IndexName) {
		return invalid("Attempting to create an index which already exists")
	}
	if err := (createInput{AttributeDefinitions: d.Attributes}).checkIndex(x, &seen); err != nil {
		return err
	}
	if err := checkIndexBilling(d.OnDemand, x); err != nil {
		return err
	}
	if len(d.Globals) == maxGlobals {
		return invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobals)
	}
	d.Globals = append(d.Globals, x.definition())
	return nil
}

// pruneAttributes forgets the definitions of attributes that are no keys any
// more.
func (d *definition) pruneAttributes() error {
	used := names(d.KeySchema)
	for _, x := range d.indexes() {
		used = append(used, names(x.KeySchema)...)
	}
	d.Attributes = slices.DeleteFunc(slices.Clone(d.Attributes), func(a attributeDefinition) bool { return !slices.Contains(used, a.AttributeName) })
	return nil
}
