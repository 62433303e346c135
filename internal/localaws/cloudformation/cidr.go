// SPDX-License-Identifier: MIT

package cloudformation

import (
	"math/big"
	"net/netip"
	"strconv"
)

// cidr evaluates Fn::Cidr: [block, count, cidrBits], where cidrBits is the
// number of host bits of each subnet and defaults to 8.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
func cidr(argument any) (any, error) {
	list, ok := scalarList(argument)
	if !ok || len(list) < 2 || len(list) > 3 {
		return nil, invalidf("Template error: Fn::Cidr requires an IP block, a count and optionally the number of subnet bits")
	}
	if len(list) == 2 {
		list = append(list, "8")
	}
	block, err := netip.ParsePrefix(list[0])
	count, countErr := strconv.Atoi(list[1])
	bits, bitsErr := strconv.Atoi(list[2])
	switch {
	case err != nil, countErr != nil, bitsErr != nil:
		return nil, invalidf("Template error: Fn::Cidr cannot read its arguments %s", compactJSON(list))
	case count < 1 || count > 256:
		return nil, invalidf("Template error: Fn::Cidr count must be between 1 and 256")
	}
	length := block.Addr().BitLen() - bits
	if bits < 1 || length < block.Bits() || (length-block.Bits() < 9 && count > 1<<(length-block.Bits())) {
		return nil, invalidf("Template error: Fn::Cidr %s does not hold %d blocks of %d bits", list[0], count, bits)
	}
	return subnets(block.Masked(), count, bits, length), nil
}

func subnets(block netip.Prefix, count, bits, length int) []any {
	address := new(big.Int).SetBytes(block.Addr().AsSlice())
	step := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	size := block.Addr().BitLen() / 8
	result := make([]any, 0, count)
	for range count {
		next, _ := netip.AddrFromSlice(address.FillBytes(make([]byte, size)))
		result = append(result, netip.PrefixFrom(next, length).String())
		address.Add(address, step)
	}
	return result
}
