// SPDX-License-Identifier: MIT

package sqs

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

var (
	namePattern  = lazy.MustCompile(`^[a-zA-Z0-9_-]{1,80}$`)
	fifoPattern  = lazy.MustCompile(`^[a-zA-Z0-9_-]{1,75}\.fifo$`)
	twelveDigits = lazy.MustCompile(`^[0-9]{12}$`)
)

func checkName(name string, fifo bool) error {
	switch {
	case name == "":
		return missing("QueueName")
	case fifo && !strings.HasSuffix(name, ".fifo"):
		return invalidParameter("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.")
	case !fifo && !namePattern.MatchString(name), fifo && !fifoPattern.MatchString(name):
		return invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	return nil
}

type createInput struct {
	QueueName  string
	Attributes map[string]string
	Tags       map[string]string
}

type urlOutput struct {
	QueueURL string `json:"QueueUrl"`
}

func (s *Service) createQueue(c call, in createInput) (urlOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[keyOf(c.scope, in.QueueName)]; q != nil {
		return s.again(q, in)
	}
	q, err := s.create(c.scope, in)
	if err != nil {
		return urlOutput{}, err
	}
	return urlOutput{s.url(q.definition)}, nil
}

// again answers CreateQueue for a queue that exists: it is no error if its
// attributes are those that the caller wants.
func (s *Service) again(q *queue, in createInput) (urlOutput, error) {
	wanted := definition{Scope: q.Scope, Name: q.Name, Settings: q.Settings, Policy: q.Policy}
	if err := s.configure(&wanted, in.Attributes); err != nil {
		return urlOutput{}, err
	}
	now := q.shown()
	for name, value := range wanted.shown() {
		if now[name] != value {
			return urlOutput{}, wire.Errorf(http.StatusBadRequest, "QueueNameExists",
				"A queue already exists with the same name and a different value for attribute %s", name)
		}
	}
	return urlOutput{s.url(q.definition)}, nil
}

// create makes a queue that does not exist; s.mu is held.
func (s *Service) create(scope arn.Scope, in createInput) (*queue, error) {
	if err := checkName(in.QueueName, strings.EqualFold(in.Attributes["FifoQueue"], "true")); err != nil {
		return nil, err
	}
	now := s.env.Now().UTC()
	d := definition{Scope: scope, Name: in.QueueName, Created: now, Modified: now, Settings: defaults(), Tags: maps.Clone(in.Tags)}
	if err := s.configure(&d, in.Attributes); err != nil {
		return nil, err
	}
	q := &queue{definition: d, changed: make(chan struct{})}
	s.queues[keyOf(scope, d.Name)] = q
	s.env.Store.Changed(document)
	return q, nil
}

type queueInput struct {
	QueueURL string `json:"QueueUrl"`
}

func (s *Service) deleteQueue(c call, in queueInput) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, in.QueueURL, "sqs:DeleteQueue")
	if err != nil {
		return none{}, err
	}
	s.drop(q)
	return none{}, nil
}

// drop removes a queue with its messages; s.mu is held.
func (s *Service) drop(q *queue) {
	delete(s.queues, keyOf(q.Scope, q.Name))
	close(q.changed)
	s.env.Store.Changed(document)
	s.env.Store.Changed(contentDocument)
}

// purgeInterval has to pass between two calls of PurgeQueue.
const purgeInterval = 60 * time.Second

func (s *Service) purgeQueue(c call, in queueInput) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, in.QueueURL, "sqs:PurgeQueue")
	if err != nil {
		return none{}, err
	}
	now := s.env.Now()
	if now.Sub(q.Purged) < purgeInterval {
		return none{}, wire.Errorf(http.StatusForbidden, "PurgeQueueInProgress",
			"Only one PurgeQueue operation on %s is allowed every 60 seconds.", q.Name)
	}
	q.Messages, q.Purged = nil, now
	s.env.Store.Changed(contentDocument)
	return none{}, nil
}

func (s *Service) getQueueURL(c call, in struct{ QueueName, QueueOwnerAWSAccountID string }) (urlOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	url := "/" + c.scope.Account + "/" + in.QueueName
	if in.QueueOwnerAWSAccountID != "" {
		url = "/" + in.QueueOwnerAWSAccountID + "/" + in.QueueName
	}
	q, err := s.at(c, url, "sqs:GetQueueUrl")
	if err != nil {
		return urlOutput{}, err
	}
	return urlOutput{s.url(q.definition)}, nil
}

type pageInput struct {
	MaxResults *int
	NextToken  string
}

// page returns the part of a list that is asked for and the token of the next.
func (in pageInput) page(list []string) ([]string, string, error) {
	start, size := 0, 1000
	if in.MaxResults != nil {
		if size = *in.MaxResults; size < 1 || size > 1000 {
			return nil, "", invalidParameter("Value %d for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.", size)
		}
	}
	if in.NextToken != "" {
		n, err := strconv.Atoi(in.NextToken)
		if err != nil || n < 0 {
			return nil, "", invalidParameter("Invalid or expired next token.")
		}
		start = min(n, len(list))
	}
	end := min(start+size, len(list))
	if end == len(list) || in.MaxResults == nil { // SQS gives a token only to those who said how many they want
		return list[start:end], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}

// urls returns the URLs of an account's queues that match.
func (s *Service) urls(scope arn.Scope, match func(*queue) bool) []string {
	var list []string
	for _, q := range s.queues {
		if q.Scope.Account == scope.Account && q.Scope.Region == scope.Region && match(q) {
			list = append(list, s.url(q.definition))
		}
	}
	slices.Sort(list)
	return list
}

type listOutput struct {
	QueueURLs []string `json:"QueueUrls,omitempty"`
	NextToken string   `json:",omitempty"`
}

func (s *Service) listQueues(c call, in struct {
	QueueNamePrefix string
	pageInput
}) (listOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, next, err := in.page(s.urls(c.scope, func(q *queue) bool { return strings.HasPrefix(q.Name, in.QueueNamePrefix) }))
	return listOutput{list, next}, err
}

type sourcesOutput struct {
	QueueURLs []string `json:"queueUrls"`
	NextToken string   `json:",omitempty"`
}

func (s *Service) listSources(c call, in struct {
	queueInput
	pageInput
}) (sourcesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.at(c, in.QueueURL, "sqs:ListDeadLetterSourceQueues")
	if err != nil {
		return sourcesOutput{}, err
	}
	list, next, err := in.page(s.urls(target.Scope, func(q *queue) bool {
		return q.Settings.Redrive != nil && q.Settings.Redrive.Target == target.arn()
	}))
	if list == nil {
		list = []string{}
	}
	return sourcesOutput{list, next}, err
}
