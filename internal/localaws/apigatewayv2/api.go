// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	crossorigin "github.com/sparta-up/sparta/internal/localaws/cors"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// apiSettings is what a caller says of an API. It serves the API and
// AWS::ApiGatewayV2::Api alike.
type apiSettings struct {
	Name                      string            `json:"name"`
	ProtocolType              string            `json:"protocolType"`
	Description               string            `json:"description,omitempty"`
	Version                   string            `json:"version,omitempty"`
	RouteSelectionExpression  string            `json:"routeSelectionExpression"`
	ApiKeySelectionExpression string            `json:"apiKeySelectionExpression"`
	CorsConfiguration         *corsSettings     `json:"corsConfiguration,omitempty"`
	DisableExecuteApiEndpoint bool              `json:"disableExecuteApiEndpoint"`
	IpAddressType             string            `json:"ipAddressType"`
	Tags                      map[string]string `json:"tags,omitempty"`
}

// corsSettings is the CorsConfiguration of an API.
type corsSettings struct {
	AllowCredentials bool     `json:"allowCredentials,omitempty"`
	AllowHeaders     []string `json:"allowHeaders,omitempty"`
	AllowMethods     []string `json:"allowMethods,omitempty"`
	AllowOrigins     []string `json:"allowOrigins,omitempty"`
	ExposeHeaders    []string `json:"exposeHeaders,omitempty"`
	MaxAge           int      `json:"maxAge,omitempty"` // seconds, from -1 to a day
}

func (c *corsSettings) settings() *crossorigin.Settings { return (*crossorigin.Settings)(c) }

// httpMethods are those that routes and CORS may name.
var httpMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

func (c *corsSettings) check() error {
	if c == nil {
		return nil
	}
	if c.MaxAge < -1 || c.MaxAge > 86400 {
		return gateway.BadRequest("Invalid maxAge value %d. It must be between -1 and 86400 seconds", c.MaxAge)
	}
	for _, method := range c.AllowMethods {
		if method != "*" && !slices.Contains(httpMethods, method) {
			return gateway.BadRequest("Invalid method in allowMethods: %s", method)
		}
	}
	for _, origin := range c.AllowOrigins {
		if !validOrigin(origin) {
			return gateway.BadRequest("Invalid format for origin: %s. Origins are a scheme and a host, such as https://www.example.com, or *", origin)
		}
	}
	if c.AllowCredentials && slices.Contains(c.AllowOrigins, "*") {
		return gateway.BadRequest("allowCredentials is not supported when allowOrigins contains *")
	}
	return nil
}

// validOrigin reports whether text is *, or an origin which may have a * in its
// host; "https://*" is one.
func validOrigin(text string) bool {
	if text == "*" {
		return true
	}
	u, err := url.Parse(strings.ReplaceAll(text, "*", "x"))
	return err == nil && u.Scheme != "" && u.Host != "" && u.Path == "" && u.RawQuery == "" && u.Fragment == ""
}

// complete fills in what is not said and checks the rest.
func (a *apiSettings) complete() error {
	a.RouteSelectionExpression = cmp.Or(a.RouteSelectionExpression, "$request.method $request.path")
	a.ApiKeySelectionExpression = cmp.Or(a.ApiKeySelectionExpression, "$request.header.x-api-key")
	a.IpAddressType = cmp.Or(a.IpAddressType, "ipv4")
	switch {
	case a.Name == "" || len([]rune(a.Name)) > 128:
		return gateway.BadRequest("Invalid API name specified: it must have 1 to 128 characters")
	case a.ProtocolType == "WEBSOCKET":
		return gateway.Unmodelled("WebSocket APIs")
	case a.ProtocolType != "HTTP":
		return gateway.BadRequest("Invalid protocol specified: %s. Must be one of [HTTP, WEBSOCKET]", strconv.Quote(a.ProtocolType))
	case a.RouteSelectionExpression != "$request.method $request.path" && a.RouteSelectionExpression != "${request.method} ${request.path}":
		return gateway.BadRequest("Invalid routeSelectionExpression %s: HTTP APIs have $request.method $request.path only", a.RouteSelectionExpression)
	case a.IpAddressType != "ipv4" && a.IpAddressType != "dualstack":
		return gateway.BadRequest("Invalid ipAddressType %s. Must be one of [ipv4, dualstack]", a.IpAddressType)
	}
	return a.CorsConfiguration.check()
}

// createAPI makes an API and opens its address.
func (s *Service) createAPI(scope arn.Scope, settings apiSettings) (*api, error) {
	if err := settings.complete(); err != nil {
		return nil, err
	}
	a := &api{
		API: gateway.API{Scope: scope, ID: gateway.NewID(10), Created: s.env.Now().UTC().Truncate(time.Second)}, Settings: settings,
		Current: definition{
			Routes: map[string]*route{}, Integrations: map[string]*integration{}, Authorizers: map[string]*authorizer{},
			CORS: settings.CorsConfiguration,
		},
		Stages: map[string]*stage{}, Deployments: map[string]*deployment{},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	port, err := s.env.Doors.Open(doorName(a.ID), 0, s.visitor(a.ID))
	if err != nil {
		return nil, fmt.Errorf("open HTTP API %s: %w", settings.Name, err)
	}
	a.Port = port
	s.apis[a.ID] = a
	s.changed()
	return a, nil
}

// updateAPI gives an API other settings as a whole.
func (s *Service) updateAPI(scope arn.Scope, id string, edit func(old apiSettings) (apiSettings, error)) (*api, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(scope, id)
	if err != nil {
		return nil, err
	}
	settings, err := edit(a.Settings)
	if err != nil {
		return nil, err
	}
	if err := settings.complete(); err != nil {
		return nil, err
	}
	a.Settings, a.Current.CORS = settings, settings.CorsConfiguration
	return a, s.edited(a)
}

// deleteAPI closes the address of an API and forgets it.
func (s *Service) deleteAPI(scope arn.Scope, id string) error {
	if err := gateway.Unmapped("API", "API", s.deps.MappedTo(id, "")); err != nil {
		return err
	}
	s.mu.Lock()
	_, err := s.find(scope, id)
	if err == nil {
		delete(s.apis, id)
		s.changed()
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.env.Doors.Close(doorName(id)) // not under the lock, which requests under way take
	s.throttle.Forget(id + "/")
	s.authorizers.Forget(id, "")
	return nil
}

// output returns an API as the API shows it; s.mu is held.
func (a *api) output() (map[string]any, error) {
	out, err := gateway.Members(a.Settings)
	if err != nil {
		return nil, err
	}
	maps.Copy(out, map[string]any{
		"apiId": a.ID, "apiEndpoint": a.Endpoint(), "createdDate": a.Created.Format(time.RFC3339),
	})
	return out, nil
}
