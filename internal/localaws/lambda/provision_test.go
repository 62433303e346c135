// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

// published makes a function with so many versions.
func published(t *testing.T, s *Service, name string, versions int) call {
	t.Helper()
	add(t, s, name, nil)
	c := call{scope: here, function: reference{name: name}}
	for i := range versions {
		update := updateConfigInput{configInput: configInput{Timeout: new(10 + i)}}
		if _, err := s.updateFunctionConfiguration(t.Context(), c, update); err != nil {
			t.Fatal(err)
		}
		if _, err := s.publishVersion(t.Context(), c, publishInput{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond) // within a bubble: two versions of one moment would be the same
	}
	return c
}

// ahead returns how many environments with an initialization type there are.
func (all *fakes) ahead(kind string) int {
	all.mu.Lock()
	defer all.mu.Unlock()
	n := 0
	for _, f := range all.made {
		select {
		case <-f.ended:
			continue
		default:
		}
		for _, variable := range f.config.Environ {
			if variable == "AWS_LAMBDA_INITIALIZATION_TYPE="+kind {
				n++
			}
		}
	}
	return n
}

func (s *Service) provisionFor(t *testing.T, c call, qualifier string, n int) provisionOutput {
	t.Helper()
	c.function.qualifier = qualifier
	if _, err := s.putProvision(t.Context(), c, provisionInput{&n}); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	out, err := s.getProvision(t.Context(), c, none{})
	if err != nil {
		t.Fatal(err)
	}
	return out.(provisionOutput)
}

// Environments are there before the first event, are used first, outlive the
// idle time, are made up for when they die, and end when they are no longer
// asked for.
func TestProvisionedEnvironments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := &fakes{}
		s := withFakes(t, all)
		c := published(t, s, "hello", 1)
		out := s.provisionFor(t, c, "1", 5)
		if out.Status != "READY" || out.AvailableProvisionedConcurrentExecutions != 5 || all.ahead(provisionedType) != 5 {
			t.Errorf("got %+v with %d environments", out, all.ahead(provisionedType))
		}
		run(t, s, "hello:1")
		if all.ahead(onDemandType) != 0 {
			t.Error("an event did not use what was started ahead")
		}
		time.Sleep(3 * idleTime)
		synctest.Wait()
		if got := all.ahead(provisionedType); got != 5 {
			t.Errorf("%d environments after the idle time", got)
		}
		all.handle = func(_ context.Context, f *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
			f.dead = true
			return sandbox.Outcome{}, nil
		}
		run(t, s, "hello:1")
		synctest.Wait()
		if made, closed := all.counts(); made-closed != 5 || all.ahead(provisionedType) != 5 {
			t.Errorf("made %d and closed %d: the one that died has no successor", made, closed)
		}
		if out := s.provisionFor(t, c, "1", 2); out.AllocatedProvisionedConcurrentExecutions != 2 || all.ahead(provisionedType) != 2 {
			t.Errorf("after fewer were asked for: %+v with %d", out, all.ahead(provisionedType))
		}
		c.function.qualifier = "1"
		if _, err := s.deleteProvision(t.Context(), c, none{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := all.ahead(provisionedType); got != 0 {
			t.Errorf("%d environments after the deletion", got)
		}
		_, err := s.getProvision(t.Context(), c, none{})
		if err == nil || !strings.HasPrefix(err.Error(), "ProvisionedConcurrencyConfigNotFoundException") {
			t.Errorf("got %v", err)
		}
		closeService(t, s)
	})
}

// The environments of an alias follow it to another version, and are divided as
// its events are.
func TestProvisionedAlias(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := &fakes{}
		s := withFakes(t, all)
		c := published(t, s, "hello", 2)
		if _, err := s.createAlias(t.Context(), c, aliasInput{Name: "live", FunctionVersion: new("1")}); err != nil {
			t.Fatal(err)
		}
		s.provisionFor(t, c, "live", 10)
		stocked := func(one, two int) {
			t.Helper()
			synctest.Wait()
			f := s.functions[keyOf(here, "hello")]
			if a, b := s.pool.stocked(f.version("1")), s.pool.stocked(f.version("2")); a != one || b != two || all.ahead(provisionedType) != one+two {
				t.Errorf("%d and %d environments of the versions, want %d and %d; %d in all", a, b, one, two, all.ahead(provisionedType))
			}
		}
		stocked(10, 0)
		for _, step := range []struct {
			version, other string
			share          float64
			one, two       int
		}{{"1", "2", 0.1, 9, 1}, {"1", "2", 0.5, 5, 5}, {"2", "", 0, 0, 10}} {
			if err := s.ShiftAlias(here, "hello", "live", step.version, step.other, step.share); err != nil {
				t.Fatal(err)
			}
			stocked(step.one, step.two)
		}
		if err := s.remove(here, reference{name: "hello"}); err != nil {
			t.Fatal(err)
		}
		stockedAll := all.ahead(provisionedType)
		synctest.Wait()
		if got := all.ahead(provisionedType); got != 0 {
			t.Errorf("%d environments after the function's deletion, %d just before", got, stockedAll)
		}
		closeService(t, s)
	})
}

func TestProvisionRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := withFakes(t, &fakes{})
		c := published(t, s, "hello", 2)
		if err := s.reserve(c, new(6)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.createAlias(t.Context(), c, aliasInput{Name: "live", FunctionVersion: new("1")}); err != nil {
			t.Fatal(err)
		}
		s.provisionFor(t, c, "1", 2)
		for _, test := range []struct {
			qualifier string
			n         int
			want      string
		}{
			{"", 1, "cannot be applied to unpublished function versions"},
			{"$LATEST", 1, "cannot be applied to unpublished function versions"},
			{"2", 0, "greater than or equal to 1"},
			{"2", 5, "should not be greater than the reservedConcurrentExecution"},
			{"live", 1, "on an already Provisioned version"},
			{"9", 1, "Function not found"},
		} {
			c.function.qualifier = test.qualifier
			if _, err := s.putProvision(t.Context(), c, provisionInput{&test.n}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%d for %q: got %v, want %s", test.n, test.qualifier, err, test.want)
			}
		}
		c.function.qualifier = ""
		if err := s.reserve(c, nil); err != nil {
			t.Fatal(err)
		}
		c.function.qualifier = "2"
		if _, err := s.putProvision(t.Context(), c, provisionInput{new(maxBusy)}); err == nil || !strings.Contains(err.Error(), "does not model provisioned concurrency of 52") {
			t.Errorf("more than one machine can run: %v", err)
		}
		closeService(t, s)
	})
}

// A function whose init phase fails has no provisioned concurrency, and says why.
func TestProvisionFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := &fakes{initError: "Runtime.ExitError"}
		s := withFakes(t, all)
		c := published(t, s, "hello", 1)
		out := s.provisionFor(t, c, "1", 2)
		if out.Status != "FAILED" || out.StatusReason != "FUNCTION_ERROR_INIT_FAILURE" || all.ahead(provisionedType) != 0 {
			t.Errorf("got %+v", out)
		}
		if err := s.awaitSupply(t.Context(), keyOf(here, "hello"), "1"); err == nil || !strings.Contains(err.Error(), initFailed) {
			t.Errorf("awaitSupply: %v", err)
		}
		closeService(t, s)
	})
}

// Nothing is left of environments that start while the service closes.
func TestCloseWhileProvisioning(t *testing.T) {
	t.Parallel()
	all := &fakes{}
	s := withFakes(t, all)
	c := published(t, s, "hello", 1)
	c.function.qualifier = "1"
	if _, err := s.putProvision(t.Context(), c, provisionInput{new(20)}); err != nil {
		t.Fatal(err)
	}
	closeService(t, s)
	if made, closed := all.counts(); made != closed {
		t.Errorf("made %d, closed %d", made, closed)
	}
}

// Reserved concurrency of 0 lets no event in.
func TestNoConcurrency(t *testing.T) {
	t.Parallel()
	s := withFakes(t, &fakes{})
	add(t, s, "hello", nil)
	if err := s.reserve(call{scope: here, function: reference{name: "hello"}}, new(0)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Invoke(t.Context(), here, "hello", nil, InvokeOptions{}); !throttled(err) {
		t.Errorf("got %v, want a throttle", err)
	}
	closeService(t, s)
}

// An alias divides its events among two versions as its weights say.
func TestAliasDividesEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := withFakes(t, &fakes{})
		c := published(t, s, "hello", 2)
		if _, err := s.createAlias(t.Context(), c, aliasInput{Name: "live", FunctionVersion: new("1"), RoutingConfig: &routing{map[string]float64{"2": 0.3}}}); err != nil {
			t.Fatal(err)
		}
		const events = 2000
		counts := map[string]int{}
		for range events {
			counts[run(t, s, "hello:live").ExecutedVersion]++
		}
		// 0.3 within six standard deviations.
		if share := float64(counts["2"]) / events; share < 0.24 || share > 0.36 || counts["1"]+counts["2"] != events {
			t.Errorf("events by version: %v", counts)
		}
		c.function.qualifier = "2"
		if err := s.deleteVersion(c, "2"); err == nil || !strings.Contains(err.Error(), "in use by alias live") {
			t.Errorf("deletion of a version that an alias leads to: %v", err)
		}
		if err := s.ShiftAlias(here, "hello", "live", "1", "2", 0); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if got := run(t, s, "hello:live").ExecutedVersion; got != "1" {
				t.Errorf("got version %s after the weight was taken away", got)
			}
		}
		if got, err := s.AliasVersion(here, "hello", "live"); got != "1" || err != nil {
			t.Errorf("AliasVersion gave %s, %v", got, err)
		}
		closeService(t, s)
	})
}
