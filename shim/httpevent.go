// SPDX-License-Identifier: MIT

package shim

import (
	"bytes"
	"encoding/json"
)

// shape is the layout of an HTTP event and of its response.
type shape int

const (
	payloadV2 shape = iota // HTTP API 2.0 and function URLs
	payloadV1              // REST API, and HTTP API 1.0
	loadBalancer
	loadBalancerMulti // with multi-value headers
)

// httpEvent is what the four layouts of HTTP events say about a request.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
type httpEvent struct {
	Version         string            `json:"version"`
	Type            string            `json:"type"` // set in the events of authorizers only
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`

	RawPath        string   `json:"rawPath"`
	RawQueryString string   `json:"rawQueryString"`
	Cookies        []string `json:"cookies"`

	HTTPMethod        string              `json:"httpMethod"`
	Path              string              `json:"path"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Query             map[string]string   `json:"queryStringParameters"`
	MultiValueQuery   map[string][]string `json:"multiValueQueryStringParameters"`

	RequestContext struct {
		DomainName string          `json:"domainName"`
		Stage      string          `json:"stage"`
		Protocol   string          `json:"protocol"`
		ELB        json.RawMessage `json:"elb"`
		Identity   struct {
			SourceIP string `json:"sourceIp"`
		} `json:"identity"`
		HTTP struct {
			Method   string `json:"method"`
			Protocol string `json:"protocol"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
	} `json:"requestContext"`

	shape shape
}

// parseHTTPEvent reports whether an event is an HTTP request, and which. The
// requests that API Gateway asks an authorizer about are not: their answer is a
// policy.
func parseHTTPEvent(event []byte) (*httpEvent, bool) {
	if !bytes.Contains(event, []byte(`"requestContext"`)) {
		return nil, false
	}
	e := &httpEvent{}
	if err := json.Unmarshal(event, e); err != nil || e.Type != "" {
		return nil, false
	}
	switch {
	case len(e.RequestContext.ELB) > 0 && e.HTTPMethod != "":
		e.shape = loadBalancer
		if e.MultiValueHeaders != nil {
			e.shape = loadBalancerMulti
		}
	case e.Version == "2.0" && e.RequestContext.HTTP.Method != "":
		e.shape = payloadV2
	case e.HTTPMethod != "" && e.Path != "":
		e.shape = payloadV1
	default:
		return nil, false
	}
	return e, true
}

// method returns the request's method.
func (e *httpEvent) method() string {
	if e.shape == payloadV2 {
		return e.RequestContext.HTTP.Method
	}
	return e.HTTPMethod
}
