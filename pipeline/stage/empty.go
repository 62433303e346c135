// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

// Emptied names the buckets that were emptied.
type Emptied []string

// Empty makes way for the deletion of the stack: CloudFormation can't delete a
// bucket that holds objects. It asks for consent first, also for the other
// resources whose data will go.
type Empty struct {
	Session pipeline.Result[Session]
	Stack   pipeline.Result[Stack]
	Confirm Confirm
	Follow  func(Event) // told of what happens to a stack that is moving; may be nil
	Pace    Pace
}

// Title returns the words of the box.
func (*Empty) Title() string { return "Empty Buckets" }

// Run empties the stack's buckets, versions and delete markers included. The
// site's bucket is left to its custom resource. A stack that is moving is waited
// for first, since only then it is known what it holds.
func (e *Empty) Run(ctx context.Context) (Emptied, error) {
	stack, err := e.settle(ctx)
	if err != nil || transitionOf(stack.Status).down != stepDelete {
		return nil, err
	}
	if stack.Protected {
		return nil, withHint(fmt.Errorf("stack %q has termination protection", stack.Name),
			"nothing was deleted; to allow it: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name %s", stack.Name)
	}
	resources, err := e.resources(ctx, stack)
	if err != nil {
		return nil, err
	}
	var buckets, details []string
	for _, r := range resources {
		id, kind, physical := aws.ToString(r.LogicalResourceId), aws.ToString(r.ResourceType), aws.ToString(r.PhysicalResourceId)
		switch {
		case id == spec.SiteBucketID || physical == "" || r.ResourceStatus == types.ResourceStatusDeleteComplete:
		case kind == "AWS::S3::Bucket":
			full, err := e.holdsObjects(ctx, physical)
			if err != nil {
				return nil, err
			}
			if full {
				buckets = append(buckets, physical)
				details = append(details, fmt.Sprintf("all objects in bucket %s (%s)", physical, id))
			}
		case isStateful(kind):
			details = append(details, fmt.Sprintf("%s (%s, %s)", id, kind, physical))
		}
	}
	if len(details) > 0 {
		if err := e.Confirm(ctx, fmt.Sprintf("taking %s away deletes data:", stack.Name), details); err != nil {
			return nil, err
		}
	}
	for _, bucket := range buckets {
		if err := e.empty(ctx, bucket); err != nil {
			return nil, fmt.Errorf("empty bucket %q: %w", bucket, plain(err))
		}
		zerolog.Ctx(ctx).Info().Str("bucket", bucket).Msg("emptied bucket")
	}
	return buckets, nil
}

// settle returns the stack once CloudFormation is no longer at work on it.
func (e *Empty) settle(ctx context.Context) (Stack, error) {
	stack := e.Stack.Get()
	if transitionOf(stack.Status).down != stepWait {
		return stack, nil
	}
	client := e.Session.Get().Clients.CloudFormation
	f := &follower{client: client, name: stack.Name, id: stack.ID, pace: e.Pace, report: e.Follow}
	return f.rest(ctx)
}

// resources lists those of the stack that its deletion takes away.
func (e *Empty) resources(ctx context.Context, stack Stack) ([]types.StackResourceSummary, error) {
	client := e.Session.Get().Clients.CloudFormation
	if err := checkOwnership(ctx, client, stack, e.Confirm); err != nil {
		return nil, err
	}
	template, err := liveTemplate(ctx, client, stack)
	if err != nil {
		return nil, err
	}
	stays := retained(template)
	var all []types.StackResourceSummary
	pages := cloudformation.NewListStackResourcesPaginator(client, &cloudformation.ListStackResourcesInput{StackName: &stack.ID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list resources of stack %q: %w", stack.Name, plain(err))
		}
		for _, r := range page.StackResourceSummaries {
			if id := aws.ToString(r.LogicalResourceId); stays[id] {
				zerolog.Ctx(ctx).Info().Str("resource", id).Str("physical_id", aws.ToString(r.PhysicalResourceId)).
					Msg("stays, as its DeletionPolicy says")
				continue
			}
			all = append(all, r)
		}
	}
	return all, nil
}

func (e *Empty) holdsObjects(ctx context.Context, bucket string) (bool, error) {
	session := e.Session.Get()
	out, err := session.Clients.S3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
		Bucket: &bucket, ExpectedBucketOwner: &session.Account, MaxKeys: aws.Int32(1),
	})
	if httpStatus(err) == http.StatusNotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("list bucket %q: %w", bucket, plain(err))
	}
	return len(out.Versions)+len(out.DeleteMarkers) > 0, nil
}

// empty deletes every version in the bucket, a page of 1000 at a time.
func (e *Empty) empty(ctx context.Context, bucket string) error {
	session := e.Session.Get()
	return deleteVersions(ctx, session.Clients.S3, &s3.ListObjectVersionsInput{
		Bucket: &bucket, ExpectedBucketOwner: &session.Account,
	})
}

type versionDeleter interface {
	s3.ListObjectVersionsAPIClient
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

// deleteVersions deletes what a listing finds, delete markers included.
func deleteVersions(ctx context.Context, client versionDeleter, listing *s3.ListObjectVersionsInput) error {
	pages := s3.NewListObjectVersionsPaginator(client, listing)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		var ids []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			ids = append(ids, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			ids = append(ids, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(ids) == 0 {
			continue
		}
		out, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: listing.Bucket, ExpectedBucketOwner: listing.ExpectedBucketOwner,
			Delete: &s3types.Delete{Objects: ids, Quiet: aws.Bool(true)},
		})
		if err != nil {
			return err
		}
		var errs []error
		for _, e := range out.Errors {
			errs = append(errs, fmt.Errorf("%s: %s", aws.ToString(e.Key), aws.ToString(e.Message)))
		}
		if len(errs) > 0 {
			return errors.Join(errs[:min(len(errs), 5)]...)
		}
	}
	return nil
}
