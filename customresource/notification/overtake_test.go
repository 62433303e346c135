// SPDX-License-Identifier: MIT

package notification

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/customresource"
)

// listens returns the prefixes of keys that our function is told of.
func (b *notifiedBucket) listens() string {
	var prefixes []string
	for _, e := range b.now.LambdaFunctionConfigurations {
		if aws.ToString(e.LambdaFunctionArn) == functionARN {
			prefix, _ := affixes(e.Filter)
			prefixes = append(prefixes, prefix)
		}
	}
	slices.Sort(prefixes)
	return strings.Join(prefixes, " ")
}

// answer lets the resource answer a request.
func (b *notifiedBucket) answer(ctx context.Context, r customresource.Request) error {
	n := notification{b, "us-east-1"}
	var err error
	switch r.Type {
	case customresource.Create:
		_, err = n.Create(ctx, r)
	case customresource.Update:
		_, err = n.Update(ctx, r)
	case customresource.Delete:
		err = n.Delete(ctx, r)
	}
	return err
}

// CloudFormation cancels what is under way and sends the next request: that one
// is to prevail, whenever it comes and however long S3 takes.
func TestTheLaterRequestPrevails(t *testing.T) {
	t.Parallel()
	create, update, remove := customresource.Create, customresource.Update, customresource.Delete
	for _, test := range []struct {
		name         string
		live         string // prefix of the entry before both; "": none
		first, later customresource.Request
		want         string
	}{
		{"update that is rolled back", "old/", request(update, "new/"), request(update, "old/"), "old/"},
		{"update to more", "old/", request(update, "old/", "new/"), request(update, "old/"), "old/"},
		{"update to less", "old/", request(update, "other/"), request(update, "old/", "new/"), "new/ old/"},
		{"create that is rolled back", "", request(create, "new/"), request(remove, "new/"), ""},
		{"update before the stack is deleted", "old/", request(update, "new/"), request(remove, "new/"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, latency := range []time.Duration{0, 5 * time.Millisecond, 70 * time.Millisecond} {
				for after := time.Millisecond; after < 20*time.Second; after = after*9/8 + time.Millisecond {
					synctest.Test(t, func(t *testing.T) {
						b := &notifiedBucket{now: foreign()}
						if test.live != "" {
							if err := b.answer(t.Context(), request(create, test.live)); err != nil {
								t.Fatal(err)
							}
						}
						b.latency = func(bool) time.Duration { return latency }
						var work sync.WaitGroup
						var firstErr error
						work.Go(func() { firstErr = b.answer(t.Context(), test.first) })
						time.Sleep(after)
						err := b.answer(t.Context(), test.later)
						work.Wait()
						unwanted := firstErr == nil || errors.Is(firstErr, errOvertaken) || errors.Is(firstErr, errTakenOut)
						if got := b.listens(); got != test.want || err != nil || !unwanted {
							t.Fatalf("after %v with a latency of %v: %q, want %q; the later request: %v; the first: %v", after, latency, got, test.want, err, firstErr)
						}
					})
				}
			}
		})
	}
}

// A request that is held up between reading and writing for longer than the
// later one takes to read back, is seen by the later one.
func TestALateWriteIsSeen(t *testing.T) {
	t.Parallel()
	for _, later := range []customresource.Request{request(customresource.Update, "old/"), request(customresource.Delete, "new/")} {
		synctest.Test(t, func(t *testing.T) {
			b := &notifiedBucket{now: foreign()}
			if later.Type == customresource.Update {
				if err := b.answer(t.Context(), request(customresource.Create, "old/")); err != nil {
					t.Fatal(err)
				}
			}
			want := b.listens()
			var held atomic.Bool
			b.latency = func(put bool) time.Duration {
				if put && !held.Swap(true) {
					return 200 * time.Millisecond
				}
				return 0
			}
			var work sync.WaitGroup
			work.Go(func() { _ = b.answer(t.Context(), request(customresource.Update, "new/")) })
			time.Sleep(time.Millisecond)
			err := b.answer(t.Context(), later)
			work.Wait()
			if got := b.listens(); got != want || err != nil {
				t.Errorf("%s: %q, want %q; %v", later.Type, got, want, err)
			}
		})
	}
}

// The request that is no longer wanted says why it fails, and what is there of
// killed ones is found by those that follow.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	left := func(start int64, number int) types.LambdaFunctionConfiguration {
		return types.LambdaFunctionConfiguration{Id: aws.String(idOf(ownID, start, number)), LambdaFunctionArn: aws.String(functionARN), Events: []types.Event{"s3:ObjectCreated:*"}}
	}
	const minute = 60_000
	for _, test := range []struct {
		name    string
		request customresource.Request
		meddle  func(b *notifiedBucket, now int64) // after the first put
		want    string
		err     error
	}{
		{"by an update", request(customresource.Update, "in/"), func(b *notifiedBucket, now int64) {
			b.now.LambdaFunctionConfigurations = append(foreign().LambdaFunctionConfigurations, left(now+100, 1))
		}, "queue sparta:shop-dev/Inbox/@/1 sparta:shop-dev/Inbox/x sparta:shop-dev/InboxOther/1 theirs topic", errOvertaken},
		{"by a delete", request(customresource.Create, "in/"), func(b *notifiedBucket, _ int64) { b.now = foreign() }, foreignIDs, errTakenOut},
		{"not a delete, by a create that started late", request(customresource.Delete, "in/"), func(b *notifiedBucket, now int64) {
			b.now.LambdaFunctionConfigurations = append(foreign().LambdaFunctionConfigurations, left(now+100, 1))
		}, foreignIDs, nil},
		{"by none, but its entries are of a fast clock", request(customresource.Update, "in/"), func(b *notifiedBucket, now int64) {
			b.now.LambdaFunctionConfigurations = append(foreign().LambdaFunctionConfigurations, left(now+minute, 1), left(now+minute, 2))
		}, "queue sparta:shop-dev/Inbox/@/1 sparta:shop-dev/Inbox/x sparta:shop-dev/InboxOther/1 theirs topic", nil},
		{"update after one that was killed", request(customresource.Update, "in/"), nil, "queue sparta:shop-dev/Inbox/@/1 sparta:shop-dev/Inbox/x sparta:shop-dev/InboxOther/1 theirs topic", nil},
		{"delete after one that was killed", request(customresource.Delete, "in/"), nil, foreignIDs, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := time.Now().UnixMilli()
				b := &notifiedBucket{now: foreign()}
				for number := range 3 {
					b.now.LambdaFunctionConfigurations = append(b.now.LambdaFunctionConfigurations, left(now-minute, number+1), left(now-2*minute, number+1))
				}
				b.after = func(puts int) {
					if puts == 1 && test.meddle != nil {
						test.meddle(b, now)
					}
				}
				if err := b.answer(t.Context(), test.request); !errors.Is(err, test.err) {
					t.Errorf("got %v, want %v", err, test.err)
				}
				if got := b.ids(); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			})
		})
	}
}

// S3 need not show at once what was written to it, and may refuse to write while
// it writes for another.
func TestNotificationOfASlowBucket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &notifiedBucket{now: foreign(), refuse: s3Fault(409, "OperationAborted", "A conflicting conditional operation is currently in progress against this resource", "")}
		b.latency = func(put bool) time.Duration {
			if put && len(b.puts) == 1 {
				b.refuse = nil
			}
			return 0
		}
		b.after = func(int) {
			shown := b.now
			b.now = foreign()
			time.AfterFunc(2*time.Second, func() {
				b.mu.Lock()
				defer b.mu.Unlock()
				b.now = shown
			})
		}
		if err := b.answer(t.Context(), request(customresource.Create, "in/")); err != nil || b.listens() != "in/" || len(b.puts) != 2 {
			t.Errorf("%q after %d puts: %v", b.listens(), len(b.puts), err)
		}
	})
}

// An update to another bucket that was rolled back before it answered has left
// its entries there; one that goes on to another bucket leaves them to the
// delete that follows.
func TestUpdateClearsTheOtherBucket(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, physicalID, want string }{
		{"rolled back", "docs/" + ownID, ""}, {"going on", "other/" + ownID, "in/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				docs, other := &notifiedBucket{now: foreign()}, &notifiedBucket{now: foreign()}
				n := notification{buckets{"docs": docs, "other": other}, "us-east-1"}
				elsewhere := request(customresource.Create, "in/")
				elsewhere.Properties["Bucket"] = "other"
				if _, err := n.Create(t.Context(), elsewhere); err != nil {
					t.Fatal(err)
				}
				back := request(customresource.Update, "in/")
				back.PhysicalID, back.OldProperties = test.physicalID, elsewhere.Properties
				response, err := n.Update(t.Context(), back)
				if err != nil || response.PhysicalID != "docs/"+ownID || docs.listens() != "in/" || other.listens() != test.want {
					t.Errorf("%q, %q and %q, want %q; %v", response.PhysicalID, docs.listens(), other.listens(), test.want, err)
				}
				other.fail = s3Fault(403, "AccessDenied", "Access Denied", "")
				if _, err := n.Update(t.Context(), back); err != nil {
					t.Errorf("a rollback fails for what was left elsewhere: %v", err)
				}
			})
		})
	}
}

// buckets are several by name.
type buckets map[string]*notifiedBucket

func (b buckets) GetBucketNotificationConfiguration(ctx context.Context, in *s3.GetBucketNotificationConfigurationInput, _ ...func(*s3.Options)) (*s3.GetBucketNotificationConfigurationOutput, error) {
	return b[*in.Bucket].GetBucketNotificationConfiguration(ctx, in)
}

func (b buckets) PutBucketNotificationConfiguration(ctx context.Context, in *s3.PutBucketNotificationConfigurationInput, _ ...func(*s3.Options)) (*s3.PutBucketNotificationConfigurationOutput, error) {
	return b[*in.Bucket].PutBucketNotificationConfiguration(ctx, in)
}
