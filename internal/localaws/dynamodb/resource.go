// SPDX-License-Identifier: MIT

package dynamodb

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::DynamoDB::Table.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::DynamoDB::Table": tableType{s}}
}

// serviceName is how CloudFormation calls DynamoDB in the reasons of its events.
const serviceName = "DynamoDb"

// tableType is AWS::DynamoDB::Table.
type tableType struct{ service *Service }

func (t tableType) Check(properties map[string]any) []string {
	units := shape.Object(shape.Fields{
		"ReadCapacityUnits": shape.Integer(1, maxUnits), "WriteCapacityUnits": shape.Integer(1, maxUnits),
	}, "ReadCapacityUnits", "WriteCapacityUnits")
	schema := shape.List(shape.Object(shape.Fields{"AttributeName": shape.String, "KeyType": shape.Enum("HASH", "RANGE")}, "AttributeName", "KeyType"))
	chosen := shape.Object(shape.Fields{
		"ProjectionType": shape.Enum("ALL", "INCLUDE", "KEYS_ONLY"), "NonKeyAttributes": shape.List(shape.String),
	})
	local := shape.Fields{"IndexName": shape.String, "KeySchema": schema, "Projection": chosen}
	global := maps.Clone(local)
	global["ProvisionedThroughput"] = units
	for _, name := range []string{"ContributorInsightsSpecification", "OnDemandThroughput", "WarmThroughput"} {
		global[name] = shape.Unmodelled
	}
	fields := shape.Fields{
		"AttributeDefinitions": shape.List(shape.Object(shape.Fields{"AttributeName": shape.String, "AttributeType": shape.Enum("S", "N", "B")},
			"AttributeName", "AttributeType")),
		"BillingMode":               shape.Enum("PROVISIONED", onDemandMode),
		"DeletionProtectionEnabled": shape.Boolean,
		"GlobalSecondaryIndexes":    shape.List(shape.Object(global, "IndexName", "KeySchema", "Projection")),
		"KeySchema":                 schema,
		"LocalSecondaryIndexes":     shape.List(shape.Object(local, "IndexName", "KeySchema", "Projection")),
		"PointInTimeRecoverySpecification": shape.Object(shape.Fields{
			"PointInTimeRecoveryEnabled": shape.Boolean, "RecoveryPeriodInDays": shape.Integer(1, defaultRecoveryDays),
		}),
		"ProvisionedThroughput": units,
		"SSESpecification": shape.Object(shape.Fields{
			"KMSMasterKeyId": shape.String, "SSEEnabled": shape.Boolean, "SSEType": shape.Enum("KMS"),
		}, "SSEEnabled"),
		"StreamSpecification": shape.Object(shape.Fields{
			"StreamViewType": shape.Enum("NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"), "ResourcePolicy": shape.Unmodelled,
		}, "StreamViewType"),
		"TableClass":              shape.Enum("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
		"TableName":               shape.Pattern(namePattern, 255),
		"Tags":                    shape.Tags,
		"TimeToLiveSpecification": shape.Object(shape.Fields{"AttributeName": shape.String, "Enabled": shape.Boolean}, "Enabled"),
	}
	for _, name := range []string{
		"ContributorInsightsSpecification", "ImportSourceSpecification", "KinesisStreamSpecification", "OnDemandThroughput", "ResourcePolicy", "WarmThroughput",
	} {
		fields[name] = shape.Unmodelled
	}
	return shape.Check(shape.Object(fields, "KeySchema"), properties)
}

// Replaces reports whether a property changed with which a table is born
// ("AWS::DynamoDB::Table", CloudFormation Template Reference). Definitions of
// attributes come and go with the indexes, but keep their type.
func (t tableType) Replaces(old, new map[string]any) bool {
	if resource.Changed(old, new, "KeySchema", "LocalSecondaryIndexes", "TableName") {
		return true
	}
	types := map[string]string{}
	for _, a := range shape.Items(old, "AttributeDefinitions") {
		types[shape.Member(a, "AttributeName")] = shape.Member(a, "AttributeType")
	}
	return slices.ContainsFunc(shape.Items(new, "AttributeDefinitions"), func(a any) bool {
		was := types[shape.Member(a, "AttributeName")]
		return was != "" && was != shape.Member(a, "AttributeType")
	})
}

// properties are those of AWS::DynamoDB::Table.
type properties struct {
	createInput
	ttl      *ttlSpecification
	recovery *recoverySpecification
}

func read(r resource.Request) (p properties, err error) {
	if err := resource.Decode(r.Properties, &p.createInput); err != nil {
		return p, invalid("%v", err)
	}
	if err := decodeSettings(r.Properties, &p); err != nil {
		return p, invalid("%v", err)
	}
	if p.StreamSpecification != nil {
		p.StreamSpecification.StreamEnabled = new(true)
	}
	p.Tags = allTags(r)
	return p, nil
}

func (t tableType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	p, err := read(r)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	if p.TableName == nil {
		p.TableName = new(r.DefaultName(255))
	}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tables[keyOf(r.Scope, *p.TableName)] != nil {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists", "Resource of type 'AWS::DynamoDB::Table' with identifier '%s' already exists.", *p.TableName)
	}
	made, err := s.create(r.Scope, p.createInput)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	err = s.settle(made, p)
	return made.instance(), wire.FromService(serviceName, err)
}

func (t *table) instance() resource.Instance {
	attributes := map[string]any{"Arn": t.arn()}
	if t.StreamView != "" {
		attributes["StreamArn"] = t.streamARN()
	}
	return resource.Instance{PhysicalID: t.Name, Attributes: attributes}
}

// settle changes what CreateTable does not take: time to live and point-in-time
// recovery.
func (s *Service) settle(t *table, p properties) error {
	wanted := ""
	if spec := p.ttl; spec != nil && spec.Enabled != nil && *spec.Enabled {
		if wanted = spec.AttributeName; wanted == "" {
			return invalidParameter("TimeToLiveSpecification needs an AttributeName to be enabled")
		}
	}
	if t.TTL != "" && t.TTL != wanted {
		if err := s.setTTL(t, ttlSpecification{t.TTL, new(false)}); err != nil {
			return err
		}
	}
	if wanted != "" && t.TTL == "" {
		if err := s.setTTL(t, ttlSpecification{wanted, new(true)}); err != nil {
			return err
		}
	}
	spec := recoverySpecification{PointInTimeRecoveryEnabled: new(false)}
	if given := p.recovery; given != nil {
		spec.RecoveryPeriodInDays = given.RecoveryPeriodInDays
		if given.PointInTimeRecoveryEnabled != nil {
			spec.PointInTimeRecoveryEnabled = given.PointInTimeRecoveryEnabled
		}
	}
	if !*spec.PointInTimeRecoveryEnabled && !t.Recovery {
		return nil
	}
	return s.setRecovery(t, spec)
}

func (t tableType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(r.Scope, old.PhysicalID, false)
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "ResourceNotFoundException" {
		return nil
	}
	if err == nil {
		err = s.drop(found)
	}
	return wire.FromService(serviceName, err)
}
