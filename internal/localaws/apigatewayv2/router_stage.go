// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"maps"
	"slices"
)

func (s *Service) serveCreateStage(c call) (any, error) {
	settings, err := decode(c, stageSettings{})
	if err != nil {
		return nil, err
	}
	return s.createStage(c.scope, c.path("apiId"), settings)
}

func (s *Service) serveGetStage(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, st, err := s.stage(c.scope, c.path("apiId"), c.path("stageName"))
	if err != nil {
		return nil, err
	}
	return st.output()
}

func (s *Service) serveGetStages(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(c.scope, c.path("apiId"))
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
	return page(c, list)
}

func (s *Service) serveUpdateStage(c call) (any, error) {
	return s.updateStage(c.scope, c.path("apiId"), c.path("stageName"), func(old stageSettings) (stageSettings, error) {
		return decode(c, old)
	})
}

func (s *Service) serveDeleteAccessLog(c call) (any, error) {
	_, err := s.updateStage(c.scope, c.path("apiId"), c.path("stageName"), func(old stageSettings) (stageSettings, error) {
		old.AccessLogSettings = nil
		return old, nil
	})
	return nil, err
}

func (s *Service) serveDeleteRouteSettings(c call) (any, error) {
	_, err := s.updateStage(c.scope, c.path("apiId"), c.path("stageName"), func(old stageSettings) (stageSettings, error) {
		if _, ok := old.RouteSettings[c.path("routeKey")]; !ok {
			return old, notFound("Unable to find Route by key %s within the provided RouteSettings", c.path("routeKey"))
		}
		old.RouteSettings = maps.Clone(old.RouteSettings)
		delete(old.RouteSettings, c.path("routeKey"))
		return old, nil
	})
	return nil, err
}

func (s *Service) serveResetAuthorizers(c call) (any, error) {
	s.mu.Lock()
	_, _, err := s.stage(c.scope, c.path("apiId"), c.path("stageName"))
	s.mu.Unlock()
	if err == nil {
		s.answers.Forget(c.path("apiId") + "/" + c.path("stageName") + "/")
	}
	return nil, err
}

// deploymentInput is what a caller says of a deployment.
type deploymentInput struct {
	Description string `json:"description,omitempty"`
	StageName   string `json:"stageName,omitempty"`
}

func (s *Service) serveCreateDeployment(c call) (any, error) {
	in, err := decode(c, deploymentInput{})
	if err != nil {
		return nil, err
	}
	d, err := s.createDeployment(c.scope, c.path("apiId"), in.Description, in.StageName)
	if err != nil {
		return nil, err
	}
	return d.output(), nil
}

func (s *Service) serveGetDeployment(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, d, err := s.deployment(c.scope, c.path("apiId"), c.path("deploymentId"))
	if err != nil {
		return nil, err
	}
	return d.output(), nil
}

func (s *Service) serveGetDeployments(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(c.scope, c.path("apiId"))
	if err != nil {
		return nil, err
	}
	deployments := slices.SortedFunc(maps.Values(a.Deployments), func(x, y *deployment) int { return y.Created.Compare(x.Created) })
	list := make([]map[string]any, 0, len(deployments))
	for _, d := range deployments {
		list = append(list, d.output())
	}
	return page(c, list)
}

func (s *Service) serveUpdateDeployment(c call) (any, error) {
	in, err := decode(c, struct {
		Description string `json:"description,omitempty"`
	}{})
	if err != nil {
		return nil, err
	}
	d, err := s.describe(c.scope, c.path("apiId"), c.path("deploymentId"), in.Description, "")
	if err != nil {
		return nil, err
	}
	return d.output(), nil
}
