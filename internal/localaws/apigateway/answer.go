// SPDX-License-Identifier: MIT

package apigateway

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// gatewayResponse says how API Gateway answers by itself in a case such as
// UNAUTHORIZED, or in all cases with DEFAULT_4XX and DEFAULT_5XX.
type gatewayResponse struct {
	ResponseParameters map[string]string `json:"responseParameters,omitempty"`
	ResponseTemplates  map[string]string `json:"responseTemplates,omitempty"`
	ResponseType       string            `json:"responseType"`
	StatusCode         string            `json:"statusCode,omitempty"`
}

// responseTypes are the cases with their status ("Gateway response types",
// API Gateway Developer Guide).
var responseTypes = map[string]int{
	"ACCESS_DENIED": 403, "API_CONFIGURATION_ERROR": 500, "AUTHORIZER_CONFIGURATION_ERROR": 500, "AUTHORIZER_FAILURE": 500,
	"BAD_REQUEST_BODY": 400, "BAD_REQUEST_PARAMETERS": 400, "DEFAULT_4XX": 0, "DEFAULT_5XX": 0, "EXPIRED_TOKEN": 403,
	"INTEGRATION_FAILURE": 504, "INTEGRATION_TIMEOUT": 504, "INVALID_API_KEY": 403, "INVALID_SIGNATURE": 403,
	"MISSING_AUTHENTICATION_TOKEN": 403, "QUOTA_EXCEEDED": 429, "REQUEST_TOO_LARGE": 413, "RESOURCE_NOT_FOUND": 404,
	"THROTTLED": 429, "UNAUTHORIZED": 401, "UNSUPPORTED_MEDIA_TYPE": 415, "WAF_FILTERED": 403,
}

// answerType is AWS::ApiGateway::GatewayResponse.
type answerType struct{ service *Service }

var statusCode = regexp.MustCompile(`^[1-5][0-9][0-9]$`)

// Check returns the faults of the properties.
func (t answerType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"ResponseParameters": shape.Entries(text), "ResponseTemplates": shape.Entries(answerTemplate), "ResponseType": text, "RestApiId": text,
		"StatusCode": shape.Pattern(statusCode, 3),
	}, "ResponseType", "RestApiId"), properties)
}

// answerVariable is what the template of an answer may use.
var answerVariable = regexp.MustCompile(`\$(context|stageVariables)\.[A-Za-z0-9_.]+`)

// answerTemplate accepts text with variables, which is all that AWS allows.
func answerTemplate(path string, value any) []string {
	if text, ok := value.(string); ok && strings.Contains(answerVariable.ReplaceAllString(text, ""), "$") {
		return []string{path + ": only $context and $stageVariables may be used"}
	}
	return shape.String(path, value)
}

// Replaces reports whether the answer is for another case.
func (t answerType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ResponseType", "RestApiId")
}

func (t answerType) put(r resource.Request, isNew bool) (resource.Instance, error) {
	var g gatewayResponse
	if err := resource.Decode(r.Properties, &g); err != nil {
		return resource.Instance{}, gateway.BadRequest("%v", err)
	}
	apiID := shape.Member(r.Properties, "RestApiId")
	err := t.service.edit(r.Scope, apiID, func(a *api) error {
		if isNew && a.Current.Answers[g.ResponseType] != nil {
			return gateway.Conflict("%s already exists", g.ResponseType)
		}
		if err := g.check(); err != nil {
			return err
		}
		a.Current.Answers[g.ResponseType] = &g
		return nil
	})
	if err != nil {
		return resource.Instance{}, err
	}
	id := apiID + "|" + g.ResponseType
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"Id": id}}, nil
}

func (g *gatewayResponse) check() error {
	if _, ok := responseTypes[g.ResponseType]; !ok {
		return gateway.BadRequest("Invalid response type specified: %s", g.ResponseType)
	}
	for name, value := range g.ResponseParameters {
		if header, ok := strings.CutPrefix(name, "gatewayresponse.header."); !ok || header == "" {
			return gateway.BadRequest("Invalid mapping expression parameter specified: %s", name)
		}
		if _, ok := quoted(value); !ok && !isMapping(value) {
			return gateway.BadRequest("Invalid mapping expression specified: %s", value)
		}
	}
	return nil
}

// isMapping reports whether a value is taken from the request.
func isMapping(value string) bool {
	return slices.ContainsFunc([]string{"method.request.header.", "method.request.querystring.", "method.request.path.", "context.", "stageVariables."},
		func(prefix string) bool { return strings.HasPrefix(value, prefix) && value != prefix })
}

// Create makes an answer.
func (t answerType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	return t.put(r, true)
}

// Update gives an answer another form.
func (t answerType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	_, err := t.put(r, false)
	return old, err
}

// Delete restores the answer that API Gateway gives by default.
func (t answerType) Delete(_ context.Context, _ resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.edit(r.Scope, shape.Member(r.Properties, "RestApiId"), func(a *api) error {
		delete(a.Current.Answers, shape.Member(r.Properties, "ResponseType"))
		return nil
	}))
}

// validator says what is checked before a function is called.
type validator struct {
	Name                      string `json:"name,omitempty"`
	ValidateRequestBody       bool   `json:"validateRequestBody"` // against models, which there are none of
	ValidateRequestParameters bool   `json:"validateRequestParameters"`
}

// validatorType is AWS::ApiGateway::RequestValidator.
type validatorType struct{ service *Service }

// Check returns the faults of the properties.
func (t validatorType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"Name": shape.String, "RestApiId": shape.String, "ValidateRequestBody": shape.Boolean, "ValidateRequestParameters": shape.Boolean,
	}, "RestApiId"), properties)
}

// Replaces reports whether the validator is another one.
func (t validatorType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "Name", "RestApiId")
}

func (t validatorType) put(r resource.Request, id string) error {
	var v validator
	if err := resource.Decode(r.Properties, &v); err != nil {
		return gateway.BadRequest("%v", err)
	}
	return t.service.edit(r.Scope, shape.Member(r.Properties, "RestApiId"), func(a *api) error {
		a.Current.Validators[id] = &v
		return nil
	})
}

// Create makes a validator. Ref is its identifier.
func (t validatorType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	id := gateway.NewID(6)
	if err := t.put(r, id); err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"RequestValidatorId": id}}, nil
}

// Update gives a validator other settings.
func (t validatorType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return old, t.put(r, old.PhysicalID)
}

// Delete removes a validator.
func (t validatorType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.edit(r.Scope, shape.Member(r.Properties, "RestApiId"), func(a *api) error {
		delete(a.Current.Validators, old.PhysicalID)
		return nil
	}))
}
