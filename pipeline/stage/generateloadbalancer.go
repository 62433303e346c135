// SPDX-License-Identifier: MIT

package stage

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addLoadBalancer has a listener pass requests on to the function.
func (m *marshaller) addLoadBalancer(s eventSource, e *spec.LoadBalancerEvent) {
	group, permission := e.TargetGroupID(s.function.Name), e.PermissionID(s.function.Name)
	name := targetGroupName(m.service.Name, group, s.function.Alias)
	// The group takes the function only if it may call it, so that the
	// permission cannot refer to the group.
	m.grant(permission, s, "elasticloadbalancing.amazonaws.com",
		cfn.Sub("arn:${AWS::Partition}:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:targetgroup/"+name+"/*"), nil)
	properties := map[string]any{"Name": name, "TargetType": "lambda", "Targets": []any{map[string]any{"Id": target(s.function)}}}
	if e.MultiValueHeaders {
		properties["TargetGroupAttributes"] = []any{map[string]any{"Key": "lambda.multi_value_headers.enabled", "Value": "true"}}
	}
	setHealthCheck(properties, e.HealthCheck)
	m.add(group, "AWS::ElasticLoadBalancingV2::TargetGroup", properties, s.origin).DependsOn = []string{permission}
	m.add(e.RuleID(), "AWS::ElasticLoadBalancingV2::ListenerRule", map[string]any{
		"ListenerArn": e.Listener.ARN, "Priority": e.Priority, "Conditions": ruleConditions(e.Conditions),
		"Actions": []any{map[string]any{"Type": "forward", "TargetGroupArn": cfn.Ref(group)}},
	}, s.origin)
}

// targetGroupName is a name of at most 32 characters that is the account's own:
// the permission needs it before there is a group. Another alias makes another
// name, and so another group: CloudFormation waits in vain for a group whose
// function changed and which has no health checks,
// https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1488
func targetGroupName(service, id, alias string) string {
	const most = 32
	identity := service + "/" + id
	if alias != "" {
		identity += ":" + alias
	}
	sum := sha256.Sum256([]byte(identity))
	tail := "-" + hex.EncodeToString(sum[:5])
	return strings.TrimRight(service[:min(len(service), most-len(tail))], "-") + tail
}

// setHealthCheck says how the load balancer sees that the function is well.
func setHealthCheck(properties map[string]any, h *spec.HealthCheck) {
	properties["HealthCheckEnabled"] = h != nil
	if h == nil {
		return
	}
	properties["HealthCheckPath"] = h.Path
	properties["HealthCheckIntervalSeconds"] = int(h.Interval / time.Second)
	properties["HealthCheckTimeoutSeconds"] = int(h.Timeout / time.Second)
	properties["HealthyThresholdCount"] = h.Healthy
	properties["UnhealthyThresholdCount"] = h.Unhealthy
	properties["Matcher"] = map[string]any{"HttpCode": h.Codes}
}

// ruleConditions are the conditions of a listener's rule.
func ruleConditions(c spec.RuleConditions) []any {
	var all []any
	add := func(field, config string, values []string) {
		if len(values) > 0 {
			all = append(all, map[string]any{"Field": field, config: map[string]any{"Values": anys(values)}})
		}
	}
	add("path-pattern", "PathPatternConfig", c.Path)
	add("host-header", "HostHeaderConfig", c.Host)
	add("http-request-method", "HttpRequestMethodConfig", c.Method)
	add("source-ip", "SourceIpConfig", c.IP)
	for _, name := range sortedKeys(c.Header) {
		all = append(all, map[string]any{"Field": "http-header", "HttpHeaderConfig": map[string]any{
			"HttpHeaderName": name, "Values": anys(c.Header[name]),
		}})
	}
	for _, key := range sortedKeys(c.Query) {
		var values []any
		for _, value := range c.Query[key] {
			values = append(values, map[string]any{"Key": key, "Value": value})
		}
		all = append(all, map[string]any{"Field": "query-string", "QueryStringConfig": map[string]any{"Values": values}})
	}
	return all
}
