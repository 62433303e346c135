// SPDX-License-Identifier: MIT

package kinesis

import (
	"fmt"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
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
