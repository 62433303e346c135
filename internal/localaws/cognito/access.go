// SPDX-License-Identifier: MIT

package cognito

import (
	"net/http"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon Cognito User Pools", Service Authorization
// Reference): those of administrators are about a pool, those of users take none.
func needs() access.Table {
	rules := map[string]access.Rule{}
	for name := range actions() {
		rules[name] = access.On(access.Regional("cognito-idp", "userpool/*", "UserPoolId"))
	}
	for _, name := range unsigned() {
		rules[name] = access.Free
	}
	rules["ListUserPools"] = access.On(access.Any)
	return access.Table{Prefix: "cognito-idp", Rules: rules}
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.table.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}

// isUnsigned reports whether a request is for an operation of users, or for one
// that is not modelled and will be refused by name.
func isUnsigned(r *http.Request) bool {
	name := access.Operation(r)
	_, modelled := actions()[name]
	return !modelled || slices.Contains(unsigned(), name)
}
