// SPDX-License-Identifier: MIT

package cognito_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/cognito"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	account  = "111111111111"
	password = "Correct-horse-1"
)

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

type object = map[string]any

// world is Cognito with a client; functions are handlers by name.
type world struct {
	*cognito.Service
	api     *sdk.Client
	url     string
	store   *store.Store
	server  *httptest.Server
	closed  bool
	refused string // part of the ARN of what functions do not let in

	mu       sync.Mutex
	now      time.Time
	handlers map[string]func(event []byte) (string, error)
	events   []json.RawMessage // that functions got
	notices  []string
}

// failure is an error of a function.
type failure string

func (f failure) Error() string { return string(f) }

func open(t testing.TB, dir string) *world {
	t.Helper()
	return openWith(t, dir, 0)
}

// openWith is open for triggers that may take a time, 0 for as long as on AWS.
func openWith(t testing.TB, dir string, patience time.Duration) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, now: time.Now().Truncate(time.Second), handlers: map[string]func([]byte) (string, error){}}
	w.Service, err = cognito.New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: w.clock, Log: zerolog.Nop(), Endpoint: func() string { return w.url },
	}, cognito.Deps{Functions: w, Notice: w.notice, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		id := wire.Identify(r, account, here.Region)
		switch {
		case strings.HasPrefix(r.URL.Path, "/_sparta/"):
			w.ServeInternal(rw, r)
		case !id.Anonymous:
			w.ServeAPI(rw, r, id)
		case !w.ServeUser(rw, r, id):
			http.NotFound(rw, r)
		}
	}))
	w.url = w.server.URL
	w.api = sdk.New(sdk.Options{
		Region: here.Region, BaseEndpoint: &w.url, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(), Credentials: credentials.NewStaticCredentialsProvider(account, "test", ""),
	})
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *world) close(t testing.TB) {
	t.Helper()
	if w.closed {
		return
	}
	w.closed = true
	w.server.Close()
	if err := errors.Join(w.Close(context.Background()), w.store.Close()); err != nil {
		t.Error(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) notice(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notices = append(w.notices, text)
}

func (w *world) Invoke(_ context.Context, _ arn.Scope, function string, payload []byte, _ lambda.InvokeOptions) (lambda.Response, error) {
	name := function[strings.LastIndex(function, ":")+1:]
	w.mu.Lock()
	handler := w.handlers[name]
	w.events = append(w.events, payload)
	w.mu.Unlock()
	if handler == nil {
		return lambda.Response{}, wire.Errorf(404, "ResourceNotFoundException", "Function not found: %s", function)
	}
	answer, err := handler(payload)
	if f, ok := errors.AsType[failure](err); ok {
		return lambda.Response{FunctionError: "Unhandled", Payload: mustJSON(object{"errorMessage": string(f)})}, nil
	}
	return lambda.Response{Payload: []byte(answer)}, err
}

func (w *world) Permits(_ arn.Scope, function, principal, source string) bool {
	return principal == "cognito-idp.amazonaws.com" && strings.HasPrefix(source, "arn:aws:cognito-idp:us-east-1:"+account+":userpool/us-east-1_") &&
		(w.refused == "" || !strings.Contains(function, w.refused))
}

func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// answer is a handler that returns its event with members of the response set.
func answer(response object) func([]byte) (string, error) {
	return func(event []byte) (string, error) {
		var e object
		if err := json.Unmarshal(event, &e); err != nil {
			return "", err
		}
		said, _ := e["response"].(object)
		maps.Copy(said, response)
		return string(mustJSON(e)), nil
	}
}

func function(name string) string { return here.Regional("lambda", "function:"+name) }

// took returns the events of a source so far.
func (w *world) took(t testing.TB, source string) []json.RawMessage {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []json.RawMessage
	for _, data := range w.events {
		var e struct{ TriggerSource string }
		if err := json.Unmarshal(data, &e); err != nil {
			t.Fatal(err)
		}
		if e.TriggerSource == source {
			list = append(list, data)
		}
	}
	return list
}

// try makes a resource as CloudFormation does.
func (w *world) try(t testing.TB, kind string, properties object) (resource.Instance, error) {
	t.Helper()
	k := w.ResourceTypes()["AWS::Cognito::"+kind]
	p := generic(t, properties)
	if faults := k.Check(p); len(faults) > 0 {
		return resource.Instance{}, errors.New(strings.Join(faults, "; "))
	}
	return k.Create(context.Background(), request(kind, p))
}

func (w *world) make(t testing.TB, kind string, properties object) resource.Instance {
	t.Helper()
	made, err := w.try(t, kind, properties)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return made
}

func (w *world) update(t testing.TB, kind string, old resource.Instance, properties object) error {
	t.Helper()
	_, err := w.ResourceTypes()["AWS::Cognito::"+kind].Update(context.Background(), old, request(kind, generic(t, properties)))
	return err
}

func (w *world) remove(t testing.TB, kind string, old resource.Instance, properties object) error {
	t.Helper()
	return w.ResourceTypes()["AWS::Cognito::"+kind].Delete(context.Background(), old, request(kind, generic(t, properties)))
}

func request(kind string, properties object) resource.Request {
	return resource.Request{
		Scope: here, StackName: "stack", LogicalID: kind, Type: "AWS::Cognito::" + kind, Properties: properties, OldProperties: properties,
		Tags: map[string]string{"stack": "yes"}, DefaultName: func(int) string { return "stack-" + kind },
	}
}

// generic returns properties as a template has them.
func generic(t testing.TB, properties object) object {
	t.Helper()
	var out object
	if err := json.Unmarshal(mustJSON(properties), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// pool is a user pool with a client for passwords.
type pool struct {
	*world
	id, client string
}

// create makes a pool, and a client with settings.
func (w *world) create(t testing.TB, settings, client object) pool {
	t.Helper()
	id := w.make(t, "UserPool", settings).PhysicalID
	c := object{"UserPoolId": id, "ExplicitAuthFlows": []string{
		"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH",
	}}
	maps.Copy(c, client)
	return pool{w, id, w.make(t, "UserPoolClient", c).PhysicalID}
}

// user makes a user whose password is password.
func (p pool) user(t testing.TB, name string, attributes ...string) {
	t.Helper()
	in := &sdk.AdminCreateUserInput{UserPoolId: &p.id, Username: &name, MessageAction: types.MessageActionTypeSuppress, UserAttributes: pairs(attributes...)}
	if _, err := p.api.AdminCreateUser(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if _, err := p.api.AdminSetUserPassword(t.Context(), &sdk.AdminSetUserPasswordInput{UserPoolId: &p.id, Username: &name, Password: aws.String(password), Permanent: true}); err != nil {
		t.Fatal(err)
	}
}

func pairs(list ...string) []types.AttributeType {
	var out []types.AttributeType
	for i := 0; i < len(list); i += 2 {
		out = append(out, types.AttributeType{Name: &list[i], Value: &list[i+1]})
	}
	return out
}

// initiate begins a sign-in.
func (p pool) initiate(t testing.TB, flow types.AuthFlowType, parameters ...string) (*sdk.InitiateAuthOutput, error) {
	t.Helper()
	return p.api.InitiateAuth(t.Context(), &sdk.InitiateAuthInput{ClientId: &p.client, AuthFlow: flow, AuthParameters: texts(parameters...)})
}

// signIn signs in by a password.
func (p pool) signIn(t testing.TB, name string) *types.AuthenticationResultType {
	t.Helper()
	out, err := p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", name, "PASSWORD", password)
	if err != nil {
		t.Fatal(err)
	}
	if out.AuthenticationResult == nil {
		t.Fatalf("got the challenge %s", out.ChallengeName)
	}
	return out.AuthenticationResult
}

func texts(list ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(list); i += 2 {
		out[list[i]] = list[i+1]
	}
	return out
}

// message is what /_sparta/cognito-idp/messages shows.
type message struct{ Username, Source, Medium, Destination, Subject, Text, Code string }

// last returns the last message that would have been sent.
func (w *world) last(t testing.TB) message {
	t.Helper()
	response, err := http.Get(w.url + "/_sparta/cognito-idp/messages")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var list []message
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil || len(list) == 0 {
		t.Fatalf("no message: %v", err)
	}
	return list[0]
}

func wantError(t testing.TB, err error, code, text string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	switch {
	case !ok:
		t.Errorf("got error %v, want %s", err, code)
	case e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text):
		t.Errorf("got %s: %s, want %s: ...%s...", e.ErrorCode(), e.ErrorMessage(), code, text)
	}
}
