// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/spec"
)

// existing finds out about the buckets that events come from and that are not
// of the stack. One in another region or account, or none at all, is told at
// the line that names it, before the stack is changed; what the caller may not
// see is left to the custom resource that brings the notifications.
type existing struct {
	api      bucketHead
	session  Session
	service  *spec.Service
	template *cfn.Template
}

type bucketHead interface {
	HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error)
}

// checkExisting refuses buckets that S3 would not let notify the service's
// functions. CloudFormation would find out in the middle of an update.
func checkExisting(ctx context.Context, session Session, service *spec.Service, template *cfn.Template) error {
	problems, err := existing{session.Clients.S3, session, service, template}.problems(ctx)
	if err != nil {
		return err
	}
	return problems.Err()
}

// problems asks S3 for all buckets at once, with a call or two for each.
func (e existing) problems(ctx context.Context) (diag.List, error) {
	buckets := e.service.NotifiedBuckets()
	faults := make([]func(spec.BucketRule) diag.Problem, len(buckets))
	var wg sync.WaitGroup
	for i, b := range buckets {
		arn, literal := b.Bucket.ARN.(string)
		if !literal {
			continue
		}
		wg.Go(func() { faults[i] = e.fault(ctx, arn[strings.LastIndexByte(arn, ':')+1:]) })
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var problems diag.List
	for i, b := range buckets {
		for _, rule := range b.Rules {
			if faults[i] != nil {
				problems.Add(faults[i](rule))
			}
		}
	}
	return problems, nil
}

// fault says what is wrong with a bucket, nil if nothing is that can be seen.
func (e existing) fault(ctx context.Context, name string) func(spec.BucketRule) diag.Problem {
	account := e.session.Account
	out, err := e.api.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &account})
	region := ""
	if err == nil {
		region = aws.ToString(out.BucketRegion)
	} else if httpStatus(err) == http.StatusMovedPermanently || httpStatus(err) == http.StatusForbidden {
		region = bucketRegion(err)
	}
	switch {
	case region != "" && region != e.session.Region:
		return e.problem(fmt.Sprintf("bucket %q is in %s, and the stack goes to %s: S3 notifies functions of the bucket's own region only", name, region, e.session.Region),
			"name a bucket of "+e.session.Region+", or deploy to "+region+" with --region")
	case httpStatus(err) == http.StatusNotFound && !e.made(name):
		return e.problem(fmt.Sprintf("there is no bucket %q", name), "make it first, or add it under resources and name its logical id")
	case httpStatus(err) != http.StatusForbidden:
		return nil
	}
	// Of another account, or not to be seen by the caller: the bucket of another
	// account that lets the caller in tells them apart.
	if _, err := e.api.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name}); err != nil {
		return nil
	}
	return e.problem(fmt.Sprintf("bucket %q is not of account %s, to which the stack goes: Sparta sets up notifications of the account's own buckets only", name, account),
		"name a bucket of account "+account+", or have its owner send the events to an SNS topic or an event bus")
}

func (e existing) problem(message, hint string) func(spec.BucketRule) diag.Problem {
	return func(r spec.BucketRule) diag.Problem {
		source := []string{"functions", r.Function, "events", itoa(r.Index), "s3"}
		if bucket := append(source, "bucket"); e.service.Position(bucket...) != e.service.Position(source...) {
			source = bucket // written long
		}
		return e.service.Problem(diag.BucketElsewhere, message, hint, source...)
	}
}

// made reports whether the template makes a bucket that has the name, or may
// have it.
func (e existing) made(name string) bool {
	for _, r := range e.template.Resources {
		given := r.Properties["BucketName"]
		if literal, ok := given.(string); r.Type == "AWS::S3::Bucket" && given != nil && (!ok || literal == name) {
			return true
		}
	}
	return false
}
