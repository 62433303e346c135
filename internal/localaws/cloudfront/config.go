// SPDX-License-Identifier: MIT

package cloudfront

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/policy"
)

// config is a DistributionConfig as CloudFormation has it. It never changes once
// it is kept: a change replaces it.
type config struct {
	Enabled              bool
	Comment              string
	DefaultRootObject    string
	HTTPVersion          string `json:"HttpVersion"`
	PriceClass           string
	IPV6Enabled          bool
	Origins              []origin
	DefaultCacheBehavior behavior
	CacheBehaviors       []behavior
	CustomErrorResponses []errorResponse
}

// origin is where a distribution gets objects.
type origin struct {
	ID                    string `json:"Id"`
	DomainName            string
	OriginPath            string
	OriginAccessControlID string `json:"OriginAccessControlId"`
	OriginCustomHeaders   []customHeader
	S3OriginConfig        *struct{ OriginAccessIdentity string }
	CustomOriginConfig    *customOrigin
	ConnectionAttempts    int
	ConnectionTimeout     int // seconds
}

type customHeader struct{ HeaderName, HeaderValue string }

type customOrigin struct {
	HTTPPort               int
	HTTPSPort              int
	OriginProtocolPolicy   string
	OriginSSLProtocols     []string
	OriginReadTimeout      int // seconds
	OriginKeepaliveTimeout int // seconds
}

// behavior is a cache behavior, or the default one, which has no pattern.
type behavior struct {
	PathPattern           string
	TargetOriginID        string `json:"TargetOriginId"`
	ViewerProtocolPolicy  string
	AllowedMethods        []string
	CachedMethods         []string
	CachePolicyID         string `json:"CachePolicyId"`
	OriginRequestPolicyID string `json:"OriginRequestPolicyId"`
	Compress              bool
	FunctionAssociations  []association
}

type association struct{ EventType, FunctionARN string }

// The events that functions are associated with.
const (
	viewerRequest  = "viewer-request"
	viewerResponse = "viewer-response"
)

type errorResponse struct {
	ErrorCode          int
	ResponseCode       int
	ResponsePagePath   string
	ErrorCachingMinTTL *int // seconds; nil: 10
}

// behavior returns the first one whose pattern fits a path, which is not
// decoded.
func (c *config) behavior(path string) *behavior {
	for i := range c.CacheBehaviors {
		if policy.Match(strings.TrimPrefix(c.CacheBehaviors[i].PathPattern, "/"), strings.TrimPrefix(path, "/")) {
			return &c.CacheBehaviors[i]
		}
	}
	return &c.DefaultCacheBehavior
}

// behaviors are all, the default one last.
func (c *config) behaviors() []behavior {
	return append(slices.Clone(c.CacheBehaviors), c.DefaultCacheBehavior)
}

// origin returns the origin of a behavior, which was checked to exist.
func (c *config) origin(b *behavior) *origin {
	for i := range c.Origins {
		if c.Origins[i].ID == b.TargetOriginID {
			return &c.Origins[i]
		}
	}
	return nil
}

// errorResponse returns what is said of a status, or the zero value.
func (c *config) errorResponse(status int) errorResponse {
	for _, e := range c.CustomErrorResponses {
		if e.ErrorCode == status {
			return e
		}
	}
	return errorResponse{}
}

// methods are those that viewers may use.
func (b *behavior) methods() []string {
	if len(b.AllowedMethods) == 0 {
		return []string{http.MethodHead, http.MethodGet}
	}
	return b.AllowedMethods
}

// cached are the methods whose responses are cached.
func (b *behavior) cached() []string {
	if len(b.CachedMethods) == 0 {
		return []string{http.MethodHead, http.MethodGet}
	}
	return b.CachedMethods
}

// function returns the ARN of the function of an event, "" if there is none.
func (b *behavior) function(event string) string {
	for _, a := range b.FunctionAssociations {
		if a.EventType == event {
			return a.FunctionARN
		}
	}
	return ""
}
