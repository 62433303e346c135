// SPDX-License-Identifier: MIT

package sqs

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// newReceipt makes a receipt handle: the queue, the message and something that
// makes it unique.
func newReceipt(queue, id string) string {
	return "AQEB" + base64.StdEncoding.EncodeToString([]byte(queue+" "+id+" "+wire.RequestID()))
}

// parseReceipt returns the id of the message that a receipt handle is for.
func parseReceipt(queue, receipt string) (id string, err error) {
	encoded, ours := strings.CutPrefix(receipt, "AQEB")
	text, decoding := base64.StdEncoding.DecodeString(encoded)
	parts := strings.Split(string(text), " ")
	if !ours || decoding != nil || len(parts) != 3 || parts[0] != queue {
		return "", wire.Errorf(http.StatusNotFound, "ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.", receipt)
	}
	return parts[1], nil
}

// settle deletes the message of a receipt handle. A message that was received
// again since, or deleted, is none of the caller's business any more: that is no
// error, but in FIFO queues a handle whose time is over is ("DeleteMessage", SQS
// API reference). s.mu is held.
func (s *Service) settle(q *queue, receipt string) error {
	if receipt == "" {
		return missing("ReceiptHandle")
	}
	id, err := parseReceipt(q.Name, receipt)
	if err != nil {
		return err
	}
	m := q.byID(id)
	if m == nil {
		return nil
	}
	if q.Settings.FIFO && (m.Receipt != receipt || !m.inFlight(s.env.Now())) {
		return invalidParameter("Value %s for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.", receipt)
	}
	if m.Receipt != receipt {
		return nil
	}
	q.remove(m)
	q.wake() // the next of a FIFO group may be received now
	s.env.Store.Changed(contentDocument)
	return nil
}

type receiptInput struct {
	queueInput
	ReceiptHandle string
}

func (s *Service) deleteMessage(c call, in receiptInput) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, in.QueueURL, "sqs:DeleteMessage")
	if err != nil {
		return none{}, err
	}
	return none{}, s.settle(q, in.ReceiptHandle)
}

// maxHidden is how long a message may be hidden from its first receipt on.
const maxHidden = 12 * time.Hour

// hide changes when a received message becomes visible again; s.mu is held.
func (s *Service) hide(q *queue, receipt string, seconds *int) error {
	switch {
	case receipt == "":
		return missing("ReceiptHandle")
	case seconds == nil:
		return missing("VisibilityTimeout")
	case *seconds < 0 || *seconds > 43200:
		return invalidParameter("Value %d for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200.", *seconds)
	}
	id, err := parseReceipt(q.Name, receipt)
	if err != nil {
		return err
	}
	now := s.env.Now().UTC()
	m := q.byID(id)
	if m == nil {
		return invalidParameter("Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.", receipt)
	}
	if m.Receipt != receipt || !m.inFlight(now) {
		return wire.Errorf(http.StatusBadRequest, "MessageNotInflight", "The message referred to isn't in flight.")
	}
	until := now.Add(time.Duration(*seconds) * time.Second)
	if until.Sub(m.FirstReceived) > maxHidden {
		return invalidParameter("Value %d for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].", *seconds)
	}
	m.Visible = until
	q.wake()
	s.env.Store.Changed(contentDocument)
	return nil
}

func (s *Service) changeVisibility(c call, in struct {
	receiptInput
	VisibilityTimeout *int
}) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, in.QueueURL, "sqs:ChangeMessageVisibility")
	if err != nil {
		return none{}, err
	}
	return none{}, s.hide(q, in.ReceiptHandle, in.VisibilityTimeout)
}
