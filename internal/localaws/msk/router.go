// SPDX-License-Identifier: MIT

package msk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API.
func protocol() wire.JSON {
	return wire.JSON{Service: "MSK", Limit: 1 << 20, TooLarge: "BadRequestException", Invalid: "BadRequestException"}
}

// call is what the path and the query of a request say.
type call struct {
	ctx   context.Context
	scope arn.Scope
	path  func(name string) string
	query url.Values
}

// none is the input of an operation without a body, and an empty answer.
type none struct{}

type identityKey struct{}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
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

func (s *Service) router() *http.ServeMux {
	mux := http.NewServeMux()
	paging := []string{"maxResults", "nextToken"}
	named := append(slices.Clone(paging), "clusterNameFilter")
	mux.HandleFunc("GET "+clustersPath, operation(s, "ListClusters", named, s.listClusters))
	mux.HandleFunc("GET "+clusterPath, operation(s, "DescribeCluster", nil, s.describeCluster))
	mux.HandleFunc("GET "+brokersPath, operation(s, "GetBootstrapBrokers", nil, s.bootstrapBrokers))
	mux.HandleFunc("GET "+clustersV2, operation(s, "ListClustersV2", append(slices.Clone(named), "clusterTypeFilter"), s.listClustersV2))
	mux.HandleFunc("GET "+clusterV2, operation(s, "DescribeClusterV2", nil, s.describeClusterV2))
	mux.HandleFunc("POST "+topicsPath, operation(s, "CreateTopic", nil, s.createTopic))
	mux.HandleFunc("GET "+topicsPath, operation(s, "ListTopics", append(slices.Clone(paging), "topicNameFilter"), s.listTopics))
	mux.HandleFunc("GET "+topicPath, operation(s, "DescribeTopic", nil, s.describeTopic))
	mux.HandleFunc("DELETE "+topicPath, operation(s, "DeleteTopic", nil, s.deleteTopic))
	mux.HandleFunc("GET "+tagsPath, operation(s, "ListTagsForResource", nil, s.listTags))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		wire.WriteJSONError(w, wire.Errorf(http.StatusNotFound, "UnknownOperationException", "the embedded AWS does not model %s %s of MSK", r.Method, r.URL.Path))
	})
	return mux
}

// operation makes the handler of an operation. Members and query parameters that
// it does not have are refused by name.
func operation[In any](s *Service, name string, parameters []string, f func(call, In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := func() (any, error) {
			id, _ := r.Context().Value(identityKey{}).(wire.Identity)
			c := call{r.Context(), arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}, r.PathValue, r.URL.Query()}
			for parameter := range c.query {
				if !slices.Contains(parameters, parameter) {
					return nil, badRequest("the embedded AWS does not model parameter %q of %s", parameter, name)
				}
			}
			var in In
			if err := protocol().Decode(w, r, name, &in); err != nil {
				return nil, err
			}
			return f(c, in)
		}()
		if err != nil {
			wire.WriteJSONError(w, err)
			return
		}
		wire.WriteJSON(w, http.StatusOK, out)
	}
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

// page returns the part of a list that a query asks for, and the token of the
// next.
func page[T any](list []T, query url.Values) ([]T, string, error) {
	start, size := 0, 100
	if text := query.Get("maxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			return nil, "", badRequest("maxResults must be between 1 and 100")
		}
		size = n
	}
	if text := query.Get("nextToken"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > len(list) {
			return nil, "", badRequest("Invalid nextToken.")
		}
		start = n
	}
	end := min(start+size, len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}
