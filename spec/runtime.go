// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// The values that a function has if the file says nothing.
const (
	DefaultRuntime       = "nodejs24.x"
	DefaultArchitecture  = "arm64"
	DefaultMemoryMB      = 128
	DefaultTimeout       = 3 // seconds
	DefaultRetentionDays = 14
)

// lifecycle is how AWS stands to a runtime.
type lifecycle struct {
	runtime string
	stage   stage
	since   string // date of the stage; may be empty
}

type stage int

const (
	current stage = iota
	preview
	deprecated
	gone // functions cannot be created with it
)

// lifecycles are the runtimes that a Go service can use. AWS moves the dates
// often, so a runtime that is not here but is named like one of them passes.
// Source: "Lambda runtimes" and "Building Lambda functions with Go",
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html,
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-golang.html
func lifecycles() []lifecycle {
	return []lifecycle{
		{"nodejs26.x", preview, "2026-07-30"},
		{"nodejs24.x", current, ""},
		{"nodejs22.x", current, ""},
		{"nodejs20.x", deprecated, "2026-04-30"},
		{"provided.al2023", current, ""},
		{"provided.al2", deprecated, "2026-07-31"},
		{"provided", gone, "2024-01-08"},
		{"go1.x", gone, "2024-01-08"},
	}
}

// oldestNode is the first NodeJS that has not been deprecated for long.
const oldestNode = 20

var (
	nodeRuntime     = regexp.MustCompile(`^nodejs([0-9]{1,3})\.x$`)
	providedRuntime = regexp.MustCompile(`^provided\.[a-z0-9]+$`)
	foreignRuntime  = regexp.MustCompile(`^(python|ruby|java|dotnet(core)?)[0-9]+(\.[a-z0-9]+)*$`)
)

// runtime decodes and checks the identifier of a runtime.
func (d *decoder) runtime(n *node) string {
	id := d.literal(n)
	if id == "" {
		return ""
	}
	for _, l := range lifecycles() {
		if l.runtime == id {
			return d.judge(n, l)
		}
	}
	node := nodeRuntime.FindStringSubmatch(id)
	switch {
	case node != nil:
		if version, _ := strconv.Atoi(node[1]); version < oldestNode {
			d.warn(n, diag.RuntimeDeprecated, n.show()+" is deprecated", "use "+DefaultRuntime)
		}
		return id
	case providedRuntime.MatchString(id):
		return id
	case foreignRuntime.MatchString(id):
		d.fault(n, diag.RuntimeForeign, n.show()+" runs no Go", "use nodejs24.x, with the shim, or provided.al2023, without it")
		return ""
	}
	d.fault(n, diag.RuntimeUnknown, n.quote()+" is no runtime of Lambda", nearestRuntime(id))
	return ""
}

// judge says what is to be said of a runtime that is known.
func (d *decoder) judge(n *node, l lifecycle) string {
	instead := "use provided.al2023"
	if strings.HasPrefix(l.runtime, "nodejs") {
		instead = "use " + DefaultRuntime
	}
	switch l.stage {
	case preview:
		d.warn(n, diag.RuntimePreview, fmt.Sprintf("%s is a preview since %s: AWS does not support it yet", l.runtime, l.since), instead)
	case deprecated:
		d.warn(n, diag.RuntimeDeprecated, fmt.Sprintf("%s is deprecated since %s", l.runtime, l.since), instead)
	case gone:
		d.fault(n, diag.RuntimeWithdrawn, fmt.Sprintf("%s was withdrawn on %s", l.runtime, l.since), instead)
		return ""
	}
	return l.runtime
}

// nearestRuntime suggests a runtime that can be used.
func nearestRuntime(id string) string {
	var names []string
	for _, l := range lifecycles() {
		if l.stage == current {
			names = append(names, l.runtime)
		}
	}
	if near := nearest(id, names); near != "" {
		return didYouMean(near)
	}
	return "use one of " + strings.Join(names, ", ")
}

// architecture decodes an architecture.
func (d *decoder) architecture(n *node) string {
	if a := d.literal(n); a != "amd64" {
		return a
	}
	return "x86_64"
}
