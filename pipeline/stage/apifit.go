// SPDX-License-Identifier: MIT

package stage

import "github.com/sparta-up/sparta/spec"

// routeDelivery is what a route sends. Source: "Working with AWS Lambda proxy integrations for HTTP APIs" and "Input
// format of a Lambda function for proxy integration", API Gateway Developer Guide.
func routeDelivery(rest bool) delivery {
	if rest {
		return delivery{what: "a REST API", types: []string{"APIGatewayProxyRequest"}, http: true}
	}
	return delivery{what: "an HTTP API", types: []string{"APIGatewayV2HTTPRequest", "LambdaFunctionURLRequest"}, http: true}
}

// authorizations is what the authorizers send that ask a function.
func authorizations(a *spec.API, function string) []delivery {
	if a == nil {
		return nil
	}
	var all []delivery
	for _, one := range a.Authorizers {
		if one.Function != function {
			continue
		}
		d := delivery{
			path: []string{"api", "authorizers", one.Name}, what: "an authorizer of an HTTP API",
			types: []string{"APIGatewayV2CustomAuthorizerV2Request"},
		}
		if a.REST() {
			d.what, d.types = "an authorizer of a REST API", []string{"APIGatewayCustomAuthorizerRequestTypeRequest"}
		}
		all = append(all, d)
	}
	return all
}
