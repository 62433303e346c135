// SPDX-License-Identifier: MIT

package apigateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// authorizerTimeout is how long API Gateway waits for an authorizer.
const authorizerTimeout = 29 * time.Second

// errUnauthorized says that the authorizer failed with the message
// Unauthorized, which is its way to ask for 401.
var errUnauthorized = errors.New("the authorizer says Unauthorized")

// authorize asks the method's authorizer. refused says that response is the
// answer; otherwise the event tells the function who calls.
func (v *visit) authorize() (response httpevent.Response, refused bool) {
	switch v.method.AuthorizationType {
	case "AWS_IAM":
		return v.authorizeIAM()
	case "CUSTOM":
		return v.authorizeLambda()
	case userPools:
		return v.authorizePool()
	}
	return httpevent.Response{}, false
}

// authorizeIAM wants a signature for execute-api, which it does not check, and
// asks the policies of those who sign as a role. The account in its answer is
// masked.
func (v *visit) authorizeIAM() (httpevent.Response, bool) {
	id := wire.Identify(v.event.Request, v.scope.Account, v.scope.Region)
	if id.Anonymous || id.Service != "execute-api" {
		return v.refuse("MISSING_AUTHENTICATION_TOKEN", http.StatusForbidden, "Missing Authentication Token"), true
	}
	if err := v.service.env.Access.Check(id, access.Need{Action: "execute-api:Invoke", Resource: v.target()}); err != nil {
		text := strings.ReplaceAll(err.Error(), "execute-api:"+v.scope.Region+":"+v.scope.Account, "execute-api:"+v.scope.Region+":********"+v.scope.Account[8:])
		return v.refuse("ACCESS_DENIED", http.StatusForbidden, text), true
	}
	userARN, userID := v.service.env.Access.Caller(id)
	i := &v.identity
	i.AccessKey, i.AccountID, i.Caller, i.User, i.UserARN = &id.AccessKeyID, &id.Account, &userID, &userID, &userARN
	v.variables["identity.caller"], v.variables["identity.user"], v.variables["identity.userArn"] = userID, userID, userARN
	return httpevent.Response{}, false
}

func (v *visit) authorizeLambda() (httpevent.Response, bool) {
	a := v.definition.Authorizers[v.method.AuthorizerId]
	if a == nil { // removed before the deployment
		return v.refuse("AUTHORIZER_CONFIGURATION_ERROR", http.StatusInternalServerError, ""), true
	}
	values, ok := v.identities(a)
	if !ok {
		return v.refuse("UNAUTHORIZED", http.StatusUnauthorized, "Unauthorized"), true
	}
	answer, err := v.ask(a, values)
	switch {
	case errors.Is(err, errUnauthorized):
		return v.refuse("UNAUTHORIZED", http.StatusUnauthorized, "Unauthorized"), true
	case err != nil:
		v.variables["authorizer.error"] = err.Error()
		v.service.env.Log.Warn().Err(err).Str("api", v.apiID).Str("authorizer", a.Name).Msg("answered 500 for an authorizer")
		return v.refuse("AUTHORIZER_CONFIGURATION_ERROR", http.StatusInternalServerError, ""), true
	case !answer.Allows(v.target(), v.identity.SourceIP):
		return v.refuse("ACCESS_DENIED", http.StatusForbidden, "User is not authorized to access this resource"), true
	}
	// All that an authorizer says reaches the function as text.
	said := map[string]any{"principalId": answer.Principal, "integrationLatency": 0}
	v.variables["authorizer.principalId"] = answer.Principal
	for name, value := range answer.Context {
		text := fmt.Sprint(value)
		said[name], v.variables["authorizer."+name] = text, text
	}
	v.event.Authorizer, v.usageKey = said, answer.APIKey
	return httpevent.Response{}, false
}

// target returns the ARN of what the caller wants, for policies.
func (v *visit) target() string {
	return v.execution(v.stage.StageName + "/" + v.event.Method + v.event.Path)
}

// identities returns the values of the identity sources. It reports false if
// one is missing, or if a token does not fit the expression.
func (v *visit) identities(a *authorizer) ([]string, bool) {
	sources := a.sources()
	values := make([]string, 0, len(sources))
	for _, source := range sources {
		value := v.mapped(source)
		if value == "" {
			return nil, false
		}
		values = append(values, value)
	}
	if a.Type == "TOKEN" && a.IdentityValidationExpression != "" {
		fits, err := regexp.MatchString("^(?:"+a.IdentityValidationExpression+")$", values[0])
		return values, err == nil && fits
	}
	return values, true
}

// ask returns what the authorizer says.
func (v *visit) ask(a *authorizer, values []string) (gateway.Answer, error) {
	function, _ := gateway.Target(gateway.Variables(a.AuthorizerUri, v.stage.Variables))
	return v.service.authorizers.Ask(gateway.Question{
		API: v.apiID, Stage: v.stage.StageName, Authorizer: v.method.AuthorizerId, Identities: values,
		Keep: time.Duration(a.ttl()) * time.Second, Now: v.event.Now,
		Call: gateway.Call{
			Scope: v.scope, Function: function, Source: v.execution("authorizers/" + v.method.AuthorizerId),
			TraceID: v.event.TraceID, Timeout: authorizerTimeout,
		},
		Event: func() any { return v.authorizerEvent(a, values) },
		Read:  readAnswer,
	})
}

// readAnswer reads what an authorizer said.
func readAnswer(response lambda.Response, err error) (gateway.Answer, error) {
	if err == nil {
		return gateway.PolicyAnswer(response.Payload)
	}
	var failure struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal(response.Payload, &failure) == nil && failure.ErrorMessage == "Unauthorized" {
		return gateway.Answer{}, errUnauthorized
	}
	return gateway.Answer{}, err
}

// tokenEvent is the event for a TOKEN authorizer.
type tokenEvent struct {
	Type               string `json:"type"`
	AuthorizationToken string `json:"authorizationToken"`
	MethodARN          string `json:"methodArn"`
}

// authorizerEvent returns the event for an authorizer ("Input to an API Gateway
// Lambda authorizer", API Gateway Developer Guide).
func (v *visit) authorizerEvent(a *authorizer, values []string) any {
	if a.Type == "TOKEN" {
		return tokenEvent{"TOKEN", values[0], v.target()}
	}
	e := v.payload()
	e.Type, e.MethodARN = "REQUEST", v.target()
	return e.WithoutBody()
}
