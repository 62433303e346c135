// SPDX-License-Identifier: MIT

package cognito

import "slices"

type membershipInput struct{ UserPoolId, Username, GroupName string }

func (s *Service) adminAddToGroup(c call, in membershipInput) (nothing, error) {
	return nothing{}, s.admin(c, userInput{in.UserPoolId, in.Username}, func(v party, u *user) error { return v.pool.join(u, in.GroupName) })
}

func (s *Service) adminRemoveFromGroup(c call, in membershipInput) (nothing, error) {
	return nothing{}, s.admin(c, userInput{in.UserPoolId, in.Username}, func(v party, u *user) error {
		if v.pool.Groups[in.GroupName] == nil {
			return errNoGroup()
		}
		u.leave(in.GroupName)
		return nil
	})
}

// groupOutput is a group as the API shows it.
type groupOutput struct {
	CreationDate     float64
	Description      string `json:",omitempty"`
	GroupName        string
	LastModifiedDate float64
	Precedence       *int   `json:",omitempty"`
	RoleArn          string `json:",omitempty"`
	UserPoolId       string
}

func (g *group) output(pool string) groupOutput {
	return groupOutput{seconds(g.Created), g.Description, g.GroupName, seconds(g.Modified), g.Precedence, g.RoleArn, pool}
}

type listGroupsInput struct {
	UserPoolId, Username, NextToken string
	Limit                           int
}

type listGroupsOutput struct {
	Groups    []groupOutput
	NextToken string `json:",omitempty"`
}

func (s *Service) adminListGroups(c call, in listGroupsInput) (listGroupsOutput, error) {
	var list []groupOutput
	err := s.admin(c, userInput{in.UserPoolId, in.Username}, func(v party, u *user) error {
		names, _, _ := v.pool.groups(u)
		for _, name := range names {
			list = append(list, v.pool.Groups[name].output(v.id))
		}
		return nil
	})
	if err != nil {
		return listGroupsOutput{}, err
	}
	part, next, err := page(list, in.NextToken, in.Limit, 60)
	return listGroupsOutput{part, next}, err
}

func (s *Service) listGroups(c call, in listGroupsInput) (listGroupsOutput, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return listGroupsOutput{}, err
	}
	s.mu.Lock()
	var list []groupOutput
	for _, name := range sortedKeys(v.pool.Groups) {
		list = append(list, v.pool.Groups[name].output(v.id))
	}
	s.mu.Unlock()
	part, next, err := page(list, in.NextToken, in.Limit, 60)
	return listGroupsOutput{part, next}, err
}

type groupInput struct{ UserPoolId, GroupName string }

type getGroupOutput struct{ Group groupOutput }

func (s *Service) getGroup(c call, in groupInput) (getGroupOutput, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return getGroupOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := v.pool.Groups[in.GroupName]
	if g == nil {
		return getGroupOutput{}, errNoGroup()
	}
	return getGroupOutput{g.output(v.id)}, nil
}

type usersInGroupInput struct {
	UserPoolId, GroupName, NextToken string
	Limit                            int
}

type usersInGroupOutput struct {
	Users     []described
	NextToken string `json:",omitempty"`
}

func (s *Service) listUsersInGroup(c call, in usersInGroupInput) (usersInGroupOutput, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return usersInGroupOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.pool.Groups[in.GroupName] == nil {
		return usersInGroupOutput{}, errNoGroup()
	}
	var list []described
	for _, u := range v.pool.Users {
		if slices.Contains(u.Groups, in.GroupName) {
			list = append(list, u.described())
		}
	}
	part, next, err := page(list, in.NextToken, in.Limit, 60)
	return usersInGroupOutput{part, next}, err
}
