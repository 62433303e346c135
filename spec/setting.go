// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// Defaults of Lambda. Source: CreateFunction, Lambda API reference.
const (
	DefaultEphemeralStorageMB = 512
	DefaultRecursiveLoop      = "Terminate"
	DefaultAlias              = "live" // where a key takes an alias and none is named
	maxLayers                 = 5
)

// setup decodes the settings that only some functions have, over the defaults.
func (d *decoder) setup(f *Function, n *node, base Function) {
	f.EphemeralStorageMB = or(or(f.EphemeralStorageMB, base.EphemeralStorageMB), DefaultEphemeralStorageMB)
	f.Tracing = d.flag(n.field("tracing"), base.Tracing)
	if f.Layers == nil {
		f.Layers = base.Layers
	}
	if f.VPC == nil {
		f.VPC = base.VPC
	}
	if f.KMSKey.ARN == nil {
		f.KMSKey = base.KMSKey
	}
	f.FileSystem = d.fileSystem(n.field("fileSystem"), f.VPC != nil)
	f.RecursiveLoop = DefaultRecursiveLoop
	if d.literal(n.field("recursiveLoop")) == "allow" {
		f.RecursiveLoop = "Allow"
	}
	if reserved := n.field("reservedConcurrency"); usable(reserved) {
		f.ReservedConcurrency = new(whole(reserved.json()))
	}
	f.ProvisionedConcurrency = d.number(n.field("provisionedConcurrency"), 0)
	f.Rollout = d.rollout(n.field("rollout"))
	f.Alias = d.alias(n.field("alias"))
	if f.Alias == "" && (f.Rollout != nil || f.ProvisionedConcurrency > 0) {
		f.Alias = DefaultAlias
	}
	if reserved := f.ReservedConcurrency; reserved != nil && f.ProvisionedConcurrency > *reserved {
		d.fault(n.field("provisionedConcurrency"), diag.FunctionSetting,
			"is more than the "+strconv.Itoa(*reserved)+" of reservedConcurrency", "raise reservedConcurrency, or leave it out")
	}
}

// alias decodes the name of an alias, "" for none.
func (d *decoder) alias(n *node) string {
	name := d.literal(n)
	if _, err := strconv.Atoi(name); name != "" && err == nil {
		d.fault(n, diag.FunctionSetting, n.quote()+" is the form of a version, not of an alias", "write alias: live")
		return ""
	}
	return name
}

// layers decodes versions of layers; nil if they are not given.
func (d *decoder) layers(n *node) []Source {
	if !usable(n) {
		return nil
	}
	kind := sourceKind{what: "a version of a layer", service: "lambda", types: []string{"AWS::Lambda::LayerVersion"}, form: "layer:<name>:<version>", here: true}
	all := []Source{}
	for _, item := range n.items {
		if !usable(item) {
			continue
		}
		layer := d.sourceOf(item, kind)
		if text, ok := layer.ARN.(string); ok && strings.Count(text, ":") != 7 {
			d.fault(item, diag.SourceKind, item.quote()+" is not the ARN of a version of a layer", "it ends in :layer:<name>:<version>")
			continue
		}
		if !item.faulty {
			all = append(all, layer)
		}
	}
	return all
}

// vpc decodes the network of a function; nil if it is not given.
func (d *decoder) vpc(n *node) *VPC {
	if !usable(n) {
		return nil
	}
	return &VPC{
		SubnetIDs:        d.listOrCall(n.field("subnetIds")),
		SecurityGroupIDs: d.listOrCall(n.field("securityGroupIds")),
		IPv6:             d.flag(n.field("ipv6"), false),
	}
}

// listOrCall is a list of text and intrinsics, or an intrinsic that gives one.
func (d *decoder) listOrCall(n *node) any {
	if usable(n) && n.kind == object {
		return d.scalarOrCall(n)
	}
	return d.valuesOf(n)
}

// kmsKey decodes the key of the environment variables.
func (d *decoder) kmsKey(n *node) Source {
	return d.sourceOf(n, kmsKeyKind().inRegion())
}

// fileSystem decodes a mounted file system. It is reached through the VPC.
func (d *decoder) fileSystem(n *node, inVPC bool) *FileSystem {
	if !usable(n) {
		return nil
	}
	if !inVPC {
		d.fault(n, diag.FunctionSetting, "takes a VPC: the file system is reached through it", "add vpc with the subnets that have a mount target")
		return nil
	}
	return &FileSystem{
		AccessPoint: d.sourceOf(n.field("accessPoint"), sourceKind{
			what: "an EFS access point", service: "elasticfilesystem", types: []string{"AWS::EFS::AccessPoint"}, attribute: "Arn",
			form: "access-point/<id>", here: true,
		}),
		Path:     d.literal(n.field("path")),
		ReadOnly: d.flag(n.field("readOnly"), false),
	}
}

// rollout decodes how an alias moves; nil if it moves at once.
func (d *decoder) rollout(n *node) *Rollout {
	if !usable(n) {
		return nil
	}
	r := &Rollout{Before: d.literal(n.field("before")), After: d.literal(n.field("after"))}
	if name := d.literal(n.field("type")); name != "" {
		r.Type = strings.ToUpper(name[:1]) + name[1:]
	}
	if alarms := n.field("alarms"); usable(alarms) {
		for _, item := range alarms.items {
			if usable(item) {
				r.Alarms = append(r.Alarms, d.alarm(item))
			}
		}
	}
	for _, hook := range []string{"before", "after"} {
		d.functionNamed(n.field(hook))
	}
	return r
}

// alarm decodes the name of an alarm: a logical id stands for the alarm of the
// stack.
func (d *decoder) alarm(n *node) any {
	if n.kind == object {
		return d.scalarOrCall(n)
	}
	kind, ok := d.resourceType(n.written)
	switch {
	case !ok && d.builtinAlarm(n.written):
	case !ok:
		return n.written
	case !slices.Contains(alarmTypes(), kind):
		d.fault(n, diag.SourceKind, n.written+" is "+kind+", not a CloudWatch alarm", "name one of resources that is "+strings.Join(alarmTypes(), " or ")+", or the name of an alarm that exists")
		return nil
	}
	return map[string]any{"Ref": n.written}
}

// builtinAlarm reports whether a logical id is that of an alarm that the
// built-in decorator adds.
func (d *decoder) builtinAlarm(id string) bool {
	used := d.root.field("decorators")
	if used == nil || !slices.ContainsFunc(used.items, func(n *node) bool { return n.field("use") != nil }) {
		return false
	}
	for _, f := range d.root.field("functions").fieldsOf() {
		for _, kind := range []string{"Errors", "Throttles", "Duration"} {
			if id == AlarmID(f.key, kind) {
				return true
			}
		}
	}
	return false
}

// functionNamed checks that a value is the name of a function of the service.
func (d *decoder) functionNamed(n *node) {
	if !usable(n) {
		return
	}
	functions := d.root.field("functions")
	if functions.field(n.written) != nil {
		return
	}
	var names []string
	for _, f := range functions.fieldsOf() {
		names = append(names, f.key)
	}
	hint := "functions of this service: " + strings.Join(names, ", ")
	if near := nearest(n.written, names); near != "" {
		hint = didYouMean(near)
	}
	d.fault(n, diag.UnknownFunction, "there is no function "+n.quote(), hint)
}
