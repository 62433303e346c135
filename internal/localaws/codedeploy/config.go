// SPDX-License-Identifier: MIT

package codedeploy

import (
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// allAtOnce is the configuration of groups that name none.
const allAtOnce = "CodeDeployDefault.LambdaAllAtOnce"

// config says how the traffic is shifted.
type config struct {
	kind    string // AllAtOnce, TimeBasedCanary or TimeBasedLinear
	percent int    // of each step, or of the first one
	minutes int    // between two steps
}

// configs returns the predefined configurations for functions ("Predefined
// deployment configurations for an AWS Lambda compute platform", CodeDeploy User
// Guide).
func configs() map[string]config {
	list := map[string]config{allAtOnce: {kind: "AllAtOnce"}}
	for _, n := range []int{5, 10, 15, 30} {
		list["CodeDeployDefault.LambdaCanary10Percent"+strconv.Itoa(n)+"Minutes"] = config{"TimeBasedCanary", 10, n}
	}
	for _, n := range []int{1, 2, 3, 10} {
		unit := "Minutes"
		if n == 1 {
			unit = "Minute"
		}
		list["CodeDeployDefault.LambdaLinear10PercentEvery"+strconv.Itoa(n)+unit] = config{"TimeBasedLinear", 10, n}
	}
	return list
}

// ownConfig is what the name of a configuration of another platform, or of
// one's own, looks like.
var ownConfig = regexp.MustCompile(`^CodeDeployDefault\.`)

// configOf returns the configuration of a name; "" means all at once.
func configOf(name string) (string, config, error) {
	if name == "" {
		name = allAtOnce
	}
	c, ok := configs()[name]
	switch {
	case ok:
		return name, c, nil
	case ownConfig.MatchString(name):
		return "", c, wire.Errorf(400, "InvalidDeploymentConfigNameException", "%s is no deployment configuration of the Lambda compute platform", name)
	}
	return "", c, wire.Errorf(400, "DeploymentConfigDoesNotExistException",
		"No deployment configuration found for name: %s (the embedded AWS models the predefined ones only)", name)
}

// shares returns the shares of the traffic, in percent, that the new version has
// one after the other before it has all.
func (c config) shares() []int {
	var list []int
	switch c.kind {
	case "TimeBasedCanary":
		list = append(list, c.percent)
	case "TimeBasedLinear":
		for share := c.percent; share < 100; share += c.percent {
			list = append(list, share)
		}
	}
	return list
}

type configInput struct {
	DeploymentConfigName string `json:"deploymentConfigName"`
}

type getConfigOutput struct {
	DeploymentConfigInfo configInfo `json:"deploymentConfigInfo"`
}

type configInfo struct {
	DeploymentConfigName string        `json:"deploymentConfigName"`
	ComputePlatform      string        `json:"computePlatform"`
	TrafficRoutingConfig routingOutput `json:"trafficRoutingConfig"`
}

type routingOutput struct {
	Type            string  `json:"type"`
	TimeBasedCanary *canary `json:"timeBasedCanary,omitempty"`
	TimeBasedLinear *linear `json:"timeBasedLinear,omitempty"`
}

type canary struct {
	CanaryPercentage int `json:"canaryPercentage"`
	CanaryInterval   int `json:"canaryInterval"`
}

type linear struct {
	LinearPercentage int `json:"linearPercentage"`
	LinearInterval   int `json:"linearInterval"`
}

func (s *Service) getConfig(_ arn.Scope, in configInput) (getConfigOutput, error) {
	if in.DeploymentConfigName == "" {
		return getConfigOutput{}, wire.Errorf(400, "DeploymentConfigNameRequiredException", "Deployment configuration name is missing.")
	}
	name, c, err := configOf(in.DeploymentConfigName)
	info := configInfo{name, "Lambda", routingOutput{Type: c.kind}}
	switch c.kind {
	case "TimeBasedCanary":
		info.TrafficRoutingConfig.TimeBasedCanary = &canary{c.percent, c.minutes}
	case "TimeBasedLinear":
		info.TrafficRoutingConfig.TimeBasedLinear = &linear{c.percent, c.minutes}
	}
	return getConfigOutput{info}, err
}

type listConfigsOutput struct {
	DeploymentConfigsList []string `json:"deploymentConfigsList"`
}

func (s *Service) listConfigs(arn.Scope, listInput) (listConfigsOutput, error) {
	return listConfigsOutput{slices.Sorted(maps.Keys(configs()))}, nil
}
