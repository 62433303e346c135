// SPDX-License-Identifier: MIT

package stage

import (
	_ "embed"
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
	case r.Type == "AWS::S3::Bucket":
		name = strings.ToLower(name)
	}
	if r.Type == "AWS::SSM::Parameter" {
		name = strings.TrimPrefix(name, "/") // the ARN has the slash already
	}
	return at.arn(strings.NewReplacer("{service}", stem, "{lower}", strings.ToLower(stem), "{name}", name).Replace(h.resource))
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
