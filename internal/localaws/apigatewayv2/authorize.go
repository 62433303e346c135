// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// authorizerTimeout is how long API Gateway waits for an authorizer.
const authorizerTimeout = 10 * time.Second

// authorize asks the route's authorizer. refused says that response is the
// answer; otherwise the event tells the function who calls.
func (v *visit) authorize() (response httpevent.Response, refused bool) {
	r := v.entry.route
	a := v.definition.Authorizers[r.AuthorizerId]
	switch {
	case r.AuthorizationType == "NONE":
		return httpevent.Response{}, false
	case r.AuthorizationType == "AWS_IAM":
		return v.authorizeIAM()
	case a == nil: // never: routes are checked
		return v.refuse(http.StatusInternalServerError, "Internal Server Error", "AUTHORIZER_CONFIGURATION_ERROR"), true
	case r.AuthorizationType == "JWT":
		return v.authorizeJWT(a)
	}
	return v.authorizeLambda(r.AuthorizerId, a)
}

// iamAuthorizer is requestContext.authorizer under AWS_IAM.
type iamAuthorizer struct {
	IAM struct {
		AccessKey       string  `json:"accessKey"`
		AccountID       string  `json:"accountId"`
		CallerID        string  `json:"callerId"`
		CognitoIdentity *string `json:"cognitoIdentity"`
		PrincipalOrgID  *string `json:"principalOrgId"`
		UserARN         string  `json:"userArn"`
		UserID          string  `json:"userId"`
	} `json:"iam"`
}

// authorizeIAM wants a signature for execute-api, which it does not check, and
// asks the policies of those who sign as a role.
func (v *visit) authorizeIAM() (httpevent.Response, bool) {
	id := wire.Identify(v.event.Request, v.scope.Account, v.scope.Region)
	need := access.Need{Action: "execute-api:Invoke", Resource: v.route()}
	if id.Anonymous || id.Service != "execute-api" || v.service.env.Access.Check(id, need) != nil {
		return v.refuse(http.StatusForbidden, "Forbidden", "ACCESS_DENIED"), true
	}
	var a iamAuthorizer
	userARN, userID := v.service.env.Access.Caller(id)
	a.IAM.AccessKey, a.IAM.AccountID, a.IAM.CallerID, a.IAM.UserID = id.AccessKeyID, id.Account, userID, userID
	a.IAM.UserARN = userARN
	v.event.Authorizer = a
	v.variables["identity.caller"], v.variables["identity.user"], v.variables["identity.userArn"] = userID, userID, userARN
	return httpevent.Response{}, false
}

// lambdaAuthorizer is requestContext.authorizer behind a Lambda authorizer.
type lambdaAuthorizer struct {
	Lambda    map[string]any `json:"lambda"`
	principal string
}

func (v *visit) authorizeLambda(id string, a *authorizer) (httpevent.Response, bool) {
	values, ok := v.identities(a.IdentitySource)
	if !ok {
		return v.refuse(http.StatusUnauthorized, "Unauthorized", "UNAUTHORIZED"), true
	}
	answer, err := v.ask(id, a, values)
	if err != nil {
		v.variables["authorizer.error"] = err.Error()
		v.service.env.Log.Warn().Err(err).Str("api", v.apiID).Str("authorizer", a.Name).Msg("answered 500 for an authorizer")
		return v.refuse(http.StatusInternalServerError, "Internal Server Error", "AUTHORIZER_FAILURE"), true
	}
	if !answer.Allows(v.route(), httpevent.SourceIP(v.event.Request)) {
		return v.refuse(http.StatusForbidden, "Forbidden", "ACCESS_DENIED"), true
	}
	v.event.Authorizer = lambdaAuthorizer{answer.Context, answer.Principal}
	v.variables["authorizer.principalId"] = answer.Principal
	for name, value := range answer.Context {
		v.variables["authorizer."+name] = fmt.Sprint(value)
	}
	return httpevent.Response{}, false
}

// route returns the ARN of what the caller wants, for policies.
func (v *visit) route() string {
	return v.execution(v.stage.StageName + "/" + v.event.Method + v.event.Path)
}

// ask returns what the authorizer says. An answer serves all routes unless
// $context.routeKey is one of the identities.
func (v *visit) ask(id string, a *authorizer, values []string) (gateway.Answer, error) {
	function, _ := gateway.Target(gateway.Variables(a.AuthorizerUri, v.stage.StageVariables))
	read := gateway.PolicyAnswer
	if a.EnableSimpleResponses {
		read = gateway.SimpleAnswer
	}
	return v.service.authorizers.Ask(gateway.Question{
		API: v.apiID, Stage: v.stage.StageName, Authorizer: id, Identities: values,
		Keep: time.Duration(a.AuthorizerResultTtlInSeconds) * time.Second, Now: v.event.Now,
		Call: gateway.Call{
			Scope: v.scope, Function: function, Source: v.execution("authorizers/" + id), TraceID: v.event.TraceID, Timeout: authorizerTimeout,
		},
		Event: func() any { return v.authorizerEvent(a, values) },
		Read: func(response lambda.Response, err error) (gateway.Answer, error) {
			if err != nil {
				return gateway.Answer{}, err
			}
			return read(response.Payload)
		},
	})
}

// authorizerEvent returns the event for an authorizer ("Payload format" of
// "Control access to HTTP APIs with AWS Lambda authorizers").
func (v *visit) authorizerEvent(a *authorizer, values []string) any {
	request := v.event
	request.Content = nil // authorizers do not see the body
	if a.AuthorizerPayloadFormatVersion == "2.0" {
		e := request.V2()
		e.Type, e.RouteARN, e.IdentitySource = "REQUEST", v.route(), values
		return e.WithoutBody()
	}
	e := request.V1(v.resource(), request.Path, false)
	e.Version, e.Type, e.MethodARN, e.RequestContext.ResourceID = "1.0", "REQUEST", v.route(), v.entry.key.text
	e.IdentitySource = strings.Join(values, ",")
	e.AuthorizationToken = e.IdentitySource
	return e.WithoutBody()
}

// identities returns the values of identity sources. It reports false if one of
// them is missing.
func (v *visit) identities(sources []string) ([]string, bool) {
	values := make([]string, 0, len(sources))
	for _, source := range sources {
		value := v.identity(source)
		if value == "" {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}

func (v *visit) identity(source string) string {
	if name, ok := strings.CutPrefix(source, "$request.header."); ok {
		if strings.EqualFold(name, "host") {
			return v.event.Host
		}
		return strings.Join(v.event.Header.Values(name), ",")
	}
	if name, ok := strings.CutPrefix(source, "$request.querystring."); ok {
		return strings.Join(v.event.URL.Query()[name], ",")
	}
	if name, ok := strings.CutPrefix(source, "$context."); ok {
		return v.variables[name]
	}
	name, _ := strings.CutPrefix(source, "$stageVariables.")
	return v.stage.StageVariables[name]
}

// authorizerV1 returns requestContext.authorizer of format 1.0, which is flat;
// what AWS_IAM found goes to the identity.
func authorizerV1(e *httpevent.V1, authorizer any) any {
	switch a := authorizer.(type) {
	case lambdaAuthorizer:
		flat := map[string]any{}
		maps.Copy(flat, a.Lambda)
		if a.principal != "" {
			flat["principalId"] = a.principal
		}
		return flat
	case jwtAuthorizer:
		return a.JWT
	case iamAuthorizer:
		id := &e.RequestContext.Identity
		id.AccessKey, id.AccountID, id.Caller, id.User, id.UserARN = &a.IAM.AccessKey, &a.IAM.AccountID, &a.IAM.CallerID, &a.IAM.UserID, &a.IAM.UserARN
		return nil
	}
	return authorizer
}
