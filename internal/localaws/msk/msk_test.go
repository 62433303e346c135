// SPDX-License-Identifier: MIT

package msk_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

const (
	clusterType    = "AWS::MSK::Cluster"
	serverlessType = "AWS::MSK::ServerlessCluster"
	topicType      = "AWS::MSK::Topic"
)

func TestCluster(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	made := w.create(t, clusterType, properties(object{
		"Tags": object{"team": "a"}, "ClientAuthentication": object{"Sasl": object{"Iam": object{"Enabled": "true"}}},
		"LoggingInfo": object{"BrokerLogs": object{"CloudWatchLogs": object{"Enabled": "false"}}},
	}))
	if made.Attributes["Arn"] != made.PhysicalID || !strings.HasPrefix(made.PhysicalID, "arn:aws:kafka:us-east-1:"+account+":cluster/main/") || made.Attributes["CurrentVersion"] == "" {
		t.Errorf("made %+v", made)
	}
	info := w.get(t, "/v1/clusters/%s", made.PhysicalID)["clusterInfo"].(object)
	for name, want := range map[string]any{
		"state": "ACTIVE", "clusterName": "main", "numberOfBrokerNodes": 4.0, "currentBrokerSoftwareInfo": object{"kafkaVersion": "3.9.x"}, "enhancedMonitoring": "DEFAULT",
		"tags": object{"team": "a", "stack": "s"}, "clientAuthentication": object{"sasl": object{"iam": object{"enabled": true}}}, "currentVersion": made.Attributes["CurrentVersion"],
		"loggingInfo": object{"brokerLogs": object{"cloudWatchLogs": object{"enabled": false}}},
		"brokerNodeGroupInfo": object{"brokerAZDistribution": "DEFAULT", "clientSubnets": []any{"subnet-1", "subnet-2"}, "instanceType": "kafka.m7g.large", "securityGroups": []any{"sg-1"},
			"storageInfo": object{"ebsStorageInfo": object{"volumeSize": 100.0}}},
	} {
		if diff := cmp.Diff(want, info[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	v2 := w.get(t, "/api/v2/clusters/%s", made.PhysicalID)["clusterInfo"].(object)
	if v2["clusterType"] != "PROVISIONED" || v2["provisioned"].(object)["numberOfBrokerNodes"] != 4.0 {
		t.Errorf("described as %v", v2)
	}
	c, err := w.Cluster(made.PhysicalID)
	if err != nil || !c.IAM || c.Serverless || len(c.Servers) != 1 {
		t.Errorf("cluster %+v, %v", c, err)
	}
	if len(w.notices) != 1 || !strings.Contains(w.notices[0], c.Servers[0]) {
		t.Errorf("notices %q", w.notices)
	}
	if diff := cmp.Diff(object{"bootstrapBrokerStringSaslIam": c.Servers[0]}, w.get(t, "/v1/clusters/%s/bootstrap-brokers", made.PhysicalID)); diff != "" {
		t.Error(diff)
	}
	if err := w.ResourceTypes()[clusterType].Delete(t.Context(), made, resource.Request{}); err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", c.Servers[0]); err == nil {
		_ = conn.Close()
		t.Error("the broker of a cluster that is gone answers")
	}
	if _, failure := w.call(t, http.MethodGet, "/v1/clusters/%s", made.PhysicalID, nil); !strings.HasPrefix(failure, "NotFoundException") {
		t.Errorf("got %q", failure)
	}
}

// What clients sign in with decides which strings there are, all of one address.
func TestBootstrapBrokers(t *testing.T) {
	t.Parallel()
	on := object{"Enabled": true}
	for name, test := range map[string]struct {
		changes object
		want    []string
	}{
		"nothing said": {nil, []string{"bootstrapBrokerStringTls"}},
		"plain text":   {object{"EncryptionInfo": object{"EncryptionInTransit": object{"ClientBroker": "PLAINTEXT"}}}, []string{"bootstrapBrokerString"}},
		"both":         {object{"EncryptionInfo": object{"EncryptionInTransit": object{"ClientBroker": "TLS_PLAINTEXT"}}}, []string{"bootstrapBrokerString", "bootstrapBrokerStringTls"}},
		"all": {object{"ClientAuthentication": object{"Sasl": object{"Iam": on, "Scram": on}, "Tls": on, "Unauthenticated": on}},
			[]string{"bootstrapBrokerStringSaslIam", "bootstrapBrokerStringSaslScram", "bootstrapBrokerStringTls"}},
		"secrets": {object{"ClientAuthentication": object{"Sasl": object{"Scram": on}}}, []string{"bootstrapBrokerStringSaslScram"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, t.TempDir())
			made := w.create(t, clusterType, properties(test.changes))
			var got []string
			for name := range w.get(t, "/v1/clusters/%s/bootstrap-brokers", made.PhysicalID) {
				got = append(got, name)
			}
			if slices.Sort(got); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if c, err := w.Cluster(made.PhysicalID); err != nil || c.IAM || c.Secret != (name == "secrets") {
				t.Errorf("lets in who has an identity or a secret: %+v, %v", c, err)
			}
		})
	}
}

func TestServerlessCluster(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	made := w.create(t, serverlessType, serverless())
	w.create(t, clusterType, properties(nil))
	info := w.get(t, "/api/v2/clusters/%s", made.PhysicalID)["clusterInfo"].(object)
	want := object{"vpcConfigs": []any{object{"subnetIds": []any{"subnet-1"}, "securityGroupIds": []any{"sg-1"}}}, "clientAuthentication": object{"sasl": object{"iam": object{"enabled": true}}}}
	if diff := cmp.Diff(want, info["serverless"]); diff != "" || info["clusterType"] != "SERVERLESS" {
		t.Errorf("%v: %s", info["clusterType"], diff)
	}
	if c, err := w.Cluster(made.PhysicalID); err != nil || !c.Serverless || !c.IAM {
		t.Errorf("cluster %+v, %v", c, err)
	}
	if _, failure := w.call(t, http.MethodGet, "/v1/clusters/%s", made.PhysicalID, nil); !strings.HasPrefix(failure, "BadRequestException") {
		t.Errorf("the first version of the API: %q", failure)
	}
	for path, want := range map[string]int{"/v1/clusters": 1, "/api/v2/clusters": 2, "/api/v2/clusters?clusterTypeFilter=SERVERLESS": 1, "/api/v2/clusters?clusterNameFilter=ma": 1, "/api/v2/clusters?maxResults=1": 1} {
		if got := w.get(t, path, "")["clusterInfoList"].([]any); len(got) != want {
			t.Errorf("%s: %d clusters, want %d", path, len(got), want)
		}
	}
	if err := w.ResourceTypes()[serverlessType].Delete(t.Context(), made, resource.Request{}); err != nil {
		t.Error(err)
	}
	bad := serverless()
	bad["ClientAuthentication"] = object{"Sasl": object{"Iam": object{"Enabled": false}}}
	if _, err := w.ResourceTypes()[serverlessType].Create(t.Context(), resource.Request{Scope: here, Properties: bad}); err == nil || !strings.Contains(err.Error(), "IAM authentication must be enabled") {
		t.Errorf("without IAM: %v", err)
	}
}

func TestClusterUpdates(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	model := w.ResourceTypes()[clusterType]
	old := properties(nil)
	made := w.create(t, clusterType, old)
	next := properties(object{"NumberOfBrokerNodes": 6, "KafkaVersion": "4.0.x.kraft", "StorageMode": "TIERED"})
	changed, err := model.Update(t.Context(), made, resource.Request{Scope: here, Properties: next, OldProperties: old})
	if err != nil || changed.Attributes["CurrentVersion"] == made.Attributes["CurrentVersion"] {
		t.Errorf("updated to %+v, %v", changed, err)
	}
	info := w.get(t, "/v1/clusters/%s", made.PhysicalID)["clusterInfo"].(object)
	if info["numberOfBrokerNodes"] != 6.0 || info["storageMode"] != "TIERED" {
		t.Errorf("got %v", info)
	}
	if _, err := model.Update(t.Context(), made, resource.Request{Scope: here, Properties: old}); err == nil || !strings.Contains(err.Error(), "does not model that brokers are removed") {
		t.Errorf("fewer brokers: %v", err)
	}
	nodes := func(subnets ...any) object {
		return properties(object{"BrokerNodeGroupInfo": object{"ClientSubnets": subnets, "InstanceType": "kafka.m7g.xlarge", "SecurityGroups": []any{"sg-1"}}})
	}
	for name, test := range map[string]struct {
		next object
		want bool
	}{
		"name": {properties(object{"ClusterName": "other"}), true}, "subnets": {nodes("subnet-1", "subnet-3"), true}, "instances": {nodes("subnet-1", "subnet-2"), false},
		"encryption": {properties(object{"EncryptionInfo": object{"EncryptionInTransit": object{"InCluster": false}}}), true},
		"clients":    {properties(object{"EncryptionInfo": object{"EncryptionInTransit": object{"ClientBroker": "PLAINTEXT"}}}), false},
	} {
		if got := model.Replaces(old, test.next); got != test.want {
			t.Errorf("%s: replaced %v", name, got)
		}
	}
}

func TestClusterRefuses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, clusterType, properties(nil))
	model := w.ResourceTypes()[clusterType]
	for name, test := range map[string]struct {
		properties object
		want       string
	}{
		"twice":       {properties(nil), "already exists"},
		"brokers":     {properties(object{"ClusterName": "b", "NumberOfBrokerNodes": 3}), "multiple of Availability Zones"},
		"subnets":     {properties(object{"ClusterName": "b", "BrokerNodeGroupInfo": object{"ClientSubnets": []any{"subnet-1"}, "InstanceType": "kafka.t3.small"}}), "two or three client subnets"},
		"version":     {properties(object{"KafkaVersion": "latest"}), "[pattern]"},
		"instance":    {properties(object{"BrokerNodeGroupInfo": object{"ClientSubnets": []any{}, "InstanceType": "m5.large"}}), "[pattern]"},
		"name":        {properties(object{"ClusterName": "a b"}), "[pattern]"},
		"missing":     {object{}, "required key [BrokerNodeGroupInfo] not found"},
		"unknown":     {properties(object{"Broker": 1}), "extraneous key [Broker]"},
		"settings":    {properties(object{"ConfigurationInfo": object{"Arn": "a", "Revision": 1}}), "does not model this property"},
		"tags":        {properties(object{"Tags": []any{}}), "expected type: JSONObject"},
		"client":      {properties(object{"EncryptionInfo": object{"EncryptionInTransit": object{"ClientBroker": "SSL"}}}), "enum value"},
		"mode of log": {properties(object{"LoggingInfo": object{"BrokerLogs": object{"S3": object{"Bucket": "b"}}}}), "required key [Enabled]"},
	} {
		faults := model.Check(test.properties)
		got := strings.Join(faults, "\n")
		if faults == nil {
			_, err := model.Create(t.Context(), resource.Request{Scope: here, Properties: test.properties})
			if err != nil {
				got = err.Error()
			}
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	for _, path := range []string{"/v1/configurations", "/v1/clusters?clusterType=x"} {
		if _, failure := w.call(t, http.MethodGet, path, "", nil); !strings.Contains(failure, "the embedded AWS does not model") {
			t.Errorf("%s: %q", path, failure)
		}
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	cluster := w.create(t, clusterType, properties(nil)).PhysicalID
	topic := object{"ClusterArn": cluster, "TopicName": "orders", "PartitionCount": 2, "ReplicationFactor": 2}
	made := w.create(t, topicType, topic)
	if want := strings.Replace(cluster, ":cluster/", ":topic/", 1) + "/orders"; made.PhysicalID != want || made.Attributes["TopicArn"] != want {
		t.Errorf("made %+v", made)
	}
	model := w.ResourceTypes()[topicType]
	more := object{"ClusterArn": cluster, "TopicName": "orders", "PartitionCount": 3, "ReplicationFactor": 2}
	if _, err := model.Update(t.Context(), made, resource.Request{Scope: here, Properties: more, OldProperties: topic}); err != nil {
		t.Error(err)
	}
	if got := w.get(t, "/v1/clusters/%s/topics/orders", cluster); got["partitionCount"] != 3.0 || got["topicArn"] != made.PhysicalID {
		t.Errorf("got %v", got)
	}
	out, failure := w.call(t, http.MethodPost, "/v1/clusters/%s/topics", cluster, object{"topicName": "sold", "partitionCount": 1, "replicationFactor": 1})
	if failure != "" || out["topicName"] != "sold" {
		t.Errorf("made %v, %s", out, failure)
	}
	if got := w.get(t, "/v1/clusters/%s/topics", cluster)["topics"].([]any); len(got) != 2 {
		t.Errorf("topics %v", got)
	}
	for name, in := range map[string]object{
		"TopicExistsException": {"topicName": "sold", "partitionCount": 1, "replicationFactor": 1}, "BadRequestException: Replication factor: 9": {"topicName": "x", "partitionCount": 1, "replicationFactor": 9},
		"BadRequestException": {"topicName": "x", "partitionCount": 1, "replicationFactor": 1, "configs": "e30="},
	} {
		if _, failure := w.call(t, http.MethodPost, "/v1/clusters/%s/topics", cluster, in); !strings.HasPrefix(failure, name) {
			t.Errorf("got %q, want %s", failure, name)
		}
	}
	for range 2 {
		if err := model.Delete(t.Context(), made, resource.Request{Properties: more}); err != nil {
			t.Error(err)
		}
	}
	if _, failure := w.call(t, http.MethodDelete, "/v1/clusters/%s/topics/orders", cluster, nil); !strings.HasPrefix(failure, "NotFoundException") {
		t.Errorf("got %q", failure)
	}
}

// A cluster outlives the process with its port and topics, and costs who has none
// not even a directory.
func TestClusterSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	if _, err := os.Stat(filepath.Join(dir, "msk")); err == nil {
		t.Error("there is a directory without a cluster")
	}
	cluster := w.create(t, clusterType, properties(nil)).PhysicalID
	w.create(t, topicType, object{"ClusterArn": cluster, "TopicName": "orders", "PartitionCount": 2, "ReplicationFactor": 1})
	before, err := w.Cluster(cluster)
	if err != nil {
		t.Fatal(err)
	}
	w.close(t)
	if err := os.MkdirAll(filepath.Join(dir, "msk", "stray"), 0o700); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir)
	after, err := w.Cluster(cluster)
	if diff := cmp.Diff(before, after); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if got := w.get(t, "/v1/clusters/%s/topics/orders", cluster); got["partitionCount"] != 2.0 {
		t.Errorf("got %v", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "msk", "stray")); err == nil {
		t.Error("files of no cluster are kept")
	}
	if len(w.notices) != 0 {
		t.Errorf("the same port is told again: %q", w.notices)
	}
}
