// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// page is an answer of Query or Scan.
type page struct {
	Items            []map[string]map[string]any
	Count            int
	ScannedCount     int
	LastEvaluatedKey json.RawMessage
}

// values returns the text or number of an attribute of all items, joined.
func (p page) values(attribute string) string {
	var out []string
	for _, item := range p.Items {
		for _, v := range item[attribute] {
			out = append(out, fmt.Sprint(v))
		}
	}
	return strings.Join(out, " ")
}

// pages reads all pages.
func (w *world) pages(t testing.TB, action, body string) (out []page) {
	t.Helper()
	start := ""
	for {
		var p page
		w.into(t, &p, action, strings.TrimSuffix(body, "}")+start+"}")
		out = append(out, p)
		if p.LastEvaluatedKey == nil {
			return out
		}
		start = `,"ExclusiveStartKey":` + string(p.LastEvaluatedKey)
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "texts", "S", "")
	w.table(t, "numbers", "N", "")
	for _, sk := range []string{"a", "ab", "abc", "b", "é", "A"} {
		w.put(t, "texts", `{"pk":{"S":"p"},"sk":{"S":"`+sk+`"}}`)
		w.put(t, "texts", `{"pk":{"S":"p2"},"sk":{"S":"`+sk+`"}}`)
	}
	for _, sk := range []string{"10", "-1", "2", "0", "-1.5", "1e10", "0.5"} {
		w.put(t, "numbers", `{"pk":{"S":"p"},"sk":{"N":"`+sk+`"},"round":{"BOOL":`+fmt.Sprint(strings.HasSuffix(sk, "0"))+`}}`)
	}
	query := func(table, condition, values, more string) string {
		return `{"TableName":"` + table + `","KeyConditionExpression":"pk = :p` + condition + `","ExpressionAttributeValues":{":p":{"S":"p"}` + values + `}` + more + `}`
	}
	for body, want := range map[string]string{
		query("texts", "", "", ""):                                                                "A a ab abc b é",
		query("texts", "", "", `,"ScanIndexForward":false`):                                       "é b abc ab a A",
		query("texts", " AND begins_with(sk, :a)", `,":a":{"S":"ab"}`, ""):                        "ab abc",
		query("texts", " AND begins_with(sk, :a)", `,":a":{"S":""}`, ""):                          "A a ab abc b é",
		query("texts", " AND sk = :a", `,":a":{"S":"ab"}`, ""):                                    "ab",
		query("texts", " AND sk < :a", `,":a":{"S":"ab"}`, ""):                                    "A a",
		query("texts", " AND sk <= :a", `,":a":{"S":"ab"}`, ""):                                   "A a ab",
		query("texts", " AND sk > :a", `,":a":{"S":"ab"}`, ""):                                    "abc b é",
		query("texts", " AND sk >= :a", `,":a":{"S":"ab"}`, `,"ScanIndexForward":false`):          "é b abc ab",
		query("texts", " AND sk BETWEEN :a AND :b", `,":a":{"S":"aa"},":b":{"S":"b"}`, ""):        "ab abc b",
		query("texts", "", "", `,"Limit":2`):                                                      "A a|ab abc|b é|",
		query("texts", "", "", `,"Limit":4,"ScanIndexForward":false`):                             "é b abc ab|a A",
		query("texts", " AND sk > :a", `,":a":{"S":"ab"}`, `,"Limit":2`):                          "abc b|é",
		query("numbers", "", "", ""):                                                              "-1.5 -1 0 0.5 2 10 10000000000",
		query("numbers", " AND sk BETWEEN :a AND :b", `,":a":{"N":"-1"},":b":{"N":"2"}`, ""):      "-1 0 0.5 2",
		query("numbers", " AND :a > sk", `,":a":{"N":"0"}`, ""):                                   "-1.5 -1",
		query("numbers", "", `,":t":{"BOOL":true}`, `,"FilterExpression":"round = :t"`):           "0 10 10000000000",
		query("numbers", "", `,":t":{"BOOL":true}`, `,"FilterExpression":"round = :t","Limit":3`): "0|10|10000000000",
	} {
		var parts []string
		for _, p := range w.pages(t, "Query", body) {
			parts = append(parts, p.values("sk"))
		}
		if got := strings.Join(parts, "|"); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
	w.same(t, "Query", query("texts", "", "", `,"Select":"COUNT","Limit":3`), `{"Count":3,"ScannedCount":3,"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"S":"ab"}}}`)
	for body, want := range map[string]string{
		`{"TableName":"texts"}`:                                                        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
		query("texts", " AND foo = :a", `,":a":{"S":"a"}`, ""):                         "Query condition missed key schema element: sk",
		query("texts", " AND sk = :a", `,":a":{"N":"1"}`, ""):                          "Condition parameter type does not match schema type",
		query("texts", " AND sk = :a", `,":a":{"S":""}`, ""):                           "empty string value. Key: sk",
		query("texts", "", "", `,"Limit":0`):                                           "Value at 'Limit' failed",
		query("texts", "", `,":a":{"S":""}`, `,"FilterExpression":"sk = :a"`):          "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
		query("texts", "", "", `,"IndexName":"none"`):                                  "The table does not have the specified index: none",
		query("texts", "", "", `,"Select":"ALL_PROJECTED_ATTRIBUTES"`):                 "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
		query("texts", "", "", `,"Select":"SPECIFIC_ATTRIBUTES"`):                      "Must specify the AttributesToGet or ProjectionExpression",
		query("texts", "", "", `,"Select":"COUNT","ProjectionExpression":"a"`):         "Cannot specify the ProjectionExpression when choosing to get only the Count",
		query("texts", "", "", `,"ExclusiveStartKey":{"pk":{"S":"p"}}`):                "The provided starting key is invalid",
		query("texts", "", "", `,"ExclusiveStartKey":{"pk":{"S":"q"},"sk":{"S":"a"}}`): "The provided starting key is outside query boundaries",
		query("texts", "", "", `,"QueryFilter":{}`):                                    "use FilterExpression",
		strings.ReplaceAll(query("texts", "", "", ""), "pk =", "pk >"):                 "Query key condition not supported",
		strings.ReplaceAll(query("texts", "", "", ""), "pk =", "foo ="):                "Query condition missed key schema element: pk",
		`{"TableName":"texts","KeyConditionExpression":"pk = :p AND begins_with(sk, :n)","ExpressionAttributeValues":{":p":{"S":"p"},":n":{"N":"1"}}}`: "operator or function: begins_with, operand type: N",
	} {
		w.invalid(t, "Query", body, want)
	}
}

func TestIndexes(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "S", `,{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"n","AttributeType":"N"};,
		"GlobalSecondaryIndexes":[
			{"IndexName":"all","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"n","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}},
			{"IndexName":"some","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["a"]}}],
		"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"n","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]`)
	for i := range 6 {
		w.put(t, "things", fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"S":"s%d"},"g":{"S":"g%d"},"n":{"N":"%d"},"a":{"S":"a"},"b":{"S":"b"}}`, i, i%2, 10-i/2))
	}
	w.put(t, "things", `{"pk":{"S":"p"},"sk":{"S":"without"}}`)
	query := func(index, key, value, more string) string {
		return `{"TableName":"things","IndexName":"` + index + `","KeyConditionExpression":"` + key + ` = :v","ExpressionAttributeValues":{":v":{"S":"` + value + `"}}` + more + `}`
	}
	for body, want := range map[string]string{
		query("all", "g", "g0", ""):                            "s4 s2 s0",
		query("all", "g", "g0", `,"Limit":2`):                  "s4 s2|s0",
		query("all", "g", "g1", `,"ScanIndexForward":false`):   "s1 s3 s5",
		query("local", "pk", "p", `,"Limit":3`):                "s4 s5 s2|s3 s0 s1|",
		`{"TableName":"things","IndexName":"local","Limit":6}`: "s4 s5 s2 s3 s0 s1|",
	} {
		var parts []string
		action := "Query"
		if !strings.Contains(body, "KeyCondition") {
			action = "Scan"
		}
		for _, p := range w.pages(t, action, body) {
			parts = append(parts, p.values("sk"))
		}
		if got := strings.Join(parts, "|"); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
	w.same(t, "Query", query("some", "g", "g0", `,"Limit":1`), `{"Count":1,"ScannedCount":1,"Items":[{"pk":{"S":"p"},"sk":{"S":"s0"},"g":{"S":"g0"},"a":{"S":"a"}}],"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"S":"s0"},"g":{"S":"g0"}}}`)
	w.same(t, "Query", query("local", "pk", "p", `,"Limit":1,"Select":"ALL_ATTRIBUTES"`),
		`{"Count":1,"ScannedCount":1,"Items":[{"pk":{"S":"p"},"sk":{"S":"s4"},"g":{"S":"g0"},"n":{"N":"8"},"a":{"S":"a"},"b":{"S":"b"}}],"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"S":"s4"},"n":{"N":"8"}}}`)
	w.same(t, "Query", query("local", "pk", "p", `,"Limit":1,"ProjectionExpression":"b"`), `{"Count":1,"ScannedCount":1,"Items":[{"b":{"S":"b"}}],"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"S":"s4"},"n":{"N":"8"}}}`)
	w.invalid(t, "Query", query("some", "g", "g0", `,"ProjectionExpression":"b"`), "Global secondary index some does not project [b]")
	w.invalid(t, "Query", query("some", "g", "g0", `,"Select":"ALL_ATTRIBUTES"`), "Select type ALL_ATTRIBUTES is not supported for global secondary index some because its projection type is not ALL")
	w.invalid(t, "Query", query("some", "g", "g0", `,"ConsistentRead":true`), "Consistent reads are not supported on global secondary indexes")
	// Indexes follow their items.
	w.ok(t, "UpdateItem", `{"TableName":"things","Key":{"pk":{"S":"p"},"sk":{"S":"s0"}},"UpdateExpression":"SET g = :g","ExpressionAttributeValues":{":g":{"S":"g1"}}}`)
	w.ok(t, "UpdateItem", `{"TableName":"things","Key":{"pk":{"S":"p"},"sk":{"S":"s2"}},"UpdateExpression":"REMOVE n"}`)
	w.ok(t, "DeleteItem", `{"TableName":"things","Key":{"pk":{"S":"p"},"sk":{"S":"s1"}}}`)
	if got := w.pages(t, "Query", query("all", "g", "g1", ""))[0].values("sk"); got != "s5 s3 s0" {
		t.Errorf("after changes: g1 has %s", got)
	}
	if got := w.pages(t, "Query", query("all", "g", "g0", ""))[0].values("sk"); got != "s4" {
		t.Errorf("after changes: g0 has %s", got)
	}
}

func TestScan(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "", "")
	const n = 300
	var want []string
	for i := range n {
		w.put(t, "things", fmt.Sprintf(`{"pk":{"S":"item-%03d"},"n":{"N":"%d"}}`, i, i))
		want = append(want, fmt.Sprintf("item-%03d", i))
	}
	collect := func(bodies ...string) (all []string, calls int) {
		for _, body := range bodies {
			for _, p := range w.pages(t, "Scan", body) {
				all = append(all, strings.Fields(p.values("pk"))...)
				calls++
			}
		}
		slices.Sort(all)
		return all, calls
	}
	if got, calls := collect(`{"TableName":"things","Limit":7}`); !slices.Equal(got, want) || calls != 43 {
		t.Errorf("pages: %d items in %d calls", len(got), calls)
	}
	var segments []string
	for i := range 7 {
		segments = append(segments, fmt.Sprintf(`{"TableName":"things","Segment":%d,"TotalSegments":7,"Limit":10}`, i))
		if got, _ := collect(segments[i]); len(got) < 10 || len(got) > 90 {
			t.Errorf("segment %d has %d of %d items", i, len(got), n)
		}
	}
	if got, _ := collect(segments...); !slices.Equal(got, want) {
		t.Errorf("segments: %d items", len(got))
	}
	if got, _ := collect(`{"TableName":"things","FilterExpression":"n < :n","ExpressionAttributeValues":{":n":{"N":"20"}}}`); !slices.Equal(got, want[:20]) {
		t.Errorf("filter: %v", got)
	}
	for body, want := range map[string]string{
		`"Segment":0`: "The TotalSegments parameter is required", `"TotalSegments":2`: "The Segment parameter is required", `"Segment":2,"TotalSegments":2`: "Segment: 2 is not less than TotalSegments: 2",
		`"Segment":-1,"TotalSegments":2`: "Value '-1' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0", `"Limit":0`: "Value '0' at 'limit'",
		`"ScanFilter":{}`: "use FilterExpression", `"Select":"X"`: "[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]",
		`"ExclusiveStartKey":{"pk":{"N":"1"}}`: "The provided starting key is invalid: The provided key element does not match the schema", `"ExclusiveStartKey":{}`: "The provided starting key is invalid",
	} {
		w.invalid(t, "Scan", `{"TableName":"things",`+body+`}`, want)
	}
	wrong := 0
	for i := range 2 { // a key belongs to one segment
		status, _ := w.send(t, account, "Scan", fmt.Sprintf(`{"TableName":"things","Segment":%d,"TotalSegments":2,"ExclusiveStartKey":{"pk":{"S":"item-000"}}}`, i))
		if status != 200 {
			wrong++
		}
	}
	if wrong != 1 {
		t.Errorf("%d of 2 segments refuse a key", wrong)
	}
}

// A page ends when it has read 1 MB.
func TestPageSize(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "N", "")
	filler := strings.Repeat("x", 100<<10)
	for i := range 25 {
		w.put(t, "things", fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"N":"%d"},"v":{"S":"%s"}}`, i, filler))
	}
	var counts []int
	for _, p := range w.pages(t, "Query", `{"TableName":"things","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p"}},"ProjectionExpression":"sk"}`) {
		counts = append(counts, p.Count)
	}
	if !slices.Equal(counts, []int{11, 11, 3}) {
		t.Errorf("pages of %v items", counts)
	}
}
