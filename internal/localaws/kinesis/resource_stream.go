// SPDX-License-Identifier: MIT

package kinesis

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::Kinesis::Stream and AWS::Kinesis::StreamConsumer.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::Kinesis::Stream": streamType{s}, "AWS::Kinesis::StreamConsumer": consumerType{s}}
}

// serviceName is how CloudFormation calls Kinesis in the reasons of its events.
const serviceName = "Kinesis"

// streamType is AWS::Kinesis::Stream.
type streamType struct{ service *Service }

func (t streamType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"DesiredShardLevelMetrics": shape.Unmodelled,
		"MaxRecordSizeInKiB":       shape.Integer(defaultRecordKB, maxRecordKB),
		"Name":                     shape.Pattern(namePattern, 128),
		"RetentionPeriodHours":     shape.Integer(defaultRetentionHours, maxRetentionHours),
		"ShardCount":               shape.Integer(1, maxShards),
		"StreamEncryption": shape.Object(shape.Fields{
			"EncryptionType": shape.Enum("KMS"), "KeyId": shape.String,
		}, "EncryptionType", "KeyId"),
		"StreamModeDetails":   shape.Object(shape.Fields{"StreamMode": shape.Enum(onDemand, provisioned)}, "StreamMode"),
		"Tags":                shape.Tags,
		"WarmThroughputMiBps": shape.Unmodelled,
	}), properties)
}

func (t streamType) Replaces(old, new map[string]any) bool { return resource.Changed(old, new, "Name") }

// streamProperties are the properties with the defaults of what is left out.
type streamProperties struct {
	Name                 string
	ShardCount           int
	RetentionPeriodHours int
	MaxRecordSizeInKiB   int
	StreamModeDetails    modeDetails
	StreamEncryption     encryptionInput
}

func propertiesOf(r resource.Request) (streamProperties, error) {
	in := streamProperties{RetentionPeriodHours: defaultRetentionHours, MaxRecordSizeInKiB: defaultRecordKB}
	if err := resource.Decode(r.Properties, &in); err != nil {
		return in, invalidArgument("%v", err)
	}
	return in, nil
}

func (t streamType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	s := t.service
	in, err := propertiesOf(r)
	if err != nil {
		return resource.Instance{}, err
	}
	if in.Name == "" {
		in.Name = r.DefaultName(128)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[keyOf(r.Scope, in.Name)] != nil {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists",
			"Resource of type 'AWS::Kinesis::Stream' with identifier '%s' already exists.", in.Name)
	}
	d, err := s.create(r.Scope, spec{
		name: in.Name, shards: in.ShardCount, mode: in.StreamModeDetails.StreamMode, maxRecordKB: in.MaxRecordSizeInKiB, tags: shape.TagMap(r.Tags, r.Properties),
	})
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	if err := s.setRetention(d, in.RetentionPeriodHours); err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	d.KMSKey = in.StreamEncryption.KeyID
	return d.instance(), nil
}

func (d *dataStream) instance() resource.Instance {
	return resource.Instance{PhysicalID: d.Name, Attributes: map[string]any{"Arn": d.arn()}}
}

// Update brings all settings to what the properties say; what they leave out
// goes back to the default. Another number of shards is refused.
func (t streamType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	in, err := propertiesOf(r)
	if err != nil {
		return old, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(r.Scope, old.PhysicalID)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	mode := in.StreamModeDetails.StreamMode
	switch {
	case mode == "" && in.ShardCount == 0:
		mode = onDemand
	case mode == "":
		mode = provisioned
	}
	if mode == provisioned && in.ShardCount != 0 && in.ShardCount != len(d.Shards) {
		return old, wire.FromService(serviceName, invalidArgument("the embedded AWS does not model resharding: stream %s keeps its %d shards", d.Name, len(d.Shards)))
	}
	tags := shape.TagMap(r.Tags, r.Properties)
	if err := checkTags(tags); err != nil {
		return old, wire.FromService(serviceName, err)
	}
	if err := s.setRetention(d, in.RetentionPeriodHours); err != nil {
		return old, wire.FromService(serviceName, err)
	}
	d.Mode, d.MaxRecordKB, d.KMSKey, d.Tags = mode, in.MaxRecordSizeInKiB, in.StreamEncryption.KeyID, tags
	s.changed()
	return d.instance(), nil
}

// Delete deletes the stream even if it has consumers.
func (t streamType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, err := s.find(r.Scope, old.PhysicalID); err == nil {
		return s.drop(d)
	}
	return nil
}
