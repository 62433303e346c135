// SPDX-License-Identifier: MIT

package s3

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// occurrence is something that happened to an object.
type occurrence struct {
	event   string // such as s3:ObjectCreated:Put
	key     string
	object  *object // as it is now; nil if it is gone for good
	version string  // "" in unversioned buckets
	at      int64   // nanoseconds, which put the events of a key in order
}

// s3Event is the event of functions, queues and topics ("Event message
// structure", S3 User Guide).
type s3Event struct {
	Records []s3Record
}

type s3Record struct {
	EventVersion      string            `json:"eventVersion"`
	EventSource       string            `json:"eventSource"`
	AWSRegion         string            `json:"awsRegion"`
	EventTime         string            `json:"eventTime"`
	EventName         string            `json:"eventName"`
	UserIdentity      s3Identity        `json:"userIdentity"`
	RequestParameters s3Origin          `json:"requestParameters"`
	ResponseElements  map[string]string `json:"responseElements"`
	S3                s3Entity          `json:"s3"`
}

type s3Identity struct {
	PrincipalID string `json:"principalId"`
}

type s3Origin struct {
	SourceIPAddress string `json:"sourceIPAddress"`
}

type s3Entity struct {
	SchemaVersion   string   `json:"s3SchemaVersion"`
	ConfigurationID string   `json:"configurationId"`
	Bucket          s3Bucket `json:"bucket"`
	Object          s3Object `json:"object"`
}

type s3Bucket struct {
	Name          string     `json:"name"`
	OwnerIdentity s3Identity `json:"ownerIdentity"`
	ARN           string     `json:"arn"`
}

type s3Object struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"eTag,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer"`
}

// notify tells the listeners of a bucket of what happened. The caller does not
// hold the lock.
func (s *Service) notify(r *request, happened ...occurrence) {
	s.mu.RLock()
	b := s.buckets[r.bucket]
	if b == nil || b.Notification == nil {
		s.mu.RUnlock()
		return
	}
	n, region, account := b.Notification, b.Region, b.Account
	s.mu.RUnlock()
	for _, o := range happened {
		for _, l := range n.listeners() {
			if l.wants(o.event, o.key) {
				s.tell(r, o, l, region, account)
			}
		}
		if n.Bridge != nil {
			s.bridge(r, o, region, account)
		}
	}
}

// tell sends an event to a listener.
func (s *Service) tell(r *request, o occurrence, l listener, region, account string) {
	object := s3Object{Key: eventKey(o.key), VersionID: o.version, Sequencer: fmt.Sprintf("%016X", o.at)}
	if o.object != nil {
		object.ETag = strings.Trim(o.object.ETag, `"`)
		if !o.object.Marker {
			object.Size = &o.object.Size
		}
	}
	out := message(l.arn(), r.bucket, account)
	out.TraceHeader = r.Header.Get("X-Amzn-Trace-Id")
	out.Body = encodeEvent(s3Event{[]s3Record{{
		EventVersion: "2.1", EventSource: "aws:s3", AWSRegion: region, EventTime: stamp(s.env.Now()), EventName: strings.TrimPrefix(o.event, "s3:"),
		UserIdentity: s3Identity{"AWS:" + account}, RequestParameters: s3Origin{sender(r)},
		ResponseElements: map[string]string{"x-amz-request-id": r.w.Header().Get(headerRequestID), "x-amz-id-2": r.w.Header().Get(headerHostID)},
		S3: s3Entity{
			SchemaVersion: "1.0", ConfigurationID: l.ID, Object: object,
			Bucket: s3Bucket{Name: r.bucket, OwnerIdentity: s3Identity{"A" + account}, ARN: out.Source},
		},
	}}})
	if err := s.table.Send(context.WithoutCancel(r.Context()), out); err != nil {
		s.env.Log.Warn().Err(err).Str("bucket", r.bucket).Str("destination", l.arn()).Msg("dropped notification: it cannot be delivered")
	}
}

// sender returns the address of who made a request.
func sender(r *request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "127.0.0.1"
	}
	return host
}

// eventKey encodes a key as events have it: like a form, but with slashes.
func eventKey(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }

// bridgeEvent is the detail of an event of EventBridge ("Event message detail
// fields", S3 User Guide).
type bridgeEvent struct {
	Version         string         `json:"version"`
	Bucket          map[string]any `json:"bucket"`
	Object          bridgeObject   `json:"object"`
	RequestID       string         `json:"request-id"`
	Requester       string         `json:"requester"`
	SourceIPAddress string         `json:"source-ip-address"`
	Reason          string         `json:"reason,omitempty"`
	DeletionType    string         `json:"deletion-type,omitempty"`
}

type bridgeObject struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"etag,omitempty"`
	VersionID string `json:"version-id,omitempty"`
	Sequencer string `json:"sequencer"`
}

// bridge sends an event to the account's default event bus.
func (s *Service) bridge(r *request, o occurrence, region, account string) {
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: account, Region: region}
	out := message(scope.Regional("events", "event-bus/default"), r.bucket, account)
	detail := bridgeEvent{
		Version: "0", Bucket: map[string]any{"name": r.bucket}, RequestID: r.w.Header().Get(headerRequestID), Requester: account, SourceIPAddress: sender(r),
		Object: bridgeObject{Key: o.key, VersionID: o.version, Sequencer: fmt.Sprintf("%016X", o.at)},
	}
	if o.object != nil {
		detail.Object.ETag = strings.Trim(o.object.ETag, `"`)
		if !o.object.Marker {
			detail.Object.Size = &o.object.Size
		}
	}
	out.EventSource, out.Resources = "aws.s3", []string{out.Source}
	switch family, kind, _ := strings.Cut(strings.TrimPrefix(o.event, "s3:"), ":"); {
	case family == "ObjectCreated" && kind == "CompleteMultipartUpload":
		out.DetailType, detail.Reason = "Object Created", kind
	case family == "ObjectCreated":
		out.DetailType, detail.Reason = "Object Created", kind+"Object"
	case kind == "DeleteMarkerCreated":
		out.DetailType, detail.Reason, detail.DeletionType = "Object Deleted", "DeleteObject", "Delete Marker Created"
	case family == "ObjectRemoved":
		out.DetailType, detail.Reason, detail.DeletionType = "Object Deleted", "DeleteObject", "Permanently Deleted"
	case kind == "Put":
		out.DetailType = "Object Tags Added"
	default:
		out.DetailType = "Object Tags Deleted"
	}
	out.Body = encodeEvent(detail)
	if err := s.table.Send(context.WithoutCancel(r.Context()), out); err != nil {
		s.env.Log.Warn().Err(err).Str("bucket", r.bucket).Msg("dropped event: the event bus does not take it")
	}
}

// testEvent tells a queue or topic that a bucket will send to it.
type testEvent struct {
	Service   string
	Event     string
	Time      string
	Bucket    string
	RequestID string `json:"RequestId"`
	HostID    string `json:"HostId"`
}

// announce sends the test event to queues and topics.
func (s *Service) announce(ctx context.Context, n *notification, bucket, account string) {
	if n == nil {
		return
	}
	for _, l := range append(append([]listener{}, n.Topics...), n.Queues...) {
		out := message(l.arn(), bucket, account)
		out.Body = encodeEvent(testEvent{"Amazon S3", "s3:TestEvent", stamp(s.env.Now()), bucket, strings.ToUpper(newBlob()[:16]), newBlob()})
		if err := s.table.Send(context.WithoutCancel(ctx), out); err != nil {
			s.env.Log.Warn().Err(err).Str("bucket", bucket).Str("destination", l.arn()).Msg("dropped test event: it cannot be delivered")
		}
	}
}

func encodeEvent(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("s3: encode event: " + err.Error()) // our own structs always can be
	}
	return data
}

// occurred describes what happened to an object; it is called with the lock
// held, so that the order of events is that of what they tell.
func (s *Service) occurred(b *bucket, event, key string, o *object) occurrence {
	out := occurrence{event: event, key: key, object: o, at: s.env.Now().UnixNano()}
	if o != nil && b.Versioning != "" {
		out.version = o.Version
	}
	return out
}

// created describes a write by the event of its operation.
func (s *Service) created(b *bucket, r *request, o *object) occurrence {
	event := "s3:ObjectCreated:Put"
	switch {
	case r.Method == http.MethodPost:
		event = "s3:ObjectCreated:CompleteMultipartUpload"
	case r.Header.Get("X-Amz-Copy-Source") != "":
		event = "s3:ObjectCreated:Copy"
	}
	return s.occurred(b, event, r.key, o)
}

// removed describes a deletion, if it changed anything.
func (s *Service) removed(b *bucket, key string, d deletion) []occurrence {
	if d.marker && d.made != nil {
		return []occurrence{s.occurred(b, "s3:ObjectRemoved:DeleteMarkerCreated", key, d.made)}
	}
	if d.gone == nil {
		return nil
	}
	out := s.occurred(b, "s3:ObjectRemoved:Delete", key, nil)
	out.version = d.version
	return []occurrence{out}
}
