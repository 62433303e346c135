// SPDX-License-Identifier: MIT

package iot

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/iotsql"
	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// DataPlane is the API by which messages are published. Its signing name is
// another one than that of the rules.
type DataPlane struct{ service *Service }

// DataPlane returns the API by which messages are published.
func (s *Service) DataPlane() *DataPlane { return &DataPlane{s} }

// ResourceTypes returns none: they are those of Service.
func (*DataPlane) ResourceTypes() map[string]resource.Type { return nil }

const (
	topicsPath = "/topics/"
	// maxPayload is how large a message may be, in bytes ("AWS IoT Core message
	// broker and protocol limits and quotas").
	maxPayload = 128 << 10
)

// ServeAPI answers Publish. Slashes of the topic may stand in the path or be
// escaped there.
func (d *DataPlane) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	topic, isTopic := topicOf(r)
	if r.Method != http.MethodPost || !isTopic {
		wire.WriteJSONError(w, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"the embedded AWS does not model %s %s of the AWS IoT data plane", r.Method, r.URL.Path))
		return
	}
	m, err := d.message(r, topic, id)
	if err == nil {
		err = d.service.publish(d.service.scopeOf(id), m, nil)
	}
	if err != nil {
		wire.WriteJSONError(w, err)
		return
	}
	wire.WriteJSON(w, http.StatusOK, map[string]string{"message": "OK", "traceId": wire.RequestID()})
}

// topicOf returns the topic in the path of a request.
func topicOf(r *http.Request) (topic string, ok bool) {
	escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), topicsPath)
	if !ok {
		return "", false
	}
	topic, err := url.PathUnescape(escaped)
	return topic, err == nil
}

// message reads what is to be published.
func (d *DataPlane) message(r *http.Request, topic string, id wire.Identity) (iotsql.Message, error) {
	query, m := r.URL.Query(), iotsql.Message{Topic: topic, Account: id.Account, Properties: map[string]string{}}
	for parameter := range query {
		if !slices.Contains([]string{"qos", "retain", "contentType", "responseTopic", "messageExpiry"}, parameter) {
			return m, invalid("the embedded AWS does not model parameter %q of Publish", parameter)
		}
	}
	qos, retain := query.Get("qos"), query.Get("retain")
	switch {
	case qos != "" && qos != "0" && qos != "1":
		return m, invalid("Qos %s is not valid: it is 0 or 1.", qos)
	case retain != "" && retain != "false":
		return m, invalid("the embedded AWS does not model retained messages")
	case r.Header.Get("X-Amz-Mqtt5-User-Properties") != "":
		return m, invalid("the embedded AWS does not model user properties of messages")
	}
	for name, value := range map[string]string{
		"content_type": query.Get("contentType"), "response_topic": query.Get("responseTopic"),
		"correlation_data": r.Header.Get("X-Amz-Mqtt5-Correlation-Data"), "format_indicator": r.Header.Get("X-Amz-Mqtt5-Payload-Format-Indicator"),
	} {
		if value != "" {
			m.Properties[name] = value
		}
	}
	_, m.Principal = d.service.env.Access.Caller(id)
	m.SourceIP, _, _ = strings.Cut(r.RemoteAddr, ":")
	var err error
	if m.Payload, err = io.ReadAll(io.LimitReader(r.Body, maxPayload+1)); err == nil && len(m.Payload) > maxPayload {
		err = wire.Errorf(http.StatusRequestEntityTooLarge, "InvalidRequestException", "The payload has more than %d bytes.", maxPayload)
	}
	return m, err
}

// ruleTopics begins the topics of Basic Ingest, which reach one rule only.
const ruleTopics = "$aws/rules/"

// requests are filters of the reserved topics on which things ask AWS IoT for
// something. On all others AWS IoT itself publishes; to rehearse that anybody may
// here ("Reserved topics").
func requests() []string {
	var filters []string
	for _, what := range []string{"update", "get", "delete"} {
		filters = append(filters, "$aws/things/+/shadow/"+what, "$aws/things/+/shadow/name/+/"+what)
	}
	for _, what := range []string{"get", "start-next", "+/get", "+/update"} {
		filters = append(filters, "$aws/things/+/jobs/"+what)
	}
	return filters
}

// publish gives a message to the rules that want it. through are the names of
// the rules that it comes from by republishing.
func (s *Service) publish(scope arn.Scope, m iotsql.Message, through []string) error {
	if fault := iotsql.TopicFault(m.Topic); fault != "" {
		return invalid("%s", fault)
	}
	direct, basic := strings.CutPrefix(m.Topic, ruleTopics)
	if strings.HasPrefix(m.Topic, "$") && !strings.HasPrefix(m.Topic, iotsql.ReservedPrefix) {
		return invalid("The topic %s is reserved.", m.Topic)
	}
	for _, asked := range requests() {
		if iotsql.Matches(asked, m.Topic) {
			return invalid("the embedded AWS does not model shadows and jobs, which are asked on topic %s", m.Topic)
		}
	}
	m.Account, m.Time = scope.Account, s.env.Now()
	only := ""
	if basic {
		if only, m.Topic, _ = strings.Cut(direct, "/"); m.Topic == "" {
			return invalid("A topic of Basic Ingest goes on behind the name of the rule.")
		}
	}
	for _, r := range s.wanting(scope, m.Topic, only) {
		if slices.Contains(through, r.Name) {
			s.env.Log.Warn().Str("rule", r.arn()).Str("topic", m.Topic).Msg("ended rules that republish in a circle")
			continue
		}
		s.apply(r, m, through)
	}
	return nil
}

// wanting returns the rules that get messages of a topic, or the one that Basic
// Ingest names.
func (s *Service) wanting(scope arn.Scope, topic, only string) []*rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*rule
	for _, r := range s.rules {
		filter, from := r.statement.Filter()
		switch {
		case r.Scope != scope || r.Payload.RuleDisabled || only != "" && only != r.Name:
		case only == "" && !from || from && !iotsql.Matches(filter, topic):
		default:
			list = append(list, r)
		}
	}
	if only != "" && len(list) == 0 {
		s.env.Log.Warn().Str("rule", only).Str("topic", topic).Msg("dropped message: there is no such rule, it is disabled, or it wants another topic")
	}
	slices.SortFunc(list, func(a, b *rule) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Needs returns the permission to publish on the topic.
func (d *DataPlane) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	topic, ok := topicOf(r)
	return []access.Need{{Action: "iot:Publish", Resource: d.service.scopeOf(id).Regional("iot", "topic/"+topic)}}, ok && r.Method == http.MethodPost
}
