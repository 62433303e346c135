// SPDX-License-Identifier: MIT

package lambda

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/kafka"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// topicSettings is what only mappings of Kafka have.
type topicSettings struct {
	Name    string
	Group   string         // consumer group; the mapping's id unless the caller named one
	Servers []string       `json:",omitempty"` // of a cluster that is not of MSK; nil: it is
	Access  []sourceAccess `json:",omitempty"`
	Pollers *pollers       `json:",omitempty"` // nil: those that functions share
	Since   time.Time      // LATEST begins here
}

// sourceAccess says how brokers are reached: a network, or a secret.
type sourceAccess struct{ Type, URI string }

// pollers is how many event pollers a mapping has, and with which mappings it shares
// them: here, one member of its group reads, whatever it says.
type pollers struct {
	MinimumPollers, MaximumPollers int    `json:",omitempty"`
	PollerGroupName                string `json:",omitempty"`
}

// groupConfig names the group that reads.
type groupConfig struct {
	ConsumerGroupId string `json:",omitempty"`
}

// topicInput is what a caller says of a mapping of Kafka, now or later.
type topicInput struct {
	AmazonManagedKafkaEventSourceConfig *groupConfig
	SelfManagedKafkaEventSourceConfig   *groupConfig
	SourceAccessConfigurations          []sourceAccess
	ProvisionedPollerConfig             *pollers
}

// newTopicInput is what is said only of a mapping that is made.
type newTopicInput struct {
	Topics                 []string
	SelfManagedEventSource *selfManaged
}

type selfManaged struct{ Endpoints map[string][]string }

// serversName is how the API calls the brokers of a cluster, and serversProperty
// how CloudFormation does.
const (
	serversName     = "KAFKA_BOOTSTRAP_SERVERS"
	serversProperty = "KafkaBootstrapServers"
)

var (
	topicName  = lazy.MustCompile(`^[^.][a-zA-Z0-9\-_.]{0,248}$`)
	groupName  = lazy.MustCompile(`^[a-zA-Z0-9\-/*:_+=.@]{1,200}$`)
	subnetURI  = lazy.MustCompile(`^subnet:subnet-[0-9a-z]+$`)
	securedURI = lazy.MustCompile(`^security_group:sg-[0-9a-z]+$`)
)

// servers returns the brokers that are named, nil for none.
func (in newTopicInput) servers() []string {
	if in.SelfManagedEventSource == nil {
		return nil
	}
	return in.SelfManagedEventSource.Endpoints[serversName]
}

// startTopic makes a mapping one of Kafka; its source is one.
func (in newTopicInput) startTopic(m *mapping, now time.Time) error {
	if len(in.Topics) != 1 || !topicName.MatchString(in.Topics[0]) {
		return invalidValue("Kafka event sources take exactly one topic, of letters, digits, full stops, underscores and hyphens: %s", joined(in.Topics))
	}
	m.Topic = &topicSettings{Name: in.Topics[0], Group: m.ID, Servers: in.servers(), Since: now}
	return nil
}

// group returns the configuration of the group that fits a mapping, and the one
// that does not.
func (in topicInput) group(m *mapping) (fits, other *groupConfig) {
	if m.Topic.Servers != nil {
		return in.SelfManagedKafkaEventSourceConfig, in.AmazonManagedKafkaEventSourceConfig
	}
	return in.AmazonManagedKafkaEventSourceConfig, in.SelfManagedKafkaEventSourceConfig
}

// apply changes a mapping to what the caller said. created says that it is a new
// one, which alone may be given a group.
func (in topicInput) apply(m *mapping, created bool) error {
	v := m.Topic
	if v == nil {
		if in.ProvisionedPollerConfig != nil {
			return unmodelled("ProvisionedPollerConfig of other event sources than Kafka")
		}
		if !reflect.ValueOf(in).IsZero() {
			return invalidValue("The settings of brokers and databases are not valid for SQS, Kinesis and DynamoDB event sources.")
		}
		return nil
	}
	fits, other := in.group(m)
	switch {
	case other != nil:
		return invalidValue("The consumer group is that of another kind of Kafka event source.")
	case fits == nil || fits.ConsumerGroupId == "" || fits.ConsumerGroupId == v.Group: // nothing new
	case !created:
		return invalidValue("The consumer group ID of an event source mapping cannot be updated.")
	case !groupName.MatchString(fits.ConsumerGroupId):
		return invalidMember(fits.ConsumerGroupId, "consumerGroupId", `Member must satisfy regular expression pattern: [a-zA-Z0-9-\/*:_+=.@-]*`)
	default:
		v.Group = fits.ConsumerGroupId
	}
	if in.SourceAccessConfigurations != nil {
		v.Access = slices.Clone(in.SourceAccessConfigurations)
	}
	if p := in.ProvisionedPollerConfig; p != nil {
		if v.Pollers = new(*p); p.MinimumPollers == 0 && p.MaximumPollers == 0 {
			v.Pollers = nil // an empty object turns provisioned mode off
		}
	}
	return m.checkTopic()
}

// checkTopic checks the settings of a mapping of Kafka.
func (m *mapping) checkTopic() error {
	if err := m.Topic.check(); err != nil {
		return err
	}
	v := m.Stream
	if m.Topic.Pollers == nil && (v.Bisect || v.Retries != unlimited || v.AgeSeconds != unlimited || m.ReportFailures) {
		return invalidValue("BisectBatchOnFunctionError, MaximumRetryAttempts, MaximumRecordAgeInSeconds and ReportBatchItemFailures " +
			"are supported for Kafka event sources in provisioned mode only: ProvisionedPollerConfig")
	}
	return nil
}

func (v *topicSettings) check() error {
	if p := v.Pollers; p != nil {
		least, most := max(p.MinimumPollers, 1), p.MaximumPollers
		if most == 0 {
			most = max(least, 200)
		}
		if err := inRange(least, "provisionedPollerConfig.minimumPollers", 1, 200); err != nil {
			return err
		}
		if err := inRange(most, "provisionedPollerConfig.maximumPollers", 1, 2000); err != nil {
			return err
		}
		if least > most {
			return invalidValue("MinimumPollers must be less than or equal to MaximumPollers.")
		}
		p.MinimumPollers, p.MaximumPollers = least, most
	}
	if len(v.Servers) > 10 {
		return invalidMember(joined(v.Servers), "selfManagedEventSource", "Member must have length less than or equal to 10")
	}
	for _, server := range v.Servers {
		if !kafka.IsLocal(server) {
			return unmodelled(fmt.Sprintf("the Kafka broker %s: it never leaves this machine, so the servers of a rehearsal are those of a broker on a loopback address, such as 127.0.0.1:9092", server))
		}
	}
	return v.checkAccess()
}

// sourceAccessTypes are those of the API.
var sourceAccessTypes = []string{
	"BASIC_AUTH", "VPC_SUBNET", "VPC_SECURITY_GROUP", "SASL_SCRAM_512_AUTH", "SASL_SCRAM_256_AUTH", "VIRTUAL_HOST", "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE",
}

// checkAccess takes networks, which mean nothing on one machine, and no secrets:
// there is no Secrets Manager.
func (v *topicSettings) checkAccess() error {
	found := map[string]bool{}
	for _, a := range v.Access {
		found[a.Type] = true
		network := a.Type == "VPC_SUBNET" || a.Type == "VPC_SECURITY_GROUP"
		switch {
		case !slices.Contains(sourceAccessTypes, a.Type):
			return invalidMember(a.Type, "sourceAccessConfigurations.type", "Member must satisfy enum value set: "+joined(sourceAccessTypes))
		case a.Type == "VIRTUAL_HOST", v.Servers == nil && network, v.Servers == nil && a.Type == "SASL_SCRAM_256_AUTH", v.Servers == nil && a.Type == "BASIC_AUTH":
			return invalidValue("The source access configuration type %s is not valid for this event source.", a.Type)
		case a.Type == "VPC_SUBNET" && !subnetURI.MatchString(a.URI), a.Type == "VPC_SECURITY_GROUP" && !securedURI.MatchString(a.URI):
			return invalidMember(a.URI, "sourceAccessConfigurations.uRI", "Member must be subnet:subnet-id or security_group:sg-id")
		case !network && v.Servers == nil:
			return unmodelled(fmt.Sprintf("secrets, and so no source access configuration %s: the clusters of a rehearsal take IAM (auth: iam) or no authentication", a.Type))
		case !network:
			return unmodelled(fmt.Sprintf("secrets, and so no source access configuration %s: the brokers of a rehearsal are reached by way of a VPC, without authentication", a.Type))
		}
	}
	if found["VPC_SUBNET"] != found["VPC_SECURITY_GROUP"] {
		return invalidValue("VPC_SUBNET and VPC_SECURITY_GROUP must be specified together.")
	}
	return nil
}

// topicOutput shows what only mappings of Kafka have.
type topicOutput struct {
	Topics                              []string
	SelfManagedEventSource              *selfManaged   `json:",omitempty"`
	AmazonManagedKafkaEventSourceConfig *groupConfig   `json:",omitempty"`
	SelfManagedKafkaEventSourceConfig   *groupConfig   `json:",omitempty"`
	SourceAccessConfigurations          []sourceAccess `json:",omitempty"`
	ProvisionedPollerConfig             *pollers       `json:",omitempty"`
}

func (v *topicSettings) output() *topicOutput {
	out := &topicOutput{Topics: []string{v.Name}, SourceAccessConfigurations: v.Access, ProvisionedPollerConfig: v.Pollers}
	if v.Servers == nil {
		out.AmazonManagedKafkaEventSourceConfig = &groupConfig{v.Group}
		return out
	}
	out.SelfManagedEventSource = &selfManaged{map[string][]string{serversName: v.Servers}}
	out.SelfManagedKafkaEventSourceConfig = &groupConfig{v.Group}
	return out
}

// topicFields are the properties that only mappings of Kafka have.
func topicFields() shape.Fields {
	group := shape.Object(shape.Fields{"ConsumerGroupId": shape.Pattern(groupName, 200), "ConsumptionMode": shape.Unmodelled, "SchemaRegistryConfig": shape.Unmodelled})
	return shape.Fields{
		"AmazonManagedKafkaEventSourceConfig": group,
		"ProvisionedPollerConfig": shape.Object(shape.Fields{
			"MaximumPollers": shape.Integer(1, 2000), "MinimumPollers": shape.Integer(1, 200), "PollerGroupName": shape.String,
		}),
		"SelfManagedEventSource":            shape.Object(shape.Fields{"Endpoints": shape.Object(shape.Fields{serversProperty: shape.List(shape.String)})}),
		"SelfManagedKafkaEventSourceConfig": group,
		"SourceAccessConfigurations":        shape.List(shape.Object(shape.Fields{"Type": shape.Enum(sourceAccessTypes...), "URI": shape.String})),
		"Topics":                            shape.List(shape.Pattern(topicName, 249)),
	}
}

// filtersValueOnly returns an error if a filter looks at something else than the
// value of a record ("Filtering events from Amazon MSK and self-managed Apache
// Kafka event sources").
func filtersValueOnly(pattern []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(pattern, &members); err != nil {
		return invalidValue("Invalid filter pattern definition. %v", err)
	}
	for name := range members {
		if name != "value" && !strings.HasPrefix(name, "$") {
			return invalidValue("Invalid filter pattern definition. Kafka event source mappings only support filtering on the value key, not on %s.", name)
		}
	}
	return nil
}
