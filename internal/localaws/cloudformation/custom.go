// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	customResourceType = "AWS::CloudFormation::CustomResource"
	customPrefix       = "Custom::"
)

// isCustom reports whether a type is a custom resource.
func isCustom(typeName string) bool {
	return typeName == customResourceType || strings.HasPrefix(typeName, customPrefix)
}

// noEchoKey is the attribute under which an instance keeps that its attributes
// are not to be shown. No GetAtt reaches it.
const noEchoKey = "aws:noEcho"

// customResource is the type of custom resources: a Lambda function does the
// work and answers by a PUT to a URL.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html
type customResource struct {
	invoke   func(ctx context.Context, scope arn.Scope, functionARN string, payload []byte) error
	endpoint func() string
	waiting  *responses
}

func (s *Service) custom() customResource {
	return customResource{s.deps.Invoke, s.env.Endpoint, s.waiting}
}

// customRequest is the event that the function receives.
type customRequest struct {
	RequestType           string
	ServiceToken          string
	ResponseURL           string
	StackID               string `json:"StackId"`
	RequestID             string `json:"RequestId"`
	LogicalResourceID     string `json:"LogicalResourceId"`
	PhysicalResourceID    string `json:"PhysicalResourceId,omitempty"`
	ResourceType          string
	ResourceProperties    map[string]any
	OldResourceProperties map[string]any `json:",omitempty"`
}

// Create implements [resource.Type]. When the function fails, the instance has
// the id that it answered with or, without an answer, a generated one: then the
// rollback sends a Delete, as CloudFormation does. A request that the function
// never got leaves nothing to delete.
func (c customResource) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	answer, err := c.call(ctx, "Create", "", r)
	if _, lost := errors.AsType[undelivered](err); lost {
		return resource.Instance{}, err
	}
	if answer.PhysicalResourceID == "" {
		answer.PhysicalResourceID = r.DefaultName(128)
	}
	return answer.instance(), err
}

// Update implements [resource.Type].
func (c customResource) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	answer, err := c.call(ctx, "Update", old.PhysicalID, r)
	if err != nil {
		return resource.Instance{}, err
	}
	return answer.instance(), nil
}

// Delete implements [resource.Type].
func (c customResource) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	_, err := c.call(ctx, "Delete", old.PhysicalID, r)
	return err
}

// Replaces implements [resource.Type]: another function means another resource.
func (customResource) Replaces(old, changed map[string]any) bool {
	return !reflect.DeepEqual(old["ServiceToken"], changed["ServiceToken"])
}

// Check implements [resource.Type].
func (customResource) Check(properties map[string]any) []string {
	var faults []string
	switch token := properties["ServiceToken"].(type) {
	case nil:
		faults = append(faults, "Required property [ServiceToken] not found")
	case string:
		if !isFunctionARN(token) {
			faults = append(faults, "ServiceToken: the embedded AWS calls Lambda functions only, "+token+" is not the ARN of one")
		}
	case map[string]any: // an intrinsic function
	default:
		faults = append(faults, "ServiceToken: must be a string")
	}
	if _, intrinsic := properties["ServiceTimeout"].(map[string]any); !intrinsic {
		if _, err := serviceTimeout(properties); err != nil {
			faults = append(faults, err.Error())
		}
	}
	return faults
}

func isFunctionARN(token string) bool {
	parsed, ok := arn.Parse(token)
	return ok && parsed.Service == "lambda" && strings.HasPrefix(parsed.Resource, "function:")
}

// defaultServiceTimeout is how long CloudFormation waits for an answer if
// ServiceTimeout does not say otherwise.
const defaultServiceTimeout = time.Hour

func serviceTimeout(properties map[string]any) (time.Duration, error) {
	value, present := properties["ServiceTimeout"]
	if !present {
		return defaultServiceTimeout, nil
	}
	text, _ := scalarText(value)
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 || seconds > 3600 {
		return 0, fmt.Errorf("ServiceTimeout: must be a whole number of seconds between 1 and 3600, it is %s", compactJSON(value))
	}
	return time.Duration(seconds) * time.Second, nil
}

// undelivered is the error of a request that did not reach the function.
type undelivered struct{ error }

// call sends one request and waits for its answer.
func (c customResource) call(ctx context.Context, requestType, physicalID string, r resource.Request) (answer, error) {
	token, timeout, err := c.target(r)
	if err != nil {
		return answer{}, undelivered{err}
	}
	expected := expectation{stackID: r.StackID, requestID: wire.RequestID(), logicalID: r.LogicalID}
	path, answers := c.waiting.expect(expected)
	defer c.waiting.drop(path)

	event := customRequest{
		RequestType: requestType, ServiceToken: token, ResponseURL: c.endpoint() + path,
		StackID: r.StackID, RequestID: expected.requestID, LogicalResourceID: r.LogicalID,
		PhysicalResourceID: physicalID, ResourceType: r.Type, ResourceProperties: texts(r.Properties),
	}
	if requestType == "Update" {
		event.OldResourceProperties = texts(r.OldProperties)
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return answer{}, undelivered{err}
	}
	if err := c.invoke(ctx, r.Scope, token, payload); err != nil {
		return answer{}, undelivered{fmt.Errorf("invoke %s: %w", token, err)}
	}
	zerolog.Ctx(ctx).Debug().Str("resource", r.LogicalID).Str("request", requestType).Str("request_id", expected.requestID).
		Msg("wait for custom resource")
	return wait(ctx, answers, timeout, expected.requestID)
}

// target returns the function that a custom resource calls, and how long it may
// take.
func (c customResource) target(r resource.Request) (function string, timeout time.Duration, err error) {
	function, _ = r.Properties["ServiceToken"].(string)
	if !isFunctionARN(function) {
		return "", 0, fmt.Errorf("ServiceToken: %q is not the ARN of a Lambda function", function)
	}
	if parsed, _ := arn.Parse(function); parsed.Region != r.Scope.Region {
		return "", 0, fmt.Errorf("ServiceToken: the function %s is not in the stack's region %s", function, r.Scope.Region)
	}
	if c.invoke == nil {
		return "", 0, errors.New("custom resource: no Lambda service to call")
	}
	timeout, err = serviceTimeout(r.Properties)
	return function, timeout, err
}

func wait(ctx context.Context, answers <-chan answer, timeout time.Duration, requestID string) (answer, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case a := <-answers:
		return a, a.failure()
	case <-timer.C:
		return answer{}, fmt.Errorf("CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [%s]. "+
			"If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.", requestID)
	case <-ctx.Done():
		return answer{}, context.Cause(ctx)
	}
}

// texts returns properties as custom resources receive them: every scalar is a
// string.
func texts(properties map[string]any) map[string]any {
	return stringified(maps.Clone(properties)).(map[string]any)
}

func stringified(value any) any {
	switch v := value.(type) {
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, item := range v {
			object[key] = stringified(item)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = stringified(item)
		}
		return list
	}
	text, _ := scalarText(value)
	return text
}
