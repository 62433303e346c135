// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func properties(t testing.TB, text string) map[string]any {
	t.Helper()
	var p map[string]any
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return p
}

func request(t testing.TB, text string) resource.Request {
	t.Helper()
	return resource.Request{
		Scope: here, StackName: "stack", LogicalID: "Table", Properties: properties(t, text), Tags: map[string]string{"aws:cloudformation:stack-name": "stack"},
		DefaultName: func(most int) string { return ("stack-Table-" + strings.Repeat("X", 300))[:min(most, 24)] },
	}
}

const (
	keyOnly  = `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]`
	indexed  = `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"h","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]`
	onDemand = `,"BillingMode":"PAY_PER_REQUEST"`
)

func global(name, key, projection, more string) string {
	return `{"IndexName":"` + name + `","KeySchema":[{"AttributeName":"` + key + `","KeyType":"HASH"}],"Projection":{"ProjectionType":"` + projection + `"}` + more + `}`
}

func TestTableType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	table := w.ResourceTypes()["AWS::DynamoDB::Table"]
	named, err := table.Create(t.Context(), request(t, `{`+keyOnly+onDemand+`}`))
	if err != nil || named.PhysicalID != "stack-Table-XXXXXXXXXXXX" || !cmp.Equal(named.Attributes, map[string]any{"Arn": here.Regional("dynamodb", "table/"+named.PhysicalID)}) {
		t.Errorf("got %+v, %v", named, err)
	}
	full := `{"TableName":"things",` + indexed + `,"BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":"1","WriteCapacityUnits":2},"DeletionProtectionEnabled":"false","TableClass":"STANDARD",
		"GlobalSecondaryIndexes":[` + global("byG", "g", "ALL", `,"ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4}`) + `,` + global("byH", "h", "KEYS_ONLY", `,"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6}`) + `],
		"StreamSpecification":{"StreamViewType":"NEW_IMAGE"},"TimeToLiveSpecification":{"AttributeName":"end","Enabled":"true"},"PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true},
		"SSESpecification":{"SSEEnabled":true,"SSEType":"KMS","KMSMasterKeyId":"alias/mine"},"Tags":[{"Key":"a","Value":"b"}]}`
	made, err := table.Create(t.Context(), request(t, full))
	if err != nil || made.PhysicalID != "things" || !strings.HasPrefix(made.Attributes["StreamArn"].(string), here.Regional("dynamodb", "table/things/stream/")) {
		t.Fatalf("got %+v, %v", made, err)
	}
	shows := func(action, body string, want ...string) {
		t.Helper()
		got := w.ok(t, action, body)
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Errorf("%s: got %s, want %s", action, got, text)
			}
		}
	}
	const things = `{"TableName":"things"}`
	shows("DescribeTable", things, `"ReadCapacityUnits":1,"WriteCapacityUnits":2`, `"ReadCapacityUnits":5,"WriteCapacityUnits":6`, `"StreamViewType":"NEW_IMAGE"`, `"TableClass":"STANDARD"`, `:alias/mine"`)
	shows("DescribeTimeToLive", things, `"ENABLED","AttributeName":"end"`)
	shows("DescribeContinuousBackups", things, `"PointInTimeRecoveryStatus":"ENABLED"`)
	shows("ListTagsOfResource", `{"ResourceArn":"`+made.Attributes["Arn"].(string)+`"}`, `{"Key":"a","Value":"b"},{"Key":"aws:cloudformation:stack-name","Value":"stack"}`)
	if _, err := table.Create(t.Context(), request(t, full)); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("got %v", err)
	}
	w.put(t, "things", `{"pk":{"S":"a"},"g":{"S":"x"},"h":{"S":"y"}}`)

	changed := `{"TableName":"things",` + indexed + onDemand + `,"DeletionProtectionEnabled":true,"GlobalSecondaryIndexes":[` + global("byG", "g", "KEYS_ONLY", "") + `,` + global("new", "h", "ALL", "") + `],
		"StreamSpecification":{"StreamViewType":"OLD_IMAGE"},"TimeToLiveSpecification":{"AttributeName":"until","Enabled":true}}`
	updated, err := table.Update(t.Context(), made, request(t, changed))
	if err != nil || updated.PhysicalID != "things" || updated.Attributes["StreamArn"] == made.Attributes["StreamArn"] {
		t.Fatalf("got %+v, %v", updated, err)
	}
	shows("DescribeTable", things, `"BillingMode":"PAY_PER_REQUEST"`, `"IndexName":"new"`, `"StreamViewType":"OLD_IMAGE"`, `"DeletionProtectionEnabled":true`)
	if got := w.ok(t, "DescribeTable", things); strings.Contains(got, "byH") || strings.Contains(got, "SSEDescription") || strings.Contains(got, "TableClassSummary") {
		t.Errorf("got %s", got)
	}
	shows("DescribeTimeToLive", things, `"AttributeName":"until"`)
	shows("DescribeContinuousBackups", things, `"PointInTimeRecoveryStatus":"DISABLED"`)
	shows("Scan", `{"TableName":"things","IndexName":"byG"}`, `[{"g":{"S":"x"},"pk":{"S":"a"}}]`)
	shows("Scan", `{"TableName":"things","IndexName":"new"}`, `[{"g":{"S":"x"},"h":{"S":"y"},"pk":{"S":"a"}}]`)
	if err := table.Delete(t.Context(), updated, request(t, changed)); err == nil || !strings.Contains(err.Error(), "currently protected against deletion. Disable deletion protection first. (Service: DynamoDb, Status Code: 400") {
		t.Errorf("got %v", err)
	}
	back := `{"TableName":"things",` + keyOnly + `,"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}`
	last, err := table.Update(t.Context(), updated, request(t, back))
	if err != nil || last.Attributes["StreamArn"] != nil {
		t.Fatalf("got %+v, %v", last, err)
	}
	shows("DescribeTable", things, `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}]`, `"ReadCapacityUnits":1,"WriteCapacityUnits":1`)
	shows("DescribeTimeToLive", things, "DISABLED")
	for range 2 {
		if err := table.Delete(t.Context(), last, request(t, back)); err != nil {
			t.Error(err)
		}
	}
}

func TestTableTypeRefuses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	table := w.ResourceTypes()["AWS::DynamoDB::Table"]
	for text, want := range map[string][]string{
		`{` + keyOnly + onDemand + `}`: nil,
		`{"KeySchema":{"Fn::If":["A",[],[]]},"TableName":{"Ref":"Name"},"Tags":[{"Key":"a","Value":{"Ref":"b"}}]}`: nil,
		`{}`: {"#: required key [KeySchema] not found"},
		`{"KeySchema":[{"AttributeName":"pk"}],"Colour":"red","TableName":"a!","BillingMode":"FREE","WarmThroughput":{},"ResourcePolicy":{},"StreamSpecification":{},"GlobalSecondaryIndexes":[{"IndexName":"x","KeySchema":[],"Projection":{},"OnDemandThroughput":{}}]}`: {
			"#/BillingMode: FREE is not a valid enum value", "#: extraneous key [Colour] is not permitted", "#/GlobalSecondaryIndexes/0/OnDemandThroughput: the embedded AWS does not model this property",
			"#/KeySchema/0: required key [KeyType] not found", "#/ResourcePolicy: the embedded AWS does not model this property", "#/StreamSpecification: required key [StreamViewType] not found",
			"#/TableName: failed validation constraint for keyword [pattern]: ^[a-zA-Z0-9_.-]+$", "#/WarmThroughput: the embedded AWS does not model this property",
		},
		`{"KeySchema":[],"ImportSourceSpecification":{},"KinesisStreamSpecification":{},"ContributorInsightsSpecification":{},"OnDemandThroughput":{}}`: {
			"#/ContributorInsightsSpecification: the embedded AWS does not model this property", "#/ImportSourceSpecification: the embedded AWS does not model this property",
			"#/KinesisStreamSpecification: the embedded AWS does not model this property", "#/OnDemandThroughput: the embedded AWS does not model this property",
		},
	} {
		if diff := cmp.Diff(want, table.Check(properties(t, text))); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for text, want := range map[string]bool{
		`{"TableName":"b"}`: true, `{"TableName":"a","KeySchema":[{"AttributeName":"x","KeyType":"HASH"}]}`: true, `{"TableName":"a","LocalSecondaryIndexes":[]}`: true,
		`{"TableName":"a","AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}]}`: true, `{"TableName":"a","AttributeDefinitions":[{"AttributeName":"k","AttributeType":"N"},{"AttributeName":"l","AttributeType":"S"}]}`: false,
		`{"TableName":"a","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[],"GlobalSecondaryIndexes":[],"StreamSpecification":{"StreamViewType":"KEYS_ONLY"}}`: false,
	} {
		if got := table.Replaces(properties(t, `{"TableName":"a","AttributeDefinitions":[{"AttributeName":"k","AttributeType":"N"}]}`), properties(t, text)); got != want {
			t.Errorf("%s: replaces %v, want %v", text, got, want)
		}
	}
	if _, err := table.Create(t.Context(), request(t, `{"TableName":"things",`+keyOnly+`}`)); err == nil || !strings.Contains(err.Error(), "must both be specified when BillingMode is PROVISIONED (Service: DynamoDb, Status Code: 400") {
		t.Errorf("got %v", err)
	}
	w.same(t, "ListTables", `{}`, `{"TableNames":[]}`) // nothing is left behind
	bad, err := table.Create(t.Context(), request(t, `{"TableName":"things",`+keyOnly+onDemand+`,"TimeToLiveSpecification":{"Enabled":true}}`))
	if err == nil || bad.PhysicalID != "things" { // the rollback deletes it
		t.Errorf("got %+v, %v", bad, err)
	}
}
