// SPDX-License-Identifier: MIT

package logs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/logs"
)

// filter returns the messages that FilterLogEvents finds, over all pages.
func (w *world) filter(t testing.TB, in sdk.FilterLogEventsInput) []string {
	t.Helper()
	if in.LogGroupName == nil {
		in.LogGroupName = aws.String("g")
	}
	var got []string
	ids := map[string]bool{}
	pages := sdk.NewFilterLogEventsPaginator(w.client, &in)
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			got = append(got, aws.ToString(e.Message))
			if id := aws.ToString(e.EventId); ids[id] || len(id) != 56 {
				t.Errorf("event id %q is not new or not 56 digits long", id)
			}
			ids[aws.ToString(e.EventId)] = true
		}
	}
	return got
}

func TestFilterLogEvents(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	w.put(t, "g", "s1", start, "one\n", "three ERROR", "five")
	w.put(t, "g", "s2", start.Add(500*time.Millisecond), "two", "four ERROR timeout")
	w.put(t, "g", "s3", start.Add(-time.Hour), "earlier")
	ms := func(d time.Duration) *int64 { return aws.Int64(start.Add(d).UnixMilli()) }
	for _, test := range []struct {
		name string
		in   sdk.FilterLogEventsInput
		want []string
	}{
		{"all, by time", sdk.FilterLogEventsInput{}, []string{"earlier", "one\n", "two", "three ERROR", "four ERROR timeout", "five"}},
		{"pages of one", sdk.FilterLogEventsInput{Limit: aws.Int32(1)}, []string{"earlier", "one\n", "two", "three ERROR", "four ERROR timeout", "five"}},
		{"pages of two", sdk.FilterLogEventsInput{Limit: aws.Int32(2), FilterPattern: aws.String("e")}, []string{"earlier", "one\n", "three ERROR", "four ERROR timeout", "five"}},
		{"times", sdk.FilterLogEventsInput{StartTime: ms(500 * time.Millisecond), EndTime: ms(time.Second)}, []string{"two", "three ERROR"}},
		{"pattern", sdk.FilterLogEventsInput{FilterPattern: aws.String("ERROR -timeout")}, []string{"three ERROR"}},
		{"streams", sdk.FilterLogEventsInput{LogStreamNames: []string{"s2", "s3"}}, []string{"earlier", "two", "four ERROR timeout"}},
		{"prefix", sdk.FilterLogEventsInput{LogStreamNamePrefix: aws.String("s2")}, []string{"two", "four ERROR timeout"}},
		{"by ARN", sdk.FilterLogEventsInput{LogGroupName: aws.String(""), LogGroupIdentifier: aws.String(here.Regional("logs", "log-group:g")), LogStreamNames: []string{"s3"}}, []string{"earlier"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, w.filter(t, test.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	_, err := w.client.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String("g"), LogStreamNames: []string{"none"}})
	wantError(t, err, "ResourceNotFoundException", "log stream")
	_, err = w.client.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String("g"), FilterPattern: aws.String(`{ $.a }`)})
	wantError(t, err, "InvalidParameterException", "Invalid filter pattern: there is no operator")
	_, err = w.client.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String("g"), NextToken: aws.String("x")})
	wantError(t, err, "InvalidParameterException", "nextToken")
}

func TestGetLogEvents(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	for i := range 10 {
		w.put(t, "g", "s", start.Add(time.Duration(i)*time.Second), fmt.Sprint(i))
	}
	get := func(in sdk.GetLogEventsInput) (string, *sdk.GetLogEventsOutput) {
		t.Helper()
		in.LogGroupName, in.LogStreamName = aws.String("g"), aws.String("s")
		out, err := w.client.GetLogEvents(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, e := range out.Events {
			b.WriteString(aws.ToString(e.Message))
		}
		return b.String(), out
	}
	check := func(name, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	got, out := get(sdk.GetLogEventsInput{Limit: aws.Int32(3), StartFromHead: aws.Bool(true)})
	check("from the head", got, "012")
	got, out = get(sdk.GetLogEventsInput{Limit: aws.Int32(3), NextToken: out.NextForwardToken})
	check("forward", got, "345")
	got, _ = get(sdk.GetLogEventsInput{Limit: aws.Int32(2), NextToken: out.NextBackwardToken})
	check("backward", got, "12")
	got, out = get(sdk.GetLogEventsInput{Limit: aws.Int32(4)})
	check("the latest", got, "6789")
	got, end := get(sdk.GetLogEventsInput{NextToken: out.NextForwardToken})
	check("behind the end", got, "")
	check("token at the end", aws.ToString(end.NextForwardToken), aws.ToString(out.NextForwardToken))
	w.put(t, "g", "s", start.Add(time.Minute), "new")
	got, _ = get(sdk.GetLogEventsInput{NextToken: end.NextForwardToken})
	check("what has arrived", got, "new")
	got, _ = get(sdk.GetLogEventsInput{StartTime: aws.Int64(start.Add(2 * time.Second).UnixMilli()), EndTime: aws.Int64(start.Add(4 * time.Second).UnixMilli())})
	check("between times", got, "23")
	_, err := w.client.GetLogEvents(t.Context(), &sdk.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("none")})
	wantError(t, err, "ResourceNotFoundException", "log stream")
	_, err = w.client.GetLogEvents(t.Context(), &sdk.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), NextToken: aws.String("f/x")})
	wantError(t, err, "InvalidParameterException", "nextToken")
}

// Events that arrive out of order are read in order.
func TestShuffledStream(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	w.put(t, "g", "s", start.Add(10*time.Second), "c", "d")
	w.put(t, "g", "s", start, "a", "b")
	w.put(t, "g", "s", start.Add(20*time.Second), "e")
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, w.filter(t, sdk.FilterLogEventsInput{Limit: aws.Int32(2)})); diff != "" {
		t.Error(diff)
	}
}

func TestPutLogEvents(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	w.createGroup(t, "g")
	put := func(events ...types.InputLogEvent) (*sdk.PutLogEventsOutput, error) {
		return w.client.PutLogEvents(t.Context(), &sdk.PutLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), LogEvents: events})
	}
	event := func(after time.Duration, message string) types.InputLogEvent {
		return types.InputLogEvent{Timestamp: aws.Int64(start.Add(after).UnixMilli()), Message: &message}
	}
	_, err := put(event(0, "x"))
	wantError(t, err, "ResourceNotFoundException", "log stream")
	if _, err := w.client.CreateLogStream(t.Context(), &sdk.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")}); err != nil {
		t.Fatal(err)
	}
	out, err := put(event(-15*24*time.Hour, "old"), event(0, "line\nline <&> \u2028 ä \x00"), event(3*time.Hour, "new"))
	if err != nil {
		t.Fatal(err)
	}
	if r := out.RejectedLogEventsInfo; r == nil || aws.ToInt32(r.TooOldLogEventEndIndex) != 1 || aws.ToInt32(r.TooNewLogEventStartIndex) != 2 {
		t.Errorf("rejected %+v", r)
	}
	if diff := cmp.Diff([]string{"line\nline <&> \u2028 ä \x00"}, w.filter(t, sdk.FilterLogEventsInput{})); diff != "" {
		t.Error(diff)
	}
	_, err = put(event(1, "x"), event(-time.Second, "y"))
	wantError(t, err, "InvalidParameterException", "chronological order")
	_, err = put(event(0, ""))
	wantError(t, err, "InvalidParameterException", "message")
	_, err = put(event(0, strings.Repeat("x", 1<<20)))
	wantError(t, err, "InvalidParameterException", "Upload too large")
}

func TestRetention(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, start)
	w.put(t, "g", "old", start, "1", "2")
	w.put(t, "g", "both", start, "3")
	w.put(t, "g", "both", start.Add(48*time.Hour), "4")
	if _, err := w.client.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String("g"), RetentionInDays: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	w.now = start.Add(49 * time.Hour)
	if diff := cmp.Diff([]string{"4"}, w.filter(t, sdk.FilterLogEventsInput{})); diff != "" {
		t.Errorf("after retention (-want +got):\n%s", diff)
	}
	w.close(t)
	before, err := filepath.Glob(filepath.Join(dir, "logs", "*", "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	open(t, dir, w.now)
	after, err := filepath.Glob(filepath.Join(dir, "logs", "*", "*.log"))
	if err != nil || len(before) != 2 || len(after) != 1 {
		t.Errorf("files: %d, then %d, %v; want the expired one removed", len(before), len(after), err)
	}
}

// What a killed process has left is put right: half a line, and files of which
// no document tells.
func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, start)
	w.put(t, "g", "s", start, "whole")
	w.close(t)
	files, err := filepath.Glob(filepath.Join(dir, "logs", "*", "*.log"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	f, err := os.OpenFile(files[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`1764000000000 1764000000000 "ha`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	stale := filepath.Join(dir, "logs", "stale")
	if err := os.Mkdir(stale, 0o700); err != nil {
		t.Fatal(err)
	}

	w = open(t, dir, start)
	if diff := cmp.Diff([]string{"whole"}, w.filter(t, sdk.FilterLogEventsInput{})); diff != "" {
		t.Error(diff)
	}
	w.put(t, "g", "s", start.Add(time.Second), "next")
	if diff := cmp.Diff([]string{"whole", "next"}, w.filter(t, sdk.FilterLogEventsInput{})); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(stale); !os.IsNotExist(err) {
		t.Errorf("the stale directory is still there: %v", err)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	var heard []logs.Record
	w.Tail(func(r logs.Record) { heard = append(heard, r) })
	w.put(t, "g", "s", start, "a", "b")
	w.put(t, "h", "r", start.Add(time.Hour), "c")
	want := []logs.Record{
		{Group: "g", Stream: "s", Time: start, Message: "a"},
		{Group: "g", Stream: "s", Time: start.Add(time.Second), Message: "b"},
		{Group: "h", Stream: "r", Time: start.Add(time.Hour), Message: "c"},
	}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

func TestConcurrentAppend(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				event := logs.Event{Time: start.Add(time.Duration(j) * time.Millisecond), Message: fmt.Sprintf("%d %d", i, j)}
				if err := w.Append(here, "g", fmt.Sprint("s", i%4), []logs.Event{event}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			w.filter(t, sdk.FilterLogEventsInput{})
		}
	})
	wg.Wait()
	got := w.filter(t, sdk.FilterLogEventsInput{Limit: aws.Int32(33)})
	unique := map[string]bool{}
	for _, message := range got {
		unique[message] = true
	}
	if len(got) != 400 || len(unique) != 400 {
		t.Errorf("%d events, %d different, want 400", len(got), len(unique))
	}
}

func BenchmarkAppend(b *testing.B) {
	w := open(b, b.TempDir(), start)
	for b.Loop() {
		w.put(b, "g", "s", start, "START RequestId: 8f2c1b6e-4a4d-4a55-9c0f-6e0f6f0d7c11 Version: $LATEST")
	}
}
