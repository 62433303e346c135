// SPDX-License-Identifier: MIT

package cli

import "testing"

// TestFunctionErrorHint: a function that lacks a permission is told where it
// gets it.
func TestFunctionErrorHint(t *testing.T) {
	t.Parallel()
	const denied = `{"errorMessage":"api error AccessDenied: User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:GetObject action"}`
	const hint = "allow s3:GetObject in the permissions of image: say what the code does, such as read: Table, or write allow and on"
	for payload, want := range map[string]string{
		denied: hint,
		`{"errorMessage":"is not authorized to perform: s3:GetObject with an explicit deny in an identity-based policy"}`: "",
		`{"errorMessage":"is not authorized to perform: "}`:                                                               "",
		`{"errorMessage":"out of shields"}`:                                                                               "",
		`"odd"`:                                                                                                           "",
	} {
		if got := (&functionError{"image", []byte(payload)}).Hint(); got != want {
			t.Errorf("%s: got %q, want %q", payload, got, want)
		}
	}
}
