// SPDX-License-Identifier: MIT

package cognito

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// page returns the part of a list that a token stands for, and the token of the
// next part. limit 0 is the most that there can be.
func page[T any](list []T, token string, limit, most int) ([]T, string, error) {
	if limit < 0 || limit > most {
		return nil, "", invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value less than or equal to %d", limit, most)
	}
	from := 0
	if token != "" {
		text, err := base64.RawURLEncoding.DecodeString(token)
		n, errNumber := strconv.Atoi(string(text))
		if err != nil || errNumber != nil || n < 0 || n > len(list) {
			return nil, "", invalid("Invalid token.")
		}
		from = n
	}
	end := min(from+cmp.Or(limit, most), len(list))
	next := ""
	if end < len(list) {
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(end)))
	}
	return append([]T{}, list[from:end]...), next, nil
}

type listUsersInput struct {
	UserPoolId, Filter, PaginationToken string
	AttributesToGet                     []string
	Limit                               int
}

type listUsersOutput struct {
	Users           []described
	PaginationToken string `json:",omitempty"`
}

func (s *Service) listUsers(c call, in listUsersInput) (listUsersOutput, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return listUsersOutput{}, err
	}
	fits, err := parseFilter(in.Filter)
	if err != nil {
		return listUsersOutput{}, err
	}
	var list []described
	s.mu.Lock()
	for _, u := range v.pool.Users {
		if !fits(u) {
			continue
		}
		d := u.described()
		if in.AttributesToGet != nil {
			d.Attributes = slices.DeleteFunc(d.Attributes, func(a pair) bool { return !slices.Contains(in.AttributesToGet, a.Name) })
		}
		list = append(list, d)
	}
	s.mu.Unlock()
	part, next, err := page(list, in.PaginationToken, in.Limit, 60)
	return listUsersOutput{part, next}, err
}

var filterPattern = lazy.MustCompile(`^\s*"?([A-Za-z_:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$`)

// parseFilter reads the filter of ListUsers, such as email ^= "a" ("Searching for
// users with the ListUsers API", Amazon Cognito Developer Guide).
func parseFilter(text string) (func(u *user) bool, error) {
	if strings.TrimSpace(text) == "" {
		return func(*user) bool { return true }, nil
	}
	m := filterPattern.FindStringSubmatch(text)
	if m == nil {
		return nil, invalid("One or more requested attributes do not exist or the filter is malformed: %s", text)
	}
	name, begins, want := m[1], m[2] == "^=", strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[3])
	if !slices.Contains([]string{
		"username", "email", "phone_number", "name", "given_name", "family_name", "preferred_username", "cognito:user_status", "status", "sub",
	}, name) {
		return nil, invalid("Invalid attribute name in the filter: %s", name)
	}
	return func(u *user) bool {
		value := u.Attributes[name]
		switch name {
		case "username":
			value = u.Username
		case "cognito:user_status":
			value = u.Status
		case "status":
			value = map[bool]string{true: "Disabled", false: "Enabled"}[u.Disabled]
		}
		if begins {
			return value != "" && strings.HasPrefix(strings.ToLower(value), strings.ToLower(want))
		}
		return strings.EqualFold(value, want) && value != ""
	}, nil
}
