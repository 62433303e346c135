// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// randomGraph returns a template of n resources in which each refers to some
// earlier ones, and what each needs.
func randomGraph(random *rand.Rand, n int, value string) (string, map[string][]string) {
	needs := map[string][]string{}
	var pairs []string
	for i := range n {
		id := fmt.Sprintf("R%d", i)
		properties := []string{fmt.Sprintf(`"Value":"%s%d"`, value, random.IntN(3))}
		if random.IntN(4) == 0 {
			properties = append(properties, fmt.Sprintf(`"Name":"%s%d"`, value, random.IntN(3)))
		}
		for j := range i {
			if random.IntN(4) == 0 {
				other := fmt.Sprintf("R%d", j)
				needs[id] = append(needs[id], other)
				properties = append(properties, fmt.Sprintf(`"P%d":{"Ref":"%s"}`, j, other))
			}
		}
		pairs = append(pairs, id, thing(strings.Join(properties, ",")))
	}
	return templateOf(pairs...), needs
}

// order watches that nothing is made before what it needs, and nothing deleted
// before what needs it.
type order struct {
	mu     sync.Mutex
	needs  map[string][]string
	made   map[string]bool
	random *rand.Rand
	fail   string // work to fail
	faults []string
}

func (o *order) script(ctx context.Context, verb, id string, r resource.Request) error {
	o.mu.Lock()
	pause := time.Duration(o.random.IntN(50)) * time.Millisecond
	switch verb {
	case "create":
		for _, need := range o.needs[id] {
			if !o.made[need] {
				o.faults = append(o.faults, id+" is made before "+need)
			}
		}
	case "delete":
		for other, needs := range o.needs {
			for _, need := range needs {
				if need == r.LogicalID && o.made[other] {
					o.faults = append(o.faults, r.LogicalID+" is deleted before "+other)
				}
			}
		}
	}
	o.mu.Unlock()
	select {
	case <-time.After(pause):
	case <-ctx.Done():
		return ctx.Err()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if verb+" "+id == o.fail {
		return errors.New("no")
	}
	o.made[r.LogicalID] = verb != "delete"
	return nil
}

// TestRandomGraphs: whatever the references, the order is respected, a rollback
// brings everything back, and nothing is left after a deletion.
func TestRandomGraphs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world) {
				random := rand.New(rand.NewPCG(seed, 1))
				n := 2 + random.IntN(25)
				template, needs := randomGraph(random, n, "a")
				watch := &order{needs: needs, made: map[string]bool{}, random: rand.New(rand.NewPCG(seed, 2))}
				w.cloud.on(watch.script)
				watch.fail = fmt.Sprintf("create R%d", random.IntN(n))
				if st := w.create("broken", template); st.StackStatus != types.StackStatusRollbackComplete || len(w.cloud.left()) > 0 {
					t.Fatalf("%s, left %v", st.StackStatus, w.cloud.left())
				}
				watch.fail = ""
				if st := w.create("app", template); st.StackStatus != types.StackStatusCreateComplete || len(w.cloud.left()) != n {
					t.Fatalf("%s, left %v", st.StackStatus, w.cloud.left())
				}
				if len(watch.faults) > 0 {
					t.Fatal(watch.faults)
				}
				updates(t, w, random, watch, n)
				last, _ := w.client.GetTemplate(t.Context(), &sdk.GetTemplateInput{StackName: aws.String("app")})
				watch.needs = needsOf(t, *last.TemplateBody)
				if st := w.remove("app"); st.StackStatus != types.StackStatusDeleteComplete || len(w.cloud.left()) > 0 {
					t.Errorf("%s, left %v", st.StackStatus, w.cloud.left())
				}
				if len(watch.faults) > 0 {
					t.Error(watch.faults)
				}
			})
		})
	}
}

// updates moves the stack through random templates, some of which fail.
func updates(t *testing.T, w *world, random *rand.Rand, watch *order, n int) {
	t.Helper()
	for round := range 6 {
		before := maps.Clone(w.cloud.live)
		size := max(2, n+random.IntN(7)-3)
		template, _ := randomGraph(random, size, string(rune('b'+random.IntN(2))))
		watch.needs = nil // two generations live side by side: only the outcome counts
		watch.fail = ""
		if round%2 == 0 {
			watch.fail = fmt.Sprintf("%s R%d", []string{"create", "update"}[random.IntN(2)], random.IntN(size))
		}
		failing := watch.fail
		w.cloud.on(func(ctx context.Context, verb, id string, r resource.Request) error {
			err := watch.script(ctx, verb, id, r)
			if err != nil && ctx.Err() == nil {
				watch.mu.Lock()
				watch.fail = "" // the rollback works
				watch.mu.Unlock()
			}
			return err
		})
		_, err := w.client.UpdateStack(t.Context(), &sdk.UpdateStackInput{StackName: aws.String("app"), TemplateBody: &template})
		if strings.HasSuffix(failure(t, err), "No updates are to be performed.") {
			continue
		}
		st := w.settled("app")
		rolledBack := st.StackStatus == types.StackStatusUpdateRollbackComplete
		switch {
		case rolledBack && failing == "", !rolledBack && st.StackStatus != types.StackStatusUpdateComplete:
			t.Fatalf("round %d: %s\n%s", round, st.StackStatus, strings.Join(w.history("app"), "\n"))
		case rolledBack && fmt.Sprint(before) != fmt.Sprint(w.cloud.live):
			t.Fatalf("round %d: the rollback left\n%v\nwant\n%v", round, w.cloud.live, before)
		case !rolledBack && len(w.cloud.left()) != size:
			t.Fatalf("round %d: left %v, want %d", round, w.cloud.left(), size)
		}
	}
}

// needsOf returns what each resource of a template refers to.
func needsOf(t *testing.T, body string) map[string][]string {
	t.Helper()
	var template struct {
		Resources map[string]struct{ Properties map[string]any }
	}
	if err := json.Unmarshal([]byte(body), &template); err != nil {
		t.Fatal(err)
	}
	needs := map[string][]string{}
	for id, definition := range template.Resources {
		for _, value := range definition.Properties {
			if object, ok := value.(map[string]any); ok {
				needs[id] = append(needs[id], object["Ref"].(string))
			}
		}
	}
	return needs
}

// TestLargeStack: the engine adds little to what the resources cost.
func TestLargeStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	template := largeTemplate(500)
	started := time.Now()
	if st := w.create("large", template); st.StackStatus != types.StackStatusCreateComplete {
		t.Fatal(st.StackStatus)
	}
	t.Logf("500 resources in %s", time.Since(started))
	if took := time.Since(started); took > 20*time.Second { // far above what is measured: this guards the order of growth
		t.Errorf("500 resources took %s", took)
	}
	if got := len(w.events("large")); got != 1502 {
		t.Errorf("%d events, want 1502", got)
	}
	if st := w.remove("large"); st.StackStatus != types.StackStatusDeleteComplete {
		t.Error(st.StackStatus)
	}
}

// largeTemplate has n resources in chains of ten.
func largeTemplate(n int) string {
	var pairs []string
	for i := range n {
		properties := `"Value":"` + strings.Repeat("x", 10) + `"`
		if i%10 > 0 {
			properties += fmt.Sprintf(`,"Of":{"Ref":"R%d"}`, i-1)
		}
		pairs = append(pairs, fmt.Sprintf("R%d", i), thing(properties))
	}
	return templateOf(pairs...)
}
