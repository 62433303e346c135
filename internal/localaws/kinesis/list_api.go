// SPDX-License-Identifier: MIT

package kinesis

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

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
		return invalidArgument("NextToken %s is invalid.", text)
	}
	return nil
}
