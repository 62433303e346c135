// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

// Reply is what a function answered to one event.
type Reply struct {
	Payload []byte
	Error   string // "", or how the function failed: Unhandled or Handled
	Log     string // the last 4 KB of the invocation's log
}

// Invoke sends one event to a function of the service and waits for the
// answer.
type Invoke struct {
	Project  pipeline.Result[Project]
	Session  pipeline.Result[Session]
	Function string // name in sparta.yaml
	Payload  []byte // JSON
}

// Title returns the words of the box.
func (*Invoke) Title() string { return "Invoke Function" }

// Run invokes the function. A function that fails is no error: Reply says so.
func (i *Invoke) Run(ctx context.Context) (Reply, error) {
	project := i.Project.Get()
	if err := knownFunction(project.Service, i.Function); err != nil {
		return Reply{}, err
	}
	name := spec.FunctionName(project.Service.Name, i.Function)
	out, err := i.Session.Get().Clients.Lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &name, Payload: i.Payload, LogType: types.LogTypeTail,
	})
	if code, _ := apiError(err); code == "ResourceNotFoundException" {
		return Reply{}, withHint(fmt.Errorf("function %q is not deployed", i.Function), "deploy the service first with `sparta up`")
	}
	if err != nil {
		return Reply{}, fmt.Errorf("invoke function %q: %w", i.Function, plain(err))
	}
	log, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	if err != nil {
		return Reply{}, fmt.Errorf("invoke function %q: read its log: %w", i.Function, err)
	}
	return Reply{Payload: out.Payload, Error: aws.ToString(out.FunctionError), Log: string(log)}, nil
}

// knownFunction refuses the name of a function that the service does not have.
func knownFunction(service *spec.Service, name string) error {
	names := functionNames(service)
	if slices.Contains(names, name) {
		return nil
	}
	hint := fmt.Sprintf("its functions are %s", strings.Join(names, ", "))
	if nearest := diag.Nearest(name, names); nearest != "" {
		hint = fmt.Sprintf("did you mean %q?", nearest)
	}
	return withHint(fmt.Errorf("service %q has no function %q", service.Name, name), "%s", hint)
}

func functionNames(service *spec.Service) []string {
	var names []string
	for _, f := range service.Functions {
		names = append(names, f.Name)
	}
	return names
}
