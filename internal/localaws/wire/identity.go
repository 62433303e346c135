// SPDX-License-Identifier: MIT

package wire

import (
	"net/http"
	"regexp"
	"strings"
)

// Identity is who sends a request, read from its Signature Version 4. The
// embedded AWS does not check signatures: it listens on loopback only. An
// access key id of twelve digits acts as that account; every other key as the
// default account.
type Identity struct {
	AccessKeyID string
	Account     string
	Region      string
	Service     string // signing name, such as s3 or cloudformation
	Anonymous   bool   // the request bears no signature
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// Identify reads the credential scope from the Authorization header or from
// the query of a presigned URL. Anonymous requests act in the default account
// and region.
func Identify(r *http.Request, defaultAccount, defaultRegion string) Identity {
	id := Identity{Account: defaultAccount, Region: defaultRegion, Anonymous: true}
	credential := r.URL.Query().Get("X-Amz-Credential")
	if header := r.Header.Get("Authorization"); header != "" {
		_, rest, _ := strings.Cut(header, "Credential=")
		credential, _, _ = strings.Cut(rest, ",")
	}
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) < 5 {
		return id
	}
	// The access key may itself contain slashes; the last four parts are date,
	// region, service and "aws4_request".
	scope := parts[len(parts)-4:]
	id.Anonymous = false
	id.AccessKeyID = strings.Join(parts[:len(parts)-4], "/")
	id.Region, id.Service = scope[1], scope[2]
	if accountID.MatchString(id.AccessKeyID) {
		id.Account = id.AccessKeyID
	}
	return id
}
