// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// deployment makes the resources of a stack what a model says. Its fields below
// the line are guarded by Service.mu.
type deployment struct {
	s        *Service
	st       *stack
	op       *operation
	m        *model
	rollback bool // goes back to the stable revision
	carryOn  bool // resources that do not need a failed one are still made
	retag    bool // the stack's tags differ from those the resources have
	cancel   context.CancelCauseFunc
	// ---
	cancelled bool
	inFlight  map[string]*step
	created   []string // logical ids whose creation failed
	updated   []string // logical ids whose update failed
	imports   map[string]bool
	reason    string // of a failure that belongs to no resource
}

// errSibling is the cancellation cause of resources that were being made when
// another one failed.
var errSibling = errors.New("another resource failed")

// run deploys all resources of the model and reports whether that succeeded.
func (d *deployment) run(ctx context.Context) bool {
	ctx, d.cancel = context.WithCancelCause(ctx)
	defer d.cancel(nil)
	d.inFlight = map[string]*step{}
	d.imports = map[string]bool{}
	if d.invalid() {
		return false
	}
	g := graph{needs: d.m.needs, carryOn: d.carryOn}
	failed := g.run(ctx, func(id string) error { return d.visit(ctx, id) })
	if len(failed) == 0 && ctx.Err() != nil {
		d.reason = message(context.Cause(ctx))
	}
	return len(failed) == 0 && d.reason == ""
}

// invalid tells of the faults that validation finds before anything is made.
func (d *deployment) invalid() bool {
	if d.rollback {
		return false
	}
	faults := d.s.validate(d.m, !d.op.noValidation)
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	for i, f := range faults {
		if i == 0 || faults[i-1].LogicalID != f.LogicalID {
			_ = d.refuse(f.LogicalID, d.m.resources[f.LogicalID], d.st.Resources[f.LogicalID], errors.New(f.Reason))
		}
	}
	return len(faults) > 0
}

// failure describes what went wrong, for the reason of the stack's status.
func (d *deployment) failure() string {
	var parts []string
	for _, part := range []struct {
		ids []string
		did string
	}{{d.created, "create"}, {d.updated, "update"}} {
		if len(part.ids) > 0 {
			slices.Sort(part.ids)
			parts = append(parts, "The following resource(s) failed to "+part.did+": ["+strings.Join(part.ids, ", ")+"]. ")
		}
	}
	if len(parts) == 0 {
		return d.reason
	}
	return strings.Join(parts, "")
}

// visit brings one resource to its state.
func (d *deployment) visit(ctx context.Context, id string) error {
	d.s.mu.Lock()
	if d.cancelled || ctx.Err() != nil {
		d.s.mu.Unlock()
		return nil
	}
	next, err := d.prepare(id)
	d.s.mu.Unlock()
	if next == nil || err != nil {
		return err
	}
	instance, err := next.old, d.permit(next)
	if err == nil {
		instance, err = perform(ctx, next.call)
	}
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	return d.finish(ctx, next, instance, err)
}

// prepare resolves the properties of a resource, decides what has to be done
// and tells of it. It returns no step if the resource is as it should be.
func (d *deployment) prepare(id string) (*step, error) {
	definition := d.m.resources[id]
	if d.rollback {
		d.bringBack(id)
	}
	r := d.st.Resources[id]
	next, err := d.decide(id, definition, r)
	if err != nil {
		return nil, d.refuse(id, definition, r, err)
	}
	if next.kind == keep {
		d.adopt(r, definition)
		if d.rollback && (r.Status == "UPDATE_FAILED" || d.op.skip[id]) {
			d.s.setRecord(d.st, d.op, r, "UPDATE_COMPLETE", "")
		}
		return nil, nil
	}
	d.inFlight[id] = next
	d.begin(next)
	return next, nil
}

// decide compares a resource with what it should be.
func (d *deployment) decide(id string, definition definition, r *record) (*step, error) {
	t, modelled := d.s.resourceType(definition.typeName)
	if !modelled {
		return nil, notModelled(definition.typeName, id)
	}
	properties, err := d.resolver().properties(definition)
	if err != nil {
		return nil, err
	}
	policy, err := d.policyOf(definition)
	if err != nil {
		return nil, err
	}
	next := &step{id: id, definition: definition, model: t, properties: properties, policy: policy, record: r}
	switch {
	case r == nil || !r.exists():
		next.kind = create
	case r.Status == "CREATE_FAILED" || r.Status == "DELETE_FAILED":
		next.kind = recreate
	case d.op.skip[id]:
		r.Attempted, r.Properties = nil, properties
		next.kind = keep
	case r.Attempted == nil && reflect.DeepEqual(r.Properties, properties) && !(d.retag && tagged(t, properties)):
		next.kind = keep
	case r.Attempted == nil && t.Replaces(r.Properties, properties):
		next.kind = replace
		if d.op.disableRollback {
			return nil, invalidf("Replacement type updates not supported on stack with disable-rollback.")
		}
	default:
		next.kind = update
	}
	return next, nil
}

// refuse tells of a resource that cannot even be tried.
func (d *deployment) refuse(id string, definition definition, r *record, err error) error {
	next := &step{id: id, definition: definition, record: r, kind: create}
	if r != nil && r.exists() {
		next.kind = update
	}
	d.begin(next)
	return d.fail(next, message(err))
}

// resolver returns a resolver that sees the resources as they are now.
func (d *deployment) resolver() *resolver {
	r := d.m.resolver
	r.address = d.s.deps.Address
	r.ref = func(id string) (any, error) { return d.st.refOf(id) }
	r.attribute = func(id, name string) (any, error) { return d.st.attributeOf(id, name) }
	r.imported = func(name string) (any, error) {
		value, ok := d.s.export(d.st.Scope, name)
		if !ok {
			return nil, invalidf("No export named %s found", name)
		}
		if d.imports != nil {
			d.imports[name] = true
		}
		return value, nil
	}
	return &r
}

// refOf returns what Ref gives for a resource that exists.
func (st *stack) refOf(id string) (any, error) {
	r := st.Resources[id]
	if r == nil || !r.exists() {
		return nil, unresolved(id)
	}
	return r.PhysicalID, nil
}

// attributeOf returns what GetAtt gives for a resource that exists. A dotted
// name also reaches into an attribute that is an object.
func (st *stack) attributeOf(id, name string) (any, error) {
	r := st.Resources[id]
	if r == nil || !r.exists() {
		return nil, unresolved(id)
	}
	if value, ok := attribute(r.Attributes, name); ok {
		return value, nil
	}
	if isCustom(r.Type) {
		return nil, invalidf("CustomResource attribute error: Vendor response doesn't contain %s attribute in object %s|%s", name, st.ID, id)
	}
	return nil, invalidf("Template error: resource %s does not support attribute type %s in Fn::GetAtt", id, name)
}

func attribute(attributes map[string]any, name string) (any, bool) {
	if name == noEchoKey {
		return nil, false
	}
	if value, ok := attributes[name]; ok {
		return value, true
	}
	for i := range name {
		if name[i] != '.' {
			continue
		}
		if inner, ok := attributes[name[:i]].(map[string]any); ok {
			if value, ok := attribute(inner, name[i+1:]); ok {
				return value, true
			}
		}
	}
	return nil, false
}

// adopt takes what a definition says beside the properties.
func (d *deployment) adopt(r *record, definition definition) {
	r.Needs = d.m.needs[r.LogicalID]
	r.DeletionPolicy, r.UpdateReplacePolicy = definition.deletionPolicy, definition.updateReplacePolicy
	r.Metadata, r.UpdatePolicy = "", ""
	if definition.metadata != nil {
		r.Metadata = compactJSON(definition.metadata)
	}
	if definition.updatePolicy != nil {
		r.UpdatePolicy = compactJSON(definition.updatePolicy)
	}
	d.s.changed()
}

// notModelled is the fault of a resource type that AWS may know and the
// embedded AWS does not.
func notModelled(typeName, id string) error {
	for _, beyond := range []string{"AWS::EC2::", "AWS::EFS::"} {
		if strings.HasPrefix(typeName, beyond) {
			return invalidf("the embedded AWS does not model resource type %s (resource %s): it has neither networks nor file systems; "+
				"in sparta.yaml give it only to environments that run on AWS, as in environments.prod", typeName, id)
		}
	}
	return invalidf("the embedded AWS does not model resource type %s (resource %s)", typeName, id)
}

// store keeps the outcome of a successful creation or update in a record.
func (r *record) store(instance resource.Instance, properties map[string]any) {
	r.PhysicalID = instance.PhysicalID
	r.Attributes = normalized(instance.Attributes)
	r.Properties, r.Attempted = properties, nil
}
