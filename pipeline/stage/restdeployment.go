// SPDX-License-Identifier: MIT

package stage

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/spec"
)

// nameDeployment gives the deployment of a REST API an id that changes with
// what the API says, and with nothing else. A deployment is a snapshot: a new
// one goes live, under the same address, because the stage refers to it, and
// the old one is deleted after that. Decorators may have changed the API, so
// that it is done after them.
func nameDeployment(d cfn.Document) (cfn.Document, error) {
	api := d.Template.Resources[spec.RESTAPIID]
	if api == nil || api.Properties["Body"] == nil {
		return d, nil
	}
	unknot(d.Template)
	id := spec.RESTDeploymentID
	return d.Rename(id, id+definitionHash(d.Template))
}

// definitionHash is a hash of all that a deployment takes a snapshot of: the
// API, and what its functions are called, since its integrations name them.
func definitionHash(t *cfn.Template) string {
	api := t.Resources[spec.RESTAPIID]
	functions := map[string]string{}
	for _, r := range cfn.References(api) {
		if name, ok := functionARN(t, r.ID); ok {
			functions[r.ID] = name
		}
	}
	return contentHash(api.Properties, functions)
}

// unknot has the API name those functions by what they are called that need the
// API themselves, such as its address in a variable: neither could be made
// first otherwise.
func unknot(t *cfn.Template) {
	api := t.Resources[spec.RESTAPIID]
	later := dependents(t, spec.RESTAPIID)
	named := func(name string, argument any) (any, bool) {
		list, _ := argument.([]any)
		id, _ := argument.(string)
		switch {
		case name == "Fn::GetAtt" && len(list) == 2 && list[1] == "Arn":
			id, _ = list[0].(string)
		case name != "Ref":
			return nil, false
		}
		arn, ok := functionARN(t, id)
		if !ok || !later[id] {
			return nil, false
		}
		return cfn.Sub(arn), true
	}
	api.Properties["Body"] = cfn.Rewrite(api.Properties["Body"], func(name string, argument any) (any, bool) {
		list, _ := argument.([]any)
		if name != "Fn::Sub" || len(list) != 2 {
			return named(name, argument)
		}
		return map[string]any{name: []any{list[0], cfn.Rewrite(list[1], named)}}, true
	})
}

// functionARN is the ARN of a function, or of an alias of one, made of names
// that the template says.
func functionARN(t *cfn.Template, id string) (string, bool) {
	r := t.Resources[id]
	if r == nil {
		return "", false
	}
	switch r.Type {
	case "AWS::Lambda::Function":
		name, ok := r.Properties["FunctionName"].(string)
		return "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:" + name, ok
	case "AWS::Lambda::Alias":
		alias, ok := r.Properties["Name"].(string)
		for _, of := range cfn.References(r.Properties["FunctionName"]) {
			if arn, found := functionARN(t, of.ID); found && ok {
				return arn + ":" + alias, true
			}
		}
	}
	return "", false
}

// outsideBody reports parts of the API that the next change of its Body would
// take away.
func outsideBody(d cfn.Document) diag.List {
	kinds := []string{"Resource", "Method", "Authorizer", "GatewayResponse", "Model", "RequestValidator"}
	var problems diag.List
	for _, id := range sortedKeys(d.Template.Resources) {
		r := d.Template.Resources[id]
		kind, gateway := strings.CutPrefix(r.Type, "AWS::ApiGateway::")
		if !gateway || !slices.Contains(kinds, kind) {
			continue
		}
		for _, reference := range cfn.References(r.Properties["RestApiId"]) {
			if reference.ID == spec.RESTAPIID {
				origin, _ := d.Origin(id)
				problems.Add(diag.Problem{
					Position: origin.Position, Path: "Resources." + id, Code: diag.OutsideBody,
					Message: "is a part of RestApi that its next change takes away: Body of RestApi says all of it",
					Hint:    "edit Body in a decorator, or make an API of your own",
				})
			}
		}
	}
	return problems
}
