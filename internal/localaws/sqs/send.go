// SPDX-License-Identifier: MIT

package sqs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// outgoing is what a caller says of a message to be sent.
type outgoing struct {
	MessageBody             string
	DelaySeconds            *int
	MessageAttributes       map[string]delivery.Attribute
	MessageSystemAttributes map[string]delivery.Attribute
	MessageDeduplicationID  string
	MessageGroupID          string

	trace string // for a message that names no trace header itself
}

type sendOutput struct {
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
	MessageID                    string `json:"MessageId"`
	SequenceNumber               string `json:",omitempty"`
}

// localSender is the unique id of who sends through the API: signatures name no
// user.
const localSender = "AIDALOCALLOCALLOCALLO"

func (s *Service) sendMessage(c call, in struct {
	queueInput
	outgoing
}) (sendOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, in.QueueURL, "sqs:SendMessage")
	if err != nil {
		return sendOutput{}, err
	}
	in.trace = c.trace
	return s.send(q, in.outgoing, localSender)
}

// send checks a message and puts it into a queue; s.mu is held.
func (s *Service) send(q *queue, in outgoing, sender string) (sendOutput, error) {
	if err := in.check(q.Settings); err != nil {
		return sendOutput{}, err
	}
	out := sendOutput{
		MD5OfMessageBody: digest(in.MessageBody), MD5OfMessageAttributes: digestAttributes(in.MessageAttributes),
		MD5OfMessageSystemAttributes: digestAttributes(in.MessageSystemAttributes),
	}
	now := s.env.Now().UTC()
	q.sweep(now)
	m := &message{
		ID: wire.RequestID(), Body: in.MessageBody, Attributes: in.MessageAttributes, Sender: sender, Sent: now, Group: in.MessageGroupID,
		TraceHeader: in.MessageSystemAttributes["AWSTraceHeader"].StringValue,
	}
	if m.TraceHeader == "" {
		m.TraceHeader = in.trace
	}
	delay := q.Settings.DelaySeconds
	if in.DelaySeconds != nil {
		delay = *in.DelaySeconds
	}
	m.Visible = now.Add(time.Duration(delay) * time.Second)
	if q.Settings.FIFO {
		if known, twice := q.deduplicate(m, in.MessageDeduplicationID); twice {
			out.MessageID, out.SequenceNumber = known.ID, known.Sequence
			return out, nil
		}
	}
	q.Messages = append(q.Messages, m)
	q.wake()
	s.env.Store.Changed(contentDocument)
	out.MessageID, out.SequenceNumber = m.ID, m.Sequence
	return out, nil
}

// deduplicate numbers a message of a FIFO queue, or finds that it was sent
// already.
func (q *queue) deduplicate(m *message, id string) (known sent, twice bool) {
	if id == "" {
		sum := sha256.Sum256([]byte(m.Body))
		id = hex.EncodeToString(sum[:])
	}
	key := id
	if q.Settings.DeduplicationScope == "messageGroup" {
		key = m.Group + "\x00" + id
	}
	if known, twice = q.Seen[key]; twice {
		return known, true
	}
	q.Sequence++
	m.Deduplication, m.Sequence = id, fmt.Sprintf("188%017d", q.Sequence<<8) // 20 digits, as SQS has them
	if q.Seen == nil {
		q.Seen = map[string]sent{}
	}
	q.Seen[key] = sent{m.ID, m.Sequence, m.Sent}
	return sent{}, false
}

var (
	attributeName = lazy.MustCompile(`^[A-Za-z0-9_.-]{1,256}$`)
	attributeType = regexp.MustCompile(`^(String|Number|Binary)(\..+)?$`)
	groupPattern  = lazy.MustCompile("^[!-~]{1,128}$")
)

// check checks a message as the page SendMessage says.
func (in outgoing) check(v settings) error {
	switch {
	case in.MessageBody == "":
		return missing("MessageBody")
	case !allowed(in.MessageBody):
		return wire.Errorf(http.StatusBadRequest, "InvalidMessageContents", "Invalid characters found in the message body. Allowed are #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD and #x10000 to #x10FFFF.")
	case in.size() > v.MaxBytes:
		return invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", v.MaxBytes)
	case in.DelaySeconds != nil && (*in.DelaySeconds < 0 || *in.DelaySeconds > 900):
		return invalidParameter("Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", *in.DelaySeconds)
	case in.MessageGroupID != "" && !groupPattern.MatchString(in.MessageGroupID):
		return invalidParameter("Value %s for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.", in.MessageGroupID)
	case in.MessageDeduplicationID != "" && !groupPattern.MatchString(in.MessageDeduplicationID):
		return invalidParameter("Value %s for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length.", in.MessageDeduplicationID)
	}
	if err := in.checkKind(v); err != nil {
		return err
	}
	return in.checkAttributes()
}

// checkKind checks what depends on the kind of queue. Standard queues take
// message groups, too: they are fair to them since July 2025.
func (in outgoing) checkKind(v settings) error {
	wrongKind := "The request include parameter that is not valid for this queue type"
	switch {
	case !v.FIFO && in.MessageDeduplicationID != "":
		return invalidParameter("Value %s for parameter MessageDeduplicationId is invalid. Reason: %s.", in.MessageDeduplicationID, wrongKind)
	case v.FIFO && in.MessageGroupID == "":
		return missing("MessageGroupId")
	case v.FIFO && in.MessageDeduplicationID == "" && !v.ContentDeduplication:
		return invalidParameter("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	case v.FIFO && in.DelaySeconds != nil && *in.DelaySeconds != 0:
		return invalidParameter("Value %d for parameter DelaySeconds is invalid. Reason: %s.", *in.DelaySeconds, wrongKind)
	}
	return nil
}

func (in outgoing) checkAttributes() error {
	if len(in.MessageAttributes) > 10 {
		return invalidParameter("Number of message attributes [%d] exceeds the allowed maximum [10].", len(in.MessageAttributes))
	}
	for _, name := range slices.Sorted(maps.Keys(in.MessageAttributes)) {
		lower := strings.ToLower(name)
		if !attributeName.MatchString(name) || strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon.") ||
			strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") {
			return invalidParameter("The message attribute name '%s' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.", name)
		}
		if err := checkValue(name, in.MessageAttributes[name]); err != nil {
			return err
		}
	}
	for name, a := range in.MessageSystemAttributes {
		if name != "AWSTraceHeader" || a.DataType != "String" || a.StringValue == "" {
			return invalidParameter("Message system attribute name '%s' is invalid, or its value is not a String.", name)
		}
	}
	return nil
}

func checkValue(name string, a delivery.Attribute) error {
	isBinary := strings.HasPrefix(a.DataType, "Binary")
	switch {
	case !attributeType.MatchString(a.DataType) || len(a.DataType) > 256:
		return invalidParameter("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	case isBinary && len(a.BinaryValue) == 0, !isBinary && a.StringValue == "":
		return invalidParameter("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.DataType)
	case isBinary && a.StringValue != "", !isBinary && len(a.BinaryValue) > 0:
		return invalidParameter("The message attribute '%s' with type '%s' must use field '%s'.", name, a.DataType, map[bool]string{true: "Binary", false: "String"}[isBinary])
	case !allowed(a.StringValue):
		return wire.Errorf(http.StatusBadRequest, "InvalidMessageContents", "Invalid characters found in the message attribute '%s'.", name)
	case strings.HasPrefix(a.DataType, "Number") && !isNumber(a.StringValue):
		return invalidParameter("Can't cast the value of message (user) attribute '%s' to a number.", name)
	}
	return nil
}

var numberPattern = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$`)

func isNumber(text string) bool { return numberPattern.MatchString(text) }

// size returns the size of a message in bytes as SQS counts it: body and
// attributes, of these names, types and values.
func (in outgoing) size() int {
	n := len(in.MessageBody)
	for name, a := range in.MessageAttributes {
		n += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return n
}

// allowed reports whether all characters are such as SQS takes.
func allowed(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}
