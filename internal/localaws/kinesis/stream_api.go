// SPDX-License-Identifier: MIT

package kinesis

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type modeDetails struct{ StreamMode string }

func (s *Service) createStream(scope arn.Scope, in struct {
	StreamName         string
	ShardCount         *int
	StreamModeDetails  modeDetails
	MaxRecordSizeInKiB int
	Tags               map[string]string
}) (none, error) {
	out := spec{name: in.StreamName, mode: in.StreamModeDetails.StreamMode, maxRecordKB: in.MaxRecordSizeInKiB, tags: in.Tags}
	if in.ShardCount != nil {
		if out.shards = *in.ShardCount; out.shards < 1 {
			return none{}, invalidMember(fmt.Sprint(out.shards), "shardCount", "Member must have value greater than or equal to 1")
		}
	}
	_, err := s.create(scope, out)
	return none{}, err
}

func (s *Service) deleteStream(scope arn.Scope, in struct {
	target
	EnforceConsumerDeletion bool
}) (none, error) {
	d, err := s.at(scope, in.target)
	if err != nil {
		return none{}, err
	}
	if len(d.Consumers) > 0 && !in.EnforceConsumerDeletion {
		return none{}, inUse("Stream %s under account %s has registered consumers: deregister them or set EnforceConsumerDeletion.", d.Name, d.Scope.Account)
	}
	return none{}, s.drop(d)
}

// seconds writes a time as the API does, to the millisecond.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

type enhancedMetrics struct{ ShardLevelMetrics []string }

// about is what all descriptions of a stream say.
type about struct {
	StreamName              string
	StreamARN               string
	StreamStatus            string
	StreamModeDetails       modeDetails
	StreamCreationTimestamp float64 // seconds since 1970
}

func (d *dataStream) about() about {
	return about{d.Name, d.arn(), "ACTIVE", modeDetails{d.Mode}, seconds(d.Created)}
}

type described struct {
	about
	RetentionPeriodHours int
	EnhancedMonitoring   []enhancedMetrics
	EncryptionType       string
	KeyID                string `json:"KeyId,omitempty"`
}

func (d *dataStream) described() described {
	return described{d.about(), d.RetentionHours, []enhancedMetrics{{[]string{}}}, d.encryption(), d.KMSKey}
}

type hashKeyRange struct{ StartingHashKey, EndingHashKey string }

type sequenceRange struct{ StartingSequenceNumber string }

type shardOutput struct {
	ShardID             string `json:"ShardId"`
	HashKeyRange        hashKeyRange
	SequenceNumberRange sequenceRange
}

func (d *dataStream) shardOutput(sh *shard) shardOutput {
	first, last := d.hashRange(sh.Index)
	return shardOutput{sh.id(), hashKeyRange{first.String(), last.String()}, sequenceRange{sh.first()}}
}

// shardsAfter returns a number of the shards that follow one, and whether there
// are more.
func (d *dataStream) shardsAfter(id string, most int) (out []shardOutput, more bool) {
	out = []shardOutput{}
	for _, sh := range d.Shards {
		if sh.id() <= id {
			continue
		}
		if len(out) == most {
			return out, true
		}
		out = append(out, d.shardOutput(sh))
	}
	return out, false
}

// limit returns the size of a page.
func limit(n *int, member string, usual, most int) (int, error) {
	if n == nil {
		return usual, nil
	}
	if *n < 1 || *n > most {
		return 0, invalidMember(fmt.Sprint(*n), member, fmt.Sprintf("Member must have value between 1 and %d", most))
	}
	return *n, nil
}

type describeOutput struct {
	StreamDescription struct {
		described
		Shards        []shardOutput
		HasMoreShards bool
	}
}

func (s *Service) describeStream(scope arn.Scope, in struct {
	target
	Limit                 *int
	ExclusiveStartShardID string `json:"ExclusiveStartShardId"`
}) (describeOutput, error) {
	var out describeOutput
	d, err := s.at(scope, in.target)
	if err != nil {
		return out, err
	}
	most, err := limit(in.Limit, "limit", 100, 10000)
	out.StreamDescription.described = d.described()
	out.StreamDescription.Shards, out.StreamDescription.HasMoreShards = d.shardsAfter(in.ExclusiveStartShardID, most)
	return out, err
}

type summaryOutput struct {
	StreamDescriptionSummary struct {
		described
		StreamID           string `json:"StreamId"`
		OpenShardCount     int
		ConsumerCount      int
		MaxRecordSizeInKiB int
	}
}

func (s *Service) describeSummary(scope arn.Scope, in target) (summaryOutput, error) {
	var out summaryOutput
	d, err := s.at(scope, in)
	if err != nil {
		return out, err
	}
	v := &out.StreamDescriptionSummary
	v.described, v.StreamID, v.OpenShardCount, v.ConsumerCount, v.MaxRecordSizeInKiB = d.described(), d.ID, len(d.Shards), len(d.Consumers), d.MaxRecordKB
	return out, nil
}

type listOutput struct {
	StreamNames     []string
	StreamSummaries []about
	HasMoreStreams  bool
	NextToken       string `json:",omitempty"`
}

func (s *Service) listStreams(scope arn.Scope, in struct {
	Limit                    *int
	ExclusiveStartStreamName string
	NextToken                string
}) (listOutput, error) {
	out := listOutput{StreamNames: []string{}, StreamSummaries: []about{}}
	most, err := limit(in.Limit, "limit", 100, 10000)
	if err != nil {
		return out, err
	}
	start := in.ExclusiveStartStreamName
	if in.NextToken != "" {
		if err := readToken(in.NextToken, &start); err != nil {
			return out, err
		}
	}
	byName := map[string]*dataStream{}
	for key, d := range s.streams {
		if key.account == scope.Account && key.region == scope.Region && d.Name > start {
			byName[d.Name] = d
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if len(out.StreamNames) == most {
			out.HasMoreStreams, out.NextToken = true, token(out.StreamNames[most-1])
			break
		}
		out.StreamNames, out.StreamSummaries = append(out.StreamNames, name), append(out.StreamSummaries, byName[name].about())
	}
	return out, nil
}

// shardFilter says which shards ListShards lists. As no shard is ever closed,
// all points in time have the same ones.
type shardFilter struct {
	Type      string
	ShardID   string   `json:"ShardId"`
	Timestamp *float64 // seconds since 1970
}

func (f *shardFilter) check() error {
	if f == nil {
		return nil
	}
	types := []string{"AFTER_SHARD_ID", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON", "AT_LATEST", "AT_TIMESTAMP", "FROM_TIMESTAMP"}
	switch {
	case !slices.Contains(types, f.Type):
		return invalidMember(f.Type, "shardFilter.type", "Member must satisfy enum value set: ["+strings.Join(types, ", ")+"]")
	case (f.Type == "AFTER_SHARD_ID") != (f.ShardID != ""), strings.HasSuffix(f.Type, "TIMESTAMP") != (f.Timestamp != nil):
		return invalidArgument("The shard filter %s needs a ShardId if its type is AFTER_SHARD_ID, a Timestamp if it is AT_TIMESTAMP or FROM_TIMESTAMP, and else none of them.", f.Type)
	}
	return nil
}

type shardsOutput struct {
	Shards    []shardOutput
	NextToken string `json:",omitempty"`
}

// shardsToken continues ListShards.
type shardsToken struct{ ARN, After string }

func (s *Service) listShards(scope arn.Scope, in struct {
	target
	MaxResults            *int
	NextToken             string
	ExclusiveStartShardID string `json:"ExclusiveStartShardId"`
	ShardFilter           *shardFilter
}) (shardsOutput, error) {
	var out shardsOutput
	most, err := limit(in.MaxResults, "maxResults", 1000, 10000)
	if err == nil {
		err = in.ShardFilter.check()
	}
	if err != nil {
		return out, err
	}
	from := shardsToken{After: in.ExclusiveStartShardID}
	if in.ShardFilter != nil {
		from.After = max(from.After, in.ShardFilter.ShardID)
	}
	if in.NextToken != "" {
		if in.StreamName != "" || from.After != "" {
			return out, invalidArgument("NextToken cannot be provided together with StreamName or where to start.")
		}
		if err := readToken(in.NextToken, &from); err != nil {
			return out, err
		}
		in.StreamARN = from.ARN
	}
	d, err := s.at(scope, in.target)
	if err != nil {
		return out, err
	}
	var more bool
	if out.Shards, more = d.shardsAfter(from.After, most); more {
		out.NextToken = token(shardsToken{d.arn(), out.Shards[most-1].ShardID})
	}
	return out, nil
}

// token encodes where something goes on.
func token(v any) string {
	text, _ := json.Marshal(v) // texts and numbers only
	return base64.StdEncoding.EncodeToString(text)
}

func readToken(text string, v any) error {
	data, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return wire.Errorf(400, "InvalidArgumentException", "NextToken %s is invalid.", text)
	}
	return nil
}
