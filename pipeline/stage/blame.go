// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/spec"
)

// ResourceError is the failure of one resource, which made the whole operation
// fail.
type ResourceError struct {
	Event  Event
	Origin cfn.Origin // who put the resource into the template; zero if unknown
	source string     // the line at the origin's position
}

// Error names the resource, where it comes from and what AWS says.
func (r *ResourceError) Error() string {
	var b strings.Builder
	if !r.Origin.Position.IsZero() {
		b.WriteString(r.Origin.Position.String() + ": ")
	}
	if r.Origin.By != "" {
		b.WriteString(r.Origin.By + ": ")
	}
	fmt.Fprintf(&b, "%s (%s) %s: %s", r.Event.LogicalID, r.Event.Type, r.Event.Status, r.Event.Reason)
	return b.String()
}

// Hint says what to do about AWS's reason, if it is a known one.
func (r *ResourceError) Hint() string { return explain(r.Event) }

// Problem returns the failure as a problem of sparta.yaml. It reports false if
// the resource does not come from there.
func (r *ResourceError) Problem() (diag.Problem, bool) {
	if r.Origin.Position.IsZero() {
		return diag.Problem{}, false
	}
	return diag.Problem{
		Position: r.Origin.Position, Path: r.Origin.By, Code: diag.ResourceFailed, Hint: r.Hint(), Source: r.source,
		Message: fmt.Sprintf("%s (%s) %s: %s", r.Event.LogicalID, r.Event.Type, r.Event.Status, r.Event.Reason),
	}, true
}

// blame returns the function that turns a failed event into the error that
// names the part of sparta.yaml which made the resource.
func blame(service *spec.Service, document cfn.Document) func(Event) error {
	return func(e Event) error {
		origin := document.Origins["Resources/"+e.LogicalID]
		if e.Type == "AWS::Lambda::Alias" && strings.HasPrefix(e.Status, "UPDATE_") {
			origin = document.Maker(e.LogicalID, "UpdatePolicy") // which has CodeDeploy move the alias
		}
		line := diag.List{{Position: origin.Position}}
		service.Excerpt(line)
		return &ResourceError{Event: e, Origin: origin, source: line[0].Source}
	}
}

// Unwrap returns the failure as a *diag.Fault, which is shown with its line.
func (r *ResourceError) Unwrap() error {
	if problem, ok := r.Problem(); ok {
		return &diag.Fault{Problems: diag.List{problem}}
	}
	return nil
}

// explanations pairs a part of AWS's reason with what to do about it. The first
// that occurs counts.
var explanations = []struct{ part, hint string }{
	{"cannot be assumed by Lambda", "let the role's trust policy allow sts:AssumeRole to the service lambda.amazonaws.com"},
	{"is not authorized to perform", "grant that action to the identity that deploys, or to the role that AWS names"},
	{"it is not of account", "name a bucket of the account that you deploy to, or let the bucket's policy allow it"},
	{"it is in another region: S3", "name a bucket of the service's region, or deploy to the bucket's with --region"},
	{"there is no such bucket", "make it first, or add it under resources and name its logical id"},
	{"HOOK_EXECUTION_FAILURE", "look at the log of the function that rollout.before or rollout.after names: it has to tell CodeDeploy Succeeded; callers still get the version before"},
	{"ALARM_ACTIVE", "look at the alarms of rollout.alarms and at the function's log; callers still get the version before"},
	{"Activated alarms", "look at the alarms of rollout.alarms and at the function's log; callers still get the version before"},
	{"there can be one only: deactivate it", "name that rule set as ruleSet to add rules to it, or write replaceActive: true to have the stack's own in its place"},
	{"AccessDenied", "grant the action to the identity that deploys"},
	{"already exists", "another stack or person made it: delete it, or give it another name"},
	{"BucketAlreadyExists", "bucket names are global: choose another one, or leave BucketName out"},
	{"The bucket you tried to delete is not empty", "run `sparta down` again with --yes: it empties the service's buckets"},
	{"did not receive a response from your Custom Resource", "look at the log group of the custom resource's function"},
	{"See the details in CloudWatch Log Stream", "look at the log group of the custom resource's function"},
	{"Unzipped size must be smaller", "Lambda takes 250 MB of code: leave out what the functions don't need"},
	{"Rate exceeded", "AWS throttled the operation: run the command again"},
	{"LimitExceeded", "ask AWS for a higher quota, or delete what is no longer used"},
	{"does not model", "leave the resource out with --local, or deploy to AWS"},
}

func explain(e Event) string {
	for _, x := range explanations {
		if strings.Contains(e.Reason, x.part) {
			return x.hint
		}
	}
	return ""
}
