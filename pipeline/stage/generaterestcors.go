// SPDX-License-Identifier: MIT

package stage

import (
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/spec"
)

// corsSettings is what the Go program is told of CORS. A REST API passes on the
// answers of functions as they are, so that the program has to add the headers.
func corsSettings(c spec.CORS) map[string]any {
	settings := map[string]any{"origins": anys(c.AllowOrigins)}
	if len(c.ExposeHeaders) > 0 {
		settings["exposeHeaders"] = anys(c.ExposeHeaders)
	}
	if c.AllowCredentials {
		settings["credentials"] = true
	}
	return settings
}

// preflight is the OPTIONS method of a path: API Gateway answers it by itself,
// without a function or an authorizer.
func preflight(c spec.CORS, path string) map[string]any {
	values, headers := map[string]any{}, map[string]any{}
	for name, value := range preflightHeaders(c) {
		values["method.response.header."+name] = "'" + value + "'"
		headers[name] = map[string]any{"schema": map[string]any{"type": "string"}}
	}
	template := ""
	if c.Several() {
		template = originTemplate(c.AllowOrigins)
	}
	operation := map[string]any{
		"responses": map[string]any{"204": map[string]any{"description": "What a page of another origin may do", "headers": headers}},
		"x-amazon-apigateway-integration": map[string]any{
			"type": "mock", "passthroughBehavior": "when_no_match", "contentHandling": "CONVERT_TO_TEXT",
			"requestTemplates": map[string]any{"application/json": `{"statusCode": 204}`},
			"responses": map[string]any{"default": map[string]any{
				"statusCode": "204", "responseParameters": values, "responseTemplates": map[string]any{"application/json": template},
			}},
		},
	}
	addParameters(operation, path)
	return operation
}

// preflightHeaders are the headers that a browser's question is answered with.
// With credentials * is no wildcard to a browser, and it never stands for
// Authorization (Fetch Standard, "CORS protocol").
func preflightHeaders(c spec.CORS) map[string]string {
	methods, allowed := strings.Join(c.AllowMethods, ","), strings.Join(c.AllowHeaders, ",")
	if c.AllowCredentials && methods == "*" {
		methods = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
	}
	switch {
	case allowed == "*" && c.AllowCredentials:
		allowed = "Accept,Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key,X-Requested-With"
	case allowed == "*":
		allowed = "*,Authorization"
	}
	headers := map[string]string{"Access-Control-Allow-Origin": c.AllowOrigins[0], "Access-Control-Allow-Methods": methods}
	if allowed != "" {
		headers["Access-Control-Allow-Headers"] = allowed
	}
	if c.AllowCredentials {
		headers["Access-Control-Allow-Credentials"] = "true"
	}
	if c.MaxAge > 0 {
		headers["Access-Control-Max-Age"] = strconv.Itoa(int(c.MaxAge / time.Second))
	}
	if len(c.AllowOrigins) > 1 || c.AllowOrigins[0] != "*" {
		headers["Vary"] = "Origin"
	}
	return headers
}

// originTemplate is a template of API Gateway (VTL) that names the origin of a
// request if it is one of several.
func originTemplate(origins []string) string {
	var tests []string
	for _, origin := range origins {
		tests = append(tests, `$origin.matches("`+originPattern(origin)+`")`)
	}
	return `#set($origin = $input.params().header.get("Origin"))` + "\n" +
		`#if($origin == "")#set($origin = $input.params().header.get("origin"))#end` + "\n" +
		"#if(" + strings.Join(tests, " || ") + ")\n" +
		"#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end\n"
}

// originPattern is a regular expression for an origin, in which * stands for any
// text. It has no backslashes, which would mean something to the template too.
func originPattern(origin string) string {
	var b strings.Builder
	for _, r := range origin {
		switch {
		case r == '*':
			b.WriteString(".*")
		case r == '.':
			b.WriteString("[.]")
		case strings.ContainsRune("$#\"\\^()[]{}|?+", r):
			b.WriteByte('.') // no host has these but in brackets
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// corsErrors are the headers of the errors that API Gateway answers by itself.
// It can't compare origins there: with several ones it names that of the
// request, to which it tells nothing but the error.
func corsErrors(c spec.CORS) map[string]any {
	origin := "'" + c.AllowOrigins[0] + "'"
	if c.Several() {
		origin = "method.request.header.Origin"
	}
	parameters := map[string]any{"gatewayresponse.header.Access-Control-Allow-Origin": origin}
	if c.AllowCredentials {
		parameters["gatewayresponse.header.Access-Control-Allow-Credentials"] = "'true'"
	}
	if len(c.ExposeHeaders) > 0 {
		parameters["gatewayresponse.header.Access-Control-Expose-Headers"] = "'" + strings.Join(c.ExposeHeaders, ",") + "'"
	}
	if origin != "'*'" {
		parameters["gatewayresponse.header.Vary"] = "'Origin'"
	}
	return map[string]any{
		"DEFAULT_4XX": map[string]any{"responseParameters": parameters},
		"DEFAULT_5XX": map[string]any{"responseParameters": parameters},
	}
}
