// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// lateness is how long after newer ones an event may still arrive: CloudWatch
// Logs takes some seconds to make events readable, each stream for itself.
const lateness = 15 * time.Second

// journal is the log of one function, as far as it was read.
type journal struct {
	client   logReader
	function string
	group    string
	pattern  string
	from     time.Time            // of the oldest event that may not have been read
	seen     map[string]time.Time // times of the events read since from, by id
}

// unread yields the events that have not been read, oldest first.
func (j *journal) unread(ctx context.Context) iter.Seq2[LogEvent, error] {
	return func(yield func(LogEvent, error) bool) {
		in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &j.group, StartTime: aws.Int64(j.from.UnixMilli())}
		if j.pattern != "" {
			in.FilterPattern = &j.pattern
		}
		for {
			out, err := j.client.FilterLogEvents(ctx, in)
			if err != nil {
				yield(LogEvent{}, j.fault(ctx, err))
				return
			}
			for _, e := range out.Events {
				if event, fresh := j.take(e); fresh && !yield(event, nil) {
					return
				}
			}
			j.forget()
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return
			}
		}
	}
}

// take remembers an event and reports whether it is a new one.
func (j *journal) take(e types.FilteredLogEvent) (event LogEvent, fresh bool) {
	id, at := aws.ToString(e.EventId), time.UnixMilli(aws.ToInt64(e.Timestamp)).UTC()
	if _, seen := j.seen[id]; seen {
		return LogEvent{}, false
	}
	j.seen[id] = at
	return LogEvent{
		Time: at, Function: j.function, Stream: aws.ToString(e.LogStreamName),
		Message: strings.TrimRight(aws.ToString(e.Message), "\r\n"),
	}, true
}

// forget moves on: the next look begins shortly before the newest event.
func (j *journal) forget() {
	for _, at := range j.seen {
		if since := at.Add(-lateness); since.After(j.from) {
			j.from = since
		}
	}
	for id, at := range j.seen {
		if at.Before(j.from) {
			delete(j.seen, id)
		}
	}
}

func (j *journal) fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	switch code, message := apiError(err); code {
	case "ResourceNotFoundException":
		return withHint(fmt.Errorf("function %q has no log: it is not deployed", j.function), "deploy the service first with `sparta up`")
	case "InvalidParameterException":
		if j.pattern != "" {
			return withHint(fmt.Errorf("filter pattern %q: %s", j.pattern, message),
				"a pattern is words, \"quoted text\" or { $.key = value }: see Filter pattern syntax in the CloudWatch Logs User Guide")
		}
	}
	return fmt.Errorf("read the log of function %q: %w", j.function, plain(err))
}

// byTime merges what the journals have, oldest first.
func byTime(ctx context.Context, journals []*journal) iter.Seq2[LogEvent, error] {
	return func(yield func(LogEvent, error) bool) {
		heads := make([]*head, 0, len(journals))
		for _, j := range journals {
			next, stop := iter.Pull2(j.unread(ctx))
			defer stop()
			heads = append(heads, &head{next: next})
		}
		for {
			oldest := oldestOf(heads)
			if oldest == nil {
				return
			}
			if !yield(oldest.event, oldest.err) || oldest.err != nil {
				return
			}
			oldest.full = false
		}
	}
}

// head is what comes next of one journal.
type head struct {
	next  func() (LogEvent, error, bool)
	full  bool // event and err are what comes next
	done  bool
	event LogEvent
	err   error
}

// fill takes the next event unless there is one, and reports whether there is.
func (h *head) fill() bool {
	if !h.full && !h.done {
		h.event, h.err, h.full = h.next()
		h.done = !h.full
	}
	return h.full
}

// oldestOf returns the head whose event is next, or nil at the end of all. A
// journal that can't be read comes first.
func oldestOf(heads []*head) *head {
	var oldest *head
	for _, h := range heads {
		switch {
		case !h.fill():
		case h.err != nil:
			return h
		case oldest == nil || h.event.Time.Before(oldest.event.Time):
			oldest = h
		}
	}
	return oldest
}
