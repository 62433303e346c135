// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

const waitHandleType = "AWS::CloudFormation::WaitConditionHandle"

// waitHandle is a resource that is nothing but a URL. Templates use it as the
// smallest possible resource. AWS::CloudFormation::WaitCondition, which would
// wait for a signal to the URL, is not modelled, so signals are refused.
type waitHandle struct{ endpoint func() string }

// Create implements [resource.Type].
func (h waitHandle) Create(context.Context, resource.Request) (resource.Instance, error) {
	return resource.Instance{PhysicalID: h.endpoint() + "/_sparta/cloudformation/wait/" + strings.ToLower(rand.Text())}, nil
}

// Update implements [resource.Type]; there are no properties to change.
func (waitHandle) Update(_ context.Context, old resource.Instance, _ resource.Request) (resource.Instance, error) {
	return old, nil
}

// Delete implements [resource.Type].
func (waitHandle) Delete(context.Context, resource.Instance, resource.Request) error { return nil }

// Replaces implements [resource.Type].
func (waitHandle) Replaces(_, _ map[string]any) bool { return false }

// Check implements [resource.Type]: the type has no properties.
func (waitHandle) Check(properties map[string]any) []string {
	var faults []string
	for _, name := range sortedKeys(properties) {
		faults = append(faults, "Unsupported property ["+name+"]")
	}
	return faults
}
