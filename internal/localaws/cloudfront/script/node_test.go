// SPDX-License-Identifier: MIT

package script_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/cloudfront/script"
)

// viewerEvent is an event on a request, as AWS documents it.
const viewerEvent = `{"version":"1.0","context":{"distributionDomainName":"d111111abcdef8.cloudfront.net","distributionId":"EDFDVBD6EXAMPLE","eventType":"viewer-request","requestId":"r"},
	"viewer":{"ip":"127.0.0.1"},"request":{"method":"GET","uri":"/blog/2026/post","querystring":{"b":{"value":"2"},"a":{"value":"1","multiValue":[{"value":"1"},{"value":"x%20y"}]}},
	"headers":{"host":{"value":"example.com"},"accept-language":{"value":"de-DE,de;q=0.9,en;q=0.8"},"user-agent":{"value":"curl/8 (Android)"}},"cookies":{"id":{"value":"abc"}}}}`

// What functions are made of, in the engine and in NodeJS.
var likeNode = map[string]string{
	"pages of directories": `function handler(event) { var request = event.request; if (request.uri.endsWith("/")) { request.uri += "index.html" }
		else if (!request.uri.split("/").pop().includes(".")) { return { statusCode: 302, statusDescription: "Found", headers: { location: { value: request.uri + "/" } } } } return request }`,
	"language": `function handler(event) { const found = event.request.headers["accept-language"].value.split(",").map(l => { const [tag, q] = l.split(";q="); return { tag, q: Number(q ?? 1) } })
		.sort((x, y) => y.q - x.q).find(({ tag }) => ["en", "de"].includes(tag)); event.request.uri = ` + "`/${found?.tag ?? \"en\"}${event.request.uri}`" + `; return event.request }`,
	"query":       `function handler(event) { const q = event.request.querystring; return Object.keys(q).sort().map(k => (q[k].multiValue || [q[k]]).map(v => k + "=" + decodeURIComponent(v.value)).join("&")).join("&") }`,
	"expressions": `function handler(event) { const { year, rest } = /^\/blog\/(?<year>\d{4})\/(?<rest>.*)$/u.exec(event.request.uri).groups; return [year, rest, [..."a1b22".matchAll(/\d+/g)].map(m => m[0] + "@" + m.index), "x-y_z".replace(/(?<=-)y/, s => s.toUpperCase()), "ä€😀".match(/./gsu)] }`,
	"collections": `function handler() { const m = new Map([["a", 1], ["b", 2]]); m.set("c", 3); const s = new Set([1, 2, 2]); return { m: Object.fromEntries(m), s: [...s], flat: [1, [2, [3]]].flat(Infinity), at: [1, 2, 3].at(-1), from: Array.from({ length: 3 }, (_, i) => i * i), entries: Object.entries({ z: 1, y: 2 }) } }`,
	"classes":     `class Base { #secret = 42; static made = 0; constructor() { Base.made++ } get secret() { return this.#secret } } class Sub extends Base { toJSON() { return { secret: this.secret, made: Base.made } } } function handler() { new Sub(); return new Sub() }`,
	"async":       `const wait = v => new Promise(resolve => resolve(v)); async function handler() { const all = await Promise.all([wait(1), 2, wait(3)]); try { await Promise.reject(new Error("no")) } catch ({ message }) { all.push(message) } finally { all.push("end") } return all }`,
	"generators":  `function* count(n) { for (let i = 0; i < n; i++) yield i } function handler() { let total = 0; outer: for (const i of count(5)) { for (const j of count(5)) { if (j > i) continue outer; total += i * j } } return total }`,
	"numbers":     `function handler() { return [0.1 + 0.2, 1e21, 255..toString(16), parseInt("08"), Math.max(...[1, 5, 3]), Number.MAX_SAFE_INTEGER, (25).toString(36), 1.005.toFixed(2), 7 % -3, -7 >>> 28, 2 ** 10, NaN, 1_000] }`,
	"text":        `function handler() { return ["a".padStart(3, "-"), "  x ".trimEnd() + "|", "abc".replaceAll("b", "$&$&"), "ß".toUpperCase(), encodeURIComponent("ä b/&"), encodeURI("/ä b"), escape("ä"), "a,b".split(","), "😀".codePointAt(0), String.raw` + "`\\n`" + `, "é".normalize("NFD").length] }`,
	"dates":       `function handler() { const d = new Date(Date.UTC(2026, 10, 27, 12)); return [d.toISOString(), d.getUTCDay(), new Date("2026-11-27").getTime(), JSON.stringify({ d })] }`,
	"assignments": `function handler(event) { let a = null; a ??= { b: [] }; a.b.push(...Object.keys(event.request.cookies)); const { viewer: { ip = "none" } = {}, ...others } = event; return { a, ip, others: Object.keys(others), t: typeof Symbol.iterator, u: [undefined, () => 1], d: delete a.b } }`,
}

// TestLikeNode compares what functions return with what they return in NodeJS.
func TestLikeNode(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("node is not installed")
		}
		t.Skip("node is not installed")
	}
	for name, code := range likeNode {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := script.Compile("function.js", code)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Run(t.Context(), json.RawMessage(viewerEvent))
			if err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(t.Context(), node, "-")
			command.Stdin = strings.NewReader(code + "\nPromise.resolve(handler(" + viewerEvent + ")).then(v => process.stdout.write(JSON.stringify(v)))")
			want, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got.Value)); diff != "" {
				t.Errorf("result (-node +here):\n%s", diff)
			}
		})
	}
}
