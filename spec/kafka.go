// SPDX-License-Identifier: MIT

package spec

import (
	"encoding/json"
	"slices"

	"github.com/sparta-up/sparta/internal/diag"
)

// ClusterEvent has a function called with the records of a topic of an Amazon
// MSK cluster.
type ClusterEvent struct {
	Cluster       Source      `key:"cluster"`
	Topic         string      `key:"topic"`
	ConsumerGroup string      `key:"consumerGroup"` // empty: one that Lambda names
	Auth          ClusterAuth `key:"auth"`          // the zero value: no authentication
	Pollers       *Pollers    `key:"pollers"`       // nil: Lambda decides
	Reading
	Since
}

// ClusterAuth is how Lambda proves to an MSK cluster who it is: at most one is
// set.
type ClusterAuth struct {
	IAM   bool
	SCRAM *Source `key:"scram"` // secret with user name and password
	MTLS  *Source `key:"mtls"`  // secret with certificate and private key
}

// KafkaEvent has a function called with the records of a topic of a Kafka
// cluster that is not Amazon MSK.
type KafkaEvent struct {
	Servers       []any     `key:"servers"` // host:port of brokers; strings or intrinsics
	Topic         string    `key:"topic"`
	ConsumerGroup string    `key:"consumerGroup"` // empty: one that Lambda names
	Auth          KafkaAuth `key:"auth"`
	CA            *Source   `key:"ca"`  // secret with the root certificate of the brokers; nil: a public one
	VPC           *KafkaVPC `key:"vpc"` // nil: the brokers are reached over the internet
	Pollers       *Pollers  `key:"pollers"`
	Reading
	Since
}

// KafkaAuth is how Lambda proves to a Kafka cluster who it is, each a secret:
// at most one is set.
type KafkaAuth struct {
	Basic    *Source `key:"basic"` // SASL/PLAIN
	SCRAM256 *Source `key:"scram256"`
	SCRAM512 *Source `key:"scram512"`
	MTLS     *Source `key:"mtls"`
}

// KafkaVPC is from where brokers in a VPC are reached. The ids are strings or
// intrinsics.
type KafkaVPC struct {
	Subnets        []any `key:"subnetIds"`
	SecurityGroups []any `key:"securityGroupIds"`
}

// Pollers is how many event pollers read a topic, which they do for this
// function alone.
type Pollers struct {
	Min int `key:"min"`
	Max int `key:"max"`
}

// Limits of Lambda on its pollers, which are its defaults too. Source: "ProvisionedPollerConfig",
// https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html
const (
	defaultMinPollers = 1
	defaultMaxPollers = 200
)

// MappingID is the logical id of the event source mapping.
func (c *ClusterEvent) MappingID(function string) string {
	return EventID(function, "Msk", c.Cluster.ARN, c.Topic)
}

func (c *ClusterEvent) ids(function string) []string { return []string{c.MappingID(function)} }
func (c *ClusterEvent) from() Source                 { return c.Cluster }
func (*ClusterEvent) pulled() bool                   { return true }

func (c *ClusterEvent) links() (parts, role []Source) { return withSecrets(&c.Reading, c.Secrets()) }

// Secrets are the secrets that Lambda reads for the function, by the type of a
// source access configuration.
func (c *ClusterEvent) Secrets() map[string]*Source {
	return given(map[string]*Source{"SASL_SCRAM_512_AUTH": c.Auth.SCRAM, "CLIENT_CERTIFICATE_TLS_AUTH": c.Auth.MTLS})
}

// MappingID is the logical id of the event source mapping.
func (k *KafkaEvent) MappingID(function string) string {
	servers := make([]string, len(k.Servers))
	for i, s := range k.Servers {
		text, err := json.Marshal(s)
		if err != nil {
			panic("server of a Kafka cluster: " + err.Error()) // values of JSON always have a form
		}
		servers[i] = string(text)
	}
	slices.Sort(servers) // their order says nothing
	return EventID(function, "Kafka", k.Topic, servers)
}

func (k *KafkaEvent) ids(function string) []string { return []string{k.MappingID(function)} }
func (*KafkaEvent) from() Source                   { return Source{} }
func (*KafkaEvent) pulled() bool                   { return true }

func (k *KafkaEvent) links() (parts, role []Source) { return withSecrets(&k.Reading, k.Secrets()) }

// Secrets are the secrets that Lambda reads for the function, by the type of a
// source access configuration.
func (k *KafkaEvent) Secrets() map[string]*Source {
	return given(map[string]*Source{
		"BASIC_AUTH": k.Auth.Basic, "SASL_SCRAM_256_AUTH": k.Auth.SCRAM256, "SASL_SCRAM_512_AUTH": k.Auth.SCRAM512,
		"CLIENT_CERTIFICATE_TLS_AUTH": k.Auth.MTLS, "SERVER_ROOT_CA_CERTIFICATE": k.CA,
	})
}

func given(all map[string]*Source) map[string]*Source {
	for kind, secret := range all {
		if secret == nil {
			delete(all, kind)
		}
	}
	return all
}

func withSecrets(r *Reading, secrets map[string]*Source) (parts, role []Source) {
	parts, _ = r.links()
	for _, s := range secrets {
		parts = append(parts, *s)
	}
	return parts, parts
}

func clusterKind() sourceKind {
	return sourceKind{
		what: "an MSK cluster", service: "kafka", attribute: "Arn", also: []string{""},
		types: []string{"AWS::MSK::Cluster", "AWS::MSK::ServerlessCluster"}, form: "cluster/<name>/<id>", here: true,
	}
}

func secretKind() sourceKind {
	return sourceKind{what: "a secret of Secrets Manager", service: "secretsmanager", types: []string{"AWS::SecretsManager::Secret"}, form: "secret:<name>"}
}

// clusterEvent decodes a topic of an MSK cluster as a source.
func (d *decoder) clusterEvent(n *node) *ClusterEvent {
	c := &ClusterEvent{
		Cluster: d.sourceOf(n.field("cluster"), clusterKind()), Topic: d.literal(n.field("topic")),
		ConsumerGroup: d.literal(n.field("consumerGroup")), Pollers: d.pollers(n), Reading: d.reading(n), Since: d.since(n),
	}
	if auth := n.field("auth"); usable(auth) {
		c.Auth = ClusterAuth{auth.kind == text, d.secret(auth.field("scram")), d.secret(auth.field("mtls"))}
	}
	return c
}

// kafkaEvent decodes a topic of another Kafka cluster as a source.
func (d *decoder) kafkaEvent(n *node) *KafkaEvent {
	k := &KafkaEvent{
		Servers: d.valuesOf(n.field("servers")), Topic: d.literal(n.field("topic")),
		ConsumerGroup: d.literal(n.field("consumerGroup")), CA: d.secret(n.field("ca")), Pollers: d.pollers(n), Reading: d.reading(n), Since: d.since(n),
	}
	if auth := n.field("auth"); usable(auth) {
		k.Auth = KafkaAuth{d.secret(auth.field("basic")), d.secret(auth.field("scram256")), d.secret(auth.field("scram512")), d.secret(auth.field("mtls"))}
	}
	if vpc := n.field("vpc"); usable(vpc) {
		k.VPC = &KafkaVPC{d.valuesOf(vpc.field("subnetIds")), d.valuesOf(vpc.field("securityGroupIds"))}
	}
	if k.VPC == nil && len(k.Secrets()) == 0 && n.sound() {
		d.say(n, diag.KafkaAccess, "says neither how Lambda proves who it is nor from which VPC it comes", "add auth: {scram512: Secret}, or vpc: {subnetIds: [...], securityGroupIds: [...]}")
	}
	return k
}

// secret decodes a secret, nil if there is none.
func (d *decoder) secret(n *node) *Source {
	if !usable(n) {
		return nil
	}
	if s := d.sourceOf(n, secretKind()); s.ARN != nil {
		return &s
	}
	return nil
}

// pollers decodes the event pollers, and checks what takes some.
func (d *decoder) pollers(n *node) *Pollers {
	given := n.field("pollers")
	if usable(given) {
		p := &Pollers{d.number(given.field("min"), defaultMinPollers), d.number(given.field("max"), defaultMaxPollers)}
		if p.Min > p.Max {
			d.fault(given, diag.EventLimit, "min is above max", "")
		}
		return p
	}
	for _, key := range []string{"bisect", "retries", "maxAge", "partialFailures"} {
		if option := n.field(key); usable(option) && option.json() != "false" && given == nil {
			d.fault(option, diag.EventLimit, "takes event pollers of the function's own", "add pollers: {min: 1}")
		}
	}
	return nil
}
