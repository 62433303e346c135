// SPDX-License-Identifier: MIT

package msk

import (
	"net/http"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API.
func protocol() wire.JSON {
	return wire.JSON{Service: "MSK", Limit: 1 << 20, TooLarge: "BadRequestException", Invalid: "BadRequestException"}
}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.api.ServeAPI(w, r, id)
}

// The paths of the API ("Operations", Amazon MSK API reference).
const (
	clustersPath = "/v1/clusters"
	clusterPath  = clustersPath + "/{ClusterArn}"
	brokersPath  = clusterPath + "/bootstrap-brokers"
	topicsPath   = clusterPath + "/topics"
	topicPath    = topicsPath + "/{TopicName}"
	tagsPath     = "/v1/tags/{ResourceArn}"
	clustersV2   = "/api/v2/clusters"
	clusterV2    = clustersV2 + "/{ClusterArn}"
)

func (s *Service) operations() *wire.REST {
	api := wire.NewREST(protocol(), s.env.Default.Partition)
	parts := []string{"maxResults", "nextToken"}
	named := append(slices.Clone(parts), "clusterNameFilter")
	wire.Handle(api, "GET "+clustersPath, "ListClusters", named, s.listClusters)
	wire.Handle(api, "GET "+clusterPath, "DescribeCluster", nil, s.describeCluster)
	wire.Handle(api, "GET "+brokersPath, "GetBootstrapBrokers", nil, s.bootstrapBrokers)
	wire.Handle(api, "GET "+clustersV2, "ListClustersV2", append(slices.Clone(named), "clusterTypeFilter"), s.listClustersV2)
	wire.Handle(api, "GET "+clusterV2, "DescribeClusterV2", nil, s.describeClusterV2)
	wire.Handle(api, "POST "+topicsPath, "CreateTopic", nil, s.createTopic)
	wire.Handle(api, "GET "+topicsPath, "ListTopics", append(slices.Clone(parts), "topicNameFilter"), s.listTopics)
	wire.Handle(api, "GET "+topicPath, "DescribeTopic", nil, s.describeTopic)
	wire.Handle(api, "DELETE "+topicPath, "DeleteTopic", nil, s.deleteTopic)
	wire.Handle(api, "GET "+tagsPath, "ListTagsForResource", nil, s.listTags)
	return api
}

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon Managed Streaming for Apache Kafka", Service
// Authorization Reference).
func needs() access.Routes {
	do := func(action string, on access.Resource) access.Rule { return access.Do("kafka:"+action, on) }
	cluster := access.ARNIn("ClusterArn")
	return access.NewRoutes(map[string]access.Rule{
		"GET " + clustersPath: do("ListClusters", access.Any),
		"GET " + clusterPath:  do("DescribeCluster", cluster),
		"GET " + brokersPath:  do("GetBootstrapBrokers", cluster),
		"GET " + clustersV2:   do("ListClustersV2", access.Any),
		"GET " + clusterV2:    do("DescribeClusterV2", cluster),
		"POST " + topicsPath:  do("CreateTopic", cluster),
		"GET " + topicsPath:   do("ListTopics", cluster),
		"GET " + topicPath:    do("DescribeTopic", cluster),
		"DELETE " + topicPath: do("DeleteTopic", cluster),
		"GET " + tagsPath:     do("ListTagsForResource", access.ARNIn("ResourceArn")),
	})
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region})
}

// paging is how the lists of the API are asked for in parts.
func paging() wire.Paging {
	return wire.Paging{Size: "maxResults", Token: "nextToken", Usual: 100, Most: 100}
}
