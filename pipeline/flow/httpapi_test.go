// SPDX-License-Identifier: MIT

package flow_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/pipeline/stage"
)

// provider signs tokens.
type provider struct {
	url string
	key *rsa.PrivateKey
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	encode := base64.RawURLEncoding.EncodeToString
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, p.url, p.url+"/keys")
		case "/keys":
			fmt.Fprintf(w, `{"keys":[{"kty":"RSA","kid":"k","alg":"RS256","use":"sig","n":%q,"e":%q}]}`,
				encode(key.N.Bytes()), encode(big.NewInt(int64(key.E)).Bytes()))
		}
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// token returns a token with a scope.
func (p *provider) token(t *testing.T, scope string) string {
	t.Helper()
	claims, err := json.Marshal(map[string]any{"iss": p.url, "aud": "shop", "exp": time.Now().Add(time.Hour).Unix(), "scope": scope, "sub": "ada"})
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, p.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + text + "." + encode(signature)
}

const httpYAML = `serviceName: Shop
defaults: {runtime: provided.al2023, timeout: 10}
functions:
  written: {handler: ./web.Written, events: [http: GET /, http: "* /written"]}
  typed: {handler: ./web.Typed, alias: live, events: [http: "GET /items/{id}", http: "DELETE /items/{name}"]}
  served: {handler: ./web.Served, runtime: nodejs24.x, events: [http: "ANY /files/{proxy+}", http: "PUT /items/{id}"]}
  strict:
    handler: ./web.Strict
    events:
      - http: GET /strict
      - http: {method: GET, path: /members, authorizer: members, scopes: [read]}
      - http: {method: GET, path: /signed, authorizer: iam}
      - http: {method: GET, path: /guarded, authorizer: guard}
      - http: {method: GET, path: /slow, throttle: {rate: 0.001, burst: 2}}
  guard: {handler: ./web.Guard}
api:
  cors: {origins: ["https://page.example"], credentials: true, exposeHeaders: [x-form]}
  authorizers:
    members: {jwt: {issuer: "ISSUER", audience: [shop]}}
    guard: {function: guard, identity: [header.X-Token]}
  accessLogs: true
`

// TestHTTPAPI brings an HTTP API up and drives it: routes, parameters, forms of
// handlers, authorizers, limits and CORS.
func TestHTTPAPI(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	m := webModule(t, strings.Replace(httpYAML, "ISSUER", p.url, 1))
	w := local(t, m.file())
	address := output(t, w.mustUp(stage.Created), "ApiUrl")
	cors := []string{allowed, "[" + page + "]", "Access-Control-Allow-Credentials", "[true]"}
	for _, x := range []exchange{
		{method: "GET", path: "/", status: 409, body: "written true", want: []string{"X-Form", "[1]", "Content-Type", "[text/plain]"}},
		{method: "POST", path: "/written", status: 409, body: "written true"},
		{method: "GET", path: "/items/a%20b", status: 202, body: "typed a b GET /items/{id}", want: []string{"X-Form", "[2]"}},
		{method: "DELETE", path: "/items/7", status: 202, body: "typed  DELETE /items/{name}"},
		{method: "GET", path: "/items/bad", status: 500, body: "Internal Server Error"},
		{method: "PUT", path: "/items/7?a=1&a=2", status: 410, body: "served PUT /items/7?a=1&a=2 in", want: []string{"X-Form", "[3]", "Set-Cookie", "[a=1 b=2]"}},
		{method: "PATCH", path: "/files/x/y.txt", status: 410, body: "served PATCH /files/x/y.txt"},
		{method: "GET", path: "/files", status: 404, body: "Not Found"},
		{method: "POST", path: "/items/7", status: 404, body: "Not Found"},
		{method: "GET", path: "/strict?q=1&q=2", status: 200, body: "complete"},
		{method: "GET", path: "/members", status: 401, headers: []string{"Origin", page}, want: cors},
		{method: "GET", path: "/members", status: 401, headers: []string{"Authorization", "Bearer x"}},
		{method: "GET", path: "/members", status: 403, headers: []string{"Authorization", p.token(t, "write")}},
		{method: "GET", path: "/members", status: 200, body: "complete", headers: []string{"Authorization", p.token(t, "read")}},
		{method: "GET", path: "/signed", status: 403},
		{method: "GET", path: "/signed", status: 200, body: "complete", headers: []string{"Authorization", signed}},
		{method: "GET", path: "/guarded", status: 401},
		{method: "GET", path: "/guarded", status: 403, headers: []string{"X-Token", "shut"}},
		{method: "GET", path: "/guarded", status: 200, body: "complete", headers: []string{"X-Token", "open"}},
		{method: "GET", path: "/slow", status: 200},
		{method: "GET", path: "/slow", status: 200},
		{method: "GET", path: "/slow", status: 429, headers: []string{"Origin", page}, want: cors},
		{method: "OPTIONS", path: "/items/7", status: 204, headers: []string{"Origin", page, preflight, "PUT"}, want: append(cors, "Access-Control-Allow-Methods", "[*]")},
		{method: "OPTIONS", path: "/members", status: 204, headers: []string{"Origin", "https://other.example", preflight, "GET"}, want: []string{allowed, "[]"}},
		{method: "GET", path: "/", status: 409, headers: []string{"Origin", page}, want: append(cors, "Access-Control-Expose-Headers", "[x-form]")},
		{method: "GET", path: "/nowhere", status: 404, headers: []string{"Origin", page}, want: cors},
		{method: "GET", path: "/items/bad", status: 500, headers: []string{"Origin", page}, want: cors},
	} {
		x.run(t, address)
	}
	log := w.logLines("/aws/vendedlogs/sparta/Shop/api")
	if !strings.Contains(log, `"route":"GET /items/{id}"`) || !strings.Contains(log, `"status":"429"`) {
		t.Errorf("access log: %s", log)
	}

	m.edit("sparta.yaml", `http: "DELETE /items/{name}"`, `http: "DELETE /items/{id}"`)
	m.edit("sparta.yaml", `, http: "PUT /items/{id}"`, ``)
	m.edit("sparta.yaml", `written: {handler: ./web.Written, events: [http: GET /, `, `written: {handler: ./web.Written, events: [http: "PUT /items/{id}", `)
	if again := output(t, w.mustUp(stage.Updated), "ApiUrl"); again != address {
		t.Errorf("the URL was %s, is %s", address, again)
	}
	for _, x := range []exchange{
		{method: "DELETE", path: "/items/7", status: 202, body: "typed 7 DELETE /items/{id}"},
		{method: "PUT", path: "/items/7", status: 409, body: "written"},
		{method: "GET", path: "/", status: 404},
	} {
		x.run(t, address)
	}
	w.takeDown()
}

// TestTwoServicesOneAPIName: services whose APIs have the same name, of either
// type, keep out of each other's way.
func TestTwoServicesOneAPIName(t *testing.T) {
	t.Parallel()
	const file = `serviceName: NAME
defaults: {runtime: provided.al2023}
functions: {written: {handler: ./web.Written, events: [http: GET /NAME]}}
api: {type: TYPE, name: shared}
`
	for _, kind := range []string{"http", "rest"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var w *world
			files, addresses := map[string]string{}, map[string]string{}
			for _, name := range []string{"One", "Two"} {
				m := webModule(t, strings.NewReplacer("NAME", name, "TYPE", kind).Replace(file))
				if w == nil {
					w = local(t, m.file())
				}
				w.File, files[name] = m.file(), m.file()
				addresses[name] = output(t, w.mustUp(stage.Created), "ApiUrl")
			}
			missing := map[string]int{"http": 404, "rest": 403}[kind]
			exchange{method: "GET", path: "/One", status: 409}.run(t, addresses["One"])
			exchange{method: "GET", path: "/One", status: missing}.run(t, addresses["Two"])
			w.File = files["One"]
			if _, err := w.down(); err != nil {
				t.Fatal(err)
			}
			exchange{method: "GET", path: "/Two", status: 409}.run(t, addresses["Two"])
			w.File = files["Two"]
			w.takeDown()
		})
	}
}

// TestURLEvent: what a function URL sends fits aws-lambda-go's type for payload
// format 2.0, field by field. The one for function URLs has no routeKey.
func TestURLEvent(t *testing.T) {
	t.Parallel()
	m := webModule(t, "serviceName: Urls\nfunctions:\n  strict: {handler: ./web.Strict, runtime: provided.al2023, url: true}\n")
	w := local(t, m.file())
	address := output(t, w.mustUp(stage.Created), "StrictUrl")
	for _, x := range []exchange{
		{method: "GET", path: "/a%20b/?q=1&q=2", status: 200, body: "complete", headers: []string{"Cookie", "a=1; b=2", "X-Two", "1"}},
		{method: "POST", path: "/", status: 200, body: "complete"},
	} {
		x.run(t, strings.TrimSuffix(address, "/"))
	}
}
