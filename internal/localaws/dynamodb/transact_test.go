// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTransactions(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "one", "", "")
	w.table(t, "two", "S", "")
	w.put(t, "one", `{"pk":{"S":"there"},"n":{"N":"1"}}`)
	all := func(condition string) string {
		return `{"TransactItems":[
			{"Put":{"TableName":"two","Item":{"pk":{"S":"a"},"sk":{"S":"b"}}}},
			{"Update":{"TableName":"one","Key":{"pk":{"S":"made"}},"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"2"}}}},
			{"ConditionCheck":{"TableName":"one","Key":{"pk":{"S":"there"}},"ConditionExpression":"` + condition + `","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}},
			{"Delete":{"TableName":"two","Key":{"pk":{"S":"x"},"sk":{"S":"y"}}}}]}`
	}
	w.refused(t, "TransactWriteItems", all("attribute_not_exists(n)"), "TransactionCanceledException",
		"Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, ConditionalCheckFailed, None]")
	_, answer := w.send(t, account, "TransactWriteItems", all("attribute_not_exists(n)"))
	if want := `"CancellationReasons":[{"Code":"None"},{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"The conditional request failed","Item":{"n":{"N":"1"},"pk":{"S":"there"}}},{"Code":"None"}]`; !strings.Contains(string(answer), want) {
		t.Errorf("got %s, want %s", answer, want)
	}
	get := `{"TransactItems":[{"Get":{"TableName":"two","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"ProjectionExpression":"sk"}},{"Get":{"TableName":"one","Key":{"pk":{"S":"made"}}}}]}`
	w.same(t, "TransactGetItems", get, `{"Responses":[{},{}]}`)
	w.same(t, "TransactWriteItems", all("attribute_exists(n)"), `{}`)
	w.same(t, "TransactGetItems", get, `{"Responses":[{"Item":{"sk":{"S":"b"}}},{"Item":{"pk":{"S":"made"},"n":{"N":"2"}}}]}`)

	put := func(item string) string { return `{"Put":{"TableName":"one","Item":` + item + `}}` }
	many := strings.Repeat(put(`{"pk":{"S":"a"}}`)+",", 101)
	for items, want := range map[string]string{
		"":                            "Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
		strings.TrimSuffix(many, ","): "at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100",
		put(`{"pk":{"S":"a"}}`) + `,{"Delete":{"TableName":"one","Key":{"pk":{"S":"a"}}}}`: "Transaction request cannot include multiple operations on one item",
		`{}`: "TransactItems can only contain one of Check, Put, Update or Delete",
		`{"Update":{"TableName":"one","Key":{"pk":{"S":"a"}}}}`:                          "Value null at 'transactItems.1.member.update.updateExpression'",
		`{"ConditionCheck":{"TableName":"one","Key":{"pk":{"S":"a"}}}}`:                  "Value null at 'transactItems.1.member.conditionCheck.conditionExpression'",
		`{"Update":{"TableName":"one","Key":{"pk":{"S":"a"}},"UpdateExpression":"SET"}}`: "Invalid UpdateExpression: Syntax error",
	} {
		w.invalid(t, "TransactWriteItems", `{"TransactItems":[`+items+`]}`, want)
	}
	w.refused(t, "TransactWriteItems", `{"TransactItems":[`+put(`{"x":{"S":"a"}}`)+`]}`, "TransactionCanceledException", "[ValidationError]")
	w.refused(t, "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"one","Key":{}}}]}`, "TransactionCanceledException", "[ValidationError]")
	w.refused(t, "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"none","Key":{"pk":{"S":"a"}}}}]}`, "ResourceNotFoundException", "Requested resource not found")
	w.invalid(t, "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"one","Key":{"pk":{"S":"a"}}}},{"Get":{"TableName":"one","Key":{"pk":{"S":"a"}}}}]}`, "multiple operations on one item")
	var large []string
	for i := range 12 {
		large = append(large, put(fmt.Sprintf(`{"pk":{"S":"large-%d"},"v":{"S":"%s"}}`, i, strings.Repeat("x", 390<<10))))
	}
	w.invalid(t, "TransactWriteItems", `{"TransactItems":[`+strings.Join(large, ",")+`]}`, "exceeds the limit of 4 MB")
}

// A token makes a transaction happen once, for ten minutes and across a restart.
func TestIdempotentTransactions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, dir)
		w.table(t, "things", "", "")
		add := func(n string) string {
			return `{"ClientRequestToken":"token","ReturnConsumedCapacity":"TOTAL","TransactItems":[{"Update":{"TableName":"things","Key":{"pk":{"S":"a"}},"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"` + n + `"}}}}]}`
		}
		w.same(t, "TransactWriteItems", add("1"), `{"ConsumedCapacity":[{"TableName":"things","CapacityUnits":2,"WriteCapacityUnits":2}]}`)
		w.same(t, "TransactWriteItems", add("1"), `{"ConsumedCapacity":[{"TableName":"things","CapacityUnits":2,"ReadCapacityUnits":2}]}`)
		w = w.reopen(t, dir)
		time.Sleep(9 * time.Minute)
		w.ok(t, "TransactWriteItems", add("1"))
		w.refused(t, "TransactWriteItems", add("2"), "IdempotentParameterMismatchException", "")
		w.same(t, "GetItem", `{"TableName":"things","Key":{"pk":{"S":"a"}}}`, `{"Item":{"pk":{"S":"a"},"n":{"N":"1"}}}`)
		time.Sleep(2 * time.Minute)
		w.ok(t, "TransactWriteItems", add("2"))
		w.same(t, "GetItem", `{"TableName":"things","Key":{"pk":{"S":"a"}}}`, `{"Item":{"pk":{"S":"a"},"n":{"N":"3"}}}`)
		if err := w.shut(); err != nil {
			t.Error(err)
		}
	})
}

func TestBatches(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "one", "", "")
	w.table(t, "two", "S", "")
	w.same(t, "BatchWriteItem", `{"ReturnConsumedCapacity":"TOTAL","RequestItems":{"one":[{"PutRequest":{"Item":{"pk":{"S":"a"},"v":{"N":"1"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"gone"}}}}],
		"two":[{"PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"S":"b"}}}}]}}`,
		`{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"one","CapacityUnits":2},{"TableName":"two","CapacityUnits":1}]}`)
	w.same(t, "BatchGetItem", `{"RequestItems":{"one":{"Keys":[{"pk":{"S":"a"}},{"pk":{"S":"none"}}],"ProjectionExpression":"#v","ExpressionAttributeNames":{"#v":"v"}},"two":{"Keys":[{"pk":{"S":"a"},"sk":{"S":"b"}}],"ConsistentRead":true}}}`,
		`{"Responses":{"one":[{"v":{"N":"1"}}],"two":[{"pk":{"S":"a"},"sk":{"S":"b"}}]},"UnprocessedKeys":{}}`)
	repeat := func(n int, f string) string {
		var parts []string
		for i := range n {
			parts = append(parts, fmt.Sprintf(f, i))
		}
		return strings.Join(parts, ",")
	}
	for body, want := range map[string]string{
		`{}`: "The requestItems parameter is required for BatchWriteItem",
		`{"RequestItems":{"one":[` + repeat(26, `{"PutRequest":{"Item":{"pk":{"S":"%d"}}}}`) + `]}}`:                                                                         "at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
		`{"RequestItems":{"one":[` + repeat(20, `{"PutRequest":{"Item":{"pk":{"S":"%d"}}}}`) + `],"two":[` + repeat(20, `{"PutRequest":{"Item":{"pk":{"S":"%d"}}}}`) + `]}}`: "Too many items requested for the BatchWriteItem call",
		`{"RequestItems":{"one":[{"PutRequest":{"Item":{"pk":{"S":"x"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"x"}}}}]}}`:                                                     "Provided list of item keys contains duplicates",
		`{"RequestItems":{"one":[{"PutRequest":{"Item":{"pk":{"S":"fine"}}}},{"PutRequest":{"Item":{"x":{"S":"x"}}}}]}}`:                                                     "Missing the key pk in the item",
		`{"RequestItems":{"one":[{}]}}`: "Supplied AttributeValue is empty",
		`{"RequestItems":{"one":[{"PutRequest":{"Item":{}},"DeleteRequest":{"Key":{}}}]}}`: "more than one datatypes set",
	} {
		w.invalid(t, "BatchWriteItem", body, want)
	}
	for body, want := range map[string]string{
		`{"RequestItems":{}}`: "The requestItems parameter is required for BatchGetItem",
		`{"RequestItems":{"one":{"Keys":[` + repeat(101, `{"pk":{"S":"%d"}}`) + `]}}}`: "1 validation error detected: Value at 'RequestItems.one.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100",
		`{"RequestItems":{"one":{"Keys":[{"pk":{"S":"a"}},{"pk":{"S":"a"}}]}}}`:        "Provided list of item keys contains duplicates",
		`{"RequestItems":{"one":{"Keys":[{"x":{"S":"a"}}]}}}`:                          "The provided key element does not match the schema",
		`{"RequestItems":{"one":{"Keys":[{"pk":{"S":"a"}}],"AttributesToGet":["a"]}}}`: "use ProjectionExpression",
	} {
		w.invalid(t, "BatchGetItem", body, want)
	}
	w.refused(t, "BatchGetItem", `{"RequestItems":{"none":{"Keys":[{"pk":{"S":"a"}}]}}}`, "ResourceNotFoundException", "Requested resource not found")
	w.same(t, "Scan", `{"TableName":"one","Select":"COUNT"}`, `{"Count":1,"ScannedCount":1}`) // what is refused writes nothing
}

// What does not fit into an answer is left for the next call.
func TestUnprocessedKeys(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "", "")
	var keys []string
	for i := range 45 {
		w.put(t, "things", fmt.Sprintf(`{"pk":{"S":"%d"},"v":{"S":"%s"}}`, i, strings.Repeat("x", 390<<10)))
		keys = append(keys, fmt.Sprintf(`{"pk":{"S":"%d"}}`, i))
	}
	var out struct {
		Responses       map[string][]any
		UnprocessedKeys map[string]struct {
			Keys                 []any
			ProjectionExpression string
		}
	}
	w.into(t, &out, "BatchGetItem", `{"RequestItems":{"things":{"ProjectionExpression":"pk","Keys":[`+strings.Join(keys, ",")+`]}}}`)
	left := out.UnprocessedKeys["things"]
	if got := len(out.Responses["things"]); got != 42 || len(left.Keys) != 3 || left.ProjectionExpression != "pk" {
		t.Errorf("got %d items, left %+v", got, left)
	}
}
