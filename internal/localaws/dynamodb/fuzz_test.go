// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"fmt"
	"net/http"
	"testing"
)

// Whatever a client sends is answered, and never by a failure of ours.
func FuzzAPI(f *testing.F) {
	for action, body := range map[string]string{
		"CreateTable":              `{"TableName":"more","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"B"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]}`,
		"UpdateTable":              `{"TableName":"things","AttributeDefinitions":[{"AttributeName":"v","AttributeType":"N"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"idx","KeySchema":[{"AttributeName":"v","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`,
		"UpdateTimeToLive":         `{"TableName":"things","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"v"}}`,
		"PutItem":                  `{"TableName":"things","Item":{"pk":{"S":"b"},"sk":{"N":"2"}},"ConditionExpression":"v = :v","ExpressionAttributeValues":{":v":{"N":"1"}}}`,
		"UpdateItem":               `{"TableName":"things","Key":{"pk":{"S":"a"},"sk":{"N":"1"}},"UpdateExpression":"SET l[0] = l[1]","ReturnValues":"UPDATED_NEW"}`,
		"Query":                    `{"TableName":"things","KeyConditionExpression":"pk = :p AND sk < :s","ExpressionAttributeValues":{":p":{"S":"a"},":s":{"N":"3"}},"ScanIndexForward":false,"Limit":1}`,
		"Scan":                     `{"TableName":"things","Segment":1,"TotalSegments":3,"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"N":"1"}}}`,
		"TransactWriteItems":       `{"ClientRequestToken":"t","TransactItems":[{"Delete":{"TableName":"things","Key":{"pk":{"S":"a"},"sk":{"N":"1"}}}}]}`,
		"BatchGetItem":             `{"RequestItems":{"things":{"Keys":[{"pk":{"S":"a"},"sk":{"N":"1"}}]}}}`,
		"Streams.GetShardIterator": `{"StreamArn":"x","ShardId":"y","ShardIteratorType":"LATEST"}`,
		"Streams.GetRecords":       `{"ShardIterator":"eyJTdHJlYW0iOiJ4IiwiTmV4dCI6LTF9","Limit":1}`,
		"Streams.ListStreams":      `{"Limit":1}`,
	} {
		f.Add(action, body)
	}
	f.Fuzz(func(t *testing.T, action, body string) {
		w := open(t, t.TempDir())
		w.table(t, "things", "N", withStream+`NEW_AND_OLD_IMAGES"}`)
		for i := range 2 {
			w.put(t, "things", fmt.Sprintf(`{"pk":{"S":"a"},"sk":{"N":"%d"},"v":{"N":"1"},"l":{"L":[{"N":"1"},{"S":"x"}]}}`, i))
		}
		if status, answer := w.send(t, account, action, body); status >= http.StatusInternalServerError {
			t.Errorf("%s %s: %d %s", action, body, status, answer)
		}
	})
}
