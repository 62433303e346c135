// SPDX-License-Identifier: MIT

package client

import (
	"errors"
	"slices"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// HasCode reports whether err is an answer of AWS with one of the codes.
func HasCode(err error, codes ...string) bool {
	fault, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(codes, fault.ErrorCode())
}

// HasStatus reports whether err is an answer of AWS with one of the HTTP status
// codes. A HEAD request has no body that could hold an error code.
func HasStatus(err error, status ...int) bool {
	fault, ok := errors.AsType[*awshttp.ResponseError](err)
	return ok && slices.Contains(status, fault.HTTPStatusCode())
}
