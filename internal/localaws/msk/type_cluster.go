// SPDX-License-Identifier: MIT

package msk

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// serviceName is how CloudFormation calls MSK in the reasons of its events.
const serviceName = "Kafka"

// ResourceTypes returns the types of clusters and topics.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::MSK::Cluster": clusterType{s}, "AWS::MSK::ServerlessCluster": serverlessType{s}, "AWS::MSK::Topic": topicType{s},
	}
}

// clusterType is AWS::MSK::Cluster.
type clusterType struct{ service *Service }

func (t clusterType) Check(properties map[string]any) []string {
	return shape.Check(clusterShape(), properties)
}

// Replaces is true for what a cluster cannot change.
func (t clusterType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ClusterName") ||
		resource.Changed(inside(old, "BrokerNodeGroupInfo"), inside(new, "BrokerNodeGroupInfo"), "BrokerAZDistribution", "ClientSubnets", "SecurityGroups") ||
		resource.Changed(inside(old, "EncryptionInfo"), inside(new, "EncryptionInfo"), "EncryptionAtRest") ||
		resource.Changed(inside(old, "EncryptionInfo", "EncryptionInTransit"), inside(new, "EncryptionInfo", "EncryptionInTransit"), "InCluster")
}

// inside returns an object in properties, nil for none.
func inside(properties map[string]any, path ...string) map[string]any {
	for _, name := range path {
		properties, _ = properties[name].(map[string]any)
	}
	return properties
}

// settings reads the properties of a provisioned cluster.
func settings(properties map[string]any) (*provisioned, error) {
	in := struct {
		provisioned
		KafkaVersion string
	}{provisioned: provisioned{EnhancedMonitoring: "DEFAULT", StorageMode: "LOCAL", BrokerNodeGroupInfo: nodeGroup{BrokerAZDistribution: "DEFAULT"}}}
	if err := resource.Decode(properties, &in); err != nil {
		return nil, badRequest("%v", err)
	}
	in.Software.KafkaVersion = in.KafkaVersion
	in.LoggingInfo, in.OpenMonitoring = camel(in.LoggingInfo), camel(in.OpenMonitoring)
	return &in.provisioned, in.check()
}

// camel returns an object with the names of the API, which begin in lower case.
func camel(object map[string]any) map[string]any {
	if object == nil {
		return nil
	}
	out := map[string]any{}
	for name, value := range object {
		if inner, ok := value.(map[string]any); ok {
			value = camel(inner)
		} else if on, ok := shape.Bool(value); ok {
			value = on
		}
		out[strings.ToLower(name[:1])+name[1:]] = value
	}
	return out
}

// tagsOf returns the tags of a stack and of properties.
func tagsOf(r resource.Request) map[string]string {
	out := maps.Clone(r.Tags)
	if out == nil {
		out = map[string]string{}
	}
	for name, value := range inside(r.Properties, "Tags") {
		out[name], _ = shape.Text(value)
	}
	return out
}

func (t clusterType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	p, err := settings(r.Properties)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return t.service.create(r, &cluster{Provisioned: p})
}

// create makes a cluster and opens its broker.
func (s *Service) create(r resource.Request, c *cluster) (resource.Instance, error) {
	suffix := "-1"
	if c.Serverless != nil {
		suffix = "-s1"
	}
	c.Scope, c.Name, c.ID, c.Created, c.Version, c.Tags = r.Scope, shape.Member(r.Properties, "ClusterName"), wire.RequestID()+suffix, s.env.Now().UTC(), newVersion(), tagsOf(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.clusters {
		if other.Scope == c.Scope && other.Name == c.Name {
			return resource.Instance{}, wire.FromService(serviceName, conflict("A cluster with the name '%s' already exists. Pick a different name.", c.Name))
		}
	}
	if err := s.start(c); err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	s.clusters[c.arn()] = c
	s.changed()
	return c.instance(), nil
}

func (c *cluster) instance() resource.Instance {
	attributes := map[string]any{"Arn": c.arn()}
	if c.Provisioned != nil {
		attributes["CurrentVersion"] = c.Version
	}
	return resource.Instance{PhysicalID: c.arn(), Attributes: attributes}
}

// Update brings all settings to what the properties say; what they leave out goes
// back to the default.
func (t clusterType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	p, err := settings(r.Properties)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(old.PhysicalID)
	switch {
	case err != nil:
		return old, wire.FromService(serviceName, err)
	case p.NumberOfBrokerNodes < c.Provisioned.NumberOfBrokerNodes:
		return old, wire.FromService(serviceName, badRequest("the embedded AWS does not model that brokers are removed: the cluster keeps its %d broker nodes", c.Provisioned.NumberOfBrokerNodes))
	}
	c.Provisioned, c.Version, c.Tags = p, newVersion(), tagsOf(r)
	s.changed()
	return c.instance(), nil
}

func (t clusterType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	return t.service.drop(old.PhysicalID)
}

// drop deletes a cluster with all its topics. One that is gone is no error.
func (s *Service) drop(clusterARN string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clusters[clusterARN]
	if c == nil {
		return nil
	}
	c.stop()
	delete(s.clusters, clusterARN)
	s.changed()
	root, err := s.env.Store.Dir(document)
	if err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(root, c.ID))
}

// serverlessType is AWS::MSK::ServerlessCluster, of which an update changes
// nothing.
type serverlessType struct{ service *Service }

func (t serverlessType) Check(properties map[string]any) []string {
	return shape.Check(serverlessShape(), properties)
}

func (t serverlessType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ClusterName", "VpcConfigs", "ClientAuthentication", "Tags")
}

func (t serverlessType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	in := &serverless{}
	if err := resource.Decode(r.Properties, in); err != nil {
		return resource.Instance{}, wire.FromService(serviceName, badRequest("%v", err))
	}
	for i := range in.VpcConfigs {
		in.VpcConfigs[i].SecurityGroups = shape.Texts(shape.Items(r.Properties, "VpcConfigs")[i], "SecurityGroups")
	}
	if a := in.ClientAuthentication; a == nil || a.SASL == nil || !a.SASL.IAM.on() {
		return resource.Instance{}, wire.FromService(serviceName, badRequest("IAM authentication must be enabled for serverless clusters."))
	}
	return t.service.create(r, &cluster{Serverless: in})
}

func (t serverlessType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(old.PhysicalID)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	c.Tags = tagsOf(r) // those of the stack may be others
	s.changed()
	return c.instance(), nil
}

func (t serverlessType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	return t.service.drop(old.PhysicalID)
}
