// SPDX-License-Identifier: MIT

package spec

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/diag"
)

// API is the service's API, whose routes are the http events of its functions.
type API struct {
	Type             string       `key:"type"` // http or rest
	Name             string       `key:"name"` // in the console; no two services get in each other's way with it
	Stage            string       `key:"stage"`
	Endpoint         string       `key:"endpoint"` // regional or edge; regional for http
	CORS             *CORS        `key:"cors"`     // nil without CORS
	Authorizers      []Authorizer `key:"authorizers"`
	Throttle         *Throttle    `key:"throttle"`   // of each route without its own; nil: no limit but the account's
	AccessLogs       *AccessLogs  `key:"accessLogs"` // nil: none
	Domain           *APIDomain   `key:"domain"`     // nil: only the address that AWS gives
	APIKeys          []string     `key:"apiKeys"`    // names; rest only
	UsagePlans       []UsagePlan  `key:"usagePlans"` // rest only; each API key has one of them
	BinaryMediaTypes []string     `key:"binaryMediaTypes"`
}

// REST reports whether it is a REST API rather than an HTTP API.
func (a *API) REST() bool { return a.Type == restType }

// Throttle is how many requests are let through.
type Throttle struct {
	Rate  float64 `key:"rate"`  // a second, on average
	Burst int     `key:"burst"` // at once
}

// AccessLogs says how requests are logged.
type AccessLogs struct {
	RetentionDays int    `key:"retention"` // 0: for ever
	Format        string `key:"format"`    // a line with variables; "": JSON
	Account       bool   `key:"account"`   // rest: the stack sets the role with which the region's APIs write logs
}

// The types of APIs, and what they have by default.
const (
	httpType     = "http"
	restType     = "rest"
	defaultStage = "$default"
	regional     = "regional"
)

// restOnly are the keys of api that only a REST API has, and why.
func restOnly() []string { return []string{"endpoint", "apiKeys", "usagePlans", "binaryMediaTypes"} }

// api decodes the API but for what its routes and its functions have to do
// with: nil if the file has none.
func (d *decoder) api(n *node, s *Service) *API {
	if !usable(n) {
		return nil
	}
	a := d.newAPI(s, d.literal(n.field("type")))
	d.rest = a.REST()
	a.Name = or(d.literal(n.field("name")), a.Name)
	a.Stage = or(d.literal(n.field("stage")), a.Stage)
	a.Endpoint = or(d.literal(n.field("endpoint")), a.Endpoint)
	a.CORS = d.cors(n.field("cors"))
	a.Authorizers = d.authorizers(n.field("authorizers"))
	a.Throttle = d.throttle(n.field("throttle"))
	a.AccessLogs = d.accessLogs(n.field("accessLogs"))
	a.Domain = d.domain(n.field("domain"), a.Endpoint)
	a.APIKeys = d.texts(n.field("apiKeys"))
	a.UsagePlans = d.usagePlans(n.field("usagePlans"), a.APIKeys)
	a.BinaryMediaTypes = d.texts(n.field("binaryMediaTypes"))
	d.apiKind(n, a)
	d.apiCORS(n.field("cors"), a)
	return a
}

// newAPI is the API of a file that says nothing of it.
func (d *decoder) newAPI(s *Service, kind string) *API {
	a := &API{Type: cmp.Or(kind, httpType), Name: s.Name, Stage: defaultStage, Endpoint: regional}
	if a.REST() {
		a.Stage = s.Environment
	}
	return a
}

// apiKind reports keys and values that the other type of API has.
func (d *decoder) apiKind(n *node, a *API) {
	if kind := n.field("type"); kind != nil && kind.faulty {
		return
	}
	if a.REST() {
		if stage := n.field("stage"); usable(stage) && a.Stage == defaultStage {
			d.fault(stage, diag.APIKind, "a REST API has no stage $default", "name it, such as stage: v1, or leave it out")
		}
		return
	}
	for _, key := range restOnly() {
		if f := n.field(key); usable(f) && a.given(key) {
			d.keyFault(f, diag.APIKind, "only REST APIs have "+key, "set type: rest, or leave it out")
		}
	}
	if f := n.field("accessLogs").field("account"); usable(f) && f.json() == "false" {
		d.keyFault(f, diag.APIKind, "HTTP APIs need no role to write logs", "leave it out")
	}
}

// given reports whether a key of REST APIs says more than its default.
func (a *API) given(key string) bool { return key != "endpoint" || a.Endpoint != regional }

// apiCORS reports settings that API Gateway refuses, or can't do justice to.
func (d *decoder) apiCORS(n *node, a *API) {
	switch {
	case a.CORS == nil || !a.CORS.AllowCredentials:
	case slices.Contains(a.CORS.AllowOrigins, "*"):
		d.fault(n.field("credentials"), diag.APICORS, "an API takes no credentials from all origins", "list the origins that may send them")
	case a.REST() && a.CORS.Several():
		d.fault(n.field("credentials"), diag.APICORS, "with credentials the errors of a REST API can name one origin only",
			"list one origin, or use an HTTP API")
	}
}

// Several reports whether it takes a look at a request to know its origin.
func (c *CORS) Several() bool {
	return len(c.AllowOrigins) > 1 || len(c.AllowOrigins) == 1 && len(c.AllowOrigins[0]) > 1 && slices.Contains([]byte(c.AllowOrigins[0]), '*')
}

// throttle decodes how many requests are let through, nil if it is not said.
func (d *decoder) throttle(n *node) *Throttle {
	if !usable(n) {
		return nil
	}
	t := &Throttle{Burst: d.number(n.field("burst"), 0)}
	if rate := n.field("rate"); usable(rate) {
		t.Rate, _ = strconv.ParseFloat(rate.json(), 64) // JSON's numbers are Go's
	}
	return t
}

// accessLogs decodes how requests are logged, nil if they are not.
func (d *decoder) accessLogs(n *node) *AccessLogs {
	if !usable(n) || n.json() == "false" {
		return nil
	}
	l := &AccessLogs{RetentionDays: DefaultRetentionDays, Account: d.flag(n.field("account"), true), Format: d.literal(n.field("format"))}
	if days := d.retention(n.field("retention")); days >= 0 {
		l.RetentionDays = days
	}
	return l
}
