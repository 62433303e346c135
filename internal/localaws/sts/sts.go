// SPDX-License-Identifier: MIT

// Package sts is the STS of the embedded AWS: who one is, and temporary
// credentials. Signatures are not checked anywhere in the embedded AWS: the
// access key id tells the account, and the session of a role.
package sts

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/iam"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "sts" // the name of the state document in the store
	namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
)

// Roles finds a role by its ARN; errors are *wire.Error with NoSuchEntity.
type Roles interface {
	Role(roleARN string) (iam.Role, error)
}

// Service is the embedded STS. Its methods may be called concurrently.
type Service struct {
	env   service.Env
	roles Roles
	needs access.Table

	mu       sync.Mutex
	sessions map[string]session // by access key id
}

// session is what temporary credentials stand for; the ARNs are "" for those of
// GetSessionToken.
type session struct {
	access.Session
	lent bool // to a function that runs in this process: not kept
}

// New opens the STS whose state is in env.Store.
func New(env service.Env, roles Roles) (*Service, error) {
	s := &Service{env: env, roles: roles, needs: needs(), sessions: map[string]session{}}
	if err := env.Store.Load(document, &s.sessions); err != nil {
		return nil, fmt.Errorf("open sts: %w", err)
	}
	env.Store.Register(document, s.snapshot)
	return s, nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.env.Now()
	maps.DeleteFunc(s.sessions, func(_ string, held session) bool { return !held.lent && held.Expires.Before(now) })
	kept := maps.Clone(s.sessions)
	maps.DeleteFunc(kept, func(_ string, held session) bool { return held.lent })
	return json.Marshal(kept)
}

// ResourceTypes returns nothing: STS has no CloudFormation types.
func (s *Service) ResourceTypes() map[string]resource.Type { return nil }

// ServeAPI answers one request of the STS query protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	form, err := wire.QueryForm(r)
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	name := form.Get("Action")
	result, err := s.perform(name, form, id)
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	wire.WriteQuery(w, namespace, name, result)
}

func (s *Service) perform(name string, form url.Values, id wire.Identity) (any, error) {
	accepted := map[string][]string{
		"GetCallerIdentity": nil,
		"AssumeRole":        {"RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId"},
		"GetSessionToken":   {"DurationSeconds"},
	}
	parameters, known := accepted[name]
	if !known {
		return nil, wire.Errorf(http.StatusBadRequest, "InvalidAction", "the embedded AWS does not model the STS action %s", name)
	}
	for _, parameter := range slices.Sorted(maps.Keys(form)) {
		parameter, _, _ = strings.Cut(parameter, ".")
		if parameter != "Action" && parameter != "Version" && !strings.HasPrefix(parameter, "X-Amz-") && !slices.Contains(parameters, parameter) {
			return nil, wire.Errorf(http.StatusBadRequest, "ValidationError", "the embedded AWS does not model the parameter %s of %s", parameter, name)
		}
	}
	switch name {
	case "AssumeRole":
		return s.assumeRole(form, id)
	case "GetSessionToken":
		return s.sessionToken(form, id)
	}
	return s.caller(id), nil
}

// identity is the answer to GetCallerIdentity.
type identity struct {
	UserID  string `xml:"UserId"`
	Account string
	Arn     string
}

// caller says who signs with an access key: a session of a role, else the user
// of that name.
func (s *Service) caller(id wire.Identity) identity {
	if held := s.session(id); held.ARN != "" {
		return identity{UserID: held.UserID, Account: id.Account, Arn: held.ARN}
	}
	scope := arn.Scope{Partition: "aws", Account: id.Account}
	return identity{UserID: "AIDALOCALLOCALLOCALLO", Account: id.Account, Arn: scope.Global("iam", "user/local")}
}

type credentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

var sessionName = lazy.MustCompile(`^[\w+=,.@-]{2,64}$`)

// assumeRole follows the page AssumeRole: the trust policy decides.
func (s *Service) assumeRole(form url.Values, id wire.Identity) (any, error) {
	roleARN, name := form.Get("RoleArn"), form.Get("RoleSessionName")
	if !sessionName.MatchString(name) {
		return nil, wire.Errorf(http.StatusBadRequest, "ValidationError", `1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`, name)
	}
	caller := s.caller(id)
	r, err := s.roles.Role(roleARN)
	question := policy.Request{PrincipalType: "AWS", Principal: caller.Arn, Role: s.session(id).Role, Action: "sts:AssumeRole", Context: map[string]string{}}
	if external := form.Get("ExternalId"); external != "" {
		question.Context["sts:externalid"] = external
	}
	if err != nil || !r.Trust.Allows(question) {
		return nil, wire.Errorf(http.StatusForbidden, "AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", caller.Arn, roleARN)
	}
	seconds, err := duration(form, 3600, 900, r.MaxSessionSeconds)
	if err != nil {
		return nil, err
	}
	parsed, _ := arn.Parse(roleARN)
	assumed := access.SessionOf(r.ARN, name)
	assumed.UserID, assumed.Issued = r.ID+":"+name, s.env.Now().UTC()
	assumed.Expires = assumed.Issued.Add(seconds)
	var out struct {
		Credentials     credentials
		AssumedRoleUser struct {
			AssumedRoleID string `xml:"AssumedRoleId"`
			Arn           string
		}
	}
	out.Credentials = s.issue(parsed.Account, session{Session: assumed})
	out.AssumedRoleUser.AssumedRoleID, out.AssumedRoleUser.Arn = assumed.UserID, assumed.ARN
	return out, nil
}

func (s *Service) sessionToken(form url.Values, id wire.Identity) (any, error) {
	if s.session(id).ARN != "" {
		return nil, wire.Errorf(http.StatusForbidden, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	}
	seconds, err := duration(form, 43200, 900, 129600)
	if err != nil {
		return nil, err
	}
	held := session{Session: access.Session{Expires: s.env.Now().UTC().Add(seconds)}}
	return struct{ Credentials credentials }{s.issue(id.Account, held)}, nil
}

func duration(form url.Values, otherwise, least, most int) (time.Duration, error) {
	seconds := otherwise
	if text := form.Get("DurationSeconds"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < least {
			return 0, wire.Errorf(http.StatusBadRequest, "ValidationError", "1 validation error detected: Value '%s' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to %d", text, least)
		}
		seconds = n
	}
	if seconds > most {
		return 0, wire.Errorf(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return time.Duration(seconds) * time.Second, nil
}

// session returns the session of a role that a caller acts in, the zero value if
// it is none.
func (s *Service) session(id wire.Identity) access.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[id.AccessKeyID].Session
}

// issue makes temporary credentials. The access key id tells the account to
// wire.Identify.
func (s *Service) issue(account string, held session) credentials {
	var secret [30]byte
	_, _ = rand.Read(secret[:]) // never fails: crypto/rand.Read aborts the program instead
	key := wire.TemporaryKey(account, base32.StdEncoding.EncodeToString(secret[:5]))
	s.mu.Lock()
	s.sessions[key] = held
	s.mu.Unlock()
	if !held.lent {
		s.env.Store.Changed(document)
	}
	return credentials{
		AccessKeyID: key, SecretAccessKey: base64.StdEncoding.EncodeToString(secret[:]),
		SessionToken: base64.StdEncoding.EncodeToString(secret[5:]), Expiration: held.Expires.Format(time.RFC3339),
	}
}
