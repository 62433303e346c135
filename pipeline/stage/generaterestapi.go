// SPDX-License-Identifier: MIT

package stage

import (
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addRESTAPI adds a REST API. What it is stands in its Body as a whole: methods
// that were resources of their own would still be there, and in the snapshot,
// when CloudFormation makes the deployment, which is before it deletes what is
// gone.
func (m *marshaller) addRESTAPI(a spec.API, origin cfn.Origin) {
	m.add(spec.RESTAPIID, "AWS::ApiGateway::RestApi", map[string]any{
		"Name": a.Name, "Mode": "overwrite", "Body": m.openAPI(a), "EndpointConfiguration": endpointTypes(a),
		// Without it the body's import makes the endpoint an edge one.
		"Parameters": map[string]any{"endpointConfigurationTypes": strings.ToUpper(a.Endpoint)},
	}, origin)
	m.add(spec.RESTDeploymentID, "AWS::ApiGateway::Deployment", map[string]any{"RestApiId": cfn.Ref(spec.RESTAPIID)}, origin)
	properties := map[string]any{
		"RestApiId": cfn.Ref(spec.RESTAPIID), "DeploymentId": cfn.Ref(spec.RESTDeploymentID), "StageName": a.Stage,
	}
	if settings := m.methodSettings(a); len(settings) > 0 {
		properties["MethodSettings"] = settings
	}
	var after []string
	if a.AccessLogs != nil {
		properties["AccessLogSetting"] = accessLog(*a.AccessLogs, "resourcePath")
		if a.AccessLogs.Account {
			m.addLogAccount(origin)
			after = []string{spec.RESTAccountID}
		}
	}
	m.add(spec.RESTStageID, "AWS::ApiGateway::Stage", properties, origin).DependsOn = after
	m.addAPIKeys(a)
}

func endpointTypes(a spec.API) map[string]any {
	return map[string]any{"Types": []any{strings.ToUpper(a.Endpoint)}}
}

// methodSettings are the limits of a stage: of all methods, and of single ones,
// in whose paths a slash is written ~1.
func (m *marshaller) methodSettings(a spec.API) []any {
	var all []any
	add := func(path, method string, t *spec.Throttle) {
		if t != nil {
			one := throttling(*t)
			one["ResourcePath"], one["HttpMethod"] = path, method
			all = append(all, one)
		}
	}
	add("/*", "*", a.Throttle)
	for _, r := range m.service.Routes() {
		path := "/"
		if r.Path != "/" {
			path += strings.ReplaceAll(r.Path, "/", "~1")
		}
		add(path, r.Method, r.Throttle)
	}
	return all
}

// addLogAccount adds the role as which API Gateway writes the logs of REST
// APIs. The region has one for all its APIs: another stack's logs depend on it
// as soon as it is set, so that it outlives this one. Its trust has no condition on
// the account: AWS does not say that API Gateway sends aws:SourceAccount when it
// takes this role ("Set up CloudWatch logging for REST APIs", API Gateway Developer
// Guide), and without it nothing would be logged. IAM lets no other account pass
// the role.
func (m *marshaller) addLogAccount(origin cfn.Origin) {
	role := m.add(spec.RESTLogRoleID, "AWS::IAM::Role", map[string]any{
		"Description": "Lets API Gateway write the logs of all REST APIs of a region",
		"AssumeRolePolicyDocument": policy(map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": apiPrincipal},
		}),
		"ManagedPolicyArns": []any{cfn.Sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")},
	}, origin)
	account := m.add(spec.RESTAccountID, "AWS::ApiGateway::Account", map[string]any{
		"CloudWatchRoleArn": cfn.GetAtt(spec.RESTLogRoleID, "Arn"),
	}, origin)
	for _, kept := range []*cfn.Resource{role, account} {
		kept.DeletionPolicy, kept.UpdateReplacePolicy = "Retain", "Retain"
	}
}

// addAPIKeys adds the API keys, their usage plans, and which key has which.
func (m *marshaller) addAPIKeys(a spec.API) {
	for i, key := range a.APIKeys {
		m.add(spec.APIKeyID(key), "AWS::ApiGateway::ApiKey", map[string]any{
			"Name": m.service.Name + "-" + key, "Enabled": true,
		}, m.origin("api", "apiKeys", itoa(i)))
	}
	for _, plan := range a.UsagePlans {
		origin := m.origin("api", "usagePlans", plan.Name)
		properties := map[string]any{
			"UsagePlanName": m.service.Name + "-" + plan.Name,
			"ApiStages":     []any{map[string]any{"ApiId": cfn.Ref(spec.RESTAPIID), "Stage": cfn.Ref(spec.RESTStageID)}},
		}
		if plan.Throttle != nil {
			properties["Throttle"] = map[string]any{"RateLimit": plan.Throttle.Rate, "BurstLimit": plan.Throttle.Burst}
		}
		if plan.Quota != nil {
			properties["Quota"] = map[string]any{"Limit": plan.Quota.Limit, "Period": strings.ToUpper(plan.Quota.Period)}
		}
		m.add(spec.UsagePlanID(plan.Name), "AWS::ApiGateway::UsagePlan", properties, origin)
		for _, key := range plan.APIKeys {
			m.add(spec.UsagePlanKeyID(key), "AWS::ApiGateway::UsagePlanKey", map[string]any{
				"KeyId": cfn.Ref(spec.APIKeyID(key)), "KeyType": "API_KEY", "UsagePlanId": cfn.Ref(spec.UsagePlanID(plan.Name)),
			}, origin)
		}
	}
}
