// SPDX-License-Identifier: MIT

package iot

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for AWS IoT", Service Authorization Reference).
func needs() access.Routes {
	do := func(action string, on access.Resource) access.Rule { return access.Do("iot:"+action, on) }
	const named = "/rules/{ruleName}"
	rule := access.Regional("iot", "rule/*", "ruleName")
	tagged := access.ARNIn("resourceArn")
	return access.NewRoutes(map[string]access.Rule{
		"GET /endpoint":              do("DescribeEndpoint", access.Any),
		"GET /rules":                 do("ListTopicRules", access.Any),
		"POST " + named:              access.All(do("CreateTopicRule", rule), passing),
		"GET " + named:               do("GetTopicRule", rule),
		"PATCH " + named:             access.All(do("ReplaceTopicRule", rule), passing),
		"DELETE " + named:            do("DeleteTopicRule", rule),
		"POST " + named + "/enable":  do("EnableTopicRule", rule),
		"POST " + named + "/disable": do("DisableTopicRule", rule),
		"GET /tags":                  do("ListTagsForResource", tagged),
		"POST /tags":                 do("TagResource", tagged),
		"POST /untag":                do("UntagResource", tagged),
	})
}

// passing needs the right to hand the actions their roles.
func passing(in *access.Input) []access.Need {
	var needs []access.Need
	actions := in.Members("actions")
	if last, ok := in.Member("errorAction").(map[string]any); ok {
		actions = append(actions, last)
	}
	for _, a := range actions {
		for _, member := range a {
			object, _ := member.(map[string]any)
			role, _ := object["roleArn"].(string)
			needs = append(needs, access.Pass(role, principal)...)
		}
	}
	return needs
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, s.scopeOf(id))
}
