// SPDX-License-Identifier: MIT

package customresource

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/rs/zerolog"
)

// Handlers are custom resources by name: each value is what [Wrap] takes.
type Handlers map[string]any

// Main is the main function of the program that Sparta generates for a
// service's custom resources. It serves the one that the last part of the
// Lambda function's Handler, the environment variable _HANDLER, names. Logs go
// to standard error as JSON lines. It exits with code 1 if there is none of the
// name.
func Main(handlers Handlers) {
	log := zerolog.New(os.Stderr).With().Timestamp().Logger()
	serve, err := handlers.find(os.Getenv("_HANDLER"))
	if err != nil {
		log.Fatal().Err(err).Msg("find custom resource")
	}
	lambda.Start(func(ctx context.Context, event cfn.Event) error {
		return serve(log.WithContext(ctx), event)
	})
}

// find returns the Lambda handler that a Handler value such as index.seed names.
func (h Handlers) find(handler string) (func(context.Context, cfn.Event) error, error) {
	name := handler[strings.LastIndex(handler, ".")+1:]
	found, ok := h[name]
	if !ok {
		return nil, fmt.Errorf("handler %q: none of %s", handler, strings.Join(slices.Sorted(maps.Keys(h)), ", "))
	}
	return Wrap(found), nil
}
