// SPDX-License-Identifier: MIT

package dynamodb

import (
	"encoding/binary"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// longExpired is how old an expired item is that time to live leaves alone
// ("Using time to live (TTL) in DynamoDB", DynamoDB Developer Guide).
const longExpired = 5 * 365 * 24 * time.Hour

// expiryPlace returns where an item stands among those that expire, and whether
// it does: its attribute is a number of seconds.
func (t *table) expiryPlace(place string, item attribute.Item) (string, bool) {
	if t.TTL == "" {
		return "", false
	}
	n, ok := item[t.TTL].(attribute.Number)
	if !ok {
		return "", false
	}
	seconds, whole := n.Int64()
	if !whole || seconds < 0 {
		return "", false
	}
	return string(binary.BigEndian.AppendUint64(nil, uint64(seconds))) + place, true
}

// watch notes when an item expires.
func (t *table) watch(place string, item attribute.Item) {
	if at, ok := t.expiryPlace(place, item); ok {
		t.expiring.Set(at, place)
	}
}

// expired returns the places of items whose time is over.
func (t *table) expired(now time.Time) []string {
	var places []string
	oldest := string(binary.BigEndian.AppendUint64(nil, uint64(max(now.Add(-longExpired).Unix(), 0))))
	t.expiring.Ascend(oldest, func(at, place string) bool {
		if expiryOf(at).After(now) {
			return false
		}
		places = append(places, place)
		return true
	})
	return places
}

func expiryOf(at string) time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64([]byte(at[:8]))), 0)
}

// wakeExpiry has the times of expiry looked at again.
func (s *Service) wakeExpiry() {
	select {
	case s.expiry <- struct{}{}:
	default: // it will look anyway
	}
}

// expire deletes items when their time is over, which takes DynamoDB up to some
// days.
func (s *Service) expire() {
	for {
		timer := time.NewTimer(s.untilNext())
		select {
		case <-s.stopped.Done():
			timer.Stop()
			return
		case <-s.expiry:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// untilNext deletes what has expired and returns how long to wait then.
func (s *Service) untilNext() time.Duration {
	const idle = time.Hour // who waits is woken when there is something to do
	next, some := s.sweep()
	if !some {
		return idle
	}
	return min(max(next.Sub(s.env.Now()), 10*time.Millisecond), idle)
}

// sweep deletes what has expired and returns when something expires next.
func (s *Service) sweep() (next time.Time, some bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.env.Now()
	for _, t := range s.tables {
		for _, place := range t.expired(now) {
			item, _ := t.items.Get(place)
			if err := s.commit(record{Writes: []itemWrite{s.remove(t, item, true)}}); err != nil {
				s.env.Log.Warn().Err(err).Str("table", t.Name).Msg("delete expired item")
				return now.Add(time.Second), true
			}
		}
		t.expiring.Ascend(string(binary.BigEndian.AppendUint64(nil, uint64(now.Unix())))+"\xff", func(at, _ string) bool {
			if e := expiryOf(at); !some || e.Before(next) {
				next, some = e, true
			}
			return false
		})
	}
	return next, some
}
