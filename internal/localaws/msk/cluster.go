// SPDX-License-Identifier: MIT

package msk

import (
	"cmp"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/kafka"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// cluster is a cluster of one of two kinds; guarded by Service.mu. The names of
// its settings are those of the API, from which CloudFormation's differ in their
// case.
type cluster struct {
	Scope       arn.Scope
	Name        string
	ID          string // UUID and a number
	Port        int    // of the broker
	Created     time.Time
	Version     string // changes with each change
	Tags        map[string]string
	Provisioned *provisioned `json:",omitempty"`
	Serverless  *serverless  `json:",omitempty"`

	broker *kafka.Broker // nil: it could not be opened
}

// provisioned are the settings of a cluster with brokers of its own.
type provisioned struct {
	BrokerNodeGroupInfo  nodeGroup          `json:"brokerNodeGroupInfo"`
	ClientAuthentication *authentication    `json:"clientAuthentication,omitempty"`
	EncryptionInfo       *encryption        `json:"encryptionInfo,omitempty"`
	EnhancedMonitoring   string             `json:"enhancedMonitoring"`
	LoggingInfo          map[string]any     `json:"loggingInfo,omitempty"`
	OpenMonitoring       map[string]any     `json:"openMonitoring,omitempty"`
	NumberOfBrokerNodes  int                `json:"numberOfBrokerNodes"`
	StorageMode          string             `json:"storageMode"`
	Software             brokerSoftwareInfo `json:"currentBrokerSoftwareInfo"`
}

type brokerSoftwareInfo struct {
	KafkaVersion string `json:"kafkaVersion"`
}

type nodeGroup struct {
	BrokerAZDistribution string       `json:"brokerAZDistribution"`
	ClientSubnets        []string     `json:"clientSubnets"`
	InstanceType         string       `json:"instanceType"`
	SecurityGroups       []string     `json:"securityGroups,omitempty"`
	StorageInfo          *storageInfo `json:"storageInfo,omitempty"`
}

type storageInfo struct {
	EBSStorageInfo *volume `json:"ebsStorageInfo,omitempty"`
}

type volume struct {
	ProvisionedThroughput *throughput `json:"provisionedThroughput,omitempty"`
	VolumeSize            int         `json:"volumeSize,omitempty"` // GiB
}

type throughput struct {
	Enabled          bool `json:"enabled"`
	VolumeThroughput int  `json:"volumeThroughput,omitempty"` // MiB a second
}

type authentication struct {
	SASL            *sasl        `json:"sasl,omitempty"`
	TLS             *tlsSettings `json:"tls,omitempty"`
	Unauthenticated *enabled     `json:"unauthenticated,omitempty"`
}

type sasl struct {
	IAM   *enabled `json:"iam,omitempty"`
	SCRAM *enabled `json:"scram,omitempty"`
}

type tlsSettings struct {
	CertificateAuthorityArnList []string `json:"certificateAuthorityArnList,omitempty"`
	Enabled                     bool     `json:"enabled"`
}

type enabled struct {
	Enabled bool `json:"enabled"`
}

func (e *enabled) on() bool { return e != nil && e.Enabled }

type encryption struct {
	EncryptionAtRest *struct {
		DataVolumeKMSKeyID string `json:"dataVolumeKMSKeyId"`
	} `json:"encryptionAtRest,omitempty"`
	EncryptionInTransit *inTransit `json:"encryptionInTransit,omitempty"`
}

type inTransit struct {
	ClientBroker string `json:"clientBroker,omitempty"`
	InCluster    *bool  `json:"inCluster,omitempty"`
}

// serverless are the settings of a cluster without brokers of its own.
type serverless struct {
	VpcConfigs           []vpcConfig     `json:"vpcConfigs"`
	ClientAuthentication *authentication `json:"clientAuthentication,omitempty"`
}

type vpcConfig struct {
	SubnetIDs      []string `json:"subnetIds"`
	SecurityGroups []string `json:"securityGroupIds,omitempty"`
}

func (c *cluster) arn() string {
	return c.Scope.Regional("kafka", "cluster/"+c.Name+"/"+c.ID)
}

// topicARN returns the ARN of a topic, which is that of its cluster of another
// kind with the name behind it.
func (c *cluster) topicARN(topic string) string {
	return c.Scope.Regional("kafka", "topic/"+c.Name+"/"+c.ID+"/"+topic)
}

// authentication returns how clients sign in; the zero value says nothing of it.
func (c *cluster) authentication() authentication {
	var a *authentication
	if c.Serverless != nil {
		a = c.Serverless.ClientAuthentication
	} else {
		a = c.Provisioned.ClientAuthentication
	}
	if a == nil {
		return authentication{}
	}
	return *a
}

// takesIAM and the others say which ways to sign in a cluster has. One that says
// nothing lets in everybody ("Security", MSK Developer Guide).
func (c *cluster) takesIAM() bool {
	a := c.authentication()
	return a.SASL != nil && a.SASL.IAM.on()
}

func (c *cluster) takesSCRAM() bool {
	a := c.authentication()
	return a.SASL != nil && a.SASL.SCRAM.on()
}

func (c *cluster) takesCertificates() bool {
	a := c.authentication()
	return a.TLS != nil && a.TLS.Enabled
}

func (c *cluster) takesAnybody() bool {
	return c.authentication().Unauthenticated.on() || !c.takesIAM() && !c.takesSCRAM() && !c.takesCertificates()
}

// onlyIAM reports whether who has no secret has to be let in by IAM.
func (c *cluster) onlyIAM() bool { return c.takesIAM() && !c.takesAnybody() }

// onlySecrets reports whether nobody is let in who has no secret.
func (c *cluster) onlySecrets() bool { return !c.takesIAM() && !c.takesAnybody() }

// clientBroker returns how clients and brokers of a cluster talk.
func (c *cluster) clientBroker() string {
	if c.Provisioned == nil || c.Provisioned.EncryptionInfo == nil || c.Provisioned.EncryptionInfo.EncryptionInTransit == nil {
		return "TLS"
	}
	return cmp.Or(c.Provisioned.EncryptionInfo.EncryptionInTransit.ClientBroker, "TLS")
}

// newVersion returns a version as MSK has them.
func newVersion() string {
	return "K" + strings.ToUpper(strings.ReplaceAll(wire.RequestID(), "-", "")[:13])
}

// stop ends the broker of a cluster.
func (c *cluster) stop() {
	if c.broker != nil {
		c.broker.Close()
		c.broker = nil
	}
}
