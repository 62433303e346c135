// SPDX-License-Identifier: MIT

package eventpattern_test

import (
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
)

// event is that of the examples in the EventBridge User Guide, with some more.
const event = `{"version":"0","id":"6a7e8feb","detail-type":"EC2 Instance State-change Notification","source":"aws.ec2",
	"account":"111122223333","time":"2017-12-22T18:43:48Z","region":"us-west-1",
	"resources":["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
	"detail":{"instance-id":"i-1234567890abcdef0","state":"terminated","c-count":5,"d-count":3,"x-limit":301.8,"nothing":null,"on":true,
		"source-ip":"10.0.0.33","tags":["blue","red"],"empty":[],"path":"dir/a*b/file.PNG","eventName":"ShareSnapshot",
		"items":[{"kind":"a","size":1},{"kind":"b","size":2}]}}`

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, pattern string
		want          bool
	}{
		{"exact", `{"source":["aws.ec2"]}`, true},
		{"one of", `{"source":["aws.s3","aws.ec2"],"detail":{"state":["terminated"]}}`, true},
		{"all fields", `{"source":["aws.ec2"],"detail":{"state":["running"]}}`, false},
		{"element of a list", `{"resources":["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"]}`, true},
		{"number", `{"detail":{"c-count":[5]}}`, true},
		{"number written otherwise", `{"detail":{"c-count":[5.0]}}`, true},
		{"number is no text", `{"detail":{"c-count":["5"]}}`, false},
		{"text is no number", `{"account":[111122223333]}`, false},
		{"null", `{"detail":{"nothing":[null]}}`, true},
		{"absent is not null", `{"detail":{"missing":[null]}}`, false},
		{"boolean", `{"detail":{"on":[true]}}`, true},
		{"boolean is no text", `{"detail":{"on":["true"]}}`, false},
		{"prefix", `{"region":[{"prefix":"us-"}]}`, true},
		{"prefix of no text", `{"detail":{"c-count":[{"prefix":"5"}]}}`, false},
		{"prefix without case", `{"region":[{"prefix":{"equals-ignore-case":"US-W"}}]}`, true},
		{"suffix", `{"detail":{"path":[{"suffix":".png"}]}}`, false},
		{"suffix without case", `{"detail":{"path":[{"suffix":{"equals-ignore-case":".png"}}]}}`, true},
		{"without case", `{"detail":{"eventName":[{"equals-ignore-case":"sharesnapshot"}]}}`, true},
		{"anything but", `{"detail":{"state":[{"anything-but":"initializing"}]}}`, true},
		{"anything but itself", `{"detail":{"state":[{"anything-but":["stopped","terminated"]}]}}`, false},
		{"anything but numbers", `{"detail":{"x-limit":[{"anything-but":[100,200]}]}}`, true},
		{"anything but a number", `{"detail":{"c-count":[{"anything-but":5}]}}`, false},
		{"anything but an absent value", `{"detail":{"missing":[{"anything-but":"x"}]}}`, false},
		{"anything but, any of a list", `{"detail":{"tags":[{"anything-but":"blue"}]}}`, true},
		{"anything but a prefix", `{"detail":{"state":[{"anything-but":{"prefix":"term"}}]}}`, false},
		{"anything but prefixes", `{"detail":{"state":[{"anything-but":{"prefix":["init","x"]}}]}}`, true},
		{"anything but a suffix", `{"detail":{"path":[{"anything-but":{"suffix":".png"}}]}}`, true},
		{"anything but without case", `{"detail":{"state":[{"anything-but":{"equals-ignore-case":["TERMINATED"]}}]}}`, false},
		{"anything but a wildcard", `{"detail":{"path":[{"anything-but":{"wildcard":"*/file*"}}]}}`, false},
		{"numeric", `{"detail":{"c-count":[{"numeric":[">",0,"<=",5]}],"d-count":[{"numeric":["<",10]}],"x-limit":[{"numeric":["=",301.8]}]}}`, true},
		{"numeric too low", `{"detail":{"c-count":[{"numeric":[">",5]}]}}`, false},
		{"numeric at the bound", `{"detail":{"c-count":[{"numeric":[">=",5]}]}}`, true},
		{"numeric of a text", `{"account":[{"numeric":[">",0]}]}`, false},
		{"network", `{"detail":{"source-ip":[{"cidr":"10.0.0.0/24"}]}}`, true},
		{"other network", `{"detail":{"source-ip":[{"cidr":"10.0.1.0/24"}]}}`, false},
		{"exists", `{"detail":{"state":[{"exists":true}]}}`, true},
		{"exists, null", `{"detail":{"nothing":[{"exists":true}]}}`, true},
		{"exists not", `{"detail":{"missing":[{"exists":false}]}}`, true},
		{"exists is of leaves", `{"detail":[{"exists":true}]}`, false},
		{"an empty list has no value", `{"detail":{"empty":[{"exists":false}]}}`, true},
		{"absent below what is absent", `{"detail":{"missing":{"deeper":[{"exists":false}]}}}`, true},
		{"absent below a scalar", `{"source":{"deeper":["x"]}}`, false},
		{"or", `{"source":["aws.ec2"],"$or":[{"region":["eu-west-1"]},{"detail":{"c-count":[{"numeric":[">",4]}]}}]}`, true},
		{"or, none", `{"$or":[{"region":["eu-west-1"]},{"detail":{"c-count":[9]}}]}`, false},
		{"or deeper", `{"detail":{"$or":[{"c-count":[9]},{"d-count":[3]}]}}`, true},
		{"elements of a list of objects", `{"detail":{"items":{"kind":["b"],"size":[2]}}}`, true},
		{"of one element", `{"detail":{"items":{"kind":["b"],"size":[1]}}}`, false},
		{"wildcard", `{"resources":[{"wildcard":"arn:aws:ec2:*:instance/*"}]}`, true},
		{"wildcard to the end", `{"detail":{"path":[{"wildcard":"dir/*.jpg"}]}}`, false},
		{"wildcard with a star", `{"detail":{"path":[{"wildcard":"*a\\*b*"}]}}`, true},
		{"wildcard alone", `{"detail":{"state":[{"wildcard":"*"}]}}`, true},
		{"wildcard without one", `{"detail":{"state":[{"wildcard":"terminated"}]}}`, true},
		{"wildcard does not overlap", `{"detail":{"state":[{"wildcard":"terminat*nated"}]}}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := eventpattern.Parse([]byte(test.pattern))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Matches([]byte(event)); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestMatchesNoObject(t *testing.T) {
	t.Parallel()
	p, err := eventpattern.Parse([]byte(`{"a":[{"exists":false}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{`{}`: true, `[]`: false, `"a"`: false, `{"a"`: false, ``: false} {
		if got := p.Matches([]byte(text)); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ pattern, want string }{
		{`{`, "not valid JSON"},
		{`{"a":["b"]} x`, "goes on"},
		{`["a"]`, "not an object"},
		{`{}`, "Empty objects"},
		{`{"a":{}}`, "Empty objects"},
		{`{"a":[]}`, "Empty arrays"},
		{`{"a":"b"}`, `"a" must be an object or an array`},
		{`{"a":[["b"]]}`, "Match value must be"},
		{`{"a":[{"prefix":"b","suffix":"c"}]}`, "Only one key"},
		{`{"a":[{}]}`, "Only one key"},
		{`{"a":[{"like":"b"}]}`, "Unrecognized match type like"},
		{`{"a":[{"prefix":1}]}`, "must be a string"},
		{`{"a":[{"prefix":{"b":"c","d":"e"}}]}`, "equals-ignore-case"},
		{`{"a":[{"exists":"true"}]}`, "either true or false"},
		{`{"a":[{"cidr":"10.0.0.1"}]}`, "CIDR"},
		{`{"a":[{"wildcard":"a**b"}]}`, "Consecutive"},
		{`{"a":[{"wildcard":"**"}]}`, "Consecutive"},
		{`{"a":[{"wildcard":"a\\b"}]}`, "Invalid escape"},
		{`{"a":[{"numeric":[">"]}]}`, "numeric"},
		{`{"a":[{"numeric":["~",1]}]}`, "operator: ~"},
		{`{"a":[{"numeric":["<",1,">",3]}]}`, "operator: <"},
		{`{"a":[{"numeric":[">",3,"<",3]}]}`, "Bottom must be less than top"},
		{`{"a":[{"numeric":["=",6000000000]}]}`, "between"},
		{`{"a":[{"anything-but":[]}]}`, "Empty arrays"},
		{`{"a":[{"anything-but":[true]}]}`, "mixed type"},
		{`{"a":[{"anything-but":{"numeric":["=",1]}}]}`, "Unsupported anything-but"},
		{`{"$or":[{"a":["b"]},{}]}`, "Empty objects"},
		{strings.Repeat(`{"a":`, 200) + `["b"]` + strings.Repeat(`}`, 200), "nested"},
	} {
		_, err := eventpattern.Parse([]byte(test.pattern))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.60s: got %v, want %s", test.pattern, err, test.want)
		}
	}
}

func TestFlat(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		`{"a":["b"],"$or":[{"c":["d"]},{"e":["f"]}]}`: true, `{"a":{"b":["c"]}}`: false, `{"$or":[{"c":["d"]},{"e":{"f":["g"]}}]}`: false,
	} {
		p, err := eventpattern.Parse([]byte(pattern))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Flat(); (err == nil) != want {
			t.Errorf("%s: got %v", pattern, err)
		}
	}
}

// A field may be called $or.
func TestFieldCalledOr(t *testing.T) {
	t.Parallel()
	p, err := eventpattern.Parse([]byte(`{"$or":["a",{"prefix":"b"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Matches([]byte(`{"$or":"bc"}`)) || p.Matches([]byte(`{"$or":"c"}`)) {
		t.Error("the field $or does not match as others do")
	}
}

// Whatever is given, parsing and matching end without a panic, and a pattern
// that asks for a literal matches the event that has it.
func FuzzPattern(f *testing.F) {
	f.Add(`{"source":["aws.ec2"],"$or":[{"a":[1]},{"b":[{"numeric":[">",0,"<",5]}]}]}`, event)
	f.Add(`{"a":[{"anything-but":{"wildcard":["a*b","\\*"]}}]}`, `{"a":["axb"]}`)
	f.Add(`{"a":{"b":[{"exists":false}]}}`, `{"a":[[{"b":null}],3]}`)
	f.Add(`{"a":[{"cidr":"::/0"},{"suffix":{"equals-ignore-case":"x"}}]}`, `{"a":"::1"}`)
	f.Fuzz(func(t *testing.T, pattern, event string) {
		p, err := eventpattern.Parse([]byte(pattern))
		if err != nil {
			if p != nil {
				t.Error("a pattern beside an error")
			}
			return
		}
		//lint:ignore SA4000 twice is what is tested
		if p.Matches([]byte(event)) != p.Matches([]byte(event)) {
			t.Error("matching twice differs")
		}
		_ = p.Flat()
	})
}
