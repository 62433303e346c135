// SPDX-License-Identifier: MIT

package spec

import "strings"

// RepositoryEvent has a function called when branches and tags of a CodeCommit
// repository change. CodeCommit tells EventBridge of all of them, for every
// repository alike: its own triggers are a property of the repository, at most
// ten, and would make one of the stack need the function.
type RepositoryEvent struct {
	Repository Source   `key:"repository"`
	Branches   []string `key:"branches"` // with * for parts of a name; nil: all, and tags
	Events     []string `key:"events"`   // created, updated and deleted
}

// RuleID is the logical id of the rule.
func (r *RepositoryEvent) RuleID(function string) string { return r.id(function, "Repository") }

// PermissionID is the logical id of the permission to call the function.
func (r *RepositoryEvent) PermissionID(function string) string {
	return r.id(function, "RepositoryPermission")
}

func (r *RepositoryEvent) id(function, kind string) string {
	if len(r.Branches) == 0 && len(r.Events) == len(referenceEvents()) {
		return EventID(function, kind, r.Repository.ARN)
	}
	return EventID(function, kind, r.Repository.ARN, r.Branches, r.Events)
}

func (r *RepositoryEvent) ids(f string) []string { return []string{r.RuleID(f), r.PermissionID(f)} }
func (r *RepositoryEvent) from() Source          { return r.Repository }
func (*RepositoryEvent) pulled() bool            { return false }

// Pattern is the event pattern of the changes. Source: "Monitoring CodeCommit events in Amazon EventBridge",
// https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
func (r *RepositoryEvent) Pattern() map[string]any {
	detail := map[string]any{}
	var events []any
	for _, e := range r.Events {
		events = append(events, "reference"+strings.ToUpper(e[:1])+e[1:])
	}
	detail["event"] = events
	if len(r.Branches) > 0 {
		var names []any
		for _, b := range r.Branches {
			if strings.Contains(b, "*") {
				names = append(names, map[string]any{"wildcard": b})
			} else {
				names = append(names, b)
			}
		}
		detail["referenceType"], detail["referenceName"] = []any{"branch"}, names
	}
	return map[string]any{
		"source": []any{"aws.codecommit"}, "detail-type": []any{"CodeCommit Repository State Change"},
		"resources": []any{r.Repository.ARN}, "detail": detail,
	}
}

// referenceEvents are all changes of branches and tags.
func referenceEvents() []string { return []string{"created", "updated", "deleted"} }

func repositoryKind() sourceKind {
	return sourceKind{what: "a CodeCommit repository", service: "codecommit", types: []string{"AWS::CodeCommit::Repository"}, attribute: "Arn", form: "<name>", here: true}
}

// repositoryEvent decodes a repository as a source.
func (d *decoder) repositoryEvent(n *node) *RepositoryEvent {
	r := &RepositoryEvent{
		Repository: d.sourceOf(long(n, "repository"), repositoryKind()),
		Branches:   d.texts(option(n, "branches")),
		Events:     d.texts(option(n, "events")),
	}
	if len(r.Events) == 0 {
		r.Events = referenceEvents()
	}
	return r
}
