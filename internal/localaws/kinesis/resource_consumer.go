// SPDX-License-Identifier: MIT

package kinesis

import (
	"context"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// consumerType is AWS::Kinesis::StreamConsumer.
type consumerType struct{ service *Service }

func (t consumerType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"ConsumerName": shape.Pattern(namePattern, 128), "StreamARN": shape.String, "Tags": shape.Tags,
	}, "ConsumerName", "StreamARN"), properties)
}

func (t consumerType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ConsumerName", "StreamARN")
}

func (t consumerType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.at(r.Scope, target{StreamARN: shape.Member(r.Properties, "StreamARN")})
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	c, err := s.register(d, shape.Member(r.Properties, "ConsumerName"), shape.TagMap(r.Tags, r.Properties))
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return resource.Instance{PhysicalID: d.consumerARN(c), Attributes: map[string]any{
		"ConsumerARN": d.consumerARN(c), "ConsumerCreationTimestamp": strconv.FormatInt(c.Created.Unix(), 10), "ConsumerName": c.Name,
		"ConsumerStatus": "ACTIVE", "StreamARN": d.arn(),
	}}, nil
}

// Update changes the tags: nothing else can change.
func (t consumerType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	_, c, err := s.consumerAt(r.Scope, old.PhysicalID)
	if err == nil {
		tags := shape.TagMap(r.Tags, r.Properties)
		if err = checkTags(tags); err == nil {
			c.Tags = tags
			s.changed()
		}
	}
	return old, wire.FromService(serviceName, err)
}

func (t consumerType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, c, err := s.consumerAt(r.Scope, old.PhysicalID); err == nil {
		s.deregister(d, c)
	}
	return nil
}
