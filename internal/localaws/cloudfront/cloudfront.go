// SPDX-License-Identifier: MIT

// Package cloudfront is the CloudFront of the embedded AWS: the CloudFormation
// types AWS::CloudFront::Distribution, OriginAccessControl and Function, the
// part of the API that reads distributions and invalidates what they cache, and
// a live HTTP address for each distribution.
//
// A distribution has a port of its own on loopback, over http: requests to it
// count as sent over TLS, so that the viewer protocol policies redirect-to-https
// and https-only have nothing to do, and where a function sends a viewer to the
// distribution by https, the answer says http. The Host that functions see is
// that of the port, too. CloudFormation puts that address
// where a template makes https://${Distribution.DomainName} with Fn::Sub or
// Fn::Join; the attribute DomainName itself is a name as on AWS, which leads
// nowhere on one machine.
//
// Modelled are buckets as origins, which a distribution reads as the principal
// cloudfront.amazonaws.com held to the bucket's policy, the APIs, function URLs
// and websites of the embedded AWS as custom origins, the default root object,
// cache behaviors, error pages, gzip, functions on viewer requests and viewer
// responses, and the managed cache policies CachingOptimized,
// CachingOptimizedForUncompressedObjects and CachingDisabled, the managed origin
// request policies AllViewerExceptHostHeader and CORS-S3Origin. One cache stands
// for all edge locations, for responses to GET and HEAD only; it is in memory, has 64 MB, holds objects of up to
// 8 MB, and begins empty with each process. What is not modelled is refused by
// name: among it aliases and certificates, other policies, origin groups, access
// logs, restrictions, signed URLs, WAF, Lambda@Edge and key value stores.
//
// What has no meaning on one machine is kept and shown, but has no effect: price
// class, HTTP versions, IPv6, timeouts of origins. A distribution is deployed,
// and an invalidation done, at once.
package cloudfront

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/s3"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "cloudfront" // the name of the state document in the store
	namespace = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
	principal = "cloudfront.amazonaws.com"
)

// Buckets answer what distributions ask of S3; *s3.Service does.
type Buckets interface {
	ServeFor(w http.ResponseWriter, r *http.Request, from s3.Sender)
}

// Deps are the other services that CloudFront calls.
type Deps struct {
	Buckets Buckets
	// Logs takes what functions log.
	Logs gateway.LogSink
	// Notice tells the user something once. It may be nil.
	Notice func(text string)
}

// Service is CloudFront in all accounts. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	deps    Deps
	routes  *http.ServeMux
	needs   access.Routes
	custom  *http.Transport // to custom origins
	stream  string          // of the log events of functions in this process
	stopped context.Context
	stop    context.CancelFunc // ends what is asked of origins

	mu            sync.Mutex
	distributions map[string]*distribution // by id
	controls      map[string]*control      // by id
	functions     map[string]*function     // by ARN
	caches        map[string]*cache        // by distribution
}

// New opens what env.Store keeps, each distribution at its port.
func New(env service.Env, deps Deps) (*Service, error) {
	if deps.Notice == nil {
		deps.Notice = func(string) {}
	}
	s := &Service{
		env: env, deps: deps, needs: needs(), stream: gateway.NewStream(),
		custom:        &http.Transport{DisableCompression: true}, // no proxy: they are on this machine
		distributions: map[string]*distribution{}, controls: map[string]*control{}, functions: map[string]*function{}, caches: map[string]*cache{},
	}
	s.stopped, s.stop = context.WithCancel(context.Background())
	s.routes = s.router()
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("open cloudfront: %w", err)
	}
	return s, s.openDoors()
}

// Close gives up what is asked of origins. The addresses stay open until
// env.Doors is shut down.
func (s *Service) Close(context.Context) error {
	s.stop()
	s.custom.CloseIdleConnections()
	return nil
}

// ResourceTypes returns the CloudFormation types that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::CloudFront::Distribution":        distributionType{s},
		"AWS::CloudFront::Function":            functionType{s},
		"AWS::CloudFront::OriginAccessControl": controlType{s},
	}
}

// state is what the document holds.
type state struct {
	Distributions []*distribution
	Controls      []*control
	Functions     []*function
}

func (s *Service) load() error {
	var kept state
	if err := s.env.Store.Load(document, &kept); err != nil {
		return err
	}
	for _, d := range kept.Distributions {
		s.distributions[d.ID], s.caches[d.ID] = d, newCache(s.env.Now)
	}
	for _, c := range kept.Controls {
		s.controls[c.ID] = c
	}
	for _, f := range kept.Functions {
		if err := f.compile(); err != nil {
			return err
		}
		s.functions[f.ARN] = f
	}
	s.env.Store.Register(document, s.snapshot)
	return nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept state
	for _, d := range s.distributions {
		kept.Distributions = append(kept.Distributions, d)
	}
	for _, c := range s.controls {
		kept.Controls = append(kept.Controls, c)
	}
	for _, f := range s.functions {
		kept.Functions = append(kept.Functions, f)
	}
	return json.Marshal(kept)
}

// changed has the state written. The caller may hold the lock.
func (s *Service) changed() { s.env.Store.Changed(document) }

// newID returns an identifier of 14 letters and digits, as CloudFront makes them.
func newID(first string) string { return first + rand.Text()[:13] }

func newDomain() string { return "d" + strings.ToLower(rand.Text()[:13]) + ".cloudfront.net" }

// The faults come with the codes and statuses of the Amazon CloudFront API
// Reference.

func invalidArgument(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidArgument", format, args...)
}

func unmodelled(what string) error {
	return invalidArgument("the embedded AWS does not model %s", what)
}

func noSuchDistribution() error {
	return wire.Errorf(http.StatusNotFound, "NoSuchDistribution", "The specified distribution does not exist.")
}
