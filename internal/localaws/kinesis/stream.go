// SPDX-License-Identifier: MIT

package kinesis

import (
	"cmp"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// dataStream is a stream as it is kept; guarded by Service.mu.
type dataStream struct {
	Scope          arn.Scope
	Name           string
	ID             string // unlike the name, never used again; names the directory of the records
	Created        time.Time
	Mode           string // PROVISIONED or ON_DEMAND
	RetentionHours int
	MaxRecordKB    int
	KMSKey         string            `json:",omitempty"` // empty: not encrypted
	Tags           map[string]string `json:",omitempty"`
	Shards         []*shard
	Consumers      []*consumer `json:",omitempty"`

	arrived chan struct{} // closed and replaced when there are new records, closed when the stream is deleted
}

// shard is a part of a stream: its records are those whose hash keys are in its
// range.
type shard struct {
	Index   int
	Created int64  // seconds since 1970
	Last    uint64 // number of the last record, of all there ever were
	LastAt  int64  // when it arrived, in ms since 1970; 0 if there was none

	records []entry // not older than the retention period, in the order of arrival
	size    int64   // of the file, bytes
}

// The modes of a stream.
const (
	provisioned = "PROVISIONED"
	onDemand    = "ON_DEMAND"
)

const (
	defaultRetentionHours = 24
	maxRetentionHours     = 8760
	defaultRecordKB       = 1024
	maxRecordKB           = 10240
	// onDemandShards is how many shards an on-demand stream begins with
	// ("Choose the data stream capacity mode", Kinesis Developer Guide).
	onDemandShards = 4
	// maxShards bounds the shards of a stream on one machine; the quota of an
	// account is 20,000 at most.
	maxShards = 1000
)

var (
	namePattern  = lazy.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
	twelveDigits = lazy.MustCompile(`^[0-9]{12}$`)
)

func (d *dataStream) arn() string { return d.Scope.Regional("kinesis", "stream/"+d.Name) }

func (d *dataStream) encryption() string {
	if d.KMSKey != "" {
		return "KMS"
	}
	return "NONE"
}

// recordEncryption is how records are marked: those that are not encrypted are
// not.
func (d *dataStream) recordEncryption() string {
	if d.KMSKey != "" {
		return "KMS"
	}
	return ""
}

func (sh *shard) id() string { return fmt.Sprintf("shardId-%012d", sh.Index) }

// shard returns a shard by its id.
func (d *dataStream) shard(id string) (*shard, error) {
	i := slices.IndexFunc(d.Shards, func(sh *shard) bool { return sh.id() == id })
	if i < 0 {
		return nil, notFound("Shard %s in stream %s under account %s does not exist", id, d.Name, d.Scope.Account)
	}
	return d.Shards[i], nil
}

// keyspace is the number of hash keys: 2^128.
func keyspace() *big.Int { return new(big.Int).Lsh(big.NewInt(1), 128) }

// hashRange returns the hash keys of the shard with an index, both inclusive:
// the keys are divided evenly, and the last shard has what is left.
func (d *dataStream) hashRange(index int) (first, last *big.Int) {
	n := int64(len(d.Shards))
	each := new(big.Int).Div(keyspace(), big.NewInt(n))
	first = new(big.Int).Mul(each, big.NewInt(int64(index)))
	last = new(big.Int).Sub(new(big.Int).Add(first, each), big.NewInt(1))
	if int64(index) == n-1 {
		last.Sub(keyspace(), big.NewInt(1))
	}
	return first, last
}

// shardFor returns the shard that a hash key belongs to.
func (d *dataStream) shardFor(key *big.Int) *shard {
	n := int64(len(d.Shards))
	each := new(big.Int).Div(keyspace(), big.NewInt(n))
	return d.Shards[min(new(big.Int).Div(key, each).Int64(), n-1)]
}

// spec is what is said of a stream that is made.
type spec struct {
	name        string
	shards      int // 0: none were given
	mode        string
	maxRecordKB int // 0: the default
	tags        map[string]string
}

// create makes a stream; s.mu is held.
func (s *Service) create(scope arn.Scope, in spec) (*dataStream, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if s.streams[keyOf(scope, in.name)] != nil {
		return nil, inUse("Stream %s under account %s already exists.", in.name, scope.Account)
	}
	now := s.env.Now().UTC()
	d := &dataStream{
		Scope: scope, Name: in.name, ID: newStreamID(), Created: now, Mode: in.mode, RetentionHours: defaultRetentionHours,
		MaxRecordKB: cmp.Or(in.maxRecordKB, defaultRecordKB), Tags: in.tags, arrived: make(chan struct{}),
	}
	if err := os.MkdirAll(filepath.Join(s.root, d.ID), 0o700); err != nil {
		return nil, err
	}
	for i := range in.shards {
		d.Shards = append(d.Shards, &shard{Index: i, Created: now.Unix()})
	}
	s.streams[keyOf(scope, d.Name)] = d
	s.changed()
	return d, nil
}

// check completes the spec and checks it.
func (in *spec) check() error {
	switch {
	case !namePattern.MatchString(in.name):
		return invalidMember(in.name, "streamName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	case in.mode == "" && in.shards == 0:
		in.mode = onDemand
	case in.mode == "":
		in.mode = provisioned
	}
	switch {
	case in.mode != onDemand && in.mode != provisioned:
		return invalidMember(in.mode, "streamModeDetails.streamMode", "Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]")
	case in.mode == onDemand && in.shards != 0:
		return invalidArgument("ShardCount cannot be specified for a stream in ON_DEMAND mode.")
	case in.mode == onDemand:
		in.shards = onDemandShards
	case in.shards < 1:
		return invalidArgument("ShardCount must be at least 1 for a stream in PROVISIONED mode.")
	case in.shards > maxShards:
		return invalidArgument("the embedded AWS models streams of at most %d shards", maxShards)
	}
	if in.maxRecordKB != 0 && (in.maxRecordKB < defaultRecordKB || in.maxRecordKB > maxRecordKB) {
		return invalidMember(fmt.Sprint(in.maxRecordKB), "maxRecordSizeInKiB", fmt.Sprintf("Member must have value between %d and %d", defaultRecordKB, maxRecordKB))
	}
	return checkTags(in.tags)
}

// drop removes a stream with its records and consumers; s.mu is held.
func (s *Service) drop(d *dataStream) error {
	delete(s.streams, keyOf(d.Scope, d.Name))
	close(d.arrived)
	s.changed()
	return os.RemoveAll(filepath.Join(s.root, d.ID))
}

// wake tells those who wait for records to look again.
func (d *dataStream) wake() {
	close(d.arrived)
	d.arrived = make(chan struct{})
}
