// SPDX-License-Identifier: MIT

package iam

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// roleXML is a role in answers.
type roleXML struct {
	Path, RoleName           string
	RoleID                   string `xml:"RoleId"`
	Arn, CreateDate          string
	AssumeRolePolicyDocument string
	Description              string       `xml:",omitempty"`
	MaxSessionDuration       int          `xml:",omitempty"`
	PermissionsBoundary      *boundaryXML `xml:",omitempty"`
	Tags                     []tagXML     `xml:"Tags>member,omitempty"`
}

type boundaryXML struct {
	PermissionsBoundaryType, PermissionsBoundaryArn string
}

type tagXML struct{ Key, Value string }

func (r *role) xml() roleXML {
	out := roleXML{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, Arn: r.ARN, CreateDate: r.Created.Format(time.RFC3339),
		AssumeRolePolicyDocument: escape(r.Trust), Description: r.Description, MaxSessionDuration: r.MaxSessionSeconds, Tags: tagsXML(r.Tags),
	}
	if r.Boundary != "" {
		out.PermissionsBoundary = &boundaryXML{"Policy", r.Boundary}
	}
	return out
}

func tagsXML(tags map[string]string) []tagXML {
	var list []tagXML
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, tagXML{key, tags[key]})
	}
	return list
}

// newRole says what a role is to be.
type newRole struct {
	account, name, path, trust, description, boundary string
	maxSession                                        int // seconds; 0 is one hour
	tags                                              map[string]string
}

// make adds a role to an account. The caller holds the lock.
func (s *Service) make(a *account, n newRole) (*role, error) {
	if err := checkName("roleName", n.name, 64); err != nil {
		return nil, err
	}
	path, err := checkPath(n.path)
	if err != nil {
		return nil, err
	}
	if n.maxSession == 0 {
		n.maxSession = 3600
	}
	if n.maxSession < 3600 || n.maxSession > 43200 {
		return nil, invalid("1 validation error detected: Value '%d' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200", n.maxSession)
	}
	if err := checkTrust(n.trust); err != nil {
		return nil, err
	}
	for name := range a.Roles { // names differ by more than case
		if strings.EqualFold(name, n.name) {
			return nil, alreadyExists("Role with name %s already exists.", n.name)
		}
	}
	r := &role{
		Name: n.name, Path: path, ID: newID("AROA"), Created: s.env.Now().UTC(), Trust: n.trust,
		ARN:         arn.Scope{Partition: "aws", Account: n.account}.Global("iam", "role"+path+n.name),
		Description: n.description, MaxSessionSeconds: n.maxSession, Boundary: n.boundary, Tags: n.tags,
	}
	a.Roles[n.name] = r
	return r, nil
}

func (s *Service) createRole(a *account, c call) (any, error) {
	seconds, err := c.seconds()
	if err != nil {
		return nil, err
	}
	r, err := s.make(a, newRole{
		account: c.id.Account, name: c.Get("RoleName"), path: c.Get("Path"), trust: c.Get("AssumeRolePolicyDocument"),
		description: c.Get("Description"), boundary: c.Get("PermissionsBoundary"), maxSession: seconds, tags: c.tags(),
	})
	if err != nil {
		return nil, err
	}
	return struct{ Role roleXML }{r.xml()}, nil
}

func (c call) seconds() (int, error) {
	text := c.Get("MaxSessionDuration")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, invalid("MaxSessionDuration must be a number of seconds")
	}
	return n, nil
}

// role returns the role that a call names.
func (a *account) role(c call) (*role, error) { return a.roleNamed(c.Get("RoleName")) }

func (a *account) roleNamed(name string) (*role, error) {
	if err := checkName("roleName", name, 64); err != nil {
		return nil, err
	}
	if r := a.Roles[name]; r != nil {
		return r, nil
	}
	return nil, noSuchEntity("The role with name %s cannot be found.", name)
}

func (s *Service) getRole(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	return struct{ Role roleXML }{r.xml()}, nil
}

func (s *Service) listRoles(a *account, c call) (any, error) {
	names := slices.Sorted(maps.Keys(a.Roles))
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(a.Roles[name].Path, c.Get("PathPrefix")) })
	names, page, err := c.page(names)
	if err != nil {
		return nil, err
	}
	out := struct {
		Roles []roleXML `xml:"Roles>member"`
		paged
	}{paged: page}
	for _, name := range names {
		listed := a.Roles[name].xml()
		listed.Tags, listed.PermissionsBoundary = nil, nil // ListRoles leaves them out
		out.Roles = append(out.Roles, listed)
	}
	return out, nil
}

func (s *Service) updateRole(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	seconds, err := c.seconds()
	if err != nil {
		return nil, err
	}
	if seconds != 0 && (seconds < 3600 || seconds > 43200) {
		return nil, invalid("1 validation error detected: Value '%d' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200", seconds)
	}
	if seconds != 0 {
		r.MaxSessionSeconds = seconds
	}
	if c.Has("Description") {
		r.Description = c.Get("Description")
	}
	if c.Get("Action") == "UpdateRoleDescription" {
		return struct{ Role roleXML }{r.xml()}, nil
	}
	return struct{}{}, nil
}

func (s *Service) updateTrust(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	if err := checkTrust(c.Get("PolicyDocument")); err != nil {
		return nil, err
	}
	r.Trust = c.Get("PolicyDocument")
	return nil, nil
}

func (s *Service) deleteRole(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	return nil, a.drop(r)
}

// drop removes a role that has no policies.
func (a *account) drop(r *role) error {
	switch {
	case len(r.Attached) > 0:
		return deleteConflict("Cannot delete entity, must detach all policies first.")
	case len(r.Inline) > 0:
		return deleteConflict("Cannot delete entity, must delete policies first.")
	}
	delete(a.Roles, r.Name)
	return nil
}

func (s *Service) tagRole(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	tags := maps.Clone(r.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	maps.Copy(tags, c.tags())
	if len(tags) > 50 {
		return nil, invalid("The number of tags has reached the maximum limit.")
	}
	r.Tags = tags
	return nil, nil
}

func (s *Service) untagRole(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	for _, key := range c.members("TagKeys") {
		delete(r.Tags, key)
	}
	return nil, nil
}

func (s *Service) listRoleTags(a *account, c call) (any, error) {
	r, err := a.role(c)
	if err != nil {
		return nil, err
	}
	names, page, err := c.page(slices.Sorted(maps.Keys(r.Tags)))
	if err != nil {
		return nil, err
	}
	out := struct {
		Tags []tagXML `xml:"Tags>member"`
		paged
	}{paged: page}
	for _, name := range names {
		out.Tags = append(out.Tags, tagXML{name, r.Tags[name]})
	}
	return out, nil
}

// listInstanceProfiles answers that there are none; clients ask before they
// delete a role.
func (s *Service) listInstanceProfiles(a *account, c call) (any, error) {
	if _, err := a.role(c); err != nil {
		return nil, err
	}
	return struct {
		InstanceProfiles struct{}
		paged
	}{}, nil
}
