// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// calls checks every intrinsic function in a tree that is one call or literal:
// what each is given, and that it may stand there. In a patch, null deletes and
// the functions of the Conditions section may stand.
func (d *decoder) calls(n *node, patch bool) {
	if n.kind == null && !patch && !n.faulty {
		d.fault(n, diag.NullInTemplate, "has no value, and a template must not hold null", `write "" for empty text, or remove the key`)
		return
	}
	s, inner, ok := intrinsicOf(n)
	if !ok {
		d.callsIn(n, patch)
		return
	}
	switch {
	case n.within():
	case s.logical && !patch:
		d.fault(n, diag.ConditionFunction, s.tag()+" gives true or false, which only conditions take", "use !If with the name of a condition")
	case s.name == "Fn::GetAtt" && inner.kind == text:
		d.fault(n, diag.IntrinsicArgument, fmt.Sprintf("%s takes %s", s.tag(), s.takes), attributeHint(inner.written))
	case !s.accepts(inner):
		d.fault(n, diag.IntrinsicArgument, fmt.Sprintf("%s takes %s", s.tag(), s.takes), "")
	case s.name == "Fn::Sub" || s.name == "Ref":
		d.callText(n, s, inner)
	}
	d.callsIn(inner, patch)
}

// callsIn checks the calls in the parts of a list or map.
func (d *decoder) callsIn(n *node, patch bool) {
	for _, part := range n.children() {
		d.calls(part, patch)
	}
}

// callText checks what !Ref and !Sub have in their text.
func (d *decoder) callText(n *node, s shape, inner *node) {
	format := inner
	if inner.kind == list {
		format = inner.items[0]
		if inner.items[1].kind != object {
			d.fault(n, diag.IntrinsicArgument, fmt.Sprintf("%s takes %s", s.tag(), s.takes), "")
			return
		}
	}
	switch {
	case format.kind != text && format.kind != number && format.kind != boolean:
		d.fault(n, diag.IntrinsicArgument, fmt.Sprintf("%s takes %s", s.tag(), s.takes), "")
	case s.name == "Ref" && strings.TrimSpace(format.written) == "":
		d.fault(n, diag.IntrinsicArgument, "!Ref takes "+s.takes, "")
	case s.name == "Fn::Sub":
		if open := unclosed(format.written); open != "" {
			d.fault(n, diag.UnclosedVariable, fmt.Sprintf("%q in !Sub is not closed", shorten(open)), "close it with }, or write ${!name} for the text ${name}")
		}
	}
}

// unclosed is the first ${ of a text that has no }, with what follows it.
func unclosed(format string) string {
	i := strings.LastIndex(format, "${")
	if i < 0 || strings.Contains(format[i:], "}") {
		return ""
	}
	return format[i:]
}

// attributeHint shows how !GetAtt is written for what lacks an attribute.
func attributeHint(written string) string {
	id := strings.TrimRight(written, ".")
	if id == "" || strings.Contains(id, ".") {
		id = "Table"
	}
	return "write !GetAtt " + id + ".Arn"
}
