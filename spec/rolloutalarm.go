// SPDX-License-Identifier: MIT

package spec

import (
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/diag"
)

// rolloutAlarms checks the alarms of rollouts against those of the stack. What
// is none of these is the name of an alarm that exists already, unless it looks
// like one of them: a rollout whose alarm is not there is rolled back.
func (d *decoder) rolloutAlarms(s *Service) {
	added := s.alarmIDs()
	slices.Sort(added)
	known := slices.Clone(added)
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		if kind, _ := d.resourceType(id); slices.Contains(alarmTypes(), kind) {
			known = append(known, id)
		}
	}
	for _, f := range d.root.field("functions").fieldsOf() {
		alarms := f.field("rollout").field("alarms")
		if !usable(alarms) {
			continue
		}
		for _, item := range alarms.items {
			if _, ok := d.resourceType(item.written); usable(item) && item.kind == text && !ok && !slices.Contains(added, item.written) {
				d.foreignAlarm(item, known)
			}
		}
	}
}

// foreignAlarm checks the name of an alarm that the stack does not have.
func (d *decoder) foreignAlarm(n *node, known []string) {
	if d.builtinAlarm(n.written) {
		hint := "change `with` of the decorator, or leave the alarm out"
		if len(known) > 0 {
			hint = didYouMean(or(nearest(n.written, known), known[0]))
		}
		d.fault(n, diag.UnknownResource, "no decorator adds the alarm "+n.written, hint)
		return
	}
	near := nearest(n.written, known)
	if slices.Contains(known, n.written+"Alarm") {
		near = n.written + "Alarm"
	}
	if near != "" {
		d.warn(n, diag.UnknownResource, "the stack has no alarm "+n.written+": CloudWatch must have it already", didYouMean(near))
	}
}

// alarmTypes are the types of resources that are alarms.
func alarmTypes() []string {
	return []string{"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
}
