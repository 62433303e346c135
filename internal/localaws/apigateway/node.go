// SPDX-License-Identifier: MIT

package apigateway

import (
	"context"
	"regexp"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// node is a resource of an API: a part of its paths.
type node struct {
	ParentID string // "" for the root
	PathPart string
	Path     string // from the root, such as /pets/{id}
}

// resourceType is AWS::ApiGateway::Resource. Every property needs a new one.
type resourceType struct{ service *Service }

// Check returns the faults of the properties.
func (t resourceType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"ParentId": shape.String, "PathPart": shape.String, "RestApiId": shape.String,
	}, "ParentId", "PathPart", "RestApiId"), properties)
}

// Replaces reports whether any property changes.
func (t resourceType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ParentId", "PathPart", "RestApiId")
}

// pathPart is one part of a path: text or one parameter, which may be greedy.
var pathPart = regexp.MustCompile(`^([a-zA-Z0-9._:,~%+@$!*'=()&;-]+|\{[a-zA-Z0-9._:-]+\+?\})$`)

// Create makes a resource. Ref is its identifier.
func (t resourceType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	id := gateway.NewID(6)
	n := &node{ParentID: shape.Member(r.Properties, "ParentId"), PathPart: shape.Member(r.Properties, "PathPart")}
	err := t.service.edit(r.Scope, shape.Member(r.Properties, "RestApiId"), func(a *api) error {
		parent := a.Current.Resources[n.ParentID]
		if parent == nil {
			return gateway.NotFound("Invalid Resource identifier specified")
		}
		if err := a.Current.takes(n, parent); err != nil {
			return err
		}
		n.Path = strings.TrimSuffix(parent.Path, "/") + "/" + n.PathPart
		a.Current.Resources[id] = n
		return nil
	})
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"ResourceId": id}}, nil
}

// takes returns why n cannot be a resource below parent.
func (d definition) takes(n, parent *node) error {
	if !pathPart.MatchString(n.PathPart) {
		return gateway.BadRequest("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
	}
	if strings.HasSuffix(parent.PathPart, "+}") {
		return gateway.BadRequest("Cannot create a child of a resource with a greedy path variable: %s", parent.Path)
	}
	variable := func(part string) bool { return strings.HasPrefix(part, "{") }
	for _, other := range d.Resources {
		switch {
		case other.ParentID != n.ParentID:
		case other.PathPart == n.PathPart:
			return gateway.Conflict("Another resource with the same parent already has this name: %s", n.PathPart)
		case variable(other.PathPart) && variable(n.PathPart) && strings.HasSuffix(other.PathPart, "+}") == strings.HasSuffix(n.PathPart, "+}"):
			return gateway.BadRequest("A sibling (%s) of this resource already has a variable path part -- only one is allowed", other.PathPart)
		}
	}
	for part := range strings.SplitSeq(parent.Path, "/") {
		if variable(part) && strings.Trim(part, "{}+") == strings.Trim(n.PathPart, "{}+") && variable(n.PathPart) {
			return gateway.BadRequest("The path %s/%s has the parameter %s twice", parent.Path, n.PathPart, part)
		}
	}
	return nil
}

// Update is called when nothing has changed.
func (t resourceType) Update(_ context.Context, old resource.Instance, _ resource.Request) (resource.Instance, error) {
	return old, nil
}

// Delete removes a resource with all that is below it.
func (t resourceType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.edit(r.Scope, shape.Member(r.Properties, "RestApiId"), func(a *api) error {
		if a.Current.Resources[old.PhysicalID] == nil {
			return gateway.NotFound("Invalid Resource identifier specified")
		}
		a.Current.remove(old.PhysicalID)
		return nil
	}))
}

func (d definition) remove(id string) {
	delete(d.Resources, id)
	for key := range d.Methods {
		if strings.HasPrefix(key, id+" ") {
			delete(d.Methods, key)
		}
	}
	for child, n := range d.Resources {
		if n.ParentID == id {
			d.remove(child)
		}
	}
}
