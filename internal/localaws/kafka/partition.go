// SPDX-License-Identifier: MIT

package kafka

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// How much of a partition is read ahead of what is settled: more than the largest
// batch, 10,000 records or 6 MB.
const (
	aheadRecords = 20_000
	aheadBytes   = 16 << 20
)

// Partition is a partition of a topic that the group of a subscription has given
// to this member. Its records are those that the group has not settled yet. Its
// methods may be called concurrently.
type Partition struct {
	Topic  string
	ID     int32
	client *kgo.Client

	mu      sync.Mutex
	records []*kgo.Record // read, and not settled; in the order of their offsets
	bytes   int           // of them
	paused  bool
	settled string        // sequence number up to which everything is settled; "" at first
	arrived chan struct{} // closed when records come
}

// Name returns topic-partition, as events and failures name a partition.
func (p *Partition) Name() string { return p.Topic + "-" + strconv.Itoa(int(p.ID)) }

func (p *Partition) self() map[string][]int32 { return map[string][]int32{p.Topic: {p.ID}} }

func size(r *kgo.Record) int { return len(r.Key) + len(r.Value) + 64 }

// add appends records that were read.
func (p *Partition) add(records []*kgo.Record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.records = append(p.records, records...)
	for _, r := range records {
		p.bytes += size(r)
	}
	if !p.paused && (len(p.records) > aheadRecords || p.bytes > aheadBytes) {
		p.paused = true
		p.client.PauseFetchPartitions(p.self())
	}
	close(p.arrived)
	p.arrived = make(chan struct{})
}

// Read returns records behind the sequence number r.After, which is an offset.
// If there are none it waits; it returns none when the time is over or ctx ends.
func (p *Partition) Read(ctx context.Context, r stream.Request) (stream.Page, error) {
	timer := time.NewTimer(r.Wait)
	defer timer.Stop()
	for {
		page, arrived, err := p.look(r)
		if err != nil || len(page.Records) > 0 || r.Wait <= 0 {
			return page, err
		}
		select {
		case <-arrived:
		case <-timer.C:
			return page, nil
		case <-ctx.Done():
			return page, nil
		}
	}
}

// look returns the records that there are, and what is closed when there are
// more.
func (p *Partition) look(r stream.Request) (stream.Page, <-chan struct{}, error) {
	after := offset(r.After)
	p.mu.Lock()
	defer p.mu.Unlock()
	var page stream.Page
	for _, record := range p.records {
		if record.Offset <= after {
			continue
		}
		if len(page.Records) == r.Most {
			break
		}
		out, err := encode(record)
		if err != nil {
			return stream.Page{}, nil, err
		}
		page.Records = append(page.Records, out)
	}
	return page, p.arrived, nil
}

// offset returns the offset that a sequence number is, -1 for none.
func offset(sequence string) int64 {
	n, err := strconv.ParseInt(sequence, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// Settled returns the sequence number up to which all records are settled, ""
// before the first one is.
func (p *Partition) Settled() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settled
}

// commitPatience is how long a group may take to note an offset.
const commitPatience = 10 * time.Second

// Settle has the group note that all records up to a sequence number need not be
// handled again. If the group does not, they are, by whoever reads the partition
// next.
func (p *Partition) Settle(sequence string) error {
	through := offset(sequence)
	p.mu.Lock()
	if through < 0 || sequence == p.settled {
		p.mu.Unlock()
		return nil
	}
	p.settled = sequence
	p.drop(through)
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), commitPatience) // what was handled is noted also when reading ends
	defer cancel()
	var failure error
	p.client.CommitOffsetsSync(ctx, map[string]map[int32]kgo.EpochOffset{p.Topic: {p.ID: {Epoch: -1, Offset: through + 1}}},
		func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, answer *kmsg.OffsetCommitResponse, err error) {
			failure = committed(answer, err)
		})
	return failure
}

// committed returns the error of a commit.
func committed(answer *kmsg.OffsetCommitResponse, err error) error {
	if err != nil {
		return err
	}
	for _, t := range answer.Topics {
		for _, p := range t.Partitions {
			if err := said(p.ErrorCode, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// drop forgets the records up to an offset, and reads on when there is room; p.mu
// is held.
func (p *Partition) drop(through int64) {
	n := 0
	for n < len(p.records) && p.records[n].Offset <= through {
		p.bytes -= size(p.records[n])
		n++
	}
	p.records = append([]*kgo.Record(nil), p.records[n:]...)
	if p.paused && len(p.records) <= aheadRecords/2 && p.bytes <= aheadBytes/2 {
		p.paused = false
		p.client.ResumeFetchPartitions(p.self())
	}
}
