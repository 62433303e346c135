// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// Authorizer decides which requests an API lets in. Exactly one of JWT,
// Function and Cognito is set.
type Authorizer struct {
	Name     string         // key in sparta.yaml
	JWT      *JWTAuthorizer `key:"jwt"`
	Function string         `key:"function"` // one of the service's
	Cognito  []Source       `key:"cognito"`  // user pools
	Identity []string       `key:"identity"` // header.<name>, query.<name> or context.<name>
	TTL      time.Duration  `key:"ttl"`      // how long the answer of the function is kept, whole seconds
	Response string         `key:"response"` // what the function answers: simple or policy
}

// JWTAuthorizer takes the signed tokens of one provider.
type JWTAuthorizer struct {
	Issuer   any   `key:"issuer"`   // string or intrinsic
	Audience []any `key:"audience"` // strings or intrinsics
}

// Tokens reports whether the authorizer checks tokens, which have scopes.
func (a Authorizer) Tokens() bool { return a.JWT != nil || len(a.Cognito) > 0 }

// IAM is the authorizer that every API has: a request is signed.
const IAM = "iam"

// What a function that authorizes answers.
const (
	simpleResponse = "simple"
	policyResponse = "policy"
)

// authorizers decodes the authorizers of an API, sorted by name.
func (d *decoder) authorizers(n *node) []Authorizer {
	if !usable(n) {
		return nil
	}
	var all []Authorizer
	for _, f := range n.fields {
		switch {
		case !usable(f):
		case strings.EqualFold(f.key, IAM):
			d.keyFault(f, diag.AuthorizerForm, "is built in under this name", "name it another way, or leave it out")
		default:
			if a := d.authorizer(f); f.sound() {
				all = append(all, a)
			}
		}
	}
	slices.SortFunc(all, func(a, b Authorizer) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// authorizer decodes one authorizer.
func (d *decoder) authorizer(n *node) Authorizer {
	a := Authorizer{
		Name: n.key, JWT: d.jwt(n.field("jwt")), Function: d.literal(n.field("function")),
		Identity: []string{"header.Authorization"}, TTL: d.duration(n.field("ttl")),
	}
	if pools := n.field("cognito"); usable(pools) {
		for _, item := range pools.items {
			a.Cognito = append(a.Cognito, d.sourceOf(item, userPoolKind()))
		}
	}
	if f := n.field("identity"); usable(f) {
		a.Identity = d.texts(f)
	}
	if n.field("function") != nil {
		a.Response = or(d.literal(n.field("response")), map[bool]string{true: policyResponse, false: simpleResponse}[d.rest])
	}
	if d.authorizerWay(n) {
		d.authorizerKeys(n, a)
	}
	return a
}

// jwt decodes whose tokens are taken.
func (d *decoder) jwt(n *node) *JWTAuthorizer {
	if !usable(n) {
		return nil
	}
	j := &JWTAuthorizer{Audience: d.valuesOf(n.field("audience"))}
	if issuer := n.field("issuer"); usable(issuer) {
		j.Issuer = d.scalarOrCall(issuer)
	}
	return j
}

// authorizerWay checks that an authorizer has one way to decide, which the type
// of the API has too.
func (d *decoder) authorizerWay(n *node) bool {
	var given []*node
	for _, way := range []string{"jwt", "function", "cognito"} {
		if f := n.field(way); f != nil {
			given = append(given, f)
		}
	}
	switch {
	case !n.sound():
	case len(given) == 0:
		d.keyFault(n, diag.AuthorizerForm, "one of jwt, function and cognito is missing", "jwt and cognito take tokens, function is one of the service's functions")
	case len(given) > 1:
		d.keyFault(given[1], diag.AuthorizerForm, "cannot stand beside "+given[0].key, "make two authorizers of it")
	case given[0].key == "jwt" && d.rest:
		d.keyFault(given[0], diag.APIKind, "a REST API has no JWT authorizers", "use type: http, cognito for tokens of a Cognito user pool, or a function that checks the token")
	case given[0].key == "cognito" && !d.rest:
		d.keyFault(given[0], diag.APIKind, "only REST APIs have cognito authorizers", "use jwt with the issuer https://cognito-idp.<region>.amazonaws.com/<user pool id>")
	default:
		return true
	}
	return false
}

// authorizerKeys checks what goes with the way to decide.
func (d *decoder) authorizerKeys(n *node, a Authorizer) {
	for _, key := range []string{"ttl", "response"} {
		if f := n.field(key); f != nil && a.Function == "" && (key != "ttl" || a.TTL != 0) {
			d.keyFault(f, diag.AuthorizerForm, "goes with function only", "leave it out")
		}
	}
	identity := n.field("identity")
	switch {
	case a.Function == "" && len(a.Identity) > 1:
		d.fault(identity, diag.AuthorizerForm, "a token stands in one place", "keep one of them")
	case a.Function == "" && strings.HasPrefix(a.Identity[0], "context."),
		len(a.Cognito) > 0 && !strings.HasPrefix(a.Identity[0], "header."):
		d.fault(identity, diag.AuthorizerForm, "a token does not stand in "+a.Identity[0], "write header.Authorization, or another header")
	case a.Response == simpleResponse && d.rest:
		d.fault(n.field("response"), diag.APIKind, "functions answer a REST API with a policy", "leave it out")
	}
}

// Authorizer returns the authorizer with a name, and whether there is one.
func (a *API) Authorizer(name string) (Authorizer, bool) {
	i := slices.IndexFunc(a.Authorizers, func(one Authorizer) bool { return one.Name == name })
	if i < 0 {
		return Authorizer{}, false
	}
	return a.Authorizers[i], true
}
