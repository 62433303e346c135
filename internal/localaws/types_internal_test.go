// SPDX-License-Identifier: MIT

package localaws

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/forward"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// TestTypesAreKnown: for every resource type it is known what CloudFormation
// needs of its caller.
func TestTypesAreKnown(t *testing.T) {
	t.Parallel()
	cloud, err := Open(t.Context(), Options{Dir: t.TempDir(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cloud.Close(context.Background()) }()
	table := forward.Load()
	for name := range cloud.owner.services.types() {
		if name == "AWS::CloudFormation::CustomResource" || name == "AWS::CloudFormation::WaitConditionHandle" {
			continue // CloudFormation's own
		}
		r := resource.Request{Scope: arn.Scope{Partition: "aws"}, Type: name, DefaultName: func(int) string { return "x" }}
		if needs, err := table.Needs(forward.Create, r, ""); err != nil || len(needs) == 0 && name != "AWS::IAM::Policy" && name != "AWS::SQS::QueuePolicy" && name != "AWS::SNS::TopicPolicy" {
			t.Errorf("%s: %v, %v", name, needs, err)
		}
	}
}
