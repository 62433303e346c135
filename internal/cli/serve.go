// SPDX-License-Identifier: MIT

package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/spec"
)

// serve keeps the embedded AWS up while stay runs. An interrupt is how serving
// ends: the command has then done what it should.
func (s *session) serve(stay func() error) error {
	if s.cloud.Attached() {
		s.ui.Note("another sparta process serves this service's URLs")
		return nil
	}
	s.ui.Note(fmt.Sprintf("aws --region %s --endpoint-url %s reaches all of it, with any credentials",
		cmp.Or(s.flags.Region, localRegion), s.cloud.Endpoint()))
	s.ui.Note("serving until Ctrl-C" + s.invitation())
	s.serving.Store(true)
	return stay()
}

func (s *session) untilInterrupt() error {
	<-s.ctx.Done()
	return nil
}

// heard shows what the service's functions log while it is served.
func (s *session) heard(r logs.Record) {
	if !s.serving.Load() {
		return
	}
	if function, ok := strings.CutPrefix(r.Group, spec.LogGroupName(s.result.Service, "")); ok {
		s.ui.Overheard(ui.LogEvent{Time: r.Time, Function: function, Stream: r.Stream, Message: strings.TrimRight(r.Message, "\r\n")})
	}
}

// invitation says how to try what is served.
func (s *session) invitation() string {
	for _, o := range s.result.Outputs {
		if strings.HasPrefix(o.Value, "http://127.0.0.1:") {
			return fmt.Sprintf("; try: curl %s", o.Value)
		}
	}
	return "; try `sparta invoke NAME --local` in another terminal"
}
