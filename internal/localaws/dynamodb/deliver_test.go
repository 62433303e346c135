// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// TestDeliver: what a service puts into a table with a role.
func TestDeliver(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	if status, body := w.send(t, account, "CreateTable", `{"TableName":"things","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`); status != 200 {
		t.Fatalf("%s", body)
	}
	m := delivery.Message{Account: account, Target: here.Regional("dynamodb", "table/things"), Body: []byte(`{"id":{"S":"a"},"n":{"N":"1.5"}}`)}
	if err := w.Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, body := w.send(t, account, "GetItem", `{"TableName":"things","Key":{"id":{"S":"a"}}}`); !strings.Contains(string(body), `{"N":"1.5"}`) {
		t.Errorf("got %s", body)
	}
	for _, test := range []struct {
		change func(*delivery.Message)
		want   string
	}{
		{func(m *delivery.Message) { m.Target += "x" }, "ResourceNotFoundException"},
		{func(m *delivery.Message) { m.Account = "222222222222" }, "AccessDeniedException"},
		{func(m *delivery.Message) { m.Principal = "iot.amazonaws.com" }, "AccessDeniedException"},
		{func(m *delivery.Message) { m.Body = []byte(`{"n":{"N":"1"}}`) }, "Missing the key id"},
		{func(m *delivery.Message) { m.Body = []byte("x") }, "SerializationException"},
	} {
		other := m
		test.change(&other)
		if err := w.Deliver(t.Context(), other); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
