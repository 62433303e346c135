// SPDX-License-Identifier: MIT

package lambda

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// router maps the paths of the API to operations ("Actions", Lambda API
// reference).
func (s *Service) router() *http.ServeMux {
	mux := http.NewServeMux()
	const functions, function = "/2015-03-31/functions", "/2015-03-31/functions/{FunctionName}"
	paging := []string{"Marker", "MaxItems"}

	mux.HandleFunc("POST "+functions, operation(s, "CreateFunction", 201, nil, s.createFunction))
	mux.HandleFunc("GET "+functions, operation(s, "ListFunctions", 200, append(paging, "FunctionVersion"), s.listFunctions))
	mux.HandleFunc("GET "+functions+"/{$}", operation(s, "ListFunctions", 200, append(paging, "FunctionVersion"), s.listFunctions))
	mux.HandleFunc("GET "+function, operation(s, "GetFunction", 200, nil, s.getFunction))
	mux.HandleFunc("DELETE "+function, operation(s, "DeleteFunction", 204, nil, s.deleteFunction))
	mux.HandleFunc("GET "+function+"/configuration", operation(s, "GetFunctionConfiguration", 200, nil, s.getFunctionConfiguration))
	mux.HandleFunc("PUT "+function+"/configuration", operation(s, "UpdateFunctionConfiguration", 200, nil, s.updateFunctionConfiguration))
	mux.HandleFunc("PUT "+function+"/code", operation(s, "UpdateFunctionCode", 200, nil, s.updateFunctionCode))
	mux.HandleFunc("POST "+function+"/invocations", s.serveInvoke)

	mux.HandleFunc("POST "+function+"/policy", operation(s, "AddPermission", 201, nil, s.addPermission))
	mux.HandleFunc("GET "+function+"/policy", operation(s, "GetPolicy", 200, nil, s.getPolicy))
	mux.HandleFunc("DELETE "+function+"/policy/{StatementId}", operation(s, "RemovePermission", 204, []string{"RevisionId"}, s.removePermission))

	mux.HandleFunc("POST "+function+"/versions", operation(s, "PublishVersion", 201, nil, s.publishVersion))
	mux.HandleFunc("GET "+function+"/versions", operation(s, "ListVersionsByFunction", 200, paging, s.listVersions))
	mux.HandleFunc("POST "+function+"/aliases", operation(s, "CreateAlias", 201, nil, s.createAlias))
	mux.HandleFunc("GET "+function+"/aliases", operation(s, "ListAliases", 200, append(paging, "FunctionVersion"), s.listAliases))
	mux.HandleFunc("GET "+function+"/aliases/{Name}", operation(s, "GetAlias", 200, nil, s.getAlias))
	mux.HandleFunc("PUT "+function+"/aliases/{Name}", operation(s, "UpdateAlias", 200, nil, s.updateAlias))
	mux.HandleFunc("DELETE "+function+"/aliases/{Name}", operation(s, "DeleteAlias", 204, nil, s.deleteAlias))

	const address = "/2021-10-31/functions/{FunctionName}/url"
	mux.HandleFunc("POST "+address, operation(s, "CreateFunctionUrlConfig", 201, nil, s.createURL))
	mux.HandleFunc("GET "+address, operation(s, "GetFunctionUrlConfig", 200, nil, s.getURL))
	mux.HandleFunc("PUT "+address, operation(s, "UpdateFunctionUrlConfig", 200, nil, s.updateURL))
	mux.HandleFunc("DELETE "+address, operation(s, "DeleteFunctionUrlConfig", 204, nil, s.deleteURL))
	mux.HandleFunc("GET "+address+"s", operation(s, "ListFunctionUrlConfigs", 200, paging, s.listURLs))

	const events = "/2019-09-25/functions/{FunctionName}/event-invoke-config"
	mux.HandleFunc("PUT "+events, operation(s, "PutFunctionEventInvokeConfig", 200, nil, s.putEventConfig))
	mux.HandleFunc("POST "+events, operation(s, "UpdateFunctionEventInvokeConfig", 200, nil, s.updateEventConfig))
	mux.HandleFunc("GET "+events, operation(s, "GetFunctionEventInvokeConfig", 200, nil, s.getEventConfig))
	mux.HandleFunc("DELETE "+events, operation(s, "DeleteFunctionEventInvokeConfig", 204, nil, s.deleteEventConfig))
	mux.HandleFunc("GET "+events+"/list", operation(s, "ListFunctionEventInvokeConfigs", 200, paging, s.listEventConfigs))

	const reserved = "/functions/{FunctionName}/concurrency"
	mux.HandleFunc("PUT /2017-10-31"+reserved, operation(s, "PutFunctionConcurrency", 200, nil, s.putConcurrency))
	mux.HandleFunc("GET /2019-09-30"+reserved, operation(s, "GetFunctionConcurrency", 200, nil, s.getConcurrency))
	mux.HandleFunc("DELETE /2017-10-31"+reserved, operation(s, "DeleteFunctionConcurrency", 204, nil, s.deleteConcurrency))

	const provisioned = "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"
	mux.HandleFunc("PUT "+provisioned, operation(s, "PutProvisionedConcurrencyConfig", 202, nil, s.putProvision))
	mux.HandleFunc("GET "+provisioned, operation(s, "GetProvisionedConcurrencyConfig", 200, append(paging, "List"), s.getProvision))
	mux.HandleFunc("DELETE "+provisioned, operation(s, "DeleteProvisionedConcurrencyConfig", 204, nil, s.deleteProvision))

	const recursion = "/2024-08-31/functions/{FunctionName}/recursion-config"
	mux.HandleFunc("PUT "+recursion, operation(s, "PutFunctionRecursionConfig", 200, nil, s.putRecursion))
	mux.HandleFunc("GET "+recursion, operation(s, "GetFunctionRecursionConfig", 200, nil, s.getRecursion))

	const layers, version = "/2018-10-31/layers", "/2018-10-31/layers/{LayerName}/versions"
	matching := append(paging, "CompatibleRuntime", "CompatibleArchitecture")
	mux.HandleFunc("GET "+layers, operation(s, "ListLayers", 200, append(matching, "find", "Arn"), s.listLayers))
	mux.HandleFunc("POST "+version, operation(s, "PublishLayerVersion", 201, nil, s.publishLayerVersion))
	mux.HandleFunc("GET "+version, operation(s, "ListLayerVersions", 200, matching, s.listLayerVersions))
	mux.HandleFunc("GET "+version+"/{VersionNumber}", operation(s, "GetLayerVersion", 200, nil, s.getLayerVersion))
	mux.HandleFunc("DELETE "+version+"/{VersionNumber}", operation(s, "DeleteLayerVersion", 204, nil, s.deleteLayerVersion))
	mux.HandleFunc(version+"/{VersionNumber}/policy", s.refuseLayerPolicy)
	mux.HandleFunc(version+"/{VersionNumber}/policy/{StatementId}", s.refuseLayerPolicy)

	const tags = "/2017-03-31/tags/{Resource}"
	mux.HandleFunc("POST "+tags, operation(s, "TagResource", 204, nil, s.tagResource))
	mux.HandleFunc("DELETE "+tags, operation(s, "UntagResource", 204, []string{"tagKeys"}, s.untagResource))
	mux.HandleFunc("GET "+tags, operation(s, "ListTags", 200, nil, s.listTags))

	s.routeMappings(mux, paging)
	refuseRest(mux)
	return mux
}

// refuseRest answers the rest of Lambda's API with an error that names the
// operation, or at least its path.
func refuseRest(mux *http.ServeMux) {
	for pattern, what := range map[string]string{
		"POST /2021-11-15/functions/{FunctionName}/response-streaming-invocations": "InvokeWithResponseStream",
		"POST /2014-11-13/functions/{FunctionName}/invoke-async":                   "InvokeAsync",
		"/2020-04-22/code-signing-configs":                                         "code signing",
		"/2020-04-22/code-signing-configs/":                                        "code signing",
		"/2020-06-30/functions/{FunctionName}/code-signing-config":                 "code signing",
		"/2021-07-20/functions/{FunctionName}/runtime-management-config":           "runtime management",
		"/2025-11-30/":                 "capacity providers",
		"/2025-12-01/":                 "durable functions",
		"/2016-08-19/account-settings": "GetAccountSettings",
	} {
		mux.HandleFunc(pattern, refuse(what))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { refuse(r.Method+" "+r.URL.Path)(w, r) })
}

func refuse(what string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		wire.WriteJSONError(w, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"the embedded AWS does not model %s of Lambda", what))
	}
}
