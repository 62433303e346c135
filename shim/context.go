// SPDX-License-Identifier: MIT

package shim

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// LambdaContext is what a handler learns about its event and its function.
type LambdaContext struct {
	AWSRequestID       string                        `json:"awsRequestId"`       // UUID of the event
	InvokeID           string                        `json:"invokeid"`           // the same under its older name
	LogGroupName       string                        `json:"logGroupName"`       // CloudWatch log group of the function
	LogStreamName      string                        `json:"logStreamName"`      // log stream of the execution environment
	FunctionName       string                        `json:"functionName"`       // name of the function in AWS
	MemoryLimitInMB    int                           `json:"memoryLimitInMB"`    // configured memory; 0 if not known
	FunctionVersion    string                        `json:"functionVersion"`    // $LATEST or a number
	InvokedFunctionARN string                        `json:"invokedFunctionArn"` // the ARN that was invoked, qualifier included
	DeadlineMs         int64                         `json:"deadlineMs"`         // when the event times out, ms since 1970 UTC; 0 if not known
	TraceID            string                        `json:"traceId,omitempty"`  // X-Ray trace header
	TenantID           string                        `json:"tenantId,omitempty"` // with tenant isolation
	ClientContext      lambdacontext.ClientContext   `json:"clientContext,omitzero"`
	Identity           lambdacontext.CognitoIdentity `json:"identity,omitzero"`
}

// From returns the context of the event that ctx belongs to. It reports false
// if ctx does not come from a Lambda event.
func From(ctx context.Context) (*LambdaContext, bool) {
	lc, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return nil, false
	}
	out := &LambdaContext{
		AWSRequestID:       lc.AwsRequestID,
		InvokeID:           lc.AwsRequestID,
		LogGroupName:       lambdacontext.LogGroupName,
		LogStreamName:      lambdacontext.LogStreamName,
		FunctionName:       lambdacontext.FunctionName,
		MemoryLimitInMB:    lambdacontext.MemoryLimitInMB,
		FunctionVersion:    lambdacontext.FunctionVersion,
		InvokedFunctionARN: lc.InvokedFunctionArn,
		TenantID:           lc.TenantID,
		ClientContext:      lc.ClientContext,
		Identity:           lc.Identity,
	}
	out.TraceID, _ = ctx.Value("x-amzn-trace-id").(string) // the key that aws-lambda-go uses
	if deadline, ok := ctx.Deadline(); ok {
		out.DeadlineMs = deadline.UnixMilli()
	}
	return out, true
}

// Deadline returns when the event times out; the zero time if that is not known.
func (c *LambdaContext) Deadline() time.Time {
	if c.DeadlineMs == 0 {
		return time.Time{}
	}
	return time.UnixMilli(c.DeadlineMs)
}

// Remaining returns how long the handler may still take: zero or less when the
// event has timed out, and zero if the deadline is not known.
func (c *LambdaContext) Remaining() time.Duration {
	if c.DeadlineMs == 0 {
		return 0
	}
	return time.Until(c.Deadline())
}
