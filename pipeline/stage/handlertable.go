// SPDX-License-Identifier: MIT

package stage

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
)

//go:embed handlers.txt
var handlerTable string

// handler is what CloudFormation needs to look after resources of a type.
type handler struct {
	nameProperty string // "" if AWS names the resource
	resource     string // of the ARN, with {name} and so on
	actions      []string
}

// needed are the actions that a resource needs: all but those of properties that
// it does not have.
func (h handler) needed(r *cfn.Resource) []string {
	var all []string
	for _, one := range h.actions {
		action, property, conditional := strings.Cut(one, "?")
		if !conditional || hasProperty(r, property) {
			all = append(all, action)
		}
	}
	return all
}

// hasProperty reports whether a resource has a property, such as Code.S3Bucket;
// "tags" are those of any type.
func hasProperty(r *cfn.Resource, path string) bool {
	if path == "tags" {
		return slices.ContainsFunc([]string{"Tags", "HostedZoneTags", "UserPoolTags"}, func(name string) bool { return r.Properties[name] != nil })
	}
	if rest, ok := strings.CutPrefix(path, "UpdatePolicy."); ok {
		return holds(r.UpdatePolicy, rest)
	}
	return holds(r.Properties, path)
}

// holds reports whether there is something at a path, in some element of the
// lists on it. What an intrinsic function makes counts as all there could be.
func holds(v any, path string) bool {
	if path == "" {
		return v != nil
	}
	switch x := v.(type) {
	case []any:
		return slices.ContainsFunc(x, func(item any) bool { return holds(item, path) })
	case map[string]any:
		for key := range x {
			if len(x) == 1 && (key == "Ref" || strings.HasPrefix(key, "Fn::")) {
				return true
			}
		}
		name, rest, _ := strings.Cut(path, ".")
		return holds(x[name], rest)
	}
	return false
}

// handlers reads the table by type.
func handlers() map[string][]handler {
	table := map[string][]handler{}
	for line := range strings.Lines(handlerTable) {
		columns := strings.Split(strings.TrimSpace(line), " | ")
		if len(columns) != 4 {
			continue // a comment
		}
		h := handler{strings.TrimPrefix(columns[1], "-"), columns[2], strings.Fields(columns[3])}
		table[columns[0]] = append(table[columns[0]], h)
	}
	return table
}

// arns are the ARNs of what the actions are about: the resource itself, or for a
// line with an @ those that its property names.
func (h handler) arns(at place, service string, t *cfn.Template, r *cfn.Resource) []string {
	otherwise, follows := strings.CutPrefix(h.resource, "@")
	if !follows {
		return []string{h.arn(at, service, r)}
	}
	list, several := r.Properties[h.nameProperty].([]any)
	if !several {
		list = []any{r.Properties[h.nameProperty]}
	}
	var all []string
	for _, value := range list {
		text, _ := value.(string)
		named := t.Resources[referred(value)]
		switch {
		case strings.HasPrefix(text, "arn:"):
			all = append(all, text)
		case named != nil && len(handlers()[named.Type]) > 0:
			all = append(all, handlers()[named.Type][0].arn(at, service, named))
		default:
			all = append(all, at.arn(otherwise))
		}
	}
	return all
}

// referred is the logical id that a Ref or a GetAtt names; "" if it is none.
func referred(value any) string {
	call, _ := value.(map[string]any)
	if id, ok := call["Ref"].(string); ok {
		return id
	}
	list, _ := call["Fn::GetAtt"].([]any)
	if len(list) == 0 {
		return ""
	}
	id, _ := list[0].(string)
	return id
}

// arn is the ARN, with wildcards for what AWS chooses, of a resource of the
// stack.
func (h handler) arn(at place, service string, r *cfn.Resource) string {
	if h.resource == "*" {
		return "*"
	}
	stem := stackStem(service) + "*"
	name := stem
	switch given, literal := r.Properties[h.nameProperty].(string); {
	case literal:
		name = given
	case r.Properties[h.nameProperty] != nil:
		name = "*" // an intrinsic function
	case r.Type == "AWS::Scheduler::Schedule":
		name = "default" // its group
	case r.Type == "AWS::S3::Bucket":
		name = strings.ToLower(name)
	}
	if r.Type == "AWS::SSM::Parameter" {
		name = strings.TrimPrefix(name, "/") // the ARN has the slash already
	}
	return at.arn(strings.NewReplacer("{service}", stem, "{name}", name).Replace(h.resource))
}

// stackStem is what all names that CloudFormation makes for the stack begin
// with: it cuts the stack's name where a name would become too long.
func stackStem(service string) string {
	const most = 20
	if len(service) <= most {
		return service + "-"
	}
	return service[:most]
}
