// SPDX-License-Identifier: MIT

package notes

import (
	"context"
	"crypto/subtle"
	"os"

	"github.com/aws/aws-lambda-go/events"
)

// Admit lets in who sends the token that the environment variable TOKEN holds.
func Admit(_ context.Context, r events.APIGatewayV2CustomAuthorizerV2Request) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error) {
	token := os.Getenv("TOKEN")
	known := token != "" && subtle.ConstantTimeCompare([]byte(r.Headers["authorization"]), []byte(token)) == 1
	return events.APIGatewayV2CustomAuthorizerSimpleResponse{IsAuthorized: known}, nil
}
