// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"maps"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// mappingType is AWS::Lambda::EventSourceMapping, of queues, streams and Kafka.
type mappingType struct{ service *Service }

func (t mappingType) Check(properties map[string]any) []string {
	fields := shape.Fields{
		"BatchSize": shape.Integer(1, 10000), "Enabled": shape.Boolean, "EventSourceArn": shape.String, "FunctionName": shape.String,
		"FilterCriteria":                 shape.Object(shape.Fields{"Filters": shape.List(shape.Object(shape.Fields{"Pattern": shape.String}))}),
		"FunctionResponseTypes":          shape.List(shape.Enum("ReportBatchItemFailures")),
		"MaximumBatchingWindowInSeconds": shape.Integer(0, 300),
		"ScalingConfig":                  shape.Object(shape.Fields{"MaximumConcurrency": shape.Integer(2, 1000)}),
		"Tags":                           shape.Tags,
	}
	for _, name := range []string{"DocumentDBEventSourceConfig", "KmsKeyArn", "LoggingConfig", "MetricsConfig", "Queues"} {
		fields[name] = shape.Unmodelled
	}
	maps.Copy(fields, streamFields())
	maps.Copy(fields, topicFields())
	return shape.Check(shape.Object(fields, "FunctionName"), properties)
}

func (t mappingType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "EventSourceArn", "SelfManagedEventSource", "StartingPosition", "StartingPositionTimestamp")
}

func (t mappingType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	var in newMapping
	if err := resource.Decode(r.Properties, &in); err != nil {
		return resource.Instance{}, invalidValue("%v", err)
	}
	if given := in.SelfManagedEventSource; given != nil {
		given.Endpoints = map[string][]string{serversName: given.Endpoints[serversProperty]}
	}
	m, err := t.service.addMapping(r.Scope, in, shape.TagMap(r.Tags, r.Properties))
	if err != nil {
		return resource.Instance{}, err
	}
	return m.instance(), nil
}

func (m *mapping) instance() resource.Instance {
	return resource.Instance{PhysicalID: m.ID, Attributes: map[string]any{"Id": m.ID, "EventSourceMappingArn": m.arn()}}
}

// Update brings all settings to what the properties say; what they leave out
// goes back to the default.
func (t mappingType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	var in mappingInput
	if err := resource.Decode(r.Properties, &in); err != nil {
		return old, invalidValue("%v", err)
	}
	if resource.Changed(r.OldProperties, r.Properties, "Topics") {
		return old, unmodelled("that a mapping reads another topic: give it another logical id")
	}
	_, err := t.service.changeMapping(r.Scope, old.PhysicalID, in, func(m *mapping) {
		m.setDefaults()
		m.Tags = shape.TagMap(r.Tags, r.Properties)
	})
	return old, err
}

func (t mappingType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	_, err := t.service.dropMapping(r.Scope, old.PhysicalID)
	return gone(err)
}
