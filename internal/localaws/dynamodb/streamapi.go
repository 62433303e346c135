// SPDX-License-Identifier: MIT

package dynamodb

import (
	"maps"
	"slices"
	"time"
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
