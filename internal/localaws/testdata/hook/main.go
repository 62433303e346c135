// SPDX-License-Identifier: MIT

// Hook is the function of a CodeDeploy hook: it tells the status that STATUS
// names.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
)

// event is what CodeDeploy calls a hook with.
type event struct {
	DeploymentID                  string `json:"DeploymentId"`
	LifecycleEventHookExecutionID string `json:"LifecycleEventHookExecutionId"`
}

func handle(ctx context.Context, e event) error {
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load AWS configuration: %w", err)
	}
	_, err = codedeploy.NewFromConfig(c).PutLifecycleEventHookExecutionStatus(ctx, &codedeploy.PutLifecycleEventHookExecutionStatusInput{
		DeploymentId: &e.DeploymentID, LifecycleEventHookExecutionId: &e.LifecycleEventHookExecutionID, Status: types.LifecycleEventStatus(os.Getenv("STATUS")),
	})
	return err
}

func main() { lambda.Start(handle) }
