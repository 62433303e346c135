// SPDX-License-Identifier: MIT

package kinesis

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon Kinesis Data Streams", Service Authorization
// Reference).
func needs() access.Table {
	rules := map[string]access.Rule{
		"ListStreams":              access.On(access.Any),
		"UpdateStreamMode":         access.On(access.Any),
		"DescribeStreamConsumer":   access.On(consumerNamed),
		"DeregisterStreamConsumer": access.On(consumerNamed),
		"TagResource":              access.On(access.ARNIn("ResourceARN")),
		"UntagResource":            access.On(access.ARNIn("ResourceARN")),
		"ListTagsForResource":      access.On(access.ARNIn("ResourceARN")),
	}
	for name := range actions() {
		if rules[name] == nil {
			rules[name] = access.On(streamNamed)
		}
	}
	return access.Table{Prefix: "kinesis", Rules: rules}
}

// streamNamed is the stream that a request names: by its ARN, its name, an
// iterator or the token of a list.
func streamNamed(in *access.Input) []string {
	if on := in.Text("StreamARN"); on != "" {
		return []string{on}
	}
	if name := in.Text("StreamName"); name != "" {
		return []string{in.Scope.Regional("kinesis", "stream/"+name)}
	}
	for _, member := range []string{"ShardIterator", "NextToken"} {
		var at struct{ ARN string }
		data, err := base64.StdEncoding.DecodeString(in.Text(member))
		if err == nil && json.Unmarshal(data, &at) == nil && at.ARN != "" {
			return []string{at.ARN}
		}
	}
	return nil
}

// consumerNamed is the consumer that a request names: by its ARN, or by its name
// and that of its stream.
func consumerNamed(in *access.Input) []string {
	if on := in.Text("ConsumerARN"); on != "" {
		return []string{on}
	}
	return []string{in.Text("StreamARN") + "/consumer/" + in.Text("ConsumerName") + ":*"}
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}
