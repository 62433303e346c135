// SPDX-License-Identifier: MIT

package customresource

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"
)

// RequestType says what CloudFormation wants.
type RequestType string

// The request types ("Custom resource request objects", user guide).
const (
	Create RequestType = "Create"
	Update RequestType = "Update"
	Delete RequestType = "Delete"
)

// Request is what CloudFormation asks of a custom resource.
type Request struct {
	Type         RequestType
	RequestID    string // unique to the request; the same if it is repeated
	StackID      string // ARN of the stack
	LogicalID    string // name in the template
	PhysicalID   string // what the last answer said; empty on Create
	ResourceType string // such as Custom::Seed

	// Properties are those of the template without ServiceToken and
	// ServiceTimeout. CloudFormation turns every scalar into a string, true into
	// "true"; see Decode.
	Properties    map[string]any
	OldProperties map[string]any // the live ones; on Update only
}

// StackName returns the name inside of StackID, or "" if that is no stack's ARN.
func (r Request) StackName() string {
	_, rest, _ := strings.Cut(r.StackID, ":stack/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// Account returns the id of the account of the stack, or "" if StackID is no ARN.
func (r Request) Account() string {
	if parts := strings.SplitN(r.StackID, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[4]
	}
	return ""
}

// Response is the answer to a request that was carried out.
type Response struct {
	// PhysicalID identifies what was made, in at most 1,024 bytes. Another id on
	// Update means that the resource was replaced: CloudFormation will then
	// delete the old one. Empty means: as before, on Create stack name, slash,
	// logical id. A handler that fails a Create halfway may return the id beside
	// the error; CloudFormation then asks to delete it.
	PhysicalID string

	// Data are the values for Fn::GetAtt. The whole answer is limited to 4,096
	// bytes.
	Data map[string]any

	// NoEcho masks Data where it is read by Fn::GetAtt. The values still are
	// seen in the handler's logs if it writes them there.
	NoEcho bool
}

// Handler is a custom resource in one function. Its context ends 500 ms before
// the Lambda function's timeout; a handler must stop then.
type Handler = func(context.Context, Request) (Response, error)

// Resource is a custom resource with a method for each request type. Delete of
// what is already gone must succeed, since CloudFormation repeats requests.
type Resource interface {
	Create(context.Context, Request) (Response, error)
	Update(context.Context, Request) (Response, error)
	Delete(context.Context, Request) error
}

// Identifier is what a Resource implements if its physical id follows from the
// request alone. A Create that fails, panics or runs out of time then is
// answered with this id, so that CloudFormation asks to delete what is there of
// it.
type Identifier interface {
	PhysicalID(Request) string
}

// newRequest takes what handlers see from CloudFormation's event; the
// pre-signed response URL is not among it.
func newRequest(event cfn.Event) Request {
	return Request{
		Type:          RequestType(event.RequestType),
		RequestID:     event.RequestID,
		StackID:       event.StackID,
		LogicalID:     event.LogicalResourceID,
		PhysicalID:    event.PhysicalResourceID,
		ResourceType:  event.ResourceType,
		Properties:    withoutService(event.ResourceProperties),
		OldProperties: withoutService(event.OldResourceProperties),
	}
}

func withoutService(properties map[string]any) map[string]any {
	own := maps.Clone(properties)
	delete(own, "ServiceToken")
	delete(own, "ServiceTimeout")
	return own
}
