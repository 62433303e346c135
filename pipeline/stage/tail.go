// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/sparta-up/sparta/pipeline"
)

// LogEvent is one event of a function's log.
type LogEvent struct {
	Time     time.Time // UTC, to the millisecond
	Function string    // name in sparta.yaml
	Stream   string    // the log stream: of the execution environment that wrote it
	Message  string    // without the line feed at its end
}

// Tail shows what functions have logged, oldest event first. Following, it goes
// on with what arrives until the context ends, which is then no error.
type Tail struct {
	Project   pipeline.Result[Project]
	Session   pipeline.Result[Session]
	Functions []string             // names in sparta.yaml; none: all of the service
	Since     time.Time            // of the oldest event
	Pattern   string               // filter pattern of CloudWatch Logs; empty: every event
	Follow    bool                 // go on
	Pace      time.Duration        // between two looks at all logs when following; 0: a second, or more for many functions
	Show      func(LogEvent) error // takes each event; its error ends the stage
}

// Title returns the words of the box.
func (*Tail) Title() string { return "Read Function Logs" }

// Run reads, shows and returns the number of events shown.
func (t *Tail) Run(ctx context.Context) (int, error) {
	journals, err := t.journals()
	if err != nil {
		return 0, err
	}
	return t.follow(ctx, journals)
}

// follow looks once or, following, again and again.
func (t *Tail) follow(ctx context.Context, journals []*journal) (shown int, err error) {
	for {
		n, err := t.look(ctx, journals)
		shown += n
		switch {
		case t.Follow && ctx.Err() != nil:
			return shown, nil
		case err != nil, !t.Follow:
			return shown, err
		}
		select {
		case <-ctx.Done():
			return shown, nil
		case <-time.After(t.pace(len(journals))):
		}
	}
}

// look shows, in order of time, what the journals have beyond what was shown.
func (t *Tail) look(ctx context.Context, journals []*journal) (shown int, err error) {
	for event, err := range byTime(ctx, journals) {
		if err == nil {
			err = t.Show(event)
		}
		if err != nil {
			return shown, err
		}
		shown++
	}
	return shown, nil
}

// pace is the time between two looks. FilterLogEvents may be called five times
// a second in an account and region, by all callers together (CloudWatch Logs
// quotas).
func (t *Tail) pace(journals int) time.Duration {
	const perSecond = 2
	if t.Pace > 0 {
		return t.Pace
	}
	return max(time.Second, time.Duration(journals)*time.Second/perSecond)
}

// journals returns the logs to read.
func (t *Tail) journals() ([]*journal, error) {
	service, names := t.Project.Get().Service, t.Functions
	if len(names) == 0 {
		names = functionNames(service)
	}
	var journals []*journal
	for _, name := range distinct(names) {
		if err := knownFunction(service, name); err != nil {
			return nil, err
		}
		journals = append(journals, &journal{
			client: t.Session.Get().Clients.Logs, function: name, group: LogGroupName(service.Name, name),
			pattern: t.Pattern, from: t.Since, seen: map[string]time.Time{},
		})
	}
	return journals, nil
}

// distinct returns names without those that stand there before.
func distinct(names []string) []string {
	var once []string
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] {
			once = append(once, name)
		}
		seen[name] = true
	}
	return once
}

type logReader interface {
	FilterLogEvents(context.Context, *cloudwatchlogs.FilterLogEventsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error)
}
