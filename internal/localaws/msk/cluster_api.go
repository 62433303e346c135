// SPDX-License-Identifier: MIT

package msk

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// about is what all descriptions of a cluster say.
type about struct {
	ClusterArn     string            `json:"clusterArn"`
	ClusterName    string            `json:"clusterName"`
	CreationTime   string            `json:"creationTime"`
	CurrentVersion string            `json:"currentVersion"`
	State          string            `json:"state"`
	Tags           map[string]string `json:"tags"`
}

// instant is how the API writes times.
const instant = "2006-01-02T15:04:05.000Z"

func (c *cluster) about() about {
	return about{c.arn(), c.Name, c.Created.Format(instant), c.Version, "ACTIVE", c.Tags}
}

// description is that of the first version of the API, which knows no other
// clusters than provisioned ones.
type description struct {
	about
	provisioned
}

// descriptionV2 is that of the second version.
type descriptionV2 struct {
	about
	ClusterType string       `json:"clusterType"`
	Provisioned *provisioned `json:"provisioned,omitempty"`
	Serverless  *serverless  `json:"serverless,omitempty"`
}

func (c *cluster) description() description { return description{c.about(), *c.Provisioned} }

func (c *cluster) descriptionV2() descriptionV2 {
	return descriptionV2{c.about(), c.kind(), c.Provisioned, c.Serverless}
}

func (c *cluster) kind() string {
	if c.Serverless != nil {
		return "SERVERLESS"
	}
	return "PROVISIONED"
}

// named returns the cluster that a path names; s.mu is held.
func (s *Service) named(c wire.Call) (*cluster, error) {
	found, err := s.find(c.PathValue("ClusterArn"))
	if err == nil && (found.Scope.Account != c.Scope.Account || found.Scope.Region != c.Scope.Region) {
		return nil, notFound("The specified cluster does not exist.")
	}
	return found, err
}

type describedOutput struct {
	ClusterInfo any `json:"clusterInfo"`
}

func (s *Service) describeCluster(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.named(c)
	switch {
	case err != nil:
		return nil, err
	case found.Serverless != nil:
		return nil, badRequest("This operation cannot be performed on serverless clusters.")
	}
	return describedOutput{found.description()}, nil
}

func (s *Service) describeClusterV2(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.named(c)
	if err != nil {
		return nil, err
	}
	return describedOutput{found.descriptionV2()}, nil
}

// listed returns the clusters of a scope that a query wants, in the order of their
// names; s.mu is held.
func (s *Service) listed(scope arn.Scope, prefix, kind string) []*cluster {
	var list []*cluster
	for _, c := range s.clusters {
		if c.Scope.Account == scope.Account && c.Scope.Region == scope.Region && strings.HasPrefix(c.Name, prefix) && (kind == "" || c.kind() == kind) {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *cluster) int { return strings.Compare(a.Name, b.Name) })
	return list
}

type listOutput[T any] struct {
	ClusterInfoList []T    `json:"clusterInfoList"`
	NextToken       string `json:"nextToken,omitempty"`
}

func (s *Service) listClusters(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, next, err := wire.Page(protocol(), paging(), s.listed(c.Scope, c.Query.Get("clusterNameFilter"), "PROVISIONED"), c.Query)
	out := listOutput[description]{[]description{}, next}
	for _, found := range list {
		out.ClusterInfoList = append(out.ClusterInfoList, found.description())
	}
	return out, err
}

func (s *Service) listClustersV2(c wire.Call, _ wire.None) (any, error) {
	kind := c.Query.Get("clusterTypeFilter")
	if kind != "" && kind != "PROVISIONED" && kind != "SERVERLESS" {
		return nil, badRequest("Unsupported clusterTypeFilter %s.", kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list, next, err := wire.Page(protocol(), paging(), s.listed(c.Scope, c.Query.Get("clusterNameFilter"), kind), c.Query)
	out := listOutput[descriptionV2]{[]descriptionV2{}, next}
	for _, found := range list {
		out.ClusterInfoList = append(out.ClusterInfoList, found.descriptionV2())
	}
	return out, err
}

// brokersOutput has an address for each way to sign in. All are the same, and of a
// broker to which everybody may speak in plain text.
type brokersOutput struct {
	Plain string `json:"bootstrapBrokerString,omitempty"`
	TLS   string `json:"bootstrapBrokerStringTls,omitempty"`
	SCRAM string `json:"bootstrapBrokerStringSaslScram,omitempty"`
	IAM   string `json:"bootstrapBrokerStringSaslIam,omitempty"`
}

func (s *Service) bootstrapBrokers(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.named(c)
	if err != nil {
		return nil, err
	}
	var out brokersOutput
	address := found.broker.Address()
	if found.takesAnybody() && found.clientBroker() != "TLS" {
		out.Plain = address
	}
	if (found.takesAnybody() || found.takesCertificates()) && found.clientBroker() != "PLAINTEXT" {
		out.TLS = address
	}
	if found.takesSCRAM() {
		out.SCRAM = address
	}
	if found.takesIAM() {
		out.IAM = address
	}
	return out, nil
}

type tagsOutput struct {
	Tags map[string]string `json:"tags"`
}

func (s *Service) listTags(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.clusters[c.PathValue("ResourceArn")]
	if found == nil || found.Scope.Account != c.Scope.Account {
		return nil, notFound("The specified resource does not exist.")
	}
	return tagsOutput{found.Tags}, nil
}
