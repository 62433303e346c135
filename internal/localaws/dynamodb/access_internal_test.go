// SPDX-License-Identifier: MIT

package dynamodb

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// Every operation says which permission it needs, and no other one does.
func TestEveryOperationHasARule(t *testing.T) {
	t.Parallel()
	rules := (&Service{}).needs().Rules
	for target := range actions() {
		_, name, _ := strings.Cut(target, ".")
		if rules[name] == nil {
			t.Errorf("%s has no rule", name)
		}
		delete(rules, name)
	}
	for name := range rules {
		t.Errorf("there is a rule for %s, which is no operation", name)
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	scope := arn.Scope{Partition: "aws", Account: "111111111111", Region: "eu-west-1"}
	s := &Service{tables: map[tableKey]*table{keyOf(scope, "t"): newTable(&definition{
		Scope: scope, Name: "t", Created: time.Unix(0, 0), KeySchema: []keyElement{{"pk", "HASH"}, {"sk", "RANGE"}},
	})}}
	const on = "arn:aws:dynamodb:eu-west-1:111111111111:table/t"
	iterator := iterator{Stream: on + "/stream/1"}.token()
	for body, want := range map[string][]string{
		`GetItem {"TableName":"t","Key":{"pk":{"S":"a"},"sk":{"N":"1"}}}`:                                                                                      {"GetItem " + on + " [a]"},
		`PutItem {"TableName":"` + on + `","Item":{"pk":{"S":"a"},"x":{"S":"b"}}}`:                                                                             {"PutItem " + on + " [a]"},
		`UpdateItem {"TableName":"other","Key":{"pk":{"S":"a"}}}`:                                                                                              {"UpdateItem arn:aws:dynamodb:eu-west-1:111111111111:table/other []"},
		`Query {"TableName":"t","KeyConditionExpression":"#k = :v","ExpressionAttributeNames":{"#k":"pk"},"ExpressionAttributeValues":{":v":{"S":"a"}}}`:       {"Query " + on + " [a]"},
		`Query {"TableName":"t","IndexName":"i","KeyConditionExpression":"x=:v","ExpressionAttributeValues":{":v":{"S":"a"}}}`:                                 {"Query " + on + "/index/i []"},
		`Scan {"TableName":"t","IndexName":"i"}`:                                                                                                               {"Scan " + on + "/index/i []"},
		`BatchGetItem {"RequestItems":{"t":{"Keys":[{"pk":{"S":"a"}},{"pk":{"S":"b"}}]}}}`:                                                                     {"BatchGetItem " + on + " [a b]"},
		`BatchWriteItem {"RequestItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"b"}}}}]}}`:                          {"BatchWriteItem " + on + " [a b]"},
		`TransactWriteItems {"TransactItems":[{"Put":{"TableName":"t","Item":{"pk":{"S":"a"}}}},{"ConditionCheck":{"TableName":"t","Key":{"pk":{"S":"b"}}}}]}`: {"PutItem " + on + " [a]", "ConditionCheckItem " + on + " [b]"},
		`TransactGetItems {"TransactItems":[{"Get":{"TableName":"t","Key":{"pk":{"S":"a"}}}}]}`:                                                                {"GetItem " + on + " [a]"},
		`GetRecords {"ShardIterator":"` + iterator + `"}`:                                                                                                      {"GetRecords " + on + "/stream/1 []"},
		`ListStreams {"TableName":"t"}`: {"ListStreams " + on + "/stream/* []"},
		`ListTables {}`:                 {"ListTables * []"},
	} {
		name, body, _ := strings.Cut(body, " ")
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", tableTarget+name)
		var got []string
		for _, need := range s.needs().Needs(r, scope) {
			got = append(got, strings.TrimPrefix(need.Action, "dynamodb:")+" "+need.Resource+" ["+strings.Join(need.Lists["dynamodb:leadingkeys"], " ")+"]")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s: %s", name, body, diff)
		}
	}
}
