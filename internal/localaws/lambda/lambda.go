// SPDX-License-Identifier: MIT

// Package lambda is AWS Lambda of the embedded AWS: functions, versions,
// aliases, permissions, function URLs and event source mappings of queues,
// streams and Kafka, their API and CloudFormation types, and the execution
// environments that run the very zip that was uploaded.
//
// Layers lie in a directory of their own: there is no /opt, but the search paths
// that Lambda sets lead to it, and AWS_LAMBDA_EXEC_WRAPPER is understood. What
// reads /opt by that name does not find it.
//
// What has no meaning on one machine is kept and shown, but has no effect:
// architecture, KMS key, X-Ray tracing, the size of /tmp, and memory, which is
// reported but not enforced. What would behave differently on AWS is refused by
// name: extensions in layers, container images, VPCs, file systems, response
// streaming through the Invoke API, Kafka brokers elsewhere than on this machine,
// their secrets and schema registries, and topics as destinations.
// What a function does, and what Lambda does for it, its role has to allow.
// Asynchronous events that wait for a retry when the process ends are lost;
// streams are read on where they were left.
package lambda

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/service"
)

// document is the name of the store's document that holds the functions.
const document = "lambda"

// Blob is the content of an S3 object.
type Blob interface {
	io.ReaderAt
	Size() int64 // bytes
	Close() error
}

// LogSink takes what functions log; *logs.Service is one.
type LogSink interface {
	// AppendAs writes events with the role of the function, as may says.
	AppendAs(scope arn.Scope, group, stream string, events []logs.Event, may logs.Permission) error
}

// Credentials are what the execution environment of a function signs with.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Deps are the other services that Lambda calls.
type Deps struct {
	// OpenObject opens an object of S3 on behalf of account; an empty version
	// is the current one. Its errors are *wire.Error, such as NoSuchKey. The
	// caller closes the blob.
	OpenObject func(ctx context.Context, account, bucket, key, version string) (Blob, error)
	// Assumable returns an error unless the role exists and lets principal,
	// such as lambda.amazonaws.com, assume it.
	Assumable func(scope arn.Scope, roleARN, principal string) error
	// Credentials makes credentials of a role for an environment of the function
	// with that ARN and name; release ends them. Nil: functions sign as their
	// account, and may do everything.
	Credentials func(roleARN, functionARN, function string) (c Credentials, release func())
	// Authorize returns an error unless a role may do action on a resource, an
	// ARN, which Lambda does on its behalf; the session bears a name. Nil: roles
	// may do everything.
	Authorize func(ctx context.Context, roleARN, session, action, resource string) error
	// Logs takes what functions and Lambda itself log.
	Logs LogSink
	// Delivery takes results and dead letters of asynchronous events; nil:
	// destinations and dead-letter queues are refused.
	Delivery *delivery.Table
	// Queues are the sources of event source mappings; nil: there are none, and
	// mappings are refused.
	Queues Queues
	// Streams are sources, too, by the service in their ARNs, such as kinesis.
	// The map is not changed after New.
	Streams map[string]Streams
	// Clusters have topics of Kafka, which are sources; nil: there are no such
	// clusters. Brokers on loopback addresses are sources in any case.
	Clusters Clusters
	// Node is the path of the node program; empty: there is none, and nodejs
	// functions run the Go program beside their shim.
	Node string
	// Notice tells the user something once. It may be nil.
	Notice func(text string)
}

// Service is Lambda. Its methods may be called concurrently.
type Service struct {
	env    service.Env
	deps   Deps
	routes *http.ServeMux
	needed access.Routes
	code   codeStore
	pool   *pool
	// retryAfter is how long an asynchronous event waits before its nth retry.
	retryAfter func(n int) time.Duration
	noNode     sync.Once // the notice that node is missing
	muted      sync.Map  // functions of which the notice was given that they have no log
	policies   policy.Cache
	noOpt      sync.Once // the notice that there is no /opt
	noKMS      sync.Once // the notice that KMS keys have no effect

	mu        sync.Mutex
	functions map[functionKey]*function
	layers    map[string]*layer            // by ARN
	mappings  map[string]*mapping          // by id
	positions map[string]positions         // of the mappings of streams, by id
	windows   map[string]map[string]window // open ones, by id of their mapping and name of their lane
	supplies  map[functionKey]int          // how often a supply was asked for that is not done

	stop    context.CancelCauseFunc // ends what waits
	stopped context.Context         // done when the service closes
	work    sync.WaitGroup          // asynchronous events and pollers
}

var errClosed = errors.New("the embedded AWS is shutting down")

// runner is an execution environment; *sandbox.Sandbox is one.
type runner interface {
	Init(ctx context.Context) (sandbox.Init, error)
	Invoke(ctx context.Context, inv sandbox.Invocation) (sandbox.Outcome, error)
	Alive() bool
	Close() error
}

// New opens the functions that env.Store keeps and the doors of their URLs.
func New(env service.Env, deps Deps) (*Service, error) {
	return open(env, deps, func(c sandbox.Config) (runner, error) { return sandbox.Start(c) })
}

func open(env service.Env, deps Deps, start func(sandbox.Config) (runner, error)) (*Service, error) {
	if deps.Notice == nil {
		deps.Notice = func(string) {}
	}
	s := &Service{
		env: env, deps: deps, functions: map[functionKey]*function{}, layers: map[string]*layer{}, mappings: map[string]*mapping{},
		positions: map[string]positions{}, windows: map[string]map[string]window{}, supplies: map[functionKey]int{}, retryAfter: retryDelay,
	}
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	if err := errors.Join(s.load(), s.loadLayers()); err != nil {
		return nil, err
	}
	var err error
	if s.code, err = openCodeStore(env.Store, s.usedCode()); err != nil {
		return nil, err
	}
	if s.pool, err = newPool(env.Store, env.Log, start); err != nil {
		return nil, err
	}
	s.routes, s.needed = s.router(), needs()
	if err := s.openDoors(); err != nil {
		return nil, err
	}
	s.supplyAll()
	return s, s.loadMappings()
}

// Close waits for the events under way until ctx ends, then kills what is left.
// No child process survives it.
func (s *Service) Close(ctx context.Context) error {
	s.stop(errClosed)
	err := s.pool.close(ctx)
	s.closeDoors()
	s.work.Wait()
	return errors.Join(err, s.code.close())
}

func (s *Service) notice(text string) { s.deps.Notice(text) }
