// SPDX-License-Identifier: MIT

package kinesis

import (
	"crypto/md5"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	maxEntries = 500
	// maxBatch bounds the records of a request with their keys, in bytes
	// (PutRecords, API reference).
	maxBatch = 10 << 20
)

var hashKeyPattern = regexp.MustCompile(`^(0|[1-9][0-9]{0,38})$`)

// outgoing is a record in a request.
type outgoing struct {
	Data            []byte
	PartitionKey    string
	ExplicitHashKey string
}

type putOutput struct {
	EncryptionType string `json:",omitempty"`
	SequenceNumber string
	ShardID        string `json:"ShardId"`
}

// putRecord adds one record. SequenceNumberForOrdering asks for what is always
// so: sequence numbers grow.
func (s *Service) putRecord(scope arn.Scope, in struct {
	target
	outgoing
	SequenceNumberForOrdering string
}) (putOutput, error) {
	d, err := s.at(scope, in.target)
	if err != nil {
		return putOutput{}, err
	}
	key, err := d.admit(in.outgoing, "")
	if err != nil {
		return putOutput{}, err
	}
	if n := in.SequenceNumberForOrdering; n != "" && !d.shardFor(key).issued(n) {
		return putOutput{}, invalidArgument("ExclusiveMinimumSequenceNumber %s used in PutRecord on stream %s under account %s is invalid.", n, d.Name, d.Scope.Account)
	}
	return s.put(d, key, in.outgoing)
}

type putRecordsOutput struct {
	EncryptionType    string `json:",omitempty"`
	FailedRecordCount int
	Records           []putOutput
}

// putRecords adds records, or none if one of them is not valid.
func (s *Service) putRecords(scope arn.Scope, in struct {
	target
	Records []outgoing
}) (putRecordsOutput, error) {
	var out putRecordsOutput
	d, err := s.at(scope, in.target)
	if err != nil {
		return out, err
	}
	if len(in.Records) == 0 || len(in.Records) > maxEntries {
		return out, invalidMember(fmt.Sprintf("[%d records]", len(in.Records)), "records", fmt.Sprintf("Member must have length between 1 and %d", maxEntries))
	}
	keys := make([]*big.Int, len(in.Records))
	size := 0
	for i, r := range in.Records {
		if keys[i], err = d.admit(r, fmt.Sprintf("records.%d.member.", i+1)); err != nil {
			return out, err
		}
		size += len(r.Data) + len(r.PartitionKey)
	}
	if size > maxBatch {
		return out, invalidArgument("Records size exceeds 10 MB limit")
	}
	out.EncryptionType = d.recordEncryption()
	for i, r := range in.Records {
		put, err := s.put(d, keys[i], r)
		if err != nil {
			return out, err
		}
		put.EncryptionType = ""
		out.Records = append(out.Records, put)
	}
	return out, nil
}

// admit checks a record and returns its hash key; path is where it stands in the
// request.
func (d *dataStream) admit(r outgoing, path string) (*big.Int, error) {
	if n := utf8.RuneCountInString(r.PartitionKey); n < 1 || n > 256 {
		return nil, invalidMember(r.PartitionKey, path+"partitionKey", "Member must have length between 1 and 256")
	}
	if r.Data == nil {
		return nil, wire.Errorf(http.StatusBadRequest, "ValidationException",
			"1 validation error detected: Value null at '%sdata' failed to satisfy constraint: Member must not be null", path)
	}
	if size := len(r.Data) + len(r.PartitionKey); size > d.MaxRecordKB<<10 {
		return nil, invalidArgument("The record has %d bytes with its partition key, more than the stream's maximum record size of %d KiB.", size, d.MaxRecordKB)
	}
	if r.ExplicitHashKey == "" {
		sum := md5.Sum([]byte(r.PartitionKey))
		return new(big.Int).SetBytes(sum[:]), nil
	}
	if !hashKeyPattern.MatchString(r.ExplicitHashKey) {
		return nil, invalidMember(r.ExplicitHashKey, path+"explicitHashKey", `Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})`)
	}
	key, _ := new(big.Int).SetString(r.ExplicitHashKey, 10) // digits only
	if key.Cmp(keyspace()) >= 0 {
		return nil, invalidArgument("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was %s", r.ExplicitHashKey)
	}
	return key, nil
}

// put adds a record to the shard of its hash key; s.mu is held.
func (s *Service) put(d *dataStream, key *big.Int, r outgoing) (putOutput, error) {
	if err := s.expire(d); err != nil {
		return putOutput{}, err
	}
	sh := d.shardFor(key)
	sequence, err := sh.append(s.file(d, sh), r.PartitionKey, r.Data, s.env.Now())
	if err != nil {
		return putOutput{}, err
	}
	s.changed()
	d.wake()
	return putOutput{d.recordEncryption(), sequence, sh.id()}, nil
}
