// SPDX-License-Identifier: MIT

package kinesis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// consumer is a registered consumer of a stream, for enhanced fan-out.
type consumer struct {
	Name    string
	Created time.Time
	Tags    map[string]string `json:",omitempty"`
}

// maxConsumers is how many consumers a stream may have (Kinesis quotas).
const maxConsumers = 20

// consumerARN returns the ARN of a consumer, which bears the time of its making.
func (d *dataStream) consumerARN(c *consumer) string {
	return fmt.Sprintf("%s/consumer/%s:%d", d.arn(), c.Name, c.Created.Unix())
}

type consumerOutput struct {
	ConsumerName              string
	ConsumerARN               string
	ConsumerStatus            string
	ConsumerCreationTimestamp float64 // seconds since 1970
	StreamARN                 string  `json:",omitempty"`
}

func (d *dataStream) consumerOutput(c *consumer) consumerOutput {
	return consumerOutput{c.Name, d.consumerARN(c), "ACTIVE", seconds(c.Created), ""}
}

type registerOutput struct{ Consumer consumerOutput }

func (s *Service) registerConsumer(scope arn.Scope, in struct {
	StreamARN    string
	ConsumerName string
	Tags         map[string]string
}) (registerOutput, error) {
	d, err := s.at(scope, target{StreamARN: in.StreamARN})
	if err != nil {
		return registerOutput{}, err
	}
	c, err := s.register(d, in.ConsumerName, in.Tags)
	if err != nil {
		return registerOutput{}, err
	}
	return registerOutput{d.consumerOutput(c)}, nil
}

// register makes a consumer; s.mu is held.
func (s *Service) register(d *dataStream, name string, tags map[string]string) (*consumer, error) {
	switch {
	case !namePattern.MatchString(name):
		return nil, invalidMember(name, "consumerName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	case d.consumer(name) != nil:
		return nil, inUse("Consumer under stream %s already exists for account %s", d.Name, d.Scope.Account)
	case len(d.Consumers) == maxConsumers:
		return nil, wire.Errorf(400, "LimitExceededException", "Stream %s under account %s has %d consumers, as many as it can have.", d.Name, d.Scope.Account, maxConsumers)
	}
	if err := checkTags(tags); err != nil {
		return nil, err
	}
	c := &consumer{Name: name, Created: s.env.Now().UTC(), Tags: tags}
	d.Consumers = append(d.Consumers, c)
	s.changed()
	return c, nil
}

// consumer returns a consumer by its name, or nil.
func (d *dataStream) consumer(name string) *consumer {
	i := slices.IndexFunc(d.Consumers, func(c *consumer) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return d.Consumers[i]
}

// consumerInput names a consumer: by its ARN, or by its name and that of its
// stream.
type consumerInput struct {
	StreamARN    string
	ConsumerName string
	ConsumerARN  string
}

func (s *Service) consumerOf(scope arn.Scope, in consumerInput) (*dataStream, *consumer, error) {
	byName := in.StreamARN != "" && in.ConsumerName != ""
	switch {
	case !byName && in.ConsumerARN == "":
		return nil, nil, invalidArgument("Either ConsumerARN or both StreamARN and ConsumerName must be provided.")
	case !byName:
		return s.consumerAt(scope, in.ConsumerARN)
	}
	d, err := s.at(scope, target{StreamARN: in.StreamARN})
	if err != nil {
		return nil, nil, err
	}
	c := d.consumer(in.ConsumerName)
	if c == nil || in.ConsumerARN != "" && in.ConsumerARN != d.consumerARN(c) {
		return nil, nil, notFound("Consumer %s, account %s not found.", in.ConsumerName, d.Scope.Account)
	}
	return d, c, nil
}

// consumerAt returns a consumer by its ARN, with its stream.
func (s *Service) consumerAt(scope arn.Scope, consumerARN string) (*dataStream, *consumer, error) {
	streamARN, rest, _ := strings.Cut(consumerARN, "/consumer/")
	d, err := s.at(scope, target{StreamARN: streamARN})
	if err != nil {
		return nil, nil, err
	}
	name, _, _ := strings.Cut(rest, ":")
	if c := d.consumer(name); c != nil && d.consumerARN(c) == consumerARN {
		return d, c, nil
	}
	return nil, nil, notFound("Consumer %s, account %s not found.", consumerARN, d.Scope.Account)
}

type describeConsumerOutput struct{ ConsumerDescription consumerOutput }

func (s *Service) describeConsumer(scope arn.Scope, in consumerInput) (describeConsumerOutput, error) {
	d, c, err := s.consumerOf(scope, in)
	if err != nil {
		return describeConsumerOutput{}, err
	}
	out := d.consumerOutput(c)
	out.StreamARN = d.arn()
	return describeConsumerOutput{out}, nil
}

func (s *Service) deregisterConsumer(scope arn.Scope, in consumerInput) (none, error) {
	d, c, err := s.consumerOf(scope, in)
	if err != nil {
		return none{}, err
	}
	s.deregister(d, c)
	return none{}, nil
}

func (s *Service) deregister(d *dataStream, c *consumer) {
	d.Consumers = slices.DeleteFunc(d.Consumers, func(other *consumer) bool { return other == c })
	d.wake()
	s.changed()
}

type consumersOutput struct {
	Consumers []consumerOutput
	NextToken string `json:",omitempty"`
}

func (s *Service) listConsumers(scope arn.Scope, in struct {
	StreamARN  string
	NextToken  string
	MaxResults *int
}) (consumersOutput, error) {
	out := consumersOutput{Consumers: []consumerOutput{}}
	d, err := s.at(scope, target{StreamARN: in.StreamARN})
	if err != nil {
		return out, err
	}
	most, err := limit(in.MaxResults, "maxResults", 100, 10000)
	if err != nil {
		return out, err
	}
	var after string
	if in.NextToken != "" {
		if err := readToken(in.NextToken, &after); err != nil {
			return out, err
		}
	}
	list := slices.SortedFunc(slices.Values(d.Consumers), func(a, b *consumer) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range list {
		switch {
		case c.Name <= after:
		case len(out.Consumers) == most:
			out.NextToken = token(out.Consumers[most-1].ConsumerName)
			return out, nil
		default:
			out.Consumers = append(out.Consumers, d.consumerOutput(c))
		}
	}
	return out, nil
}
