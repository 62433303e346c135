// SPDX-License-Identifier: MIT

package httpevent

import (
	"strings"
)

// V2 is an event of payload format 2.0. With Type, RouteARN and IdentitySource
// it is the event of a Lambda authorizer.
type V2 struct {
	Version               string            `json:"version"`
	Type                  string            `json:"type,omitempty"`
	RouteARN              string            `json:"routeArn,omitempty"`
	IdentitySource        []string          `json:"identitySource,omitempty"`
	RouteKey              string            `json:"routeKey"`
	RawPath               string            `json:"rawPath"`
	RawQueryString        string            `json:"rawQueryString"`
	Cookies               []string          `json:"cookies,omitempty"`
	Headers               map[string]string `json:"headers"`
	QueryStringParameters map[string]string `json:"queryStringParameters,omitempty"`
	PathParameters        map[string]string `json:"pathParameters,omitempty"`
	StageVariables        map[string]string `json:"stageVariables,omitempty"`
	RequestContext        V2Context         `json:"requestContext"`
	Body                  *string           `json:"body,omitempty"`
	IsBase64Encoded       bool              `json:"isBase64Encoded"`
}

// V2Context is the requestContext of format 2.0.
type V2Context struct {
	AccountID    string `json:"accountId"`
	APIID        string `json:"apiId"`
	Authorizer   any    `json:"authorizer,omitempty"`
	DomainName   string `json:"domainName"`
	DomainPrefix string `json:"domainPrefix"`
	HTTP         V2HTTP `json:"http"`
	RequestID    string `json:"requestId"`
	RouteKey     string `json:"routeKey"`
	Stage        string `json:"stage"`
	Time         string `json:"time"` // such as 12/Mar/2020:19:03:58 +0000
	TimeEpoch    int64  `json:"timeEpoch"`
}

// V2HTTP is requestContext.http of format 2.0.
type V2HTTP struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// V2 makes the event of format 2.0.
func (r Request) V2() V2 {
	domain, prefix := r.DomainName()
	e := V2{
		Version: "2.0", RouteKey: r.RouteKey, RawPath: r.Path, RawQueryString: r.URL.RawQuery,
		Headers: r.lowerHeaders(), Cookies: Cookies(r.Request), QueryStringParameters: Query(r.Request),
		PathParameters: r.PathParameters, StageVariables: r.StageVariables,
		RequestContext: V2Context{
			AccountID: r.Account, APIID: r.APIID, Authorizer: r.Authorizer, DomainName: domain, DomainPrefix: prefix,
			HTTP:      V2HTTP{r.Method, r.Path, r.Proto, SourceIP(r.Request), r.UserAgent()},
			RequestID: r.RequestID, RouteKey: r.RouteKey, Stage: r.Stage,
			Time: clock(r.Now), TimeEpoch: r.Now.UnixMilli(),
		},
	}
	e.IsBase64Encoded = len(r.Content) > 0 && !IsText(r.Header.Get("Content-Type"), r.Content)
	e.Body = text(r.Content, e.IsBase64Encoded)
	return e
}

// lowerHeaders returns the headers with names in lower case and several values
// joined by a comma.
func (r Request) lowerHeaders() map[string]string {
	headers := map[string]string{}
	for name, values := range r.Header {
		separator := ","
		if name == "Cookie" {
			separator = "; "
		}
		headers[strings.ToLower(name)] = strings.Join(values, separator)
	}
	for name, value := range r.added() {
		headers[strings.ToLower(name)] = value
	}
	return headers
}
