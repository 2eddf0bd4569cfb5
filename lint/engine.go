package lint

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Checker runs rules over units.
type Checker struct {
	Rules   []*Rule
	Version Version
	Profile Profile
	// Jobs bounds how many objects of one unit are checked together.
	// Zero counts as one.
	Jobs int
}

// Check runs every rule over a unit. The findings come in no particular order;
// NewReport sorts. A rule that panics is a Problem, and the others still run.
func (c *Checker) Check(u *Unit) ([]*Finding, []Problem) {
	perObject := make([]outcome, len(u.Objects))
	c.parallel(len(u.Objects), func(i int) {
		for _, r := range c.Rules {
			perObject[i].add(c.run(u, r, u.Objects[i]))
		}
	})
	var all outcome
	for _, o := range perObject {
		all.findings = append(all.findings, o.findings...)
		all.problems = append(all.problems, o.problems...)
	}
	for _, r := range c.Rules {
		all.add(c.run(u, r, nil))
	}
	return all.findings, all.problems
}

type outcome struct {
	findings []*Finding
	problems []Problem
}

func (o *outcome) add(f []*Finding, p *Problem) {
	o.findings = append(o.findings, f...)
	if p != nil {
		o.problems = append(o.problems, *p)
	}
}

// run runs one rule on one object, or on the unit as a whole if the object is nil.
func (c *Checker) run(u *Unit, r *Rule, o *Object) (found []*Finding, failed *Problem) {
	p := &Pass{Rule: r, Unit: u, Version: c.Version, Profile: c.Profile}
	defer func() {
		if e := recover(); e != nil {
			what := u.Name()
			if o != nil {
				what = o.Ref().String() + " of " + what
			}
			failed = &Problem{
				Message: fmt.Sprintf("rule %s failed on %s: %v", r.ID, what, e),
				Help:    "this is a defect of kubevet; please report it",
				Detail:  string(debug.Stack()),
			}
		}
	}()
	if o != nil {
		r.Check.object(p, o)
	} else {
		r.Check.unit(p)
	}
	for _, d := range p.found {
		found = append(found, newFinding(u, r, d))
	}
	return found, nil
}

// parallel calls do for 0 to n-1 from at most Jobs goroutines.
func (c *Checker) parallel(n int, do func(int)) {
	if c.Jobs <= 1 || n < 32 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(c.Jobs, n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}
