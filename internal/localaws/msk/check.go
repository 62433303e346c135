// SPDX-License-Identifier: MIT

package msk

import (
	"math"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

var (
	namePattern     = lazy.MustCompile(`^[a-zA-Z0-9-]{1,64}$`)
	versionPattern  = lazy.MustCompile(`^[0-9]+\.[0-9]+\.([0-9]+|x)(\.[0-9]+)?(\.tiered|\.kraft)?$`)
	instancePattern = lazy.MustCompile(`^(kafka|express)\.[a-z0-9-]+\.[a-z0-9]+$`)
)

// switched is the shape of what is enabled or not.
func switched() shape.Rule {
	return shape.Object(shape.Fields{"Enabled": shape.Boolean}, "Enabled")
}

// tags accepts an object with a text for each name, as MSK has tags.
func tags(path string, value any) []string {
	object, ok := value.(map[string]any)
	if !ok || shape.IsIntrinsic(value) {
		return shape.Object(shape.Fields{})(path, value)
	}
	fields := shape.Fields{}
	for name := range object {
		fields[name] = shape.String
	}
	return shape.Object(fields)(path, value)
}

// clusterShape is that of the properties of AWS::MSK::Cluster.
func clusterShape() shape.Rule {
	return shape.Object(shape.Fields{
		"BrokerNodeGroupInfo":  nodesShape(),
		"ClientAuthentication": authenticationShape(),
		"ClusterName":          shape.Pattern(namePattern, 64),
		"ConfigurationInfo":    shape.Unmodelled,
		"EncryptionInfo": shape.Object(shape.Fields{
			"EncryptionAtRest":    shape.Object(shape.Fields{"DataVolumeKMSKeyId": shape.String}, "DataVolumeKMSKeyId"),
			"EncryptionInTransit": shape.Object(shape.Fields{"ClientBroker": shape.Enum("TLS", "TLS_PLAINTEXT", "PLAINTEXT"), "InCluster": shape.Boolean}),
		}),
		"EnhancedMonitoring":  shape.Enum("DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"),
		"KafkaVersion":        shape.Pattern(versionPattern, 128),
		"LoggingInfo":         loggingShape(),
		"NumberOfBrokerNodes": shape.Integer(1, math.MaxInt32),
		"OpenMonitoring":      monitoringShape(),
		"Rebalancing":         shape.Unmodelled,
		"StorageMode":         shape.Enum("LOCAL", "TIERED"),
		"Tags":                tags,
		"ZookeeperAccess":     shape.Unmodelled,
	}, "BrokerNodeGroupInfo", "ClusterName", "KafkaVersion", "NumberOfBrokerNodes")
}

func nodesShape() shape.Rule {
	return shape.Object(shape.Fields{
		"BrokerAZDistribution": shape.Enum("DEFAULT"),
		"ClientSubnets":        shape.List(shape.String),
		"ConnectivityInfo":     shape.Unmodelled,
		"InstanceType":         shape.Pattern(instancePattern, 32),
		"SecurityGroups":       shape.List(shape.String),
		"StorageInfo": shape.Object(shape.Fields{"EBSStorageInfo": shape.Object(shape.Fields{
			"ProvisionedThroughput": shape.Object(shape.Fields{"Enabled": shape.Boolean, "VolumeThroughput": shape.Integer(1, math.MaxInt32)}),
			"VolumeSize":            shape.Integer(1, 16384),
		})}),
	}, "ClientSubnets", "InstanceType")
}

func authenticationShape() shape.Rule {
	return shape.Object(shape.Fields{
		"Sasl":            shape.Object(shape.Fields{"Iam": switched(), "Scram": switched()}),
		"Tls":             shape.Object(shape.Fields{"CertificateAuthorityArnList": shape.List(shape.String), "Enabled": shape.Boolean}),
		"Unauthenticated": switched(),
	})
}

func loggingShape() shape.Rule {
	to := func(names ...string) shape.Rule {
		fields := shape.Fields{"Enabled": shape.Boolean}
		for _, name := range names {
			fields[name] = shape.String
		}
		return shape.Object(fields, "Enabled")
	}
	return shape.Object(shape.Fields{"BrokerLogs": shape.Object(shape.Fields{
		"CloudWatchLogs": to("LogGroup"), "Firehose": to("DeliveryStream"), "S3": to("Bucket", "Prefix"),
	})}, "BrokerLogs")
}

func monitoringShape() shape.Rule {
	exporter := shape.Object(shape.Fields{"EnabledInBroker": shape.Boolean}, "EnabledInBroker")
	return shape.Object(shape.Fields{"Prometheus": shape.Object(shape.Fields{"JmxExporter": exporter, "NodeExporter": exporter})}, "Prometheus")
}

// serverlessShape is that of the properties of AWS::MSK::ServerlessCluster.
func serverlessShape() shape.Rule {
	return shape.Object(shape.Fields{
		"ClientAuthentication": shape.Object(shape.Fields{"Sasl": shape.Object(shape.Fields{"Iam": switched()}, "Iam")}, "Sasl"),
		"ClusterName":          shape.Pattern(namePattern, 64),
		"Tags":                 tags,
		"VpcConfigs":           shape.List(shape.Object(shape.Fields{"SecurityGroups": shape.List(shape.String), "SubnetIds": shape.List(shape.String)}, "SubnetIds")),
	}, "ClientAuthentication", "ClusterName", "VpcConfigs")
}

// check returns an error if a cluster's settings do not go together ("Amazon MSK
// quota" and "Create a cluster", MSK Developer Guide).
func (p *provisioned) check() error {
	subnets := len(p.BrokerNodeGroupInfo.ClientSubnets)
	switch {
	case subnets < 2 || subnets > 3:
		return badRequest("Specify either two or three client subnets, not %d.", subnets)
	case p.NumberOfBrokerNodes%subnets != 0:
		return badRequest("The number of broker nodes must be a multiple of Availability Zones in the Client Subnets parameter: %d is none of %d.", p.NumberOfBrokerNodes, subnets)
	}
	return nil
}
