// SPDX-License-Identifier: MIT

package apigateway

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
)

// errorTypes are what X-Amzn-Errortype says.
var errorTypes = map[string]string{
	"ACCESS_DENIED": "AccessDeniedException", "AUTHORIZER_CONFIGURATION_ERROR": "AuthorizerConfigurationException",
	"AUTHORIZER_FAILURE": "AuthorizerConfigurationException", "BAD_REQUEST_BODY": "BadRequestException",
	"BAD_REQUEST_PARAMETERS": "BadRequestException", "INVALID_API_KEY": "ForbiddenException",
	"MISSING_AUTHENTICATION_TOKEN": "MissingAuthenticationTokenException", "QUOTA_EXCEEDED": "LimitExceededException",
	"REQUEST_TOO_LARGE": "RequestTooLargeException", "THROTTLED": "TooManyRequestsException", "UNAUTHORIZED": "UnauthorizedException",
	"UNSUPPORTED_MEDIA_TYPE": "UnsupportedMediaTypeException",
}

// refuse returns the answer of API Gateway itself in a case: as the gateway
// response of the case says, or that of DEFAULT_4XX or DEFAULT_5XX.
func (v *visit) refuse(kind string, status int, text string) httpevent.Response {
	v.variables["error.responseType"] = kind
	v.variables["error.message"], v.variables["error.messageString"] = text, strconv.Quote(text)
	if text == "" {
		v.variables["error.message"], v.variables["error.messageString"] = "null", "null"
	}
	general := "DEFAULT_4XX"
	if status >= 500 {
		general = "DEFAULT_5XX"
	}
	g := cmp.Or(v.definition.Answers[kind], v.definition.Answers[general], &gatewayResponse{})
	if own, err := strconv.Atoi(g.StatusCode); err == nil {
		status = own
	}
	response := httpevent.Response{Status: status, Headers: http.Header{}, Body: v.refusal(kind, g)}
	response.Headers.Set("Content-Type", "application/json")
	if len(g.ResponseTemplates) > 0 {
		response.Headers.Set("Content-Type", v.templateType(g))
	}
	response.Headers.Set("X-Amzn-Errortype", cmp.Or(errorTypes[kind], map[bool]string{true: "InternalServerErrorException", false: "BadRequestException"}[status >= 500]))
	for name, value := range g.ResponseParameters {
		header, _ := strings.CutPrefix(name, "gatewayresponse.header.")
		if text := v.mapped(value); text != "" {
			response.Headers.Set(header, text)
		}
	}
	return response
}

// templateType returns the content type whose template answers.
func (v *visit) templateType(g *gatewayResponse) string {
	accepted, _, _ := strings.Cut(v.event.Header.Get("Accept"), ",")
	if media := httpevent.MediaType(accepted); g.ResponseTemplates[media] != "" {
		return media
	}
	if _, ok := g.ResponseTemplates["application/json"]; ok {
		return "application/json"
	}
	return slices.Sorted(maps.Keys(g.ResponseTemplates))[0]
}

// refusal returns the body.
func (v *visit) refusal(kind string, g *gatewayResponse) []byte {
	if len(g.ResponseTemplates) > 0 {
		text := answerVariable.ReplaceAllStringFunc(g.ResponseTemplates[v.templateType(g)], func(name string) string {
			if rest, ok := strings.CutPrefix(name, "$stageVariables."); ok {
				return v.stage.Variables[rest]
			}
			return gateway.Expand(name, v.variables)
		})
		return []byte(text)
	}
	var message any = v.variables["error.message"]
	if message == "null" {
		message = nil
	}
	member := "message"
	if kind == "ACCESS_DENIED" {
		member = "Message" // so it is on AWS
	}
	body, err := json.Marshal(map[string]any{member: message})
	if err != nil {
		return nil // never: plain text
	}
	return body
}

// mapped returns the value of a mapping expression of an answer.
func (v *visit) mapped(expression string) string {
	if text, ok := quoted(expression); ok {
		return text
	}
	if name, ok := strings.CutPrefix(expression, "context."); ok {
		return v.variables[name]
	}
	if name, ok := strings.CutPrefix(expression, "stageVariables."); ok {
		return v.stage.Variables[name]
	}
	place, key, _ := location(expression)
	return v.parameter(place, key)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
