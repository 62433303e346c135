// SPDX-License-Identifier: MIT

package spec

// resources takes the raw CloudFormation resources over as they are.
func (d *decoder) resources(s *Service) {
	n := d.root.field("resources")
	if !usable(n) || len(n.fields) == 0 {
		return
	}
	s.Resources = make(map[string]any, len(n.fields))
	for _, f := range n.fields {
		if !usable(f) {
			continue
		}
		for _, attribute := range f.fields {
			if usable(attribute) {
				d.callsIn(attribute, false)
			}
		}
		s.Resources[f.key] = f.value()
	}
}

// outputs takes the outputs over in the form of CloudFormation.
func (d *decoder) outputs(s *Service) {
	n := d.root.field("outputs")
	if !usable(n) || len(n.fields) == 0 {
		return
	}
	s.Outputs = make(map[string]any, len(n.fields))
	for _, f := range n.fields {
		if usable(f) {
			s.Outputs[f.key] = d.output(f)
		}
	}
}

func (d *decoder) output(n *node) map[string]any {
	_, _, call := intrinsicOf(n)
	if n.kind != object || call {
		return map[string]any{"Value": d.scalarOrCall(n)}
	}
	out := map[string]any{}
	if value := n.field("value"); usable(value) {
		out["Value"] = d.scalarOrCall(value)
	}
	if description := d.literal(n.field("description")); description != "" {
		out["Description"] = description
	}
	if export := n.field("export"); usable(export) {
		out["Export"] = map[string]any{"Name": d.scalarOrCall(export)}
	}
	return out
}
