// SPDX-License-Identifier: MIT

package kinesis

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
)

// sequence returns the sequence number of the nth record of a shard, which
// arrived at a time in seconds since 1970. n = 0 gives the number that the shard
// starts with. As on AWS it is a decimal of 56 digits: the hexadecimal digits
// behind it are a version, the time of the shard's making, the shard's last
// digit, n, the time of arrival, the shard and the version again. AWS documents
// no more than that the numbers grow; tools of others take them apart like this.
func (sh *shard) sequence(n uint64, arrived int64) string {
	digits := fmt.Sprintf("2%09x%x%016x00%09x%08x2", sh.Created, sh.Index&0xf, n, arrived, sh.Index)
	v, _ := new(big.Int).SetString(digits, 16) // digits only
	return v.String()
}

// first returns the sequence number that the shard starts with.
func (sh *shard) first() string { return sh.sequence(0, sh.Created) }

// latest returns the sequence number of the last record that there ever was, or
// the one that the shard starts with.
func (sh *shard) latest() string {
	if sh.Last == 0 {
		return sh.first()
	}
	return sh.sequence(sh.Last, sh.LastAt/1000)
}

// issued reports whether text may be a sequence number of the shard: one that
// was made for it, not after its last record.
func (sh *shard) issued(text string) bool {
	v, ok := new(big.Int).SetString(text, 10)
	if !ok || v.Sign() <= 0 {
		return false
	}
	digits := v.Text(16)
	return len(digits) == 47 && strings.HasPrefix(digits, fmt.Sprintf("2%09x%x", sh.Created, sh.Index&0xf)) &&
		strings.HasSuffix(digits, fmt.Sprintf("%08x2", sh.Index)) && digits[11:27] <= fmt.Sprintf("%016x", sh.Last)
}

// before returns the number before a sequence number, which no record has.
func before(sequence string) string {
	v, ok := new(big.Int).SetString(sequence, 10)
	if !ok {
		return ""
	}
	return v.Sub(v, big.NewInt(1)).String()
}

// newStreamID makes the id of a stream, in the form [a-z0-9]{20}-[a-z0-9]{3}.
func newStreamID() string {
	text := strings.ToLower(rand.Text())
	return text[:20] + "-" + text[20:23]
}
