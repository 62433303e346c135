// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// route is a route of an API.
type route struct {
	ApiKeyRequired      bool     `json:"apiKeyRequired"`
	AuthorizationScopes []string `json:"authorizationScopes,omitempty"`
	AuthorizationType   string   `json:"authorizationType"` // NONE, AWS_IAM, JWT or CUSTOM
	AuthorizerId        string   `json:"authorizerId,omitempty"`
	OperationName       string   `json:"operationName,omitempty"`
	RouteKey            string   `json:"routeKey"`
	Target              string   `json:"target,omitempty"` // integrations/ID
}

var routes = kind[route]{
	name: "Route", id: "routeId",
	list:     func(d *definition) map[string]*route { return d.Routes },
	complete: completeRoute,
}

// integration returns the identifier of the integration that the route leads
// to, or "".
func (r *route) integration() string {
	id, _ := strings.CutPrefix(r.Target, "integrations/")
	return id
}

// routeKey is a parsed route key.
type routeKey struct {
	text   string
	method string // "" for $default, ANY for all
	path   gateway.Template
}

// parseRouteKey reads $default or a method and a path, such as "GET /pets/{id}".
func parseRouteKey(text string) (routeKey, error) {
	if text == "$default" {
		return routeKey{text: text}, nil
	}
	method, path, ok := strings.Cut(text, " ")
	if !ok || method != "ANY" && !slices.Contains(httpMethods, method) {
		return routeKey{}, gateway.BadRequest("The provided route key is not formatted properly for HTTP protocol. "+
			"Format should be \"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\": %s", text)
	}
	t, err := gateway.ParseTemplate(path)
	if err != nil {
		return routeKey{}, gateway.BadRequest("The provided route key is not formatted properly for HTTP protocol: %v", err)
	}
	return routeKey{text, method, t}, nil
}

func completeRoute(d *definition, id string, r *route) error {
	r.AuthorizationType = cmp.Or(r.AuthorizationType, "NONE")
	key, err := parseRouteKey(r.RouteKey)
	if err != nil {
		return err
	}
	for other, old := range d.Routes {
		if other != id && sameRoute(key, old.RouteKey) {
			return gateway.Conflict("Route with key %s already exists for this API", r.RouteKey)
		}
	}
	if r.ApiKeyRequired {
		return gateway.BadRequest("apiKeyRequired is not currently supported for HTTP APIs")
	}
	if r.Target != "" && d.Integrations[r.integration()] == nil {
		return gateway.BadRequest("Invalid target %s: it must be integrations/ with the identifier of an integration of the API", r.Target)
	}
	return checkAuthorization(d, r)
}

// sameRoute reports whether two route keys match the same requests: the names
// of path parameters make no difference.
func sameRoute(key routeKey, text string) bool {
	other, err := parseRouteKey(text)
	return err == nil && key.method == other.method && key.path.Pattern() == other.path.Pattern()
}

func checkAuthorization(d *definition, r *route) error {
	wants := map[string]string{"JWT": "JWT", "CUSTOM": "REQUEST"}[r.AuthorizationType]
	a := d.Authorizers[r.AuthorizerId]
	switch {
	case !slices.Contains([]string{"NONE", "AWS_IAM", "JWT", "CUSTOM"}, r.AuthorizationType):
		return gateway.BadRequest("Invalid authorizationType specified: %s. Must be one of [NONE, AWS_IAM, JWT, CUSTOM]", r.AuthorizationType)
	case wants == "" && r.AuthorizerId != "":
		return gateway.BadRequest("The route has an authorizerId, but its authorizationType is %s", r.AuthorizationType)
	case wants != "" && a == nil:
		return gateway.BadRequest("Invalid authorizer identifier specified %s", r.AuthorizerId)
	case wants != "" && a.AuthorizerType != wants:
		return gateway.BadRequest("The authorizer %s is of type %s, which does not fit the authorizationType %s", r.AuthorizerId, a.AuthorizerType, r.AuthorizationType)
	case len(r.AuthorizationScopes) > 0 && wants != "JWT":
		return gateway.BadRequest("Authorization scopes are only valid for JWT authorization")
	}
	return nil
}
