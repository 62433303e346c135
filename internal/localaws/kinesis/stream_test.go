// SPDX-License-Identifier: MIT

package kinesis_test

import (
	"crypto/md5"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Records go to the shard whose range has the MD5 of their key, and the ranges
// of all shards together are the whole space.
func TestRouting(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.stream(t, "s", 3)
	type span struct{ first, last *big.Int }
	ranges := map[string]span{}
	next := big.NewInt(0)
	for _, item := range w.ok(t, "ListShards", object{"StreamName": "s"})["Shards"].([]any) {
		sh := item.(object)
		text := sh["HashKeyRange"].(object)
		first, _ := new(big.Int).SetString(text["StartingHashKey"].(string), 10)
		last, _ := new(big.Int).SetString(text["EndingHashKey"].(string), 10)
		if first.Cmp(next) != 0 {
			t.Errorf("range begins at %s, want %s", first, next)
		}
		next = new(big.Int).Add(last, big.NewInt(1))
		ranges[sh["ShardId"].(string)] = span{first, last}
	}
	if next.Cmp(new(big.Int).Lsh(big.NewInt(1), 128)) != 0 {
		t.Errorf("ranges end at %s", next)
	}
	used := map[string]bool{}
	for i := range 40 {
		key := fmt.Sprint("key", i)
		shard := w.ok(t, "PutRecord", object{"StreamName": "s", "PartitionKey": key, "Data": ""})["ShardId"].(string)
		sum := md5.Sum([]byte(key))
		hash := new(big.Int).SetBytes(sum[:])
		if r := ranges[shard]; hash.Cmp(r.first) < 0 || hash.Cmp(r.last) > 0 {
			t.Errorf("%s went to %s", key, shard)
		}
		used[shard] = true
	}
	if len(used) != 3 {
		t.Errorf("used %v", used)
	}
	for hash, want := range map[string]string{"0": "shardId-000000000000", "340282366920938463463374607431768211455": "shardId-000000000002"} {
		if got := w.ok(t, "PutRecord", object{"StreamName": "s", "PartitionKey": "k", "ExplicitHashKey": hash, "Data": ""})["ShardId"]; got != want {
			t.Errorf("hash %s went to %s", hash, got)
		}
	}
}

func TestIterators(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.stream(t, "s", 1)
		empty := w.iterator(t, "LATEST", nil)
		var sequences []string
		began := time.Now()
		for _, data := range []string{"a", "b", "c"} {
			sequences = append(sequences, w.put(t, "k", data))
			time.Sleep(time.Second)
		}
		for _, test := range []struct {
			name, kind string
			more       object
			want       string
		}{
			{"oldest", "TRIM_HORIZON", nil, "abc"},
			{"latest", "LATEST", nil, ""},
			{"at", "AT_SEQUENCE_NUMBER", object{"StartingSequenceNumber": sequences[1]}, "bc"},
			{"after", "AFTER_SEQUENCE_NUMBER", object{"StartingSequenceNumber": sequences[1]}, "c"},
			{"time before all", "AT_TIMESTAMP", object{"Timestamp": began.Add(-time.Hour).Unix()}, "abc"},
			{"time of a record", "AT_TIMESTAMP", object{"Timestamp": began.Add(time.Second).Unix()}, "bc"},
			{"time between", "AT_TIMESTAMP", object{"Timestamp": float64(began.UnixMilli()+1500) / 1000}, "c"},
			{"time after all", "AT_TIMESTAMP", object{"Timestamp": began.Add(3 * time.Second).Unix()}, ""},
		} {
			got, next := w.read(t, w.iterator(t, test.kind, test.more))
			if strings.Join(got, "") != test.want {
				t.Errorf("%s: got %v", test.name, got)
			}
			if again, _ := w.read(t, next); again != nil {
				t.Errorf("%s: then %v", test.name, again)
			}
		}
		if got, _ := w.read(t, empty); strings.Join(got, "") != "abc" {
			t.Errorf("from the empty shard on: %v", got)
		}
		time.Sleep(5 * time.Minute)
		w.refused(t, "GetRecords", object{"ShardIterator": empty}, "ExpiredIteratorException", "Iterator expired")
		for _, test := range []struct {
			in   object
			want string
		}{
			{object{"ShardIteratorType": "AT_SEQUENCE_NUMBER"}, "InvalidArgumentException"},
			{object{"ShardIteratorType": "LATEST", "StartingSequenceNumber": sequences[0]}, "InvalidArgumentException"},
			{object{"ShardIteratorType": "AT_TIMESTAMP"}, "InvalidArgumentException"},
			{object{"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": time.Now().Add(time.Hour).Unix()}, "InvalidArgumentException"},
			{object{"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": "123"}, "InvalidArgumentException"},
			{object{"ShardIteratorType": "OTHER"}, "ValidationException"},
			{object{"ShardIteratorType": "LATEST", "ShardId": "shardId-000000000009"}, "ResourceNotFoundException"},
		} {
			in := object{"StreamName": "s", "ShardId": firstShard}
			maps.Copy(in, test.in)
			w.refused(t, "GetShardIterator", in, test.want, "")
		}
	})
}

// Sequence numbers are decimal, of one length, and grow with every record.
func TestSequenceNumbers(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.stream(t, "s", 1)
	last := ""
	for range 20 {
		n := w.put(t, "k", "x")
		if len(n) != 56 || !strings.HasPrefix(n, "49") || n <= last || strings.Trim(n, "0123456789") != "" {
			t.Errorf("got %s after %s", n, last)
		}
		last = n
	}
	w.ok(t, "PutRecord", object{"StreamName": "s", "PartitionKey": "k", "Data": "", "SequenceNumberForOrdering": last})
	w.refused(t, "PutRecord", object{"StreamName": "s", "PartitionKey": "k", "Data": "", "SequenceNumberForOrdering": "1"}, "InvalidArgumentException", "ExclusiveMinimumSequenceNumber")
}

// Records are gone when the retention period is over, also from the disk, and
// numbers go on where they were.
func TestRetention(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := open(t, dir)
		w.stream(t, "s", 1)
		w.refused(t, "IncreaseStreamRetentionPeriod", object{"StreamName": "s", "RetentionPeriodHours": 12}, "InvalidArgumentException", "can not be shorter than")
		w.refused(t, "IncreaseStreamRetentionPeriod", object{"StreamName": "s", "RetentionPeriodHours": 9000}, "InvalidArgumentException", "8760")
		w.ok(t, "IncreaseStreamRetentionPeriod", object{"StreamName": "s", "RetentionPeriodHours": 48})
		last := w.put(t, "k", "old")
		time.Sleep(47 * time.Hour)
		w.put(t, "k", "new")
		if got, _ := w.read(t, w.iterator(t, "TRIM_HORIZON", nil)); !slices.Equal(got, []string{"old", "new"}) {
			t.Errorf("got %v", got)
		}
		time.Sleep(2 * time.Hour)
		if got, _ := w.read(t, w.iterator(t, "TRIM_HORIZON", nil)); !slices.Equal(got, []string{"new"}) {
			t.Errorf("got %v", got)
		}
		w.refused(t, "DecreaseStreamRetentionPeriod", object{"StreamName": "s", "RetentionPeriodHours": 72}, "InvalidArgumentException", "can not be longer than")
		w.ok(t, "DecreaseStreamRetentionPeriod", object{"StreamName": "s", "RetentionPeriodHours": 24})
		time.Sleep(48 * time.Hour)
		if got, _ := w.read(t, w.iterator(t, "TRIM_HORIZON", nil)); got != nil {
			t.Errorf("got %v", got)
		}
		w.close(t)
		w = open(t, dir)
		if next := w.put(t, "k", "later"); next <= last {
			t.Errorf("number %s after %s", next, last)
		}
		if got, _ := w.read(t, w.iterator(t, "AFTER_SEQUENCE_NUMBER", object{"StartingSequenceNumber": last})); !slices.Equal(got, []string{"later"}) {
			t.Errorf("got %v", got)
		}
	})
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	source := w.stream(t, "s", 1)
	record := func(data string) object { return object{"PartitionKey": "k", "Data": []byte(data)} }
	many := slices.Repeat([]object{record("x")}, 501)
	big := strings.Repeat("x", 1<<20)
	for _, test := range []struct {
		action     string
		in         object
		code, text string
	}{
		{"CreateStream", object{"StreamName": "no/slash", "ShardCount": 1}, "ValidationException", "streamName"},
		{"CreateStream", object{"StreamName": "n", "ShardCount": 0}, "ValidationException", "shardCount"},
		{"CreateStream", object{"StreamName": "n", "StreamModeDetails": object{"StreamMode": "PROVISIONED"}}, "InvalidArgumentException", "ShardCount"},
		{"CreateStream", object{"StreamName": "n", "ShardCount": 1, "StreamModeDetails": object{"StreamMode": "ON_DEMAND"}}, "InvalidArgumentException", "ON_DEMAND"},
		{"CreateStream", object{"StreamName": "n", "StreamModeDetails": object{"StreamMode": "OTHER"}}, "ValidationException", "streamMode"},
		{"CreateStream", object{"StreamName": "n", "WarmThroughputMiBps": 1}, "InvalidArgumentException", `does not model parameter "WarmThroughputMiBps" of CreateStream`},
		{"PutRecord", object{"StreamName": "none", "PartitionKey": "k", "Data": ""}, "ResourceNotFoundException", "none"},
		{"PutRecord", object{"PartitionKey": "k", "Data": ""}, "InvalidArgumentException", "StreamName or StreamARN"},
		{"PutRecord", object{"StreamName": "t", "StreamARN": source, "PartitionKey": "k", "Data": ""}, "InvalidArgumentException", "does not match"},
		{"PutRecord", object{"StreamARN": strings.Replace(source, account, "222222222222", 1), "PartitionKey": "k", "Data": ""}, "AccessDeniedException", "222222222222"},
		{"PutRecord", object{"StreamName": "s", "Data": ""}, "ValidationException", "partitionKey"},
		{"PutRecord", object{"StreamName": "s", "PartitionKey": strings.Repeat("k", 257), "Data": ""}, "ValidationException", "partitionKey"},
		{"PutRecord", object{"StreamName": "s", "PartitionKey": "k"}, "ValidationException", "'data'"},
		{"PutRecord", object{"StreamName": "s", "PartitionKey": "k", "Data": []byte(big)}, "InvalidArgumentException", "1024 KiB"},
		{"PutRecord", object{"StreamName": "s", "PartitionKey": "k", "Data": "", "ExplicitHashKey": "-1"}, "ValidationException", "explicitHashKey"},
		{"PutRecord", object{"StreamName": "s", "PartitionKey": "k", "Data": "", "ExplicitHashKey": "340282366920938463463374607431768211456"}, "InvalidArgumentException", "2^128-1"},
		{"PutRecords", object{"StreamName": "s", "Records": many}, "ValidationException", "between 1 and 500"},
		{"PutRecords", object{"StreamName": "s", "Records": []object{}}, "ValidationException", "between 1 and 500"},
		{"PutRecords", object{"StreamName": "s", "Records": []object{record("a"), {"PartitionKey": "k"}}}, "ValidationException", "records.2.member.data"},
		{"PutRecords", object{"StreamName": "s", "Records": slices.Repeat([]object{record(big[:len(big)-1])}, 11)}, "InvalidArgumentException", "10 MB"},
		{"ListShards", object{"StreamName": "s", "ShardFilter": object{"Type": "AT_TIMESTAMP"}}, "InvalidArgumentException", "Timestamp"},
		{"ListShards", object{"StreamName": "s", "NextToken": "x"}, "InvalidArgumentException", "NextToken"},
		{"ListShards", object{"NextToken": "x"}, "InvalidArgumentException", "NextToken"},
		{"GetRecords", object{"ShardIterator": "x", "Limit": 10001}, "ValidationException", "limit"},
		{"StartStreamEncryption", object{"StreamName": "s", "EncryptionType": "NONE", "KeyId": "k"}, "ValidationException", "encryptionType"},
		{"UpdateMaxRecordSize", object{"StreamARN": source, "MaxRecordSizeInKiB": 20000}, "ValidationException", "maxRecordSizeInKiB"},
		{"AddTagsToStream", object{"StreamName": "s", "Tags": object{strings.Repeat("k", 129): ""}}, "ValidationException", "tags"},
		{"DescribeStreamConsumer", object{"StreamARN": source}, "InvalidArgumentException", "ConsumerARN"},
		{"UpdateShardCount", object{"StreamName": "s"}, "UnknownOperationException", `"UpdateShardCount"`},
		{"SubscribeToShard", object{}, "UnknownOperationException", `"SubscribeToShard"`},
	} {
		w.refused(t, test.action, test.in, test.code, test.text)
	}
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
	r.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
	rec := httptest.NewRecorder()
	w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region})
	if rec.Code != http.StatusUnsupportedMediaType || !strings.Contains(rec.Body.String(), "not CBOR") {
		t.Errorf("got %d %s", rec.Code, rec.Body)
	}
	if got, _ := w.read(t, w.iterator(t, "TRIM_HORIZON", nil)); got != nil {
		t.Errorf("kept %v of what was refused", got)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	source := w.stream(t, "s", 1)
	w.ok(t, "UpdateMaxRecordSize", object{"StreamARN": source, "MaxRecordSizeInKiB": 4096})
	w.put(t, "k", strings.Repeat("x", 3<<20))
	w.ok(t, "StartStreamEncryption", object{"StreamName": "s", "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"})
	if got := w.ok(t, "PutRecord", object{"StreamName": "s", "PartitionKey": "k", "Data": ""})["EncryptionType"]; got != "KMS" {
		t.Errorf("encryption %v", got)
	}
	w.ok(t, "UpdateStreamMode", object{"StreamARN": source, "StreamModeDetails": object{"StreamMode": "ON_DEMAND"}})
	w.ok(t, "AddTagsToStream", object{"StreamName": "s", "Tags": object{"a": "1", "b": "2", "c": "3"}})
	w.ok(t, "TagResource", object{"ResourceARN": source, "Tags": object{"d": "4"}})
	w.ok(t, "RemoveTagsFromStream", object{"StreamName": "s", "TagKeys": []string{"b"}})
	w.ok(t, "UntagResource", object{"ResourceARN": source, "TagKeys": []string{"c"}})
	first := w.ok(t, "ListTagsForStream", object{"StreamName": "s", "Limit": 1})
	rest := w.ok(t, "ListTagsForStream", object{"StreamName": "s", "ExclusiveStartTagKey": "a"})
	if fmt.Sprint(first, rest) != "map[HasMoreTags:true Tags:[map[Key:a Value:1]]] map[HasMoreTags:false Tags:[map[Key:d Value:4]]]" {
		t.Errorf("tags %v, %v", first, rest)
	}
	d := w.ok(t, "DescribeStreamSummary", object{"StreamName": "s"})["StreamDescriptionSummary"].(object)
	if d["KeyId"] != "alias/aws/kinesis" || d["EncryptionType"] != "KMS" || d["MaxRecordSizeInKiB"] != 4096.0 || fmt.Sprint(d["StreamModeDetails"]) != "map[StreamMode:ON_DEMAND]" {
		t.Errorf("got %v", d)
	}
	w.ok(t, "StopStreamEncryption", object{"StreamName": "s", "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"})
	if d := w.ok(t, "DescribeStream", object{"StreamName": "s"})["StreamDescription"].(object); d["EncryptionType"] != "NONE" {
		t.Errorf("got %v", d)
	}
	w.ok(t, "CreateStream", object{"StreamName": "demand"})
	if d := w.ok(t, "DescribeStreamSummary", object{"StreamName": "demand"})["StreamDescriptionSummary"].(object); d["OpenShardCount"] != 4.0 || fmt.Sprint(d["StreamModeDetails"]) != "map[StreamMode:ON_DEMAND]" {
		t.Errorf("got %v", d)
	}
}
