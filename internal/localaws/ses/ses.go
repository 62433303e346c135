// SPDX-License-Identifier: MIT

// Package ses is the SES of the embedded AWS: receiving of mail by receipt rule
// sets, identities and the sending of mail, in the query protocol of the
// classic API, and the CloudFormation types AWS::SES::ReceiptRuleSet,
// AWS::SES::ReceiptRule and AWS::SES::EmailIdentity.
//
// No mail comes in from outside and none leaves the machine. Mail that is sent
// to an address which a rule of the active rule set names is received: it runs
// through the rules as on AWS. All other mail is kept as a file beside the state
// and listed at /_sparta/ses/sent.
//
// An identity is verified as soon as it is named. Mail of an unverified sender
// is rejected, but for mail that is received as a whole: this stands for mail
// that comes from outside. A rule without recipients receives the mail to all
// verified domains, as on AWS, and all mail as long as no domain is verified.
//
// Every check of incoming mail passes: spam, virus, SPF, DKIM and DMARC. TLS is
// taken for granted. Bounce, WorkMail and Connect actions, encryption of stored
// mail, configuration sets, templates and sending authorization are refused by
// name. Mail that is being received when the process ends is lost.
package ses

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "ses" // the name of the state document in the store
	namespace = "http://ses.amazonaws.com/doc/2010-12-01/"
	principal = "ses.amazonaws.com"
)

// Functions runs functions; *lambda.Service does.
type Functions interface {
	Invoke(ctx context.Context, scope arn.Scope, function string, payload []byte, o lambda.InvokeOptions) (lambda.Response, error)
}

// Deps are the other services that SES calls.
type Deps struct {
	Table     *delivery.Table // knows functions, topics and buckets
	Functions Functions
	// Assumable returns an error unless the role exists and lets principal,
	// such as ses.amazonaws.com, assume it for source, the ARN of a receipt rule.
	Assumable func(scope arn.Scope, roleARN, principal, source string) error
	// Notice tells the user something once. It may be nil.
	Notice func(text string)
}

// Service is SES. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	deps    Deps
	actions map[string]action
	table   access.Table
	dir     string    // of the mail that was sent
	noted   sync.Once // that mail does not leave

	mu      sync.Mutex
	regions map[string]*place // by account, slash, region
	closing bool

	stop    context.CancelCauseFunc // ends what is being received
	stopped context.Context
	work    sync.WaitGroup // mail that is being received
}

// place is what an account has in a region; guarded by Service.mu.
type place struct {
	Scope      arn.Scope
	RuleSets   []*ruleSet           `json:",omitempty"` // by name
	Active     string               `json:",omitempty"` // name of the active rule set; empty: none
	Identities map[string]*identity `json:",omitempty"` // by address or domain in lower case
	Sent       []*sentMail          `json:",omitempty"` // oldest first
}

var errClosed = errors.New("the embedded AWS is shutting down")

// New opens what env.Store keeps.
func New(env service.Env, deps Deps) (*Service, error) {
	if deps.Notice == nil {
		deps.Notice = func(string) {}
	}
	s := &Service{env: env, deps: deps, actions: actions(), regions: map[string]*place{}}
	s.table = s.needs()
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	var kept []*place
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, fmt.Errorf("open ses: %w", err)
	}
	for _, p := range kept {
		s.regions[keyOf(p.Scope)] = p
	}
	var err error
	if s.dir, err = env.Store.Dir(document); err != nil {
		return nil, fmt.Errorf("open ses: %w", err)
	}
	env.Store.Register(document, s.snapshot)
	return s, nil
}

// Close waits for the mail that is being received until ctx ends, then gives up
// what is left.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true // nothing is added to work from here on
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.work.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	s.stop(errClosed)
	<-done
	return nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*place, 0, len(s.regions))
	for _, p := range s.regions {
		kept = append(kept, p)
	}
	return json.Marshal(kept)
}

// changed marks the state as to be written. The caller may hold the lock.
func (s *Service) changed() { s.env.Store.Changed(document) }

func keyOf(scope arn.Scope) string { return scope.Account + "/" + scope.Region }

// at returns what an account has in a region; s.mu is held.
func (s *Service) at(scope arn.Scope) *place {
	p := s.regions[keyOf(scope)]
	if p == nil {
		p = &place{Scope: scope, Identities: map[string]*identity{}}
		s.regions[keyOf(scope)] = p
	}
	if p.Identities == nil {
		p.Identities = map[string]*identity{}
	}
	return p
}

func refused(code, format string, args ...any) error { return wire.Errorf(400, code, format, args...) }

func invalid(format string, args ...any) error {
	return refused("InvalidParameterValue", format, args...)
}
