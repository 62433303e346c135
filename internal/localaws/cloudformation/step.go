// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"errors"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/forward"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// action is what has to be done with a resource.
type action int

const (
	keep     action = iota // nothing
	create                 // make it
	recreate               // delete what a failed attempt left, then make it
	update                 // change it in place
	replace                // make a new one; the cleanup deletes the old one
)

// step is the work on one resource.
type step struct {
	id         string
	kind       action
	definition definition
	model      resource.Type
	properties map[string]any
	policy     map[string]any // the update policy
	record     *record        // the resource as it was; nil if it is new
	old        resource.Instance
	request    resource.Request
	leftover   resource.Request // for the deletion of what a failed attempt left
}

// begin tells that a step is under way.
func (d *deployment) begin(next *step) {
	r, definition := next.record, next.definition
	if r == nil || next.kind == create {
		r = &record{LogicalID: next.id, Type: definition.typeName, Fresh: true}
		d.st.Resources[next.id] = r
		next.record = r
	}
	next.old = r.instance()
	base := r.Properties
	if r.Attempted != nil {
		base = r.Attempted
	}
	switch next.kind {
	case create:
		next.request = d.st.request(next.id, definition.typeName, next.properties, nil, d.m.Tags)
		d.s.setRecord(d.st, d.op, r, "CREATE_IN_PROGRESS", "")
	case recreate:
		next.request = d.st.request(next.id, definition.typeName, next.properties, nil, d.m.Tags)
		next.leftover = d.st.request(next.id, r.Type, base, nil, d.m.Tags)
		d.s.setRecord(d.st, d.op, r, "CREATE_IN_PROGRESS", "")
	case replace:
		next.request = d.st.request(next.id, definition.typeName, next.properties, nil, d.m.Tags)
		d.s.setRecord(d.st, d.op, r, "UPDATE_IN_PROGRESS", "Requested update requires the creation of a new physical resource; hence creating one.")
	default:
		next.request = d.st.request(next.id, definition.typeName, next.properties, base, d.m.Tags)
		next.request.UpdatePolicy = next.policy
		r.Attempted = next.properties
		d.s.setRecord(d.st, d.op, r, "UPDATE_IN_PROGRESS", "")
	}
}

// permit returns an error unless the operation may do the step. A creation that
// may not be made leaves nothing.
func (d *deployment) permit(next *step) error {
	if next.kind == update {
		return d.s.permit(d.op, d.m.RoleARN, forward.Update, next.request, next.old.PhysicalID)
	}
	if next.kind == recreate {
		if err := d.s.permit(d.op, d.m.RoleARN, forward.Delete, next.leftover, next.old.PhysicalID); err != nil {
			return err
		}
	}
	return d.s.permit(d.op, d.m.RoleARN, forward.Create, next.request, "")
}

// call does the work, without any lock.
func (next *step) call(ctx context.Context) (resource.Instance, error) {
	switch next.kind {
	case update:
		return next.model.Update(ctx, next.old, next.request)
	case recreate:
		if err := next.model.Delete(ctx, next.old, next.leftover); err != nil {
			return next.old, err
		}
	}
	return next.model.Create(ctx, next.request)
}

// finish keeps the outcome of a step and tells of it.
func (d *deployment) finish(ctx context.Context, next *step, instance resource.Instance, err error) error {
	late := d.inFlight[next.id] == nil // told to be cancelled already
	delete(d.inFlight, next.id)
	if err != nil || late {
		d.keepFailed(next, instance, err)
		if late {
			return errSibling
		}
		reason := message(err)
		if ctx.Err() != nil {
			reason = next.cancelReason()
		}
		return d.fail(next, reason)
	}
	d.succeed(next, instance)
	return nil
}

// keepFailed keeps what a failed or cancelled step may have left behind.
func (d *deployment) keepFailed(next *step, instance resource.Instance, err error) {
	r := next.record
	switch next.kind {
	case create, recreate:
		r.PhysicalID = instance.PhysicalID
		r.Properties = next.properties
		r.Needs = d.m.needs[next.id]
		r.DeletionPolicy = next.definition.deletionPolicy
	case replace:
		if instance.PhysicalID != "" && instance.PhysicalID != r.PhysicalID {
			d.discard(&record{
				LogicalID: next.id, Type: r.Type, PhysicalID: instance.PhysicalID, Attributes: instance.Attributes,
				Properties: next.properties, Needs: d.m.needs[next.id],
			})
		}
	case update:
		if err == nil && instance.PhysicalID != "" && instance.PhysicalID != r.PhysicalID {
			d.discard(former(r))
			r.PhysicalID = instance.PhysicalID
		}
	}
	d.s.changed()
}

// fail tells of a failed step. Unless independent resources are carried on
// with, it cancels every other step under way. A forced rollback gives up on the
// resource instead, which is no failure.
func (d *deployment) fail(next *step, reason string) error {
	d.failed(next, reason)
	if d.op.skipFailed {
		next.record.Attempted = nil
		d.created, d.updated = nil, nil
		d.s.setRecord(d.st, d.op, next.record, "UPDATE_COMPLETE", "")
		return nil
	}
	failure := errors.New(reason)
	if d.carryOn || d.cancelled {
		return failure
	}
	d.cancelled = true
	for _, id := range sortedKeys(d.inFlight) {
		d.failed(d.inFlight[id], d.inFlight[id].cancelReason())
	}
	clear(d.inFlight)
	d.cancel(errSibling)
	return failure
}

func (d *deployment) failed(next *step, reason string) {
	status := "CREATE_FAILED"
	if next.kind == update || next.kind == replace {
		status = "UPDATE_FAILED"
		d.updated = append(d.updated, next.id)
	} else {
		d.created = append(d.created, next.id)
	}
	d.s.setRecord(d.st, d.op, next.record, status, reason)
}

func (next *step) cancelReason() string {
	if next.kind == update || next.kind == replace {
		return "Resource update cancelled"
	}
	return "Resource creation cancelled"
}

// succeed keeps the outcome of a step that did what it should.
func (d *deployment) succeed(next *step, instance resource.Instance) {
	r := next.record
	status, verb := "CREATE_COMPLETE", "CREATE_IN_PROGRESS"
	switch {
	case next.kind == replace:
		old := former(r)
		old.Replaced = true
		d.discard(old)
		status, verb = "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS"
	case next.kind == update:
		status = "UPDATE_COMPLETE"
		if instance.PhysicalID != r.PhysicalID {
			d.discard(former(r))
		}
	}
	r.store(instance, next.properties)
	d.reclaim(r)
	d.adopt(r, next.definition)
	if next.kind != update {
		d.s.tell(d.st, d.op, r, verb, "Resource creation Initiated")
	}
	d.s.setRecord(d.st, d.op, r, status, "")
}

// former returns a copy of a record that stands for its present instance.
func former(r *record) *record {
	old := *r
	old.Attempted = nil
	return &old
}

// discard leaves an instance to the cleanup.
func (d *deployment) discard(r *record) { d.st.Garbage = append(d.st.Garbage, r) }

// reclaim takes an instance that is in use again off the cleanup.
func (d *deployment) reclaim(r *record) {
	d.st.Garbage = slices.DeleteFunc(d.st.Garbage, func(old *record) bool {
		return old.LogicalID == r.LogicalID && old.Type == r.Type && old.PhysicalID == r.PhysicalID
	})
}

// bringBack makes the instance that an update replaced the live one again, and
// leaves the one that replaced it to the cleanup.
func (d *deployment) bringBack(id string) {
	at := slices.IndexFunc(d.st.Garbage, func(old *record) bool { return old.LogicalID == id && old.Replaced })
	if at < 0 {
		return
	}
	old := d.st.Garbage[at]
	d.st.Garbage = slices.Delete(d.st.Garbage, at, at+1)
	if now := d.st.Resources[id]; now != nil && now.exists() {
		d.discard(former(now))
	}
	old.Replaced, old.Status = false, "UPDATE_FAILED" // prepare tells that it is complete again
	d.st.Resources[id] = old
	d.s.tell(d.st, d.op, old, "UPDATE_IN_PROGRESS", "")
}
