// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"slices"
)

// parallel is how many resources are worked on at once.
const parallel = 64

// graph is a set of nodes to be visited, each after those it needs. Needs that
// are no nodes are ignored.
type graph struct {
	needs map[string][]string
	// carryOn visits what does not need a failed node; otherwise nothing new is
	// begun after a failure.
	carryOn bool
}

// run visits the nodes in parallel and returns once no visit is under way. It
// begins nothing new once ctx has ended. Nodes on a cycle are visited one after
// the other, when nothing else is left. It returns the errors of the visits.
func (g graph) run(ctx context.Context, visit func(id string) error) map[string]error {
	w := g.start()
	type result struct {
		id  string
		err error
	}
	results := make(chan result)
	failed := map[string]error{}
	running := 0
	for {
		for (len(failed) == 0 || g.carryOn) && ctx.Err() == nil && running < parallel {
			id, ok := w.next(running == 0 && len(failed) == 0)
			if !ok {
				break
			}
			running++
			go func() { results <- result{id, visit(id)} }()
		}
		if running == 0 {
			return failed
		}
		r := <-results
		running--
		if r.err != nil {
			failed[r.id] = r.err
			continue
		}
		w.done(r.id)
	}
}

// work is what a run has left to do.
type work struct {
	unmet      map[string]int // of nodes not yet begun
	dependents map[string][]string
	ready      []string
}

func (g graph) start() *work {
	w := &work{unmet: make(map[string]int, len(g.needs)), dependents: make(map[string][]string, len(g.needs))}
	for _, id := range sortedKeys(g.needs) {
		w.unmet[id] = 0
		needs := slices.Clone(g.needs[id])
		slices.Sort(needs)
		for _, need := range slices.Compact(needs) {
			if hasKey(g.needs, need) && need != id {
				w.unmet[id]++
				w.dependents[need] = append(w.dependents[need], id)
			}
		}
		if w.unmet[id] == 0 {
			w.ready = append(w.ready, id)
		}
	}
	return w
}

// next returns a node whose needs are met. With force it returns any node if
// there is no such one, to break a cycle.
func (w *work) next(force bool) (string, bool) {
	for len(w.ready) > 0 {
		id := w.ready[0]
		w.ready = w.ready[1:]
		if _, left := w.unmet[id]; left {
			delete(w.unmet, id)
			return id, true
		}
	}
	if force && len(w.unmet) > 0 {
		id := sortedKeys(w.unmet)[0]
		delete(w.unmet, id)
		return id, true
	}
	return "", false
}

func (w *work) done(id string) {
	for _, dependent := range w.dependents[id] {
		if _, left := w.unmet[dependent]; !left {
			continue
		}
		if w.unmet[dependent]--; w.unmet[dependent] == 0 {
			w.ready = append(w.ready, dependent)
		}
	}
}

// reversed returns the graph of a removal: each node after those that need it.
func reversed(needs map[string][]string) map[string][]string {
	result := make(map[string][]string, len(needs))
	for id := range needs {
		result[id] = nil
	}
	for id, list := range needs {
		for _, need := range list {
			if hasKey(needs, need) {
				result[need] = append(result[need], id)
			}
		}
	}
	return result
}
