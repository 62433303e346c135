// SPDX-License-Identifier: MIT

package lambda_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
)

func TestPermits(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	const api = "arn:aws:execute-api:us-east-1:" + account + ":abc"
	for id, in := range map[string]*sdk.AddPermissionInput{
		"route":   {Action: aws.String("lambda:InvokeFunction"), SourceArn: aws.String(api + "/*/*/items/{id}")},
		"account": {Action: aws.String("lambda:InvokeFunction"), SourceArn: aws.String(api + "/*/GET/mine"), SourceAccount: aws.String("999999999999")},
		"action":  {Action: aws.String("lambda:GetFunction"), SourceArn: aws.String(api + "/*/GET/action")},
	} {
		in.StatementId, in.FunctionName, in.Principal = &id, aws.String("hello"), aws.String("apigateway.amazonaws.com")
		if _, err := w.client.AddPermission(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, function, service, source string
		want                            bool
	}{
		{"pattern", "hello", "apigateway.amazonaws.com", api + "/$default/GET/items/{id}", true},
		{"by ARN", "arn:aws:lambda:us-east-1:" + account + ":function:hello", "apigateway.amazonaws.com", api + "/v1/POST/items/{id}", true},
		{"other path", "hello", "apigateway.amazonaws.com", api + "/v1/POST/other", false},
		{"other service", "hello", "sns.amazonaws.com", api + "/v1/POST/items/{id}", false},
		{"other account", "hello", "apigateway.amazonaws.com", api + "/v1/GET/mine", false},
		{"other action", "hello", "apigateway.amazonaws.com", api + "/v1/GET/action", false},
		{"$LATEST is the unqualified function", "hello:$LATEST", "apigateway.amazonaws.com", api + "/v1/GET/items/{id}", true},
		{"no function", "gone", "apigateway.amazonaws.com", api + "/v1/GET/items/{id}", false},
		{"no name", "a b", "apigateway.amazonaws.com", api, false},
	} {
		if got := w.Permits(here, test.function, test.service, test.source); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
