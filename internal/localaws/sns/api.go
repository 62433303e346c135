// SPDX-License-Identifier: MIT

package sns

import (
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// action is one action of the API. It returns the content of its result
// element, or nil.
type action struct {
	run        func(*Service, call) (any, error)
	parameters []string // that it accepts; others are refused rather than ignored
}

func actions() map[string]action {
	message := []string{"TopicArn", "TargetArn", "Message", "Subject", "MessageStructure", "MessageAttributes", "MessageDeduplicationId", "MessageGroupId"}
	return map[string]action{
		"CreateTopic":               {(*Service).createTopic, []string{"Name", "Attributes", "Tags"}},
		"DeleteTopic":               {(*Service).deleteTopic, []string{"TopicArn"}},
		"ListTopics":                {(*Service).listTopics, []string{"NextToken"}},
		"GetTopicAttributes":        {(*Service).getTopicAttributes, []string{"TopicArn"}},
		"SetTopicAttributes":        {(*Service).setTopicAttributes, []string{"TopicArn", "AttributeName", "AttributeValue"}},
		"Subscribe":                 {(*Service).subscribeTo, []string{"TopicArn", "Protocol", "Endpoint", "Attributes", "ReturnSubscriptionArn"}},
		"Unsubscribe":               {(*Service).unsubscribe, []string{"SubscriptionArn"}},
		"ListSubscriptions":         {(*Service).listSubscriptions, []string{"NextToken"}},
		"ListSubscriptionsByTopic":  {(*Service).listByTopic, []string{"TopicArn", "NextToken"}},
		"GetSubscriptionAttributes": {(*Service).getSubscriptionAttributes, []string{"SubscriptionArn"}},
		"SetSubscriptionAttributes": {(*Service).setSubscriptionAttributes, []string{"SubscriptionArn", "AttributeName", "AttributeValue"}},
		"Publish":                   {(*Service).publishOne, message},
		"PublishBatch":              {(*Service).publishBatch, []string{"TopicArn", "PublishBatchRequestEntries"}},
		"TagResource":               {(*Service).tagResource, []string{"ResourceArn", "Tags"}},
		"UntagResource":             {(*Service).untagResource, []string{"ResourceArn", "TagKeys"}},
		"ListTagsForResource":       {(*Service).listTags, []string{"ResourceArn"}},
	}
}

// ServeAPI answers one request of the query protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	form, err := wire.QueryForm(r)
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	name := form.Get("Action")
	result, err := s.perform(name, call{form, id.Account, id.Region, r.Header.Get("X-Amzn-Trace-Id")})
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	wire.WriteQuery(w, namespace, name, result)
}

func (s *Service) perform(name string, c call) (any, error) {
	act, ok := s.actions[name]
	if !ok {
		return nil, wire.Errorf(http.StatusBadRequest, "InvalidAction", "the embedded AWS does not model the SNS action %s", name)
	}
	for _, parameter := range slices.Sorted(maps.Keys(c.Values)) {
		parameter, _, _ = strings.Cut(parameter, ".")
		if parameter != "Action" && parameter != "Version" && !strings.HasPrefix(parameter, "X-Amz-") && !slices.Contains(act.parameters, parameter) {
			return nil, invalid("the embedded AWS does not model the parameter %s of %s", parameter, name)
		}
	}
	return act.run(s, c)
}

func (c call) scope(partition string) arn.Scope {
	return arn.Scope{Partition: partition, Account: c.account, Region: c.region}
}

// pairs is a map as the query protocol writes it.
type pairs map[string]string

// MarshalXML writes <entry><key/><value/></entry> for each pair, by key.
func (p pairs) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	type entry struct {
		Key   string `xml:"key"`
		Value string `xml:"value"`
	}
	var list struct {
		Entries []entry `xml:"entry"`
	}
	for _, key := range slices.Sorted(maps.Keys(p)) {
		list.Entries = append(list.Entries, entry{key, p[key]})
	}
	return e.EncodeElement(list, start)
}

// pageSize is how many topics or subscriptions a list has at once.
const pageSize = 100

// page returns the part of a list that a token asks for, and the next token.
func page[T any](list []T, token string) ([]T, string, error) {
	start := 0
	if token != "" {
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 || n > len(list) {
			return nil, "", invalid("NextToken")
		}
		start = n
	}
	end := min(start+pageSize, len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}
