// SPDX-License-Identifier: MIT

package dynamodb

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// iteratorLife is how long a shard iterator may be used.
const iteratorLife = 15 * time.Minute

func streamActions() map[string]handler {
	return map[string]handler{
		streamTarget + "ListStreams":      action("ListStreams", (*Service).listStreams),
		streamTarget + "DescribeStream":   action("DescribeStream", (*Service).describeStream),
		streamTarget + "GetShardIterator": action("GetShardIterator", (*Service).getShardIterator),
		streamTarget + "GetRecords":       action("GetRecords", (*Service).getRecords),
	}
}

// findStream returns a stream of the caller by its ARN; s.mu is held.
func (s *Service) findStream(account, streamARN string) (*feed, error) {
	st := s.streams[streamARN]
	if st == nil || account != "" && st.Scope.Account != account || st.gone(s.env.Now()) {
		return nil, notFound("Requested resource not found: Stream: %s not found", streamARN)
	}
	return st, nil
}

// gone reports whether a closed stream has nothing any more.
func (st *feed) gone(now time.Time) bool {
	return !st.Closed.IsZero() && now.Sub(st.Closed) >= retention
}

type streamListed struct{ StreamArn, TableName, StreamLabel string }

type listStreamsOutput struct {
	Streams                []streamListed
	LastEvaluatedStreamArn string `json:",omitempty"`
}

func (s *Service) listStreams(c call, in struct {
	TableName               string
	Limit                   *int64
	ExclusiveStartStreamArn string
}) (listStreamsOutput, error) {
	limit := int64(100)
	var faults constraints
	if in.TableName != "" {
		faults.checkName(in.TableName, "tableName")
	}
	if in.Limit != nil {
		limit = *in.Limit
		faults.atLeast(in.Limit, "limit", 1)
		faults.atMost(in.Limit, "limit", 100)
	}
	if err := faults.err(); err != nil {
		return listStreamsOutput{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := listStreamsOutput{Streams: []streamListed{}}
	for _, streamARN := range slices.Sorted(maps.Keys(s.streams)) {
		st := s.streams[streamARN]
		if st.Scope.Account != c.scope.Account || st.Scope.Region != c.scope.Region || st.gone(s.env.Now()) ||
			in.TableName != "" && st.Table != in.TableName || streamARN <= in.ExclusiveStartStreamArn {
			continue
		}
		if int64(len(out.Streams)) == limit {
			out.LastEvaluatedStreamArn = out.Streams[limit-1].StreamArn
			break
		}
		out.Streams = append(out.Streams, streamListed{st.ARN, st.Table, st.Label})
	}
	return out, nil
}

type streamDescription struct {
	StreamArn, StreamLabel, StreamStatus, StreamViewType string
	CreationRequestDateTime                              float64
	TableName                                            string
	KeySchema                                            []keyElement
	Shards                                               []shard
}

type shard struct {
	ShardID             string `json:"ShardId"`
	SequenceNumberRange sequenceRange
}

type sequenceRange struct {
	StartingSequenceNumber string
	EndingSequenceNumber   string `json:",omitempty"`
}

type describeStreamOutput struct{ StreamDescription streamDescription }

func (s *Service) describeStream(c call, in struct {
	StreamArn             string
	Limit                 *int64
	ExclusiveStartShardID string `json:"ExclusiveStartShardId"`
	ShardFilter           *struct {
		Type    string
		ShardID string `json:"ShardId"`
	}
}) (describeStreamOutput, error) {
	var faults constraints
	faults.present(in.StreamArn != "", "streamArn")
	faults.atLeast(in.Limit, "limit", 1)
	faults.atMost(in.Limit, "limit", 100)
	if in.ShardFilter != nil {
		faults.enum(in.ShardFilter.Type, "shardFilter.type", "CHILD_SHARDS")
	}
	if err := faults.err(); err != nil {
		return describeStreamOutput{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	st, err := s.findStream(c.scope.Account, in.StreamArn)
	if err != nil {
		return describeStreamOutput{}, err
	}
	d := streamDescription{
		StreamArn: st.ARN, StreamLabel: st.Label, StreamStatus: "ENABLED", StreamViewType: st.View, CreationRequestDateTime: seconds(st.Created),
		TableName: st.Table, KeySchema: st.KeySchema, Shards: []shard{},
	}
	only := shard{st.shard(), sequenceRange{StartingSequenceNumber: sequence(1)}}
	if !st.Closed.IsZero() {
		d.StreamStatus = "DISABLED"
		only.SequenceNumberRange.EndingSequenceNumber = sequence(st.Next)
	}
	if in.ExclusiveStartShardID == "" && in.ShardFilter == nil { // the only shard has no children
		d.Shards = append(d.Shards, only)
	}
	return describeStreamOutput{d}, nil
}

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

func (c *change) size() int { return c.Keys.Size() + c.New.Size() + c.Old.Size() }

// streamRecord is how the API shows a change. Events for functions differ from
// it in some names.
type streamRecord struct {
	EventID        string        `json:"eventID"`
	EventName      string        `json:"eventName"`
	EventVersion   string        `json:"eventVersion"`
	EventSource    string        `json:"eventSource"`
	AWSRegion      string        `json:"awsRegion"`
	Change         shownChange   `json:"dynamodb"`
	UserIdentity   *userIdentity `json:"userIdentity,omitempty"`
	EventSourceARN string        `json:"eventSourceARN,omitempty"` // of events
}

type shownChange struct {
	ApproximateCreationDateTime int64 // whole seconds
	Keys                        attribute.Item
	NewImage                    attribute.Item `json:",omitempty"`
	OldImage                    attribute.Item `json:",omitempty"`
	SequenceNumber              string
	SizeBytes                   int
	StreamViewType              string
}

// userIdentity is who has deleted an item, if it was time to live.
type userIdentity struct{ principal, kind string }

func (u userIdentity) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{u.principal: "dynamodb.amazonaws.com", u.kind: "Service"})
}

func (st *feed) record(c *change) streamRecord {
	r := streamRecord{
		EventID: c.ID, EventName: c.Event, EventVersion: "1.1", EventSource: "aws:dynamodb", AWSRegion: st.Scope.Region,
		Change: shownChange{c.At.Unix(), c.Keys, c.New, c.Old, sequence(c.Sequence), c.size(), st.View},
	}
	if c.Expired {
		r.UserIdentity = &userIdentity{"PrincipalId", "Type"}
	}
	return r
}
