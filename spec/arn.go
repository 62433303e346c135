// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// hole stands for what only the stack knows in an ARN that is written with
// Fn::Sub.
const hole = "\x00"

var (
	partitionName = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	regionName    = regexp.MustCompile(`^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$`)
	plainName     = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// partitions are the partitions of regions by what the regions begin with; all
// others are in aws. Source: "Amazon Resource Names (ARNs)",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func partitions() [][2]string {
	return [][2]string{
		{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"},
		{"us-isof-", "aws-iso-f"}, {"eu-isoe-", "aws-iso-e"}, {"eusc-", "aws-eusc"},
	}
}

// writtenARN is the ARN that a value is, with holes where intrinsic functions
// stand in it; "" if the value does not begin as one.
func writtenARN(n *node) string {
	written := n.written
	if s, inner, ok := intrinsicOf(n); ok && s.name == "Fn::Sub" {
		format := inner
		if inner.kind == list && len(inner.items) > 0 {
			format = inner.items[0]
		}
		written = withHoles(format.written)
	}
	if !strings.HasPrefix(written, "arn:") {
		return ""
	}
	return written
}

// withHoles is a text of Fn::Sub with a hole for each variable.
func withHoles(format string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(format, "${")
		b.WriteString(before)
		_, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			return b.String()
		}
		b.WriteString(hole)
		format = rest
	}
}

// arn checks an ARN that is written out, with or without intrinsic functions in
// it, part by part. It reports false if it is not the ARN of what k is.
func (d *decoder) arn(n *node, k sourceKind) bool {
	written := writtenARN(n)
	if written == "" || k.service == "" {
		return true
	}
	part, value, why := arnFault(written, k)
	if part == "" {
		d.locate(n, k, written)
		return true
	}
	code, shown := diag.ARNPart, ""
	if part == "its service" {
		code = diag.SourceKind
	}
	if value != "" && !n.masked && !strings.Contains(value, hole) {
		shown = " " + shorten(value)
	}
	message := fmt.Sprintf("is not the ARN of %s: %s%s %s", k.what, part, shown, why)
	if n.kind == text {
		message = n.quote() + " " + message
	}
	d.fault(n, code, message, "it is "+k.arnForm())
	return false
}

// arnFault names the part of an ARN that is wrong and says why; "" if none is.
func arnFault(written string, k sourceKind) (part, value, why string) {
	if k.wild {
		written = strings.ReplaceAll(written, "*", hole)
	}
	parts := strings.SplitN(written, ":", 6)
	open := func(i int) bool { return strings.Contains(parts[i], hole) }
	switch {
	case len(parts) > 2 && !open(2) && parts[2] != k.service:
		return "its service", parts[2], "should be " + k.service
	case len(parts) < 6 && strings.Contains(written, hole):
		return "", "", "" // what is in a hole may have colons
	case len(parts) < 6:
		return "it", "", fmt.Sprintf("has %d parts between colons, not 6", len(parts))
	case !open(1) && !partitionName.MatchString(parts[1]):
		return "its partition", parts[1], "should be aws, aws-cn, aws-us-gov or another of AWS's"
	case k.global && parts[3]+parts[4] != "":
		return "its region and account", parts[3] + ":" + parts[4], "should be empty"
	case k.global:
		return k.resourceFault(parts[5])
	case !open(3) && !regionName.MatchString(parts[3]):
		return "its region", parts[3], "should be one such as eu-west-1"
	case !open(1) && !open(3) && partitionOf(parts[3]) != parts[1]:
		return "its partition", parts[1], "should be " + partitionOf(parts[3]) + ", that of " + parts[3]
	case !open(4) && !accountID.MatchString(parts[4]):
		return "its account", parts[4], "should be twelve digits"
	}
	return k.resourceFault(parts[5])
}

// partitionOf is the partition that a region is in.
func partitionOf(region string) string {
	for _, p := range partitions() {
		if strings.HasPrefix(region, p[0]) {
			return p[1]
		}
	}
	return "aws"
}

// resourceFault checks the last part of an ARN.
func (k sourceKind) resourceFault(resource string) (part, value, why string) {
	begin, _, _ := strings.Cut(k.form, "<")
	known, _, open := strings.Cut(resource, hole)
	name, fifo := strings.CutSuffix(resource, ".fifo")
	switch {
	case resource == "":
		return "its last part", "", "is empty"
	case open && strings.HasPrefix(begin, known):
	case !strings.HasPrefix(resource, begin):
		return "its last part", resource, "should begin with " + begin
	case resource == begin:
		return "its last part", resource, "should have a name behind " + begin
	case !k.ordered || open || plainName.MatchString(name):
	case !fifo && strings.Contains(name, "."):
		return "its name", resource, "should have no dot but that of .fifo at its end"
	default:
		return "its name", resource, "should have letters, digits, - and _ only, and .fifo at the end if it is FIFO"
	}
	return "", "", ""
}

// arnForm shows the ARN of a kind of resource.
func (k sourceKind) arnForm() string {
	form := or(k.form, "<name>")
	if k.global {
		return "arn:aws:" + k.service + ":::" + form
	}
	return "arn:aws:" + k.service + ":<region>:<account>:" + form
}
