// SPDX-License-Identifier: MIT

package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// The logical ids of the resources that a site makes.
const (
	SiteBucketID           = "SiteBucket"
	SiteBucketPolicyID     = "SiteBucketPolicy"
	SiteContentID          = "SiteContent"
	SiteProviderFunctionID = "SiteProviderFunction"
	SiteProviderRoleID     = "SiteProviderRole"
	SiteProviderLogGroupID = "SiteProviderLogGroup"
	SiteDistributionID     = "SiteDistribution" // with CloudFront only, as those below
	SiteAccessID           = "SiteAccess"
	SitePathsID            = "SitePaths"
)

// LogicalID is the part of a logical id that stands for a function: its name in
// PascalCase, without the separators - and _. hello-world is HelloWorld.
func LogicalID(function string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(function, func(r rune) bool { return r == '-' || r == '_' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// FunctionID is the logical id of the Lambda function of a function of
// sparta.yaml.
func FunctionID(function string) string { return LogicalID(function) + "Function" }

// RoleID is the logical id of a function's own execution role.
func RoleID(function string) string { return LogicalID(function) + "Role" }

// LogGroupID is the logical id of a function's log group.
func LogGroupID(function string) string { return LogicalID(function) + "LogGroup" }

// URLID is the logical id of a function's URL.
func URLID(function string) string { return LogicalID(function) + "Url" }

// URLPermissionID is the logical id of the permission to call a function's URL.
func URLPermissionID(function string) string { return LogicalID(function) + "UrlPermission" }

// URLInvokePermissionID is the logical id of the permission to invoke a
// function by its URL.
func URLInvokePermissionID(function string) string {
	return LogicalID(function) + "UrlInvokePermission"
}

// EventID is the logical id of a resource that brings a function the events of
// a source: the function, the kind of resource, and what tells the source from
// others, such as an ARN. It depends on nothing else, so that sources may be
// written in any order.
func EventID(function, kind string, identity ...any) string {
	const most = 100
	id := LogicalID(function) + kind
	if len(identity) == 1 {
		if name := resourceNamed(identity[0]); name != "" && len(id)+len(name) <= most {
			return id + name
		}
	}
	data, err := json.Marshal(identity)
	if err != nil {
		panic("identity of an event: " + err.Error()) // values of JSON always have a form
	}
	sum := sha256.Sum256(data)
	var words string
	for _, part := range identity {
		words += word(part)
	}
	return id + words[:min(len(words), most-len(id))] + hex.EncodeToString(sum[:4])
}

// resourceNamed is the resource of the stack that a call is about, "" if it is
// something else.
func resourceNamed(v any) string {
	call, _ := v.(map[string]any)
	if id, ok := call["Ref"].(string); ok && !strings.Contains(id, "::") {
		return id
	}
	if list, ok := call["Fn::GetAtt"].([]any); ok && len(list) == 2 {
		id, _ := list[0].(string)
		return id
	}
	return ""
}

// word makes a part of a logical id of text that people know a source by: of an
// ARN what stands behind the account.
func word(v any) string {
	text, _ := v.(string)
	if parts := strings.SplitN(text, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		text = parts[5]
	}
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isAlphanumeric(r) }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

func isAlphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// VersionID is the logical id of the version of a function that its alias
// leads to. In the template that goes to CloudFormation a hash of what the
// function is comes behind it, since a version never changes.
func VersionID(function string) string { return LogicalID(function) + "Version" }

// AliasID is the logical id of a function's alias.
func AliasID(function string) string { return LogicalID(function) + "Alias" }

// DeploymentGroupID is the logical id of the CodeDeploy deployment group that
// moves a function's alias.
func DeploymentGroupID(function string) string { return LogicalID(function) + "DeploymentGroup" }

// The logical ids of what the deployment groups of a service share.
const (
	RolloutApplicationID = "RolloutApplication"
	RolloutRoleID        = "RolloutRole"
)

// ProviderFunctionID is the logical id of the Lambda function behind a custom
// resource; the custom resource itself has its name as logical id.
func ProviderFunctionID(customResource string) string { return customResource + "ProviderFunction" }

// ProviderRoleID is the logical id of a custom resource's own execution role.
func ProviderRoleID(customResource string) string { return customResource + "ProviderRole" }

// ProviderLogGroupID is the logical id of a custom resource's log group.
func ProviderLogGroupID(customResource string) string { return customResource + "ProviderLogGroup" }

// generated is a logical id and the path of the value that makes it.
type generated struct {
	id   string
	path []string
}

// GeneratedIDs returns, sorted, the logical ids of the resources that Sparta
// makes of functions, custom resources and the site. The ids under
// customResources and resources are not among them.
func (s *Service) GeneratedIDs() []string {
	all := s.generated()
	ids := make([]string, len(all))
	for i, g := range all {
		ids[i] = g.id
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (s *Service) generated() []generated {
	all := make([]generated, 0, 3*len(s.Functions)) // what most functions make
	add := func(path []string, ids ...string) {
		for _, id := range ids {
			all = append(all, generated{id, path})
		}
	}
	for _, f := range s.Functions {
		path := []string{"functions", f.Name}
		add(path, FunctionID(f.Name), LogGroupID(f.Name))
		if f.Role == nil {
			add(path, RoleID(f.Name))
		}
		if f.URL != nil {
			add(path, URLID(f.Name))
		}
		if f.URL != nil && f.URL.Auth == "NONE" {
			add(path, URLPermissionID(f.Name), URLInvokePermissionID(f.Name))
		}
	}
	for _, f := range s.Functions {
		path := []string{"functions", f.Name}
		if f.Alias != "" {
			add(path, VersionID(f.Name), AliasID(f.Name))
		}
		if f.Rollout != nil {
			add(path, DeploymentGroupID(f.Name))
		}
	}
	if i := slices.IndexFunc(s.Functions, func(f Function) bool { return f.Rollout != nil }); i >= 0 {
		add([]string{"functions", s.Functions[i].Name, "rollout"}, RolloutApplicationID, RolloutRoleID)
	}
	for _, f := range s.Functions {
		shared := map[string]bool{}
		for i, e := range f.Events {
			for _, id := range e.IDs(f.Name) {
				if e.S3 != nil && shared[id] {
					continue // one permission is for all rules of a bucket
				}
				shared[id] = true
				add(eventPath(f.Name, i), id)
			}
		}
		if f.Asynchronous() {
			add([]string{"functions", f.Name}, EventConfigID(f.Name))
		}
		add([]string{"functions", f.Name}, f.invokerIDs()...)
	}
	all = append(all, s.apiIDs()...)
	all = append(all, s.sharedByEvents()...)
	for _, r := range s.CustomResources {
		path := []string{"customResources", r.Name}
		add(path, ProviderFunctionID(r.Name), ProviderLogGroupID(r.Name))
		if r.Role == nil {
			add(path, ProviderRoleID(r.Name))
		}
	}
	if s.Site != nil {
		add([]string{"site"}, SiteBucketID, SiteBucketPolicyID, SiteContentID,
			SiteProviderFunctionID, SiteProviderRoleID, SiteProviderLogGroupID)
		if s.Site.CloudFront() {
			add([]string{"site"}, SiteDistributionID, SiteAccessID, SitePathsID)
		}
	}
	return all
}
