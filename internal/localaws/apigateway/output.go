// SPDX-License-Identifier: MIT

package apigateway

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// seconds returns a time as the API shows it.
func seconds(t time.Time) int64 { return t.Unix() }

func (a *api) output() (map[string]any, error) {
	out, err := gateway.Members(a.Current.Settings)
	if err != nil {
		return nil, err
	}
	out["apiKeySource"] = out["apiKeySourceType"]
	delete(out, "apiKeySourceType")
	out["id"], out["rootResourceId"], out["createdDate"] = a.ID, a.Root, seconds(a.Created)
	return out, nil
}

func (s *Service) getAPIs(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.state.APIs)) {
		if a := s.state.APIs[id]; a.Scope == c.Scope {
			out, err := a.output()
			if err != nil {
				return nil, err
			}
			list = append(list, out)
		}
	}
	return paging.Page(c, list)
}

func answersOf(a *api) map[string]*gatewayResponse { return a.Current.Answers }

// listed makes the operation that lists parts of an API, whose identifier is
// shown under the name id.
func listed[P any](parts func(a *api) map[string]*P, id string) func(gateway.Request, *api) (any, error) {
	return func(c gateway.Request, a *api) (any, error) {
		list := []map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(parts(a))) {
			out, err := gateway.Members(parts(a)[key])
			if err != nil {
				return nil, err
			}
			out[id] = key
			list = append(list, out)
		}
		return paging.Page(c, list)
	}
}

// single makes the operation that shows one part of an API.
func single[P any](parts func(a *api) map[string]*P, id string) func(gateway.Request, *api) (any, error) {
	return func(c gateway.Request, a *api) (any, error) {
		p := parts(a)[c.Path("id")]
		if p == nil {
			return nil, gateway.NotFound("Invalid identifier specified: %s", c.Path("id"))
		}
		out, err := gateway.Members(p)
		if err != nil {
			return nil, err
		}
		out[id] = c.Path("id")
		return out, nil
	}
}

// resource returns a resource as the API shows it, with the methods in full if
// embed is set.
func (a *api) resource(id string, embed bool) (map[string]any, error) {
	n := a.Current.Resources[id]
	out := map[string]any{"id": id, "path": n.Path}
	if n.ParentID != "" {
		out["parentId"], out["pathPart"] = n.ParentID, n.PathPart
	}
	methods := map[string]any{}
	for key, m := range a.Current.Methods {
		of, verb, _ := strings.Cut(key, " ")
		if of != id {
			continue
		}
		methods[verb] = map[string]any{}
		if embed {
			shown, err := m.output()
			if err != nil {
				return nil, err
			}
			methods[verb] = shown
		}
	}
	if len(methods) > 0 {
		out["resourceMethods"] = methods
	}
	return out, nil
}

func getResources(c gateway.Request, a *api) (any, error) {
	ids := slices.SortedFunc(maps.Keys(a.Current.Resources), func(x, y string) int {
		return strings.Compare(a.Current.Resources[x].Path, a.Current.Resources[y].Path)
	})
	list := []map[string]any{}
	for _, id := range ids {
		out, err := a.resource(id, c.Query.Get("embed") == "methods")
		if err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	return paging.Page(c, list)
}

func getResource(c gateway.Request, a *api) (any, error) {
	if a.Current.Resources[c.Path("id")] == nil {
		return nil, gateway.NotFound("Invalid Resource identifier specified")
	}
	return a.resource(c.Path("id"), c.Query.Get("embed") == "methods")
}

// output returns a method as the API shows it: responses by status.
func (m *method) output() (map[string]any, error) {
	out, err := gateway.Members(m)
	if err != nil {
		return nil, err
	}
	byStatus(out, "methodResponses")
	if i, ok := out["integration"].(map[string]any); ok {
		byStatus(i, "integrationResponses")
		if verb, ok := i["integrationHttpMethod"]; ok {
			i["httpMethod"] = verb
			delete(i, "integrationHttpMethod")
		}
		out["methodIntegration"] = i
		delete(out, "integration")
	}
	return out, nil
}

// byStatus turns a list of responses into an object by status.
func byStatus(object map[string]any, name string) {
	list, ok := object[name].([]any)
	if !ok {
		return
	}
	responses := map[string]any{}
	for _, item := range list {
		if response, ok := item.(map[string]any); ok {
			status, _ := response["statusCode"].(string)
			responses[status] = response
		}
	}
	object[name] = responses
}

func getMethod(c gateway.Request, a *api) (any, error) {
	m := a.Current.Methods[c.Path("id")+" "+c.Path("verb")]
	if m == nil {
		return nil, gateway.NotFound("Invalid Method identifier specified")
	}
	return m.output()
}

func getIntegration(c gateway.Request, a *api) (any, error) {
	m := a.Current.Methods[c.Path("id")+" "+c.Path("verb")]
	if m == nil || m.Integration == nil {
		return nil, gateway.NotFound("No integration defined for method")
	}
	out, err := m.output()
	if err != nil {
		return nil, err
	}
	return out["methodIntegration"], nil
}

func (d *deployment) output() map[string]any {
	return map[string]any{"id": d.ID, "description": d.Description, "createdDate": seconds(d.Created)}
}

func getDeployments(c gateway.Request, a *api) (any, error) {
	list := []map[string]any{}
	for _, d := range slices.SortedFunc(maps.Values(a.Deployments), func(x, y *deployment) int { return y.Created.Compare(x.Created) }) {
		list = append(list, d.output())
	}
	return paging.Page(c, list)
}

func getDeployment(c gateway.Request, a *api) (any, error) {
	d := a.Deployments[c.Path("id")]
	if d == nil {
		return nil, gateway.NotFound("Invalid Deployment identifier specified")
	}
	return d.output(), nil
}

// output returns a stage as the API shows it: method settings by path and verb.
func (st *stage) output() (map[string]any, error) {
	out, err := gateway.Members(st.Settings)
	if err != nil {
		return nil, err
	}
	settings := map[string]any{}
	for _, m := range st.Settings.MethodSettings {
		path := "*"
		if m.path() != "/*" {
			path = "~1" + strings.ReplaceAll(strings.TrimPrefix(m.path(), "/"), "/", "~1")
		}
		if settings[path+"/"+m.HttpMethod], err = gateway.Members(m); err != nil {
			return nil, err
		}
	}
	rename(out, "accessLogSetting", "accessLogSettings")
	rename(out, "tagMap", "tags")
	out["methodSettings"], out["cacheClusterEnabled"], out["cacheClusterStatus"] = settings, false, "NOT_AVAILABLE"
	out["createdDate"], out["lastUpdatedDate"] = seconds(st.Created), seconds(st.Updated)
	return out, nil
}

func rename(object map[string]any, from, to string) {
	if v, ok := object[from]; ok {
		object[to] = v
		delete(object, from)
	}
}

func getStages(c gateway.Request, a *api) (any, error) {
	list := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(a.Stages)) {
		if id := c.Query.Get("deploymentId"); id != "" && a.Stages[name].Settings.DeploymentId != id {
			continue
		}
		out, err := a.Stages[name].output()
		if err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	return map[string]any{"item": list}, nil
}

func getStage(c gateway.Request, a *api) (any, error) {
	st := a.Stages[c.Path("id")]
	if st == nil {
		return nil, gateway.NotFound("Invalid stage identifier specified")
	}
	return st.output()
}

func (s *Service) getAccount(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]any{
		"apiKeyVersion": "4", "features": []string{"UsagePlans"},
		"throttleSettings": map[string]any{"rateLimit": gateway.AccountRate, "burstLimit": gateway.AccountBurst},
	}
	if role := s.state.LogRoles[place(c.Scope)]; role != "" {
		out["cloudwatchRoleArn"] = role
	}
	return out, nil
}

// getTags shows the tags of an API or a stage.
func (s *Service) getTags(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := arn.Parse(c.Path("arn"))
	id, isAPI := strings.CutPrefix(a.Resource, "/restapis/")
	if !ok || !isAPI {
		return nil, gateway.Unmodelled("tags of " + c.Path("arn"))
	}
	id, rest, _ := strings.Cut(id, "/stages/")
	found, err := s.find(c.Scope, id)
	if err != nil {
		return nil, err
	}
	tags := found.Current.Settings.TagMap
	if rest != "" {
		st := found.Stages[rest]
		if st == nil {
			return nil, gateway.NotFound("Invalid stage identifier specified")
		}
		tags = st.Settings.TagMap
	}
	return map[string]any{"tags": tags}, nil
}
