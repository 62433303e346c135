// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/pipeline"
)

var midnight = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)

// groups is CloudWatch Logs with events by log group, two on a page.
type groups map[string][]entry

type entry struct {
	second  int // after midnight
	message string
}

func (g groups) FilterLogEvents(_ context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	all, ok := g[*in.LogGroupName]
	if !ok {
		return nil, &smithy.GenericAPIError{Code: "ResourceNotFoundException", Message: "The specified log group does not exist."}
	}
	skip, _ := strconv.Atoi(aws.ToString(in.NextToken))
	var out cloudwatchlogs.FilterLogEventsOutput
	for i, e := range slices.SortedStableFunc(slices.Values(all), func(a, b entry) int { return a.second - b.second }) {
		at := midnight.Add(time.Duration(e.second) * time.Second).UnixMilli()
		if i < skip || at < *in.StartTime {
			continue
		}
		if len(out.Events) == 2 {
			out.NextToken = aws.String(strconv.Itoa(i))
			break
		}
		out.Events = append(out.Events, types.FilteredLogEvent{
			EventId: aws.String(*in.LogGroupName + e.message), Timestamp: &at, LogStreamName: aws.String("s"), Message: aws.String(e.message + "\n"),
		})
	}
	return &out, nil
}

// told are the messages of events.
type told []string

func (l *told) show(e LogEvent) error {
	*l = append(*l, e.Function+" "+e.Message)
	return nil
}

func journalsOf(g groups, since time.Time, names ...string) []*journal {
	var all []*journal
	for _, name := range names {
		all = append(all, &journal{client: g, function: name, group: name, from: since, seen: map[string]time.Time{}})
	}
	return all
}

// TestTailOrder: the events of all functions come in order of time, over any
// number of pages, and none from before.
func TestTailOrder(t *testing.T) {
	t.Parallel()
	g := groups{
		"a": {{1, "early"}, {10, "1"}, {13, "4"}, {14, "5"}, {20, "7"}},
		"b": {{11, "2"}, {12, "3"}, {15, "6"}},
		"c": {},
	}
	var got told
	n, err := (&Tail{Show: got.show}).look(t.Context(), journalsOf(g, midnight.Add(10*time.Second), "a", "b", "c"))
	if err != nil || n != 7 {
		t.Fatalf("look: %d, %v", n, err)
	}
	if diff := cmp.Diff(told{"a 1", "b 2", "b 3", "a 4", "a 5", "b 6", "a 7"}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestTailOnce: no event is shown twice, and one that arrives late is shown.
func TestTailOnce(t *testing.T) {
	t.Parallel()
	g := groups{"a": {{100, "first"}}}
	journals, tail := journalsOf(g, midnight, "a"), &Tail{}
	for _, step := range []struct {
		name   string
		arrive []entry
		want   told
	}{
		{"from the beginning", nil, told{"a first"}},
		{"nothing new", nil, nil},
		{"newer ones", []entry{{101, "second"}, {140, "third"}}, told{"a second", "a third"}},
		{"one that is late", []entry{{130, "late"}}, told{"a late"}},
		{"nothing more", nil, nil},
	} {
		g["a"] = append(g["a"], step.arrive...)
		var got told
		tail.Show = got.show
		if _, err := tail.look(t.Context(), journals); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	if n := len(journals[0].seen); n > 3 {
		t.Errorf("%d events are kept in mind, most of them too old to come again", n)
	}
}

func TestTailFaults(t *testing.T) {
	t.Parallel()
	full := errors.New("write: no space left on device")
	for _, test := range []struct {
		name, pattern string
		groups        groups
		show          func(LogEvent) error
		says, hint    string
	}{
		{"not deployed", "", groups{}, nil, `function "a" has no log: it is not deployed`, "sparta up"},
		{"cannot be shown", "", groups{"a": {{1, "x"}}}, func(LogEvent) error { return full }, full.Error(), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := (&Tail{Show: test.show}).look(t.Context(), journalsOf(test.groups, midnight, "a"))
			wantError(t, err, test.says)
			if !strings.Contains(hintOf(err), test.hint) {
				t.Errorf("hint: got %q, want %q in it", hintOf(err), test.hint)
			}
		})
	}
}

// TestTailFunctions: what is asked for is read, each log once.
func TestTailFunctions(t *testing.T) {
	t.Parallel()
	s := service(t, "serviceName: orders\nfunctions:\n  hello: {handler: ./h.Hello}\n  other: {handler: ./h.Other}\n")
	for _, test := range []struct {
		ask, want []string
		says      string
	}{
		{nil, []string{"/sparta/orders/hello", "/sparta/orders/other"}, ""},
		{[]string{"other", "other"}, []string{"/sparta/orders/other"}, ""},
		{[]string{"otter"}, nil, `service "orders" has no function "otter"`},
	} {
		journals, err := (&Tail{Project: projectOf(s), Session: pipeline.Known(Session{}), Functions: test.ask}).journals()
		if test.says != "" {
			wantError(t, err, test.says)
			continue
		}
		var got []string
		for _, j := range journals {
			got = append(got, j.group)
		}
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%v: %v\n%s", test.ask, err, diff)
		}
	}
}

// TestTailPace keeps below what AWS allows.
func TestTailPace(t *testing.T) {
	t.Parallel()
	for journals, want := range map[int]time.Duration{1: time.Second, 2: time.Second, 20: 10 * time.Second} {
		if got := (&Tail{}).pace(journals); got != want {
			t.Errorf("%d logs: got %v, want %v", journals, got, want)
		}
	}
}

// TestTailEnds: the end of the context is how following ends, also in the
// middle of a pause.
func TestTailEnds(t *testing.T) {
	t.Parallel()
	s := service(t, "serviceName: orders\nfunctions:\n  hello: {handler: ./h.Hello}\n")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		tail := &Tail{Project: projectOf(s), Session: pipeline.Known(Session{}), Functions: []string{}, Follow: true, Pace: time.Minute}
		var got told
		tail.Show = got.show
		g := groups{"hello": {{1, "x"}}}
		shown, err := tail.follow(ctx, journalsOf(g, midnight, "hello"))
		if err != nil || shown != 1 || len(got) != 1 {
			t.Errorf("got %d events, %v", shown, err)
		}
	})
}
