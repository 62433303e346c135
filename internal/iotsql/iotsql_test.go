// SPDX-License-Identifier: MIT

package iotsql_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/iotsql"
)

const colors = `{"color":"red", "temperature":50}`

func message(payload string) iotsql.Message {
	return iotsql.Message{
		Topic: "foo/bar/baz", Payload: []byte(payload), Principal: "AIDA", SourceIP: "127.0.0.1", Account: "123456789012",
		Time: time.UnixMilli(1481825251155), Properties: map[string]string{"content_type": "text/plain"},
	}
}

// evaluate returns what a statement makes of a payload, "-" if it does not match.
func evaluate(t *testing.T, v iotsql.Version, sql, payload string) string {
	t.Helper()
	s, err := iotsql.Parse(sql, v)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	out, err := s.Evaluate(message(payload))
	switch {
	case err != nil:
		t.Fatalf("%s: %v", sql, err)
	case !out.Matched:
		return "-"
	}
	return string(out.Payload)
}

// TestDocumented has the examples of the AWS IoT SQL reference.
func TestDocumented(t *testing.T) {
	t.Parallel()
	const sensors = `{"e":[{"n":"temperature","u":"Cel","t":1234,"v":22.5},{"n":"light","u":"lm","t":1235,"v":135},{"n":"acidity","u":"pH","t":1235,"v":7}]}`
	const attributes = `{"attributes":{"data1":1,"data2":2},"values":[{"a":3},{"b":4},{"c":5}]}`
	const nested = `{"data1":"example","data2":{"a":"first attribute","b":"second attribute","c":[{"x":{"someInt":5},"y":true},{"x":{"someInt":10},"y":false}]}}`
	for _, test := range []struct{ name, sql, payload, want string }{
		{"everything", `SELECT * FROM 'topic/subtopic'`, colors, `{"color":"red","temperature":50}`},
		{"a key", `SELECT color FROM 'topic/subtopic'`, colors, `{"color":"red"}`},
		{"AS", `SELECT color AS my_color FROM 'topic/subtopic'`, colors, `{"my_color":"red"}`},
		{"several", `SELECT color as my_color, temperature as fahrenheit FROM 'topic/subtopic'`, colors, `{"my_color":"red","fahrenheit":50}`},
		{"more", `SELECT *, 15 as speed FROM 'topic/subtopic'`, colors, `{"color":"red","temperature":50,"speed":15}`},
		{"VALUE", `SELECT VALUE color FROM 'topic/subtopic'`, colors, `"red"`},
		{"a path", `SELECT color.red as red_value FROM 'topic/subtopic'`, `{"color":{"red":255,"green":0}}`, `{"red_value":255}`},
		{"calculation", `SELECT (temperature - 32) * 5 / 9 AS celsius, upper(color) as my_color FROM 'topic/subtopic'`, colors, `{"celsius":10,"my_color":"RED"}`},
		{"WHERE", `SELECT color AS my_color FROM 'topic/subtopic' WHERE temperature > 50 AND color <> 'red'`, `{"color":"red","temperature":40}`, `-`},
		{"a binary payload", `SELECT decode(encode(*, 'base64'), 'base64') AS value FROM 'topic/subtopic' WHERE decode(encode(*, 'base64'), 'base64') > 50`, `80`, `{"value":80}`},
		{"an array", `SELECT VALUE arr FROM 'topic'`, `{"a":{"b":"c"},"arr":[1,2,3,4]}`, `[1,2,3,4]`},
		{"an object literal", `SELECT {'latitude': get(lat_long, 0),'longitude':get(lat_long, 1)} as lat_long FROM 'topic/subtopic'`, `{"lat_long":[47.606,-122.332]}`, `{"lat_long":{"latitude":47.606,"longitude":-122.332}}`},
		{"an array literal", `SELECT [lat,long] as lat_long FROM 'topic/subtopic'`, `{"lat":47.696,"long":-122.332}`, `{"lat_long":[47.696,-122.332]}`},
		{"CASE", `SELECT CASE color WHEN 'green' THEN 'go' WHEN 'yellow' THEN 'caution' WHEN 'red' THEN 'stop' ELSE 'none' END as instructions FROM 't'`, `{"color":"yellow"}`, `{"instructions":"caution"}`},
		{"get in get", `SELECT * FROM 'iot/rules' WHERE get(get(get(mydata,"item2"),"0"),"my-key") = "myValue"`, `{"mydata":{"item2":{"0":{"my-key":"myValue"}}}}`, `{"mydata":{"item2":{"0":{"my-key":"myValue"}}}}`},
		{"a nested query", `SELECT (SELECT VALUE n FROM e) as sensors FROM 'my/topic'`, sensors, `{"sensors":["temperature","light","acidity"]}`},
		{"with WHERE", `SELECT (SELECT v FROM e WHERE n = 'temperature') as temperature FROM 'my/topic'`, sensors, `{"temperature":[{"v":22.5}]}`},
		{"flat", `SELECT get((SELECT v FROM e WHERE n = 'temperature'), 0).v as temperature FROM 'topic'`, sensors, `{"temperature":22.5}`},
		{"transform", `select value transform("enrichArray", attributes, values) from 'A/B'`, attributes, `[{"a":3,"data1":1,"data2":2},{"b":4,"data1":1,"data2":2},{"c":5,"data1":1,"data2":2}]`},
		{"transform of a literal", `select value transform("enrichArray", {"key": attributes.data1}, values) from 'A/B'`, attributes, `[{"a":3,"key":1},{"b":4,"key":1},{"c":5,"key":1}]`},
		{"transform of queries", `select value transform('enrichArray', (select a, b from data2), (select value c from data2)) from 'A/B'`, nested,
			`[{"x":{"someInt":5},"y":true,"a":"first attribute","b":"second attribute"},{"x":{"someInt":10},"y":false,"a":"first attribute","b":"second attribute"}]`},
		{"decode", `SELECT decode(encoded_temp,"base64").temperature AS temp from 'topic/subtopic'`, `{"encoded_temp":"eyAidGVtcGVyYXR1cmUiOiAzMyB9Cg=="}`, `{"temp":33}`},
		{"SET", `SET @d = device1.deviceData.sensors SELECT @d.temp_fahrenheit AS t, @d.humidity, device1.deviceId as id FROM 'device/data'`,
			`{"device1":{"deviceId":"w","deviceData":{"sensors":{"temp_fahrenheit":75,"humidity":60}}}}`, `{"t":75,"humidity":60,"id":"w"}`},
		{"whole decimals", `SELECT * FROM 't'`, `{"a":10.0,"b":[1.50,2.0]}`, `{"a":10,"b":[1.50,2]}`},
		{"IN", `SELECT a FROM 't' WHERE 3 IN arr`, `{"a":1,"arr":[1,2,3]}`, `{"a":1}`},
		{"not IN", `SELECT a FROM 't' WHERE a IN ['x','y']`, `{"a":"z"}`, `-`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := evaluate(t, iotsql.V2016, test.sql, test.payload); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestValues evaluates one expression after the other; "" is undefined.
func TestValues(t *testing.T) {
	t.Parallel()
	const payload = `{"i":7,"d":2.5,"s":"5","t":"text","yes":true,"n":null,"a":[1,"x",{"k":2}],"o":{"k":{"l":3}},"value":4,"from_":1,"grüße":8,"big":123456789012345678901234567890123456}`
	for _, test := range []struct{ expression, want string }{
		// Operators.
		{`i + 1`, `8`}, {`i + d`, `9.5`}, {`'a' + i`, `"a7"`}, {`d + 'a'`, `"2.5a"`}, {`'5' + 1`, `"51"`}, {`'a' + n`, ``}, {`i + n`, ``}, {`'a' + a`, `"a[1,\"x\",{\"k\":2}]"`},
		{`s - 1`, `4`}, {`t - 1`, ``}, {`7 / 2`, `3`}, {`7.5 / 2`, `3.75`}, {`-7 / 2`, `-3`}, {`1 / 3.5`, `0.2857142857142857142857142857142857`}, {`1 / 0`, ``}, {`1.5 / 0`, ``},
		{`-7 % 4`, `-3`}, {`5.5 % 2`, `1.5`}, {`5 % 0`, ``}, {`2 + 3 * 4`, `14`}, {`(2 + 3) * 4`, `20`}, {`2 - 3 - 4`, `-5`}, {`- - 3`, `3`}, {`-i`, `-7`},
		{`0.1 + 0.2`, `0.3`}, {`1e3 + 1`, `1001`}, {`2.5 * 2`, `5`}, {`big + 1`, `1.234567890123456789012345678901235E+35`}, {`1.5e400 * 1e600`, ``},
		{`i > d`, `true`}, {`'10' > 9`, `true`}, {`'a' > 1`, ``}, {`n > 1`, ``}, {`i >= 7 `, `true`}, {`i < 7`, `false`}, {`i <= 7.0`, `true`}, {`missing > 1`, ``},
		{`i = 7.0`, `true`}, {`s = 5`, `false`}, {`n = null`, `true`}, {`n <> null`, `false`}, {`a = [1,'x',{'k':2}]`, `true`}, {`o = {'k':{'l':3}}`, `true`}, {`missing = 1`, ``}, {`i != 8`, `true`}, {`missing <> 1`, ``},
		{`yes = true`, `true`}, {`yes AND 'TRUE'`, `true`}, {`yes AND 'no'`, ``}, {`false OR yes`, `true`}, {`yes OR missing`, ``}, {`NOT yes`, `false`}, {`NOT 'false'`, `true`}, {`NOT i`, ``},
		{`NOT i = 7 OR yes`, `true`}, {`false AND false OR true`, `true`}, {`i IN [7]`, `true`}, {`i IN 7`, ``}, {`missing IN [1]`, ``}, {`'x' IN a`, `true`},
		{`CASE missing WHEN 1 THEN 2 END`, ``}, {`CASE i WHEN 1 THEN 2 END`, ``}, {`CASE i WHEN 7 THEN 'seven' WHEN 7 THEN 'later' END`, `"seven"`},
		// Properties.
		{`o.k.l`, `3`}, {`o.missing.l`, ``}, {`i.k`, ``}, {`value * 2`, `8`}, {`grüße`, `8`}, {`'it''s'`, `"it's"`}, {`"x"`, `"x"`}, {`null`, `null`}, {`[missing, 1]`, `[1]`}, {`{'a': missing, 'b': 1}`, `{"b":1}`},
		// Functions: the documented examples, and types that do not fit.
		{`abs(-5)`, `5`}, {`abs("-5.123")`, `5.123`}, {`abs(yes)`, ``}, {`accountid()`, `"123456789012"`}, {`acos(0)`, `1.5707963267948966`}, {`acos(2)`, ``}, {`atan2(1, 0)`, `1.5707963267948966`},
		{`bitand(13, 5)`, `5`}, {`bitor(8, 5)`, `13`}, {`bitxor(13, 5)`, `8`}, {`bitnot(13)`, `-14`}, {`bitand(13.9, '5')`, `5`}, {`cast(true as Int)`, `1`}, {`cast('2.9' as int)`, `2`}, {`cast(-1.2 AS Int)`, `-2`},
		{`cast(0 as Boolean)`, `false`}, {`cast(i as String)`, `"7"`}, {`cast('x' as Double)`, ``}, {`cast(yes as Decimal)`, `1`}, {`cast(n as String)`, ``}, {`ceil(1.2)`, `2`}, {`ceil(-1.2)`, `-1`}, {`chr(65)`, `"A"`}, {`chr(300)`, ``},
		{`clientid()`, `"n/a"`}, {`concat()`, ``}, {`concat(1)`, `1`}, {`concat([1, 2, 3], 4)`, `[1,2,3,4]`}, {`concat([1, 2, 3], "hello", [4, 5, 6])`, `[1,2,3,"hello",4,5,6]`}, {`concat(1, "hello")`, `"1hello"`}, {`concat("he","is","man")`, `"heisman"`}, {`concat(1, 2)`, ``},
		{`cosh(2.3)`, `5.037220649268761`}, {`decode('?', 'base64')`, `null`}, {`decode('aGk=', 'base64')`, `"hi"`}, {`encode('hi', 'base64')`, `"aGk="`}, {`encode('hi', 'hex')`, ``}, {`endswith("cat","at")`, `true`}, {`endswith(n,"at")`, ``},
		{`floor(1.2)`, `1`}, {`floor(-1.2)`, `-2`}, {`get(["a", "b", "c"], 1)`, `"b"`}, {`get({"a":"b"}, "a")`, `"b"`}, {`get("abc", 0)`, `"a"`}, {`get(a, 9)`, ``}, {`get(a, -1)`, ``}, {`get(a, 2).k`, `2`}, {`get(i, 1)`, ``},
		{`get_or_default(missing, 1)`, `1`}, {`get_or_default(n, 1)`, `1`}, {`get_or_default(i, 1)`, `7`}, {`get_or_default(missing)`, ``}, {`get_mqtt_property('content_type')`, `"text/plain"`}, {`get_mqtt_property('response_topic')`, ``},
		{`md5("hello")`, `"5d41402abc4b2a76b9719d911017c592"`}, {`sha1('hello')`, `"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"`}, {`indexof("abcd", "bc")`, `1`}, {`isNull(5)`, `false`}, {`isNull(Null)`, `true`}, {`isUndefined(floor([1,2,3]))`, `true`}, {`isUndefined(5)`, `false`},
		{`length("hi")`, `2`}, {`length(false)`, `5`}, {`length('ß')`, `1`}, {`numbytes("€")`, `3`}, {`log(100)`, `2`}, {`ln(0)`, ``}, {`lower("HELLO")`, `"hello"`}, {`lower(["HELLO"])`, `"[\"hello\"]"`}, {`lpad("hello", 2)`, `"  hello"`}, {`rpad(1, 3)`, `"1   "`}, {`lpad('a', t)`, ``},
		{`Ltrim(" h i ")`, `"h i "`}, {`rtrim(" h i ")`, `" h i"`}, {`Trim(" hi ")`, `"hi"`}, {`mod(8, 3)`, `2`}, {`remainder(8, 3)`, `2`}, {`Nanvl(8, 3)`, `8`}, {`nanvl(n, 3)`, `3`}, {`power(2, 5)`, `32`}, {`power(2, 'x')`, ``}, {`principal()`, `"AIDA"`},
		{`regexp_matches("aaaa", "a{2,}")`, `true`}, {`regexp_matches("aaaa", "b")`, `false`}, {`regexp_matches("a", "(")`, ``}, {`regexp_replace("abcd", "bc", "x")`, `"axd"`}, {`regexp_replace("abcd", "b(.*)d", "$1")`, `"ac"`}, {`regexp_substr("hihihello", "(hi)*")`, `"hihi"`},
		{`replace("abcdabcd", "b", "x")`, `"axcdaxcd"`}, {`round(1.5)`, `2`}, {`round(-1.5)`, `-2`}, {`round(-1.1)`, `-1`}, {`round('x')`, ``}, {`sign(-7)`, `-1`}, {`sign(0)`, `0`}, {`sinh(2.3)`, `4.936961805545957`}, {`sqrt(9)`, `3`}, {`sqrt(2)`, `1.4142135623730951`}, {`sqrt(-1)`, ``}, {`tan(3)`, `-0.1425465430742778`}, {`tanh(2.3)`, `0.9800963962661914`},
		{`substring("012345", 0)`, `"012345"`}, {`substring("012345", 2.745)`, `"2345"`}, {`substring(123, 2)`, `"3"`}, {`substring(true, 1.2)`, `"rue"`}, {`substring(false, -2.411E247)`, `"false"`}, {`substring("012345", 1, 3)`, `"12"`}, {`substring("012345", -50, 50)`, `"012345"`}, {`substring("012345", 3, 1)`, `""`},
		{`sourceip()`, `"127.0.0.1"`}, {`sql_version()`, `"2016-03-23"`}, {`startswith("ranger","ran")`, `true`}, {`timestamp()`, `1481825251155`}, {`topic()`, `"foo/bar/baz"`}, {`topic(2)`, `"bar"`}, {`topic(9)`, ``}, {`topic(0)`, ``}, {`traceid()`, ``},
		{`trunc(2.3, 0)`, `2`}, {`trunc(2.3123, 2)`, `2.31`}, {`trunc(2.888, 2)`, `2.88`}, {`trunc(2.00, 5)`, `2`}, {`upper(["hello"])`, `"[\"HELLO\"]"`}, {`length(newuuid())`, `36`}, {`rand() < 1`, `true`}, {`transform('other', o, a)`, ``},
		{`upper('a', 'b')`, ``}, {`upper()`, ``}, {`(SELECT k FROM i)`, ``}, {`(SELECT VALUE k FROM o)`, `{"l":3}`}, {`(SELECT VALUE * FROM a)`, `[1,"x",{"k":2}]`}, {`(SELECT * FROM o)`, `{"k":{"l":3}}`}, {`(SELECT k, k AS b FROM a WHERE k > 1)`, `[{"k":2,"b":2}]`},
		{`parse_time("yyyy.MM.dd G 'at' HH:mm:ss z", 100000000, 'America/Belize')`, `"1970.01.01 AD at 21:46:40 CST"`}, {`parse_time('yyyy', timestamp(), 'UTC')`, `"2016"`},
		{`parse_time("yy-M-d'T'hh:m:ss.SSS a EEE EEEE MMM MMMM D k K Z ZZ ZZZ ''", timestamp())`, `"16-12-15T06:7:31.155 PM Thu Thursday Dec December 350 18 6 +0000 +00:00 UTC '"`},
		{`parse_time('ww', 0)`, ``}, {`parse_time('yyyy', 'x')`, ``}, {`parse_time('yyyy', 0, 'Nowhere/City')`, ``}, {`parse_time('yyyy', 0, 1)`, ``}, {`parse_time('yyyy', 1e30)`, ``},
		{`replace(encode(*, 'base64'), 'e', encode(*, 'base64')) = 1`, `false`},
	} {
		t.Run(test.expression, func(t *testing.T) {
			t.Parallel()
			want := `{"r":` + test.want + `}`
			if test.want == "" {
				want = `{}`
			}
			if got := evaluate(t, iotsql.V2016, `SELECT `+test.expression+` AS r FROM 't'`, payload); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// TestSelect is about what is selected, and in which form.
func TestSelect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		version iotsql.Version
		sql     string
		payload string
		want    string
	}{
		{"nested alias", iotsql.V2016, `SELECT t AS state.reported.temp, 1 AS state.reported.one, 2 AS state.x FROM 'a'`, `{"t":5}`, `{"state":{"reported":{"temp":5,"one":1},"x":2}}`},
		{"alias into the payload", iotsql.V2016, `SELECT *, 1 AS o.b FROM 'a'`, `{"o":{"a":0}}`, `{"o":{"a":0,"b":1}}`},
		{"the last part is the name", iotsql.V2016, `SELECT a.b.c FROM 'a'`, `{"a":{"b":{"c":[]}}}`, `{"c":[]}`},
		{"members of an object", iotsql.V2016, `SELECT state.reported.*, topic(1) AS t, missing.* FROM 'a'`, `{"state":{"reported":{"a":1,"b":[2]}}}`, `{"a":1,"b":[2],"t":"foo"}`},
		{"members of an object alone", iotsql.V2016, `SELECT state.* FROM 'a'`, `{"state":{"a":1}}`, `{"a":1}`},
		{"undefined is left out", iotsql.V2016, `SELECT a, missing, n FROM 'a'`, `{"a":1,"n":null}`, `{"a":1,"n":null}`},
		{"undefined by itself", iotsql.V2016, `SELECT VALUE missing FROM 'a'`, `{}`, ``},
		{"a property called value", iotsql.V2016, `SELECT value, value AS v FROM 'a' WHERE value > 1`, `{"value":2}`, `{"value":2,"v":2}`},
		{"VALUE of everything", iotsql.V2016, `SELECT VALUE * FROM 'a'`, `{"value":2}`, `{"value":2}`},
		{"an array as payload", iotsql.V2016, `SELECT * FROM 'a'`, ` [1, {"b": "<ä>"}]`, `[1,{"b":"<ä>"}]`},
		{"no payload", iotsql.V2016, `SELECT *, topic(1) AS t FROM 'a'`, ``, `{"t":"foo"}`},
		{"binary alone", iotsql.V2016, `SELECT * FROM 'a'`, "\x00\xff", "\x00\xff"},
		{"not UTF-8", iotsql.V2016, `SELECT * FROM 'a'`, "{\"a\":\"\xff\"}", "{\"a\":\"\xff\"}"},
		{"binary encoded", iotsql.V2016, `SELECT encode(*, 'base64') AS data, timestamp() AS ts FROM 'a'`, "\x00\xff", `{"data":"AP8=","ts":1481825251155}`},
		{"binary has no properties", iotsql.V2016, `SELECT * FROM 'a' WHERE device_type = 'thermostat'`, "\x00\xff", `-`},
		{"later values replace", iotsql.V2016, `SELECT *, 2 AS a FROM 'a'`, `{"a":1,"b":1}`, `{"a":2,"b":1}`},
		{"names twice in the payload", iotsql.V2016, `SELECT * FROM 'a'`, `{"a":1,"a":2}`, `{"a":2}`},
		{"numbers out of range", iotsql.V2016, `SELECT * FROM 'a'`, `{"a":1e99999,"b":1}`, `{"b":1}`},
		{"decimals of the old version", iotsql.V2015, `SELECT *, cast(1 AS Double) AS d FROM 'a'`, `{"a":10.0,"b":2}`, `{"a":10.0,"b":2,"d":1.0}`},
		{"no FROM", iotsql.V2016, `SELECT * WHERE a = 1`, `{"a":1}`, `{"a":1}`},
		{"variables of variables", iotsql.V2016, "SET @a = x + 1, @b = @a * 2\nSELECT @b AS b FROM 'a' WHERE @b > 3", `{"x":1}`, `{"b":4}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := evaluate(t, test.version, test.sql, test.payload); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestBinary(t *testing.T) {
	t.Parallel()
	s, err := iotsql.Parse(`SELECT *, 1 AS one FROM 'a'`, iotsql.V2016)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Evaluate(message("plain text")); !errors.Is(err, iotsql.ErrBinary) {
		t.Errorf("got %v", err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		sql, why string
		at       string // the text that the error is at
	}{
		{`things/+`, "does not begin with SELECT", "things"}, {``, "does not begin with SELECT", ""}, {`SELECT FROM 'a'`, "selects nothing", "FROM"}, {`SELECT`, "selects nothing", ""},
		{`SELECT * FROM things`, "no topic filter in quotes", "things"}, {`SELECT * FROM`, "no topic filter in quotes", ""}, {`SELECT * FROM 'a`, "quote ' that is not closed", "'a"},
		{`SELECT * FROM 'a/#/b'`, "# in its topic filter", "'a/#"}, {`SELECT * FROM ''`, "empty topic filter", "''"}, {`SELECT a b FROM 'a'`, "there is b", "b"}, {`SELECT * FROM 'a' ORDER BY b`, "there is ORDER", "ORDER"},
		{`SELECT get(x, 1 FROM 'a'`, "expects ) after the arguments of get, not FROM", "FROM"}, {`SELECT x) FROM 'a'`, "there is )", ")"}, {`SELECT a.0 FROM 'a'`, "name of a property", "0"}, {`SELECT a.my-key.x FROM 'a' WHERE b.2c = 1`, "begins with a digit", "2c"},
		{`SELECT a.* AS b FROM 'a'`, "there is AS", "AS b"}, {`SELECT a[0] FROM 'a'`, "bracket [ behind a value", "[0]"}, {`SELECT * FROM 'a' WHERE`, "expects a value, not the end", ""}, {`SELECT * FROM 'a' WHERE a = `, "expects a value", ""}, {`SELECT * FROM 'a' WHERE a LIKE 'b'`, "there is LIKE", "LIKE"},
		{`SELECT CASE a THEN 1 END FROM 'a'`, "expects WHEN, not THEN", "THEN"}, {`SELECT CASE a WHEN 1 THEN 2 FROM 'a'`, "expects END of CASE", "FROM"}, {`SELECT CASE WHEN a THEN 1 END FROM 'a'`, "expects a value, not WHEN", "WHEN"},
		{`SELECT @a FROM 'a'`, "no SET", "@a"}, {`SET @a = 1, @a = 2 SELECT * FROM 'a'`, "sets @a twice", "@a = 2"}, {`SET a = 1 SELECT *`, "name of a variable", "a = 1"}, {`SET @a = @b, @b = 1 SELECT *`, "no SET", "@b, "},
		{`SELECT VALUE a, b FROM 'a'`, "beside the one VALUE", "b FROM"}, {`SELECT (SELECT a) AS b FROM 'a'`, "expects FROM in the nested query", ") AS"}, {`SELECT cast(a) FROM 'a'`, "AS and a type", ") FROM"}, {`SELECT cast(a AS blob) AS b`, "no type", "blob"},
		{`SELECT {a: 1} AS b`, "name in quotes", "a: 1"}, {`SELECT {'a' 1} AS b`, "expects : after the name", "1}"}, {`SELECT a AS 1 FROM 'a'`, "name after AS", "1 FROM"}, {`SELECT a ; FROM 'a'`, "has ; where", ";"}, {`SELECT *; --`, "has ;", ";"}, {`SELECT @ AS b`, "name of a variable", "@"},
		{`SELECT ` + strings.Repeat("(", 100) + `1`, "in one another", ""}, {`SELECT ` + strings.Repeat("-", 100) + `1 AS b`, "in one another", ""}, {`SELECT ` + strings.Repeat("NOT ", 100) + `a AS b`, "in one another", ""}, {"SELECT '\xff'", "not UTF-8", ""}, {`SELECT 1e9999 AS a`, "too large", "1e9999"},
	} {
		t.Run(test.sql, func(t *testing.T) {
			t.Parallel()
			_, err := iotsql.Parse(test.sql, iotsql.V2016)
			fault, ok := errors.AsType[*iotsql.SyntaxError](err)
			if !ok || !strings.Contains(fault.Why, test.why) {
				t.Fatalf("got %v, want %s", err, test.why)
			}
			if test.at != "" && !strings.HasPrefix(test.sql[fault.Offset:], test.at) {
				t.Errorf("the error is at %q", test.sql[fault.Offset:])
			}
		})
	}
	for _, sql := range []string{`SELECT [1] AS a`, `SELECT {'a':1} AS a`, `SELECT (SELECT a FROM b) AS c`, `SELECT cast(1 AS Boolean) AS c`} {
		if _, err := iotsql.Parse(sql, iotsql.V2015); err == nil {
			t.Errorf("%s is taken in the old version", sql)
		}
	}
	if _, err := iotsql.Parse(`SELECT *`, "beta"); err == nil {
		t.Error("a version that is not there is taken")
	}
}

func TestStatement(t *testing.T) {
	t.Parallel()
	sql := `SELECT upper(a) AS b, aws_lambda('x', *), made_up(1) AS c FROM 'x/+'`
	s, err := iotsql.Parse(sql, iotsql.V2016)
	if err != nil {
		t.Fatal(err)
	}
	if filter, ok := s.Filter(); filter != "x/+" || !ok {
		t.Errorf("filter %q, %v", filter, ok)
	}
	var names []string
	for _, c := range s.Calls() {
		names = append(names, c.Name)
		if !strings.HasPrefix(sql[c.Offset:], c.Name) {
			t.Errorf("%s is at %d", c.Name, c.Offset)
		}
	}
	if got := strings.Join(names, " "); got != "upper aws_lambda made_up" {
		t.Errorf("calls %s", got)
	}
	if at, ok := s.Unnamed(); !ok || !strings.HasPrefix(sql[at:], "aws_lambda") {
		t.Errorf("unnamed: %d, %v", at, ok)
	}
	calls := s.Calls()
	if !calls[0].Evaluated() || !calls[0].Known() || calls[1].Evaluated() || !calls[1].Known() || calls[2].Known() || calls[1].Arguments != 2 {
		t.Errorf("calls %+v", calls)
	}
}

// TestFunctions: each function that is said to be evaluated is there.
func TestFunctions(t *testing.T) {
	t.Parallel()
	arguments := []string{`'a'`, `1`, `[1]`, `{'a':1}`, `yes`}
	for _, name := range iotsql.Functions() {
		if !(iotsql.Call{Name: name}).Evaluated() || name == "cast" || name == "get" || name == "parse_time" || name == "transform" || name == "traceid" {
			continue
		}
		found := false
		for n := range 4 {
			for _, argument := range append(arguments, `'base64'`, `'content_type'`) {
				list := strings.TrimSuffix(strings.Repeat(argument+",", n), ",")
				found = found || evaluate(t, iotsql.V2016, `SELECT `+name+`(`+list+`) AS r FROM 't'`, `{"yes":true}`) != `{}`
			}
		}
		if !found {
			t.Errorf("%s gives nothing whatever its arguments are", name)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		filter, topic string
		want          bool
	}{
		{"a/b", "a/b", true}, {"a/b", "a/c", false}, {"a/b", "a/b/c", false}, {"a/+", "a/b", true}, {"a/+", "a/b/c", false}, {"a/+", "a", false}, {"a/#", "a/b/c", true}, {"a/#", "a", true}, {"#", "a/b", true},
		{"+/b", "a/b", true}, {"+", "$aws", false}, {"#", "$aws/x", false}, {"$aws/#", "$aws/x", true}, {"a/+/c", "a//c", true}, {"a/+/#", "a/b/c/d", true}, {"/", "/", true}, {"a", "A", false},
	} {
		if got := iotsql.Matches(test.filter, test.topic); got != test.want {
			t.Errorf("%s, %s: got %v", test.filter, test.topic, got)
		}
	}
	for topic, fault := range map[string]bool{"a/b": false, "": true, "a/+": true, "a/#/b": true, "1/2/3/4/5/6/7/8": false, "1/2/3/4/5/6/7/8/9": true, "$aws/rules/r/1/2/3/4/5/6/7/8": false, strings.Repeat("a", 257): true} {
		if got := iotsql.TopicFault(topic); (got != "") != fault {
			t.Errorf("%q: got %q", topic, got)
		}
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	s, err := iotsql.Parse(`SET @x = i * 2 SELECT * FROM 'a'`, iotsql.V2016)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ text, want string }{
		{"plain", "plain"}, {"", ""}, {"${topic()}/${timestamp()}", "foo/bar/baz/1481825251155"}, {"a ${replace(topic(), '/', '-') + '-' + i} b", "a foo-bar-baz-7 b"},
		{"${get({'a': '}'}, 'a')}", "}"}, {"${missing}x", "x"}, {"${ @x }", "14"}, {"$ {x} $", "$ {x} $"},
	} {
		tmpl, err := s.Template(test.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := tmpl.Expand(message(`{"i":7}`)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.text, got, test.want)
		}
	}
	for _, text := range []string{"${", "${}", "${a", "${a b}", "${@y}", "x${'}"} {
		if _, err := s.Template(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

// FuzzStatement: no statement and no payload stops the program, errors are at
// places of the statement, and what is selected as JSON is JSON.
func FuzzStatement(f *testing.F) {
	for _, sql := range []string{
		`SELECT * FROM 'things/+'`, `select a, (SELECT VALUE b FROM c) AS d FROM "x/#" WHERE e = 'FROM'`, `SELECT value*2 AS a, VALUE FROM 'a' WHERE value > -1e5`, `SET @a = [1,{'b':c.d}] SELECT @a AS b.c`,
		`SELECT CASE a WHEN 1 THEN concat(a, [b]) ELSE NOT c END AS d, cast(a AS Int) AS e WHERE a IN [1] AND b <> c OR d / 2 % 3 >= 4`, `SELECT lpad(regexp_replace(a, '(.)', '$1$1'), 5) AS x, trunc(a, 2) AS y`, `SELECT *, transform('enrichArray', a, b) AS c, decode(encode(*, 'base64'), 'base64') AS d`,
	} {
		f.Add(sql, `{"a":1.50,"b":[{"c":"d"}],"value":null}`, true)
	}
	f.Fuzz(func(t *testing.T, sql, payload string, newer bool) {
		v := iotsql.V2015
		if newer {
			v = iotsql.V2016
		}
		s, err := iotsql.Parse(sql, v)
		if err != nil {
			fault, ok := errors.AsType[*iotsql.SyntaxError](err)
			if !ok || fault.Offset < 0 || fault.Offset > len(sql) || fault.Why == "" {
				t.Errorf("%q: %#v", sql, err)
			}
			return
		}
		if filter, ok := s.Filter(); ok && iotsql.FilterFault(filter) != "" {
			t.Errorf("%q: filter %q", sql, filter)
		}
		out, err := s.Evaluate(message(payload))
		if err == nil && out.JSON && len(out.Payload) > 0 && !json.Valid(out.Payload) {
			t.Errorf("%q of %q: %s", sql, payload, out.Payload)
		}
		if tmpl, err := s.Template(sql); err == nil {
			tmpl.Expand(message(base64.StdEncoding.EncodeToString([]byte(payload))))
		}
	})
}

// TestLarge: what grows beyond all bounds is given up.
func TestLarge(t *testing.T) {
	t.Parallel()
	ten := func(name string) string { return "[" + strings.Repeat(name+",", 9) + name + "]" }
	sql := `SET @a = ` + ten("a") + `, @b = ` + ten("@a") + `, @c = ` + ten("@b") + `, @d = ` + ten("@c") + `, @e = ` + ten("@d") + ` SELECT @c AS c, @e AS e FROM 'a'`
	if got := evaluate(t, iotsql.V2016, sql, `{"a":"0123456789"}`); !strings.HasPrefix(got, `{"c":[[[`) || len(got) < 10_000 || strings.Contains(got, `"e"`) && !strings.HasSuffix(got, `"e":[]}`) {
		t.Errorf("got %d bytes", len(got))
	}
	s, err := iotsql.Parse(`SET @a = `+strings.Replace(sql[9:], "SELECT @c AS c, @e AS e", "SELECT "+ten(ten("@c"))+" AS c", 1), iotsql.V2016)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Evaluate(message(`{"a":"0123456789"}`)); !errors.Is(err, iotsql.ErrLarge) {
		t.Errorf("got %v", err)
	}
}
