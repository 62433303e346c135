// SPDX-License-Identifier: MIT

package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// Subscription says what is read, as whom and from where on.
type Subscription struct {
	Servers      []string // host:port of brokers on this machine
	Topic, Group string
	// Start is where partitions begin of which the group has noted nothing. Latest
	// is what arrives at Start.At or later, so that nothing is missed that comes
	// before the group has met.
	Start stream.Start
	// Trouble is told what keeps records from being read, maybe often; reading is
	// tried again.
	Trouble func(error)
}

const (
	// newsAge is how old what is known of a topic may get: partitions and topics
	// that are new are found that soon.
	newsAge = 5 * time.Second
	// newsPause is the least time between two questions for that.
	newsPause = 250 * time.Millisecond
	// sessionTimeout is how long a member that does not answer stays in a group.
	sessionTimeout = 10 * time.Second
	// rebalanceTimeout is how long a member may work on what it has to give away.
	rebalanceTimeout = time.Minute
	// leavePatience is how long leaving a group may take.
	leavePatience = 2 * time.Second
	// pollMost is how many records are taken over at a time.
	pollMost = 1000
)

func (s Subscription) start() kgo.Offset {
	switch s.Start.Position {
	case stream.TrimHorizon:
		return kgo.NewOffset().AtStart()
	default:
		return kgo.NewOffset().AfterMilli(s.Start.At.UnixMilli())
	}
}

// follower is a member of a group.
type follower struct {
	Subscription
	handle func(context.Context, *Partition)
	ctx    context.Context

	mu    sync.Mutex
	parts map[int32]*held
}

// held is a partition that is handled.
type held struct {
	*Partition
	cancel context.CancelFunc
	done   chan struct{} // closed when it is no longer handled
}

// Follow reads a topic as a member of a group until ctx ends. handle is called for
// each partition that the group gives to the member; its context ends when the
// group takes the partition away, for which the group waits until handle returns,
// or ctx ends. Follow returns when all calls have. It returns an error if a server
// is not on this machine.
func Follow(ctx context.Context, s Subscription, handle func(context.Context, *Partition)) error {
	for _, server := range s.Servers {
		if !IsLocal(server) {
			return &foreignError{server}
		}
	}
	f := &follower{Subscription: s, handle: handle, ctx: ctx, parts: map[int32]*held{}}
	client, err := kgo.NewClient(
		kgo.ClientID("sparta"), kgo.SeedBrokers(s.Servers...), kgo.Dialer(dial), kgo.DisableClientMetrics(), kgo.WithHooks(f),
		kgo.MetadataMaxAge(newsAge), kgo.MetadataMinAge(newsPause),
		kgo.ConsumerGroup(s.Group), kgo.ConsumeTopics(s.Topic), kgo.ConsumeStartOffset(s.start()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(), kgo.SessionTimeout(sessionTimeout), kgo.RebalanceTimeout(rebalanceTimeout),
		kgo.OnPartitionsAssigned(f.assigned), kgo.OnPartitionsRevoked(f.revoked), kgo.OnPartitionsLost(f.revoked),
	)
	if err != nil {
		return fmt.Errorf("read topic %s: %w", s.Topic, err)
	}
	var looking sync.WaitGroup
	looking.Go(func() { f.look(client) })
	f.poll(client)
	f.leave(client)
	looking.Wait()
	return nil
}

// look tells of a topic that is not there, for which the client waits without a
// word.
func (f *follower) look(client *kgo.Client) {
	wanted := kmsg.NewMetadataRequestTopic()
	wanted.Topic = &f.Topic
	request := kmsg.NewPtrMetadataRequest()
	request.Topics = append(request.Topics, wanted)
	answer, err := request.RequestWith(f.ctx, client)
	if err != nil {
		return // connections have a hook
	}
	for _, t := range answer.Topics {
		if err := said(t.ErrorCode, nil); err != nil {
			f.Trouble(trouble(err))
		}
	}
}

// poll hands out what is read until ctx ends.
func (f *follower) poll(client *kgo.Client) {
	for f.ctx.Err() == nil {
		fetches := client.PollRecords(f.ctx, pollMost)
		fetches.EachError(func(_ string, _ int32, err error) {
			if f.ctx.Err() == nil {
				f.Trouble(trouble(err))
			}
		})
		fetches.EachPartition(func(t kgo.FetchTopicPartition) {
			f.mu.Lock()
			h := f.parts[t.Partition]
			f.mu.Unlock()
			if h != nil && len(t.Records) > 0 {
				h.add(t.Records)
			}
		})
		client.AllowRebalance()
	}
}

// leave gives back all partitions and leaves the group, so that others need not
// wait for the member.
func (f *follower) leave(client *kgo.Client) {
	f.end(func(int32) bool { return true })
	ctx, cancel := context.WithTimeout(context.Background(), leavePatience)
	defer cancel()
	_ = client.LeaveGroupContext(ctx) // a group forgets a member that does not answer
	client.CloseAllowingRebalance()
}

func (f *follower) assigned(_ context.Context, client *kgo.Client, given map[string][]int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range given[f.Topic] {
		if f.ctx.Err() != nil {
			return
		}
		ctx, cancel := context.WithCancel(f.ctx)
		h := &held{&Partition{Topic: f.Topic, ID: id, client: client, arrived: make(chan struct{})}, cancel, make(chan struct{})}
		f.parts[id] = h
		go func() {
			defer close(h.done)
			f.handle(ctx, h.Partition)
		}()
	}
}

func (f *follower) revoked(_ context.Context, _ *kgo.Client, taken map[string][]int32) {
	gone := map[int32]bool{}
	for _, id := range taken[f.Topic] {
		gone[id] = true
	}
	f.end(func(id int32) bool { return gone[id] })
}

// end ends the handling of some partitions and waits for it.
func (f *follower) end(which func(id int32) bool) {
	f.mu.Lock()
	var list []*held
	for id, h := range f.parts {
		if which(id) {
			list = append(list, h)
			delete(f.parts, id)
		}
	}
	f.mu.Unlock()
	for _, h := range list {
		h.cancel()
	}
	for _, h := range list {
		<-h.done
	}
}

// OnBrokerConnect is the hook of the client for connections, also for those that
// fail.
func (f *follower) OnBrokerConnect(meta kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err == nil || f.ctx.Err() != nil {
		return
	}
	if foreign, ok := errors.AsType[*foreignError](err); ok {
		f.Trouble(foreign)
		return
	}
	f.Trouble(&connectionError{net.JoinHostPort(meta.Host, fmt.Sprint(meta.Port)), err})
}

// connectionError says that a broker cannot be reached.
type connectionError struct {
	server string
	cause  error
}

// Error has the words of Lambda ("Troubleshooting Kafka event source mapping
// errors") before what they are about here.
func (e *connectionError) Error() string {
	return fmt.Sprintf("Connection error. Please check your event source connection configuration. No Kafka broker answers at %s: %v", e.server, e.cause)
}

func (e *connectionError) Unwrap() error { return e.cause }

// absentError says that there is no such topic.
type absentError struct{ cause error }

func (e *absentError) Error() string { return "the topic does not exist" }

func (e *absentError) Unwrap() error { return e.cause }

// Hint says what to do.
func (e *absentError) Hint() string {
	return "have a client make it; for a cluster of MSK, AWS::MSK::Topic and `aws kafka create-topic` do, too"
}

// trouble words an error of reading.
func trouble(err error) error {
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		return &absentError{err}
	}
	return err
}
