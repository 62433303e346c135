// SPDX-License-Identifier: MIT

package localaws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/cognito"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/s3"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/sts"
)

// services are the open services by signing name.
type services struct {
	byName map[string]service.Service
	opened []any // in the order of opening; those that hold something have Close
	guard  *access.Guard
	// gateways answers what is sent to the host names of APIs.
	gateways *gateways
	// pools answers users, whose requests bear no signature.
	pools *cognito.Service
}

// open opens the services, each with those that it calls.
func open(env service.Env, o Options) (*services, error) {
	s := &services{byName: map[string]service.Service{}, guard: env.Access}
	a := &assembly{services: s, env: env, options: o, table: &delivery.Table{}}
	if err := a.open(); err != nil {
		return nil, errors.Join(err, s.close(context.Background()))
	}
	return s, nil
}

// addresses makes what names the front door of something into the address that
// the door has on this machine. Each of them knows its own.
func addresses(each ...func(text string) string) func(text string) string {
	return func(text string) string {
		for _, address := range each {
			text = address(text)
		}
		return text
	}
}

// types collects the CloudFormation types of all services opened so far.
func (s *services) types() map[string]resource.Type {
	types := map[string]resource.Type{}
	for _, opened := range s.byName {
		maps.Copy(types, opened.ResourceTypes())
	}
	return types
}

// lender lets functions act with their roles.
func lender(tokens *sts.Service) func(roleARN, functionARN, function string) (lambda.Credentials, func()) {
	return func(roleARN, functionARN, function string) (lambda.Credentials, func()) {
		c, release := tokens.Lend(roleARN, functionARN, function)
		return lambda.Credentials(c), release
	}
}

// authorizer lets Lambda ask what a role may do.
func authorizer(guard *access.Guard) func(ctx context.Context, roleARN, session, action, resource string) error {
	return func(_ context.Context, roleARN, session, action, resource string) error {
		return guard.Authorize(roleARN, session, action, resource)
	}
}

// opener lets Lambda read its code.
func opener(storage *s3.Service) func(ctx context.Context, account, bucket, key, version string) (lambda.Blob, error) {
	return func(ctx context.Context, account, bucket, key, version string) (lambda.Blob, error) {
		blob, err := storage.Object(ctx, account, bucket, key, version)
		if err != nil {
			return nil, err // not a nil *s3.Blob in an interface
		}
		return blob, nil
	}
}

// maxTemplate is beyond the largest template that CloudFormation takes, 1 MB.
const maxTemplate = 2 << 20

// templates lets CloudFormation read templates.
func templates(storage *s3.Service) func(ctx context.Context, account, bucket, key string) ([]byte, error) {
	return func(ctx context.Context, account, bucket, key string) ([]byte, error) {
		blob, err := storage.Object(ctx, account, bucket, key, "")
		if err != nil {
			return nil, err
		}
		defer blob.Close()
		if blob.Size() > maxTemplate {
			return nil, fmt.Errorf("read template %q: it has %d bytes, more than %d", key, blob.Size(), maxTemplate)
		}
		return io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
	}
}

// invoker lets CloudFormation call custom resources.
func invoker(functions *lambda.Service) func(ctx context.Context, scope arn.Scope, functionARN string, payload []byte) error {
	return func(ctx context.Context, scope arn.Scope, functionARN string, payload []byte) error {
		_, err := functions.Invoke(ctx, scope, functionARN, payload, lambda.InvokeOptions{Type: "Event"})
		return err
	}
}

// runner lets CodeDeploy run the functions of hooks.
func runner(functions *lambda.Service) func(ctx context.Context, scope arn.Scope, function string, payload []byte) error {
	return func(ctx context.Context, scope arn.Scope, function string, payload []byte) error {
		out, err := functions.Invoke(ctx, scope, function, payload, lambda.InvokeOptions{})
		if err == nil && out.FunctionError != "" {
			err = fmt.Errorf("%s: %s", out.FunctionError, out.Payload)
		}
		return err
	}
}

func (s *services) add(name string, opened service.Service) {
	s.byName[name] = opened
	s.opened = append(s.opened, opened)
	if holder, ok := opened.(access.Holder); ok {
		s.guard.Hold(name, holder)
	}
}

// close closes the services, those that call before those that are called.
func (s *services) close(ctx context.Context) error {
	var errs []error
	for _, opened := range slices.Backward(s.opened) {
		if closer, ok := opened.(interface {
			Close(ctx context.Context) error
		}); ok {
			errs = append(errs, closer.Close(ctx))
		}
	}
	return errors.Join(errs...)
}
