// SPDX-License-Identifier: MIT

package attribute

import "encoding/binary"

// A key is encoded so that the bytes of two encodings have the order of the
// values, also when more follows: a zero byte is escaped and two of them end
// the value.
const (
	escape     = "\x00\xff"
	terminator = "\x00\x00"
)

// AppendKey appends the encoding of a text, number or byte string with its end.
func AppendKey(dst []byte, v Value) []byte { return append(AppendPrefix(dst, v), terminator...) }

// AppendPrefix appends the encoding without its end, with which those of all
// longer texts begin that have this one as a prefix.
func AppendPrefix(dst []byte, v Value) []byte {
	var plain []byte
	switch v := v.(type) {
	case String:
		plain = []byte(v)
	case Binary:
		plain = v
	case Number:
		plain = v.order()
	}
	for _, c := range plain {
		if c == 0 {
			dst = append(dst, escape...)
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// order encodes sign, exponent and digits; those of negative numbers are turned
// round.
func (n Number) order() []byte {
	const bias = 1000
	if n.digits == "" {
		return []byte{2}
	}
	if !n.negative {
		return append(binary.BigEndian.AppendUint16([]byte{3}, uint16(bias+n.exponent)), n.digits...)
	}
	out := binary.BigEndian.AppendUint16([]byte{1}, uint16(bias-n.exponent))
	for i := range len(n.digits) {
		out = append(out, '0'+'9'-n.digits[i])
	}
	return append(out, '~') // fewer digits are more
}

// Successor returns the smallest text above all that begin with prefix, or ""
// if there is none.
func Successor(prefix []byte) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			out := append([]byte(nil), prefix[:i+1]...)
			out[i]++
			return string(out)
		}
	}
	return ""
}
