// SPDX-License-Identifier: MIT

// Package client is what the built-in custom resources share in the use of the
// SDK: its configuration, and how they tell the errors of AWS apart. It imports
// no service, so that a provider is compiled with those only that its resources
// call.
package client

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Load returns the SDK's default configuration. Connections is how many are
// kept open to one host, at least as many as there are requests at a time.
func Load(connections int) (aws.Config, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = connections
	})
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithHTTPClient(client), config.WithRetryMaxAttempts(5))
	if err != nil {
		return cfg, fmt.Errorf("load AWS configuration: %w", err)
	}
	return cfg, nil
}

// PathStyle reports whether S3 is to be told the bucket in the path: where an
// endpoint is set by AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_S3.
func PathStyle() bool {
	return os.Getenv("AWS_ENDPOINT_URL") != "" || os.Getenv("AWS_ENDPOINT_URL_S3") != ""
}
