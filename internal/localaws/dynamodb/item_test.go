// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"strings"
	"testing"
)

func TestItems(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "N", "")
	const key = `"pk":{"S":"a"},"sk":{"N":"1"}`
	w.same(t, "GetItem", `{"TableName":"things","Key":{`+key+`}}`, `{}`)
	w.same(t, "PutItem", `{"TableName":"things","Item":{`+key+`,"v":{"L":[{"S":"x"},{"M":{"y":{"NULL":true}}}]}},"ReturnValues":"ALL_OLD"}`, `{}`)
	w.same(t, "GetItem", `{"TableName":"things","Key":{"pk":{"S":"a"},"sk":{"N":"1.0"}},"ProjectionExpression":"v[1].y, absent"}`, `{"Item":{"v":{"L":[{"M":{"y":{"NULL":true}}}]}}}`)
	w.same(t, "GetItem", `{"TableName":"things","Key":{`+key+`},"ProjectionExpression":"absent"}`, `{"Item":{}}`)
	w.same(t, "PutItem", `{"TableName":"things","Item":{`+key+`,"w":{"S":"2"}},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{`+key+`,"v":{"L":[{"S":"x"},{"M":{"y":{"NULL":true}}}]}}}`)
	update := func(expression, returned string) string {
		return `{"TableName":"things","Key":{` + key + `},"UpdateExpression":"` + expression + `","ExpressionAttributeValues":{":n":{"N":"3"}},"ReturnValues":"` + returned + `"}`
	}
	w.same(t, "UpdateItem", update("SET n = :n REMOVE w", "ALL_NEW"), `{"Attributes":{`+key+`,"n":{"N":"3"}}}`)
	w.same(t, "UpdateItem", update("ADD n :n", "UPDATED_NEW"), `{"Attributes":{"n":{"N":"6"}}}`)
	w.same(t, "UpdateItem", update("ADD n :n", "UPDATED_OLD"), `{"Attributes":{"n":{"N":"6"}}}`)
	w.same(t, "UpdateItem", update("ADD n :n", "ALL_OLD"), `{"Attributes":{`+key+`,"n":{"N":"9"}}}`)
	w.same(t, "UpdateItem", update("ADD n :n", "NONE"), `{}`)
	w.same(t, "DeleteItem", `{"TableName":"things","Key":{`+key+`},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{`+key+`,"n":{"N":"15"}}}`)
	w.same(t, "DeleteItem", `{"TableName":"things","Key":{`+key+`},"ReturnValues":"ALL_OLD"}`, `{}`)
	w.same(t, "UpdateItem", `{"TableName":"things","Key":{`+key+`},"ReturnValues":"ALL_NEW"}`, `{"Attributes":{`+key+`}}`) // makes an item
	w.same(t, "GetItem", `{"TableName":"`+here.Regional("dynamodb", "table/things")+`","Key":{`+key+`}}`, `{"Item":{`+key+`}}`)
}

func TestConditionalWrites(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "", "")
	const values, failed = `,"ExpressionAttributeValues":{":v":{"N":"1"}}`, "ConditionalCheckFailedException"
	w.ok(t, "PutItem", `{"TableName":"things","Item":{"pk":{"S":"a"},"v":{"N":"1"}},"ConditionExpression":"attribute_not_exists(pk)"}`)
	w.refused(t, "PutItem", `{"TableName":"things","Item":{"pk":{"S":"a"}},"ConditionExpression":"attribute_not_exists(pk)"}`, failed, "The conditional request failed")
	w.refused(t, "UpdateItem", `{"TableName":"things","Key":{"pk":{"S":"a"}},"UpdateExpression":"SET x = :v","ConditionExpression":"v > :v"`+values+`}`, failed, "")
	w.refused(t, "DeleteItem", `{"TableName":"things","Key":{"pk":{"S":"a"}},"ConditionExpression":"v <> :v"`+values+`}`, failed, "")
	w.refused(t, "UpdateItem", `{"TableName":"things","Key":{"pk":{"S":"b"}},"UpdateExpression":"SET x = :v","ConditionExpression":"attribute_exists(pk)"`+values+`}`, failed, "")
	w.same(t, "Scan", `{"TableName":"things"}`, `{"Count":1,"ScannedCount":1,"Items":[{"pk":{"S":"a"},"v":{"N":"1"}}]}`)
	_, answer := w.send(t, account, "DeleteItem", `{"TableName":"things","Key":{"pk":{"S":"a"}},"ConditionExpression":"v <> :v","ReturnValuesOnConditionCheckFailure":"ALL_OLD"`+values+`}`)
	if want := `"Item":{"pk":{"S":"a"},"v":{"N":"1"}}`; !strings.Contains(string(answer), want) {
		t.Errorf("got %s, want %s", answer, want)
	}
	w.ok(t, "DeleteItem", `{"TableName":"things","Key":{"pk":{"S":"a"}},"ConditionExpression":"v = :v"`+values+`}`)
	w.ok(t, "DeleteItem", `{"TableName":"things","Key":{"pk":{"S":"a"}},"ConditionExpression":"attribute_not_exists(v)"}`)
}

func TestItemsRefused(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "B", `,{"AttributeName":"g","AttributeType":"S"};,"GlobalSecondaryIndexes":[{"IndexName":"byG","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]`)
	const (
		prefix = "One or more parameter values were invalid: "
		schema = "The provided key element does not match the schema"
		key    = `"pk":{"S":"a"},"sk":{"B":"AA=="}`
	)
	put := func(item, more string) string { return `{"TableName":"things","Item":{` + item + `}` + more + `}` }
	for body, want := range map[string]string{
		`{"Item":{}}`:                  "Value null at 'tableName' failed to satisfy constraint: Member must not be null",
		`{"TableName":"x!","Item":{}}`: "2 validation errors detected: Value 'x!' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'x!' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3",
		`{"TableName":"things"}`:       "Value null at 'item'",
		put(key, `,"ReturnValues":"X","ReturnConsumedCapacity":"Y"`):                                            "2 validation errors detected: Value 'Y' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value 'X' at 'returnValues'",
		put(key, `,"ReturnValues":"ALL_NEW"`):                                                                   "ReturnValues can only be ALL_OLD or NONE",
		put(`"sk":{"B":"AA=="}`, ""):                                                                            prefix + "Missing the key pk in the item",
		put(`"pk":{"N":"1"},"sk":{"B":"AA=="}`, ""):                                                             prefix + "Type mismatch for key pk expected: S actual: N",
		put(`"pk":{"S":""},"sk":{"B":"AA=="}`, ""):                                                              "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk",
		put(`"pk":{"S":"a"},"sk":{"B":""}`, ""):                                                                 "cannot contain an empty binary value. Key: sk",
		put(`"pk":{"S":"`+strings.Repeat("k", 2049)+`"},"sk":{"B":"AA=="}`, ""):                                 prefix + "Size of hashkey has exceeded the maximum size limit of2048 bytes",
		put(`"pk":{"S":"a"},"sk":{"B":"`+strings.Repeat("AAAA", 342)+`"}`, ""):                                  prefix + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
		put(key+`,"g":{"N":"1"}`, ""):                                                                           prefix + "Type mismatch for Index Key g Expected: S Actual: N IndexName: byG",
		put(key+`,"g":{"S":""}`, ""):                                                                            "A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: byG, IndexKey: g",
		put(key+`,"v":{"S":"`+strings.Repeat("x", 400<<10)+`"}`, ""):                                            "Item size has exceeded the maximum allowed size",
		put(key+`,"v":{"SS":["a","a"]}`, ""):                                                                    prefix + "Input collection [a, a] contains duplicates.",
		put(key, `,"ExpressionAttributeNames":{"#a":"b"}`):                                                      "ExpressionAttributeNames can only be specified when using expressions",
		put(key, `,"ExpressionAttributeValues":{":a":{"N":"1"}}`):                                               "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null",
		put(key, `,"ConditionExpression":"v = :a","ExpressionAttributeValues":{":a":{"N":"x"}}`):                "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :a",
		put(key, `,"ConditionExpression":"v = :a","ExpressionAttributeValues":{":a":{"N":"1"},":b":{"N":"1"}}`): "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}",
		put(key, `,"ConditionExpression":"pk.x = :a","ExpressionAttributeValues":{":a":{"N":"1"}}`):             "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk",
		put(key, `,"ConditionExpression":"g[0] = :a","ExpressionAttributeValues":{":a":{"N":"1"}}`):             "are not allowed: IndexKey: g",
		put(key, `,"Expected":{}`):                                                                              `the embedded AWS does not model parameter "Expected" of PutItem: use ConditionExpression`,
	} {
		w.invalid(t, "PutItem", body, want)
	}
	for body, want := range map[string]string{
		`"Key":{"pk":{"S":"a"}}`: schema, `"Key":{` + key + `,"x":{"S":"a"}}`: schema, `"Key":{"pk":{"S":"a"},"sk":{"S":"a"}}`: schema, `"Key":{"pk":{"S":""},"sk":{"B":"AA=="}}`: "empty string value. Key: pk",
		`"Key":{` + key + `},"AttributesToGet":["a"]`: `parameter "AttributesToGet" of GetItem: use ProjectionExpression`, `"Key":{` + key + `},"ProjectionExpression":"a, a"`: "overlap",
		`"Key":{` + key + `},"ExpressionAttributeNames":{"#a":"a"}`: "can only be specified when using expressions", `"Key":{` + key + `},"ProjectionExpression":"a","ExpressionAttributeNames":{"#a":"a"}`: "unused in expressions: keys: {#a}",
	} {
		w.invalid(t, "GetItem", `{"TableName":"things",`+body+`}`, want)
	}
	update := func(expression string) string {
		return `{"TableName":"things","Key":{` + key + `},"UpdateExpression":"` + expression + `","ExpressionAttributeValues":{":a":{"N":"1"}}}`
	}
	w.invalid(t, "UpdateItem", update("SET sk = :a"), prefix+"Cannot update attribute sk. This attribute is part of the key")
	w.invalid(t, "UpdateItem", update("SET g = :a"), prefix+"Type mismatch for Index Key g Expected: S Actual: N IndexName: byG")
	w.invalid(t, "UpdateItem", `{"TableName":"things","Key":{`+key+`},"AttributeUpdates":{}}`, "use UpdateExpression")
	big := `"` + strings.Repeat("x", 399<<10) + `"`
	w.invalid(t, "UpdateItem", `{"TableName":"things","Key":{`+key+`},"UpdateExpression":"SET a = :a, b = :a","ExpressionAttributeValues":{":a":{"S":`+big+`}}}`, "Item size to update has exceeded the maximum allowed size")
	w.refused(t, "PutItem", put(`"pk":{"S":1}`, ""), "SerializationException", "NUMBER_VALUE cannot be converted to String")
	w.refused(t, "PutItem", `{"TableName":1}`, "SerializationException", "")
	w.refused(t, "PutItem", ``, "SerializationException", "")
	w.refused(t, "GetItem", `{"TableName":"absent","Key":{}}`, "ResourceNotFoundException", "Requested resource not found")
	w.refused(t, "ExecuteStatement", `{}`, "UnknownOperationException", `does not model operation "ExecuteStatement"`)
	w.refused(t, "CreateGlobalTable", `{}`, "UnknownOperationException", `"CreateGlobalTable"`)
	w.same(t, "Scan", `{"TableName":"things","Select":"COUNT"}`, `{"Count":0,"ScannedCount":0}`)
}

func TestConsumedCapacity(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "S", `,{"AttributeName":"g","AttributeType":"S"};,"GlobalSecondaryIndexes":[{"IndexName":"byG","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
		"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"g","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}]`)
	filler := strings.Repeat("x", 5000)
	w.same(t, "PutItem", `{"TableName":"things","ReturnConsumedCapacity":"INDEXES","ReturnItemCollectionMetrics":"SIZE","Item":{"pk":{"S":"a"},"sk":{"S":"b"},"g":{"S":"c"},"v":{"S":"`+filler+`"}}}`,
		`{"ConsumedCapacity":{"TableName":"things","CapacityUnits":11,"Table":{"CapacityUnits":5},"GlobalSecondaryIndexes":{"byG":{"CapacityUnits":1}},"LocalSecondaryIndexes":{"local":{"CapacityUnits":5}}},
		"ItemCollectionMetrics":{"ItemCollectionKey":{"pk":{"S":"a"}},"SizeEstimateRangeGB":[0,1]}}`)
	get := func(more string) string {
		return `{"TableName":"things","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"ProjectionExpression":"g","ReturnConsumedCapacity":"TOTAL"` + more + `}`
	}
	w.same(t, "GetItem", get(""), `{"Item":{"g":{"S":"c"}},"ConsumedCapacity":{"TableName":"things","CapacityUnits":1}}`)
	w.same(t, "GetItem", get(`,"ConsistentRead":true`), `{"Item":{"g":{"S":"c"}},"ConsumedCapacity":{"TableName":"things","CapacityUnits":2}}`)
	w.same(t, "Query", `{"TableName":"things","IndexName":"byG","Select":"COUNT","KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"c"}},"ReturnConsumedCapacity":"INDEXES"}`,
		`{"Count":1,"ScannedCount":1,"ConsumedCapacity":{"TableName":"things","CapacityUnits":0.5,"Table":{"CapacityUnits":0},"GlobalSecondaryIndexes":{"byG":{"CapacityUnits":0.5}}}}`)
	w.same(t, "UpdateItem", `{"TableName":"things","ReturnConsumedCapacity":"INDEXES","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"UpdateExpression":"SET g = :g REMOVE v","ExpressionAttributeValues":{":g":{"S":"d"}}}`,
		`{"ConsumedCapacity":{"TableName":"things","CapacityUnits":13,"Table":{"CapacityUnits":5},"GlobalSecondaryIndexes":{"byG":{"CapacityUnits":2}},"LocalSecondaryIndexes":{"local":{"CapacityUnits":6}}}}`)
	w.same(t, "TransactWriteItems", `{"ReturnConsumedCapacity":"TOTAL","TransactItems":[{"Delete":{"TableName":"things","Key":{"pk":{"S":"x"},"sk":{"S":"y"}}}}]}`,
		`{"ConsumedCapacity":[{"TableName":"things","CapacityUnits":2,"WriteCapacityUnits":2}]}`)
}
