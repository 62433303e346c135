// SPDX-License-Identifier: MIT

//go:build race

package archive_test

// raced says that the race detector is on, which makes compression a hundred
// times slower.
const raced = true
