// SPDX-License-Identifier: MIT

package wire

import (
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// Identity is who sends a request, read from its Signature Version 4. The
// embedded AWS does not check signatures: it listens on loopback only. An
// access key id of twelve digits acts as that account, and so does a temporary
// one that its STS has issued; every other key acts as the default account.
type Identity struct {
	AccessKeyID string
	Account     string
	Region      string // "" if the signature names none
	Service     string // signing name, such as s3 or cloudformation
	Anonymous   bool   // the request bears no signature
}

// accountKey matches the access key ids that name an account: the account's
// number, or ASIA, the number and eight letters of base 32.
var accountKey = lazy.MustCompile(`^(?:([0-9]{12})|ASIA([0-9]{12})[A-Z2-7]{8})$`)

// TemporaryKey makes an access key id that acts as account. random is eight
// letters of base 32 that make it unique.
func TemporaryKey(account, random string) string { return "ASIA" + account + random }

// Identify reads the credential scope from the Authorization header or, for S3
// only, from the query of a presigned URL of either signature version: no other
// service needs them, and a web page could make a browser send them. Anonymous
// requests act in the default account and region.
func Identify(r *http.Request, defaultAccount, defaultRegion string) Identity {
	id := Identity{Account: defaultAccount, Region: defaultRegion, Anonymous: true}
	if header := r.Header.Get("Authorization"); header != "" {
		_, rest, _ := strings.Cut(header, "Credential=")
		credential, _, _ := strings.Cut(rest, ",")
		return id.signed(credential)
	}
	query := r.URL.Query()
	if signed := id.signed(query.Get("X-Amz-Credential")); signed.Service == "s3" {
		return signed
	}
	if key := query.Get("AWSAccessKeyId"); key != "" && query.Has("Signature") { // version 2 names no region
		return id.as(key, "", "s3")
	}
	return id
}

// signed returns the identity of a credential scope, or id if it is none.
func (id Identity) signed(credential string) Identity {
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) < 5 {
		return id
	}
	// The access key may itself contain slashes; the last four parts are date,
	// region, service and "aws4_request".
	scope := parts[len(parts)-4:]
	return id.as(strings.Join(parts[:len(parts)-4], "/"), scope[1], scope[2])
}

func (id Identity) as(key, region, service string) Identity {
	id.AccessKeyID, id.Region, id.Service, id.Anonymous = key, region, service, false
	if parts := accountKey.FindStringSubmatch(key); parts != nil {
		id.Account = parts[1] + parts[2] // one of them is empty
	}
	return id
}

// IsTemporary reports whether an access key id has the form of those that the
// embedded STS issues.
func IsTemporary(key string) bool { return len(key) == 24 && accountKey.MatchString(key) }
