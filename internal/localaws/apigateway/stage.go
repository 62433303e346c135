// SPDX-License-Identifier: MIT

package apigateway

import (
	"context"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// stage is a stage as it is kept. It never changes: a change replaces it.
type stage struct {
	Settings     stageSettings
	Created      time.Time
	Updated      time.Time
	OfDeployment bool // a deployment named it, and nothing else
}

// stageSettings is what a template says of a stage.
type stageSettings struct {
	AccessLogSetting *gateway.AccessLog `json:"accessLogSetting,omitempty"`
	DeploymentId     string             `json:"deploymentId"`
	Description      string             `json:"description,omitempty"`
	MethodSettings   []methodSetting    `json:"methodSettings,omitempty"`
	StageName        string             `json:"stageName"`
	TagMap           map[string]string  `json:"tagMap,omitempty"`
	TracingEnabled   bool               `json:"tracingEnabled"`
	Variables        map[string]string  `json:"variables,omitempty"`
}

// methodSetting is settings of one method, or of all with "/*" and "*".
type methodSetting struct {
	DataTraceEnabled     bool     `json:"dataTraceEnabled"`
	HttpMethod           string   `json:"httpMethod"`
	LoggingLevel         string   `json:"loggingLevel,omitempty"`
	MetricsEnabled       bool     `json:"metricsEnabled"`
	ResourcePath         string   `json:"resourcePath"`
	ThrottlingBurstLimit *int     `json:"throttlingBurstLimit,omitempty"`
	ThrottlingRateLimit  *float64 `json:"throttlingRateLimit,omitempty"`
}

// path returns the path of the setting; in the API a slash within it, also the
// first one, is ~1.
func (m methodSetting) path() string {
	return "/" + strings.TrimLeft(strings.ReplaceAll(m.ResourcePath, "~1", "/"), "/")
}

// limit returns what the stage lets through to a method: its own setting wins
// over that of all.
func (s *stageSettings) limit(path, method string) *gateway.Limit {
	var all *gateway.Limit
	for _, m := range s.MethodSettings {
		switch l := gateway.NewLimit(m.ThrottlingRateLimit, m.ThrottlingBurstLimit); {
		case l == nil:
		case strings.TrimPrefix(m.path(), "/") == strings.TrimPrefix(path, "/") && (m.HttpMethod == method || m.HttpMethod == "*"):
			return l
		case m.path() == "/*" && (m.HttpMethod == "*" || m.HttpMethod == method):
			all = l
		}
	}
	return all
}

var stageName = lazy.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

func (s *stageSettings) checkName() error {
	if !stageName.MatchString(s.StageName) {
		return gateway.BadRequest("Stage name only allows a-zA-Z0-9_- : %q", s.StageName)
	}
	return nil
}

// check returns the fault of a stage of a; logRole is the role as which API
// Gateway logs in that account and region.
func (s *stageSettings) check(a *api, logRole string) error {
	if err := s.checkName(); err != nil {
		return err
	}
	if a.Deployments[s.DeploymentId] == nil {
		return gateway.BadRequest("Deployment id does not exist")
	}
	if err := gateway.CheckVariables(s.Variables); err != nil {
		return err
	}
	logs := s.AccessLogSetting != nil && s.AccessLogSetting.DestinationArn != ""
	if logs {
		if _, ok := gateway.LogGroup(s.AccessLogSetting.DestinationArn); !ok {
			return gateway.Unmodelled("access logs to " + s.AccessLogSetting.DestinationArn + ": only log groups")
		}
		if !strings.Contains(s.AccessLogSetting.Format, "$context.requestId") && !strings.Contains(s.AccessLogSetting.Format, "$context.extendedRequestId") {
			return gateway.BadRequest("Access Log format must contain at least $context.requestId or $context.extendedRequestId")
		}
	}
	for _, m := range s.MethodSettings {
		logs = logs || m.LoggingLevel != "" && m.LoggingLevel != "OFF" || m.DataTraceEnabled
	}
	if logs && logRole == "" {
		return gateway.BadRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")
	}
	return nil
}

// stageType is AWS::ApiGateway::Stage, whose Ref is its name.
type stageType struct{ service *Service }

// Check returns the faults of the properties.
func (t stageType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"AccessLogSetting": shape.Object(shape.Fields{"DestinationArn": text, "Format": text}),
		"DeploymentId":     text, "Description": text, "RestApiId": text, "StageName": text, "Tags": shape.Tags,
		"MethodSettings": shape.List(shape.Object(shape.Fields{
			"DataTraceEnabled": shape.Boolean, "HttpMethod": text, "LoggingLevel": shape.Enum("OFF", "ERROR", "INFO"), "MetricsEnabled": shape.Boolean,
			"ResourcePath": text, "ThrottlingBurstLimit": shape.Integer(-1, 1<<31-1), "ThrottlingRateLimit": text,
			"CacheDataEncrypted": never, "CacheTtlInSeconds": shape.Unmodelled, "CachingEnabled": never,
		})),
		"TracingEnabled": shape.Boolean, "Variables": shape.Entries(text), "CacheClusterEnabled": never,
		"CacheClusterSize": shape.Unmodelled, "CanarySetting": shape.Unmodelled, "ClientCertificateId": shape.Unmodelled, "DocumentationVersion": shape.Unmodelled,
	}, "RestApiId", "DeploymentId", "StageName"), properties)
}

// Replaces reports whether the stage has another name or API.
func (t stageType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "RestApiId", "StageName")
}

func (t stageType) put(r resource.Request, isNew bool) error {
	var settings stageSettings
	if err := resource.Decode(r.Properties, &settings); err != nil {
		return gateway.BadRequest("%v", err)
	}
	settings.TagMap = shape.TagMap(r.Tags, r.Properties)
	return t.service.edit(r.Scope, shape.Member(r.Properties, "RestApiId"), func(a *api) error {
		old := a.Stages[settings.StageName]
		if isNew && old != nil {
			return gateway.Conflict("Stage already exists")
		}
		if err := settings.check(a, t.service.state.LogRoles[place(a.Scope)]); err != nil {
			return err
		}
		next := &stage{Settings: settings, Created: t.service.now(), Updated: t.service.now()}
		if old != nil {
			next.Created = old.Created
		}
		a.Stages[settings.StageName] = next
		return nil
	})
}

// Create makes a stage.
func (t stageType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	if err := t.put(r, true); err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: shape.Member(r.Properties, "StageName"), Attributes: map[string]any{}}, nil
}

// Update gives a stage other settings, such as another deployment.
func (t stageType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return old, t.put(r, false)
}

// Delete removes a stage.
func (t stageType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.deleteStage(r.Scope, shape.Member(r.Properties, "RestApiId"), old.PhysicalID))
}

func (s *Service) deleteStage(scope arn.Scope, apiID, name string) error {
	if err := gateway.Unmapped("stage "+name, "stage", s.deps.MappedTo(apiID, name)); err != nil {
		return err
	}
	return s.edit(scope, apiID, func(a *api) error {
		if a.Stages[name] == nil {
			return gateway.NotFound("Invalid stage identifier specified")
		}
		delete(a.Stages, name)
		s.throttle.Forget(apiID + "/" + name + "/")
		return nil
	})
}
