// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
	"github.com/sparta-up/sparta/internal/localaws/sqs"
)

const (
	// defaultConcurrency is how many batches of a mapping are in work at a time
	// unless it says otherwise: with as many Lambda begins on AWS.
	defaultConcurrency = 5
	// pollWait is how long one call waits for messages.
	pollWait = 20 * time.Second
	// pollPause follows a failure to poll or a throttled function.
	pollPause = time.Second
)

// startPolling begins to poll for a mapping that is enabled; s.mu is held.
func (s *Service) startPolling(m *mapping) {
	if !m.Enabled || s.stopped.Err() != nil {
		return
	}
	switch {
	case m.Topic != nil:
		s.startConsuming(m)
		return
	case m.Stream != nil:
		s.startReading(m)
		return
	}
	if s.deps.Queues == nil {
		return
	}
	ctx, cancel := context.WithCancel(s.stopped)
	m.cancel = cancel
	s.work.Go(func() { s.poll(ctx, m) })
}

// stopPolling ends polling; batches in work are finished.
func (m *mapping) stopPolling() {
	if m.cancel != nil {
		m.cancel()
	}
}

// poll reads batches and has them handled until ctx ends. A batch is read only
// when there is room for it, so that messages are not hidden in vain.
func (s *Service) poll(ctx context.Context, m *mapping) {
	concurrency := defaultConcurrency
	if m.MaxConcurrency > 0 {
		concurrency = min(m.MaxConcurrency, maxBusy)
	}
	room := make(chan struct{}, concurrency)
	for {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		batch, err := s.gather(ctx, m)
		if ctx.Err() != nil && len(batch) == 0 {
			return
		}
		if err != nil {
			s.env.Log.Warn().Err(err).Str("mapping", m.ID).Msg("poll queue")
			s.processed(m, "PROBLEM: "+err.Error())
			sleep(ctx, pollPause)
		}
		s.work.Go(func() {
			defer func() { <-room }()
			if s.handle(m, batch) {
				sleep(ctx, pollPause)
			}
		})
	}
}

// sleep waits unless ctx ends before.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// gather reads a batch: what one call gives or, with a window, what arrives
// until the batch is full or the window over.
func (s *Service) gather(ctx context.Context, m *mapping) ([]sqs.Message, error) {
	if err := s.mayRead(ctx, m, "sqs:ReceiveMessage"); err != nil {
		return nil, err
	}
	batch, err := s.deps.Queues.Receive(ctx, m.Source, m.BatchSize, pollWait)
	if err != nil || len(batch) == 0 {
		return nil, err
	}
	over := s.env.Now().Add(time.Duration(m.WindowSeconds) * time.Second)
	for m.WindowSeconds > 0 && len(batch) < m.BatchSize {
		left := over.Sub(s.env.Now())
		if left <= 0 || ctx.Err() != nil {
			break
		}
		more, err := s.deps.Queues.Receive(ctx, m.Source, m.BatchSize-len(batch), left)
		if err != nil {
			return batch, err
		}
		batch = append(batch, more...)
	}
	return batch, nil
}

// sqsEvent is the event for a function; the names are those of the page "Using
// Lambda with Amazon SQS".
type sqsEvent struct {
	Records []json.RawMessage
}

type sqsRecord struct {
	MessageID         string                  `json:"messageId"`
	ReceiptHandle     string                  `json:"receiptHandle"`
	Body              string                  `json:"body"`
	Attributes        map[string]string       `json:"attributes"`
	MessageAttributes map[string]sqsAttribute `json:"messageAttributes"`
	MD5OfAttributes   string                  `json:"md5OfMessageAttributes,omitempty"`
	MD5OfBody         string                  `json:"md5OfBody"`
	EventSource       string                  `json:"eventSource"`
	EventSourceARN    string                  `json:"eventSourceARN"`
	AWSRegion         string                  `json:"awsRegion"`
}

type sqsAttribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues []string `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

func (m *mapping) record(message sqs.Message) sqsRecord {
	r := sqsRecord{
		MessageID: message.ID, ReceiptHandle: message.Receipt, Body: message.Body, Attributes: message.Attributes,
		MessageAttributes: map[string]sqsAttribute{}, MD5OfAttributes: message.MD5OfAttributes, MD5OfBody: message.MD5OfBody,
		EventSource: "aws:sqs", EventSourceARN: m.Source, AWSRegion: m.Scope.Region,
	}
	for name, a := range message.MessageAttributes {
		value := sqsAttribute{BinaryValue: a.BinaryValue, StringListValues: []string{}, BinaryListValues: []string{}, DataType: a.DataType}
		if a.BinaryValue == nil {
			value.StringValue = new(a.StringValue)
		}
		r.MessageAttributes[name] = value
	}
	return r
}

// filterable returns a record as filters see it: a body that is JSON is looked
// into ("Filtering events from an Amazon SQS event source").
func filterable(data []byte) any {
	v, err := eventpattern.Decode(data)
	members, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil
	}
	if body, ok := members["body"].(string); ok {
		if inner, err := eventpattern.Decode([]byte(body)); err == nil && json.Valid([]byte(body)) {
			members["body"] = inner
		}
	}
	return members
}

// maxEvent leaves room for what is around the records of an event.
const maxEvent = maxSyncPayload - 1024

// handle has a batch handled. Messages that no filter admits are deleted, as on
// AWS. It reports whether the function was throttled.
func (s *Service) handle(m *mapping, batch []sqs.Message) (busy bool) {
	var event sqsEvent
	var members []sqs.Message
	size := 0
	flush := func() {
		if len(members) > 0 {
			busy = s.invokeBatch(m, event, members) || busy
		}
		event, members, size = sqsEvent{}, nil, 0
	}
	for _, message := range batch {
		data, err := json.Marshal(m.record(message))
		if err != nil {
			s.env.Log.Warn().Err(err).Msg("encode record")
			continue
		}
		if len(m.patterns) > 0 && !m.admits(filterable(data)) {
			if err := s.settle(m, message); err != nil {
				s.processed(m, "PROBLEM: "+err.Error())
			}
			continue
		}
		if size+len(data) > maxEvent {
			flush()
		}
		event.Records, members, size = append(event.Records, data), append(members, message), size+len(data)+1
	}
	flush()
	return busy
}

// invokeBatch calls the function and deletes what it handled. The rest becomes
// visible again when the queue's visibility timeout is over.
func (s *Service) invokeBatch(m *mapping, event sqsEvent, batch []sqs.Message) (busy bool) {
	payload, err := json.Marshal(event)
	if err != nil {
		s.env.Log.Warn().Err(err).Msg("encode event")
		return false
	}
	response, err := s.invoke(context.Background(), m.Scope, m.Function, payload, InvokeOptions{}) // the pool ends it when the service closes
	if err != nil {
		s.env.Log.Warn().Err(err).Str("mapping", m.ID).Msg("invoke function with batch")
		s.processed(m, "PROBLEM: Function call failed")
		return throttled(err)
	}
	if response.FunctionError != "" {
		s.processed(m, "PROBLEM: Function call failed")
		return false
	}
	failed := map[string]bool{}
	if m.ReportFailures {
		ids := make([]string, len(batch))
		for i, message := range batch {
			ids[i] = message.ID
		}
		if failed, err = batchFailures(response.Payload, ids); err != nil {
			s.env.Log.Warn().Err(err).Str("mapping", m.ID).Msg("read batch item failures: all messages count as failed")
			s.processed(m, "PROBLEM: Function call failed")
			return false
		}
	}
	result := "OK"
	for _, message := range batch {
		if failed[message.ID] {
			continue
		}
		if err := s.settle(m, message); err != nil {
			result = "PROBLEM: " + err.Error()
		}
	}
	s.processed(m, result)
	return false
}

// settle deletes a message. It returns an error if the function's role may not.
func (s *Service) settle(m *mapping, message sqs.Message) error {
	if err := s.mayRead(context.Background(), m, "sqs:DeleteMessage"); access.IsDenial(err) {
		return err
	}
	if err := s.deps.Queues.Delete(m.Source, message.Receipt); err != nil {
		s.env.Log.Warn().Err(err).Str("mapping", m.ID).Msg("delete handled message")
	}
	return nil
}

// batchFailures reads which of the messages or records of a batch, by their
// ids, a function has not handled. What it does not say clearly makes all of
// them fail ("Implementing partial batch responses", Lambda Developer Guide).
func batchFailures(payload []byte, batch []string) (map[string]bool, error) {
	var response struct {
		BatchItemFailures []struct {
			ItemIdentifier *string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(payload) == 0 || string(payload) == `""` { // an empty answer is success
		return nil, nil
	}
	if err := json.Unmarshal(payload, &response); err != nil {
		return nil, err
	}
	failed := map[string]bool{}
	for _, item := range response.BatchItemFailures {
		if item.ItemIdentifier == nil || !slices.Contains(batch, *item.ItemIdentifier) {
			return nil, errors.New("an itemIdentifier is that of nothing in the batch")
		}
		failed[*item.ItemIdentifier] = true
	}
	return failed, nil
}

// processed notes what became of the last batch.
func (s *Service) processed(m *mapping, result string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.LastResult != result {
		m.LastResult = result
		s.env.Store.Changed(mappingDocument)
	}
}
