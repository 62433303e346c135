// SPDX-License-Identifier: MIT

package schema_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/schema"
)

// TestMistakes wants each mistake underlined where it is, once.
func TestMistakes(t *testing.T) {
	t.Parallel()
	const service = "serviceName: x\n"
	const function = service + "functions:\n  a:\n    handler: ./h.H\n"
	const event = function + "    events:\n      - "
	const permission = function + "    permissions:\n      - "
	const api = service + "api:\n  "
	tests := []struct{ name, text, want string }{
		{"unknown key", service + "function: {}\n", `function: Property function is not allowed.`},
		{"unknown key of a function", function + "    memorySize: 512\n", `memorySize: Property memorySize is not allowed.`},
		{"no service name", "description: x\n", `d: Missing property "serviceName".`},
		{"no handler", service + "functions:\n  a:\n    memory: 256\n", `a: Missing property "handler".`},
		{"no type", service + "resources:\n  A:\n    Properties: {}\n", `A: Missing property "Type".`},
		{"service name", "serviceName: my_service\n", `my_service: must be a stack name: a letter, then letters, digits and hyphens`},
		{"function name", service + "functions:\n  a!:\n    handler: ./h.H\n", `a!: must be a letter, then letters, digits, _ and -`},
		{"wrong type", service + "functions: [a]\n", `[a]: Incorrect type. Expected "object".`},
		{"wrong type of text", service + "description: [a]\n", `[a]: Incorrect type. Expected "string".`},
		{"handler", service + "functions:\n  a:\n    handler: handlers\n", `handlers: must be <directory or import path>.<Go symbol>, such as ./handlers.Hello`},
		{"architecture", function + "    architecture: arm\n", `arm: Value is not accepted. Valid values: "arm64", "x86_64", "amd64".`},
		{"memory too small", function + "    memory: 64\n", `64: Value is below the minimum of 128.`},
		{"memory", function + "    memory: lots\n", `lots: must be a number of MB, such as 512 or 512MB`},
		{"timeout", function + "    timeout: 1000\n", `1000: Value is above the maximum of 900.`},
		{"retention", function + "    logs: {retention: 2}\n", `2: Value is not accepted. Valid values: 1, 3, 5, 7, 14,`},
		{"role and permissions", function + "    role: r\n    permissions: []\n", `permissions: cannot stand beside role`},
		{"custom resource with both", service + "customResources:\n  A:\n    handler: ./h.H\n    permissions: []\n    role: r\n", `permissions: cannot stand beside role`},
		{"action", function + "    permissions: [{allow: GetObject, on: '*'}]\n", `GetObject: must be an IAM action such as s3:GetObject`},
		{"arn", function + "    permissions: [{allow: 's3:Get*', on: s3:books/*}]\n", `s3:books/*: must be an ARN, * or an intrinsic function such as !GetAtt Table.Arn`},
		{"decorator of no kind", service + "decorators:\n  - name: a\n", `n: one of handler, exec, patch, use is missing`},
		{"decorator of two kinds", service + "decorators: [{name: a, handler: ./d.D, patch: {}}]\n", `patch: cannot stand beside handler`},
		{"cors method", function + "    url: {cors: {methods: [GETS]}}\n", `GETS: Value is not accepted. Valid values: "GET",`},
		{"url", function + "    url: yes please\n", `yes please: must be true or false, or a map`},
		{"unknown function", function + "    environment: {AB: {Fn::Jion: x}}\n", `Fn::Jion: Value is not accepted. Valid values: "Ref",`},
		{"unknown intrinsic", service + "outputs: {A: {Reff: B}}\n", `Reff: Property Reff is not allowed.` + "\n" + `A: Missing property "value".`},
		{"unknown tag", service + "outputs:\n  A: !Reff B\n", `!Reff B: Unresolved tag: !Reff`},
		{"variable", function + "    environment: {1X: a}\n", `1X: must be a letter, then one or more letters, digits and _`},
		{"no such source", event + "queue: Jobs\n", `queue: Property queue is not allowed.`},
		{"two sources", event + "sqs: Jobs\n        schedule: rate(1 day)\n", `sqs: cannot stand beside schedule`},
		{"no source", event + "{}\n", `{: one of alb, codecommit, cognito, dynamodb, eventBridge, http,`},
		{"text for a source", event + "Jobs\n", `Jobs: Incorrect type. Expected "object".`},
		{"map of sources", function + "    events: {sqs: Jobs}\n", `{sqs: Jobs}: Incorrect type. Expected "array".`},
		{"queue", event + "sqs: 'my jobs'\n", `'my jobs': must be the logical id of a resource, or an ARN`},
		{"queue in a map", event + "sqs: {queue: 'my jobs'}\n", `'my jobs': must be the logical id of a resource, or an ARN`},
		{"misspelt option of a source", event + "sqs: {queue: Jobs, batchsize: 5}\n", `batchsize: Property batchsize is not allowed.`},
		{"source without its resource", event + "sqs: {batchSize: 5}\n", `sqs: Missing property "queue".`},
		{"empty source", event + "sqs: {}\n", `sqs: Missing property "queue".`},
		{"batch too large", event + "sqs: {queue: Jobs, batchSize: 50000}\n", `50000: Value is above the maximum of 10000.`},
		{"batch of text", event + "sqs: {queue: Jobs, batchSize: many}\n", `many: must be a whole number`},
		{"duration", event + "sqs: {queue: Jobs, batchWindow: 5 minutes}\n", `5 minutes: must be a number of seconds or a duration such as 10s or 1m30s`},
		{"event of a bucket", event + "s3: {bucket: Uploads, events: [ObjectMade]}\n", `ObjectMade: is none of the 62 values that there are, such as ObjectCreated:*`},
		{"position in a stream", event + "kinesis: {stream: Clicks, startingPosition: begin}\n", `begin: Value is not accepted. Valid values: "trimHorizon", "latest", "timestamp".`},
		{"key of another source", event + "dynamodb: {table: Table, consumer: true}\n", `consumer: Property consumer is not allowed.`},
		{"text for a cluster", event + "msk: Cluster\n", `Cluster: Incorrect type. Expected "object".`},
		{"two kinds of authentication", event + "msk: {cluster: Cluster, topic: t, auth: {scram: S, mtls: S}}\n", `scram: cannot stand beside mtls`},
		{"schedule", event + "schedule: every day\n", `every day: must be rate(5 minutes), cron(0 8 ? * MON-FRI *) or at(2099-12-24T18:00:00)`},
		{"route", event + "http: /items\n", `/items: must be a method and a path, such as GET /items/{id}, or $default`},
		{"route without path", event + "http: {method: GET}\n", `http: Missing property "path".`},
		{"trigger", event + "cognito: {pool: Users, trigger: signUp}\n", `signUp: Value is not accepted. Valid values: "preSignUp",`},
		{"no condition", event + "alb: {listener: Listener, priority: 1, conditions: {}}\n", `conditions: one of header, host, ip, method, path, query is missing`},
		{"address of mail", event + "ses: post at example\n", `post at example: must be an address such as info@example.com,`},
		{"two intents", permission + "{read: Table, write: Table}\n", `write: cannot stand beside read`},
		{"intent and actions", permission + "{allow: s3:GetObject, on: '*', read: Table}\n", `read: cannot stand beside allow`},
		{"intent with on", permission + "{read: Table, on: '*'}\n", `on: cannot stand beside read`},
		{"actions on nothing", permission + "{allow: s3:GetObject}\n", `{: Missing property "on".`},
		{"no actions", permission + "{on: '*'}\n", `{: Missing property "allow".`},
		{"no permission", permission + "{}\n", `{: one of allow, read, write, send, receive, publish, invoke, start, encrypt, decrypt is missing`},
		{"misspelt intent", permission + "reads: Table\n", `reads: Property reads is not allowed.`},
		{"settings of no decorator", service + "decorators: [{name: a, handler: ./d.D, with: {errors: 5}}]\n", `with: goes with use`},
		{"misspelt setting", service + "decorators: [{name: a, use: alarms, with: {error: 5}}]\n", `error: Property error is not allowed.`},
		{"built-in decorator", service + "decorators: [{name: a, use: alarm}]\n", `alarm: Value is not accepted. Valid values: "alarms".`},
		{"kind of API", api + "type: REST\n", `REST: Value is not accepted. Valid values: "http", "rest".`},
		{"authorizer of no kind", api + "authorizers: {k: {}}\n", `k: one of jwt, function, cognito is missing`},
		{"authorizer of two kinds", api + "authorizers: {k: {function: f, cognito: [Users]}}\n", `cognito: cannot stand beside function`},
		{"identity", api + "authorizers: {k: {function: f, identity: [Authorization]}}\n", `Authorization: must be header.<name>, query.<name> or context.<name>`},
		{"throttle", api + "throttle: {rate: 1}\n", `throttle: Missing property "burst".`},
		{"quota", api + "usagePlans: {k: {apiKeys: [a], quota: {limit: 0, period: day}}}\n", `0: Value is below the minimum of 1.`},
		{"rollout", function + "    rollout: {type: canary}\n", `canary: Value is not accepted. Valid values: "allAtOnce",`},
		{"rollout without type", function + "    rollout: {alarms: [a]}\n", `rollout: Missing property "type".`},
		{"subnet", function + "    vpc: {subnetIds: subnet-1, securityGroupIds: [sg-1]}\n", `subnet-1: must be a list`},
		{"flag", function + "    tracing: active\n", `active: must be true or false`},
		{"no destination", function + "    destinations: {}\n", `destinations: one of onFailure, onSuccess is missing`},
		{"too many layers", function + "    layers: [a, b, c, d, e, f]\n", `[a, b, c, d, e, f]: Array has too many items. Expected 5 or fewer.`},
		{"hosting", service + "site: {dir: ., hosting: s3}\n", `s3: Value is not accepted. Valid values: "website", "cloudfront".`},
	}
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, found := s.open(t, filepath.Join(root, strings.ReplaceAll(test.name, " ", "-")+".yaml"), modeline+test.text)
			var got []string
			for _, f := range found {
				got = append(got, d.covered(f.Range)+": "+f.Message)
			}
			want := strings.Split(test.want, "\n")
			slices.Sort(got)
			slices.Sort(want)
			if len(got) != len(want) || !slices.EqualFunc(got, want, strings.HasPrefix) {
				t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}
