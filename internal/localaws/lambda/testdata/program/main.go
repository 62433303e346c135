// SPDX-License-Identifier: MIT

// Program is the function of the tests: it does what its event says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

var invocations int

type request struct {
	Do      string
	Text    string
	Size    int
	Seconds float64
	RawPath string
	events.LambdaFunctionURLRequest
}

func handle(ctx context.Context, raw json.RawMessage) (any, error) {
	invocations++
	var r request
	if err := json.Unmarshal(raw, &r); err != nil {
		return raw, nil
	}
	if r.RequestContext.HTTP.Method != "" {
		return answer(r.LambdaFunctionURLRequest, raw)
	}
	switch r.Do {
	case "fail":
		return nil, errors.New(r.Text)
	case "panic":
		panic(r.Text)
	case "exit":
		os.Exit(3)
	case "sleep":
		select {
		case <-time.After(time.Duration(r.Seconds * float64(time.Second))):
		}
		return "slept", nil
	case "print":
		fmt.Println(r.Text)
		return nil, nil
	case "run":
		out, err := exec.CommandContext(ctx, r.Text).CombinedOutput()
		if err != nil {
			return err.Error(), nil
		}
		return string(out), nil
	case "big":
		return strings.Repeat("x", r.Size), nil
	case "write":
		return nil, os.WriteFile(r.Text, nil, 0o600)
	case "environment":
		return os.Environ(), nil
	case "context":
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]any{"id": lc.AwsRequestID, "arn": lc.InvokedFunctionArn, "client": lc.ClientContext,
			"seconds": time.Until(deadline).Seconds(), "invocations": invocations, "handler": os.Getenv("_HANDLER")}, nil
	}
	return raw, nil
}

// answer serves a function URL.
func answer(r events.LambdaFunctionURLRequest, raw json.RawMessage) (any, error) {
	switch r.RawPath {
	case "/fail":
		return nil, errors.New("no")
	case "/plain":
		return "plain", nil
	case "/status":
		return map[string]any{"statusCode": 418, "headers": map[string]any{"X-Tea": "pot", "Access-Control-Allow-Origin": "x"},
			"cookies": []string{"a=1; Path=/", "b=2"}, "body": "aGVsbG8=", "isBase64Encoded": true}, nil
	case "/bad":
		return map[string]any{"statusCode": "no number"}, nil
	case "/stream":
		return &events.LambdaFunctionURLStreamingResponse{StatusCode: 201, Headers: map[string]string{"X-Streamed": "yes"},
			Body: io.MultiReader(strings.NewReader("one "), strings.NewReader("two"))}, nil
	}
	return raw, nil
}

func main() {
	fmt.Fprintln(os.Stderr, "program starts")
	if os.Getenv("INIT") == "exit" {
		fmt.Println("giving up")
		os.Exit(1)
	}
	lambda.Start(handle)
}
