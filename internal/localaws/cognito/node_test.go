// SPDX-License-Identifier: MIT

package cognito_test

import (
	"os"
	"os/exec"
	"testing"
)

// verifyJS checks a token by what a pool publishes, with Node's own cryptography.
const verifyJS = `
const crypto = require("node:crypto");
(async () => {
  const configuration = await (await fetch(process.env.POOL + "/.well-known/openid-configuration")).json();
  const { keys } = await (await fetch(configuration.jwks_uri)).json();
  const [header, claims, signature] = process.env.TOKEN.split(".");
  const { kid, alg } = JSON.parse(Buffer.from(header, "base64url"));
  const key = crypto.createPublicKey({ key: keys.find((k) => k.kid === kid && k.alg === alg), format: "jwk" });
  const fine = crypto.verify("RSA-SHA256", Buffer.from(header + "." + claims), key, Buffer.from(signature, "base64url"));
  if (!fine || JSON.parse(Buffer.from(claims, "base64url")).iss !== configuration.issuer) throw new Error("not signed by the pool");
})();
`

// Others can check tokens, too.
func TestNodeVerifies(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("node is not installed")
		}
		t.Skip("node is not installed")
	}
	p := open(t, t.TempDir()).create(t, nil, nil)
	p.user(t, "leonidas")
	tokens := p.signIn(t, "leonidas")
	for _, token := range []string{*tokens.IdToken, *tokens.AccessToken} {
		command := exec.CommandContext(t.Context(), "node", "-e", verifyJS)
		command.Env = append(os.Environ(), "POOL="+p.url+"/"+p.id, "TOKEN="+token)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}
