// SPDX-License-Identifier: MIT

package schedule_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/schedule"
)

func TestAgenda(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var mu sync.Mutex
		var got []string
		note := func(name string) func(time.Time) {
			return func(due time.Time) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, name+" "+time.Since(began).String())
				if due.After(time.Now()) {
					t.Errorf("%s ran before %s", name, due)
				}
			}
		}
		every := func(d time.Duration) func(time.Time) (time.Time, bool) {
			return func(after time.Time) (time.Time, bool) { return after.Add(d), true }
		}
		a := schedule.NewAgenda(time.Now)
		a.Set("slow", every(100*time.Minute), note("slow"))
		a.Set("gone", every(time.Minute), note("gone"))
		a.Set("replaced", every(time.Minute), note("old"))
		a.Set("replaced", every(150*time.Minute), note("new"))
		a.Set("once", func(after time.Time) (time.Time, bool) { due := began.Add(time.Second); return due, due.After(after) }, note("once"))
		a.Set("never", func(time.Time) (time.Time, bool) { return time.Time{}, false }, note("never"))
		a.Remove("gone")
		a.Remove("unknown")
		time.Sleep(201 * time.Minute)
		a.Close()
		a.Set("late", every(time.Minute), note("late"))
		time.Sleep(time.Hour)
		want := []string{"once 1s", "slow 1h40m0s", "new 2h30m0s", "slow 3h20m0s"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Times that passed while the machine slept count once.
func TestAgendaAfterSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var offset time.Duration
		now := func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(offset)
		}
		runs := 0
		a := schedule.NewAgenda(now)
		defer a.Close()
		a.Set("k", func(after time.Time) (time.Time, bool) { return after.Add(10 * time.Minute), true }, func(time.Time) { mu.Lock(); runs++; mu.Unlock() })
		time.Sleep(time.Second)
		mu.Lock()
		offset = 5 * time.Hour
		mu.Unlock()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if runs != 1 {
			t.Errorf("ran %d times", runs)
		}
	})
}
