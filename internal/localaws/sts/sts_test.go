// SPDX-License-Identifier: MIT

package sts_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/iam"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/sts"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// roles is one role of another account that trusts the account 111111111111.
type roles struct{ trust policy.Document }

const roleARN = "arn:aws:iam::222222222222:role/team/deployer"

func (r roles) Role(asked string) (iam.Role, error) {
	if asked != roleARN {
		return iam.Role{}, wire.Errorf(http.StatusNotFound, "NoSuchEntity", "no such role")
	}
	return iam.Role{ID: "AROAX", Name: "deployer", ARN: roleARN, Trust: r.trust, MaxSessionSeconds: 3600}, nil
}

// clients returns what makes a client with an access key.
func clients(t *testing.T) func(key string) *sdk.Client {
	t.Helper()
	trust, err := policy.Parse([]byte(`{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"sts:AssumeRole"}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, as := serve(t, trust)
	return as
}

// serve returns the service and what makes a client with an access key.
func serve(t *testing.T, trust policy.Document) (*sts.Service, func(key string) *sdk.Client) {
	t.Helper()
	kept, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := sts.New(service.Env{Store: kept, Now: time.Now, Log: zerolog.Nop()}, roles{trust})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeAPI(w, r, wire.Identify(r, "000000000000", "us-east-1"))
	}))
	t.Cleanup(func() {
		server.Close()
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, func(key string) *sdk.Client {
		return sdk.New(sdk.Options{BaseEndpoint: &server.URL, Region: "us-east-1", RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(), Credentials: credentials.NewStaticCredentialsProvider(key, "s", "")})
	}
}

func TestGetCallerIdentity(t *testing.T) {
	t.Parallel()
	as := clients(t)
	for key, want := range map[string]string{"111111111111": "111111111111", "AKIAEXAMPLE": "000000000000", "test": "000000000000"} {
		out, err := as(key).GetCallerIdentity(t.Context(), &sdk.GetCallerIdentityInput{})
		if err != nil || aws.ToString(out.Account) != want || aws.ToString(out.Arn) != "arn:aws:iam::"+want+":user/local" {
			t.Errorf("%s: got %+v, error %v", key, out, err)
		}
	}
}

// The page AssumeRole: the credentials act in the role's account, in its name.
func TestAssumeRole(t *testing.T) {
	t.Parallel()
	as := clients(t)
	assume := func(key, role, name string, seconds int32) (*sdk.AssumeRoleOutput, error) {
		in := &sdk.AssumeRoleInput{RoleArn: &role, RoleSessionName: &name}
		if seconds > 0 {
			in.DurationSeconds = &seconds
		}
		return as(key).AssumeRole(t.Context(), in)
	}
	out, err := assume("111111111111", roleARN, "ci", 0)
	if err != nil {
		t.Fatal(err)
	}
	who, err := as(aws.ToString(out.Credentials.AccessKeyId)).GetCallerIdentity(t.Context(), &sdk.GetCallerIdentityInput{})
	if err != nil || aws.ToString(who.Account) != "222222222222" || aws.ToString(who.Arn) != "arn:aws:sts::222222222222:assumed-role/deployer/ci" || aws.ToString(who.UserId) != "AROAX:ci" {
		t.Errorf("got %+v, error %v", who, err)
	}
	for _, test := range []struct {
		key, role, name string
		seconds         int32
		want            string
	}{
		{"333333333333", roleARN, "ci", 0, "AccessDenied"},
		{"111111111111", roleARN + "x", "ci", 0, "AccessDenied"},
		{"111111111111", roleARN, "a b", 0, "ValidationError"},
		{"111111111111", roleARN, "ci", 60, "ValidationError"},
		{"111111111111", roleARN, "ci", 7200, "ValidationError"},
	} {
		_, err := assume(test.key, test.role, test.name, test.seconds)
		api, ok := errors.AsType[smithy.APIError](err)
		if !ok || api.ErrorCode() != test.want {
			t.Errorf("%+v: got %v", test, err)
		}
	}
}

func TestSessionTokenAndUnknownActions(t *testing.T) {
	t.Parallel()
	as := clients(t)
	out, err := as("111111111111").GetSessionToken(t.Context(), &sdk.GetSessionTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	who, err := as(aws.ToString(out.Credentials.AccessKeyId)).GetCallerIdentity(t.Context(), &sdk.GetCallerIdentityInput{})
	if err != nil || aws.ToString(who.Account) != "111111111111" {
		t.Errorf("got %+v, error %v", who, err)
	}
	_, err = as("111111111111").GetFederationToken(t.Context(), &sdk.GetFederationTokenInput{Name: aws.String("x")})
	if err == nil || !strings.Contains(err.Error(), "InvalidAction: the embedded AWS does not model the STS action GetFederationToken") {
		t.Errorf("got %v", err)
	}
	_, err = as("111111111111").AssumeRole(t.Context(), &sdk.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("ci"), Policy: aws.String("{}")})
	if err == nil || !strings.Contains(err.Error(), "does not model the parameter Policy of AssumeRole") {
		t.Errorf("got %v", err)
	}
}

// What a function is lent acts as its role, until it is given back, and cannot
// become the account's.
func TestLend(t *testing.T) {
	t.Parallel()
	trust, err := policy.Parse([]byte(`{"Statement":{"Effect":"Allow","Principal":{"AWS":"` + roleARN + `"},"Action":"sts:AssumeRole"}}`))
	if err != nil {
		t.Fatal(err)
	}
	s, as := serve(t, trust)
	lent, release := s.Lend(roleARN, "arn:aws:lambda:us-east-1:222222222222:function:f", "f")
	held, ok := s.Session(lent.AccessKeyID)
	if !ok || held.Role != roleARN || held.ARN != "arn:aws:sts::222222222222:assumed-role/deployer/f" || held.UserID != "AROAX:f" || held.Function == "" {
		t.Errorf("got %+v, %v", held, ok)
	}
	who, err := as(lent.AccessKeyID).GetCallerIdentity(t.Context(), &sdk.GetCallerIdentityInput{})
	if err != nil || aws.ToString(who.Arn) != held.ARN {
		t.Errorf("got %+v, %v", who, err)
	}
	if _, err := as(lent.AccessKeyID).GetSessionToken(t.Context(), &sdk.GetSessionTokenInput{}); err == nil {
		t.Error("a session must not get a token of the account")
	}
	// The trust policy names the role; its session may assume it.
	again, err := as(lent.AccessKeyID).AssumeRole(t.Context(), &sdk.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("again")})
	if err != nil {
		t.Fatal(err)
	}
	if held, ok := s.Session(aws.ToString(again.Credentials.AccessKeyId)); !ok || held.Role != roleARN || held.Expires.IsZero() {
		t.Errorf("got %+v, %v", held, ok)
	}
	release()
	if _, ok := s.Session(lent.AccessKeyID); ok {
		t.Error("the credentials were given back")
	}
	own, err := as("111111111111").GetSessionToken(t.Context(), &sdk.GetSessionTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	if held, ok := s.Session(aws.ToString(own.Credentials.AccessKeyId)); !ok || held.ARN != "" {
		t.Errorf("a token of the account: got %+v, %v", held, ok)
	}
}
