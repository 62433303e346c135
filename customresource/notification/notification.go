// SPDX-License-Identifier: MIT

// Package notification is the custom resource that has a bucket notify functions
// where the template's bucket cannot: CloudFormation sets up the notifications of
// a bucket when it makes it, not those of one that is there already, and not of
// one that its own functions refer to. Services have it whose functions listen to
// such a bucket. It keeps what belongs to somebody else: it knows its own entries
// by their ids.
package notification

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/customresource"
	"github.com/sparta-up/sparta/customresource/internal/client"
)

// New returns the resource that has a bucket notify functions; its properties are
// [Properties]. The physical id is made of the bucket's name, the stack's and the
// logical id, so that another bucket replaces the resource. The client is made from the SDK's default configuration; where an
// endpoint is set by AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_S3, buckets are named
// in the path.
//
// A bucket has one notification configuration for everybody. The resource reads
// it, exchanges the entries that bear its own ids and writes it back; all others
// stay as they are. Afterwards it reads again: where somebody else has written
// at the same time and its entries are gone, it does it over. It cannot see that
// its own writing took away what another has written between its reading and
// its writing, for S3 has no condition on that; a stack therefore should have
// one such resource for each bucket.
//
// The ids tell when the request began that wrote the entries. CloudFormation
// sends the next request while the one before may still be at work, which it has
// given up: when an update is cancelled or rolled back. A request that finds the
// entries of a later one fails and leaves them alone; for that, Update writes
// also what is there already. What remains is a request that is held up between
// its reading and its writing until the later one has read back what it wrote.
//
// Delete removes the resource's entries, also those of a request that was killed.
// A bucket that is gone has none.
func New() (customresource.Resource, error) {
	cfg, err := client.Load(1)
	if err != nil {
		return nil, err
	}
	api := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = client.PathStyle() })
	return notification{api: api, region: cfg.Region}, nil
}

// storage is what the resource needs of S3; *s3.Client is one.
type storage interface {
	GetBucketNotificationConfiguration(context.Context, *s3.GetBucketNotificationConfigurationInput, ...func(*s3.Options)) (*s3.GetBucketNotificationConfigurationOutput, error)
	PutBucketNotificationConfiguration(context.Context, *s3.PutBucketNotificationConfigurationInput, ...func(*s3.Options)) (*s3.PutBucketNotificationConfigurationOutput, error)
}

type notification struct {
	api    storage
	region string // that of the functions
}

// PhysicalID returns bucket, stack and logical id.
func (n notification) PhysicalID(r customresource.Request) string {
	name, _ := r.Properties["Bucket"].(string)
	if name == "" {
		return ""
	}
	return name + "/" + ownPrefix(r)
}

// Create adds the entries to those of the bucket.
func (n notification) Create(ctx context.Context, r customresource.Request) (customresource.Response, error) {
	response := customresource.Response{PhysicalID: n.PhysicalID(r)}
	p, err := decode(r)
	if err != nil {
		return response, err
	}
	if err := n.target(r, p.Bucket, p.Owner).bring(ctx, p.Notifications); err != nil {
		if errors.Is(err, errUntouched) { // nothing is there to be deleted, which the same reason would prevent
			response.PhysicalID = cmp.Or(r.PhysicalID, customresource.NeverMade)
		}
		return response, fmt.Errorf("notify of bucket %q: %w", p.Bucket, err)
	}
	zerolog.Ctx(ctx).Info().Str("bucket", p.Bucket).Int("entries", len(p.Notifications)).Msg("set up bucket notification")
	return response, nil
}

// Update exchanges the entries; in a new bucket it adds them, as Create does.
func (n notification) Update(ctx context.Context, r customresource.Request) (customresource.Response, error) {
	response, err := n.Create(ctx, r)
	if err == nil {
		n.clear(ctx, r)
	}
	return response, err
}

// clear removes the entries from a bucket to which an update went that
// CloudFormation has rolled back before it got the answer: the old properties
// name it, but CloudFormation knows of the resource in the bucket before only,
// and will not ask to delete this one.
func (n notification) clear(ctx context.Context, r customresource.Request) {
	old := r
	old.Properties = r.OldProperties
	if id := n.PhysicalID(old); id == "" || id == r.PhysicalID || id == n.PhysicalID(r) {
		return
	}
	if err := n.Delete(ctx, old); err != nil { // a rollback should not fail for that
		zerolog.Ctx(ctx).Warn().Err(err).Msg("entries of the update before stay")
	}
}

// Delete removes the entries.
func (n notification) Delete(ctx context.Context, r customresource.Request) error {
	name, _ := r.Properties["Bucket"].(string)
	owner, _ := r.Properties["Owner"].(string)
	if name == "" {
		return nil // such a resource was never made
	}
	err := n.target(r, name, owner).bring(ctx, nil)
	if errors.Is(err, errBucketGone) || errors.Is(err, errBucketElsewhere) { // another one has its name by now
		return nil
	}
	if err != nil {
		return fmt.Errorf("end notification of bucket %q: %w", name, err)
	}
	return nil
}

// target returns a bucket as the request sees it that begins now.
func (n notification) target(r customresource.Request, bucket, owner string) notified {
	return notified{n, bucket, cmp.Or(owner, r.Account()), ownPrefix(r), time.Now().UnixMilli()}
}
