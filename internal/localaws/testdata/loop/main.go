// SPDX-License-Identifier: MIT

// Loop is a function that makes the event it gets happen again, by the means
// that LOOP names, and appends a line to the file that RECORD names.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	lambdago "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func handle(ctx context.Context, event json.RawMessage) error {
	f, err := os.OpenFile(os.Getenv("RECORD"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString("ran\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load AWS configuration: %w", err)
	}
	switch os.Getenv("LOOP") {
	case "function":
		_, err = lambda.NewFromConfig(c).Invoke(ctx, &lambda.InvokeInput{
			FunctionName: aws.String(os.Getenv("AWS_LAMBDA_FUNCTION_NAME")), InvocationType: types.InvocationTypeEvent, Payload: event,
		})
	case "bucket":
		_, err = s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true }).PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String("loop"), Key: aws.String("object"), Body: strings.NewReader("again"),
		})
	}
	return err
}

func main() { lambdago.Start(handle) }
