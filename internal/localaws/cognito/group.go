// SPDX-License-Identifier: MIT

package cognito

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// group is a group of users, by the names of the API. It does not change.
type group struct {
	Created     time.Time
	Description string
	GroupName   string
	Modified    time.Time
	Precedence  *int
	RoleArn     string
}

// errNoGroup is AWS's error for a group that does not exist.
func errNoGroup() error { return notFound("Group not found.") }

// groups returns the groups of a user, the ones that matter most first, with
// their roles; s.mu is held.
func (p *pool) groups(u *user) (names, roles []string, preferred string) {
	var list []*group
	for _, name := range u.Groups {
		if g := p.Groups[name]; g != nil {
			list = append(list, g)
		}
	}
	rank := func(g *group) int {
		if g.Precedence == nil {
			return math.MaxInt
		}
		return *g.Precedence
	}
	slices.SortStableFunc(list, func(a, b *group) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.GroupName, b.GroupName))
	})
	names, roles = []string{}, []string{}
	for _, g := range list {
		names = append(names, g.GroupName)
		if g.RoleArn != "" {
			roles = append(roles, g.RoleArn)
		}
	}
	return names, roles, preferredRole(list, rank)
}

// preferredRole is the role of the group with the lowest precedence; there is none
// if several share it with other roles.
func preferredRole(list []*group, rank func(*group) int) string {
	if len(list) == 0 || list[0].Precedence == nil {
		return ""
	}
	for _, g := range list[1:] {
		if rank(g) == rank(list[0]) && g.RoleArn != list[0].RoleArn {
			return ""
		}
	}
	return list[0].RoleArn
}

// join adds a user to a group; s.mu is held.
func (p *pool) join(u *user, name string) error {
	if p.Groups[name] == nil {
		return errNoGroup()
	}
	if !slices.Contains(u.Groups, name) {
		u.Groups = append(u.Groups, name)
	}
	return nil
}

// leave takes a user out of a group; s.mu is held.
func (u *user) leave(name string) {
	u.Groups = slices.DeleteFunc(u.Groups, func(one string) bool { return one == name })
}
