// SPDX-License-Identifier: MIT

// Command echo is the function of the tests: it answers custom resources, and
// returns every other event as it came.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(handle) }

func handle(ctx context.Context, event map[string]any) (map[string]any, error) {
	url, ok := event["ResponseURL"].(string)
	if !ok {
		return event, nil
	}
	answer, err := json.Marshal(map[string]any{
		"Status": "SUCCESS", "PhysicalResourceId": "seed", "StackId": event["StackId"], "RequestId": event["RequestId"],
		"LogicalResourceId": event["LogicalResourceId"], "Data": map[string]any{"Said": event["RequestType"]},
	})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(answer))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answer custom resource: %s", response.Status)
	}
	return nil, nil
}
