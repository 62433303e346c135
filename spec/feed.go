// SPDX-License-Identifier: MIT

package spec

import (
	"reflect"
	"slices"
	"strings"
)

// feed is a source of events that functions may put something into.
type feed struct {
	at       *node
	function string // that it calls
	service  string // in ARNs, such as sqs
	label    string // for messages; "" of a function
	source   Source
	text     string // its ARN as far as it is known, with holes; "" if it is not
	pushed   bool   // it calls asynchronously, so that results go to destinations
	failed   *Source
	takes    func(Permission) bool // what is put in by that permission comes out again; nil: yes
	log      string                // function whose log it is, "" for none
}

// sendingActions are the IAM actions that put something into a source of events,
// by the service of the source.
func sendingActions() map[string][]string {
	return map[string][]string{
		"sqs": {"sendmessage"}, "sns": {"publish"}, "kinesis": {"putrecord", "putrecords"}, "events": {"putevents"}, "logs": {"putlogevents"},
		"dynamodb": {"putitem", "updateitem", "deleteitem", "batchwriteitem", "partiqlinsert", "partiqlupdate", "partiqldelete"},
	}
}

// feeds are the sources of a service that functions may put something into, but
// for those that are off and those whose filter chooses: that filter may be what
// keeps a function from being called by itself.
func (d *decoder) feeds(s *Service) []feed {
	var all []feed
	for _, f := range s.Functions {
		if f.RecursiveLoop == "Allow" {
			continue
		}
		for i, e := range f.Events {
			if e.source() == nil {
				continue
			}
			at := d.find(eventPath(f.Name, i)).only()
			for _, one := range d.feedsOf(e) {
				one.at, one.function = at, f.Name
				all = append(all, one)
			}
		}
	}
	return append(all, d.relayFeeds(s)...)
}

// relayFeeds are the functions that get the results of others.
func (d *decoder) relayFeeds(s *Service) []feed {
	var all []feed
	for _, f := range s.Functions {
		if f.Destinations == nil {
			continue
		}
		for _, to := range []*Source{f.Destinations.OnSuccess, f.Destinations.OnFailure} {
			if to != nil && to.Function != "" && !slices.ContainsFunc(all, func(other feed) bool { return other.function == to.Function }) {
				at := d.find([]string{"functions", f.Name, "destinations"})
				all = append(all, feed{at: at, function: to.Function, service: "lambda", source: *to, pushed: true})
			}
		}
	}
	return slices.DeleteFunc(all, func(f feed) bool {
		return slices.ContainsFunc(s.Functions, func(g Function) bool { return g.Name == f.function && g.RecursiveLoop == "Allow" })
	})
}

// feedsOf are the feeds of one source.
func (d *decoder) feedsOf(e Event) []feed {
	switch {
	case e.SQS != nil && e.SQS.Enabled && e.SQS.Filters == nil:
		return []feed{d.feed("sqs", e.SQS.Queue, "QueueName", "")}
	case e.SNS != nil && e.SNS.Filter == nil:
		topic := d.feed("sns", e.SNS.Topic, "TopicName", "")
		topic.pushed = e.SNS.Queue == nil
		if topic.pushed || e.SNS.Mapped {
			return []feed{topic}
		}
		return []feed{topic, d.feed("sqs", *e.SNS.Queue, "QueueName", "")}
	case e.Kinesis != nil && e.Kinesis.Enabled && e.Kinesis.Filters == nil:
		stream := d.feed("kinesis", e.Kinesis.Stream, "Name", "stream/")
		stream.failed = e.Kinesis.OnFailure
		return []feed{stream}
	case e.DynamoDB != nil && e.DynamoDB.Enabled && e.DynamoDB.Filters == nil:
		table := d.feed("dynamodb", e.DynamoDB.Table, "TableName", "table/")
		table.failed = e.DynamoDB.OnFailure
		return []feed{table}
	case e.EventBridge != nil && e.EventBridge.Enabled && !ofAWS(e.EventBridge.Pattern):
		return []feed{d.busFeed(e.EventBridge)}
	case e.S3 != nil && slices.ContainsFunc(e.S3.Events, func(event string) bool { return eventsOverlap(event, objectCreated) }):
		bucket := d.feed("s3", e.S3.Bucket, "BucketName", "")
		bucket.pushed = true
		bucket.takes = func(p Permission) bool { return d.writes(p, e.S3) }
		return []feed{bucket}
	case e.Logs != nil && e.Logs.Filter == "":
		return []feed{d.logFeed(e.Logs)}
	}
	return nil
}

// feed is a source that AWS knows by ARN. The property and what stands before it
// make the last part of the ARN of one of resources.
func (d *decoder) feed(service string, s Source, property, before string) feed {
	f := feed{service: service, source: s, label: s.ID}
	text, _ := s.ARN.(string)
	text, _, _ = strings.Cut(text, "/stream/")
	if service == "kinesis" {
		text, _ = s.ARN.(string) // whose ARN has a stream in it
	}
	if name := d.literal(d.property(s.ID, property)); name != "" {
		text = "arn:" + hole + ":" + service + ":" + hole + ":" + hole + ":" + before + name
	}
	f.text = text
	if f.label == "" {
		f.label = text[strings.LastIndexAny(text, ":/")+1:]
	}
	if f.label == "" {
		f.label = "its source"
	}
	return f
}

// busFeed is an event bus, which is known by its name as well.
func (d *decoder) busFeed(r *RuleEvent) feed {
	bus := Source{ID: r.Bus.ID, ARN: r.Bus.Value}
	name, literal := r.Bus.Value.(string)
	if literal && !strings.HasPrefix(name, "arn:") {
		bus.ARN = "arn:" + hole + ":events:" + hole + ":" + hole + ":event-bus/" + name
	}
	f := d.feed("events", bus, "Name", "event-bus/")
	if bus.ID == "" {
		f.label = "event bus " + f.label
	}
	f.pushed = true
	f.takes = func(p Permission) bool { return mayMatch(p.When, r.Pattern) }
	return f
}

// logFeed is a log group, into which its function puts what it logs.
func (d *decoder) logFeed(l *LogsEvent) feed {
	group := Source{ID: l.Group.ID, ARN: l.Group.Value}
	if name, literal := l.Group.Value.(string); literal {
		group.ARN = "arn:" + hole + ":logs:" + hole + ":" + hole + ":log-group:" + name
	}
	f := d.feed("logs", group, "LogGroupName", "log-group:")
	f.pushed = true
	if f.log = d.functionOfGroup(l.Group.ID); f.log != "" {
		f.label = "log of " + f.log
	}
	return f
}

// sending are the permissions that let a function put something into sources of
// events, by the service of these. Those of S3 are told by their keys.
func sending(permissions []Permission) map[string][]Permission {
	all := map[string][]Permission{"s3": permissions}
	for service, names := range sendingActions() {
		for _, p := range permissions {
			if slices.ContainsFunc(p.Allow, func(action string) bool {
				return slices.ContainsFunc(names, func(name string) bool { return covers(action, service, name) })
			}) {
				all[service] = append(all[service], p)
			}
		}
	}
	return all
}

// fedBy reports whether a permission to send lets a function put something into
// f.
func (f feed) fedBy(p Permission) bool {
	return (f.service == "s3" || slices.ContainsFunc(p.On, f.is)) && (f.takes == nil || f.takes(p))
}

// covers reports whether an IAM action, which may have stars, is one of a
// service.
func covers(action, service, name string) bool {
	of, what, named := strings.Cut(strings.ToLower(action), ":")
	return of == "*" && !named || starred(of, service) && starred(what, name)
}

// is reports whether a resource of a policy is f.
func (f feed) is(on any) bool {
	if id := resourceNamed(on); id != "" {
		return id == f.source.ID
	}
	if reflect.DeepEqual(on, f.source.ARN) {
		return true
	}
	written, _ := on.(string)
	if call, ok := on.(map[string]any); ok {
		written, _ = call["Fn::Sub"].(string)
		if id := f.source.ID; id != "" && (strings.HasPrefix(written, "${"+id+".") || strings.HasPrefix(written, "${"+id+"}")) {
			return true
		}
		written = withHoles(written)
	}
	if written == "*" {
		return true
	}
	ours, theirs := strings.SplitN(f.text, ":", 6), strings.SplitN(written, ":", 6)
	if len(ours) < 6 || len(theirs) < 6 {
		return false
	}
	for i, part := range theirs {
		if ours[i] != hole && !starred(strings.ReplaceAll(part, hole, "*"), ours[i]) {
			return false
		}
	}
	return true
}

// same reports whether a destination is f.
func (f feed) same(s *Source) bool {
	return s != nil && (s.ID != "" && s.ID == f.source.ID || s.ARN != nil && s.ID == "" && reflect.DeepEqual(s.ARN, f.source.ARN))
}

// starred reports whether a text fits a pattern in which stars stand for any
// characters.
func starred(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	for _, part := range parts[1:last] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return ok && strings.HasSuffix(text, parts[last])
}
