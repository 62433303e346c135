// SPDX-License-Identifier: MIT

package logs

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// forwarded is the event of a function ("Example 2: Subscription filters with
// AWS Lambda", CloudWatch Logs User Guide).
type forwarded struct {
	AWSLogs struct {
		Data string `json:"data"` // the batch as JSON, compressed by gzip, in base64
	} `json:"awslogs"`
}

// batch is log events of one stream for one subscription filter.
type batch struct {
	MessageType         string       `json:"messageType"`
	Owner               string       `json:"owner"`
	LogGroup            string       `json:"logGroup"`
	LogStream           string       `json:"logStream"`
	SubscriptionFilters []string     `json:"subscriptionFilters"`
	LogEvents           []batchEvent `json:"logEvents"`
}

type batchEvent struct {
	ID        string `json:"id"`
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

const (
	// gather is how long log events wait for others to be sent along with them.
	gather = 200 * time.Millisecond
	// maxBatch bounds the messages of a batch, in bytes: an asynchronous event
	// has at most 1 MB, and what does not compress becomes larger.
	maxBatch = 512 << 10
)

// pendingKey tells batches apart.
type pendingKey struct {
	groupARN, filter, stream string
	cause                    string // functions that led to the events
}

// pending is a batch that is being gathered; guarded by Service.mu.
type pending struct {
	batch    batch
	groupARN string
	function string   // its ARN
	cause    []string // functions that lead to what this one will log, itself among them
	bytes    int
}

// forward gathers the events that have been written for the subscription
// filters that want them; s.mu is held.
func (s *Service) forward(g *group, st *stream, events []Event, offsets []int64) {
	for _, sub := range g.Subscriptions {
		for i, e := range events {
			switch {
			case !sub.filter.Match(e.Message):
			case slices.Contains(e.Cause, unqualified(sub.Destination)):
				s.breakLoop(g, sub)
			default:
				r := record{stream: st.Name, time: e.Time.UnixMilli(), message: e.Message, offset: offsets[i]}
				s.gather(g, sub, e.Cause, r)
			}
		}
	}
}

// breakLoop says once that log events are held back: a function logged them
// while it handled log events that it had itself led to. AWS would go on for
// ever.
func (s *Service) breakLoop(g *group, sub *subscription) {
	key := pendingKey{groupARN: g.arn(), filter: sub.Name}
	if !s.broken[key] {
		s.broken[key] = true
		s.env.Log.Warn().Str("log_group", g.Name).Str("filter", sub.Name).Str("destination", sub.Destination).
			Msg("held back log events: their destination has led to them, and AWS would loop for ever")
	}
}

// gather takes an event into its batch; s.mu is held.
func (s *Service) gather(g *group, sub *subscription, cause []string, r record) {
	if s.closing {
		return
	}
	key := pendingKey{g.arn(), sub.Name, r.stream, strings.Join(cause, " ")}
	p := s.pending[key]
	if full := p; p != nil && (p.bytes+len(r.message) > maxBatch || p.function != sub.Destination) {
		s.work.Go(func() { s.send(full) })
		p = nil
	}
	if p == nil {
		made := &pending{groupARN: g.arn(), function: sub.Destination, cause: append(slices.Clone(cause), unqualified(sub.Destination)), batch: batch{
			MessageType: "DATA_MESSAGE", Owner: g.Scope.Account, LogGroup: g.Name, LogStream: r.stream, SubscriptionFilters: []string{sub.Name},
		}}
		s.pending[key], p = made, made
		s.work.Go(func() { s.await(key, made) })
	}
	p.batch.LogEvents = append(p.batch.LogEvents, batchEvent{r.output().EventID, r.time, r.message})
	p.bytes += len(r.message)
}

// await sends a batch after a while, unless it has become full before.
func (s *Service) await(key pendingKey, p *pending) {
	select {
	case <-time.After(gather):
	case <-s.stopped.Done():
		return
	}
	s.mu.Lock()
	due := s.pending[key] == p
	if due {
		delete(s.pending, key)
	}
	s.mu.Unlock()
	if due {
		s.send(p)
	}
}

// send has a function handle a batch, which nobody else holds any more.
func (s *Service) send(p *pending) {
	log := s.env.Log.With().Str("log_group", p.batch.LogGroup).Strs("filters", p.batch.SubscriptionFilters).Str("destination", p.function).Logger()
	m := message(p.groupARN, p.batch.Owner, p.function)
	m.Cause = p.cause
	var err error
	if m.Body, err = p.batch.encode(); err == nil {
		if m, err = s.admitted(m); err == nil {
			err = s.table.Send(s.stopped, m)
		}
	}
	if err != nil {
		log.Warn().Err(err).Int("events", len(p.batch.LogEvents)).Msg("dropped log events: their destination does not take them")
	}
}

// encode returns the event of the function.
func (b batch) encode() ([]byte, error) {
	var data bytes.Buffer
	w := gzip.NewWriter(&data)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := errors.Join(e.Encode(b), w.Close()); err != nil {
		return nil, err
	}
	var out forwarded
	out.AWSLogs.Data = base64.StdEncoding.EncodeToString(data.Bytes())
	return json.Marshal(out)
}

// unqualified returns the ARN of a function without version or alias.
func unqualified(function string) string {
	parts := strings.SplitN(function, ":", 8)
	return strings.Join(parts[:min(len(parts), 7)], ":")
}
