// SPDX-License-Identifier: MIT

package cognito

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

type listPoolsInput struct {
	MaxResults int
	NextToken  string
}

// poolSummary is a pool in a list.
type poolSummary struct {
	CreationDate     float64
	Id               string
	LambdaConfig     lambdaConfig
	LastModifiedDate float64
	Name             string
}

type listPoolsOutput struct {
	UserPools []poolSummary
	NextToken string `json:",omitempty"`
}

func (s *Service) listPools(c call, in listPoolsInput) (listPoolsOutput, error) {
	if in.MaxResults < 1 {
		return listPoolsOutput{}, invalid("1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1", in.MaxResults)
	}
	s.mu.Lock()
	var list []poolSummary
	for _, id := range sortedKeys(s.pools) {
		p := s.pools[id]
		if p.Scope.Account == c.scope.Account && p.Scope.Region == c.scope.Region {
			list = append(list, poolSummary{seconds(p.Created), p.ID, p.Settings.LambdaConfig, seconds(p.Modified), p.Settings.Name})
		}
	}
	s.mu.Unlock()
	part, next, err := page(list, in.NextToken, in.MaxResults, 60)
	return listPoolsOutput{part, next}, err
}

type poolInput struct{ UserPoolId string }

type describePoolOutput struct{ UserPool map[string]any }

func (s *Service) describePool(c call, in poolInput) (describePoolOutput, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return describePoolOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := v.pool
	out, err := object(p.Settings)
	if err != nil {
		return describePoolOutput{}, err
	}
	out["Id"], out["Arn"], out["EstimatedNumberOfUsers"], out["UserPoolTags"] = p.ID, p.arn(), len(p.Users), p.Tags
	out["CreationDate"], out["LastModifiedDate"] = seconds(p.Created), seconds(p.Modified)
	return describePoolOutput{out}, nil
}

// object returns a value as encoding/json writes it, to which members can be
// added.
func object(value any) (map[string]any, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	return out, json.Unmarshal(data, &out)
}

type listClientsInput struct {
	UserPoolId, NextToken string
	MaxResults            int
}

type clientSummary struct{ ClientId, ClientName, UserPoolId string }

type listClientsOutput struct {
	UserPoolClients []clientSummary
	NextToken       string `json:",omitempty"`
}

func (s *Service) listClients(c call, in listClientsInput) (listClientsOutput, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return listClientsOutput{}, err
	}
	s.mu.Lock()
	var list []clientSummary
	for _, one := range v.pool.Clients {
		list = append(list, clientSummary{one.ClientId, one.ClientName, v.id})
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b clientSummary) int {
		return cmp.Or(strings.Compare(a.ClientName, b.ClientName), strings.Compare(a.ClientId, b.ClientId))
	})
	part, next, err := page(list, in.NextToken, in.MaxResults, 60)
	return listClientsOutput{part, next}, err
}

type clientInput struct{ UserPoolId, ClientId string }

type describeClientOutput struct{ UserPoolClient map[string]any }

func (s *Service) describeClient(c call, in clientInput) (describeClientOutput, error) {
	v, err := s.by(c, in.UserPoolId, in.ClientId)
	if err != nil {
		return describeClientOutput{}, err
	}
	out, err := object(v.client)
	if err != nil {
		return describeClientOutput{}, err
	}
	delete(out, "Created")
	delete(out, "Modified")
	out["CreationDate"], out["LastModifiedDate"] = seconds(v.client.Created), seconds(v.client.Modified)
	return describeClientOutput{out}, nil
}
