// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// maxLooked is up to how many functions and sources circles of events are looked
// for: a stack has no more resources.
const maxLooked = maxResources

// loops is who may put something into which feeds.
type loops struct {
	feeds   []feed
	fills   map[string][]int // feeds by the function that may send to them
	results map[string][]int // the same for results of asynchronous events
	next    [][]int          // by feed: those that its function may send to when it calls
}

// loops warns of functions that may be called by what they send themselves, or
// by way of others. What is said elsewhere is not said again: of a function that
// writes into the bucket which calls it, and of circles of logs or destinations
// alone.
func (d *decoder) loops(s *Service) {
	if len(s.Functions) > maxLooked {
		return
	}
	feeds := d.feeds(s)
	if len(feeds) > maxLooked {
		return
	}
	l := loops{feeds: feeds, fills: map[string][]int{}, results: map[string][]int{}}
	for _, f := range s.Functions {
		if f.RecursiveLoop != "Allow" {
			l.add(f)
		}
	}
	var circles [][]int
	for i := range l.feeds {
		l.next = append(l.next, l.after(i))
	}
	for i := range l.feeds {
		if circle := l.circle(i); circle != nil && !l.known(circle) {
			circles = append(circles, circle)
		}
	}
	slices.SortStableFunc(circles, func(a, b []int) int { return len(a) - len(b) })
	said := make([]bool, len(l.feeds))
	for _, circle := range circles {
		last := circle[len(circle)-1]
		if !said[last] {
			d.warn(l.feeds[last].at, diag.EventLoop, l.message(circle), l.hint(circle))
		}
		for _, i := range circle {
			said[i] = true
		}
	}
}

// add notes what a function may send to.
func (l *loops) add(f Function) {
	may := sending(f.Permissions)
	for i, one := range l.feeds {
		if one.log == f.Name || slices.ContainsFunc(may[one.service], one.fedBy) {
			l.fills[f.Name] = append(l.fills[f.Name], i)
		}
		if one.same(f.DeadLetter) || f.Destinations != nil && (one.same(f.Destinations.OnSuccess) || one.same(f.Destinations.OnFailure)) {
			l.results[f.Name] = append(l.results[f.Name], i)
		}
	}
}

// after are the feeds that a function may send to when a feed calls it.
func (l *loops) after(i int) []int {
	f := l.feeds[i]
	all := slices.Clip(l.fills[f.function])
	if f.pushed {
		all = append(all, l.results[f.function]...)
	}
	if f.failed == nil {
		return all
	}
	for j, one := range l.feeds {
		if one.same(f.failed) {
			all = append(all, j)
		}
	}
	return all
}

// circle is the shortest way from a feed through functions back to it, as the
// feeds on it in their order, the one itself at last; nil if there is none.
func (l *loops) circle(from int) []int {
	const unseen = -1
	before := slices.Repeat([]int{unseen}, len(l.feeds))
	queue := []int{from}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, next := range l.next[at] {
			if before[next] != unseen {
				continue
			}
			before[next] = at
			if next != from {
				queue = append(queue, next)
				continue
			}
			circle := []int{from}
			for ; at != from; at = before[at] {
				circle = append(circle, at)
			}
			slices.Reverse(circle[1:])
			return append(circle[1:], from)
		}
	}
	return nil
}

// known reports whether a circle has a warning of its own.
func (l *loops) known(circle []int) bool {
	if len(circle) == 1 && l.feeds[circle[0]].service == "s3" {
		return true
	}
	return !slices.ContainsFunc(circle, func(i int) bool { return l.feeds[i].log == "" }) ||
		!slices.ContainsFunc(circle, func(i int) bool { return l.feeds[i].service != "lambda" })
}

// message shows the circle from the function that the feed calls.
func (l *loops) message(circle []int) string {
	first := l.feeds[circle[len(circle)-1]].function
	way := []string{first}
	for _, i := range circle {
		if label := l.feeds[i].label; label != "" {
			way = append(way, label)
		}
		way = append(way, l.feeds[i].function)
	}
	what := "events may go round without end"
	if len(circle) == 1 {
		what = "the function may send to what calls it, and so call itself without end"
	}
	return what + ": " + strings.Join(way, " -> ")
}

// hint says what to do about a circle. Lambda notices those through some
// services only. Source: "Use Lambda recursive loop detection to prevent infinite loops",
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
func (l *loops) hint(circle []int) string {
	names := map[string]string{"kinesis": "Kinesis", "dynamodb": "DynamoDB", "events": "EventBridge", "logs": "CloudWatch Logs"}
	var unnoticed []string
	apart := "send elsewhere"
	for _, i := range circle {
		service := l.feeds[i].service
		if name := names[service]; name != "" && !slices.Contains(unnoticed, name) {
			unnoticed = append(unnoticed, name)
		}
		if service == "events" {
			apart = "allow other events only, by when: {StringEquals: {events:source: name}}"
		}
	}
	if unnoticed == nil {
		return apart + ", or write recursiveLoop: allow if that is meant: otherwise Lambda stops it after about 16 rounds"
	}
	return fmt.Sprintf("%s, or filter what comes back: Lambda does not notice a circle through %s; recursiveLoop: allow says that it is meant",
		apart, strings.Join(unnoticed, " and "))
}
