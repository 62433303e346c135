// SPDX-License-Identifier: MIT

package localaws

import (
	"maps"
	"net/http"
	"regexp"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/apigateway"
	"github.com/sparta-up/sparta/internal/localaws/apigatewayv2"
	"github.com/sparta-up/sparta/internal/localaws/iam"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// gateways is API Gateway, whose REST APIs and HTTP APIs share a signing name:
// the paths of the latter begin with /v2/.
type gateways struct {
	rest *apigateway.Service
	http *apigatewayv2.Service
}

func (s *services) openGateways(env service.Env, o Options, functions *lambda.Service, journal *logs.Service, identities *iam.Service) error {
	rest, err := apigateway.New(env, apigateway.Deps{Functions: functions, Logs: journal, Assumable: identities.AssumableBy, Pools: s.pools, Notice: o.Notice})
	if err != nil {
		return err
	}
	s.opened = append(s.opened, rest)
	http, err := apigatewayv2.New(env, apigatewayv2.Deps{Functions: functions, Logs: journal, Keys: s.pools.Keys, Notice: o.Notice})
	if err != nil {
		return err
	}
	s.opened = append(s.opened, http)
	s.gateways = &gateways{rest, http}
	s.byName["apigateway"] = s.gateways
	return nil
}

// ServeAPI answers one request to the API of either kind.
func (g *gateways) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	if strings.HasPrefix(r.URL.Path, "/v2/") {
		g.http.ServeAPI(w, r, id)
		return
	}
	g.rest.ServeAPI(w, r, id)
}

// ResourceTypes returns the types of both kinds.
func (g *gateways) ResourceTypes() map[string]resource.Type {
	types := g.rest.ResourceTypes()
	maps.Copy(types, g.http.ResourceTypes())
	return types
}

// ServeInternal answers /_sparta/apigateway/addresses with the live addresses of
// all APIs by identifier.
func (g *gateways) ServeInternal(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != internalPrefix+"apigateway/addresses" {
		http.NotFound(w, r)
		return
	}
	list := g.rest.Addresses()
	maps.Copy(list, g.http.Addresses())
	wire.WriteJSON(w, http.StatusOK, list)
}

// apiHost is the host name of an API: as on AWS, or below localhost, which
// browsers look for on this machine.
var apiHost = lazy.MustCompile(`^([a-z0-9]+)\.execute-api\.(?:[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|localhost)(?::\d+)?$`)

// apiURL is the URL of an API as templates make it of the API's identifier.
var apiURL = regexp.MustCompile(`https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?`)

// address returns a text in which the URLs of APIs are those on this machine.
func (g *gateways) address(text string) string {
	if !strings.Contains(text, ".execute-api.") {
		return text
	}
	list := g.rest.Addresses()
	maps.Copy(list, g.http.Addresses())
	return apiURL.ReplaceAllStringFunc(text, func(found string) string {
		if live, ok := list[apiURL.FindStringSubmatch(found)[1]]; ok {
			return live
		}
		return found
	})
}

// serveHost answers a request whose Host is that of an API. It reports false if
// it is not.
func (g *gateways) serveHost(w http.ResponseWriter, r *http.Request) bool {
	m := apiHost.FindStringSubmatch(strings.ToLower(r.Host))
	return m != nil && (g.rest.ServeHost(w, r, m[1]) || g.http.ServeHost(w, r, m[1]))
}
