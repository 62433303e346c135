// SPDX-License-Identifier: MIT

package sqs

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// digest returns the MD5 of a text in hexadecimal digits.
func digest(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// digestAttributes returns the MD5 of message attributes as SQS computes it
// ("Calculating the MD5 message digest for message attributes", SQS Developer
// Guide): in the order of their names, each part with its length before it. No
// attributes have no digest.
func digestAttributes(attributes map[string]delivery.Attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var b []byte
	part := func(data []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
		b = append(b, data...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		part([]byte(name))
		part([]byte(a.DataType))
		if strings.HasPrefix(a.DataType, "Binary") {
			b = append(b, 2)
			part(a.BinaryValue)
		} else {
			b = append(b, 1)
			part([]byte(a.StringValue))
		}
	}
	sum := md5.Sum(b)
	return hex.EncodeToString(sum[:])
}
