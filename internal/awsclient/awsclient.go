// SPDX-License-Identifier: MIT

// Package awsclient is the only place that loads AWS configuration, and the
// one that makes service clients.
package awsclient

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// maxAttempts is how often a call is tried before it fails; polling during a
// long deployment meets throttling that the SDK's three attempts don't outlast.
const maxAttempts = 10

// Options names what the user asked for on the command line. Zero values leave
// the decision to the SDK's chain: environment, shared files, instance role.
type Options struct {
	Region  string
	Profile string
}

// Load resolves the user's AWS configuration, endpoints included
// (AWS_ENDPOINT_URL and its per-service forms). Its errors have a hint.
func Load(ctx context.Context, o Options) (aws.Config, error) {
	loaders := []func(*config.LoadOptions) error{
		config.WithRetryer(func() aws.Retryer { return retry.AddWithMaxAttempts(retry.NewStandard(), maxAttempts) }),
		config.WithAppID("sparta"),
	}
	if o.Region != "" {
		loaders = append(loaders, config.WithRegion(o.Region))
	}
	if o.Profile != "" {
		loaders = append(loaders, config.WithSharedConfigProfile(o.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, loaders...)
	if profile, missing := errors.AsType[config.SharedConfigProfileNotExistError](err); missing {
		return aws.Config{}, hinted{
			err:  errors.New("profile " + profile.Profile + ": not in the AWS configuration"),
			hint: "list the profiles with `aws configure list-profiles`, or add it with `aws configure --profile " + profile.Profile + "`",
		}
	}
	if err != nil {
		return aws.Config{}, err
	}
	if cfg.Region == "" {
		return aws.Config{}, hinted{
			err:  errors.New("no AWS region is configured"),
			hint: "pass --region, or set AWS_REGION, or set a region in the profile; with --local none is needed",
		}
	}
	return cfg, nil
}

// Local returns the configuration for an embedded AWS at endpoint. Nothing of
// the user's configuration is read, so that it cannot reach a real account.
func Local(endpoint, account, region string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "local", Source: "embedded AWS"}, nil
		}),
		Retryer: func() aws.Retryer { return retry.NewStandard() },
	}
}

// Clients holds one client for each service that Sparta calls itself.
type Clients struct {
	CloudFormation *cloudformation.Client
	IAM            *iam.Client
	Lambda         *lambda.Client
	Logs           *cloudwatchlogs.Client
	S3             *s3.Client
	STS            *sts.Client
}

// New makes the clients. Where an endpoint is configured, S3 addresses buckets
// by path, since other endpoints have no host name for each bucket.
func New(cfg aws.Config) Clients {
	return Clients{
		CloudFormation: cloudformation.NewFromConfig(cfg),
		IAM:            iam.NewFromConfig(cfg),
		Lambda:         lambda.NewFromConfig(cfg),
		Logs:           cloudwatchlogs.NewFromConfig(cfg),
		S3:             s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }),
		STS:            sts.NewFromConfig(cfg),
	}
}

type hinted struct {
	err  error
	hint string
}

func (h hinted) Error() string { return h.err.Error() }
func (h hinted) Unwrap() error { return h.err }
func (h hinted) Hint() string  { return h.hint }
