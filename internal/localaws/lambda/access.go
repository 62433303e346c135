// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"net/http"
	"slices"
	"strings"

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
	const provisioned, recursion = "/2019-09-30/functions/{FunctionName}/provisioned-concurrency", "/2024-08-31/functions/{FunctionName}/recursion-config"
	const layers, layer = "/2018-10-31/layers", "/2018-10-31/layers/{LayerName}/versions"
	const reserved, mappings = "/functions/{FunctionName}/concurrency", "/2015-03-31/event-source-mappings"
	do := func(action string) access.Rule { return access.Do("lambda:"+action, functionNamed) }
	list := func(action string) access.Rule { return access.Do("lambda:"+action, access.Any) }
	mapping := func(action string) access.Rule { return access.Do("lambda:"+action, mappingNamed) }
	tagged := func(action string) access.Rule { return access.Do("lambda:"+action, access.ARNIn("Resource")) }
	pass := access.PassRole("Role", servicePrincipal)
	return access.NewRoutes(map[string]access.Rule{
		"POST " + functions:                    access.All(do("CreateFunction"), pass, layersUsed),
		"GET " + functions:                     list("ListFunctions"),
		"GET " + functions + "/{$}":            list("ListFunctions"),
		"GET " + function:                      do("GetFunction"),
		"DELETE " + function:                   do("DeleteFunction"),
		"GET " + function + "/configuration":   do("GetFunctionConfiguration"),
		"PUT " + function + "/configuration":   access.All(do("UpdateFunctionConfiguration"), pass, layersUsed),
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
		"PUT " + provisioned:                   do("PutProvisionedConcurrencyConfig"),
		"GET " + provisioned:                   provisionShown,
		"DELETE " + provisioned:                do("DeleteProvisionedConcurrencyConfig"),
		"PUT " + recursion:                     do("PutFunctionRecursionConfig"),
		"GET " + recursion:                     do("GetFunctionRecursionConfig"),
		"GET " + layers:                        layersListed,
		"POST " + layer:                        access.Do("lambda:PublishLayerVersion", layerNamed),
		"GET " + layer:                         list("ListLayerVersions"),
		"GET " + layer + "/{VersionNumber}":    access.Do("lambda:GetLayerVersion", layerNamed),
		"DELETE " + layer + "/{VersionNumber}": access.Do("lambda:DeleteLayerVersion", layerNamed),
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

// provisionShown tells one configuration of provisioned concurrency from the list of
// them.
func provisionShown(in *access.Input) []access.Need {
	if in.Form().Get("List") != "" {
		return access.Do("lambda:ListProvisionedConcurrencyConfigs", functionNamed)(in)
	}
	return access.Do("lambda:GetProvisionedConcurrencyConfig", functionNamed)(in)
}

// layersListed tells the list of layers from a version that is named by its ARN.
func layersListed(in *access.Input) []access.Need {
	if in.Form().Get("find") == "LayerVersion" {
		return access.Do("lambda:GetLayerVersion", access.ARNIn("Arn"))(in)
	}
	return access.Do("lambda:ListLayers", access.Any)(in)
}

// layerNamed is the layer of the path, or its version.
func layerNamed(in *access.Input) []string {
	list := access.Regional("lambda", "layer:*", "LayerName")(in)
	if version := in.Text("VersionNumber"); version != "" && len(list) > 0 {
		list[0] += ":" + version
	}
	return list
}

// layersUsed needs lambda:GetLayerVersion on the layers of a function.
func layersUsed(in *access.Input) []access.Need {
	list, _ := in.Member("Layers").([]any)
	var needs []access.Need
	for _, item := range list {
		if layer, ok := item.(string); ok {
			needs = append(needs, access.Need{Action: "lambda:GetLayerVersion", Resource: layer})
		}
	}
	return needs
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

// checkSourceRights returns the error of a mapping whose function's role may not
// read the source ("Configuring an Amazon SQS event source", "Configure
// permissions" of Kinesis and DynamoDB, Lambda Developer Guide). ListStreams,
// which the error mentions, is on no stream and not needed.
func (s *Service) checkSourceRights(v *settings, source string) error {
	a, _ := arn.Parse(source)
	may := func(action, on string) bool {
		return s.authorize(context.Background(), v.Role, pollerSession, a.Service+":"+action, on) == nil
	}
	if a.Service == "sqs" {
		for _, action := range []string{"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"} {
			if !may(action, source) {
				return invalidValue("The function execution role does not have permissions to call %s on SQS", action)
			}
		}
		return nil
	}
	actions, named := []string{"GetRecords", "GetShardIterator", "DescribeStream"}, "GetRecords, GetShardIterator, DescribeStream, and ListStreams"
	if a.Service == "kinesis" {
		actions, named = append(actions, "ListShards"), "GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams"
	}
	stream, _, isConsumer := strings.Cut(source, "/consumer/")
	if isConsumer {
		actions = []string{"DescribeStream"}
	}
	if isConsumer && !may("SubscribeToShard", source) || slices.ContainsFunc(actions, func(action string) bool { return !may(action, stream) }) {
		return invalidValue("Cannot access stream %s. Please ensure the role can perform the %s Actions on your stream in IAM.", source, named)
	}
	return nil
}

// readAction is what reading a stream, or by way of its consumer, takes.
func readAction(source string) string {
	a, _ := arn.Parse(source)
	if strings.Contains(a.Resource, "/consumer/") {
		return a.Service + ":SubscribeToShard"
	}
	return a.Service + ":GetRecords"
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
