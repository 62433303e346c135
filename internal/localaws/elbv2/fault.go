// SPDX-License-Identifier: MIT

package elbv2

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// serviceName is how CloudFormation calls the service in the reasons of its
// events.
const serviceName = "ElasticLoadBalancingV2"

// invalid is the error for what a caller may not say.
func invalid(format string, args ...any) error {
	return wire.Errorf(400, "ValidationError", format, args...)
}

// unmodelled is the error for what AWS has and the embedded AWS has not.
func unmodelled(what string) error {
	return invalid("the embedded AWS does not model %s", what)
}

func noBalancer(arn string) error {
	return wire.Errorf(400, "LoadBalancerNotFound", "Load balancer '%s' not found", arn)
}

func noGroup(arn string) error {
	return wire.Errorf(400, "TargetGroupNotFound", "Target group '%s' not found", arn)
}

func noListener(arn string) error {
	return wire.Errorf(400, "ListenerNotFound", "Listener '%s' not found", arn)
}

func noRule(arn string) error {
	return wire.Errorf(400, "RuleNotFound", "Rule '%s' not found", arn)
}

// sorted returns the values of a map in the order of their keys.
func sorted[K cmp.Ordered, V any](m map[K]V) []V {
	list := make([]V, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[key])
	}
	return list
}
