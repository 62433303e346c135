// SPDX-License-Identifier: MIT

package apigateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/apigateway"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

const (
	account  = "111111111111"
	goodRole = "arn:aws:iam::111111111111:role/logs"
)

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// object is a JSON object.
type object = map[string]any

func invocations(name string) string {
	return "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + here.Regional("lambda", "function:"+name) + "/invocations"
}

// failure makes a function fail with a message.
type failure = gatewaytest.Failure

// world is REST APIs with what they need around them.
type world struct {
	*apigateway.Service
	*gatewaytest.World
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	w := &world{World: gatewaytest.Open(t, dir, time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))}
	w.Handlers = map[string]func([]byte) (string, error){
		"echo": func(event []byte) (string, error) {
			return string(gatewaytest.JSON(object{"statusCode": 200, "body": string(event)})), nil
		},
	}
	var err error
	w.Service, err = apigateway.New(w.Env(here), apigateway.Deps{
		Functions: &w.Functions, Logs: w.Sink, Pools: pools{}, Assumable: func(_ arn.Scope, role, principal string) error {
			if role != goodRole || principal != "apigateway.amazonaws.com" {
				return errors.New("no")
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Start(t, w.Service, here)
	return w
}

// try makes a resource as CloudFormation does.
func (w *world) try(t testing.TB, kind string, properties object) (string, error) {
	t.Helper()
	made, err := w.instance(t, kind, properties)
	return made.PhysicalID, err
}

func (w *world) instance(t testing.TB, kind string, properties object) (resource.Instance, error) {
	t.Helper()
	k := w.ResourceTypes()["AWS::ApiGateway::"+kind]
	p := generic(t, properties)
	if faults := k.Check(p); len(faults) > 0 {
		return resource.Instance{}, errors.New(strings.Join(faults, "; "))
	}
	return k.Create(context.Background(), request(kind, p))
}

func request(kind string, properties object) resource.Request {
	return resource.Request{
		Scope: here, StackName: "stack", LogicalID: kind, Type: "AWS::ApiGateway::" + kind, Properties: properties, OldProperties: properties,
		Tags: map[string]string{"stack": "yes"}, DefaultName: func(int) string { return "stack-" + kind },
	}
}

// generic returns properties as a template has them.
func generic(t testing.TB, properties object) object {
	t.Helper()
	var out object
	if err := json.Unmarshal(gatewaytest.JSON(properties), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// make makes a resource and returns its physical id.
func (w *world) make(t testing.TB, kind string, properties object) string {
	t.Helper()
	id, err := w.try(t, kind, properties)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return id
}

// update changes a resource.
func (w *world) update(t testing.TB, kind, id string, properties object) {
	t.Helper()
	_, err := w.ResourceTypes()["AWS::ApiGateway::"+kind].Update(context.Background(), resource.Instance{PhysicalID: id}, request(kind, generic(t, properties)))
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
}

// remove deletes a resource.
func (w *world) remove(t testing.TB, kind, id string, properties object) error {
	t.Helper()
	return w.ResourceTypes()["AWS::ApiGateway::"+kind].Delete(context.Background(), resource.Instance{PhysicalID: id}, request(kind, generic(t, properties)))
}

// site is a REST API.
type site struct {
	*world
	id, root, url string
}

func (w *world) create(t testing.TB, settings object) site {
	t.Helper()
	in := object{"Name": "test"}
	maps.Copy(in, settings)
	made, err := w.instance(t, "RestApi", in)
	if err != nil {
		t.Fatal(err)
	}
	return site{w, made.PhysicalID, made.Attributes["RootResourceId"].(string), w.Addresses()[made.PhysicalID]}
}

// path makes the resources of a path and returns the identifier of the last.
func (s site) path(t testing.TB, parent string, parts ...string) string {
	t.Helper()
	for _, part := range parts {
		parent = s.make(t, "Resource", object{"RestApiId": s.id, "ParentId": parent, "PathPart": part})
	}
	return parent
}

// function makes a method that a function answers.
func (s site) function(t testing.TB, at, verb, function string, more object) string {
	t.Helper()
	in := object{"RestApiId": s.id, "ResourceId": at, "HttpMethod": verb, "Integration": object{
		"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": invocations(function), "TimeoutInMillis": 2000,
	}}
	maps.Copy(in, more)
	return s.make(t, "Method", in)
}

// deploy makes what there is live in the stage dev.
func (s site) deploy(t testing.TB) string {
	t.Helper()
	return s.make(t, "Deployment", object{"RestApiId": s.id, "StageName": "dev"})
}

func (s site) get(t testing.TB, path string, headers ...string) (int, http.Header, string) {
	t.Helper()
	return gatewaytest.Send(t, "GET", s.url+path, nil, headers...)
}
