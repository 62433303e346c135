// SPDX-License-Identifier: MIT

package ses

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxSent is how many mails are kept for an account in a region; the oldest go
// first.
const maxSent = 1000

// sentMail is a mail that was sent and not received.
type sentMail struct {
	MessageID  string
	Time       time.Time
	Region     string
	Source     string
	Recipients []string // those that no rule receives
	Subject    string
	Tags       map[string]string `json:",omitempty"`
	Size       int               // bytes
	File       string            // with the mail
}

// keep writes a mail to a file and takes it into the list; s.mu is held.
func (s *Service) keep(p *place, o outgoing, id string, recipients []string, now time.Time) error {
	data := o.message.bytes()
	kept := &sentMail{
		MessageID: id, Time: now.UTC(), Region: o.scope.Region, Source: o.source, Recipients: recipients,
		Subject: decoded(o.message.get("Subject")), Tags: o.tags, Size: len(data), File: filepath.Join(s.dir, id+".eml"),
	}
	if err := os.WriteFile(kept.File, data, 0o600); err != nil {
		return fmt.Errorf("keep mail: %w", err)
	}
	p.Sent = append(p.Sent, kept)
	for len(p.Sent) > maxSent {
		_ = os.Remove(p.Sent[0].File) // one that is gone is as good
		p.Sent = slices.Delete(p.Sent, 0, 1)
	}
	s.changed()
	s.env.Log.Info().Str("message_id", id).Str("source", o.source).Strs("recipients", recipients).Str("file", kept.File).
		Msg("kept mail: none leaves this machine")
	s.noted.Do(func() {
		s.deps.Notice("mail that no receipt rule receives is kept in " + s.dir + ": none leaves this machine")
	})
	return nil
}

// sent returns what was kept, newest first.
func (s *Service) sent() []sentMail {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []sentMail{}
	for _, p := range s.regions {
		for _, kept := range p.Sent {
			list = append(list, *kept)
		}
	}
	slices.SortFunc(list, func(a, b sentMail) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.MessageID, a.MessageID))
	})
	return list
}
