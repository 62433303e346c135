// SPDX-License-Identifier: MIT

package httpevent

import (
	"cmp"
	"strings"
)

// V1 is an event of payload format 1.0, that of REST APIs. With Type, MethodARN
// and the rest at its end it is the event of a Lambda authorizer.
type V1 struct {
	Version                         string              `json:"version,omitempty"` // HTTP APIs only
	Resource                        string              `json:"resource"`
	Path                            string              `json:"path"`
	HTTPMethod                      string              `json:"httpMethod"`
	Headers                         map[string]string   `json:"headers"`
	MultiValueHeaders               map[string][]string `json:"multiValueHeaders"`
	QueryStringParameters           map[string]string   `json:"queryStringParameters"`
	MultiValueQueryStringParameters map[string][]string `json:"multiValueQueryStringParameters"`
	PathParameters                  map[string]string   `json:"pathParameters"`
	StageVariables                  map[string]string   `json:"stageVariables"`
	RequestContext                  V1Context           `json:"requestContext"`
	Body                            *string             `json:"body"`
	IsBase64Encoded                 bool                `json:"isBase64Encoded"`

	Type               string `json:"type,omitempty"`
	MethodARN          string `json:"methodArn,omitempty"`
	IdentitySource     string `json:"identitySource,omitempty"`
	AuthorizationToken string `json:"authorizationToken,omitempty"`
}

// V1Context is the requestContext of format 1.0.
type V1Context struct {
	AccountID         string     `json:"accountId"`
	APIID             string     `json:"apiId"`
	Authorizer        any        `json:"authorizer,omitempty"`
	DomainName        string     `json:"domainName"`
	DomainPrefix      string     `json:"domainPrefix"`
	ExtendedRequestID string     `json:"extendedRequestId"`
	HTTPMethod        string     `json:"httpMethod"`
	Identity          V1Identity `json:"identity"`
	OperationName     string     `json:"operationName,omitempty"`
	Path              string     `json:"path"` // with the stage
	Protocol          string     `json:"protocol"`
	RequestID         string     `json:"requestId"`
	RequestTime       string     `json:"requestTime"` // such as 12/Mar/2020:19:03:58 +0000
	RequestTimeEpoch  int64      `json:"requestTimeEpoch"`
	ResourceID        string     `json:"resourceId"`
	ResourcePath      string     `json:"resourcePath"`
	Stage             string     `json:"stage"`
}

// V1Identity is requestContext.identity of format 1.0. What is not known is
// null.
type V1Identity struct {
	AccessKey                     *string `json:"accessKey"`
	AccountID                     *string `json:"accountId"`
	APIKey                        *string `json:"apiKey,omitempty"`
	APIKeyID                      *string `json:"apiKeyId,omitempty"`
	Caller                        *string `json:"caller"`
	CognitoAuthenticationProvider *string `json:"cognitoAuthenticationProvider"`
	CognitoAuthenticationType     *string `json:"cognitoAuthenticationType"`
	CognitoIdentityID             *string `json:"cognitoIdentityId"`
	CognitoIdentityPoolID         *string `json:"cognitoIdentityPoolId"`
	SourceIP                      string  `json:"sourceIp"`
	User                          *string `json:"user"`
	UserAgent                     string  `json:"userAgent"`
	UserARN                       *string `json:"userArn"`
}

// V1 makes the event of format 1.0. resource is the path of the route or
// resource, such as /pets/{id}; path what requestContext.path shows where there
// is no domain name of one's own; binary whether the body is handed over in
// base64.
func (r Request) V1(resource, path string, binary bool) V1 {
	domain, prefix := r.DomainName()
	e := V1{
		Resource: resource, Path: cmp.Or(r.Asked, r.Path), HTTPMethod: r.Method,
		MultiValueHeaders: r.multiHeaders(), PathParameters: r.PathParameters, StageVariables: r.StageVariables,
		RequestContext: V1Context{
			AccountID: r.Account, APIID: r.APIID, Authorizer: r.Authorizer, DomainName: domain, DomainPrefix: prefix,
			ExtendedRequestID: r.RequestID, HTTPMethod: r.Method, Path: cmp.Or(r.Asked, path), Protocol: r.Proto, RequestID: r.RequestID,
			RequestTime: clock(r.Now), RequestTimeEpoch: r.Now.UnixMilli(), ResourcePath: resource, Stage: r.Stage,
			Identity: V1Identity{SourceIP: SourceIP(r.Request), UserAgent: r.UserAgent()},
		},
		IsBase64Encoded: binary && len(r.Content) > 0,
	}
	e.Headers = last(e.MultiValueHeaders)
	if query := r.URL.Query(); len(query) > 0 {
		e.MultiValueQueryStringParameters, e.QueryStringParameters = query, last(query)
	}
	e.Body = text(r.Content, e.IsBase64Encoded)
	return e
}

func (r Request) multiHeaders() map[string][]string {
	headers := map[string][]string{}
	for name, values := range r.Header {
		if name == "Cookie" {
			values = []string{strings.Join(values, "; ")}
		}
		headers[name] = values
	}
	for name, value := range r.added() {
		headers[name] = []string{value}
	}
	return headers
}

// last returns the last value of each name, as the single-valued members of
// format 1.0 do.
func last(multi map[string][]string) map[string]string {
	single := make(map[string]string, len(multi))
	for name, values := range multi {
		if len(values) > 0 {
			single[name] = values[len(values)-1]
		}
	}
	return single
}
