// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// memory decodes a size in MB: 512, 512MB or "512 MB".
func (d *decoder) memory(n *node) int {
	if !usable(n) {
		return 0
	}
	if n.kind == number {
		return whole(n.json())
	}
	digits := strings.TrimSpace(strings.TrimSuffix(n.written, "MB"))
	size, err := strconv.Atoi(digits)
	if err != nil {
		size = 1 << 30 // more digits than an int has
	}
	if !d.inRange(n, size) {
		return 0
	}
	return size
}

// duration decodes whole seconds: 90, 90s or 1m30s.
func (d *decoder) duration(n *node) time.Duration {
	if !usable(n) {
		return 0
	}
	if n.kind == number {
		return seconds(whole(n.json()))
	}
	length, err := time.ParseDuration(n.written)
	switch {
	case err != nil:
		d.fault(n, diag.Quantity, n.quote()+" is longer than a duration can be", "")
		return 0
	case length%time.Second != 0:
		d.fault(n, diag.Quantity, n.show()+" is not a whole number of seconds", "")
		return 0
	case !d.inRange(n, int(length/time.Second)):
		return 0
	}
	return length
}

// inRange checks a quantity that was written as text against the limits that
// the schema has for numbers.
func (d *decoder) inRange(n *node, value int) bool {
	o := outlined()
	r := o.at(n)
	low, _ := strconv.Atoi(r.Minimum.String())
	high, err := strconv.Atoi(r.Maximum.String())
	switch {
	case value < low:
		d.fault(n, diag.BelowMinimum, fmt.Sprintf("%s is below %d %s", strings.TrimSpace(strings.TrimSuffix(n.show(), "MB")), low, r.Unit), "")
	case err == nil && value > high:
		d.fault(n, diag.AboveMaximum, fmt.Sprintf("%s is above %d %s", strings.TrimSpace(strings.TrimSuffix(n.show(), "MB")), high, r.Unit), "")
	default:
		return true
	}
	return false
}

// whole is the value of a JSON number that is an integer in range, such as 128,
// 128.0 or 1.28e+2.
func whole(written string) int {
	r, ok := new(big.Rat).SetString(written)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0
	}
	return int(r.Num().Int64())
}
