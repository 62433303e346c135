// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for AWS Lambda", Service Authorization Reference).
func needs() access.Routes {
	const functions, function = "/2015-03-31/functions", "/2015-03-31/functions/{FunctionName}"
	const address, events, tags = "/2021-10-31/functions/{FunctionName}/url", "/2019-09-25/functions/{FunctionName}/event-invoke-config", "/2017-03-31/tags/{Resource}"
	const reserved, mappings = "/functions/{FunctionName}/concurrency", "/2015-03-31/event-source-mappings"
	do := func(action string) access.Rule { return access.Do("lambda:"+action, functionNamed) }
	list := func(action string) access.Rule { return access.Do("lambda:"+action, access.Any) }
	mapping := func(action string) access.Rule { return access.Do("lambda:"+action, mappingNamed) }
	tagged := func(action string) access.Rule { return access.Do("lambda:"+action, access.ARNIn("Resource")) }
	pass := access.PassRole("Role", servicePrincipal)
	return access.NewRoutes(map[string]access.Rule{
		"POST " + functions:                    access.All(do("CreateFunction"), pass),
		"GET " + functions:                     list("ListFunctions"),
		"GET " + functions + "/{$}":            list("ListFunctions"),
		"GET " + function:                      do("GetFunction"),
		"DELETE " + function:                   do("DeleteFunction"),
		"GET " + function + "/configuration":   do("GetFunctionConfiguration"),
		"PUT " + function + "/configuration":   access.All(do("UpdateFunctionConfiguration"), pass),
		"PUT " + function + "/code":            do("UpdateFunctionCode"),
		"POST " + function + "/invocations":    do("InvokeFunction"),
		"POST " + function + "/policy":         do("AddPermission"),
		"GET " + function + "/policy":          do("GetPolicy"),
		"DELETE " + function + "/policy/{Sid}": do("RemovePermission"),
		"POST " + function + "/versions":       do("PublishVersion"),
		"GET " + function + "/versions":        do("ListVersionsByFunction"),
		"POST " + function + "/aliases":        do("CreateAlias"),
		"GET " + function + "/aliases":         do("ListAliases"),
		"GET " + function + "/aliases/{A}":     do("GetAlias"),
		"PUT " + function + "/aliases/{A}":     do("UpdateAlias"),
		"DELETE " + function + "/aliases/{A}":  do("DeleteAlias"),
		"POST " + address:                      do("CreateFunctionUrlConfig"),
		"GET " + address:                       do("GetFunctionUrlConfig"),
		"PUT " + address:                       do("UpdateFunctionUrlConfig"),
		"DELETE " + address:                    do("DeleteFunctionUrlConfig"),
		"GET " + address + "s":                 do("ListFunctionUrlConfigs"),
		"PUT " + events:                        do("PutFunctionEventInvokeConfig"),
		"POST " + events:                       do("UpdateFunctionEventInvokeConfig"),
		"GET " + events:                        do("GetFunctionEventInvokeConfig"),
		"DELETE " + events:                     do("DeleteFunctionEventInvokeConfig"),
		"GET " + events + "/list":              do("ListFunctionEventInvokeConfigs"),
		"PUT /2017-10-31" + reserved:           do("PutFunctionConcurrency"),
		"GET /2019-09-30" + reserved:           do("GetFunctionConcurrency"),
		"DELETE /2017-10-31" + reserved:        do("DeleteFunctionConcurrency"),
		"POST " + tags:                         tagged("TagResource"),
		"DELETE " + tags:                       tagged("UntagResource"),
		"GET " + tags:                          tagged("ListTags"),
		"POST " + mappings:                     mapping("CreateEventSourceMapping"),
		"POST " + mappings + "/{$}":            mapping("CreateEventSourceMapping"),
		"GET " + mappings:                      list("ListEventSourceMappings"),
		"GET " + mappings + "/{$}":             list("ListEventSourceMappings"),
		"GET " + mappings + "/{UUID}":          mapping("GetEventSourceMapping"),
		"PUT " + mappings + "/{UUID}":          mapping("UpdateEventSourceMapping"),
		"DELETE " + mappings + "/{UUID}":       mapping("DeleteEventSourceMapping"),
	})
}

// servicePrincipal is as whom Lambda assumes roles.
const servicePrincipal = "lambda.amazonaws.com"

// functionNamed is the function that a request names, with the qualifier that
// it gives.
func functionNamed(in *access.Input) []string {
	r, err := parseReference(in.Text("FunctionName"), in.Form().Get("Qualifier"))
	if err != nil {
		return nil
	}
	scope := in.Scope
	if r.account != "" {
		scope.Account = r.account
	}
	return []string{(&function{Scope: scope, Name: r.name}).arn(r.qualifier)}
}

// mappingNamed is the mapping that a request names; none is a new one.
func mappingNamed(in *access.Input) []string {
	if id := in.Text("UUID"); id != "" {
		return []string{in.Scope.Regional("lambda", "event-source-mapping:"+id)}
	}
	return nil
}

// authorize returns an error unless a role may do something that Lambda does on
// its behalf.
func (s *Service) authorize(ctx context.Context, roleARN, session, action, resource string) error {
	if s.deps.Authorize == nil || roleARN == "" {
		return nil
	}
	return s.deps.Authorize(ctx, roleARN, session, action, resource)
}

// mayRead returns an error unless the role of a mapping's function may do
// something with the mapping's source.
func (s *Service) mayRead(ctx context.Context, m *mapping, action string) error {
	s.mu.Lock()
	_, v, err := s.find(m.Scope, m.Function)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.authorize(ctx, v.Role, pollerSession, action, m.Source)
}

// pollerSession is the name of the session in which Lambda reads sources.
const pollerSession = "awslambda"

// queueActions are what the role of a function needs to be called for a queue
// ("Configuring an Amazon SQS event source", Lambda Developer Guide).
func queueActions() []string {
	return []string{"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"}
}

// checkQueueRights returns the error of a mapping whose function's role may not
// use the queue.
func (s *Service) checkQueueRights(v *settings, queue string) error {
	for _, name := range queueActions() {
		if err := s.authorize(context.Background(), v.Role, pollerSession, "sqs:"+name, queue); err != nil {
			return invalidValue("The function execution role does not have permissions to call %s on SQS", name)
		}
	}
	return nil
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needed.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region})
}

// ResourcePolicy returns the resource policy of a function, of the qualifier in
// its ARN.
func (s *Service) ResourcePolicy(resource string) (policy.Document, bool) {
	a, _ := arn.Parse(resource)
	r, err := parseReference(resource, "")
	if err != nil {
		return policy.Document{}, false
	}
	s.mu.Lock()
	f, _, err := s.find(arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}, r)
	var d *policyDocument
	if err == nil {
		d = f.Policies[plain(r.qualifier)]
	}
	s.mu.Unlock()
	if d == nil {
		return policy.Document{}, false
	}
	return s.policies.Parse(d.text())
}
