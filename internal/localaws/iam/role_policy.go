// SPDX-License-Identifier: MIT

package iam

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxAttached is the quota of managed policies of a role.
const maxAttached = 20

// putInline sets an inline policy; all of a role together have at most 10240
// characters.
func (r *role) putInline(name, document string) error {
	if err := checkName("policyName", name, 128); err != nil {
		return err
	}
	rest := 10240
	for other, text := range r.Inline {
		if other != name {
			rest -= size(text)
		}
	}
	if err := checkPermissions(document, rest, "role "+r.Name); err != nil {
		return err
	}
	if r.Inline == nil {
		r.Inline = map[string]string{}
	}
	r.Inline[name] = document
	return nil
}

func (s *Service) putRolePolicy(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	return nil, r.putInline(c.Get("PolicyName"), c.Get("PolicyDocument"))
}

func (s *Service) getRolePolicy(a *account, c call) (any, error) {
	r, name, err := a.inline(c)
	if err != nil {
		return nil, err
	}
	return struct{ RoleName, PolicyName, PolicyDocument string }{r.Name, name, escape(r.Inline[name])}, nil
}

func (s *Service) deleteRolePolicy(a *account, c call) (any, error) {
	r, name, err := a.inline(c)
	if err != nil {
		return nil, err
	}
	delete(r.Inline, name)
	return nil, nil
}

// inline returns the role and the name of the inline policy that a call names.
func (a *account) inline(c call) (*role, string, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, "", err
	}
	name := c.Get("PolicyName")
	if _, ok := r.Inline[name]; !ok {
		return nil, "", noSuchEntity("The role policy with name %s cannot be found.", name)
	}
	return r, name, nil
}

func (s *Service) listRolePolicies(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	names, page, err := c.page(slices.Sorted(maps.Keys(r.Inline)))
	return struct {
		PolicyNames []string `xml:"PolicyNames>member"`
		paged
	}{names, page}, err
}

// attach attaches a managed policy: one of the account, or one of AWS, whose
// catalogue is not known here and therefore taken at its word.
func (a *account) attach(r *role, policyARN string) error {
	if !isManagedByAWS(policyARN) && a.Policies[policyARN] == nil {
		return noSuchEntity("Policy %s does not exist or is not attachable.", policyARN)
	}
	if slices.Contains(r.Attached, policyARN) {
		return nil
	}
	if len(r.Attached) == maxAttached {
		return wire.Errorf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
	}
	r.Attached = append(slices.Clone(r.Attached), policyARN)
	return nil
}

func isManagedByAWS(policyARN string) bool {
	name, ok := strings.CutPrefix(policyARN, "arn:aws:iam::aws:policy/")
	return ok && name != ""
}

// detach takes a managed policy off a role; it reports false if it was not on.
func (r *role) detach(policyARN string) bool {
	i := slices.Index(r.Attached, policyARN)
	if i < 0 {
		return false
	}
	r.Attached = slices.Delete(slices.Clone(r.Attached), i, i+1)
	return true
}

func (s *Service) attachRolePolicy(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	return nil, a.attach(r, c.Get("PolicyArn"))
}

func (s *Service) detachRolePolicy(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	if !r.detach(c.Get("PolicyArn")) {
		return nil, noSuchEntity("Policy %s was not found.", c.Get("PolicyArn"))
	}
	return nil, nil
}

type attachedXML struct{ PolicyName, PolicyArn string }

func (s *Service) listAttached(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	prefix := c.Get("PathPrefix")
	arns := slices.Sorted(slices.Values(r.Attached))
	arns = slices.DeleteFunc(arns, func(policyARN string) bool { return !strings.HasPrefix(pathOf(policyARN), prefix) })
	arns, page, err := c.page(arns)
	if err != nil {
		return nil, err
	}
	out := struct {
		AttachedPolicies []attachedXML `xml:"AttachedPolicies>member"`
		paged
	}{paged: page}
	for _, policyARN := range arns {
		out.AttachedPolicies = append(out.AttachedPolicies, attachedXML{lastSegment(policyARN), policyARN})
	}
	return out, nil
}

// pathOf returns the path of a policy or role, such as /service-role/.
func pathOf(entityARN string) string {
	_, path, _ := strings.Cut(entityARN, "/")
	path = "/" + path
	return path[:strings.LastIndex(path, "/")+1]
}

func lastSegment(entityARN string) string { return entityARN[strings.LastIndex(entityARN, "/")+1:] }

// attachedTo returns the roles that have a managed policy attached.
func (a *account) attachedTo(policyARN string) []*role {
	var roles []*role
	for _, name := range slices.Sorted(maps.Keys(a.Roles)) {
		if slices.Contains(a.Roles[name].Attached, policyARN) {
			roles = append(roles, a.Roles[name])
		}
	}
	return roles
}
