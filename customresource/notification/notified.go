// SPDX-License-Identifier: MIT

package notification

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/customresource/internal/client"
)

// notified is a bucket with the entries of one resource in it, as one request
// sees it.
type notified struct {
	notification
	name   string
	owner  string // account id; empty: not known
	prefix string // of the ids of the resource's entries
	start  int64  // of the request, in Unix milliseconds
}

const (
	notifyAttempts = 6
	notifyDelay    = 250 * time.Millisecond // before the first reading back; doubles
)

// Why a request gives up.
var (
	errOutdone   = errors.New("something else goes on writing its notification configuration")
	errOvertaken = errors.New("a later request of CloudFormation has set up others")
	errTakenOut  = errors.New("the entries were taken out again, as by a later request to delete them")
)

// bring has the bucket hold entries for these listeners and no others of the
// resource. It is done when the bucket is read to hold them some time after the
// request began, whoever else writes.
func (t notified) bring(ctx context.Context, listeners []Listener) error {
	var written *types.NotificationConfiguration
	delay := notifyDelay
	for attempt := 0; ; attempt++ {
		current, err := t.read(ctx)
		if err != nil && written == nil {
			return &untouchedError{err}
		}
		if err != nil {
			return err
		}
		own := t.own(current)
		// CloudFormation deletes last, and is stuck if that fails: what begins
		// later then is a request that started late, such as by a cold start.
		if len(listeners) > 0 {
			if t, err = t.after(own); err != nil {
				return err
			}
		}
		want := entries(listeners, t.prefix, t.start)
		same := sameEntries(own, want)
		gone := len(own) == 0 && written != nil && t.sameForeign(current, written)
		switch {
		case same && attempt > 0:
			return nil
		case attempt == notifyAttempts && gone:
			return errTakenOut
		case attempt == notifyAttempts:
			return errOutdone
		case same: // nothing to remove; a request under way may be about to add some
		case gone: // unless S3 does not show yet what was written
		default:
			if written, err = t.exchange(ctx, current, want); err != nil {
				return err
			}
		}
		select {
		case <-time.After(delay):
			delay *= 2
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// exchange writes the resource's entries in the place of those that it has. It
// returns what was written, or nil where the writing of somebody else kept S3
// from it, which is to be tried again.
func (t notified) exchange(ctx context.Context, current *s3.GetBucketNotificationConfigurationOutput, want []types.LambdaFunctionConfiguration) (*types.NotificationConfiguration, error) {
	next := t.merged(current, want)
	switch err := t.write(ctx, next, len(want) == 0); {
	case client.HasCode(err, "OperationAborted"):
		return nil, nil
	case err != nil:
		return nil, t.explain(err, next, want)
	}
	return next, nil
}

// after returns t as it comes after the request that wrote the entries, or
// errOvertaken if that one began later. A start that is yet to come is of a
// clock that is fast, and says nothing: t then passes for later.
func (t notified) after(own []types.LambdaFunctionConfiguration) (notified, error) {
	for _, e := range own {
		start, _ := startOf(t.prefix, aws.ToString(e.Id))
		switch {
		case start <= t.start:
		case start <= time.Now().UnixMilli():
			return t, errOvertaken
		default:
			t.start = start + 1
		}
	}
	return t, nil
}

func (t notified) expectedOwner() *string {
	if t.owner == "" {
		return nil
	}
	return &t.owner
}

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
	_, own := startOf(t.prefix, aws.ToString(e.Id))
	return own
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

// sameForeign reports whether the entries that are not the resource's are those
// that were written.
func (t notified) sameForeign(c *s3.GetBucketNotificationConfigurationOutput, written *types.NotificationConfiguration) bool {
	now := t.merged(c, nil)
	then := *written
	then.LambdaFunctionConfigurations = slices.DeleteFunc(slices.Clone(written.LambdaFunctionConfigurations), t.isOwn)
	return (now.EventBridgeConfiguration == nil) == (then.EventBridgeConfiguration == nil) && slices.Equal(texts(now), texts(&then))
}
