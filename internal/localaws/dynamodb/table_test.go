// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"regexp"
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	create := `{"TableName":"things","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"g","AttributeType":"N"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],
		"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2},"TableClass":"STANDARD_INFREQUENT_ACCESS","DeletionProtectionEnabled":true,"SSESpecification":{"Enabled":true},"Tags":[{"Key":"a","Value":"b"}],
		"GlobalSecondaryIndexes":[{"IndexName":"byG","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"},"ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4}}],
		"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}}`
	if got := w.ok(t, "CreateTable", create); !strings.Contains(got, `"TableStatus":"CREATING"`) || !strings.Contains(got, `"IndexStatus":"CREATING"`) {
		t.Errorf("got %s", got)
	}
	w.refused(t, "CreateTable", create, "ResourceInUseException", "Table already exists: things")
	w.put(t, "things", `{"pk":{"S":"a"},"g":{"N":"1"}}`)
	w.put(t, "things", `{"pk":{"S":"b"}}`)
	got := w.ok(t, "DescribeTable", `{"TableName":"things"}`)
	for _, want := range []string{
		`"TableStatus":"ACTIVE"`, `"IndexStatus":"ACTIVE"`, `"TableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/things"`, `"ItemCount":2,`, `"TableSizeBytes":9,`, `"ReadCapacityUnits":1,"WriteCapacityUnits":2,`,
		`"IndexSizeBytes":6,"ItemCount":1,"IndexArn":"arn:aws:dynamodb:us-east-1:000000000000:table/things/index/byG"`, `"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}`, `"TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS"}`,
		`"SSEDescription":{"Status":"ENABLED","SSEType":"KMS","KMSMasterKeyArn":"arn:aws:kms:us-east-1:000000000000:alias/aws/dynamodb"}`, `"DeletionProtectionEnabled":true`, `"LatestStreamArn":"arn:aws:dynamodb:us-east-1:000000000000:table/things/stream/2`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	w.invalid(t, "DeleteTable", `{"TableName":"things"}`, "Resource cannot be deleted as it is currently protected against deletion.")
	w.ok(t, "UpdateTable", `{"TableName":"things","DeletionProtectionEnabled":false}`)
	if got := w.ok(t, "DeleteTable", `{"TableName":"things"}`); !strings.Contains(got, `"TableStatus":"DELETING"`) {
		t.Errorf("got %s", got)
	}
	w.refused(t, "DescribeTable", `{"TableName":"things"}`, "ResourceNotFoundException", "Requested resource not found: Table: things not found")
	for _, name := range []string{"ccc", "aaa", "bbb"} {
		w.table(t, name, "", "")
	}
	w.same(t, "ListTables", `{"Limit":2}`, `{"TableNames":["aaa","bbb"],"LastEvaluatedTableName":"bbb"}`)
	w.same(t, "ListTables", `{"ExclusiveStartTableName":"bbb"}`, `{"TableNames":["ccc"]}`)
	w.invalid(t, "ListTables", `{"Limit":101}`, "Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100")
	if status, answer := w.send(t, "222222222222", "ListTables", `{}`); string(answer) != `{"TableNames":[]}` {
		t.Errorf("another account: %d %s", status, answer)
	}
	w.refused(t, "GetItem", `{"TableName":"arn:aws:dynamodb:us-east-1:222222222222:table/aaa","Key":{"pk":{"S":"a"}}}`, "AccessDeniedException", "other accounts and regions")
}

func TestTablesRefused(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	const (
		prefix = "One or more parameter values were invalid: "
		key    = `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]`
		two    = `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]`
		free   = `,"BillingMode":"PAY_PER_REQUEST"`
	)
	index := func(name, keys, more string) string {
		return `{"IndexName":"` + name + `","KeySchema":[` + keys + `],"Projection":{"ProjectionType":"ALL"` + more + `}}`
	}
	hash := func(name string) string { return `{"AttributeName":"` + name + `","KeyType":"HASH"}` }
	for body, want := range map[string]string{
		`"KeySchema":[]`: "2 validation errors detected: Value null at 'attributeDefinitions' failed to satisfy constraint: Member must not be null; Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or equal to 1",
		key:              prefix + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
		key + free + `,"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}`:                                                          prefix + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
		key + `,"ProvisionedThroughput":{"ReadCapacityUnits":0}`:                                                                                        "Value null at 'provisionedThroughput.writeCapacityUnits'",
		`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"X"}],"KeySchema":[{"AttributeName":"pk","KeyType":"Y"}],"BillingMode":"Z"`:      "3 validation errors detected: Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]",
		`"AttributeDefinitions":[{"AttributeName":"other","AttributeType":"S"}],"KeySchema":[` + hash("pk") + `]` + free:                                prefix + "Some index key attributes are not defined in AttributeDefinitions. Keys: [pk], AttributeDefinitions: [other]",
		`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[` + hash("pk") + `,` + hash("sk") + `]` + free:                "Invalid KeySchema: Some index key attribute have no definition",
		strings.Replace(two, `"pk","KeyType":"HASH"`, `"pk","KeyType":"RANGE"`, 1) + free:                                                               "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
		strings.Replace(two, `"sk","KeyType":"RANGE"`, `"sk","KeyType":"HASH"`, 1) + free:                                                               "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
		strings.Replace(two, `"sk","KeyType":"RANGE"`, `"pk","KeyType":"RANGE"`, 1) + free:                                                              "Both the Hash Key and the Range Key element in the KeySchema have the same name",
		strings.Replace(key, `]`, `,{"AttributeName":"x","AttributeType":"S"}]`, 1) + free:                                                              prefix + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
		key + free + `,"LocalSecondaryIndexes":[` + index("loc", hash("pk"), "") + `]`:                                                                  prefix + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
		two + free + `,"LocalSecondaryIndexes":[` + index("loc", hash("pk"), "") + `]`:                                                                  prefix + "Index KeySchema does not have a range key for index: loc",
		two + free + `,"LocalSecondaryIndexes":[` + index("loc", hash("sk")+`,{"AttributeName":"pk","KeyType":"RANGE"}`, "") + `]`:                      prefix + "Index KeySchema does not have the same leading hash key as table KeySchema for index: loc. index hash key: sk, table hash key: pk",
		two + free + `,"GlobalSecondaryIndexes":[` + index("glo", hash("sk"), "") + `,` + index("glo", hash("sk"), "") + `]`:                            prefix + "Duplicate index name: glo",
		two + free + `,"GlobalSecondaryIndexes":[` + index("glo", hash("zz"), "") + `]`:                                                                 prefix + "Some index key attributes are not defined",
		two + free + `,"GlobalSecondaryIndexes":[` + index("glo", hash("sk"), `,"NonKeyAttributes":["a"]`) + `]`:                                        prefix + "ProjectionType is ALL, but NonKeyAttributes is specified",
		two + free + `,"GlobalSecondaryIndexes":[]`:                                                                                                     prefix + "List of GlobalSecondaryIndexes is empty",
		two + `,"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},"GlobalSecondaryIndexes":[` + index("glo", hash("sk"), "") + `]`: prefix + "ProvisionedThroughput must be specified for index: glo",
		key + free + `,"StreamSpecification":{"StreamEnabled":true}`:                                                                                    prefix + "StreamViewType must be specified when StreamEnabled is true",
		key + free + `,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"ALL"}`:                                                             "Value 'ALL' at 'streamSpecification.streamViewType'",
		key + free + `,"OnDemandThroughput":{}`:                                                                                                         `the embedded AWS does not model parameter "OnDemandThroughput" of CreateTable`,
		key + free + `,"GlobalTableSourceArn":"x"`:                                                                                                      `"GlobalTableSourceArn"`,
	} {
		w.invalid(t, "CreateTable", `{"TableName":"things",`+body+`}`, want)
	}
	for name, want := range map[string]string{`"ab"`: "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3", `"a!b"`: "regular expression pattern", `null`: "The parameter 'TableName' is required but was not present in the request"} {
		w.invalid(t, "CreateTable", `{"TableName":`+name+`,`+key+free+`}`, want)
	}
}

func TestUpdateTable(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "S", "")
	for _, item := range []string{`"a"},"g":{"S":"x"}`, `"b"},"g":{"N":"1"}`, `"c"}`} {
		w.put(t, "things", `{"pk":{"S":"p"},"sk":{"S":`+item+`}`)
	}
	const byG = `{"Create":{"IndexName":"byG","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}`
	update := func(more string) string { return `{"TableName":"things",` + more + `}` }
	define := `"AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"}],`
	w.invalid(t, "UpdateTable", update(`"GlobalSecondaryIndexUpdates":[`+byG+`]`), "Some index key attributes are not defined in AttributeDefinitions. Keys: [g], AttributeDefinitions: [pk, sk]")
	if got := w.ok(t, "UpdateTable", update(define+`"GlobalSecondaryIndexUpdates":[`+byG+`]`)); !strings.Contains(got, `"TableStatus":"UPDATING"`) {
		t.Errorf("got %s", got)
	}
	w.same(t, "Scan", `{"TableName":"things","IndexName":"byG"}`, `{"Count":1,"ScannedCount":1,"Items":[{"pk":{"S":"p"},"sk":{"S":"a"},"g":{"S":"x"}}]}`) // holds what was there
	for more, want := range map[string]string{
		define + `"GlobalSecondaryIndexUpdates":[` + byG + `]`: "Attempting to create an index which already exists",
		`"GlobalSecondaryIndexUpdates":[{}]`:                   "One of GlobalSecondaryIndexUpdate.Update",
		`"BillingMode":"PROVISIONED"`:                          "ProvisionedThroughput must be specified when BillingMode is PROVISIONED",
		`"BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}`: "ProvisionedThroughput must be specified for index: byG",
		`"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}`:                             "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
		`"StreamSpecification":{"StreamEnabled":false}`:                                                      "Table is already without a stream",
		`"ReplicaUpdates":[]`:       `does not model parameter "ReplicaUpdates"`,
		`"AttributeDefinitions":[]`: "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled",
	} {
		w.invalid(t, "UpdateTable", update(more), want)
	}
	w.refused(t, "UpdateTable", update(`"GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"none"}}]`), "ResourceNotFoundException", "Index: none not found")
	w.refused(t, "UpdateTable", update(`"GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"byG"}},`+strings.Replace(byG, "byG", "other", 1)+`]`), "LimitExceededException", "Only 1 online index can be created or deleted simultaneously per table")
	w.refused(t, "UpdateTable", `{"TableName":"none","BillingMode":"PAY_PER_REQUEST"}`, "ResourceNotFoundException", "Table: none not found")
	w.ok(t, "UpdateTable", update(`"GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"byG"}}]`))
	w.invalid(t, "Scan", `{"TableName":"things","IndexName":"byG"}`, "The table does not have the specified index: byG")
	w.put(t, "things", `{"pk":{"S":"p"},"sk":{"S":"d"},"g":{"N":"1"}}`) // g is free again

	units := `"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6}`
	w.ok(t, "UpdateTable", update(`"BillingMode":"PROVISIONED",`+units))
	if got := w.ok(t, "DescribeTable", `{"TableName":"things"}`); !regexp.MustCompile(`"ReadCapacityUnits":5,"WriteCapacityUnits":6,.*"BillingModeSummary":\{"BillingMode":"PROVISIONED","LastUpdateToPayPerRequestDateTime":\d`).MatchString(got) {
		t.Errorf("got %s", got)
	}
	w.invalid(t, "UpdateTable", update(units), "The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: 5.")
	w.ok(t, "UpdateTable", update(`"BillingMode":"PAY_PER_REQUEST"`))
	if got := w.ok(t, "DescribeTable", `{"TableName":"things"}`); !strings.Contains(got, `"ReadCapacityUnits":0`) {
		t.Errorf("got %s", got)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.table(t, "things", "", "")
	const named = `{"TableName":"things"}`
	ttl := func(enabled, name string) string {
		return `{"TableName":"things","TimeToLiveSpecification":{"Enabled":` + enabled + `,"AttributeName":"` + name + `"}}`
	}
	w.same(t, "DescribeTimeToLive", named, `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`)
	w.same(t, "UpdateTimeToLive", ttl("true", "end"), `{"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"end"}}`)
	w.same(t, "DescribeTimeToLive", named, `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"end"}}`)
	w.invalid(t, "UpdateTimeToLive", ttl("true", "end"), "TimeToLive is already enabled")
	w.invalid(t, "UpdateTimeToLive", ttl("true", "other"), "TimeToLive is active on a different AttributeName: current AttributeName is end")
	w.invalid(t, "UpdateTimeToLive", ttl("false", "other"), "TimeToLive is active on a different AttributeName")
	w.ok(t, "UpdateTimeToLive", ttl("false", "end"))
	w.invalid(t, "UpdateTimeToLive", ttl("false", "end"), "TimeToLive is already disabled")
	w.invalid(t, "UpdateTimeToLive", named, "Value null at 'timeToLiveSpecification'")

	table := here.Regional("dynamodb", "table/things")
	w.same(t, "ListTagsOfResource", `{"ResourceArn":"`+table+`"}`, `{"Tags":[]}`)
	w.ok(t, "TagResource", `{"ResourceArn":"`+table+`","Tags":[{"Key":"b","Value":"2"},{"Key":"a","Value":"1"}]}`)
	w.ok(t, "UntagResource", `{"ResourceArn":"`+table+`","TagKeys":["b"]}`)
	w.same(t, "ListTagsOfResource", `{"ResourceArn":"`+table+`"}`, `{"Tags":[{"Key":"a","Value":"1"}]}`)
	w.invalid(t, "TagResource", `{"ResourceArn":"`+table+`","Tags":[]}`, "Atleast one Tag needs to be provided as Input.")
	w.invalid(t, "TagResource", `{"ResourceArn":"things","Tags":[{"Key":"a","Value":"b"}]}`, "Invalid TableArn: Invalid ResourceArn provided as input things")
	w.refused(t, "ListTagsOfResource", `{"ResourceArn":"`+table+`2"}`, "ResourceNotFoundException", "Requested resource not found: ResourcArn: "+table+"2 not found")

	w.same(t, "DescribeContinuousBackups", named, `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}`)
	if got := w.ok(t, "UpdateContinuousBackups", `{"TableName":"things","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}`); !strings.Contains(got, `"PointInTimeRecoveryStatus":"ENABLED","RecoveryPeriodInDays":35,"EarliestRestorableDateTime":`) {
		t.Errorf("got %s", got)
	}
	w.invalid(t, "UpdateContinuousBackups", named, "Value null at 'pointInTimeRecoverySpecification'")
	w.ok(t, "DescribeLimits", `{}`)
	w.same(t, "DescribeEndpoints", `{}`, `{"Endpoints":[{"Address":"127.0.0.1:4566","CachePeriodInMinutes":1440}]}`)
}
