// SPDX-License-Identifier: MIT

package lambda

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzURLEvent checks that an event holds what the request said.
func FuzzURLEvent(f *testing.F) {
	f.Add("/a%20b?x=1&x=2", "application/json", "k=v; l=w", []byte(`{"a":1}`))
	f.Add("/", "image/png", "", []byte{0xff, 0})
	f.Add("/?%zz", "", ";;", []byte("text"))
	f.Fuzz(func(t *testing.T, target, contentType, cookie string, body []byte) {
		r, err := http.NewRequest("POST", "http://127.0.0.1:1"+target, strings.NewReader(string(body)))
		if err != nil || r.Host == "" {
			return
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Cookie", cookie)
		e := newURLEvent(r, body, &functionURL{ID: "id", Port: 1}, "000000000000", time.Unix(0, 0))
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back urlEvent
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		got := ""
		if back.Body != nil {
			got = *back.Body
		}
		if back.IsBase64Encoded {
			b, err := base64.StdEncoding.DecodeString(got)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
		}
		if got != string(body) {
			t.Errorf("body %q became %q", body, got)
		}
		if utf8.ValidString(target) && back.RawQueryString != r.URL.RawQuery {
			t.Errorf("query %q became %q", r.URL.RawQuery, back.RawQueryString)
		}
	})
}

// FuzzURLResponse checks that no result of a function breaks the server.
func FuzzURLResponse(f *testing.F) {
	f.Add([]byte(`{"statusCode":200,"headers":{"a":"b","n":1},"cookies":["c"],"body":"aGk=","isBase64Encoded":true}`), false)
	f.Add([]byte(`{"statusCode":204}`), false)
	f.Add([]byte(`"text"`), false)
	f.Add([]byte("{\"statusCode\":201}\x00\x00\x00\x00\x00\x00\x00\x00body"), true)
	f.Fuzz(func(t *testing.T, payload []byte, stream bool) {
		u := &functionURL{InvokeMode: "BUFFERED"}
		contentType := "application/json"
		if stream {
			u.InvokeMode, contentType = "RESPONSE_STREAM", httpMetadata
		}
		r, err := answerOf(u, Response{Payload: payload, ContentType: contentType})
		if err != nil {
			return
		}
		if r.status < 200 || r.status > 599 {
			t.Errorf("status %d", r.status)
		}
		w := httptest.NewRecorder()
		r.write(w)
		if w.Code != r.status {
			t.Errorf("wrote %d, want %d", w.Code, r.status)
		}
	})
}

func TestBufferedResponse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, payload string
		status        int // 0: none
		body          string
	}{
		{"text", `"hi"`, 200, `"hi"`},
		{"object", `{"message":"hi"}`, 200, `{"message":"hi"}`},
		{"null", `null`, 200, `null`},
		{"list", `[1]`, 200, `[1]`},
		{"full", `{"statusCode":404,"body":"no"}`, 404, "no"},
		{"status as text", `{"statusCode":"404","body":"no"}`, 404, "no"},
		{"no body", `{"statusCode":204}`, 204, ""},
		{"no JSON", `hi`, 0, ""},
		{"status out of range", `{"statusCode":99}`, 0, ""},
		{"status with a fraction", `{"statusCode":200.5}`, 0, ""},
		{"header that is a list", `{"statusCode":200,"headers":{"a":["b"]}}`, 0, ""},
		{"body that is an object", `{"statusCode":200,"body":{}}`, 0, ""},
		{"bad base64", `{"statusCode":200,"body":"!","isBase64Encoded":true}`, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := bufferedResponse([]byte(test.payload))
			if (err != nil) != (test.status == 0) {
				t.Fatalf("got error %v", err)
			}
			if err == nil && (got.status != test.status || string(got.body) != test.body) {
				t.Errorf("got %d %q, want %d %q", got.status, got.body, test.status, test.body)
			}
		})
	}
}
