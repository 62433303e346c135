// SPDX-License-Identifier: MIT

package dynamodb

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// iterator is where reading goes on.
type iterator struct {
	Stream string
	Next   int64 // sequence number
	Oldest bool  `json:",omitempty"` // what is gone is no error
	Made   time.Time
}

func (i iterator) token() string {
	data, _ := json.Marshal(i) // holds no more than text and numbers
	return base64.StdEncoding.EncodeToString(data)
}

func parseIterator(text string) (i iterator, err error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(data, &i)
	}
	if err != nil || i.Stream == "" {
		return i, invalid("Invalid ShardIterator: %s", text)
	}
	return i, nil
}

type iteratorOutput struct{ ShardIterator string }

func (s *Service) getShardIterator(c call, in struct {
	StreamArn         string
	ShardID           string `json:"ShardId"`
	ShardIteratorType string
	SequenceNumber    *string
}) (iteratorOutput, error) {
	var faults constraints
	faults.present(in.StreamArn != "", "streamArn")
	faults.present(in.ShardID != "", "shardId")
	faults.present(in.ShardIteratorType != "", "shardIteratorType")
	faults.enum(in.ShardIteratorType, "shardIteratorType", "AFTER_SEQUENCE_NUMBER", "LATEST", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON")
	if err := faults.err(); err != nil {
		return iteratorOutput{}, err
	}
	s.mu.Lock() // trims
	defer s.mu.Unlock()
	st, err := s.findStream(c.scope.Account, in.StreamArn)
	if err != nil {
		return iteratorOutput{}, err
	}
	if in.ShardID != st.shard() {
		return iteratorOutput{}, notFound("Requested resource not found: Shard: %s in Stream: %s not found", in.ShardID, st.ARN)
	}
	now := s.env.Now()
	st.trim(now)
	i := iterator{Stream: st.ARN, Made: now}
	switch in.ShardIteratorType {
	case "LATEST":
		i.Next = st.Next
	case "TRIM_HORIZON":
		i.Next, i.Oldest = st.oldest(), true
	default:
		if i.Next, err = st.at(in.SequenceNumber, in.ShardIteratorType); err != nil {
			return iteratorOutput{}, err
		}
	}
	return iteratorOutput{i.token()}, nil
}

// at returns the sequence number that a caller names, or the one after it.
func (st *feed) at(text *string, kind string) (int64, error) {
	if text == nil {
		return 0, invalid("SequenceNumber must be specified when ShardIteratorType is %s", kind)
	}
	n, ok := parseSequence(*text)
	switch {
	case !ok:
		return 0, invalid("Invalid SequenceNumber: %s", *text)
	case n >= st.Next:
		return 0, invalid("Invalid SequenceNumber: %s is beyond the last record of the shard", *text)
	case n < st.oldest():
		return 0, trimmed(*text)
	case kind == "AFTER_SEQUENCE_NUMBER":
		n++
	}
	return n, nil
}

func trimmed(number string) error {
	return wire.Errorf(400, "TrimmedDataAccessException", "The operation attempted to read past the oldest stream record in a shard: the record %s has been trimmed", number)
}

type recordsOutput struct {
	Records           []streamRecord
	NextShardIterator string `json:",omitempty"`
}

// The most that one call of GetRecords gives.
const (
	maxRecords     = 1000
	maxRecordBytes = 1 << 20
)

func (s *Service) getRecords(c call, in struct {
	ShardIterator string
	Limit         *int64
}) (recordsOutput, error) {
	limit := int64(maxRecords)
	var faults constraints
	faults.present(in.ShardIterator != "", "shardIterator")
	if in.Limit != nil {
		limit = *in.Limit
		faults.atLeast(in.Limit, "limit", 1)
		faults.atMost(in.Limit, "limit", maxRecords)
	}
	if err := faults.err(); err != nil {
		return recordsOutput{}, err
	}
	i, err := parseIterator(in.ShardIterator)
	if err != nil {
		return recordsOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.findStream(c.scope.Account, i.Stream)
	if err != nil {
		return recordsOutput{}, err
	}
	now := s.env.Now()
	if now.Sub(i.Made) > iteratorLife {
		return recordsOutput{}, wire.Errorf(400, "ExpiredIteratorException", "Iterator expired. The iterator was created at time %s while now is %s",
			i.Made.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	if st.trim(now); i.Next < st.oldest() && !i.Oldest {
		return recordsOutput{}, trimmed(sequence(i.Next))
	}
	changes := st.read(max(i.Next, st.oldest()), int(limit))
	out := recordsOutput{Records: []streamRecord{}}
	next := iterator{Stream: st.ARN, Next: max(i.Next, st.oldest()), Made: now}
	for _, change := range changes {
		out.Records = append(out.Records, st.record(change))
		next.Next = change.Sequence + 1
	}
	if st.Closed.IsZero() || next.Next < st.Next {
		out.NextShardIterator = next.token()
	}
	return out, nil
}

// read returns at most so many changes from a sequence number on, and no more
// than one call may give.
func (st *feed) read(from int64, most int) []*change {
	changes := st.from(from)
	size := 0
	for i, c := range changes {
		if size += c.size(); i == most || i > 0 && size > maxRecordBytes {
			return changes[:i]
		}
	}
	return changes
}
