// SPDX-License-Identifier: MIT

// Package cloudformation is the CloudFormation of the embedded AWS: the API
// that clients call and the engine behind it, which resolves templates, orders
// resources by reference, makes, changes and removes them in parallel, rolls
// back what failed, makes change sets, and waits for custom resources. The
// states, the events and the messages are those of AWS; what is not modelled is
// refused by name.
package cloudformation

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/forward"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// namespace is the XML namespace of every answer.
const namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/"

// document is the name of the state document in the store.
const document = "cloudformation"

// Deps is what the engine needs from the other services of the embedded AWS.
type Deps struct {
	// Types are the resource types that templates may use, by name such as
	// AWS::S3::Bucket. A type that is not among them fails its stack by name.
	// Custom resources and AWS::CloudFormation::* types are built in.
	Types map[string]resource.Type
	// ReadObject reads a template from S3. Nil refuses every TemplateURL.
	ReadObject func(ctx context.Context, account, bucket, key string) ([]byte, error)
	// Invoke invokes a Lambda function asynchronously: it returns once the
	// event is accepted. Custom resources are called by it. Nil fails them.
	Invoke func(ctx context.Context, scope arn.Scope, functionARN string, payload []byte) error
	// Assumable returns an error unless the role exists and lets principal,
	// such as cloudformation.amazonaws.com, assume it. Nil takes any service
	// role.
	Assumable func(scope arn.Scope, roleARN, principal string) error
	// Address returns a text with the addresses in it that are others on this
	// machine than on AWS, such as those of REST APIs, which have no attribute
	// that says it. Nil returns the text.
	Address func(text string) string
}

// Service is CloudFormation in all accounts and regions. Its methods may be
// called concurrently.
type Service struct {
	env   service.Env
	deps  Deps
	needs access.Table
	// providers says what the handlers of resource types need. It is read when
	// the credentials of a role first change a stack.
	providers func() *forward.Table
	waiting   *responses // custom resources that have not answered yet

	mu       sync.Mutex        // guards everything below, and all stacks
	stacks   map[string]*stack // by stack id, deleted ones included
	live     map[string]*stack // by scope and name, deleted ones excluded
	running  map[string]*run   // operations under way, by stack id
	closed   bool
	inFlight sync.WaitGroup // goroutines of operations
}

var _ service.Service = (*Service)(nil)

// errClosed is the cancellation cause of operations cut short by Close.
var errClosed = errors.New("the embedded AWS was stopped while the operation was under way")

// New opens the service with the state kept in env.Store. Stacks that a killed
// process left in progress are settled: they go to the failed state that
// matches what they were doing, with a reason, so that clients can act on them.
func New(env service.Env, deps Deps) (*Service, error) {
	s := &Service{
		needs: needs(), providers: sync.OnceValue(forward.Load),
		env: env, deps: deps, waiting: newResponses(),
		stacks: map[string]*stack{}, live: map[string]*stack{},
		running: map[string]*run{},
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

// ResourceTypes returns the types that the engine itself models. The types
// Custom::* are not listed, for they have no fixed names.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		customResourceType: s.custom(),
		waitHandleType:     waitHandle{endpoint: s.env.Endpoint},
	}
}

// resourceType returns the model of a resource type, or false.
func (s *Service) resourceType(name string) (resource.Type, bool) {
	if t, ok := s.deps.Types[name]; ok {
		return t, true
	}
	switch {
	case name == customResourceType, strings.HasPrefix(name, customPrefix):
		return s.custom(), true
	case name == waitHandleType:
		return waitHandle{endpoint: s.env.Endpoint}, true
	}
	return nil, false
}

// ServeAPI answers one request of the CloudFormation API (awsQuery, version
// 2010-05-15) in the account and region of id.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	form, err := wire.QueryForm(r)
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	action := form.Get("Action")
	ctx, err := s.as(r.Context(), id)
	if err != nil {
		wire.WriteQueryError(w, namespace, access.Fault(r, err))
		return
	}
	result, err := s.call(ctx, scope, action, form)
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	wire.WriteQuery(w, namespace, action, result)
}

// Close waits until the operations under way have ended. When ctx ends before
// they do, they are cancelled without a rollback and their stacks marked as
// failed, as New does after a kill. No new operation is accepted.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.inFlight.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	for _, r := range s.running {
		r.abort(errClosed)
	}
	s.mu.Unlock()

	select {
	case <-done:
		return nil
	case <-time.After(closeGrace):
		s.mu.Lock()
		defer s.mu.Unlock()
		for id := range s.running {
			s.settle(s.stacks[id])
		}
		return errors.New("close cloudformation: a resource ignores its cancellation")
	}
}

// closeGrace is how long Close waits for cancelled operations to notice.
const closeGrace = 5 * time.Second

// now returns the time that the service stamps things with, in UTC.
func (s *Service) now() time.Time {
	if s.env.Now == nil {
		return time.Now().UTC()
	}
	return s.env.Now().UTC()
}
