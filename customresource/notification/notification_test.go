// SPDX-License-Identifier: MIT

package notification

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sparta-up/sparta/customresource"
)

// notifiedBucket is the notification configuration of one bucket.
type notifiedBucket struct {
	latency func(put bool) time.Duration // of a request, before it takes effect

	mu     sync.Mutex
	now    s3.GetBucketNotificationConfigurationOutput
	puts   []s3.PutBucketNotificationConfigurationInput
	owners []string
	after  func(puts int) // called after each put: what others do
	fail   error          // of every call
	refuse error          // of puts
}

func (b *notifiedBucket) GetBucketNotificationConfiguration(_ context.Context, in *s3.GetBucketNotificationConfigurationInput, _ ...func(*s3.Options)) (*s3.GetBucketNotificationConfigurationOutput, error) {
	if b.latency != nil {
		time.Sleep(b.latency(false))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.owners = append(b.owners, aws.ToString(in.ExpectedBucketOwner))
	if b.fail != nil {
		return nil, b.fail
	}
	out := b.now
	return &out, nil
}

func (b *notifiedBucket) PutBucketNotificationConfiguration(_ context.Context, in *s3.PutBucketNotificationConfigurationInput, _ ...func(*s3.Options)) (*s3.PutBucketNotificationConfigurationOutput, error) {
	if b.latency != nil {
		time.Sleep(b.latency(true))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.owners = append(b.owners, aws.ToString(in.ExpectedBucketOwner))
	b.puts = append(b.puts, *in)
	if b.refuse != nil {
		return nil, b.refuse
	}
	c := in.NotificationConfiguration
	b.now = s3.GetBucketNotificationConfigurationOutput{
		LambdaFunctionConfigurations: c.LambdaFunctionConfigurations, QueueConfigurations: c.QueueConfigurations,
		TopicConfigurations: c.TopicConfigurations, EventBridgeConfiguration: c.EventBridgeConfiguration,
	}
	if b.after != nil {
		b.after(len(b.puts))
	}
	return &s3.PutBucketNotificationConfigurationOutput{}, nil
}

// ids returns the ids of all entries, with @ for the time in one of ours.
func (b *notifiedBucket) ids() string {
	var ids []string
	for _, e := range entriesOf(&types.NotificationConfiguration{
		LambdaFunctionConfigurations: b.now.LambdaFunctionConfigurations, QueueConfigurations: b.now.QueueConfigurations, TopicConfigurations: b.now.TopicConfigurations,
	}) {
		if start, ours := startOf(ownID, e.id); ours {
			e.id = strings.Replace(e.id, strconv.FormatInt(start, 36), "@", 1)
		}
		ids = append(ids, e.id)
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

const (
	ownID       = "sparta:shop-dev/Inbox"
	testOwner   = "123456789012"
	stackARN    = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop-dev/11111111-2222-3333-4444-555555555555"
	functionARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
)

func request(kind customresource.RequestType, prefixes ...string) customresource.Request {
	var list []any
	for _, prefix := range prefixes {
		list = append(list, map[string]any{"Function": functionARN, "Events": []any{"s3:ObjectCreated:*"}, "Filter": map[string]any{"Prefix": prefix, "Suffix": ".csv"}})
	}
	return customresource.Request{
		Type: kind, StackID: stackARN, LogicalID: "Inbox", PhysicalID: "docs/sparta:shop-dev/Inbox",
		Properties: map[string]any{"Bucket": "docs", "Notifications": list}, // the owner is that of the stack
	}
}

// foreign is a configuration with all that others may have put into it.
func foreign() s3.GetBucketNotificationConfigurationOutput {
	event := []types.Event{"s3:ObjectRemoved:*"}
	return s3.GetBucketNotificationConfigurationOutput{
		EventBridgeConfiguration: &types.EventBridgeConfiguration{},
		LambdaFunctionConfigurations: []types.LambdaFunctionConfiguration{
			{Id: aws.String("theirs"), LambdaFunctionArn: aws.String(functionARN + "2"), Events: event},
			{Id: aws.String("sparta:shop-dev/InboxOther/1"), LambdaFunctionArn: aws.String(functionARN + "3"), Events: event},
			{Id: aws.String("sparta:shop-dev/Inbox/x"), LambdaFunctionArn: aws.String(functionARN + "4"), Events: event},
		},
		QueueConfigurations: []types.QueueConfiguration{{Id: aws.String("queue"), QueueArn: aws.String("arn:aws:sqs:us-east-1:123456789012:q"), Events: event}},
		TopicConfigurations: []types.TopicConfiguration{{Id: aws.String("topic"), TopicArn: aws.String("arn:aws:sns:us-east-1:123456789012:t"), Events: event,
			Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: []types.FilterRule{{Name: "Prefix", Value: aws.String("a/")}}}}}},
	}
}

const foreignIDs = "queue sparta:shop-dev/Inbox/x sparta:shop-dev/InboxOther/1 theirs topic"

var unexported = cmpopts.IgnoreUnexported(types.EventBridgeConfiguration{}, types.LambdaFunctionConfiguration{}, types.QueueConfiguration{}, types.TopicConfiguration{},
	types.NotificationConfigurationFilter{}, types.S3KeyFilter{}, types.FilterRule{}, types.NotificationConfiguration{})

func TestNotificationKeepsWhatIsForeign(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &notifiedBucket{now: foreign()}
		n := notification{b, "us-east-1"}
		response, err := n.Create(t.Context(), request(customresource.Create, "in/", "out/"))
		if err != nil || response.PhysicalID != "docs/sparta:shop-dev/Inbox" {
			t.Fatalf("got %+v, %v", response, err)
		}
		if got := b.ids(); got != "queue sparta:shop-dev/Inbox/@/1 sparta:shop-dev/Inbox/@/2 sparta:shop-dev/Inbox/x sparta:shop-dev/InboxOther/1 theirs topic" {
			t.Errorf("after create: %s", got)
		}
		put := b.puts[0].NotificationConfiguration
		want := foreign()
		if diff := cmp.Diff(want.QueueConfigurations, put.QueueConfigurations, unexported) + cmp.Diff(want.TopicConfigurations, put.TopicConfigurations, unexported) +
			cmp.Diff(want.EventBridgeConfiguration, put.EventBridgeConfiguration, unexported) + cmp.Diff(want.LambdaFunctionConfigurations, put.LambdaFunctionConfigurations[:3], unexported); diff != "" {
			t.Errorf("what is foreign has changed (-want +got):\n%s", diff)
		}
		own := types.LambdaFunctionConfiguration{Id: aws.String(idOf(ownID, time.Now().UnixMilli()-250, 1)), LambdaFunctionArn: aws.String(functionARN), Events: []types.Event{"s3:ObjectCreated:*"},
			Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: []types.FilterRule{{Name: "prefix", Value: aws.String("in/")}, {Name: "suffix", Value: aws.String(".csv")}}}}}
		if diff := cmp.Diff(own, put.LambdaFunctionConfigurations[3], unexported); diff != "" {
			t.Error(diff)
		}

		if _, err := n.Update(t.Context(), request(customresource.Update, "other/")); err != nil {
			t.Fatal(err)
		}
		if got := b.ids(); got != strings.Replace(foreignIDs, "sparta", "sparta:shop-dev/Inbox/@/1 sparta", 1) {
			t.Errorf("after update: %s", got)
		}
		if _, err := n.Update(t.Context(), request(customresource.Update, "other/")); err != nil || len(b.puts) != 3 {
			t.Errorf("an update that changes nothing tells others of itself: %d puts, %v", len(b.puts), err)
		}
		for range 2 { // CloudFormation repeats requests
			if err := n.Delete(t.Context(), request(customresource.Delete, "other/")); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.ids(); got != foreignIDs || b.now.EventBridgeConfiguration == nil || len(b.puts) != 4 {
			t.Errorf("after delete: %s, %d puts", got, len(b.puts))
		}
		if !aws.ToBool(b.puts[3].SkipDestinationValidation) || aws.ToBool(b.puts[1].SkipDestinationValidation) {
			t.Error("destinations are to be validated but by delete")
		}
		for _, owner := range b.owners {
			if owner != testOwner {
				t.Errorf("a request expects the owner %q", owner)
			}
		}
	})
}

// Somebody else who has read before us writes after us: our entries are gone,
// and theirs stay.
func TestNotificationIsWrittenAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &notifiedBucket{now: foreign()}
		b.after = func(puts int) {
			if puts <= 2 {
				b.now = foreign()
				b.now.QueueConfigurations[0].Id = aws.String(fmt.Sprint("queue", puts))
			}
		}
		if _, err := (notification{b, "us-east-1"}).Create(t.Context(), request(customresource.Create, "in/")); err != nil {
			t.Fatal(err)
		}
		if got := b.ids(); len(b.puts) != 3 || !strings.HasPrefix(got, "queue2 sparta:shop-dev/Inbox/@/1 ") {
			t.Errorf("%d puts, %s", len(b.puts), got)
		}
		b = &notifiedBucket{now: foreign()}
		b.after = func(puts int) {
			b.now = foreign()
			b.now.QueueConfigurations[0].Id = aws.String(fmt.Sprint("queue", puts))
		}
		_, err := (notification{b, "us-east-1"}).Create(t.Context(), request(customresource.Create, "in/"))
		if err == nil || !errors.Is(err, errOutdone) || len(b.puts) != notifyAttempts {
			t.Errorf("%d puts, %v", len(b.puts), err)
		}
	})
}

// s3Fault is an error of S3 as the SDK returns it.
func s3Fault(status int, code, message, region string) error {
	response := &http.Response{StatusCode: status, Header: http.Header{}}
	if region != "" {
		response.Header.Set("X-Amz-Bucket-Region", region)
	}
	return &smithy.OperationError{ServiceID: "S3", OperationName: "GetBucketNotificationConfiguration", Err: &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: response}, Err: &smithy.GenericAPIError{Code: code, Message: message},
	}}}
}

func TestNotificationFaults(t *testing.T) {
	t.Parallel()
	overlaps := s3Fault(400, "InvalidArgument", "Configurations overlap. Configurations on the same bucket cannot share a common event type.", "")
	for _, test := range []struct {
		name         string
		fail, refuse error
		want         []string
	}{
		{"region", s3Fault(301, "PermanentRedirect", "use the endpoint", "eu-west-1"), nil, []string{`notify of bucket "docs"`, "another region", "eu-west-1", "us-east-1"}},
		{"account", s3Fault(403, "AccessDenied", "Access Denied", "us-east-1"), nil, []string{"not of account " + testOwner, "Access Denied"}},
		{"gone", s3Fault(404, "NoSuchBucket", "gone", ""), nil, []string{"there is no such bucket"}},
		{"other", s3Fault(400, "InvalidArgument", "bad event", ""), nil, []string{"bad event"}},
		{"overlap", nil, overlaps, []string{"Configurations overlap", `"theirs" (` + functionARN + `2)`, "prefixes or suffixes"}},
		{"validation", nil, s3Fault(400, "InvalidArgument", "Unable to validate the following destination configurations", ""), []string{"Unable to validate", "let it in", "others"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := &notifiedBucket{now: foreign(), fail: test.fail, refuse: test.refuse}
			b.now.LambdaFunctionConfigurations[0].Events = []types.Event{"s3:ObjectCreated:Put"}
			response, err := notification{b, "us-east-1"}.Create(t.Context(), request(customresource.Create, "in/"))
			if err == nil || response.PhysicalID == "" {
				t.Fatalf("got %+v, %v", response, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want ...%s...", err, want)
				}
			}
			if strings.Contains(err.Error(), "InboxOther") {
				t.Errorf("names an entry that is for other events: %v", err)
			}
		})
	}
}

func TestNotificationDeleteOfWhatIsGone(t *testing.T) {
	t.Parallel()
	for _, fault := range []error{s3Fault(404, "NoSuchBucket", "gone", ""), s3Fault(301, "PermanentRedirect", "use the endpoint", "eu-west-1")} {
		n := notification{&notifiedBucket{fail: fault}, "us-east-1"}
		if err := n.Delete(t.Context(), request(customresource.Delete, "in/")); err != nil {
			t.Error(err)
		}
	}
	n := notification{&notifiedBucket{fail: s3Fault(403, "AccessDenied", "Access Denied", "")}, "us-east-1"}
	if err := n.Delete(t.Context(), request(customresource.Delete, "in/")); err == nil || !strings.Contains(err.Error(), `end notification of bucket "docs"`) {
		t.Errorf("got %v", err)
	}
}

// A bucket that can't even be read has nothing of a failed Create: its Delete
// must not fail for the same reason, which would leave the stack stuck.
func TestNotificationThatWroteNothing(t *testing.T) {
	t.Parallel()
	denied := s3Fault(403, "AccessDenied", "Access Denied", "")
	refused := s3Fault(400, "InvalidArgument", "bad event", "")
	for _, test := range []struct {
		name   string
		before string // physical id
		bucket *notifiedBucket
		want   string
	}{
		{"not read", "", &notifiedBucket{fail: denied}, customresource.NeverMade},
		{"not read on update", "other/sparta:shop-dev/Inbox", &notifiedBucket{fail: denied}, "other/sparta:shop-dev/Inbox"},
		{"not written", "", &notifiedBucket{refuse: refused}, "docs/sparta:shop-dev/Inbox"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := request(customresource.Create, "in/")
			r.PhysicalID = test.before
			response, err := notification{test.bucket, "us-east-1"}.Create(t.Context(), r)
			if err == nil || response.PhysicalID != test.want {
				t.Errorf("got %q, %v, want %q and an error", response.PhysicalID, err, test.want)
			}
		})
	}
}

func TestNotificationProperties(t *testing.T) {
	t.Parallel()
	n := notification{&notifiedBucket{}, "us-east-1"}
	for want, properties := range map[string]map[string]any{
		"are needed":                {"Bucket": "docs"},
		"not the name of a bucket":  {"Bucket": "arn:aws:s3:::docs", "Notifications": []any{map[string]any{"Function": functionARN, "Events": []any{"x"}}}},
		"Function, an ARN":          {"Bucket": "docs", "Notifications": []any{map[string]any{"Function": "f", "Events": []any{"x"}}}},
		"Events are needed":         {"Bucket": "docs", "Notifications": []any{map[string]any{"Function": functionARN}}},
		"Bucket and Notifications":  {"Notifications": []any{map[string]any{"Function": functionARN, "Events": []any{"x"}}}},
		"Notifications: 0: Functio": {"Bucket": "docs", "Notifications": []any{map[string]any{}}},
	} {
		_, err := n.Create(t.Context(), customresource.Request{Type: customresource.Create, StackID: stackARN, LogicalID: "L", Properties: properties})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want ...%s...", err, want)
		}
	}
}

// Ids stay within what S3 takes, and differ where the names differ.
func TestOwnPrefix(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("s", 128)
	seen := map[string]bool{}
	for _, r := range []customresource.Request{
		{StackID: stackARN, LogicalID: "A"}, {StackID: stackARN, LogicalID: "B"}, {StackID: "odd", LogicalID: "A"},
		{StackID: strings.Replace(stackARN, "shop-dev", long, 1), LogicalID: long + "A"}, {StackID: strings.Replace(stackARN, "shop-dev", long, 1), LogicalID: long + "B"},
	} {
		prefix := ownPrefix(r)
		if seen[prefix] || len(prefix) > maxOwnPrefix {
			t.Errorf("%q", prefix)
		}
		const start = 1_795_000_000_000 // of the year 2026
		id := idOf(prefix, start, 9999)
		if got, own := startOf(prefix, id); len(id) > 255 || got != start || !own {
			t.Errorf("%q of %q is of %d, %t", id, prefix, got, own)
		}
		for _, other := range []string{prefix, prefix + "/", prefix + "/1", prefix + "/1/x", prefix + "/1/2/3", prefix + "/!/1", prefix + "1/1/1", "x" + id} {
			if _, own := startOf(prefix, other); own {
				t.Errorf("%q passes for one of %q", other, prefix)
			}
		}
		seen[prefix] = true
	}
}
