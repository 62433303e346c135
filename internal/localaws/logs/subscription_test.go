// SPDX-License-Identifier: MIT

package logs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// functions takes events as Lambda does.
type functions struct {
	mu        sync.Mutex
	principal string // whom they let in
	got       []delivery.Message
}

func (f *functions) Deliver(_ context.Context, m delivery.Message) error {
	if err := f.Admits(m); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, m)
	return nil
}

func (f *functions) Admits(m delivery.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.Principal != f.principal || m.Source != "arn:aws:logs:us-east-1:000000000000:log-group:g:*" || m.Account != here.Account || strings.Contains(m.Target, "none") {
		return fmt.Errorf("%s is not let in", m.Principal)
	}
	return nil
}

// await returns the first n events that were delivered.
func (f *functions) await(t *testing.T, n int) []delivery.Message {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		f.mu.Lock()
		got := f.got
		f.mu.Unlock()
		if len(got) >= n {
			return got
		}
		if time.Now().After(end) {
			t.Fatalf("got %d events, want %d", len(got), n)
		}
	}
}

func functionARN(name string) string { return here.Regional("lambda", "function:"+name) }

// subscribed is a world whose group g has a subscription filter.
func subscribed(t *testing.T, pattern string) (*world, *functions) {
	t.Helper()
	w, f := open(t, t.TempDir(), start), &functions{principal: "logs.amazonaws.com"}
	w.table.Add("lambda", f)
	if _, err := w.client.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("g")}); err != nil {
		t.Fatal(err)
	}
	if err := w.subscribe(t, "first", pattern, functionARN("f")); err != nil {
		t.Fatal(err)
	}
	return w, f
}

func (w *world) subscribe(t *testing.T, name, pattern, destination string) error {
	t.Helper()
	_, err := w.client.PutSubscriptionFilter(t.Context(), &sdk.PutSubscriptionFilterInput{
		LogGroupName: aws.String("g"), FilterName: &name, FilterPattern: &pattern, DestinationArn: &destination,
	})
	return err
}

func parse(t *testing.T, m delivery.Message) events.CloudwatchLogsData {
	t.Helper()
	var event events.CloudwatchLogsEvent
	if err := json.Unmarshal(m.Body, &event); err != nil {
		t.Fatal(err)
	}
	data, err := event.AWSLogs.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	w, f := subscribed(t, `{ $.level = "ERROR" }`)
	w.put(t, "g", "s", start, `{"level":"INFO"}`+"\n", `{"level":"ERROR","text":"<ü>"}`+"\n", `{"level":"ERROR"}`)
	w.put(t, "other", "s", start, `{"level":"ERROR"}`)
	got := parse(t, f.await(t, 1)[0])
	found, err := w.client.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String("g")})
	if err != nil || len(found.Events) != 3 {
		t.Fatalf("got %+v, %v", found, err)
	}
	want := events.CloudwatchLogsData{
		Owner: here.Account, LogGroup: "g", LogStream: "s", SubscriptionFilters: []string{"first"}, MessageType: "DATA_MESSAGE",
		LogEvents: []events.CloudwatchLogsLogEvent{
			{ID: *found.Events[1].EventId, Timestamp: start.Add(time.Second).UnixMilli(), Message: `{"level":"ERROR","text":"<ü>"}` + "\n"},
			{ID: *found.Events[2].EventId, Timestamp: start.Add(2 * time.Second).UnixMilli(), Message: `{"level":"ERROR"}`},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What a client puts arrives as well; streams and filters have batches of their
// own.
func TestSubscriptionsOfOneGroup(t *testing.T) {
	t.Parallel()
	w, f := subscribed(t, "a")
	if err := w.subscribe(t, "second", "", functionARN("h")+":live"); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.subscribe(t, "third", "", functionARN("f")), "LimitExceededException", "Resource limit exceeded.")
	for _, stream := range []string{"s", "r"} {
		if _, err := w.client.CreateLogStream(t.Context(), &sdk.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: &stream}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.client.PutLogEvents(t.Context(), &sdk.PutLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: &stream, LogEvents: []types.InputLogEvent{
			{Timestamp: aws.Int64(start.UnixMilli()), Message: aws.String("a")}, {Timestamp: aws.Int64(start.UnixMilli()), Message: aws.String("b")},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	for _, m := range f.await(t, 4) {
		data, text := parse(t, m), ""
		for _, e := range data.LogEvents {
			text += e.Message
		}
		got[strings.Join(data.SubscriptionFilters, ",")+" "+data.LogStream+" "+strings.TrimPrefix(m.Target, functionARN(""))] = text
	}
	want := map[string]string{"first s f": "a", "first r f": "a", "second s h:live": "ab", "second r h:live": "ab"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A function is not led by its own log events to log more of them.
func TestSubscriptionDoesNotLoop(t *testing.T) {
	t.Parallel()
	w, f := subscribed(t, "")
	if err := w.subscribe(t, "second", "", functionARN("h")+":live"); err != nil {
		t.Fatal(err)
	}
	log := func(message string, cause ...string) {
		t.Helper()
		if err := w.Append(here, "g", "s", []logs.Event{{Time: start, Message: message, Cause: cause}}); err != nil {
			t.Fatal(err)
		}
	}
	log("fresh")
	log("by f", functionARN("f"))
	log("by h", functionARN("h"))
	log("by both", functionARN("f"), functionARN("h"))
	got := map[string]string{}
	for _, m := range f.await(t, 4) {
		got[parse(t, m).LogEvents[0].Message+" to "+m.Target] = strings.Join(m.Cause, " ")
	}
	want := map[string]string{
		"fresh to " + functionARN("f"): functionARN("f"), "fresh to " + functionARN("h") + ":live": functionARN("h"),
		"by f to " + functionARN("h") + ":live": functionARN("f") + " " + functionARN("h"), "by h to " + functionARN("f"): functionARN("h") + " " + functionARN("f"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := w.Close(t.Context()); err != nil || len(f.await(t, 4)) != 4 {
		t.Errorf("got %d events, %v", len(f.await(t, 4)), err)
	}
}

func TestLargeBatchesAreCut(t *testing.T) {
	t.Parallel()
	w, f := subscribed(t, "")
	var list []logs.Event
	for range 12 {
		list = append(list, logs.Event{Time: start, Message: strings.Repeat("x", 100<<10)})
	}
	if err := w.Append(here, "g", "s", list); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, m := range f.await(t, 3) {
		n := len(parse(t, m).LogEvents)
		if total += n; n > 5 {
			t.Errorf("a batch of %d events", n)
		}
	}
	if total != 12 {
		t.Errorf("got %d events", total)
	}
}

func TestSubscriptionRefused(t *testing.T) {
	t.Parallel()
	w, f := subscribed(t, "")
	for _, test := range []struct{ name, pattern, destination, code, want string }{
		{"a:b", "", functionARN("f"), "InvalidParameterException", "filterName"},
		{"n", "{ $.a", functionARN("f"), "InvalidParameterException", "Invalid filter pattern"},
		{"n", "", "arn:aws:kinesis:us-east-1:000000000000:stream/s", "InvalidParameterException", "does not deliver log events to arn:aws:kinesis"},
		{"n", "", "arn:aws:firehose:us-east-1:000000000000:deliverystream/s", "InvalidParameterException", "does not deliver log events to arn:aws:firehose"},
		{"n", "", "arn:aws:logs:us-east-1:111111111111:destination:d", "InvalidParameterException", "does not deliver log events to arn:aws:logs"},
		{"n", "", "f", "InvalidParameterException", "Invalid destinationArn"},
		{"n", "", "arn:aws:lambda:eu-west-1:000000000000:function:f", "InvalidParameterException", "region of the log group"},
		{"n", "", functionARN("none"), "InvalidParameterException", "Could not execute the lambda function"},
	} {
		wantError(t, w.subscribe(t, test.name, test.pattern, test.destination), test.code, test.want)
	}
	put := func(change func(*sdk.PutSubscriptionFilterInput)) error {
		in := &sdk.PutSubscriptionFilterInput{LogGroupName: aws.String("g"), FilterName: aws.String("n"), FilterPattern: aws.String(""), DestinationArn: aws.String(functionARN("f"))}
		change(in)
		_, err := w.client.PutSubscriptionFilter(t.Context(), in)
		return err
	}
	wantError(t, put(func(in *sdk.PutSubscriptionFilterInput) { in.RoleArn = aws.String("arn:aws:iam::000000000000:role/r") }), "InvalidParameterException", "cannot be used with roleArn")
	wantError(t, put(func(in *sdk.PutSubscriptionFilterInput) { in.ApplyOnTransformedLogs = true }), "InvalidParameterException", "log transformers")
	wantError(t, put(func(in *sdk.PutSubscriptionFilterInput) { in.EmitSystemFields = []string{"@aws.account"} }), "InvalidParameterException", "emitSystemFields")
	wantError(t, put(func(in *sdk.PutSubscriptionFilterInput) { in.LogGroupName = aws.String("h") }), "ResourceNotFoundException", "log group")
	if err := put(func(in *sdk.PutSubscriptionFilterInput) { in.Distribution = types.DistributionRandom }); err != nil {
		t.Error(err)
	}
	f.mu.Lock()
	f.principal = "logs.us-east-1.amazonaws.com" // as older templates have it
	f.mu.Unlock()
	if err := put(func(in *sdk.PutSubscriptionFilterInput) { in.FilterPattern = aws.String("x") }); err != nil {
		t.Error(err)
	}
	w.put(t, "g", "s", start, "x")
	if m := f.await(t, 1)[0]; m.Principal != "logs.us-east-1.amazonaws.com" {
		t.Errorf("got %+v", m)
	}
}

func TestSubscriptionsAreKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, f := open(t, dir, start), &functions{principal: "logs.amazonaws.com"}
	w.table.Add("lambda", f)
	if _, err := w.client.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("g")}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.subscribe(t, "b", "x", functionARN("f")), w.subscribe(t, "a", "y", functionARN("f")), w.subscribe(t, "b", "z", functionARN("h"))); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Flush(); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir, start)
	w.table.Add("lambda", f)
	list := func(prefix *string) string {
		out, err := w.client.DescribeSubscriptionFilters(t.Context(), &sdk.DescribeSubscriptionFiltersInput{LogGroupName: aws.String("g"), FilterNamePrefix: prefix})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, s := range out.SubscriptionFilters {
			if *s.CreationTime != start.UnixMilli() || *s.LogGroupName != "g" || s.Distribution != types.DistributionByLogStream {
				t.Errorf("got %+v", s)
			}
			all = append(all, *s.FilterName+"="+*s.FilterPattern+">"+strings.TrimPrefix(*s.DestinationArn, functionARN("")))
		}
		return strings.Join(all, " ")
	}
	if got := list(nil); got != "a=y>f b=z>h" {
		t.Errorf("got %s", got)
	}
	if got := list(aws.String("b")); got != "b=z>h" {
		t.Errorf("got %s", got)
	}
	w.put(t, "g", "s", start, "z")
	if m := f.await(t, 1)[0]; m.Target != functionARN("h") {
		t.Errorf("got %+v", m)
	}
	in := &sdk.DeleteSubscriptionFilterInput{LogGroupName: aws.String("g"), FilterName: aws.String("b")}
	if _, err := w.client.DeleteSubscriptionFilter(t.Context(), in); err != nil {
		t.Error(err)
	}
	_, err := w.client.DeleteSubscriptionFilter(t.Context(), in)
	wantError(t, err, "ResourceNotFoundException", "subscription filter")
	if got := list(nil); got != "a=y>f" {
		t.Errorf("got %s", got)
	}
}

func TestSubscriptionType(t *testing.T) {
	t.Parallel()
	w, _ := subscribed(t, "")
	kind, ctx := w.ResourceTypes()["AWS::Logs::SubscriptionFilter"], context.Background()
	properties := map[string]any{"LogGroupName": "g", "FilterPattern": "x", "DestinationArn": functionARN("f")}
	r := resource.Request{Scope: here, Properties: properties, DefaultName: func(int) string { return "stack-Filter-1" }}
	made, err := kind.Create(ctx, r)
	if err != nil || made.PhysicalID != "stack-Filter-1" {
		t.Fatalf("got %+v, %v", made, err)
	}
	if _, err := kind.Create(ctx, r); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("got %v", err)
	}
	r.Properties = map[string]any{"LogGroupName": "g", "FilterPattern": "y", "DestinationArn": functionARN("none")}
	if _, err := kind.Update(ctx, made, r); err == nil || !strings.Contains(err.Error(), "Could not execute the lambda function") {
		t.Errorf("got %v", err)
	}
	r.Properties["DestinationArn"] = functionARN("h")
	if _, err := kind.Update(ctx, made, r); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := kind.Delete(ctx, made, r); err != nil {
			t.Error(err)
		}
	}
	out, err := w.client.DescribeSubscriptionFilters(ctx, &sdk.DescribeSubscriptionFiltersInput{LogGroupName: aws.String("g")})
	if err != nil || len(out.SubscriptionFilters) != 1 {
		t.Errorf("got %+v, %v", out, err)
	}
	if faults := kind.Check(map[string]any{"LogGroupName": "g", "FilterPattern": "", "DestinationArn": "a", "RoleArn": "r"}); len(faults) != 1 || !strings.Contains(faults[0], "RoleArn") {
		t.Errorf("got %q", faults)
	}
}
