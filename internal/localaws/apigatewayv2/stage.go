// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// stage is a stage as it is kept.
type stage struct {
	Settings   stageSettings
	Deployment string // identifier; "" while nothing is deployed
	Created    time.Time
	Updated    time.Time
}

// stageSettings is what a caller says of a stage.
type stageSettings struct {
	AccessLogSettings    *gateway.AccessLog       `json:"accessLogSettings,omitempty"`
	AutoDeploy           bool                     `json:"autoDeploy"`
	DefaultRouteSettings *routeSettings           `json:"defaultRouteSettings,omitempty"`
	DeploymentId         string                   `json:"deploymentId,omitempty"`
	Description          string                   `json:"description,omitempty"`
	RouteSettings        map[string]routeSettings `json:"routeSettings,omitempty"` // by route key
	StageName            string                   `json:"stageName"`
	StageVariables       map[string]string        `json:"stageVariables,omitempty"`
	Tags                 map[string]string        `json:"tags,omitempty"`
}

// routeSettings are limits of routes.
type routeSettings struct {
	DetailedMetricsEnabled bool     `json:"detailedMetricsEnabled,omitempty"`
	ThrottlingBurstLimit   *int     `json:"throttlingBurstLimit,omitempty"`
	ThrottlingRateLimit    *float64 `json:"throttlingRateLimit,omitempty"`
}

// limit returns what the settings let through, or nil if they do not say.
func (r *routeSettings) limit() *gateway.Limit {
	if r == nil {
		return nil
	}
	return gateway.NewLimit(r.ThrottlingRateLimit, r.ThrottlingBurstLimit)
}

// limit returns what the stage lets through to a route.
func (s *stageSettings) limit(key string) *gateway.Limit {
	if own, ok := s.RouteSettings[key]; ok && own.limit() != nil {
		return own.limit()
	}
	return s.DefaultRouteSettings.limit()
}

var (
	stageNamePattern = lazy.MustCompile(`^(\$default|[A-Za-z0-9_-]{1,128})$`)
	contextVariable  = regexp.MustCompile(`\$context\.`)
)

func (s *stageSettings) check(a *api) error {
	if !stageNamePattern.MatchString(s.StageName) {
		return gateway.BadRequest("Stage name only allows a-zA-Z0-9-_ or $default: %s", s.StageName)
	}
	if err := gateway.CheckVariables(s.StageVariables); err != nil {
		return err
	}
	if s.DeploymentId != "" && a.Deployments[s.DeploymentId] == nil {
		return gateway.BadRequest("Deployment id does not exist: %s", s.DeploymentId)
	}
	for key := range s.RouteSettings {
		if !a.Current.hasRoute(key) {
			return gateway.NotFound("Unable to find Route by key %s within the provided RouteSettings", key)
		}
	}
	for _, r := range append(slices.Collect(maps.Values(s.RouteSettings)), deref(s.DefaultRouteSettings)) {
		if r.ThrottlingBurstLimit != nil && *r.ThrottlingBurstLimit < 0 || r.ThrottlingRateLimit != nil && *r.ThrottlingRateLimit < 0 {
			return gateway.BadRequest("Throttling limits must not be negative")
		}
	}
	return checkLog(s.AccessLogSettings)
}

func deref(r *routeSettings) routeSettings {
	if r == nil {
		return routeSettings{}
	}
	return *r
}

func (d *definition) hasRoute(key string) bool {
	for _, r := range d.Routes {
		if r.RouteKey == key {
			return true
		}
	}
	return false
}

// checkLog returns the fault of where and how requests are logged.
func checkLog(l *gateway.AccessLog) error {
	if l == nil || l.DestinationArn == "" && l.Format == "" {
		return nil
	}
	if _, ok := gateway.LogGroup(l.DestinationArn); !ok {
		return gateway.BadRequest("Invalid ARN specified in the request: the destination of access logs %q is not a log group", l.DestinationArn)
	}
	if !contextVariable.MatchString(l.Format) {
		return gateway.BadRequest("Invalid access log format: it has no $context variable")
	}
	return nil
}

// createStage makes a stage.
func (s *Service) createStage(scope arn.Scope, apiID string, settings stageSettings) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(scope, apiID)
	if err != nil {
		return nil, err
	}
	if a.Stages[settings.StageName] != nil {
		return nil, gateway.Conflict("Stage already exists")
	}
	if err := settings.check(a); err != nil {
		return nil, err
	}
	now := s.env.Now().UTC().Truncate(time.Second)
	st := &stage{Settings: settings, Deployment: settings.DeploymentId, Created: now, Updated: now}
	a.Stages[settings.StageName] = st
	if err := s.edited(a); err != nil {
		return nil, err
	}
	return st.output()
}

// updateStage gives a stage other settings.
func (s *Service) updateStage(scope arn.Scope, apiID, name string, edit func(old stageSettings) (stageSettings, error)) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, st, err := s.stage(scope, apiID, name)
	if err != nil {
		return nil, err
	}
	settings, err := edit(st.Settings)
	if err != nil {
		return nil, err
	}
	settings.StageName = name
	if err := settings.check(a); err != nil {
		return nil, err
	}
	next := &stage{Settings: settings, Deployment: st.Deployment, Created: st.Created, Updated: s.env.Now().UTC().Truncate(time.Second)}
	if settings.DeploymentId != "" {
		next.Deployment = settings.DeploymentId
	}
	a.Stages[name] = next
	if err := s.edited(a); err != nil {
		return nil, err
	}
	return next.output()
}

// stage returns a stage of an API; s.mu is held.
func (s *Service) stage(scope arn.Scope, apiID, name string) (*api, *stage, error) {
	a, err := s.find(scope, apiID)
	if err != nil {
		return nil, nil, err
	}
	st := a.Stages[name]
	if st == nil {
		return nil, nil, gateway.NotFound("Invalid stage identifier specified")
	}
	return a, st, nil
}

// deleteStage removes a stage.
func (s *Service) deleteStage(scope arn.Scope, apiID, name string) error {
	if err := gateway.Unmapped("stage "+name, "stage", s.deps.MappedTo(apiID, name)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, _, err := s.stage(scope, apiID, name)
	if err != nil {
		return err
	}
	delete(a.Stages, name)
	s.throttle.Forget(apiID + "/" + name + "/")
	return s.edited(a)
}

// output returns a stage as the API shows it; s.mu is held.
func (st *stage) output() (map[string]any, error) {
	out, err := gateway.Members(st.Settings)
	if err != nil {
		return nil, err
	}
	out["createdDate"], out["lastUpdatedDate"] = st.Created.Format(time.RFC3339), st.Updated.Format(time.RFC3339)
	delete(out, "deploymentId")
	if st.Deployment != "" {
		out["deploymentId"] = st.Deployment
	}
	if st.Settings.AutoDeploy {
		out["lastDeploymentStatusMessage"] = "Successfully deployed stage with deployment ID '" + st.Deployment + "'"
	}
	return out, nil
}
