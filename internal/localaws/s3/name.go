// SPDX-License-Identifier: MIT

package s3

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// accountRegional is the namespace in which names belong to one account and
// region for ever (since March 2026).
const accountRegional = "account-regional"

var bucketName = lazy.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// checkName applies the S3 User Guide, "General purpose bucket naming rules".
func checkName(p plan) error {
	invalid := wire.Errorf(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
	if !bucketName.MatchString(p.name) || strings.Contains(p.name, "..") || strings.Contains(p.name, ".-") || strings.Contains(p.name, "-.") {
		return invalid
	}
	if _, err := netip.ParseAddr(p.name); err == nil {
		return invalid
	}
	reserved := func(affix string) bool { return strings.HasPrefix(p.name, affix) }
	if slices.ContainsFunc([]string{"xn--", "sthree-", "amzn-s3-demo-"}, reserved) {
		return invalid
	}
	if slices.ContainsFunc([]string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}, func(affix string) bool { return strings.HasSuffix(p.name, affix) }) {
		return invalid
	}
	suffix := namespaceSuffix(p.scope)
	switch {
	case p.namespace == accountRegional && (!strings.HasSuffix(p.name, suffix) || len(p.name) == len(suffix)):
		return wire.Errorf(http.StatusBadRequest, "InvalidBucketName", "The name of a bucket in your account regional namespace must end with %s", suffix)
	case p.namespace == "" && regionalName.MatchString(p.name):
		return wire.Errorf(http.StatusBadRequest, "InvalidBucketName", "Names that end like those of an account regional namespace need the header x-amz-bucket-namespace: account-regional")
	}
	return nil
}

var regionalName = lazy.MustCompile(`-[0-9]{12}-[a-z]{2}(-[a-z]+)+-[0-9]-an$`)

// namespaceSuffix ends every name of the account-regional namespace.
func namespaceSuffix(scope arn.Scope) string {
	return "-" + scope.Account + "-" + scope.Region + "-an"
}

// code returns the error code of an answer, or "".
func code(err error) string {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e.Code
	}
	return ""
}
