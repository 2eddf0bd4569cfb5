package lint

import (
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/kubevet/kubevet/lint/node"
)

// Checker runs rules over units.
type Checker struct {
	Rules   []*Rule
	Version Version
	Profile Profile
	// Settings are those of the user's configuration.
	Settings Settings
	// Jobs bounds how many objects of one unit are checked together.
	// Zero counts as one.
	Jobs int
	// Begin is called before the rules look at an object, and with nil before they
	// look at the unit as a whole. It may be called from several goroutines. May be nil.
	Begin func(*Object)
	// Prefix is the path of the working directory relative to the root of the
	// repository, with forward slashes. Fingerprints name files from there, so
	// that they are the same wherever the program is started.
	Prefix string
}

// Check runs every rule over a unit. The findings come in no particular order;
// NewReport sorts. A rule that panics is a Problem, and the others still run.
func (c *Checker) Check(u *Unit) ([]*Finding, []Problem) {
	u, problems := withoutOversized(u)
	perObject := make([]outcome, len(u.Objects)+1)
	c.parallel(len(u.Objects), func(i int) {
		perObject[i] = c.run(u, u.Objects[i])
	})
	perObject[len(u.Objects)] = c.run(u, nil)
	var findings []*Finding
	for _, o := range perObject {
		for _, d := range o.found { // placed one at a time: a Locator is no one else's meanwhile
			findings = append(findings, newFinding(u, d.rule, d.Diagnostic, c.Prefix))
		}
		problems = append(problems, o.problems...)
	}
	hideOthersSecrets(u, findings)
	return findings, problems
}

// withoutOversized leaves out the objects that aliases and merge keys make too large
// to walk, each with a Problem.
func withoutOversized(u *Unit) (*Unit, []Problem) {
	var problems []Problem
	oversized := func(o *Object) bool {
		if node.IsExpandable(o.Root.Node) {
			return false
		}
		problems = append(problems, Problem{
			Position: o.start(), Code: CodeLimit,
			Message: fmt.Sprintf("aliases and merge keys expand %s to more than %d nodes or %d levels; it was not checked", o.Ref(), node.MaxExpansion, node.MaxDepth),
			Help:    "write out what the aliases stand for, or split the object",
		})
		return true
	}
	if !slices.ContainsFunc(u.Objects, func(o *Object) bool { return !node.IsExpandable(o.Root.Node) }) {
		return u, nil
	}
	limited := *u
	limited.Objects = slices.DeleteFunc(slices.Clone(u.Objects), oversized)
	return &limited, problems
}

// outcome is what the rules say of one object, or of the unit as a whole.
type outcome struct {
	found    []diagnosed
	problems []Problem
}

type diagnosed struct {
	rule *Rule
	Diagnostic
}

// run runs all rules on one object, or on the unit as a whole if the object is nil.
func (c *Checker) run(u *Unit, o *Object) (out outcome) {
	if c.Begin != nil {
		c.Begin(o)
	}
	p := &Pass{Unit: u, Version: c.Version, Profile: c.Profile, Settings: c.Settings}
	for _, r := range c.Rules {
		p.Rule, p.found = r, p.found[:0]
		if failed := guarded(p, o); failed != nil {
			out.problems = append(out.problems, *failed)
		}
		for _, d := range p.found {
			out.found = append(out.found, diagnosed{r, d})
		}
	}
	return out
}

// guarded runs one rule and makes a panic of it a Problem.
func guarded(p *Pass, o *Object) (failed *Problem) {
	defer func() {
		e := recover()
		if e == nil {
			return
		}
		what := p.Unit.Name()
		if o != nil {
			what = o.Ref().String() + " of " + what
		}
		failed = &Problem{
			Message: fmt.Sprintf("rule %s failed on %s: %v", p.Rule.ID, what, e),
			Help:    "this is a defect of kubevet; please report it",
			Detail:  string(debug.Stack()),
		}
	}()
	if o != nil {
		p.Rule.Check.object(p, o)
	} else {
		p.Rule.Check.unit(p)
	}
	return nil
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
