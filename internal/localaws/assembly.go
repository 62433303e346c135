// SPDX-License-Identifier: MIT

package localaws

import (
	"github.com/sparta-up/sparta/internal/localaws/cloudformation"
	"github.com/sparta-up/sparta/internal/localaws/cloudfront"
	"github.com/sparta-up/sparta/internal/localaws/cloudwatch"
	"github.com/sparta-up/sparta/internal/localaws/codecommit"
	"github.com/sparta-up/sparta/internal/localaws/codedeploy"
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
	"github.com/sparta-up/sparta/internal/localaws/s3"
	"github.com/sparta-up/sparta/internal/localaws/scheduler"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/ses"
	"github.com/sparta-up/sparta/internal/localaws/sns"
	"github.com/sparta-up/sparta/internal/localaws/sqs"
	"github.com/sparta-up/sparta/internal/localaws/sts"
)

// assembly opens the services one after the other: each after those that it
// calls. What later ones call is kept here.
type assembly struct {
	*services
	env     service.Env
	options Options
	table   *delivery.Table // of those that messages can be sent to

	storage    *s3.Service
	identities *iam.Service
	tokens     *sts.Service
	journal    *logs.Service
	functions  *lambda.Service
	balancers  *elbv2.Service
	network    *cloudfront.Service
	rollouts   *codedeploy.Service
}

func (a *assembly) open() error {
	a.table.Guard(a.env.Access.Authorize)
	for _, step := range []func() error{
		a.openIdentities, a.openFunctions, a.openGateways, a.openDoors, a.openMessaging, a.openDevices, a.openRollouts, a.openStacks,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// openIdentities opens who may do what, and where objects and logs are kept.
func (a *assembly) openIdentities() (err error) {
	if a.storage, err = s3.New(a.env, a.table); err != nil {
		return err
	}
	a.add("s3", a.storage)
	a.table.Add("s3", a.storage)
	if a.identities, err = iam.New(a.env); err != nil {
		return err
	}
	a.add("iam", a.identities)
	if a.tokens, err = sts.New(a.env, a.identities); err != nil {
		return err
	}
	a.add("sts", a.tokens)
	a.env.Access.Use(a.identities, a.tokens)
	if a.journal, err = logs.New(a.env, a.table); err != nil {
		return err
	}
	if a.options.Heard != nil {
		a.journal.Tail(a.options.Heard)
	}
	a.add("logs", a.journal)
	a.table.Add("logs", a.journal)
	return nil
}

// openFunctions opens Lambda, after the queues, streams, tables and clusters that
// its mappings read.
func (a *assembly) openFunctions() error {
	queues, err := sqs.New(a.env)
	if err != nil {
		return err
	}
	a.add("sqs", queues)
	a.table.Add("sqs", queues)
	streams, err := kinesis.New(a.env)
	if err != nil {
		return err
	}
	a.add("kinesis", streams)
	a.table.Add("kinesis", streams)
	tables, err := dynamodb.New(a.env)
	if err != nil {
		return err
	}
	a.add("dynamodb", tables)
	a.table.Add("dynamodb", tables)
	clusters, err := msk.New(a.env, a.options.Notice)
	if err != nil {
		return err
	}
	a.add("kafka", clusters)
	a.functions, err = lambda.New(a.env, lambda.Deps{
		OpenObject: opener(a.storage), Assumable: a.identities.AssumableBy, Logs: a.journal, Queues: queues,
		Streams: map[string]lambda.Streams{"kinesis": streams, "dynamodb": tables.Streams()}, Clusters: clusters, Delivery: a.table,
		Node: a.options.Node, Notice: a.options.Notice, Credentials: lender(a.tokens), Authorize: authorizer(a.env.Access),
	})
	if err != nil {
		return err
	}
	a.add("lambda", a.functions)
	a.table.Add("lambda", a.functions)
	return nil
}

// openDoors opens what answers HTTP beside APIs: load balancers and
// distributions.
func (a *assembly) openDoors() (err error) {
	if a.balancers, err = elbv2.New(a.env, elbv2.Deps{Functions: a.functions, Notice: a.options.Notice}); err != nil {
		return err
	}
	a.add("elasticloadbalancing", a.balancers)
	if a.network, err = cloudfront.New(a.env, cloudfront.Deps{Buckets: a.storage, Logs: a.journal, Notice: a.options.Notice}); err != nil {
		return err
	}
	a.add("cloudfront", a.network)
	return nil
}

// openMessaging opens what brings events from one to the other.
func (a *assembly) openMessaging() error {
	topics, err := sns.New(a.env, a.table)
	if err != nil {
		return err
	}
	a.add("sns", topics)
	a.table.Add("sns", topics)
	bridge, err := events.New(a.env, events.Deps{Table: a.table, Assumable: a.identities.AssumableFor})
	if err != nil {
		return err
	}
	a.add("events", bridge)
	a.table.Add("events", bridge)
	timetable, err := scheduler.New(a.env, scheduler.Deps{Table: a.table, Assumable: a.identities.AssumableFor})
	if err != nil {
		return err
	}
	a.add("scheduler", timetable)
	return nil
}

// openDevices opens where events come from outside: mail, things and
// repositories.
func (a *assembly) openDevices() error {
	repositories, err := codecommit.New(a.env, a.table)
	if err != nil {
		return err
	}
	a.add("codecommit", repositories)
	things, err := iot.New(a.env, iot.Deps{Table: a.table, Assumable: a.identities.AssumableFor})
	if err != nil {
		return err
	}
	a.add("iot", things)
	a.byName["iotdata"] = things.DataPlane()
	mail, err := ses.New(a.env, ses.Deps{
		Table: a.table, Functions: a.functions, Assumable: a.identities.AssumableFor, Notice: a.options.Notice,
	})
	if err != nil {
		return err
	}
	a.add("ses", mail)
	return nil
}

// openRollouts opens CodeDeploy, after the alarms that it asks.
func (a *assembly) openRollouts() error {
	alarms, err := cloudwatch.New(a.env, a.table)
	if err != nil {
		return err
	}
	a.add("monitoring", alarms)
	a.rollouts, err = codedeploy.New(a.env, codedeploy.Deps{
		Aliases: a.functions, Invoke: runner(a.functions), Assumable: a.identities.AssumableFor, AlarmState: alarms.AlarmState, Notice: a.options.Notice,
	})
	if err != nil {
		return err
	}
	a.add("codedeploy", a.rollouts)
	return nil
}

// aliasType is the type that Lambda has and CodeDeploy adds to.
const aliasType = "AWS::Lambda::Alias"

// openStacks opens CloudFormation, after everything that it makes.
func (a *assembly) openStacks() error {
	types := a.types()
	types[aliasType] = a.rollouts.Alias(types[aliasType])
	stacks, err := cloudformation.New(a.env, cloudformation.Deps{
		Types: types, ReadObject: templates(a.storage), Invoke: invoker(a.functions),
		Address:   addresses(a.gateways.address, a.balancers.Address, a.network.Address),
		Assumable: a.identities.AssumableBy,
	})
	if err != nil {
		return err
	}
	a.add("cloudformation", stacks)
	return nil
}
