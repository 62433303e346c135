// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// corsConfiguration is the cross-origin configuration of a bucket.
type corsConfiguration struct {
	XMLName xml.Name   `xml:"CORSConfiguration" json:"-"`
	Rules   []corsRule `xml:"CORSRule"`
}

type corsRule struct {
	ID      string   `xml:",omitempty"`
	Headers []string `xml:"AllowedHeader,omitempty"`
	Methods []string `xml:"AllowedMethod"`
	Origins []string `xml:"AllowedOrigin"`
	Expose  []string `xml:"ExposeHeader,omitempty"`
	MaxAge  int      `xml:"MaxAgeSeconds,omitempty"`
}

func getCors(b *bucket) (any, error) {
	if b.Cors == nil {
		return nil, missing("NoSuchCORSConfiguration", "The CORS configuration does not exist")
	}
	return *b.Cors, nil
}

func putCors(b *bucket, body []byte) error {
	var in corsConfiguration
	if xml.Unmarshal(body, &in) != nil {
		return malformedXML()
	}
	return b.setCors(in)
}

func (b *bucket) setCors(in corsConfiguration) error {
	if len(in.Rules) == 0 || len(in.Rules) > 100 {
		return malformedXML()
	}
	for _, rule := range in.Rules {
		if len(rule.Methods) == 0 || len(rule.Origins) == 0 {
			return malformedXML()
		}
		for _, method := range rule.Methods {
			if !slices.Contains([]string{"GET", "PUT", "HEAD", "POST", "DELETE"}, method) {
				return invalidRequest("Found unsupported HTTP method in CORS config. Unsupported method is %s", method)
			}
		}
		for _, origin := range rule.Origins {
			if strings.Count(origin, "*") > 1 {
				return invalidRequest("AllowedOrigin %q can not have more than one wildcard.", origin)
			}
		}
	}
	b.Cors = &in
	return nil
}

// match returns the first rule that admits a request, or nil.
func (c *corsConfiguration) match(origin, method string, headers []string) *corsRule {
	if c == nil || origin == "" {
		return nil
	}
	for i, rule := range c.Rules {
		originFits := slices.ContainsFunc(rule.Origins, func(pattern string) bool { return policy.Match(pattern, origin) })
		unfit := slices.ContainsFunc(headers, func(name string) bool {
			return !slices.ContainsFunc(rule.Headers, func(pattern string) bool {
				return policy.Match(strings.ToLower(pattern), strings.ToLower(name))
			})
		})
		if originFits && !unfit && slices.Contains(rule.Methods, method) {
			return &c.Rules[i]
		}
	}
	return nil
}

// set writes the headers of an answer that the rule admits.
func (rule *corsRule) set(h http.Header, origin string) {
	h.Add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
	if slices.Contains(rule.Origins, "*") {
		h.Set("Access-Control-Allow-Origin", "*")
	} else {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(rule.Methods, ", "))
	if len(rule.Expose) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(rule.Expose, ", "))
	}
	if rule.MaxAge > 0 {
		h.Set("Access-Control-Max-Age", strconv.Itoa(rule.MaxAge))
	}
}

// allowOrigin adds the cross-origin headers to an actual request.
func (s *Service) allowOrigin(r *request) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if b := s.buckets[r.bucket]; b != nil {
		if rule := b.Cors.match(origin, r.Method, nil); rule != nil {
			rule.set(r.w.Header(), origin)
		}
	}
}

// preflight answers the browser's OPTIONS request; from the S3 User Guide,
// "Testing CORS".
func (s *Service) preflight(r *request) error {
	origin, method := r.Header.Get("Origin"), r.Header.Get("Access-Control-Request-Method")
	if origin == "" || method == "" {
		return wire.Errorf(http.StatusBadRequest, "BadRequest", "Insufficient information. Origin request header needed.")
	}
	var headers []string
	for name := range strings.SplitSeq(r.Header.Get("Access-Control-Request-Headers"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			headers = append(headers, name)
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.lookup(r)
	if err != nil {
		return err
	}
	if b.Cors == nil {
		return wire.Errorf(http.StatusForbidden, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.")
	}
	rule := b.Cors.match(origin, method, headers)
	if rule == nil {
		return wire.Errorf(http.StatusForbidden, "AccessForbidden", "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.")
	}
	rule.set(r.w.Header(), origin)
	if len(headers) > 0 {
		r.w.Header().Set("Access-Control-Allow-Headers", strings.ToLower(strings.Join(headers, ", ")))
	}
	return r.empty(http.StatusOK)
}
