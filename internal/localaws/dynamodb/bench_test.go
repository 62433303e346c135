// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"fmt"
	"testing"
)

// fill makes a table of n small items with an index.
func (w *world) fill(b *testing.B, n int) {
	b.Helper()
	w.table(b, "things", "N", byG)
	for i := 0; i < n; i += 25 {
		requests := ""
		for j := range 25 {
			requests += fmt.Sprintf(`,{"PutRequest":{"Item":{"pk":{"S":"p%d"},"sk":{"N":"%d"},"g":{"S":"g%d"},"v":{"S":"some text of an item"}}}}`, (i+j)%1000, i+j, (i+j)%50)
		}
		w.ok(b, "BatchWriteItem", `{"RequestItems":{"things":[`+requests[1:]+`]}}`)
	}
}

// What calls cost in a table of 100,000 items.
func BenchmarkLargeTable(b *testing.B) {
	dir := b.TempDir()
	w := open(b, dir)
	w.fill(b, 100_000)
	b.Run("put", func(b *testing.B) {
		for i := range b.N {
			w.put(b, "things", fmt.Sprintf(`{"pk":{"S":"p%d"},"sk":{"N":"%d"},"g":{"S":"g"},"v":{"S":"some text of an item"}}`, i%1000, i))
		}
	})
	b.Run("get", func(b *testing.B) {
		for i := range b.N {
			w.ok(b, "GetItem", fmt.Sprintf(`{"TableName":"things","Key":{"pk":{"S":"p%d"},"sk":{"N":"%d"}}}`, i%1000, i%100_000))
		}
	})
	b.Run("query100", func(b *testing.B) {
		for i := range b.N {
			w.ok(b, "Query", fmt.Sprintf(`{"TableName":"things","Limit":100,"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p%d"}}}`, i%1000))
		}
	})
	b.Run("open", func(b *testing.B) {
		for range b.N {
			w = w.reopen(b, dir)
		}
	})
}
