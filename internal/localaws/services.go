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
	"github.com/sparta-up/sparta/internal/localaws/acm"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/cloudformation"
	"github.com/sparta-up/sparta/internal/localaws/cloudfront"
	"github.com/sparta-up/sparta/internal/localaws/cloudwatch"
	"github.com/sparta-up/sparta/internal/localaws/codecommit"
	"github.com/sparta-up/sparta/internal/localaws/codedeploy"
	"github.com/sparta-up/sparta/internal/localaws/cognito"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb"
	"github.com/sparta-up/sparta/internal/localaws/elbv2"
	"github.com/sparta-up/sparta/internal/localaws/events"
	"github.com/sparta-up/sparta/internal/localaws/iam"
	"github.com/sparta-up/sparta/internal/localaws/iot"
	"github.com/sparta-up/sparta/internal/localaws/kinesis"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/msk"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/route53"
	"github.com/sparta-up/sparta/internal/localaws/s3"
	"github.com/sparta-up/sparta/internal/localaws/scheduler"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/ses"
	"github.com/sparta-up/sparta/internal/localaws/sns"
	"github.com/sparta-up/sparta/internal/localaws/sqs"
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
	if err := s.open(env, o); err != nil {
		return nil, errors.Join(err, s.close(context.Background()))
	}
	return s, nil
}

func (s *services) open(env service.Env, o Options) error {
	table := &delivery.Table{}
	table.Guard(env.Access.Authorize)
	storage, err := s3.New(env, table)
	if err != nil {
		return err
	}
	s.add("s3", storage)
	identities, err := iam.New(env)
	if err != nil {
		return err
	}
	s.add("iam", identities)
	tokens, err := sts.New(env, identities)
	if err != nil {
		return err
	}
	s.add("sts", tokens)
	env.Access.Use(identities, tokens)
	journal, err := logs.New(env, table)
	if err != nil {
		return err
	}
	if o.Heard != nil {
		journal.Tail(o.Heard)
	}
	s.add("logs", journal)
	queues, err := sqs.New(env)
	if err != nil {
		return err
	}
	s.add("sqs", queues)
	streams, err := kinesis.New(env)
	if err != nil {
		return err
	}
	s.add("kinesis", streams)
	tables, err := dynamodb.New(env)
	if err != nil {
		return err
	}
	s.add("dynamodb", tables)
	clusters, err := msk.New(env, o.Notice)
	if err != nil {
		return err
	}
	s.add("kafka", clusters)
	functions, err := lambda.New(env, lambda.Deps{
		OpenObject: opener(storage), Assumable: identities.AssumableBy, Logs: journal, Queues: queues,
		Streams: map[string]lambda.Streams{"kinesis": streams, "dynamodb": tables.Streams()}, Clusters: clusters, Delivery: table, Node: o.Node, Notice: o.Notice,
		Credentials: lender(tokens), Authorize: authorizer(env.Access),
	})
	if err != nil {
		return err
	}
	s.add("lambda", functions)
	pools, err := cognito.New(env, cognito.Deps{Functions: functions, Notice: o.Notice})
	if err != nil {
		return err
	}
	s.add("cognito-idp", pools)
	s.pools = pools
	certificates, err := acm.New(env)
	if err != nil {
		return err
	}
	s.add("acm", certificates)
	names, err := route53.New(env)
	if err != nil {
		return err
	}
	s.add("route53", names)
	if err := s.openGateways(env, o, functions, journal, identities, certificates); err != nil {
		return err
	}
	balancers, err := elbv2.New(env, elbv2.Deps{Functions: functions, Notice: o.Notice})
	if err != nil {
		return err
	}
	s.add("elasticloadbalancing", balancers)
	table.Add("s3", storage)
	table.Add("sqs", queues)
	table.Add("lambda", functions)
	table.Add("kinesis", streams)
	table.Add("dynamodb", tables)
	topics, err := sns.New(env, table)
	if err != nil {
		return err
	}
	table.Add("sns", topics)
	s.add("sns", topics)
	table.Add("logs", journal)
	bridge, err := events.New(env, events.Deps{Table: table, Assumable: identities.AssumableFor})
	if err != nil {
		return err
	}
	table.Add("events", bridge)
	s.add("events", bridge)
	sources, err := codecommit.New(env, table)
	if err != nil {
		return err
	}
	s.add("codecommit", sources)
	timetable, err := scheduler.New(env, scheduler.Deps{Table: table, Assumable: identities.AssumableFor})
	if err != nil {
		return err
	}
	s.add("scheduler", timetable)
	messages, err := iot.New(env, iot.Deps{Table: table, Assumable: identities.AssumableBy})
	if err != nil {
		return err
	}
	s.add("iot", messages)
	s.byName["iotdata"] = messages.DataPlane()
	post, err := ses.New(env, ses.Deps{
		Table: table, Functions: functions, Assumable: identities.AssumableFor, Notice: o.Notice,
	})
	if err != nil {
		return err
	}
	s.add("ses", post)
	alarms, err := cloudwatch.New(env, table)
	if err != nil {
		return err
	}
	s.add("monitoring", alarms)
	deployer, err := codedeploy.New(env, codedeploy.Deps{
		Aliases: functions, Invoke: runner(functions), Assumable: identities.AssumableFor, AlarmState: alarms.AlarmState, Notice: o.Notice,
	})
	if err != nil {
		return err
	}
	s.add("codedeploy", deployer)
	network, err := cloudfront.New(env, cloudfront.Deps{Buckets: storage, Logs: journal, Notice: o.Notice})
	if err != nil {
		return err
	}
	s.add("cloudfront", network)
	types := s.types()
	types[aliasType] = deployer.Alias(types[aliasType])
	stacks, err := cloudformation.New(env, cloudformation.Deps{
		Types: types, ReadObject: templates(storage), Invoke: invoker(functions),
		Address:   addresses(s.gateways.address, balancers.Address, network.Address),
		Assumable: identities.AssumableBy,
	})
	if err != nil {
		return err
	}
	s.add("cloudformation", stacks)
	return nil
}

// aliasType is the type that Lambda has and CodeDeploy adds to.
const aliasType = "AWS::Lambda::Alias"

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
