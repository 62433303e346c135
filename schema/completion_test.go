// SPDX-License-Identifier: MIT

package schema_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/schema"
)

// TestCompletion asks the server what may stand at the mark |. Want are labels
// that it offers, each with the beginning of its text if the server gives one.
func TestCompletion(t *testing.T) {
	t.Parallel()
	const service = "serviceName: x\n"
	const function = service + "functions:\n  a:\n    handler: ./h.H\n"
	const event = function + "    events:\n      - "
	const api = service + "api:\n  "
	const custom = service + "customResources:\n  A:\n    handler: ./h.H\n"
	const resource = service + "resources:\n  A:\n    Type: AWS::S3::Bucket\n"
	tests := []struct {
		name   string
		text   string
		want   map[string]string
		absent []string
	}{
		{"top level", service + "|", map[string]string{
			"description": "What the service is for.", "defaults": "What every function has", "functions": "The Lambda functions by name.",
			"site": "A directory of files", "api": "The API whose routes", "environments": "What is different", "accounts": "The AWS accounts", "decorators": "Code, programs, patches", "customResources": "Resources of the stack that Go code",
			"resources": "Raw CloudFormation", "outputs": "Outputs of the stack",
		}, []string{"serviceName", "handler"}},
		{"empty file", "|", map[string]string{"serviceName": "Name of the service.", "functions": "The Lambda functions"}, nil},
		{"function names", service + "functions:\n  |", map[string]string{"hello": "The Lambda functions by name."}, []string{"[object Object]", "handler"}},
		{"first key of a function", service + "functions:\n  a:\n    |", map[string]string{"handler": "The Go code:", "memory": "Memory in MB."}, nil},
		{"function", function + "    |", map[string]string{
			"runtime": "Lambda runtime:", "architecture": "Processor", "memory": "Memory in MB.", "timeout": "How long one event",
			"environment": "Environment variables", "role": "A static execution role", "permissions": "What the role made for this",
			"logs": "The function's log group", "tags": "Tags,", "description": "What the function does", "url": "Whether the function has",
			"events": "What calls the function", "layers": "Versions of Lambda layers", "vpc": "Network that", "ephemeralStorage": "Size of /tmp",
			"tracing": "Whether X-Ray", "kmsKey": "KMS key", "fileSystem": "EFS file system", "reservedConcurrency": "How many events",
			"provisionedConcurrency": "How many environments", "recursiveLoop": "Whether Lambda stops", "alias": "Name of an alias",
			"rollout": "How the alias moves", "deadLetter": "A queue or topic", "destinations": "Where a record", "retries": "How often", "maxEventAge": "How long",
		}, []string{"handler", "serviceName"}},
		{"defaults", service + "defaults:\n  |", map[string]string{"runtime": "Lambda runtime", "logs": "The function's"}, []string{"handler", "role"}},
		{"runtime", function + "    runtime: |", map[string]string{"nodejs24.x": "", "provided.al2023": ""}, nil},
		{"architecture", function + "    architecture: |", map[string]string{"arm64": "Processor", "x86_64": "Processor", "amd64": "Processor"}, nil},
		{"default architecture", service + "defaults:\n  architecture: |", map[string]string{"arm64": "Processor"}, nil},
		{"logs", function + "    logs:\n      |", map[string]string{"retention": "Days after which", "format": "Format of", "level": "Least level of the program", "systemLevel": "Least level of Lambda"}, nil},
		{"log format", function + "    logs: {format: |}", map[string]string{"text": "Format of", "json": "Format of"}, nil},
		{"log level", function + "    logs: {level: |}", map[string]string{"trace": "Least level", "fatal": "Least level"}, nil},
		{"system log level", function + "    logs: {systemLevel: |}", map[string]string{"debug": "Least level", "warn": "Least level"}, []string{"fatal"}},
		{"retention", function + "    logs: {retention: |}", map[string]string{"14": "Days after", "3653": "Days after", "never": "Days after"}, []string{"2"}},
		{"url, short and long", function + "    url: |", map[string]string{"true": "", "false": "", "auth, cors": "Whether the function"}, []string{"[object Object]"}},
		{"url", function + "    url:\n      |", map[string]string{"auth": "Who may call it", "mode": "Whether a response", "cors": "Which web pages"}, nil},
		{"url auth", function + "    url: {auth: |}", map[string]string{"none": "Who may call", "iam": "Who may call"}, nil},
		{"url mode", function + "    url:\n      mode: |", map[string]string{"buffered": "Whether a", "stream": "Whether a"}, nil},
		{"cors", function + "    url:\n      cors:\n        |", map[string]string{
			"origins": "Origins of the pages", "methods": "HTTP methods", "headers": "Headers that", "exposeHeaders": "Headers of",
			"credentials": "Whether a page", "maxAge": "How long a browser",
		}, nil},
		{"cors methods", function + "    url:\n      cors:\n        methods: [|]", map[string]string{"GET": "One method.", "\"*\"": "One method."}, nil},
		{"role beside permissions", function + "    permissions: []\n    |", map[string]string{"memory": "Memory"}, []string{"permissions"}},
		{"permission", function + "    permissions:\n      - |", map[string]string{
			"allow": "IAM actions", "on": "ARNs of", "when": "IAM condition", "read": "Reads a table", "write": "Writes items", "send": "Sends messages", "receive": "Receives and deletes",
			"publish": "Publishes to", "invoke": "Invokes a Lambda function", "start": "Starts executions", "encrypt": "Encrypts with", "decrypt": "Decrypts with",
		}, nil},
		{"beside an intent", function + "    permissions:\n      - read: Table\n        |", map[string]string{"when": "IAM condition"}, []string{"read"}},
		{"what is read", function + "    permissions:\n      - read: |", map[string]string{"Table": ""}, nil},
		{"site", service + "site:\n  |", map[string]string{"dir": "The directory", "hosting": "Who serves", "index": "The index document", "error": "The error", "cache": "Rules"}, nil},
		{"site cache", service + "site:\n  dir: .\n  cache:\n    - |", map[string]string{"glob": "Pattern on", "cacheControl": "The header's"}, nil},
		{"new decorator", service + "decorators:\n  - |", map[string]string{"name": "Name of", "handler": "A Go function", "exec": "A program", "patch": "What is merged", "timeout": "How long"}, nil},
		{"decorator", service + "decorators:\n  - name: a\n    |", map[string]string{"handler": "A Go function", "exec": "A program", "patch": "What is merged", "use": "A decorator that is built in", "with": "Settings of"}, []string{"name"}},
		{"built-in decorators", service + "decorators:\n  - name: a\n    use: |", map[string]string{"alarms": "A decorator"}, nil},
		{"settings of a decorator", service + "decorators:\n  - name: a\n    use: alarms\n    with:\n      |", map[string]string{
			"functions": "Functions of", "topic": "SNS topic", "errors": "How many events fail", "throttles": "How many events Lambda", "duration": "Percentage of", "period": "Length of a period",
		}, nil},
		{"custom resource", custom + "    |", map[string]string{"properties": "What the handler", "memory": "Memory of", "timeout": "How long one creation", "role": "A static"}, []string{"handler", "runtime"}},
		{"resource ids", service + "resources:\n  |", map[string]string{"Table": "Raw CloudFormation"}, nil},
		{"resource", resource + "    |", map[string]string{"Properties": "Properties of", "DependsOn": "Logical ids", "DeletionPolicy": "What happens", "Metadata": "Any data"}, []string{"Type"}},
		{"deletion policy", resource + "    DeletionPolicy: |", map[string]string{"Retain": "What happens", "Snapshot": "What happens"}, nil},
		{"replace policy", resource + "    UpdateReplacePolicy: |", map[string]string{"Delete": "What happens"}, []string{"RetainExceptOnCreate"}},
		{"output", service + "outputs:\n  A:\n    |", map[string]string{"value": "The value", "description": "What the output", "export": "Name under"}, nil},
		{"intrinsic", service + "outputs:\n  A: |", map[string]string{"!Ref": "", "!GetAtt": "", "!Sub": ""}, nil},
		{"hosting", service + "site: {dir: ., hosting: |}", map[string]string{"website": "Who serves", "cloudfront": "Who serves"}, nil},
		{"vpc", function + "    vpc:\n      |", map[string]string{"subnetIds": "Ids of subnets", "securityGroupIds": "Ids of security groups", "ipv6": "Whether the function"}, nil},
		{"file system", function + "    fileSystem:\n      |", map[string]string{"accessPoint": "The access point", "path": "Where the function", "readOnly": "Whether the function's"}, nil},
		{"recursive loop", function + "    recursiveLoop: |", map[string]string{"allow": "Whether Lambda", "terminate": "Whether Lambda"}, nil},
		{"tracing", function + "    tracing: |", map[string]string{"true": "", "false": ""}, nil},
		{"rollout", function + "    rollout:\n      |", map[string]string{"type": "canary10Percent5Minutes:", "alarms": "CloudWatch alarms", "before": "A function", "after": "A function"}, nil},
		{"rollout types", function + "    rollout:\n      type: |", map[string]string{"allAtOnce": "canary10", "canary10Percent5Minutes": "canary10", "linear10PercentEvery1Minute": "canary10"}, nil},
		{"destinations", function + "    destinations:\n      |", map[string]string{"onSuccess": "Where the record", "onFailure": "Where the record"}, nil},
		{"sources", event + "|", map[string]string{
			"http": "Requests to a route", "sqs": "Messages of an SQS queue", "s3": "What happens", "sns": "Messages of an SNS topic", "kinesis": "Records of a Kinesis",
			"dynamodb": "Changes of the items", "msk": "Records of a topic", "kafka": "Records of a topic", "schedule": "Times at which", "eventBridge": "Events of an EventBridge",
			"permission": "Permission for", "logs": "Log events", "iot": "Messages of AWS IoT", "cognito": "A step", "alb": "Requests that a listener",
			"codecommit": "Changes of the branches", "ses": "Mail that SES",
		}, []string{"queue", "[object Object]"}},
		{"queue, short and long", event + "sqs: |", map[string]string{"Jobs": "", "batchSize, queue": "Messages of"}, []string{"[object Object]"}},
		{"queue", event + "sqs:\n          |", map[string]string{
			"queue": "The queue:", "batchSize": "How many messages", "batchWindow": "How long", "filters": "Event patterns", "partialFailures": "Whether the function's",
			"maxConcurrency": "How many events", "enabled": "Whether the source",
		}, nil},
		{"queue with a key", event + "sqs:\n          queue: Jobs\n          |", map[string]string{"batchSize": "How many messages"}, []string{"queue"}},
		{"bucket", event + "s3:\n          |", map[string]string{"bucket": "The bucket:", "events": "What has to happen", "prefix": "What the keys", "suffix": "What the keys"}, nil},
		{"events of a bucket", event + "s3: {bucket: Uploads, events: [|]}", map[string]string{"ObjectCreated:*": "One kind", "ObjectRemoved:Delete": "One kind", "s3:ObjectCreated:Put": "One kind"}, nil},
		{"topic", event + "sns:\n          |", map[string]string{"topic": "The topic:", "filter": "Filter policy", "filterScope": "What the filter", "deadLetter": "A queue", "queue": "A queue", "raw": "Whether the queue"}, nil},
		{"filter scope", event + "sns: {topic: Orders, filterScope: |}", map[string]string{"attributes": "What the filter", "body": "What the filter"}, nil},
		{"stream", event + "kinesis:\n          |", map[string]string{
			"stream": "The stream:", "consumer": "Enhanced fan-out", "startingPosition": "Where to begin", "startingAt": "The time", "batchSize": "How many records", "bisect": "Whether a batch",
			"retries": "How often", "maxAge": "How old", "onFailure": "Where a record", "parallelization": "How many batches", "tumblingWindow": "Length of",
		}, nil},
		{"position in a stream", event + "kinesis: {stream: Clicks, startingPosition: |}", map[string]string{"trimHorizon": "Where to", "latest": "Where to", "timestamp": "Where to"}, nil},
		{"table", event + "dynamodb:\n          |", map[string]string{"table": "The table:", "startingPosition": "Where to begin"}, []string{"consumer", "startingAt"}},
		{"cluster", event + "msk:\n          |", map[string]string{"cluster": "The cluster:", "topic": "Name of", "consumerGroup": "The consumer group", "auth": "How Lambda", "pollers": "Event pollers"}, nil},
		{"authentication at a cluster", event + "msk: {auth: |}", map[string]string{"iam": "", "scram": "How Lambda"}, nil},
		{"kinds of authentication", event + "kafka:\n          auth:\n            |", map[string]string{"basic": "SASL/PLAIN", "scram256": "SASL/SCRAM", "scram512": "SASL/SCRAM", "mtls": "TLS"}, nil},
		{"kafka", event + "kafka:\n          |", map[string]string{"servers": "Addresses", "ca": "The root certificate", "vpc": "The VPC"}, []string{"cluster"}},
		{"pollers", event + "kafka:\n          pollers:\n            |", map[string]string{"min": "How many", "max": "How many"}, nil},
		{"schedule, short and long", event + "schedule: |", map[string]string{"rate(5 minutes)": "", "rate, timezone": "Times at which"}, nil},
		{"schedule", event + "schedule:\n          |", map[string]string{
			"rate": "The times", "timezone": "Time zone", "input": "What the function gets", "flexible": "How much later", "start": "Time from", "end": "Time until",
			"retries": "How often", "maxAge": "How long", "deadLetter": "SQS queue", "name": "Name of", "group": "Schedule group",
		}, nil},
		{"rule", event + "eventBridge:\n          |", map[string]string{"pattern": "Event pattern", "bus": "Event bus", "inputPath": "The part", "inputTransformer": "Text made of"}, nil},
		{"transformer", event + "eventBridge:\n          inputTransformer:\n            |", map[string]string{"paths": "Paths in", "template": "JSON with"}, nil},
		{"permission to call", event + "permission:\n          |", map[string]string{"principal": "Who may call", "sourceArn": "ARN of", "sourceAccount": "Account of", "orgId": "Organization", "action": "What is allowed"}, nil},
		{"log group", event + "logs:\n          |", map[string]string{"group": "Log group", "filter": "Filter pattern"}, nil},
		{"iot", event + "iot:\n          |", map[string]string{"sql": "The statement", "name": "Name of", "description": "What the rule", "onFailure": "Where a record"}, nil},
		{"user pool", event + "cognito:\n          |", map[string]string{"pool": "The user pool", "trigger": "The step", "version": "Version of", "kmsKey": "KMS key"}, nil},
		{"triggers", event + "cognito: {pool: Users, trigger: |}", map[string]string{"preSignUp": "The step", "customEmailSender": "The step"}, nil},
		{"load balancer", event + "alb:\n          |", map[string]string{"listener": "The listener", "priority": "Place of", "conditions": "What a request", "multiValueHeaders": "Whether headers", "healthCheck": "Whether the load"}, nil},
		{"conditions", event + "alb:\n          conditions:\n            |", map[string]string{"path": "Paths", "host": "Hosts", "method": "HTTP methods", "header": "Values by", "query": "Values by", "ip": "Addresses"}, nil},
		{"health check", event + "alb:\n          healthCheck:\n            |", map[string]string{"path": "Path that", "interval": "Time from", "timeout": "Time within", "healthy": "Good", "unhealthy": "Bad", "codes": "Status codes"}, nil},
		{"repository", event + "codecommit:\n          |", map[string]string{"repository": "The repository", "branches": "Branches that", "events": "Changes that"}, nil},
		{"changes", event + "codecommit: {repository: Code, events: [|]}", map[string]string{"created": "One kind", "updated": "One kind", "deleted": "One kind"}, nil},
		{"mail", event + "ses:\n          |", map[string]string{
			"recipients": "Whose mail", "ruleSet": "Receipt rule set", "storage": "S3 bucket", "invocation": "Whether SES", "scan": "Whether SES", "tls": "Whether mail", "after": "Name of the rule", "name": "Name of the rule",
		}, nil},
		{"mail storage", event + "ses:\n          storage:\n            |", map[string]string{"bucket": "The bucket", "prefix": "What the keys"}, nil},
		{"tls", event + "ses: {tls: |}", map[string]string{"optional": "Whether mail", "require": "Whether mail"}, nil},
		{"route, short and long", event + "http: |", map[string]string{"GET /items/{id}": "", "authorizer, method, path": "Requests to"}, nil},
		{"route", event + "http:\n          |", map[string]string{"method": "HTTP method", "path": "Path of", "authorizer": "Who decides", "scopes": "OAuth scopes", "throttle": "How many requests", "apiKey": "Whether a request"}, nil},
		{"method", event + "http: {method: |}", map[string]string{"GET": "", "POST": "", "ANY": ""}, nil},
		{"throttle", event + "http:\n          throttle:\n            |", map[string]string{"rate": "Requests a second", "burst": "Requests at once"}, nil},
		{"api", api + "|", map[string]string{
			"type": "Kind of API", "name": "Name of", "stage": "Name of", "endpoint": "Where clients", "cors": "Which web pages", "authorizers": "Who decides", "throttle": "How many",
			"accessLogs": "Whether each", "domain": "A domain name", "apiKeys": "Names of", "usagePlans": "What the holders", "binaryMediaTypes": "Content types",
		}, nil},
		{"kinds of api", api + "type: |", map[string]string{"http": "Kind of API", "rest": "Kind of API"}, nil},
		{"endpoints", api + "endpoint: |", map[string]string{"regional": "Where clients", "edge": "Where clients"}, nil},
		{"authorizer names", api + "authorizers:\n    |", map[string]string{"members": "Who decides"}, nil},
		{"authorizer", api + "authorizers:\n    members:\n      |", map[string]string{"jwt": "Signed tokens", "function": "The function", "cognito": "Cognito user pools", "identity": "What of a request", "ttl": "How long", "response": "What the function"}, nil},
		{"jwt", api + "authorizers:\n    members:\n      jwt:\n        |", map[string]string{"issuer": "URL of", "audience": "Whom the tokens"}, nil},
		{"responses", api + "authorizers: {members: {response: |}}", map[string]string{"simple": "What the function", "policy": "What the function"}, nil},
		{"access logs, short and long", api + "accessLogs: |", map[string]string{"true": "", "false": "", "retention": "Whether each"}, nil},
		{"access logs", api + "accessLogs:\n    |", map[string]string{"format": "The line", "account": "Whether the stack"}, nil},
		{"domain", api + "domain:\n    |", map[string]string{"name": "The domain name", "certificate": "The certificate", "zone": "Hosted zone", "path": "What the path"}, nil},
		{"usage plan", api + "usagePlans:\n    partners:\n      |", map[string]string{"apiKeys": "The API keys", "throttle": "How many", "quota": "How many"}, nil},
		{"periods", api + "usagePlans:\n    partners:\n      quota: {limit: 1, period: |}", map[string]string{"day": "The period", "week": "The period", "month": "The period"}, nil},
		{"overlay", service + "environments:\n  prod:\n    functions:\n      a:\n        |", map[string]string{"memory": "Memory in MB.", "events": "What calls"}, nil},
	}
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, at := cursor(t, modeline+test.text)
			d, _ := s.open(t, filepath.Join(root, strings.ReplaceAll(test.name, " ", "-")+".yaml"), text)
			offered := map[string]string{}
			for _, p := range d.complete(t, at) {
				offered[p.Label] = p.text()
			}
			for label, text := range test.want {
				if got, ok := offered[label]; !ok || !strings.HasPrefix(got, text) {
					t.Errorf("%s: offered %t with %q, want %q", label, ok, got, text)
				}
			}
			for _, label := range test.absent {
				if _, ok := offered[label]; ok {
					t.Errorf("%s is offered", label)
				}
			}
		})
	}
}
