// SPDX-License-Identifier: MIT

package logs_test

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	name := "/aws/events/orders"
	if err := w.Deliver(t.Context(), delivery.Message{Target: here.Regional("logs", "log-group:"+name), Body: []byte("x")}); err == nil {
		t.Error("a log group that does not exist")
	}
	if _, err := w.client.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: &name}); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", ":*"} {
		m := delivery.Message{Target: here.Regional("logs", "log-group:"+name+suffix), Body: []byte(`{"n":1}`)}
		if err := w.Admits(m); err != nil {
			t.Error(err)
		}
		if err := w.Deliver(t.Context(), m); err != nil {
			t.Error(err)
		}
	}
	out, err := w.client.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: &name})
	if err != nil || len(out.Events) != 2 || *out.Events[0].Message != `{"n":1}` {
		t.Errorf("got %+v, %v", out, err)
	}
}
