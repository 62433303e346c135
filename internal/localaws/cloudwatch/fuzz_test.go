// SPDX-License-Identifier: MIT

package cloudwatch

import (
	"encoding/json"
	"net/url"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"
)

// Whatever a query says becomes a tree that JSON can hold, or an error.
func FuzzTree(f *testing.F) {
	for _, seed := range []string{
		"AlarmName=x&Dimensions.member.1.Name=a&Dimensions.member.1.Value=b&Dimensions.member.2.Name=c", "A=1&A.b=2", "A..b=1", "A.member.2=1",
		"A.member.1.member.1=x", "A.b=1&A.b.c=2", "%zz", "a.b.c.d.e.f.g.h.i.j.k=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			t.Skip()
		}
		got, err := tree(form)
		if err != nil {
			return
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("tree of %q: %v", query, err)
		}
	})
}

// What comes from CBOR survives the way there and back.
func FuzzCBOR(f *testing.F) {
	f.Add(cbor.Encode(cbor.Map{"AlarmName": cbor.String("x"), "Threshold": cbor.Float64(1.5), "Names": cbor.List{cbor.String("a"), cbor.Bool(true)}}))
	f.Add([]byte{0xbf, 0x61, 'a', 0xf6, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := cbor.Decode(data)
		if err != nil {
			t.Skip()
		}
		tree, is := fromCBOR(value).(map[string]any)
		if !is {
			t.Skip()
		}
		again, err := cbor.Decode(cbor.Encode(toCBOR(tree)))
		if err != nil {
			t.Fatal(err)
		}
		want, wantErr := json.Marshal(tree)
		got, gotErr := json.Marshal(fromCBOR(again))
		if wantErr == nil && (gotErr != nil || cmp.Diff(string(want), string(got)) != "") {
			t.Errorf("%s became %s", want, got)
		}
	})
}
