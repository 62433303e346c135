// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// moto starts an AWS that nobody here wrote and returns its address. It ends
// with the test.
func moto(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("moto_server is not installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, program, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	server.WaitDelay = 5 * time.Second
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = server.Wait() // it was killed
	})
	address := fmt.Sprintf("http://127.0.0.1:%d", port)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if response, err := http.Get(address + "/moto-api/"); err == nil {
			_ = response.Body.Close()
			return address
		}
		if time.Now().After(deadline) {
			t.Fatal("moto_server does not answer")
		}
	}
}

// ask sends an action to moto.
func ask(t *testing.T, address, action, body string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+action)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, data
}

// answer is what both have to answer alike: the body, or the error's type and
// message. What bears times and ids is left out.
func answer(t *testing.T, status int, body []byte) map[string]any {
	t.Helper()
	out := map[string]any{}
	if status >= http.StatusInternalServerError {
		return map[string]any{"error": status}
	}
	if err := json.Unmarshal(body, &out); err != nil && len(body) > 0 {
		t.Fatalf("%v: %s", err, body)
	}
	if status != http.StatusOK {
		kind := fmt.Sprint(out["__type"])
		_, name, _ := strings.Cut(kind, "#")
		message := out["message"]
		if message == nil {
			message = out["Message"]
		}
		return map[string]any{"error": name, "message": message}
	}
	delete(out, "TableDescription")
	delete(out, "Table")
	return out
}

// operations are asked of both in this order. Where moto answers differently
// from AWS, differs says how; then only ours is asked what AWS answers in the
// tests beside this one.
func operations() []struct{ action, body, differs string } {
	const (
		key    = `"TableName":"things","Key":{"pk":{"S":"a"},"sk":{"N":"1"}}`
		values = `,"ExpressionAttributeValues":`
	)
	query := func(more string) string { return `{"TableName":"things",` + more + `}` }
	return []struct{ action, body, differs string }{
		{"CreateTable", `{"TableName":"things","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"g","AttributeType":"S"}],
			"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"GlobalSecondaryIndexes":[{"IndexName":"byG","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}],
			"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"g","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]}`, ""},
		{"ListTables", `{}`, ""},
		{"DescribeTable", `{"TableName":"none"}`, ""},
		{"PutItem", `{"TableName":"none","Item":{"pk":{"S":"a"}}}`, ""},
		{"PutItem", query(`"Item":{"pk":{"S":"a"},"sk":{"N":"1"},"g":{"S":"x"},"l":{"L":[{"N":"1"},{"S":"two"}]},"m":{"M":{"k":{"BOOL":true}}},"ss":{"SS":["a"]},"n":{"N":"5"}}`), ""},
		{"PutItem", query(`"Item":{"pk":{"S":"a"},"sk":{"N":"2"},"g":{"S":"x"}},"ReturnValues":"ALL_OLD"`), ""},
		{"PutItem", query(`"Item":{"pk":{"S":"a"},"sk":{"N":"2"},"g":{"S":"y"}},"ReturnValues":"ALL_OLD"`), ""},
		{"PutItem", query(`"Item":{"pk":{"S":"a"},"sk":{"N":"2"}},"ReturnValues":"ALL_NEW"`), "moto names the values otherwise"},
		{"PutItem", query(`"Item":{"pk":{"S":"a"}}`), ""},
		{"PutItem", query(`"Item":{"pk":{"N":"1"},"sk":{"N":"1"}}`), ""},
		{"PutItem", query(`"Item":{"pk":{"S":""},"sk":{"N":"1"}}`), "moto words it otherwise"},
		{"PutItem", query(`"Item":{"pk":{"S":"a"},"sk":{"N":"1"},"s":{"SS":[]}}`), ""},
		{"PutItem", query(`"Item":{"pk":{"S":"a"},"sk":{"N":"1"}},"ConditionExpression":"attribute_not_exists(pk)"`), ""},
		{"PutItem", query(`"Item":{"pk":{"S":"a"},"sk":{"N":"1"}},"ConditionExpression":"pk = :v"`), "moto fails with status 500"},
		{"GetItem", `{` + key + `}`, ""},
		{"GetItem", `{` + key + `,"ProjectionExpression":"l[1], m.k"}`, ""},
		{"GetItem", `{"TableName":"things","Key":{"pk":{"S":"none"},"sk":{"N":"1"}}}`, ""},
		{"GetItem", `{"TableName":"things","Key":{"pk":{"S":"a"}}}`, "moto does not say what is wrong"},
		{"GetItem", `{` + key + `,"ReturnConsumedCapacity":"TOTAL"}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET n = n + :v, q = if_not_exists(q, :v)"` + values + `{":v":{"N":"2"}},"ReturnValues":"UPDATED_NEW"}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET l = list_append(l, :v)"` + values + `{":v":{"L":[{"S":"three"}]}},"ReturnValues":"ALL_NEW"}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"REMOVE l[0], m.k ADD n :v DELETE ss :s"` + values + `{":v":{"N":"1"},":s":{"SS":["a"]}},"ReturnValues":"ALL_NEW"}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET pk = :v"` + values + `{":v":{"S":"b"}}}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET x.y = :v"` + values + `{":v":{"S":"b"}}}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET x = y"}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET name = :v"` + values + `{":v":{"S":"b"}}}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET x = :v"` + values + `{":v":{"S":"b"},":w":{"S":"b"}}}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET x = :w"` + values + `{":v":{"S":"b"}}}`, "moto looks for unused values first"},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET x = :v, x = :v"` + values + `{":v":{"S":"b"}}}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET x = "}`, ""},
		{"UpdateItem", `{` + key + `,"UpdateExpression":"SET x = :v","ConditionExpression":"n > :v"` + values + `{":v":{"N":"100"}}}`, ""},
		{"BatchWriteItem", `{"RequestItems":{"things":[{"PutRequest":{"Item":{"pk":{"S":"b"},"sk":{"N":"-1"},"g":{"S":"x"}}}},{"PutRequest":{"Item":{"pk":{"S":"b"},"sk":{"N":"10"}}}},{"PutRequest":{"Item":{"pk":{"S":"b"},"sk":{"N":"9"}}}}]}}`, ""},
		{"BatchGetItem", `{"RequestItems":{"things":{"Keys":[{"pk":{"S":"b"},"sk":{"N":"9"}},{"pk":{"S":"none"},"sk":{"N":"9"}}]}}}`, ""},
		{"BatchGetItem", `{"RequestItems":{"things":{"Keys":[{"pk":{"S":"b"},"sk":{"N":"9"}},{"pk":{"S":"b"},"sk":{"N":"9"}}]}}}`, ""},
		{"Query", query(`"KeyConditionExpression":"pk = :p"` + values + `{":p":{"S":"b"}}`), ""},
		{"Query", query(`"KeyConditionExpression":"pk = :p AND sk BETWEEN :a AND :b","ScanIndexForward":false` + values + `{":p":{"S":"b"},":a":{"N":"0"},":b":{"N":"10"}}`), ""},
		{"Query", query(`"KeyConditionExpression":"pk = :p","Limit":2` + values + `{":p":{"S":"b"}}`), ""},
		{"Query", query(`"KeyConditionExpression":"pk = :p","ExclusiveStartKey":{"pk":{"S":"b"},"sk":{"N":"9"}}` + values + `{":p":{"S":"b"}}`), ""},
		{"Query", query(`"KeyConditionExpression":"pk = :p","FilterExpression":"attribute_exists(g)","Select":"COUNT"` + values + `{":p":{"S":"b"}}`), ""},
		{"Query", query(`"IndexName":"byG","KeyConditionExpression":"g = :g"` + values + `{":g":{"S":"y"}}`), ""},
		{"Query", query(`"IndexName":"local","KeyConditionExpression":"pk = :p AND g = :g"` + values + `{":p":{"S":"a"},":g":{"S":"y"}}`), ""},
		{"Query", query(`"IndexName":"none","KeyConditionExpression":"g = :g"` + values + `{":g":{"S":"y"}}`), "moto has another error"},
		{"Query", query(`"KeyConditionExpression":"sk = :p"` + values + `{":p":{"N":"1"}}`), ""},
		{"Query", query(`"KeyConditionExpression":"pk = :p AND begins_with(sk, :p)"` + values + `{":p":{"S":"b"}}`), "moto fails with status 500"},
		{"Scan", query(`"FilterExpression":"sk > :n AND pk = :b","Select":"COUNT"` + values + `{":n":{"N":"0"},":b":{"S":"b"}}`), ""},
		{"Scan", query(`"FilterExpression":"contains(l, :v) OR size(g) > :n","Select":"COUNT"` + values + `{":v":{"S":"two"},":n":{"N":"3"}}`), "moto refuses size of a missing attribute"},
		{"Scan", query(`"FilterExpression":"n IN (:a, :b) AND NOT attribute_type(n, :t)","Select":"COUNT"` + values + `{":a":{"N":"8"},":b":{"N":"9"},":t":{"S":"S"}}`), ""},
		{"Scan", query(`"Segment":1`), ""},
		{"TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"things","Item":{"pk":{"S":"c"},"sk":{"N":"1"}}}},{"Update":{` + key + `,"UpdateExpression":"SET n = :v"` + values + `{":v":{"N":"0"}}}},{"Delete":{"TableName":"things","Key":{"pk":{"S":"b"},"sk":{"N":"9"}}}}]}`, ""},
		{"TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"things","Item":{"pk":{"S":"d"},"sk":{"N":"1"}}}},{"ConditionCheck":{` + key + `,"ConditionExpression":"n = :v"` + values + `{":v":{"N":"1"}}}}]}`, ""},
		{"TransactWriteItems", `{"TransactItems":[{"Delete":{` + key + `}},{"Delete":{` + key + `}}]}`, ""},
		{"TransactGetItems", `{"TransactItems":[{"Get":{` + key + `}},{"Get":{"TableName":"things","Key":{"pk":{"S":"b"},"sk":{"N":"9"}}}}]}`, ""},
		{"DeleteItem", `{` + key + `,"ConditionExpression":"attribute_not_exists(pk)"}`, ""},
		{"DeleteItem", `{` + key + `,"ReturnValues":"ALL_OLD"}`, ""},
		{"DeleteItem", `{` + key + `,"ReturnValues":"ALL_OLD"}`, ""},
		{"UpdateTimeToLive", `{"TableName":"things","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"end"}}`, ""},
		{"DescribeTimeToLive", `{"TableName":"things"}`, ""},
		{"DescribeContinuousBackups", `{"TableName":"things"}`, ""},
		{"CreateTable", `{"TableName":"things","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`, ""},
		{"CreateTable", `{"TableName":"more","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`, ""},
		{"DeleteTable", `{"TableName":"none"}`, "moto does not name the table"},
		{"DeleteTable", `{"TableName":"things"}`, ""},
	}
}

// The same operations have the same answers, here and there.
func TestMoto(t *testing.T) {
	t.Parallel()
	address := moto(t)
	w := open(t, t.TempDir())
	alike := 0
	for _, o := range operations() {
		status, body := ask(t, address, o.action, o.body)
		theirs := answer(t, status, body)
		if !strings.Contains(o.body, "ReturnConsumedCapacity") { // moto tells it unasked
			delete(theirs, "ConsumedCapacity")
			delete(theirs, "ItemCollectionMetrics")
		}
		if strings.Contains(o.body, `"COUNT"`) { // likewise
			delete(theirs, "Items")
		}
		status, body = w.send(t, account, o.action, o.body)
		ours := answer(t, status, body)
		diff := cmp.Diff(theirs, ours)
		switch {
		case diff == "" && o.differs != "":
			t.Errorf("%s %s: moto no longer differs (%s)", o.action, o.body, o.differs)
		case diff == "":
			alike++
		case o.differs == "":
			t.Errorf("%s %s: %s", o.action, o.body, diff)
		}
	}
	t.Logf("%d of %d answers are alike", alike, len(operations()))
}
