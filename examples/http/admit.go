// SPDX-License-Identifier: MIT

package notes

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Admit lets in the friends whom the environment variable FRIENDS names, with
// spaces between them.
func Admit(_ context.Context, r events.APIGatewayV2CustomAuthorizerV2Request) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error) {
	friends := strings.Fields(os.Getenv("FRIENDS"))
	return events.APIGatewayV2CustomAuthorizerSimpleResponse{IsAuthorized: slices.Contains(friends, r.Headers["authorization"])}, nil
}
