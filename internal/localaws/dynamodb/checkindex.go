// SPDX-License-Identifier: MIT

package dynamodb

import "slices"

// checkIndexes finds what is wrong with the indexes of a new table.
func (in createInput) checkIndexes() error {
	if in.LocalSecondaryIndexes != nil && len(in.LocalSecondaryIndexes) == 0 {
		return invalidParameter("List of LocalSecondaryIndexes is empty")
	}
	if in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0 {
		return invalidParameter("List of GlobalSecondaryIndexes is empty")
	}
	if len(in.LocalSecondaryIndexes) > 0 && len(in.KeySchema) != 2 {
		return invalidParameter("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	var seen []string
	for _, x := range in.LocalSecondaryIndexes {
		if err := in.checkIndex(x, &seen); err != nil {
			return err
		}
		if err := in.checkLocal(x); err != nil {
			return err
		}
	}
	if len(in.LocalSecondaryIndexes) > maxLocals {
		return invalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of %d", maxLocals)
	}
	for _, x := range in.GlobalSecondaryIndexes {
		if err := in.checkIndex(x, &seen); err != nil {
			return err
		}
		if err := in.checkGlobal(x); err != nil {
			return err
		}
	}
	if len(in.GlobalSecondaryIndexes) > maxGlobals {
		return invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobals)
	}
	return nil
}

func (in createInput) checkIndex(x indexInput, seen *[]string) error {
	if err := in.defined(x.KeySchema); err != nil {
		return err
	}
	if err := checkSchema(x.KeySchema); err != nil {
		return err
	}
	p := x.Projection
	switch {
	case p.ProjectionType == "":
		return invalidParameter("Unknown ProjectionType: null")
	case p.ProjectionType != "INCLUDE" && p.NonKeyAttributes != nil:
		return invalidParameter("ProjectionType is %s, but NonKeyAttributes is specified", p.ProjectionType)
	case p.ProjectionType == "INCLUDE" && len(p.NonKeyAttributes) == 0:
		return invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case len(p.NonKeyAttributes) > maxNonKeys:
		return invalidParameter("Number of NonKeyAttributes exceeds the limit of %d for index: %s", maxNonKeys, x.IndexName)
	case slices.Contains(*seen, x.IndexName):
		return invalidParameter("Duplicate index name: %s", x.IndexName)
	}
	*seen = append(*seen, x.IndexName)
	return nil
}

func (in createInput) checkLocal(x indexInput) error {
	switch hash := in.KeySchema[0].AttributeName; {
	case len(x.KeySchema) != 2:
		return invalidParameter("Index KeySchema does not have a range key for index: %s", x.IndexName)
	case x.KeySchema[0].AttributeName != hash:
		return invalidParameter("Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s",
			x.IndexName, x.KeySchema[0].AttributeName, hash)
	case x.ProvisionedThroughput != nil:
		return invalidParameter("ProvisionedThroughput should not be specified for local index: %s", x.IndexName)
	}
	return nil
}

func (in createInput) checkGlobal(x indexInput) error {
	return checkIndexBilling(in.BillingMode == onDemandMode, x)
}

func checkIndexBilling(onDemand bool, x indexInput) error {
	switch {
	case onDemand && x.ProvisionedThroughput != nil:
		return invalidParameter("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", x.IndexName)
	case onDemand:
		return nil
	case x.ProvisionedThroughput == nil:
		return invalidParameter("ProvisionedThroughput must be specified for index: %s", x.IndexName)
	}
	return x.ProvisionedThroughput.bounds()
}
