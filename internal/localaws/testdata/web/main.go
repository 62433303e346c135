// SPDX-License-Identifier: MIT

// Program is the functions behind the APIs of the tests: "echo" gives the event
// back as the body, "guard" lets in who says "yes".
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

func echo(_ context.Context, event json.RawMessage) (any, error) {
	return map[string]any{"statusCode": 200, "headers": map[string]string{"X-Version": os.Getenv("VERSION")}, "body": string(event)}, nil
}

func guard(_ context.Context, event json.RawMessage) (any, error) {
	var said struct {
		MethodARN          string `json:"methodArn"`
		AuthorizationToken string `json:"authorizationToken"`
		IdentitySource     any    `json:"identitySource"`
		Version            string `json:"version"`
	}
	if err := json.Unmarshal(event, &said); err != nil {
		return nil, err
	}
	if said.Version == "2.0" {
		list, _ := said.IdentitySource.([]any)
		return map[string]any{"isAuthorized": len(list) == 1 && list[0] == "yes", "context": map[string]any{"user": "me"}}, nil
	}
	effect := "Deny"
	if said.AuthorizationToken == "yes" {
		effect = "Allow"
	}
	return map[string]any{
		"principalId": "me", "context": map[string]any{"user": "me"},
		"policyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{
			map[string]any{"Effect": effect, "Action": "execute-api:Invoke", "Resource": said.MethodARN},
		}},
	}, nil
}

func main() {
	if os.Getenv("_HANDLER") == "guard" {
		lambda.Start(guard)
	}
	lambda.Start(echo)
}
