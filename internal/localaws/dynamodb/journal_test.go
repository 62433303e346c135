// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// dump returns all that can be read.
func (w *world) dump(t testing.TB) string {
	t.Helper()
	var out []string
	for _, body := range []string{`{"TableName":"things"}`, `{"TableName":"things","IndexName":"byG"}`} {
		for _, p := range w.pages(t, "Scan", body) {
			out = append(out, fmt.Sprint(p.Items))
		}
	}
	for action, body := range map[string]string{"DescribeTable": `{"TableName":"things"}`, "DescribeTimeToLive": `{"TableName":"things"}`, "ListTables": `{}`, "ListTagsOfResource": `{"ResourceArn":"` + here.Regional("dynamodb", "table/things") + `"}`} {
		out = append(out, action+w.ok(t, action, body))
	}
	streamARN, shard := w.streamOf(t, "things")
	records := w.records(t, w.iterator(t, streamARN, shard, `"TRIM_HORIZON"`), "")
	out = append(out, fmt.Sprint(records.Records))
	return strings.Join(out, "\n")
}

const byG = `,{"AttributeName":"g","AttributeType":"S"};,"GlobalSecondaryIndexes":[{"IndexName":"byG","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]`

func sorted(lines string) map[string]int {
	counts := map[string]int{}
	for line := range strings.Lines(lines) {
		counts[strings.TrimSpace(line)]++
	}
	return counts
}

func TestStateSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	w.table(t, "things", "S", byG+`,"Tags":[{"Key":"a","Value":"b"}]`+withStream+`NEW_IMAGE"}`)
	w.table(t, "dropped", "", "")
	w.put(t, "dropped", `{"pk":{"S":"x"}}`)
	w.ok(t, "DeleteTable", `{"TableName":"dropped"}`)
	for i := range 20 {
		w.put(t, "things", fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"S":"%d"},"g":{"S":"g"},"b":{"B":"AAE="},"n":{"N":"1e-100"}}`, i))
	}
	w.ok(t, "DeleteItem", `{"TableName":"things","Key":{"pk":{"S":"p"},"sk":{"S":"7"}}}`)
	w.ok(t, "UpdateTimeToLive", `{"TableName":"things","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"end"}}`)
	before := w.dump(t)
	w = w.reopen(t, dir)
	if diff := cmp.Diff(sorted(before), sorted(w.dump(t))); diff != "" {
		t.Error(diff)
	}
}

// A line that was not written to its end is dropped as a whole, with all writes
// of its transaction; damage elsewhere is an error.
func TestTornJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	w.table(t, "one", "", "")
	w.table(t, "two", "", "")
	w.put(t, "one", `{"pk":{"S":"kept"}}`)
	w.ok(t, "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"one","Item":{"pk":{"S":"torn"}}}},{"Put":{"TableName":"two","Item":{"pk":{"S":"torn"}}}}]}`)
	if err := w.shut(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "dynamodb", "journal")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-2], 0o600); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir)
	w.same(t, "Scan", `{"TableName":"one"}`, `{"Count":1,"ScannedCount":1,"Items":[{"pk":{"S":"kept"}}]}`)
	w.same(t, "Scan", `{"TableName":"two"}`, `{"Count":0,"ScannedCount":0,"Items":[]}`)
	w.put(t, "two", `{"pk":{"S":"more"}}`)
	w = w.reopen(t, dir)
	w.same(t, "Scan", `{"TableName":"two"}`, `{"Count":1,"ScannedCount":1,"Items":[{"pk":{"S":"more"}}]}`)
	if err := w.shut(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append([]byte("damage\n"), whole...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := reopenError(dir); err == nil || !strings.Contains(err.Error(), "journal: line 1:") {
		t.Errorf("got %v", err)
	}
}

// The journal of a small table that is written often stays small, and writes go
// on while it is written anew.
func TestCompaction(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	w.table(t, "things", "S", byG+withStream+`KEYS_ONLY"}`)
	filler := strings.Repeat("x", 10<<10)
	for i := range 1200 { // 12 MB
		w.put(t, "things", fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"S":"%d"},"g":{"S":"g"},"n":{"N":"%d"},"v":{"S":"%s"}}`, i%20, i, filler))
	}
	path := filepath.Join(dir, "dynamodb", "journal")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() < 8<<20 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the journal has %d bytes", info.Size())
		}
	}
	before := w.dump(t)
	w = w.reopen(t, dir)
	if diff := cmp.Diff(sorted(before), sorted(w.dump(t))); diff != "" {
		t.Error(diff)
	}
	if left, _ := filepath.Glob(path + ".*"); left != nil {
		t.Errorf("left over: %v", left)
	}
	streamARN, shard := w.streamOf(t, "things")
	if got := w.records(t, w.iterator(t, streamARN, shard, `"LATEST"`), ""); len(got.Records) != 0 {
		t.Errorf("after the latest: %d records", len(got.Records))
	}
}
