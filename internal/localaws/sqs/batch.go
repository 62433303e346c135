// SPDX-License-Identifier: MIT

package sqs

import (
	"errors"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// entry is what the entries of all batches have.
type entry struct {
	ID string `json:"Id"`
}

type failedEntry struct {
	ID          string `json:"Id"`
	SenderFault bool
	Code        string
	Message     string
}

type batchOutput[T any] struct {
	Successful []T
	Failed     []failedEntry
}

var entryID = lazy.MustCompile(`^[a-zA-Z0-9_-]{1,80}$`)

// maxEntries is how many entries a batch may have.
const maxEntries = 10

func checkEntries(ids []string) error {
	refuse := func(code, format string, args ...any) error {
		return wire.Errorf(http.StatusBadRequest, code, format, args...)
	}
	if len(ids) == 0 {
		return refuse("EmptyBatchRequest", "There should be at least one entry in the request.")
	}
	if len(ids) > maxEntries {
		return refuse("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxEntries, len(ids))
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if !entryID.MatchString(id) {
			return refuse("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id] {
			return refuse("BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
	}
	return nil
}

// batch does something for each entry, each with an outcome of its own.
func batch[In, Out any](s *Service, c call, url, action string, entries []In, id func(In) string, do func(*queue, In) (Out, error)) (batchOutput[Out], error) {
	out := batchOutput[Out]{Successful: []Out{}, Failed: []failedEntry{}}
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = id(e)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, url, action)
	if err != nil {
		return out, err
	}
	if err := checkEntries(ids); err != nil {
		return out, err
	}
	for i, e := range entries {
		done, err := do(q, e)
		if err == nil {
			out.Successful = append(out.Successful, done)
			continue
		}
		failure, ok := errors.AsType[*wire.Error](err)
		if !ok {
			return out, err
		}
		out.Failed = append(out.Failed, failedEntry{ids[i], failure.HTTPStatus() < 500, failure.Code, failure.Message})
	}
	return out, nil
}

type sendEntry struct {
	entry
	outgoing
}

type sentEntry struct {
	entry
	sendOutput
}

func (s *Service) sendBatch(c call, in struct {
	queueInput
	Entries []sendEntry
}) (batchOutput[sentEntry], error) {
	size := 0
	for _, e := range in.Entries {
		size += e.size()
	}
	if size > maxMessage {
		return batchOutput[sentEntry]{}, wire.Errorf(http.StatusBadRequest, "BatchRequestTooLong",
			"Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxMessage, size)
	}
	return batch(s, c, in.QueueURL, "sqs:SendMessage", in.Entries, func(e sendEntry) string { return e.ID }, func(q *queue, e sendEntry) (sentEntry, error) {
		e.trace = c.trace
		done, err := s.send(q, e.outgoing, localSender)
		return sentEntry{e.entry, done}, err
	})
}

type receiptEntry struct {
	entry
	ReceiptHandle     string
	VisibilityTimeout *int
}

func (s *Service) deleteBatch(c call, in struct {
	queueInput
	Entries []struct {
		entry
		ReceiptHandle string
	}
}) (batchOutput[entry], error) {
	entries := make([]receiptEntry, len(in.Entries))
	for i, e := range in.Entries {
		entries[i] = receiptEntry{e.entry, e.ReceiptHandle, nil}
	}
	return batch(s, c, in.QueueURL, "sqs:DeleteMessage", entries, func(e receiptEntry) string { return e.ID }, func(q *queue, e receiptEntry) (entry, error) {
		return e.entry, s.settle(q, e.ReceiptHandle)
	})
}

func (s *Service) changeBatch(c call, in struct {
	queueInput
	Entries []receiptEntry
}) (batchOutput[entry], error) {
	return batch(s, c, in.QueueURL, "sqs:ChangeMessageVisibility", in.Entries, func(e receiptEntry) string { return e.ID }, func(q *queue, e receiptEntry) (entry, error) {
		return e.entry, s.hide(q, e.ReceiptHandle, e.VisibilityTimeout)
	})
}
