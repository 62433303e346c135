// SPDX-License-Identifier: MIT

package spec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/internal/diag"
)

// nearest is diag.Nearest for names of a length that a person writes.
func nearest(name string, candidates []string) string {
	const most = 200
	if len(name) > most {
		return ""
	}
	return diag.Nearest(name, candidates)
}

func didYouMean(name string) string { return "did you mean `" + name + "`?" }

// needless says of keys of other tools why sparta.yaml does not have them; ""
// of all else.
func needless(key string) string {
	return map[string]string{
		"package":                  "leave it out: Sparta compiles and packages the program itself",
		"build":                    "leave it out: Sparta compiles and packages the program itself",
		"region":                   "leave it out: the region comes from the AWS configuration, such as AWS_REGION",
		"profile":                  "leave it out: the profile comes from the AWS configuration, such as AWS_PROFILE",
		"stage":                    "leave it out: --environment chooses the environment, and ${environment} is its name",
		"existing":                 "leave it out: the ARN of a bucket, arn:aws:s3:::name, says that it exists already",
		"rules":                    "write prefix and suffix beside bucket",
		"AWSTemplateFormatVersion": "this is a CloudFormation template: its Resources go under resources",
	}[key]
}

// misplaced says of keys of one source of events why another one does not have
// them, "" of all else.
func misplaced(source, key string) string {
	if key == "authorizer" || key == "apiKey" || key == "scopes" {
		if slices.Contains([]string{"sqs", "sns", "s3", "kinesis", "dynamodb", "schedule", "eventBridge", "logs", "ses", "iot", "cognito", "codecommit", "msk", "kafka"}, source) {
			return "leave it out: only routes of an API have it, which are sources http"
		}
	}
	return map[string]string{
		"sqs startingPosition": "leave it out: a queue has no positions, its messages come as they are",
		"sqs onFailure":        "leave it out: where messages go that failed says the queue's own RedrivePolicy, under resources",
		"sqs deadLetter":       "leave it out: where messages go that failed says the queue's own RedrivePolicy, under resources",
		"sqs retries":          "leave it out: how often a message comes back says maxReceiveCount of the queue's own RedrivePolicy, under resources",
		"sqs maxAge":           "leave it out: how long messages are kept says the queue's own MessageRetentionPeriod, under resources",
		"sns onFailure":        "write deadLetter: a queue for messages that could not be delivered; what the function fails on goes to its own destinations",
		"sns batchSize":        "leave it out: SNS calls the function with each message; add queue: Jobs to have them gathered",
		"sns startingPosition": "leave it out: a topic keeps no messages",
		"s3 batchSize":         "leave it out: S3 calls the function with each event",
		"s3 onFailure":         "write it under destinations of the function",
		"schedule cron":        "write rate: cron(0 8 * * ? *); the key takes cron(...) and at(...), too",
		"schedule every":       "write rate: rate(5 minutes)",
		"logs filters":         "write filter: one pattern, such as ?ERROR ?WARN",
	}[source+" "+key]
}

// elsewhere is what other tools, and CloudFormation, call the keys of
// sparta.yaml.
func elsewhere(key string) []string {
	return elsewhereTable()[strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(key))]
}

var elsewhereTable = sync.OnceValue(func() map[string][]string {
	return map[string][]string{
		"service":              {"serviceName"},
		"name":                 {"serviceName"},
		"stackname":            {"serviceName"},
		"stack":                {"serviceName"},
		"app":                  {"serviceName"},
		"application":          {"serviceName"},
		"provider":             {"defaults"},
		"globals":              {"defaults"},
		"lambdas":              {"functions"},
		"stages":               {"environments"},
		"envs":                 {"environments"},
		"overlays":             {"environments"},
		"overrides":            {"environments"},
		"accountids":           {"accounts"},
		"account":              {"accounts"},
		"allowedaccountids":    {"accounts"},
		"plugins":              {"decorators"},
		"hooks":                {"decorators"},
		"website":              {"site"},
		"static":               {"site"},
		"memorysize":           {"memory"},
		"memorymb":             {"memory"},
		"memorysizemb":         {"memory"},
		"timeoutseconds":       {"timeout"},
		"timeoutinseconds":     {"timeout"},
		"maxage":               {"maxAge"},
		"env":                  {"environment"},
		"vars":                 {"environment"},
		"variables":            {"environment"},
		"environmentvariables": {"environment"},
		"iamrolestatements":    {"permissions"},
		"policies":             {"permissions"},
		"statements":           {"permissions"},
		"privileges":           {"permissions"},
		"iamrole":              {"role"},
		"executionrole":        {"role"},
		"rolearn":              {"role"},
		"logretentionindays":   {"logs"},
		"logretention":         {"logs"},
		"retentionindays":      {"retention"},
		"retentiondays":        {"retention"},
		"architectures":        {"architecture"},
		"arch":                 {"architecture"},
		"functionurl":          {"url"},
		"entry":                {"handler"},
		"function":             {"handler"},
		"symbol":               {"handler"},
		"action":               {"allow"},
		"actions":              {"allow"},
		"resource":             {"on"},
		"resources":            {"on", "resources"},
		"condition":            {"when", "conditions", "Condition"},
		"conditions":           {"when"},
		"authtype":             {"auth"},
		"invokemode":           {"mode"},
		"alloworigins":         {"origins"},
		"allowedorigins":       {"origins"},
		"allowmethods":         {"methods"},
		"allowedmethods":       {"methods"},
		"allowheaders":         {"headers"},
		"allowedheaders":       {"headers"},
		"exposedheaders":       {"exposeHeaders"},
		"allowcredentials":     {"credentials"},
		"path":                 {"dir", "inputPath"},
		"directory":            {"dir"},
		"root":                 {"dir"},
		"indexdocument":        {"index"},
		"errordocument":        {"error"},
		"pattern":              {"glob", "filter"},
		"command":              {"exec"},
		"cmd":                  {"exec"},
		"run":                  {"exec"},
		"merge":                {"patch"},
		"props":                {"properties"},
		"parameters":           {"properties"},
		"exportname":           {"export"},
		"memorysizeinmb":       {"memory"},

		"ephemeralstoragesize":           {"ephemeralStorage"},
		"tmp":                            {"ephemeralStorage"},
		"reservedconcurrentexecutions":   {"reservedConcurrency"},
		"concurrency":                    {"reservedConcurrency"},
		"provisionedconcurrencyconfig":   {"provisionedConcurrency"},
		"vpcconfig":                      {"vpc"},
		"subnets":                        {"subnetIds"},
		"securitygroups":                 {"securityGroupIds"},
		"tracingconfig":                  {"tracing"},
		"xray":                           {"tracing"},
		"kmskeyarn":                      {"kmsKey"},
		"awskmskeyarn":                   {"kmsKey"},
		"filesystemconfig":               {"fileSystem"},
		"filesystemconfigs":              {"fileSystem"},
		"efs":                            {"fileSystem"},
		"autopublishalias":               {"alias"},
		"deploymentpreference":           {"rollout"},
		"deploymentsettings":             {"rollout"},
		"loggingconfig":                  {"logs"},
		"logformat":                      {"format"},
		"applicationloglevel":            {"level"},
		"systemloglevel":                 {"systemLevel"},
		"localmountpath":                 {"path"},
		"pretraffic":                     {"before"},
		"posttraffic":                    {"after"},
		"event":                          {"events"},
		"eventsources":                   {"events"},
		"triggers":                       {"events"},
		"maximumbatchingwindow":          {"batchWindow"},
		"maximumbatchingwindowinseconds": {"batchWindow"},
		"window":                         {"batchWindow"},
		"filterpatterns":                 {"filters"},
		"filtercriteria":                 {"filters"},
		"functionresponsetype":           {"partialFailures"},
		"functionresponsetypes":          {"partialFailures"},
		"reportbatchitemfailures":        {"partialFailures"},
		"maximumconcurrency":             {"maxConcurrency"},

		"httpapi":                      {"http", "api"},
		"apigateway":                   {"http", "api"},
		"apievent":                     {"http"},
		"restapi":                      {"api"},
		"route":                        {"path"},
		"resourcepath":                 {"path"},
		"basepath":                     {"path"},
		"verb":                         {"method"},
		"httpmethod":                   {"method"},
		"auth":                         {"authorizer", "authorizers"},
		"authorizationscopes":          {"scopes"},
		"private":                      {"apiKey"},
		"apikeyrequired":               {"apiKey"},
		"throttling":                   {"throttle"},
		"throttlesettings":             {"throttle"},
		"ratelimit":                    {"rate", "throttle"},
		"throttlingratelimit":          {"rate"},
		"burstlimit":                   {"burst"},
		"throttlingburstlimit":         {"burst"},
		"protocoltype":                 {"type"},
		"endpointtype":                 {"endpoint"},
		"endpointconfiguration":        {"endpoint"},
		"stagename":                    {"stage"},
		"corsconfiguration":            {"cors"},
		"accesslog":                    {"accessLogs"},
		"accesslogsetting":             {"accessLogs"},
		"accesslogsettings":            {"accessLogs"},
		"domainname":                   {"domain", "name"},
		"customdomain":                 {"domain"},
		"certificatearn":               {"certificate"},
		"hostedzoneid":                 {"zone"},
		"hostedzonename":               {"zone"},
		"route53":                      {"zone"},
		"issuerurl":                    {"issuer"},
		"audiences":                    {"audience"},
		"userpoolarn":                  {"cognito"},
		"providerarns":                 {"cognito"},
		"identitysource":               {"identity"},
		"identitysources":              {"identity"},
		"resultttlinseconds":           {"ttl"},
		"authorizerresultttlinseconds": {"ttl"},
		"enablesimpleresponses":        {"response"},
		"binarymedia":                  {"binaryMediaTypes"},
		"usageplan":                    {"usagePlans"},
		"onerror":                      {"deadLetter", "onFailure"},
		"deadletterqueue":              {"deadLetter"},
		"deadletterconfig":             {"deadLetter"},
		"dlq":                          {"deadLetter"},
		"redrivepolicy":                {"deadLetter"},
		"maximumretryattempts":         {"retries"},
		"maximumeventage":              {"maxEventAge", "maxAge"},
		"maximumeventageinseconds":     {"maxEventAge", "maxAge"},
		"eventinvokeconfig":            {"destinations"},
		"destinationconfig":            {"destinations", "onFailure"},
		"filterpolicy":                 {"filter"},
		"filterpolicyscope":            {"filterScope"},
		"rawmessagedelivery":           {"raw"},
		"parallelizationfactor":        {"parallelization"},
		"bisectbatchonfunctionerror":   {"bisect"},
		"maximumrecordageinseconds":    {"maxAge"},
		"tumblingwindowinseconds":      {"tumblingWindow"},
		"startingpositiontimestamp":    {"startingAt"},
		"bootstrapservers":             {"servers"},
		"kafkabootstrapservers":        {"servers"},
		"consumergroupid":              {"consumerGroup"},
		"provisionedpollerconfig":      {"pollers"},
		"dynamodbstream":               {"dynamodb"},
		"topicname":                    {"topic"},

		"schedulev2":                 {"schedule"},
		"scheduledevent":             {"schedule"},
		"scheduler":                  {"schedule"},
		"cron":                       {"schedule", "rate"},
		"every":                      {"schedule", "rate"},
		"timer":                      {"schedule"},
		"at":                         {"schedule", "rate"},
		"expression":                 {"rate"},
		"scheduleexpression":         {"rate"},
		"scheduleexpressiontimezone": {"timezone"},
		"tz":                         {"timezone"},
		"flexibletimewindow":         {"flexible"},
		"flexiblewindow":             {"flexible"},
		"startdate":                  {"start"},
		"enddate":                    {"end"},
		"groupname":                  {"group"},
		"schedulegroup":              {"group"},
		"state":                      {"enabled"},
		"payload":                    {"input"},
		"retrypolicy":                {"retries"},
		"retryattempts":              {"retries"},
		"maxeventage":                {"maxAge"},
		"deadletterqueuearn":         {"deadLetter"},
		"eventbridgerule":            {"eventBridge"},
		"cloudwatchevent":            {"eventBridge"},
		"cloudwatchevents":           {"eventBridge"},
		"rule":                       {"eventBridge"},
		"eventpattern":               {"pattern"},
		"source":                     {"pattern"},
		"detail":                     {"pattern"},
		"detailtype":                 {"pattern"},
		"eventbus":                   {"bus"},
		"eventbusname":               {"bus"},
		"inputpathsmap":              {"paths"},
		"inputtemplate":              {"template"},
		"inputtransform":             {"inputTransformer"},
		"cloudwatchlog":              {"logs"},
		"cloudwatchlogs":             {"logs"},
		"loggroup":                   {"logs", "group"},
		"loggroupname":               {"group"},
		"filterpattern":              {"filter"},
		"iotrule":                    {"iot"},
		"topicrule":                  {"iot"},
		"rulename":                   {"name"},
		"statement":                  {"sql"},
		"erroraction":                {"onFailure"},
		"cognitouserpool":            {"cognito"},
		"userpool":                   {"cognito", "pool"},
		"applicationloadbalancer":    {"alb"},
		"loadbalancer":               {"alb"},
		"elb":                        {"alb"},
		"listenerarn":                {"listener"},
		"multivalueheader":           {"multiValueHeaders"},
		"querystring":                {"query"},
		"repositoryname":             {"repository"},
		"email":                      {"ses"},
		"mail":                       {"ses"},
		"receiptrule":                {"ses"},
		"recipient":                  {"recipients"},
		"rulesetname":                {"ruleSet"},
		"replace":                    {"replaceActive"},
		"activate":                   {"replaceActive"},
		"displace":                   {"replaceActive"},
		"invocationtype":             {"invocation"},
		"scanenabled":                {"scan"},
		"tlspolicy":                  {"tls"},
		"s3action":                   {"storage"},
		"objectkeyprefix":            {"prefix"},
		"branch":                     {"branches"},
		"sourcearn":                  {"sourceArn"},
		"sourceaccount":              {"sourceAccount"},
		"principalorgid":             {"orgId"},
		"organization":               {"orgId"},
	}
})

// nearestKey is the key, of those allowed, that a wrong one was meant to be, or
// "".
func nearestKey(key string, allowed []string) string {
	for _, name := range elsewhere(key) {
		if slices.Contains(allowed, name) {
			return name
		}
	}
	return nearest(key, allowed)
}

var (
	queueURL   = regexp.MustCompile(`^https://sqs\.([a-z0-9-]+)\.amazonaws\.com/([0-9]{12})/([A-Za-z0-9_-]+(?:\.fifo)?)$`)
	bucketName = regexp.MustCompile(`^(?:s3://)?([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?$`)
	hostName   = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]+)?$`)
)

// patternHint suggests a well-formed value for one that is not.
func patternHint(n *node) string {
	if n.masked {
		return ""
	}
	inList := n.parent != nil && n.parent.key == "origins"
	if url := queueURL.FindStringSubmatch(n.written); url != nil {
		return didYouMean("arn:aws:sqs:" + url[1] + ":" + url[2] + ":" + url[3])
	}
	switch name := bucketName.FindStringSubmatch(n.written); {
	case name != nil && (n.key == "s3" || n.key == "bucket"):
		return didYouMean("arn:aws:s3:::" + name[1])
	case inList && hostName.MatchString(n.written):
		return didYouMean("https://" + n.written)
	case n.key == "serviceName":
		return didYouMeanName(n)
	}
	return ""
}

// didYouMeanName suggests the name of a stack.
func didYouMeanName(n *node) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.TrimLeft(n.written, "0123456789")), "-")
	if name == "" {
		return ""
	}
	return didYouMean(name)
}

// nearestChoice suggests one of a few values, also by what AWS calls it.
func nearestChoice(written string, choices []string) string {
	aliases := map[string]string{
		"aws_iam": "iam", "open": "none", "public": "none", "response_stream": "stream", "streaming": "stream",
		"aarch64": "arm64", "x86": "x86_64", "x64": "x86_64", "forever": "never",
		"createreference": "created", "updatereference": "updated", "deletereference": "deleted",
		"referencecreated": "created", "referenceupdated": "updated", "referencedeleted": "deleted",
	}
	if a := aliases[strings.ToLower(written)]; a != "" && slices.Contains(choices, a) {
		return a
	}
	return nearest(written, choices)
}

// nextChoice is the first number of a sorted list that is not below a number,
// or the last one.
func nextChoice(written string, choices []string) string {
	last := ""
	for _, c := range choices {
		limit, err := strconv.Atoi(c)
		if err != nil {
			continue
		}
		if last = c; limit >= whole(written) {
			break
		}
	}
	return last
}

// truth says how YAML 1.1's other words for true and false are written.
func truth(written string) string {
	switch strings.ToLower(written) {
	case "yes", "on", "y", "true":
		return "write true"
	case "no", "off", "n", "false":
		return "write false"
	}
	return ""
}
