// SPDX-License-Identifier: MIT

package ses

import (
	"encoding/json"
	"strings"
	"time"
)

// The structures of events and notifications follow "Contents of notifications
// for Amazon SES email receiving" and "Lambda action: input format", SES
// Developer Guide.

type event struct {
	Records []eventRecord
}

type eventRecord struct {
	EventSource  string  `json:"eventSource"`
	EventVersion string  `json:"eventVersion"`
	SES          receipt `json:"ses"`
}

type receipt struct {
	Mail    mailObject    `json:"mail"`
	Receipt receiptObject `json:"receipt"`
}

// notification is what topics get.
type notification struct {
	NotificationType string `json:"notificationType"`
	receipt
	Content string `json:"content,omitempty"` // of SNS actions only
}

type mailObject struct {
	Timestamp        string        `json:"timestamp"`
	Source           string        `json:"source"`
	MessageID        string        `json:"messageId"`
	Destination      []string      `json:"destination"`
	HeadersTruncated bool          `json:"headersTruncated"`
	Headers          []headerField `json:"headers"`
	CommonHeaders    commonHeaders `json:"commonHeaders"`
}

type headerField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// commonHeaders has the fields that the mail has.
type commonHeaders struct {
	ReturnPath string   `json:"returnPath,omitempty"`
	From       []string `json:"from,omitempty"`
	Sender     string   `json:"sender,omitempty"`
	ReplyTo    []string `json:"replyTo,omitempty"`
	Date       string   `json:"date,omitempty"`
	To         []string `json:"to,omitempty"`
	Cc         []string `json:"cc,omitempty"`
	Bcc        []string `json:"bcc,omitempty"`
	MessageID  string   `json:"messageId,omitempty"`
	Subject    string   `json:"subject,omitempty"`
}

type receiptObject struct {
	Timestamp            string       `json:"timestamp"`
	ProcessingTimeMillis int64        `json:"processingTimeMillis"`
	Recipients           []string     `json:"recipients"`
	SpamVerdict          verdict      `json:"spamVerdict"`
	VirusVerdict         verdict      `json:"virusVerdict"`
	SPFVerdict           verdict      `json:"spfVerdict"`
	DKIMVerdict          verdict      `json:"dkimVerdict"`
	DMARCVerdict         verdict      `json:"dmarcVerdict"`
	Action               actionObject `json:"action"`
}

type verdict struct {
	Status string `json:"status"`
}

// actionObject says which action an event or notification is of.
type actionObject struct {
	Type            string `json:"type"`
	TopicARN        string `json:"topicArn,omitempty"`
	BucketName      string `json:"bucketName,omitempty"`
	ObjectKeyPrefix string `json:"objectKeyPrefix,omitempty"`
	ObjectKey       string `json:"objectKey,omitempty"`
	FunctionARN     string `json:"functionArn,omitempty"`
	InvocationType  string `json:"invocationType,omitempty"`
	Encoding        string `json:"encoding,omitempty"`
}

// maxHeaders is how much of the header is in an event, in bytes.
const maxHeaders = 10 << 10

// object describes a mail that is being received.
func (in incoming) object() mailObject {
	m := in.message
	out := mailObject{
		Timestamp: stamp(in.at), Source: in.source, MessageID: in.id, Headers: []headerField{},
		Destination: append(append([]string{}, m.bare("To")...), m.bare("Cc")...),
		CommonHeaders: commonHeaders{
			ReturnPath: strings.Trim(m.get("Return-Path"), "<>"), From: m.addresses("From"), Sender: strings.Join(m.addresses("Sender"), ", "),
			ReplyTo: m.addresses("Reply-To"), Date: m.get("Date"), To: m.addresses("To"), Cc: m.addresses("Cc"), Bcc: m.addresses("Bcc"),
			MessageID: m.get("Message-ID"), Subject: decoded(m.get("Subject")),
		},
	}
	size := 0
	for _, f := range m.fields {
		if size += len(f.name) + len(f.raw); size > maxHeaders {
			out.HeadersTruncated = true
			break
		}
		out.Headers = append(out.Headers, headerField{f.name, f.value()})
	}
	return out
}

// receipt describes what a rule does with a mail.
func (in incoming) receipt(r *rule, recipients []string, a actionObject, now time.Time) receipt {
	pass, scanned := verdict{"PASS"}, verdict{"DISABLED"}
	if r.ScanEnabled {
		scanned = pass
	}
	return receipt{in.object(), receiptObject{
		Timestamp: stamp(in.at), ProcessingTimeMillis: now.Sub(in.at).Milliseconds(), Recipients: recipients,
		SpamVerdict: scanned, VirusVerdict: scanned, SPFVerdict: pass, DKIMVerdict: pass, DMARCVerdict: pass, Action: a,
	}}
}

// encode writes JSON without escaping <, > and &.
func encode(v any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("ses: encode event: " + err.Error()) // our own structs always can be
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
