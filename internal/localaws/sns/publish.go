// SPDX-License-Identifier: MIT

package sns

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// message is what is published.
type message struct {
	ID            string
	Text          string
	Structured    map[string]string // by protocol, if the structure is json
	Subject       string
	Attributes    map[string]delivery.Attribute
	Group         string
	Deduplication string
	Sequence      string
	TraceHeader   string
	At            time.Time
}

// text returns the message for a protocol.
func (m message) text(protocol string) string {
	if text, ok := m.Structured[protocol]; ok {
		return text
	}
	return m.Text
}

// maxMessage is the greatest size of a message with its attributes, in bytes
// ("Publish", SNS API reference).
const maxMessage = 256 << 10

// outgoing reads the parameters of a message; prefix is that of an entry of a
// batch.
func (c call) outgoing(prefix string) (message, error) {
	attributes, err := c.attributes(prefix)
	if err != nil {
		return message{}, err
	}
	m := message{
		Text: c.Get(prefix + "Message"), Subject: c.Get(prefix + "Subject"), Attributes: attributes,
		Group: c.Get(prefix + "MessageGroupId"), Deduplication: c.Get(prefix + "MessageDeduplicationId"),
		TraceHeader: c.trace,
	}
	if c.Has(prefix+"Subject") && !validSubject(m.Subject) {
		return m, invalid("Subject")
	}
	switch structure := c.Get(prefix + "MessageStructure"); structure {
	case "":
	case "json":
		if err := m.structure(); err != nil {
			return m, err
		}
	default:
		return m, invalid("Invalid MessageStructure: %s", structure)
	}
	return m, m.check()
}

// structure reads a message that says something else to each protocol.
func (m *message) structure() error {
	var members map[string]any
	if err := json.Unmarshal([]byte(m.Text), &members); err != nil {
		return invalid("Message Structure - JSON message body failed to parse")
	}
	m.Structured = map[string]string{}
	for protocol, v := range members {
		text, ok := v.(string)
		if !ok {
			continue // SNS ignores it
		}
		m.Structured[protocol] = text
	}
	text, ok := m.Structured["default"]
	if !ok {
		return invalid("Message Structure - No default entry in JSON message body")
	}
	m.Text = text
	return nil
}

// validSubject checks a subject: up to 100 characters without line breaks.
func validSubject(subject string) bool {
	return subject != "" && utf8.RuneCountInString(subject) <= 100 && !strings.ContainsFunc(subject, func(r rune) bool { return r < 0x20 || r == 0x7f })
}

var (
	attributeName = lazy.MustCompile(`^[A-Za-z0-9_.-]{1,256}$`)
	attributeType = regexp.MustCompile(`^(String|Number|Binary)(\..+)?$`)
)

func (m message) check() error {
	if m.Text == "" {
		return invalid("Empty message")
	}
	size := len(m.Text)
	for _, name := range slices.Sorted(maps.Keys(m.Attributes)) {
		a := m.Attributes[name]
		size += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
		if err := checkAttribute(name, a); err != nil {
			return err
		}
	}
	if size > maxMessage {
		return invalid("Message too long")
	}
	return nil
}

func checkAttribute(name string, a delivery.Attribute) error {
	refuse := func(format string, args ...any) error {
		return wire.Errorf(http.StatusBadRequest, "ParameterValueInvalid", format, args...)
	}
	isBinary := strings.HasPrefix(a.DataType, "Binary")
	switch {
	case !attributeName.MatchString(name):
		return refuse("The message attribute name '%s' is invalid.", name)
	case !attributeType.MatchString(a.DataType):
		return refuse("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	case isBinary && a.BinaryValue == nil, !isBinary && a.StringValue == "":
		return refuse("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.DataType)
	case strings.HasPrefix(a.DataType, "Number"):
		if _, err := strconv.ParseFloat(a.StringValue, 64); err != nil {
			return refuse("Could not cast message attribute '%s' value to number.", name)
		}
	case a.DataType == "String.Array":
		var list []any
		if json.Unmarshal([]byte(a.StringValue), &list) != nil {
			return refuse("The message attribute '%s' is not a JSON array.", name)
		}
	}
	return nil
}

type publishOutput struct {
	MessageID      string `xml:"MessageId"`
	SequenceNumber string `xml:",omitempty"`
}

func (s *Service) publishOne(c call) (any, error) {
	target := c.Get("TopicArn")
	if target == "" {
		target = c.Get("TargetArn")
	}
	m, err := c.outgoing("")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	t, err := s.at(c, target, "SNS:Publish")
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return s.publish(context.Background(), t.arn(), m) // what is published is not taken back when the client goes
}

// publish numbers a message and delivers it to all who want it.
func (s *Service) publish(ctx context.Context, topicARN string, m message) (publishOutput, error) {
	if strings.HasSuffix(topicARN, ".fifo") {
		s.fanOut.Lock()
		defer s.fanOut.Unlock()
	}
	subs, m, twice, err := s.accept(topicARN, m)
	if err != nil {
		return publishOutput{}, err
	}
	if !twice {
		for _, sub := range subs {
			s.notify(ctx, sub, m)
		}
	}
	return publishOutput{m.ID, m.Sequence}, nil
}

// accept takes a message for a topic. It returns the subscriptions at this
// moment, and whether a FIFO topic has got the message before.
func (s *Service) accept(topicARN string, m message) (subs []*subscription, accepted message, twice bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(topicARN)
	if err != nil {
		return nil, m, false, err
	}
	m.ID, m.At = wire.RequestID(), s.env.Now().UTC()
	if t.fifo() {
		if twice, err = t.sequence(&m); err != nil {
			return nil, m, false, err
		}
		s.changed()
	} else if m.Deduplication != "" {
		return nil, m, false, invalid("MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type")
	}
	return s.of(topicARN), m, twice, nil
}

// deduplicationInterval is how long a FIFO topic remembers what it got.
const deduplicationInterval = 5 * time.Minute

// sequence numbers a message of a FIFO topic or finds that it was published
// already.
func (t *topic) sequence(m *message) (twice bool, err error) {
	if m.Group == "" {
		return false, invalid("The MessageGroupId parameter is required for FIFO topics")
	}
	if m.Deduplication == "" {
		if t.Attributes["ContentBasedDeduplication"] != "true" {
			return false, invalid("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
		}
		sum := sha256.Sum256([]byte(m.Text))
		m.Deduplication = hex.EncodeToString(sum[:])
	}
	maps.DeleteFunc(t.Seen, func(_ string, seen sequencedSince) bool { return m.At.Sub(seen.At) >= deduplicationInterval })
	key := m.Deduplication
	if t.Attributes["FifoThroughputScope"] == "MessageGroup" {
		key = m.Group + "\x00" + key
	}
	if seen, ok := t.Seen[key]; ok {
		m.ID, m.Sequence = seen.ID, seen.Sequence
		return true, nil
	}
	t.Sequence++
	m.Sequence = fmt.Sprintf("1%019d", t.Sequence*1000) // 20 digits, as SNS has them
	if t.Seen == nil {
		t.Seen = map[string]sequencedSince{}
	}
	t.Seen[key] = sequencedSince{m.ID, m.Sequence, m.At}
	return false, nil
}

type publishedEntry struct {
	ID             string `xml:"Id"`
	MessageID      string `xml:"MessageId"`
	SequenceNumber string `xml:",omitempty"`
}

type failedEntry struct {
	ID          string `xml:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

type batchOutput struct {
	Successful struct {
		Member []publishedEntry `xml:"member"`
	}
	Failed struct {
		Member []failedEntry `xml:"member"`
	}
}

func (s *Service) publishBatch(c call) (any, error) {
	s.mu.Lock()
	t, err := s.at(c, c.Get("TopicArn"), "SNS:Publish")
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	entries, err := c.batch()
	if err != nil {
		return nil, err
	}
	var out batchOutput
	for _, at := range entries {
		id := c.Get(at + "Id")
		var done publishOutput
		m, err := c.outgoing(at)
		if err == nil {
			done, err = s.publish(context.Background(), t.arn(), m)
		}
		if e, ok := errors.AsType[*wire.Error](err); ok {
			out.Failed.Member = append(out.Failed.Member, failedEntry{id, e.Code, e.Message, true})
			continue
		}
		if err != nil {
			return nil, err
		}
		out.Successful.Member = append(out.Successful.Member, publishedEntry{id, done.MessageID, done.SequenceNumber})
	}
	return out, nil
}

var entryID = lazy.MustCompile(`^[a-zA-Z0-9_-]{1,80}$`)

// batch returns the prefixes of the entries of a batch, which it checks as a
// whole.
func (c call) batch() ([]string, error) {
	refuse := func(code, format string, args ...any) ([]string, error) {
		return nil, wire.Errorf(http.StatusBadRequest, code, format, args...)
	}
	var entries, ids []string
	size := 0
	_ = c.numbered("PublishBatchRequestEntries.member", func(at string) error { // never fails
		entries, ids = append(entries, at+"."), append(ids, c.Get(at+".Id"))
		size += len(c.Get(at + ".Message"))
		return nil
	})
	switch {
	case len(entries) == 0:
		return refuse("EmptyBatchRequest", "The batch request doesn't contain any entries.")
	case len(entries) > 10:
		return refuse("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.")
	case size > maxMessage:
		return refuse("BatchRequestTooLong", "The length of all the batch messages put together is more than the limit.")
	}
	for i, id := range ids {
		if !entryID.MatchString(id) {
			return refuse("InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the specification.")
		}
		if slices.Contains(ids[:i], id) {
			return refuse("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
		}
	}
	return entries, nil
}
