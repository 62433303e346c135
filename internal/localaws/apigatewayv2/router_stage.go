// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

func (s *Service) serveCreateStage(c gateway.Request) (any, error) {
	settings, err := gateway.Decode(c, stageSettings{})
	if err != nil {
		return nil, err
	}
	return s.createStage(c.Scope, c.Path("apiId"), settings)
}

func (s *Service) serveGetStage(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, st, err := s.stage(c.Scope, c.Path("apiId"), c.Path("stageName"))
	if err != nil {
		return nil, err
	}
	return st.output()
}

func (s *Service) serveGetStages(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(c.Scope, c.Path("apiId"))
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(a.Stages)) {
		out, err := a.Stages[name].output()
		if err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	return paging.Page(c, list)
}

func (s *Service) serveUpdateStage(c gateway.Request) (any, error) {
	return s.updateStage(c.Scope, c.Path("apiId"), c.Path("stageName"), func(old stageSettings) (stageSettings, error) {
		return gateway.Decode(c, old)
	})
}

func (s *Service) serveDeleteAccessLog(c gateway.Request) (any, error) {
	_, err := s.updateStage(c.Scope, c.Path("apiId"), c.Path("stageName"), func(old stageSettings) (stageSettings, error) {
		old.AccessLogSettings = nil
		return old, nil
	})
	return nil, err
}

func (s *Service) serveDeleteRouteSettings(c gateway.Request) (any, error) {
	_, err := s.updateStage(c.Scope, c.Path("apiId"), c.Path("stageName"), func(old stageSettings) (stageSettings, error) {
		if _, ok := old.RouteSettings[c.Path("routeKey")]; !ok {
			return old, gateway.NotFound("Unable to find Route by key %s within the provided RouteSettings", c.Path("routeKey"))
		}
		old.RouteSettings = maps.Clone(old.RouteSettings)
		delete(old.RouteSettings, c.Path("routeKey"))
		return old, nil
	})
	return nil, err
}

func (s *Service) serveResetAuthorizers(c gateway.Request) (any, error) {
	s.mu.Lock()
	_, _, err := s.stage(c.Scope, c.Path("apiId"), c.Path("stageName"))
	s.mu.Unlock()
	if err == nil {
		s.authorizers.Forget(c.Path("apiId"), c.Path("stageName"))
	}
	return nil, err
}

// deploymentInput is what a caller says of a deployment.
type deploymentInput struct {
	Description string `json:"description,omitempty"`
	StageName   string `json:"stageName,omitempty"`
}

func (s *Service) serveCreateDeployment(c gateway.Request) (any, error) {
	in, err := gateway.Decode(c, deploymentInput{})
	if err != nil {
		return nil, err
	}
	d, err := s.createDeployment(c.Scope, c.Path("apiId"), in.Description, in.StageName)
	if err != nil {
		return nil, err
	}
	return d.output(), nil
}

func (s *Service) serveGetDeployment(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, d, err := s.deployment(c.Scope, c.Path("apiId"), c.Path("deploymentId"))
	if err != nil {
		return nil, err
	}
	return d.output(), nil
}

func (s *Service) serveGetDeployments(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(c.Scope, c.Path("apiId"))
	if err != nil {
		return nil, err
	}
	deployments := slices.SortedFunc(maps.Values(a.Deployments), func(x, y *deployment) int { return y.Created.Compare(x.Created) })
	list := make([]map[string]any, 0, len(deployments))
	for _, d := range deployments {
		list = append(list, d.output())
	}
	return paging.Page(c, list)
}

func (s *Service) serveUpdateDeployment(c gateway.Request) (any, error) {
	in, err := gateway.Decode(c, struct {
		Description string `json:"description,omitempty"`
	}{})
	if err != nil {
		return nil, err
	}
	d, err := s.describe(c.Scope, c.Path("apiId"), c.Path("deploymentId"), in.Description, "")
	if err != nil {
		return nil, err
	}
	return d.output(), nil
}
