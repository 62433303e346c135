// SPDX-License-Identifier: MIT

package customresource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/rs/zerolog"
)

// BucketNotifications returns the built-in custom resource that has a bucket
// which the stack does not own notify functions; its properties are
// [BucketNotificationsProperties]. The physical id is made of the bucket's name,
// the stack's and the logical id, so that another bucket replaces the resource.
// The client is made as that of [Site].
//
// A bucket has one notification configuration for everybody. The resource reads
// it, exchanges the entries that bear its own ids and writes it back; all others
// stay as they are. Afterwards it reads again: where somebody else has written
// at the same time and its entries are gone, it does it over. It cannot see that
// its own writing took away what another has written between its reading and
// its writing, for S3 has no condition on that; a stack therefore should have
// one such resource for each bucket.
//
// Delete removes the resource's entries. A bucket that is gone has none.
func BucketNotifications() (Resource, error) {
	cfg, err := loadConfig()
	if err != nil {
		return nil, err
	}
	return bucketNotifications{api: newStorage(cfg), region: cfg.Region}, nil
}

// notificationStorage is what the notification resource needs of S3; *s3.Client
// is one.
type notificationStorage interface {
	GetBucketNotificationConfiguration(context.Context, *s3.GetBucketNotificationConfigurationInput, ...func(*s3.Options)) (*s3.GetBucketNotificationConfigurationOutput, error)
	PutBucketNotificationConfiguration(context.Context, *s3.PutBucketNotificationConfigurationInput, ...func(*s3.Options)) (*s3.PutBucketNotificationConfigurationOutput, error)
}

type bucketNotifications struct {
	api    notificationStorage
	region string // that of the functions
}

// PhysicalID returns bucket, stack and logical id.
func (n bucketNotifications) PhysicalID(r Request) string {
	name, _ := r.Properties["Bucket"].(string)
	if name == "" {
		return ""
	}
	return name + "/" + ownPrefix(r)
}

// Create adds the entries to those of the bucket.
func (n bucketNotifications) Create(ctx context.Context, r Request) (Response, error) {
	response := Response{PhysicalID: n.PhysicalID(r)}
	p, err := notificationProperties(r)
	if err != nil {
		return response, err
	}
	entries := p.entries(ownPrefix(r))
	target := notified{n, p.Bucket, cmp.Or(p.Owner, r.account()), ownPrefix(r)}
	if err := target.bring(ctx, entries, false); err != nil {
		if errors.Is(err, errUntouched) { // nothing is there to be deleted, which the same reason would prevent
			response.PhysicalID = cmp.Or(r.PhysicalID, neverMade)
		}
		return response, fmt.Errorf("notify of bucket %q: %w", p.Bucket, err)
	}
	zerolog.Ctx(ctx).Info().Str("bucket", p.Bucket).Int("entries", len(entries)).Msg("set up bucket notification")
	return response, nil
}

// Update exchanges the entries; in a new bucket it adds them, as Create does.
func (n bucketNotifications) Update(ctx context.Context, r Request) (Response, error) {
	return n.Create(ctx, r)
}

// Delete removes the entries.
func (n bucketNotifications) Delete(ctx context.Context, r Request) error {
	name, _ := r.Properties["Bucket"].(string)
	owner, _ := r.Properties["Owner"].(string)
	if name == "" {
		return nil // such a resource was never made
	}
	target := notified{n, name, cmp.Or(owner, r.account()), ownPrefix(r)}
	err := target.bring(ctx, nil, true)
	if errors.Is(err, errBucketGone) || errors.Is(err, errBucketElsewhere) { // another one has its name by now
		return nil
	}
	if err != nil {
		return fmt.Errorf("end notification of bucket %q: %w", name, err)
	}
	return nil
}

// notified is a bucket with the entries of one resource in it.
type notified struct {
	bucketNotifications
	name   string
	owner  string // account id; empty: not known
	prefix string // of the ids of the resource's entries
}

const (
	notifyAttempts = 6
	notifyDelay    = 250 * time.Millisecond // before the first reading back; doubles
)

// bring has the bucket hold these entries of the resource and no others of it.
// It is done when the bucket is read to hold them, whoever else writes.
func (t notified) bring(ctx context.Context, want []types.LambdaFunctionConfiguration, leaving bool) error {
	current, err := t.read(ctx)
	if err != nil {
		return &untouchedError{err}
	}
	delay := notifyDelay
	for range notifyAttempts {
		if sameEntries(t.own(current), want) {
			return nil
		}
		next := t.merged(current, want)
		if err := t.write(ctx, next, leaving); err != nil {
			return t.explain(err, next, want)
		}
		select {
		case <-time.After(delay):
			delay *= 2
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if current, err = t.read(ctx); err != nil {
			return err
		}
	}
	if sameEntries(t.own(current), want) {
		return nil
	}
	return errors.New("something else goes on writing its notification configuration")
}

func (t notified) expectedOwner() *string { return bucket{owner: t.owner}.expectedOwner() }

func (t notified) read(ctx context.Context) (*s3.GetBucketNotificationConfigurationOutput, error) {
	out, err := t.api.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{
		Bucket: &t.name, ExpectedBucketOwner: t.expectedOwner(),
	})
	if err != nil {
		return nil, t.place(err)
	}
	return out, nil
}

// write puts a whole configuration. S3 makes sure that all destinations exist
// and let it in, also those of others. A resource that leaves does not depend
// on them.
func (t notified) write(ctx context.Context, next *types.NotificationConfiguration, leaving bool) error {
	_, err := t.api.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: &t.name, ExpectedBucketOwner: t.expectedOwner(), NotificationConfiguration: next,
		SkipDestinationValidation: aws.Bool(leaving),
	})
	return t.place(err)
}

// isOwn reports whether an entry is one of the resource's.
func (t notified) isOwn(e types.LambdaFunctionConfiguration) bool {
	return ownedBy(t.prefix, aws.ToString(e.Id))
}

// own returns the resource's entries.
func (t notified) own(c *s3.GetBucketNotificationConfigurationOutput) []types.LambdaFunctionConfiguration {
	return slices.DeleteFunc(slices.Clone(c.LambdaFunctionConfigurations), func(e types.LambdaFunctionConfiguration) bool { return !t.isOwn(e) })
}

// merged returns the configuration with the resource's entries exchanged.
func (t notified) merged(c *s3.GetBucketNotificationConfigurationOutput, own []types.LambdaFunctionConfiguration) *types.NotificationConfiguration {
	foreign := slices.DeleteFunc(slices.Clone(c.LambdaFunctionConfigurations), t.isOwn)
	return &types.NotificationConfiguration{
		EventBridgeConfiguration:     c.EventBridgeConfiguration,
		LambdaFunctionConfigurations: append(foreign, own...),
		QueueConfigurations:          c.QueueConfigurations,
		TopicConfigurations:          c.TopicConfigurations,
	}
}
