// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/gobuild"
	"github.com/sparta-up/sparta/pipeline"
)

// Session is a verified connection to one account and region.
type Session struct {
	Account   string // twelve digits
	Region    string
	Partition string // aws, aws-cn, aws-us-gov
	Caller    string // ARN of the identity that calls
	Local     bool   // the embedded AWS
	Clients   awsclient.Clients
}

// Target returns the platform that code for a Lambda architecture (arm64 or
// x86_64) is compiled for. The embedded AWS runs it on this machine.
func (s Session) Target(architecture string) gobuild.Target {
	switch {
	case s.Local:
		return Host()
	case architecture == "x86_64":
		return gobuild.Target{GOOS: "linux", GOARCH: "amd64"}
	}
	return gobuild.Target{GOOS: "linux", GOARCH: "arm64"}
}

// Host returns the platform that Sparta itself runs on.
func Host() gobuild.Target { return gobuild.Target{GOOS: runtime.GOOS, GOARCH: runtime.GOARCH} }

// Connect finds out which account and region the service goes to, and makes
// the clients. It is the first stage that talks to AWS.
type Connect struct {
	Project pipeline.Result[Project]
	Config  func(ctx context.Context) (aws.Config, error) // resolves the configuration, or starts the embedded AWS
	Local   bool
}

// connectAttempts is how often the first call is tried: who mistyped an
// endpoint or has no network wants to know soon.
const connectAttempts = 3

// Title returns the words of the box.
func (*Connect) Title() string { return "Connect to AWS" }

// Run asks STS who the caller is.
func (c *Connect) Run(ctx context.Context) (Session, error) {
	cfg, err := c.Config(ctx)
	if err != nil {
		return Session{}, err
	}
	clients := awsclient.New(cfg)
	caller, err := clients.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) { o.RetryMaxAttempts = connectAttempts })
	if err != nil {
		return Session{}, identityError(ctx, err)
	}
	if err := c.guard(aws.ToString(caller.Account)); err != nil {
		return Session{}, err
	}
	arn := aws.ToString(caller.Arn)
	_, rest, _ := strings.Cut(arn, ":")
	partition, _, _ := strings.Cut(rest, ":")
	return Session{
		Account:   aws.ToString(caller.Account),
		Region:    cfg.Region,
		Partition: partition,
		Caller:    arn,
		Local:     c.Local,
		Clients:   clients,
	}, nil
}

// identityError says what to do about credentials that are missing, expired or
// refused.
func identityError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	code, _ := apiError(err)
	switch {
	case code == "ExpiredToken" || code == "ExpiredTokenException":
		return withHint(fmt.Errorf("the AWS credentials have expired: %w", plain(err)),
			"log in again, for example with `aws sso login`")
	case code != "":
		return withHint(fmt.Errorf("ask AWS for the caller's identity: %w", plain(err)),
			"check AWS_PROFILE or --profile with `aws sts get-caller-identity`")
	case isCredentials(err):
		return withHint(errors.New("no AWS credentials were found"),
			"log in with `aws configure` or `aws sso login`, or set AWS_PROFILE; with --local none are needed")
	}
	cause := rootCause(err)
	if strings.Contains(cause.Error(), "invalid input region") {
		return withHint(cause, "regions look like eu-west-1: check --region, AWS_REGION and the profile")
	}
	where := "AWS"
	if request, ok := errors.AsType[*url.Error](err); ok {
		where = request.URL
	}
	return withHint(fmt.Errorf("reach %s: %w", where, cause), "check the network, HTTPS_PROXY and AWS_ENDPOINT_URL")
}

// isCredentials reports whether the request could not even be signed.
func isCredentials(err error) bool {
	text := err.Error()
	return strings.Contains(text, "get credentials") || strings.Contains(text, "refresh cached credentials") ||
		strings.Contains(text, "get identity")
}

func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
