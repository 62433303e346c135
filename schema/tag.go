// SPDX-License-Identifier: MIT

package schema

// Tags returns the short forms of CloudFormation's intrinsic functions that
// sparta.yaml may have, as yaml-language-server's setting yaml.customTags wants
// them: the tag, a space, and what stands behind it (scalar, sequence or
// mapping), one entry each. Without the setting an editor that uses the server
// reports each tag as unresolved: no schema and no comment in a file can tell
// it.
func Tags() []string {
	return []string{
		"!Ref scalar",
		"!Condition scalar",
		"!Base64 scalar", "!Base64 mapping",
		"!Cidr sequence",
		"!FindInMap sequence",
		"!GetAtt scalar", "!GetAtt sequence",
		"!GetAZs scalar", "!GetAZs mapping",
		"!If sequence",
		"!ImportValue scalar", "!ImportValue mapping",
		"!Join sequence",
		"!Length sequence", "!Length mapping",
		"!Select sequence",
		"!Split sequence",
		"!Sub scalar", "!Sub sequence",
		"!ToJsonString sequence", "!ToJsonString mapping",
		"!Transform mapping",
		"!And sequence",
		"!Equals sequence",
		"!Not sequence",
		"!Or sequence",
	}
}
