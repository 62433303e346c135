// SPDX-License-Identifier: MIT

package lambda

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// permissionType is AWS::Lambda::Permission: one statement of a resource
// policy. Every property needs a new one.
type permissionType struct{ service *Service }

func (t permissionType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"Action": text, "EventSourceToken": text, "FunctionName": text, "FunctionUrlAuthType": shape.Enum("AWS_IAM", "NONE"),
		"InvokedViaFunctionUrl": shape.Boolean, "Principal": text, "PrincipalOrgID": text, "SourceAccount": text, "SourceArn": text,
	}, "Action", "FunctionName", "Principal"), properties)
}

func (t permissionType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType",
		"InvokedViaFunctionUrl", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn")
}

func (t permissionType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	var p struct {
		permissionInput
		FunctionName string
	}
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalidValue("%v", err)
	}
	c, err := callFor(r, p.FunctionName, "")
	if err != nil {
		return resource.Instance{}, err
	}
	p.StatementID = r.DefaultName(100)
	if _, err := t.service.permit(c, p.permissionInput); err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: p.StatementID, Attributes: map[string]any{"Id": p.StatementID}}, nil
}

// Update is called when nothing has changed but the tags, which a permission
// has not.
func (t permissionType) Update(_ context.Context, old resource.Instance, _ resource.Request) (resource.Instance, error) {
	return old, nil
}

func (t permissionType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	c, err := callFor(r, shape.Member(r.Properties, "FunctionName"), "")
	if err != nil {
		return err
	}
	return gone(t.service.revoke(c, old.PhysicalID, ""))
}

// callFor names a function as the properties of a resource do.
func callFor(r resource.Request, function, qualifier string) (call, error) {
	ref, err := parseReference(function, qualifier)
	return call{scope: r.Scope, function: ref}, err
}

// urlType is AWS::Lambda::Url.
type urlType struct{ service *Service }

func (t urlType) Check(properties map[string]any) []string {
	texts := shape.List(shape.String)
	return shape.Check(shape.Object(shape.Fields{
		"AuthType": shape.Enum("NONE", "AWS_IAM"), "InvokeMode": shape.Enum("BUFFERED", "RESPONSE_STREAM"),
		"Qualifier": shape.String, "TargetFunctionArn": shape.String,
		"Cors": shape.Object(shape.Fields{
			"AllowCredentials": shape.Boolean, "AllowHeaders": texts, "AllowMethods": texts, "AllowOrigins": texts,
			"ExposeHeaders": texts, "MaxAge": shape.Integer(0, 86400),
		}),
	}, "AuthType", "TargetFunctionArn"), properties)
}

func (t urlType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "TargetFunctionArn", "Qualifier")
}

type urlProperties struct {
	urlInput
	TargetFunctionArn, Qualifier string
}

func (t urlType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	var p urlProperties
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalidValue("%v", err)
	}
	c, err := callFor(r, p.TargetFunctionArn, p.Qualifier)
	if err != nil {
		return resource.Instance{}, err
	}
	out, err := t.service.createURL(ctx, c, p.urlInput)
	if err != nil {
		return resource.Instance{}, err
	}
	return urlInstance(out.(urlOutput)), nil
}

func urlInstance(out urlOutput) resource.Instance {
	return resource.Instance{
		PhysicalID: out.FunctionArn,
		Attributes: map[string]any{"FunctionUrl": out.FunctionUrl, "FunctionArn": out.FunctionArn},
	}
}

func (t urlType) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	var p urlProperties
	if err := resource.Decode(r.Properties, &p); err != nil {
		return old, invalidValue("%v", err)
	}
	c, err := callFor(r, old.PhysicalID, "")
	if err != nil {
		return old, err
	}
	if p.InvokeMode == "" {
		p.InvokeMode = "BUFFERED"
	}
	out, err := t.service.replaceURL(c, p.urlInput)
	if err != nil {
		return old, err
	}
	return urlInstance(out), nil
}

func (t urlType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	c, err := callFor(r, old.PhysicalID, "")
	if err != nil {
		return err
	}
	_, err = t.service.deleteURL(ctx, c, none{})
	return gone(err)
}

// eventConfigType is AWS::Lambda::EventInvokeConfig.
type eventConfigType struct{ service *Service }

func (t eventConfigType) Check(properties map[string]any) []string {
	to := shape.Object(shape.Fields{"Destination": shape.String}, "Destination")
	return shape.Check(shape.Object(shape.Fields{
		"DestinationConfig": shape.Object(shape.Fields{"OnSuccess": to, "OnFailure": to}), "FunctionName": shape.String, "Qualifier": shape.String,
		"MaximumEventAgeInSeconds": shape.Integer(60, 21600), "MaximumRetryAttempts": shape.Integer(0, 2),
	}, "FunctionName", "Qualifier"), properties)
}

func (t eventConfigType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "FunctionName", "Qualifier")
}

func (t eventConfigType) put(r resource.Request, id string) (resource.Instance, error) {
	var p struct {
		FunctionName, Qualifier                        string
		MaximumEventAgeInSeconds, MaximumRetryAttempts *int
		DestinationConfig                              *destinations
	}
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalidValue("%v", err)
	}
	c, err := callFor(r, p.FunctionName, p.Qualifier)
	if err != nil {
		return resource.Instance{}, err
	}
	in := eventConfigInput{MaximumEventAgeInSeconds: p.MaximumEventAgeInSeconds, MaximumRetryAttempts: p.MaximumRetryAttempts, DestinationConfig: p.DestinationConfig}
	if _, err := t.service.storeEventConfig(c, in, &eventConfig{}); err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{}}, nil
}

func (t eventConfigType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	return t.put(r, r.DefaultName(128))
}

func (t eventConfigType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return t.put(r, old.PhysicalID)
}

func (t eventConfigType) Delete(ctx context.Context, _ resource.Instance, r resource.Request) error {
	c, err := callFor(r, shape.Member(r.Properties, "FunctionName"), shape.Member(r.Properties, "Qualifier"))
	if err != nil {
		return err
	}
	_, err = t.service.deleteEventConfig(ctx, c, none{})
	return gone(err)
}
