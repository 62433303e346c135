// SPDX-License-Identifier: MIT

package cfn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// CloudFormation's quotas ("Understand CloudFormation quotas", user guide).
const (
	maxResources   = 500
	maxOutputs     = 200
	maxParameters  = 200
	maxMappings    = 200
	maxDescription = 1024      // bytes
	maxTemplate    = 1_000_000 // bytes, through TemplateURL
	maxIDLength    = 255
)

// Check returns what CloudFormation would refuse before it makes anything:
// malformed names and types, references to what is not there, circular
// dependencies, exceeded quotas, outputs without a value, null values. Each
// problem has the position of the part's origin, and names the decorator that
// wrote it if one did. Where the template has a Transform, references are not
// checked, since a macro may add what they name.
func (d *Document) Check() diag.List {
	c := &check{d: d, t: d.Template}
	if c.t == nil {
		c.t = &Template{}
	}
	c.quotas()
	for _, id := range sortedKeys(c.t.Resources) {
		c.resource(id, c.t.Resources[id])
	}
	for _, name := range sortedKeys(c.t.Outputs) {
		c.output(name, c.t.Outputs[name])
	}
	c.names()
	c.values()
	c.references()
	c.circles()
	return c.list
}

type check struct {
	d    *Document
	t    *Template
	list diag.List
}

// add reports a problem at a path with the place of who wrote it.
func (c *check) add(path []string, hint, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	origin, ok := c.d.Writer(path...)
	if ok && origin.Position.IsZero() && origin.By != "" {
		message += " (written by " + origin.By + ")"
	}
	c.list.Add(diag.Problem{Position: origin.Position, Path: dotted(path), Code: diag.TemplateRule, Message: message, Hint: hint})
}

func (c *check) quotas() {
	if len(c.t.Resources) == 0 {
		c.add([]string{"Resources"}, "", "%v", errEmpty)
	}
	for _, q := range []struct {
		section   string
		got, most int
	}{
		{"Resources", len(c.t.Resources), maxResources},
		{"Outputs", len(c.t.Outputs), maxOutputs},
		{"Parameters", len(c.t.Parameters), maxParameters},
		{"Mappings", len(c.t.Mappings), maxMappings},
	} {
		if q.got > q.most {
			c.add([]string{q.section}, "split the service", "%d entries where CloudFormation takes %d", q.got, q.most)
		}
	}
	if n := len(c.t.Description); n > maxDescription {
		c.add([]string{"Description"}, "", "%d bytes where CloudFormation takes %d", n, maxDescription)
	}
}

func (c *check) resource(id string, r *Resource) {
	path := []string{"Resources", id}
	if r == nil {
		c.add(path, "", "empty")
		return
	}
	c.logicalID(path, id)
	c.resourceType(append(path, "Type"), r.Type)
	c.oneOf(append(path, "DeletionPolicy"), r.DeletionPolicy, "Delete", "Retain", "RetainExceptOnCreate", "Snapshot")
	c.oneOf(append(path, "UpdateReplacePolicy"), r.UpdateReplacePolicy, "Delete", "Retain", "Snapshot")
	for i, need := range r.DependsOn {
		if need == id {
			c.add(append(path, "DependsOn", strconv.Itoa(i)), "", "%s depends on itself", id)
		}
	}
}

func (c *check) logicalID(path []string, id string) {
	if !alphanumeric(id) || len(id) > maxIDLength {
		c.add(path, "", "logical id %q: only 1 to %d letters and digits are allowed", id, maxIDLength)
	}
}

func (c *check) resourceType(path []string, name string) {
	switch custom, isCustom := strings.CutPrefix(name, "Custom::"); {
	case name == "":
		c.add(path, "such as AWS::S3::Bucket", "missing")
	case isCustom && (custom == "" || len(name) > 60 || strings.Trim(custom, customTypeCharacters) != ""):
		c.add(path, "", "%q: a custom type has at most 60 letters, digits and _@-", name)
	case !isCustom && !typeForm(name):
		c.add(path, "such as AWS::S3::Bucket", "%q is no resource type", name)
	}
}

const customTypeCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@-"

func typeForm(name string) bool {
	parts := strings.Split(name, "::")
	for _, part := range parts {
		if !alphanumeric(part) {
			return false
		}
	}
	return len(parts) >= 3
}

func alphanumeric(s string) bool {
	for _, r := range s {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') {
			return false
		}
	}
	return s != ""
}

func (c *check) oneOf(path []string, value string, allowed ...string) {
	if value == "" {
		return
	}
	if slices.Contains(allowed, value) {
		return
	}
	c.add(path, didYouMean(value, allowed), "%q is none of %s", value, strings.Join(allowed, ", "))
}

func (c *check) output(name string, o *Output) {
	path := []string{"Outputs", name}
	if o == nil || o.Value == nil {
		c.add(path, "", "an output needs a Value")
		return
	}
	c.logicalID(path, name)
	if n := len(o.Description); n > maxDescription {
		c.add(append(path, "Description"), "", "%d bytes where CloudFormation takes %d", n, maxDescription)
	}
	if o.Export == nil {
		return
	}
	if export, ok := o.Export.(map[string]any); !ok || len(export) != 1 || export["Name"] == nil {
		c.add(append(path, "Export"), "", `must be an object with the single key "Name"`)
	}
}

// names checks the names of the other sections' entries.
func (c *check) names() {
	for section, entries := range map[string]map[string]any{
		"Conditions": c.t.Conditions, "Mappings": c.t.Mappings, "Parameters": c.t.Parameters,
	} {
		for _, name := range sortedKeys(entries) {
			path := []string{section, name}
			c.logicalID(path, name)
			if _, taken := c.t.Resources[name]; taken && section == "Parameters" {
				c.add(path, "", "%q names a resource, too", name)
			}
		}
	}
}
