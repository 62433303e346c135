// SPDX-License-Identifier: MIT

package apigateway

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// apiKey is an API key.
type apiKey struct {
	Scope    arn.Scope
	ID       string
	Created  time.Time
	Updated  time.Time
	Settings keySettings
}

// keySettings is what a template says of an API key.
type keySettings struct {
	CustomerId         string            `json:"customerId,omitempty"`
	Description        string            `json:"description,omitempty"`
	Enabled            bool              `json:"enabled"` // false unless said, as on AWS
	GenerateDistinctId bool              `json:"generateDistinctId,omitempty"`
	Name               string            `json:"name"`
	TagMap             map[string]string `json:"tagMap,omitempty"`
	Value              string            `json:"value"`
}

// keyType is AWS::ApiGateway::ApiKey.
type keyType struct{ service *Service }

// Check returns the faults of the properties.
func (t keyType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"CustomerId": text, "Description": text, "Enabled": shape.Boolean, "GenerateDistinctId": shape.Boolean, "Name": text,
		"Tags": shape.Tags, "Value": text, "StageKeys": shape.Unmodelled,
	}), properties)
}

// Replaces reports whether name or value change.
func (t keyType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "GenerateDistinctId", "Name", "Value")
}

func (t keyType) settingsOf(r resource.Request) (keySettings, error) {
	var settings keySettings
	if err := resource.Decode(r.Properties, &settings); err != nil {
		return settings, gateway.BadRequest("%v", err)
	}
	settings.TagMap = shape.TagMap(r.Tags, r.Properties)
	return settings, nil
}

// Create makes an API key. Ref is its identifier; the value is made if none is
// given.
func (t keyType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	settings, err := t.settingsOf(r)
	if err != nil {
		return resource.Instance{}, err
	}
	if settings.Name == "" {
		settings.Name = r.DefaultName(128)
	}
	if settings.Value == "" {
		settings.Value = (rand.Text() + rand.Text())[:40]
	}
	if n := len(settings.Value); n < 20 || n > 128 {
		return resource.Instance{}, gateway.BadRequest("API Key value should be at least 20 characters and at most 128")
	}
	s := t.service
	k := &apiKey{Scope: r.Scope, ID: gateway.NewID(10), Created: s.now(), Updated: s.now(), Settings: settings}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.state.Keys {
		if other.Scope == r.Scope && other.Settings.Value == settings.Value {
			return resource.Instance{}, gateway.Conflict("API Key already exists")
		}
	}
	s.state.Keys[k.ID] = k
	s.changed()
	return resource.Instance{PhysicalID: k.ID, Attributes: map[string]any{"APIKeyId": k.ID}}, nil
}

// Update gives an API key other settings; name and value stay.
func (t keyType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	settings, err := t.settingsOf(r)
	if err != nil {
		return old, err
	}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.state.Keys[old.PhysicalID]
	if k == nil {
		return old, gateway.NotFound("Invalid API Key identifier specified")
	}
	settings.Name, settings.Value = k.Settings.Name, k.Settings.Value
	next := *k
	next.Settings, next.Updated = settings, s.now()
	s.state.Keys[k.ID] = &next
	s.changed()
	return old, nil
}

// Delete removes an API key, also from the usage plans.
func (t keyType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.state.Keys, old.PhysicalID)
	for _, p := range s.state.Plans {
		delete(p.Keys, old.PhysicalID)
	}
	s.changed()
	return nil
}

// planKeyType is AWS::ApiGateway::UsagePlanKey: an API key in a usage plan.
type planKeyType struct{ service *Service }

// Check returns the faults of the properties.
func (t planKeyType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"KeyId": shape.String, "KeyType": shape.Enum("API_KEY"), "UsagePlanId": shape.String,
	}, "KeyId", "KeyType", "UsagePlanId"), properties)
}

// Replaces reports whether any property changes.
func (t planKeyType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "KeyId", "KeyType", "UsagePlanId")
}

// Create puts an API key into a usage plan. A key is in one plan of a stage at
// most.
func (t planKeyType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	s := t.service
	key, plan := shape.Member(r.Properties, "KeyId"), shape.Member(r.Properties, "UsagePlanId")
	s.mu.Lock()
	defer s.mu.Unlock()
	p, k := s.state.Plans[plan], s.state.Keys[key]
	switch {
	case p == nil || p.Scope != r.Scope:
		return resource.Instance{}, gateway.NotFound("Invalid Usage Plan ID specified")
	case k == nil || k.Scope != r.Scope:
		return resource.Instance{}, gateway.NotFound("Invalid API Key identifier specified")
	case p.Keys[key] != nil:
		return resource.Instance{}, gateway.Conflict("Usage Plan %s cannot be added because API Key %s is already in it", plan, key)
	}
	if err := s.state.subscribed(p, key); err != nil {
		return resource.Instance{}, err
	}
	p.Keys[key] = &usage{}
	s.changed()
	return resource.Instance{PhysicalID: key + ":" + plan, Attributes: map[string]any{"Id": key + ":" + plan}}, nil
}

// subscribed returns the fault of a key that another plan of the same stage has.
func (st state) subscribed(p *usagePlan, key string) error {
	for _, other := range st.Plans {
		for _, mine := range p.Settings.ApiStages {
			if other != p && other.Keys[key] != nil && other.covers(mine.ApiId, mine.Stage) != nil {
				return gateway.Conflict("Usage Plan %s cannot be added because API Key %s cannot reference multiple Usage Plans with the same API stage: %s:%s",
					p.ID, key, mine.ApiId, mine.Stage)
			}
		}
	}
	return nil
}

// Update is called when nothing has changed.
func (t planKeyType) Update(_ context.Context, old resource.Instance, _ resource.Request) (resource.Instance, error) {
	return old, nil
}

// Delete takes an API key out of a usage plan.
func (t planKeyType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	key, plan, _ := strings.Cut(old.PhysicalID, ":")
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.state.Plans[plan]; p != nil {
		delete(p.Keys, key)
		s.changed()
	}
	return nil
}
