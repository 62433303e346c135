// SPDX-License-Identifier: MIT

package attribute

// Size returns how many bytes a value counts ("DynamoDB item sizes and
// formats", DynamoDB Developer Guide). What a number counts is known only
// roughly: half a byte for each digit and one more.
func Size(v Value) int {
	total := 0
	switch v := v.(type) {
	case String:
		return len(v)
	case Binary:
		return len(v)
	case Number:
		return v.size()
	case Bool, Null:
		return 1
	case StringSet:
		for _, text := range v {
			total += len(text)
		}
	case BinarySet:
		for _, data := range v {
			total += len(data)
		}
	case NumberSet:
		for _, n := range v {
			total += n.size()
		}
	case List:
		total = 3
		for _, item := range v {
			total += 1 + Size(item)
		}
	case Map:
		total = 3 + len(v) + Item(v).Size()
	}
	return total
}

func (n Number) size() int {
	if n.digits == "" {
		return 1
	}
	size := 1 + (len(n.digits)+1)/2
	if len(n.digits)%2 == 0 && (n.exponent-1)%2 == 0 { // digits are stored in pairs that the point does not split
		size++
	}
	if n.negative {
		size++
	}
	return size
}

// Size returns how many bytes an item counts: its names in UTF-8 and its values.
func (i Item) Size() int {
	total := 0
	for name, value := range i {
		total += len(name) + Size(value)
	}
	return total
}
