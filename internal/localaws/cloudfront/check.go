// SPDX-License-Identifier: MIT

package cloudfront

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func faulty(code, format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, code, format, args...)
}

// check returns what CloudFront would say against a configuration; s.mu is held.
func (s *Service) check(scope arn.Scope, c *config) error {
	if len(c.Origins) == 0 {
		return faulty("MissingArgument", "The parameter Origins is required.")
	}
	seen := map[string]bool{}
	for i := range c.Origins {
		o := &c.Origins[i]
		if seen[o.ID] {
			return invalidArgument("The parameter Origin Id must be unique: %s.", o.ID)
		}
		seen[o.ID] = true
		if err := s.checkOrigin(scope, o); err != nil {
			return err
		}
	}
	patterns := map[string]bool{}
	for _, b := range c.behaviors() {
		if patterns[b.PathPattern] {
			return invalidArgument("The parameter PathPattern contains duplicates: %s.", b.PathPattern)
		}
		patterns[b.PathPattern] = true
		if !seen[b.TargetOriginID] {
			return wire.Errorf(http.StatusNotFound, "NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
		}
		if err := s.checkBehavior(scope, &b); err != nil {
			return err
		}
	}
	return checkErrors(c)
}

func (s *Service) checkOrigin(scope arn.Scope, o *origin) error {
	if (o.S3OriginConfig == nil) == (o.CustomOriginConfig == nil) {
		return faulty("InvalidOrigin", "Exactly one of CustomOriginConfig, VpcOriginConfig and S3OriginConfig must be specified.")
	}
	switch {
	case o.OriginPath != "" && (!strings.HasPrefix(o.OriginPath, "/") || strings.HasSuffix(o.OriginPath, "/")):
		return invalidArgument("The parameter OriginPath must begin with a slash and end without one: %s.", o.OriginPath)
	case slices.ContainsFunc(o.OriginCustomHeaders, forbidden):
		return invalidArgument("The parameter OriginCustomHeaders contains a header that cannot be added to requests to an origin.")
	case o.S3OriginConfig != nil && o.bucket() == "":
		return faulty("InvalidOrigin", "The specified origin server does not exist or is not valid: %s is no bucket.", o.DomainName)
	case o.S3OriginConfig != nil && o.S3OriginConfig.OriginAccessIdentity != "":
		return unmodelled("origin access identities: use an origin access control")
	case o.CustomOriginConfig != nil && o.OriginAccessControlID != "":
		return unmodelled("origin access controls of custom origins")
	case o.CustomOriginConfig != nil && !o.reachable():
		return unmodelled("the origin " + o.DomainName + ": distributions reach the buckets, APIs, function URLs and websites of the embedded AWS")
	}
	if id := o.OriginAccessControlID; id != "" && (s.controls[id] == nil || s.controls[id].Account != scope.Account) {
		return faulty("InvalidOriginAccessControl", "The origin access control %s does not exist.", id)
	}
	return nil
}

// forbidden reports whether CloudFront does not add a header ("Custom headers
// that CloudFront can't add to origin requests", of which these matter here).
func forbidden(h customHeader) bool {
	name := strings.ToLower(h.HeaderName)
	switch name {
	case "cache-control", "connection", "content-length", "cookie", "host", "range", "te", "trailer", "transfer-encoding", "upgrade", "via":
		return true
	}
	return strings.HasPrefix(name, "if-") || strings.HasPrefix(name, "x-amz-") || strings.HasPrefix(name, "x-edge-")
}

func (s *Service) checkBehavior(scope arn.Scope, b *behavior) error {
	if _, ok := cachePolicies(b.CachePolicyID); !ok {
		if b.CachePolicyID == "" {
			return invalidArgument("The parameter CachePolicyId is required: the embedded AWS does not model ForwardedValues.")
		}
		return unmodelled("the cache policy " + b.CachePolicyID + ": it has the managed ones CachingOptimized, CachingOptimizedForUncompressedObjects and CachingDisabled")
	}
	switch b.OriginRequestPolicyID {
	case "", allViewerExceptHost, corsS3Origin:
	default:
		return unmodelled("the origin request policy " + b.OriginRequestPolicyID + ": it has the managed ones AllViewerExceptHostHeader and CORS-S3Origin")
	}
	if !methodSet(b.methods()) {
		return invalidArgument("The parameter AllowedMethods must be GET and HEAD, these and OPTIONS, or all methods.")
	}
	if !methodSet(b.cached()) || len(b.cached()) > 3 {
		return invalidArgument("The parameter CachedMethods must be GET and HEAD, or these and OPTIONS.")
	}
	return s.checkFunctions(scope, b)
}

// methodSet reports whether methods are one of the three sets that CloudFront
// has.
func methodSet(methods []string) bool {
	all := []string{"GET", "HEAD", "OPTIONS", "DELETE", "PATCH", "POST", "PUT"}
	for _, n := range []int{2, 3, 7} {
		if len(methods) == n && !slices.ContainsFunc(all[:n], func(m string) bool { return !slices.Contains(methods, m) }) {
			return true
		}
	}
	return false
}

func (s *Service) checkFunctions(scope arn.Scope, b *behavior) error {
	seen := map[string]bool{}
	for _, a := range b.FunctionAssociations {
		f := s.functions[a.FunctionARN]
		switch {
		case a.EventType != viewerRequest && a.EventType != viewerResponse:
			return faulty("InvalidFunctionAssociation", "The event type %s is not supported for CloudFront functions.", a.EventType)
		case seen[a.EventType]:
			return faulty("InvalidFunctionAssociation", "More than one function is associated with the event type %s.", a.EventType)
		case f == nil || f.Scope.Account != scope.Account:
			return faulty("InvalidFunctionAssociation", "The function %s does not exist.", a.FunctionARN)
		case f.live == nil:
			return faulty("InvalidFunctionAssociation", "The function %s is not published: a distribution uses the stage LIVE.", a.FunctionARN)
		}
		seen[a.EventType] = true
	}
	return nil
}

func checkErrors(c *config) error {
	seen := map[int]bool{}
	for _, e := range c.CustomErrorResponses {
		switch {
		case seen[e.ErrorCode]:
			return faulty("InvalidErrorCode", "The error code %d has more than one custom error response.", e.ErrorCode)
		case (e.ResponseCode == 0) != (e.ResponsePagePath == ""):
			return faulty("InvalidResponseCode", "The parameters ResponseCode and ResponsePagePath must be given together.")
		case e.ResponsePagePath != "" && !strings.HasPrefix(e.ResponsePagePath, "/"):
			return invalidArgument("The parameter ResponsePagePath must begin with a slash: %s.", e.ResponsePagePath)
		}
		seen[e.ErrorCode] = true
	}
	return nil
}
