// SPDX-License-Identifier: MIT

package cognito

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"math/big"
	"strings"
)

// The group of the Secure Remote Password protocol (RFC 5054, its group of 3072
// bits), and 16 bytes of what both sides agree on as the key. AWS's client
// libraries, such as Amplify, are the description of how Cognito uses it.
const (
	srpPrime = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
		"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
		"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
		"83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
		"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
		"15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
		"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
		"BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"
	srpInfo    = "Caldera Derived Key"
	srpKeySize = 16
)

// srpGroup returns the prime and the generator.
func srpGroup() (n, g *big.Int) {
	n, _ = new(big.Int).SetString(srpPrime, 16)
	return n, big.NewInt(2)
}

// verifier is what is kept of a password: enough to find out who knows it, not to
// sign in.
type verifier struct {
	Salt  []byte
	Value []byte // g to the power of the salted hash
}

func newVerifier(poolID, username, password string) *verifier {
	v := &verifier{Salt: secret(16)}
	v.Value = v.of(poolID, username, password)
	return v
}

func (v *verifier) of(poolID, username, password string) []byte {
	_, name, _ := strings.Cut(poolID, "_")
	inner := sha256.Sum256([]byte(name + username + ":" + password))
	x := new(big.Int).SetBytes(hashed(padded(new(big.Int).SetBytes(v.Salt)), inner[:]))
	n, g := srpGroup()
	return new(big.Int).Exp(g, x, n).Bytes()
}

// matches reports whether the password is the one. A user without one has a nil
// verifier, which nothing matches.
func (v *verifier) matches(poolID, username, password string) bool {
	return v != nil && subtle.ConstantTimeCompare(v.Value, v.of(poolID, username, password)) == 1
}

func hashed(parts ...[]byte) []byte {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return sum[:]
}

// padded returns a number in bytes that no reader takes for a negative one.
func padded(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) == 0 || b[0]&0x80 != 0 {
		return append([]byte{0}, b...)
	}
	return b
}

// handshake is the server's side of one sign-in. It does not change.
type handshake struct {
	public *big.Int // B
	key    []byte
}

// shake answers the public value of a client, in hexadecimal. It reports false
// if that is none.
func shake(v *verifier, clientPublic string) (handshake, bool) {
	n, g := srpGroup()
	a, ok := new(big.Int).SetString(clientPublic, 16)
	if !ok || a.Sign() <= 0 || new(big.Int).Mod(a, n).Sign() == 0 {
		return handshake{}, false
	}
	k := new(big.Int).SetBytes(hashed(padded(n), padded(g)))
	b, value := new(big.Int).SetBytes(secret(128)), new(big.Int).SetBytes(v.Value)
	public := new(big.Int).Exp(g, b, n)
	public.Add(public, new(big.Int).Mul(k, value)).Mod(public, n)
	u := new(big.Int).SetBytes(hashed(padded(a), padded(public)))
	shared := new(big.Int).Exp(value, u, n)
	shared.Mul(shared, a).Exp(shared, b, n)
	return handshake{public, derive(padded(shared), padded(u))}, true
}

// derive makes the key by HKDF (RFC 5869).
func derive(secret, salt []byte) []byte {
	key, _ := hkdf.Key(sha256.New, secret, salt, srpInfo, srpKeySize) // fails for sizes beyond 8160 bytes only
	return key
}

// proof is the signature of one who knows the password. block and when are what
// the client got and says.
func (h handshake) proof(poolID, username string, block []byte, when string) []byte {
	_, name, _ := strings.Cut(poolID, "_")
	mac := hmac.New(sha256.New, h.key)
	mac.Write([]byte(name + username))
	mac.Write(block)
	mac.Write([]byte(when))
	return mac.Sum(nil)
}

// hexadecimal returns a number as clients expect it.
func hexadecimal(n *big.Int) string { return hex.EncodeToString(n.Bytes()) }

// salt returns the salt as a number, which is how clients get it.
func (v *verifier) salt() *big.Int { return new(big.Int).SetBytes(v.Salt) }
