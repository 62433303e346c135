// SPDX-License-Identifier: MIT

package elbv2

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// attribute is an attribute of a load balancer or a target group.
type attribute struct {
	fallback string   // what it is unless it is set
	values   []string // that the embedded AWS takes; nil: whole numbers
}

var wholeNumber = lazy.MustCompile(`^[0-9]{1,6}$`)

// balancerAttributes are the attributes of application load balancers
// ("LoadBalancerAttribute", Elastic Load Balancing API reference) that have an
// effect.
func balancerAttributes() map[string]attribute {
	flag := []string{"false", "true"}
	return map[string]attribute{
		"deletion_protection.enabled":                     {"false", flag},
		"routing.http.drop_invalid_header_fields.enabled": {"false", flag},
		"routing.http.xff_client_port.enabled":            {"false", flag},
		"routing.http.xff_header_processing.mode":         {"append", []string{"append", "preserve", "remove"}},
	}
}

// noEffect are those that have none on one machine: there are no zones, no
// firewall, no TLS and no long connections to targets, and the Host header is
// always what the client sent.
func noEffect() map[string]attribute {
	flag := []string{"false", "true"}
	return map[string]attribute{
		"client_keep_alive.seconds":                 {"3600", nil},
		"idle_timeout.timeout_seconds":              {"60", nil},
		"ipv6.deny_all_igw_traffic":                 {"false", flag},
		"load_balancing.cross_zone.enabled":         {"true", flag},
		"routing.http.desync_mitigation_mode":       {"defensive", []string{"defensive", "monitor", "strictest"}},
		"routing.http.preserve_host_header.enabled": {"false", flag},
		"routing.http2.enabled":                     {"true", flag},
		"waf.fail_open.enabled":                     {"false", flag},
		"zonal_shift.config.enabled":                {"false", flag},
	}
}

// offOnly are those that may not be switched on, since nothing would happen.
func offOnly() map[string]attribute {
	off := []string{"false"}
	return map[string]attribute{
		"access_logs.s3.enabled":                                   {"false", off},
		"connection_logs.s3.enabled":                               {"false", off},
		"health_check_logs.s3.enabled":                             {"false", off},
		"routing.http.x_amzn_tls_version_and_cipher_suite.enabled": {"false", off},
	}
}

// allAttributes returns every attribute of a load balancer.
func allAttributes() map[string]attribute {
	all := balancerAttributes()
	maps.Copy(all, noEffect())
	maps.Copy(all, offOnly())
	return all
}

func checkAttributes(set map[string]string) error {
	known := allAttributes()
	for _, key := range slices.Sorted(maps.Keys(set)) {
		a, ok := known[key]
		switch {
		case !ok && strings.Contains(key, "_logs.s3."):
			return unmodelled("logs of load balancers: load balancer attribute '" + key + "'")
		case !ok:
			return invalid("Load balancer attribute key '%s' is not recognized", key)
		case a.values == nil && !wholeNumber.MatchString(set[key]):
			return invalid("'%s' value '%s' is not valid", key, set[key])
		case a.values != nil && !slices.Contains(a.values, set[key]):
			return a.refuse("load balancer attribute", key, set[key])
		}
	}
	return nil
}

// refuse is the error for a value that the embedded AWS does not take.
func (a attribute) refuse(what, key, value string) error {
	if slices.Equal(a.values, []string{"false"}) && value == "true" {
		return unmodelled(what + " '" + key + "' with the value true")
	}
	return invalid("'%s' value '%s' must be one of [%s]", key, value, strings.Join(a.values, ", "))
}

// attribute returns what an attribute is.
func (b balancerSettings) attribute(key string) string {
	if value, ok := b.Attributes[key]; ok {
		return value
	}
	return allAttributes()[key].fallback
}

// multiValue is the one attribute of target groups with functions.
const multiValue = "lambda.multi_value_headers.enabled"

func checkGroupAttributes(set map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(set)) {
		a := attribute{values: []string{"false", "true"}}
		switch {
		case key != multiValue:
			return invalid("A target group with target type 'lambda' does not support the attribute %s", key)
		case !slices.Contains(a.values, set[key]):
			return a.refuse("target group attribute", key, set[key])
		}
	}
	return nil
}
