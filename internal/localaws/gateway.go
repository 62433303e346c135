// SPDX-License-Identifier: MIT

package localaws

import (
	"maps"
	"net/http"
	"regexp"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/acm"
	"github.com/sparta-up/sparta/internal/localaws/apidomain"
	"github.com/sparta-up/sparta/internal/localaws/apigateway"
	"github.com/sparta-up/sparta/internal/localaws/apigatewayv2"
	"github.com/sparta-up/sparta/internal/localaws/cognito"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/route53"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// gateways is API Gateway, whose REST APIs and HTTP APIs share a signing name:
// the paths of the latter begin with /v2/. Domain names are for both.
type gateways struct {
	rest    *apigateway.Service
	http    *apigatewayv2.Service
	domains *apidomain.Service
}

// openGateways opens APIs of both types and what stands in front of them: users,
// certificates, zones and domain names.
func (a *assembly) openGateways() (err error) {
	if a.pools, err = cognito.New(a.env, cognito.Deps{Functions: a.functions, Notice: a.options.Notice}); err != nil {
		return err
	}
	a.add("cognito-idp", a.pools)
	certificates, err := acm.New(a.env)
	if err != nil {
		return err
	}
	a.add("acm", certificates)
	zones, err := route53.New(a.env)
	if err != nil {
		return err
	}
	a.add("route53", zones)
	return a.openAPIs(certificates)
}

func (a *assembly) openAPIs(certificates *acm.Service) (err error) {
	g := &gateways{}
	mapped := func(apiID, stage string) []string { return g.domains.MappedTo(apiID, stage) }
	g.rest, err = apigateway.New(a.env, apigateway.Deps{
		Functions: a.functions, Logs: a.journal, Assumable: a.identities.AssumableBy, MappedTo: mapped, Pools: a.pools, Notice: a.options.Notice,
	})
	if err != nil {
		return err
	}
	a.opened = append(a.opened, g.rest)
	g.http, err = apigatewayv2.New(a.env, apigatewayv2.Deps{
		Functions: a.functions, Logs: a.journal, MappedTo: mapped, Keys: a.pools.Keys, Notice: a.options.Notice,
	})
	if err != nil {
		return err
	}
	a.opened = append(a.opened, g.http)
	g.domains, err = apidomain.New(a.env, apidomain.Deps{REST: g.rest, HTTP: g.http, Certificate: certificates.Usable, Notice: a.options.Notice})
	if err != nil {
		return err
	}
	certificates.UsedBy(g.domains.CertificateUsers)
	a.gateways = g
	a.byName["apigateway"] = g
	return nil
}

// ServeAPI answers one request to the API of either kind.
func (g *gateways) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	switch {
	case apidomain.Serves(r.URL.Path):
		g.domains.ServeAPI(w, r, id)
	case strings.HasPrefix(r.URL.Path, "/v2/"):
		g.http.ServeAPI(w, r, id)
	default:
		g.rest.ServeAPI(w, r, id)
	}
}

// ResourceTypes returns the types of both kinds, and of domain names.
func (g *gateways) ResourceTypes() map[string]resource.Type {
	types := g.rest.ResourceTypes()
	maps.Copy(types, g.http.ResourceTypes())
	maps.Copy(types, g.domains.ResourceTypes())
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

// siteURL is the beginning of a URL as templates make it of an API's identifier
// or of a domain name: scheme, host and port.
var siteURL = regexp.MustCompile(`https://[a-z0-9.-]+(:\d+)?`)

// address returns a text in which the URLs of APIs are those on this machine.
func (g *gateways) address(text string) string {
	if !strings.Contains(text, "https://") {
		return text
	}
	list := g.rest.Addresses()
	maps.Copy(list, g.http.Addresses())
	return siteURL.ReplaceAllStringFunc(text, func(found string) string {
		host := strings.TrimPrefix(found, "https://")
		if m := apiHost.FindStringSubmatch(host); m != nil {
			if live, ok := list[m[1]]; ok {
				return live
			}
		}
		if live, ok := g.domains.Address(host); ok {
			return live
		}
		return found
	})
}

// serveHost answers a request whose Host is that of an API. It reports false if
// it is not.
func (g *gateways) serveHost(w http.ResponseWriter, r *http.Request) bool {
	m := apiHost.FindStringSubmatch(strings.ToLower(r.Host))
	return m != nil && (g.rest.Serve(w, r, m[1], nil) || g.http.Serve(w, r, m[1], nil))
}
