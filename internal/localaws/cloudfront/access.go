// SPDX-License-Identifier: MIT

package cloudfront

import (
	"errors"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon CloudFront", Service Authorization Reference).
func needs() access.Routes {
	do := func(action string) access.Rule { return access.Do("cloudfront:"+action, distributionNamed) }
	return access.NewRoutes(map[string]access.Rule{
		"GET " + pathDistributions:                     access.Do("cloudfront:ListDistributions", access.Any),
		"GET " + pathDistribution:                      do("GetDistribution"),
		"GET " + pathDistribution + "/config":          do("GetDistributionConfig"),
		"POST " + pathInvalidations:                    do("CreateInvalidation"),
		"GET " + pathInvalidations:                     do("ListInvalidations"),
		"GET " + pathInvalidations + "/{Invalidation}": do("GetInvalidation"),
	})
}

func distributionNamed(in *access.Input) []string {
	scope := in.Scope
	scope.Region = ""
	return []string{scope.Global("cloudfront", "distribution/"+in.Text("Id"))}
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region})
}

// Refuse answers a caller who may not do what the request asks for.
func (s *Service) Refuse(w http.ResponseWriter, r *http.Request, _ wire.Identity, err error) {
	err = access.Fault(r, err)
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "AccessDeniedException" {
		err = wire.Errorf(http.StatusForbidden, "AccessDenied", "%s", e.Message)
	}
	wire.WriteQueryError(w, namespace, err)
}
