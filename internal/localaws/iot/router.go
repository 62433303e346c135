// SPDX-License-Identifier: MIT

package iot

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API of the rules.
func protocol() wire.JSON {
	return wire.JSON{Service: "AWS IoT", Limit: 1 << 20, TooLarge: "RequestEntityTooLarge", Invalid: "InvalidRequestException"}
}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.api.ServeAPI(w, r, id)
}

// operations maps the paths of the API to operations ("Actions", AWS IoT API
// reference).
func (s *Service) operations() *wire.REST {
	api := wire.NewREST(protocol(), s.env.Default.Partition)
	const named = "/rules/{ruleName}"
	wire.Handle(api, "GET /endpoint", "DescribeEndpoint", []string{"endpointType"}, s.describeEndpoint)
	wire.Handle(api, "GET /rules", "ListTopicRules", []string{"topic", "maxResults", "nextToken", "ruleDisabled"}, s.listRules)
	wire.Handle(api, "POST "+named, "CreateTopicRule", nil, s.createRule)
	wire.Handle(api, "GET "+named, "GetTopicRule", nil, s.getRule)
	wire.Handle(api, "PATCH "+named, "ReplaceTopicRule", nil, s.replaceRule)
	wire.Handle(api, "DELETE "+named, "DeleteTopicRule", nil, s.deleteRule)
	wire.Handle(api, "POST "+named+"/enable", "EnableTopicRule", nil, s.enableRule)
	wire.Handle(api, "POST "+named+"/disable", "DisableTopicRule", nil, s.disableRule)
	wire.Handle(api, "GET /tags", "ListTagsForResource", []string{"resourceArn", "nextToken"}, s.listTags)
	wire.Handle(api, "POST /tags", "TagResource", nil, s.tagResource)
	wire.Handle(api, "POST /untag", "UntagResource", nil, s.untagResource)
	return api
}

func (s *Service) scopeOf(id wire.Identity) arn.Scope {
	return arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
}

// describeEndpoint names the host of the data plane, which is that of all
// services here.
func (s *Service) describeEndpoint(c wire.Call, _ wire.None) (any, error) {
	if kind := c.Query.Get("endpointType"); !slices.Contains([]string{"", "iot:Data", "iot:Data-ATS"}, kind) {
		return nil, invalid("the embedded AWS does not model endpoint type %s", kind)
	}
	address, err := url.Parse(s.env.Endpoint())
	if err != nil {
		return nil, err
	}
	return map[string]string{"endpointAddress": address.Host}, nil
}

// paging is how the lists of the API are asked for in parts.
func paging() wire.Paging {
	return wire.Paging{Size: "maxResults", Token: "nextToken", Usual: 10_000, Most: 10_000}
}
