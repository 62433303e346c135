// SPDX-License-Identifier: MIT

package kinesis

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/stream"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	// iteratorLife is how long an iterator is valid ("GetShardIterator").
	iteratorLife = 5 * time.Minute
	// maxRead bounds the records of one answer, in bytes ("GetRecords").
	maxRead = 10 << 20
	// maxRecords bounds their number.
	maxRecords = 10000
)

// iterator is a position in a shard, for those who ask for records.
type iterator struct {
	Stream string // its id
	ARN    string
	Shard  string
	After  string // sequence number
	At     int64  // when it was made, in ms since 1970
}

func (it iterator) text(now time.Time) string {
	it.At = now.UnixMilli()
	data, _ := json.Marshal(it) // texts and numbers only
	return base64.StdEncoding.EncodeToString(data)
}

type iteratorOutput struct{ ShardIterator string }

func (s *Service) getIterator(scope arn.Scope, in struct {
	target
	ShardID                string `json:"ShardId"`
	ShardIteratorType      string
	StartingSequenceNumber string
	Timestamp              *float64 // seconds since 1970
}) (iteratorOutput, error) {
	d, err := s.at(scope, in.target)
	if err != nil {
		return iteratorOutput{}, err
	}
	sh, err := d.shard(in.ShardID)
	if err != nil {
		return iteratorOutput{}, err
	}
	it := iterator{Stream: d.ID, ARN: d.arn(), Shard: sh.id()}
	numbered := strings.HasSuffix(in.ShardIteratorType, "_SEQUENCE_NUMBER")
	types := []string{"AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", stream.AtTimestamp, stream.TrimHorizon, stream.Latest}
	switch {
	case !slices.Contains(types, in.ShardIteratorType):
		return iteratorOutput{}, invalidMember(in.ShardIteratorType, "shardIteratorType", "Member must satisfy enum value set: ["+strings.Join(types, ", ")+"]")
	case numbered != (in.StartingSequenceNumber != ""):
		return iteratorOutput{}, invalidArgument("Must either specify (1) AT_SEQUENCE_NUMBER/AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON/LATEST/AT_TIMESTAMP and no StartingSequenceNumber.")
	case (in.ShardIteratorType == stream.AtTimestamp) != (in.Timestamp != nil):
		return iteratorOutput{}, invalidArgument("Must specify timestamp parameter for, and only for, iterator of type AT_TIMESTAMP.")
	case numbered && !sh.issued(in.StartingSequenceNumber):
		return iteratorOutput{}, invalidArgument("StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under account %s is invalid because it did not come from this stream.",
			in.StartingSequenceNumber, sh.id(), d.Name, d.Scope.Account)
	}
	switch in.ShardIteratorType {
	case "AT_SEQUENCE_NUMBER":
		it.After = before(in.StartingSequenceNumber)
	case "AFTER_SEQUENCE_NUMBER":
		it.After = in.StartingSequenceNumber
	default:
		start := stream.Start{Position: in.ShardIteratorType}
		if in.Timestamp != nil {
			if start.At = time.UnixMilli(int64(math.Round(*in.Timestamp * 1000))); start.At.After(s.env.Now()) {
				return iteratorOutput{}, invalidArgument("The timestampInMillis parameter cannot be greater than the currentTimestampInMillis.")
			}
		}
		it.After = sh.position(start)
	}
	return iteratorOutput{it.text(s.env.Now())}, nil
}

// position returns the sequence number after which the records begin that start
// asks for.
func (sh *shard) position(start stream.Start) string {
	switch start.Position {
	case stream.Latest:
		return sh.latest()
	case stream.AtTimestamp:
		i := slices.IndexFunc(sh.records, func(e entry) bool { return e.at >= start.At.UnixMilli() })
		switch {
		case i < 0:
			return sh.latest()
		case i > 0:
			e := sh.records[i-1]
			return sh.sequence(e.number, e.at/1000)
		}
	}
	return sh.first()
}

type recordOutput struct {
	SequenceNumber              string
	ApproximateArrivalTimestamp float64 // seconds since 1970
	Data                        []byte
	PartitionKey                string
	EncryptionType              string `json:",omitempty"`
}

type recordsOutput struct {
	Records            []recordOutput
	NextShardIterator  string
	MillisBehindLatest int64
}

func (s *Service) getRecords(scope arn.Scope, in struct {
	ShardIterator string
	Limit         *int
	StreamARN     string
}) (recordsOutput, error) {
	out := recordsOutput{Records: []recordOutput{}}
	most, err := limit(in.Limit, "limit", maxRecords, maxRecords)
	if err != nil {
		return out, err
	}
	var it iterator
	data, err := base64.StdEncoding.DecodeString(in.ShardIterator)
	if err != nil || json.Unmarshal(data, &it) != nil {
		return out, invalidArgument("Invalid ShardIterator.")
	}
	now := s.env.Now()
	if age := now.Sub(time.UnixMilli(it.At)); age > iteratorLife {
		return out, wire.Errorf(400, "ExpiredIteratorException", "Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future than the tolerated delay of %d milliseconds.",
			time.UnixMilli(it.At).UTC().Format(time.RFC1123), now.UTC().Format(time.RFC1123), iteratorLife.Milliseconds())
	}
	d, err := s.at(scope, target{StreamARN: it.ARN})
	if err != nil {
		return out, err
	}
	if in.StreamARN != "" && in.StreamARN != it.ARN || d.ID != it.Stream {
		return out, invalidArgument("The ShardIterator is not one of the stream %s.", d.arn())
	}
	sh, err := d.shard(it.Shard)
	if err != nil {
		return out, err
	}
	records, behind, err := s.from(d, sh, it.After, most)
	if err != nil {
		return out, err
	}
	for _, r := range records {
		out.Records = append(out.Records, recordOutput{r.Sequence, seconds(r.Arrived), r.Data, r.Key, d.recordEncryption()})
		it.After = r.Sequence
	}
	if behind {
		out.MillisBehindLatest = max(0, now.Sub(records[len(records)-1].Arrived).Milliseconds())
	}
	out.NextShardIterator = it.text(now)
	return out, nil
}

// from returns records after a sequence number, and whether there are more
// behind them; s.mu is held.
func (s *Service) from(d *dataStream, sh *shard, after string, most int) (records []record, more bool, err error) {
	if err := s.expire(d); err != nil {
		return nil, false, err
	}
	i := sh.after(after)
	records, err = sh.read(s.file(d, sh), i, most, maxRead)
	return records, i+len(records) < len(sh.records), err
}
