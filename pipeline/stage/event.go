// SPDX-License-Identifier: MIT

package stage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/rs/zerolog"
)

// Event is one step of a stack operation, as CloudFormation reports it.
type Event struct {
	ID         string
	Time       time.Time
	LogicalID  string
	PhysicalID string
	Type       string // such as AWS::Lambda::Function
	Status     string // such as CREATE_FAILED
	Reason     string
}

// ofStack reports whether the event is about the stack as a whole.
func (e Event) ofStack() bool { return e.Type == "AWS::CloudFormation::Stack" }

// failed reports whether the event is a failure with a cause of its own: those
// that CloudFormation cancels because another resource failed say nothing.
func (e Event) failed() bool {
	return strings.HasSuffix(e.Status, "_FAILED") && !e.ofStack() && !e.cancelled()
}

// cancelled recognises CloudFormation's own words, such as "Resource creation
// cancelled", which a resource's reason may also hold by chance.
func (e Event) cancelled() bool {
	return strings.HasPrefix(e.Reason, "Resource ") && strings.HasSuffix(strings.TrimRight(e.Reason, "."), " cancelled")
}

type stackFollower interface {
	stackDescriber
	DescribeStackEvents(context.Context, *cloudformation.DescribeStackEventsInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error)
}

// follower watches one operation on a stack until it ends.
type follower struct {
	client stackFollower
	name   string // of the stack
	id     string // ARN of the stack
	seen   string // ID of the newest event that is known
	pace   Pace
	report func(Event) // may be nil
	moving bool        // the operation is known to have begun
	events []Event     // of the operation, oldest first
}

// rest waits until an operation that somebody began earlier has ended. Its
// events were told by who began it.
func (f *follower) rest(ctx context.Context) (Stack, error) {
	f.moving = true
	f.mark(ctx)
	return f.follow(ctx)
}

// mark remembers the newest event, so that only later ones count. Where the
// events can't be read, all of them count.
func (f *follower) mark(ctx context.Context) {
	out, err := f.client.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &f.id})
	if err != nil {
		zerolog.Ctx(ctx).Debug().Err(err).Msg("read stack events")
		return
	}
	if len(out.StackEvents) > 0 {
		f.seen = aws.ToString(out.StackEvents[0].EventId)
	}
}

// staleLooks is how many looks may show the state from before an operation
// that has just begun.
const staleLooks = 10

// settled reports whether a look shows the end of the operation. For a while
// after its begin CloudFormation may show the state from before, so that the
// newest event of the stack has to tell the same state. Where there are no
// events to be read, enough looks make up for them.
func (f *follower) settled(stack Stack, look int) bool {
	if isMoving(stack.Status) || stack.Status == types.StackStatusReviewInProgress {
		return false
	}
	if f.moving || look >= staleLooks {
		return true
	}
	for _, e := range slices.Backward(f.events) {
		if e.ofStack() && e.PhysicalID == f.id {
			return e.Status == string(stack.Status)
		}
	}
	return false
}

// follow polls until CloudFormation is no longer at work on the stack. An
// answer that can't be read, such as a throttled one, never ends it: only the
// stack's state does, or ctx, whose cause is returned.
func (f *follower) follow(ctx context.Context) (Stack, error) {
	for n := 0; ; n++ {
		stack, err := describeStack(ctx, f.client, f.name, f.id)
		f.collect(ctx) // after the state, so that the last events are among them
		switch {
		case ctx.Err() != nil:
			return Stack{}, context.Cause(ctx)
		case isExpired(err):
			return Stack{}, withHint(fmt.Errorf("follow stack %q: %w", f.name, plain(err)),
				"the stack goes on by itself: log in again and run `sparta up` to see how it ended")
		case err != nil:
			zerolog.Ctx(ctx).Debug().Err(err).Msg("status unknown, asking again")
		case !stack.Exists():
			return stack, nil
		case f.settled(stack, n):
			return stack, nil
		}
		if err := f.pace.wait(ctx, n); err != nil {
			return Stack{}, err
		}
	}
}

// collect reads the events since the last look.
func (f *follower) collect(ctx context.Context) {
	var fresh []Event
	input := &cloudformation.DescribeStackEventsInput{StackName: &f.id}
	for {
		out, err := f.client.DescribeStackEvents(ctx, input)
		if err != nil {
			zerolog.Ctx(ctx).Debug().Err(err).Msg("read stack events")
			return // a later look finds them
		}
		for _, e := range out.StackEvents {
			if aws.ToString(e.EventId) == f.seen {
				f.add(fresh)
				return
			}
			fresh = append(fresh, newEvent(e))
		}
		if out.NextToken == nil {
			f.add(fresh)
			return
		}
		input.NextToken = out.NextToken
	}
}

// add takes events, newest first, into the record.
func (f *follower) add(fresh []Event) {
	if len(fresh) == 0 {
		return
	}
	f.seen = fresh[0].ID
	for _, e := range slices.Backward(fresh) {
		f.events = append(f.events, e)
		if f.report != nil {
			f.report(e)
		}
	}
}

func newEvent(e types.StackEvent) Event {
	return Event{
		ID:         aws.ToString(e.EventId),
		Time:       aws.ToTime(e.Timestamp),
		LogicalID:  aws.ToString(e.LogicalResourceId),
		PhysicalID: aws.ToString(e.PhysicalResourceId),
		Type:       aws.ToString(e.ResourceType),
		Status:     string(e.ResourceStatus),
		Reason:     aws.ToString(e.ResourceStatusReason),
	}
}

// isExpired reports whether the credentials ran out, which no retry mends.
func isExpired(err error) bool {
	code, _ := apiError(err)
	return code == "ExpiredToken" || code == "ExpiredTokenException"
}

// rootCause returns the oldest failure that has a cause of its own.
func (f *follower) rootCause() (Event, bool) {
	for _, e := range f.events {
		if e.failed() {
			return e, true
		}
	}
	return Event{}, false
}

// failure returns the error for an operation that ended in the wrong state.
func (f *follower) failure(stack Stack, blame func(Event) error) error {
	if cause, ok := f.rootCause(); ok {
		return blame(cause)
	}
	reason := ""
	for _, e := range f.events {
		if e.ofStack() && (strings.Contains(e.Status, "ROLLBACK") || strings.HasSuffix(e.Status, "_FAILED")) {
			reason = cmp.Or(reason, e.Reason)
		}
	}
	reason = cmp.Or(reason, stack.Reason, "CloudFormation gives no reason")
	return fmt.Errorf("stack %q ended in %s: %s", f.name, stack.Status, reason)
}
