// SPDX-License-Identifier: MIT

package spec

// document is the parsed text of a sparta.yaml with the position of each value.
type document struct{}
