// SPDX-License-Identifier: MIT

package forward

import (
	"maps"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// place completes the ARNs of one resource.
type place struct {
	request    resource.Request
	properties map[string]any // with the update policy among them
	physicalID string
}

func newPlace(r resource.Request, physicalID string) place {
	properties := maps.Clone(r.Properties)
	if properties == nil {
		properties = map[string]any{}
	}
	if r.UpdatePolicy != nil {
		properties["UpdatePolicy"] = r.UpdatePolicy
	}
	return place{r, properties, physicalID}
}

// has reports whether the resource has a property, or had it before.
func (p place) has(path string) bool {
	return len(texts(p.properties, path)) > 0 || len(texts(p.request.OldProperties, path)) > 0
}

// needs are those of an action on what a template of the table stands for.
func (p place) needs(action, template string) []access.Need {
	if passed, ok := strings.CutPrefix(template, "{passed:"); ok {
		property, to, _ := strings.Cut(passed, "} ")
		var needs []access.Need
		for _, role := range texts(p.properties, property) {
			needs = append(needs, access.Pass(role, to)...)
		}
		return needs
	}
	var needs []access.Need
	for _, on := range p.arns(template) {
		needs = append(needs, access.Need{Action: action, Resource: on})
	}
	return needs
}

// arns completes a template, once for each value of a list.
func (p place) arns(template string) []string {
	done := []string{""}
	if template != "*" && !strings.HasPrefix(template, "{") {
		done[0] = "arn:" + p.request.Scope.Partition + ":"
	}
	whole := strings.HasPrefix(template, "{")
	for left := template; left != ""; {
		text, behind, open := strings.Cut(left, "{")
		name, after, _ := strings.Cut(behind, "}")
		var next []string
		for _, before := range done {
			if !open {
				next = append(next, before+text)
				continue
			}
			for _, value := range p.values(name) {
				if strings.HasPrefix(value, "arn:") && !whole {
					return []string{value} // a property may have the ARN for the name
				}
				next = append(next, before+text+value)
			}
		}
		done, left = next, after
		if !open {
			break
		}
	}
	return done
}

// values are those of a placeholder.
func (p place) values(name string) []string {
	switch name {
	case "region":
		return []string{p.request.Scope.Region}
	case "account":
		return []string{p.request.Scope.Account}
	case "id":
		if p.physicalID != "" {
			return []string{p.physicalID}
		}
		return []string{p.request.DefaultName(32)}
	}
	if property, limit, ok := strings.Cut(name, "~"); ok {
		return []string{p.named(property, limit)}
	}
	if property, ok := strings.CutSuffix(name, "/"); ok {
		value := lastOf(strings.Join(texts(p.properties, property), ""))
		if value == "" || value == "default" {
			return []string{""}
		}
		return []string{value + "/"}
	}
	property, otherwise, _ := strings.Cut(name, "=")
	values := texts(p.properties, property)
	if len(values) == 0 {
		return []string{otherwise}
	}
	for i, value := range values {
		if strings.Contains(value, "://") {
			values[i] = lastOf(value) // the URL of a queue
		}
	}
	return values
}

// named is the name of the resource.
func (p place) named(property, limit string) string {
	if given := texts(p.properties, property); len(given) > 0 {
		return given[0]
	}
	if p.physicalID != "" {
		return lastOf(p.physicalID)
	}
	most, _ := strconv.Atoi(limit)
	name := p.request.DefaultName(most)
	if p.request.Type == "AWS::S3::Bucket" {
		name = strings.ToLower(name)
	}
	return name
}

// lastOf is the name at the end of an ARN, of a URL or of a compound id; other
// texts are names.
func lastOf(id string) string {
	switch {
	case strings.HasPrefix(id, "arn:"):
		id = id[strings.LastIndex(id, ":")+1:]
		return id[strings.LastIndex(id, "/")+1:]
	case strings.Contains(id, "://"):
		return id[strings.LastIndex(id, "/")+1:]
	}
	return id[strings.LastIndex(id, "|")+1:]
}

// texts are the scalars at a path such as Code.S3Bucket, in every element of the
// lists on it; an object or a list at its end counts as "".
func texts(v any, path string) []string {
	if list, ok := v.([]any); ok {
		var all []string
		for _, item := range list {
			all = append(all, texts(item, path)...)
		}
		if path == "" && all == nil {
			return []string{""}
		}
		return all
	}
	object, ok := v.(map[string]any)
	switch {
	case v == nil:
		return nil
	case path == "" && ok:
		return []string{""}
	case path == "":
		return []string{scalar(v)}
	case !ok:
		return nil
	}
	name, behind, _ := strings.Cut(path, ".")
	return texts(object[name], behind)
}

func scalar(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return ""
}
