// SPDX-License-Identifier: MIT

package dynamodb

import (
	"fmt"
	"slices"
	"strings"
)

// The limits of a table ("Quotas in Amazon DynamoDB").
const (
	maxGlobals   = 20
	maxLocals    = 5
	maxNonKeys   = 100
	maxUnits     = 1_000_000_000_000
	onDemandMode = "PAY_PER_REQUEST"
)

// check finds what is wrong with the table that a request describes, in the
// order in which DynamoDB does.
func (in createInput) check() error {
	var c constraints
	c.checkName(*in.TableName, "tableName")
	if err := c.err(); err != nil {
		return err // alone, as DynamoDB says it
	}
	in.constrain(&c)
	if err := c.err(); err != nil {
		return err
	}
	if err := checkBilling(in.BillingMode, in.ProvisionedThroughput); err != nil {
		return err
	}
	if err := in.defined(in.KeySchema); err != nil {
		return err
	}
	if err := checkSchema(in.KeySchema); err != nil {
		return err
	}
	if err := in.checkIndexes(); err != nil {
		return err
	}
	return in.checkUnused()
}

// constrain notes the members that are missing or have no allowed value.
func (in createInput) constrain(c *constraints) {
	c.present(in.AttributeDefinitions != nil, "attributeDefinitions")
	c.present(in.KeySchema != nil, "keySchema")
	for i, a := range in.AttributeDefinitions {
		member := fmt.Sprintf("attributeDefinitions.%d.member.", i+1)
		c.length(quote(a.AttributeName), len(a.AttributeName), member+"attributeName", 1, 255)
		c.enum(a.AttributeType, member+"attributeType", "B", "N", "S")
		c.present(a.AttributeType != "", member+"attributeType")
	}
	if in.KeySchema != nil {
		c.schema(in.KeySchema, "keySchema")
	}
	c.enum(in.BillingMode, "billingMode", "PROVISIONED", onDemandMode)
	c.enum(in.TableClass, "tableClass", "STANDARD", "STANDARD_INFREQUENT_ACCESS")
	c.throughput(in.ProvisionedThroughput, "provisionedThroughput")
	if in.StreamSpecification != nil {
		c.view(in.StreamSpecification.StreamViewType)
	}
	if in.SSESpecification != nil {
		c.enum(in.SSESpecification.SSEType, "sSESpecification.sSEType", "AES256", "KMS")
	}
	for i, x := range in.GlobalSecondaryIndexes {
		c.index(x, fmt.Sprintf("globalSecondaryIndexes.%d.member.", i+1))
	}
	for i, x := range in.LocalSecondaryIndexes {
		c.index(x, fmt.Sprintf("localSecondaryIndexes.%d.member.", i+1))
	}
}

func (c *constraints) view(view string) {
	c.enum(view, "streamSpecification.streamViewType", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY")
}

func (c *constraints) schema(schema []keyElement, member string) {
	var shown []string
	for i, e := range schema {
		shown = append(shown, fmt.Sprintf("KeySchemaElement(attributeName=%s, keyType=%s)", e.AttributeName, e.KeyType))
		at := fmt.Sprintf("%s.%d.member.", member, i+1)
		c.length(quote(e.AttributeName), len(e.AttributeName), at+"attributeName", 1, 255)
		c.enum(e.KeyType, at+"keyType", "HASH", "RANGE")
		c.present(e.KeyType != "", at+"keyType")
	}
	c.length("'["+strings.Join(shown, ", ")+"]'", len(schema), member, 1, 2)
}

func (c *constraints) throughput(t *throughputInput, member string) {
	if t == nil {
		return
	}
	c.present(t.ReadCapacityUnits != nil, member+".readCapacityUnits")
	c.present(t.WriteCapacityUnits != nil, member+".writeCapacityUnits")
	c.atLeast(t.ReadCapacityUnits, member+".readCapacityUnits", 1)
	c.atLeast(t.WriteCapacityUnits, member+".writeCapacityUnits", 1)
}

func (c *constraints) index(x indexInput, member string) {
	c.checkName(x.IndexName, member+"indexName")
	c.present(x.KeySchema != nil, member+"keySchema")
	if x.KeySchema != nil {
		c.schema(x.KeySchema, member+"keySchema")
	}
	c.present(x.Projection != nil, member+"projection")
	if x.Projection != nil {
		c.enum(x.Projection.ProjectionType, member+"projection.projectionType", "ALL", "INCLUDE", "KEYS_ONLY")
	}
	c.throughput(x.ProvisionedThroughput, member+"provisionedThroughput")
}

func checkBilling(mode string, t *throughputInput) error {
	switch {
	case mode == onDemandMode && t != nil:
		return invalidParameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case mode == onDemandMode:
		return nil
	case t == nil:
		return invalidParameter("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	return t.bounds()
}

func (t *throughputInput) bounds() error {
	if *t.ReadCapacityUnits > maxUnits {
		return invalid("Given value %d for ReadCapacityUnits is out of bounds", *t.ReadCapacityUnits)
	}
	if *t.WriteCapacityUnits > maxUnits {
		return invalid("Given value %d for WriteCapacityUnits is out of bounds", *t.WriteCapacityUnits)
	}
	return nil
}

func checkSchema(schema []keyElement) error {
	switch {
	case len(schema) == 2 && schema[0].AttributeName == schema[1].AttributeName:
		return invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	case schema[0].KeyType != "HASH":
		return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	case len(schema) == 2 && schema[1].KeyType != "RANGE":
		return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	return nil
}

// checkUnused refuses attributes that are defined for nothing.
func (in createInput) checkUnused() error {
	used := names(in.KeySchema)
	for _, x := range slices.Concat(in.GlobalSecondaryIndexes, in.LocalSecondaryIndexes) {
		used = append(used, names(x.KeySchema)...)
	}
	slices.Sort(used)
	used = slices.Compact(used)
	switch indexed := len(in.GlobalSecondaryIndexes)+len(in.LocalSecondaryIndexes) > 0; {
	case len(used) == len(in.AttributeDefinitions):
		return nil
	case !indexed:
		return invalidParameter("Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	var defined []string
	for _, a := range in.AttributeDefinitions {
		defined = append(defined, a.AttributeName)
	}
	return invalidParameter("Some AttributeDefinitions are not used. AttributeDefinitions: [%s], keys used: [%s]", strings.Join(defined, ", "), strings.Join(used, ", "))
}
