package lint

import (
	"cmp"
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
	s := &shared{checker: c, unit: u}
	outcomes := make([]outcome, len(u.Objects)+1)
	c.parallel(len(u.Objects), func(i int) {
		outcomes[i] = s.run(u.Objects[i])
	})
	outcomes[len(u.Objects)] = s.run(nil)
	n := 0
	for _, o := range outcomes {
		n += len(o.findings)
	}
	findings := make([]*Finding, 0, n)
	t := trials{checker: c, unit: u}
	for _, o := range outcomes {
		t.run(o.untried)
		findings = append(findings, o.findings...)
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
	findings []*Finding
	untried  []untried
	problems []Problem
}

// shared is what all passes over one unit have in common.
type shared struct {
	checker *Checker
	unit    *Unit
	indexes indexes
	// renderer is held by whoever asks the renderer of the unit: its Locators,
	// Disabled and Unrendered are not safe for concurrent use.
	renderer sync.Mutex
	// texts has each text of findings once: most messages and paths are those of many
	// objects. It is guarded by renderer.
	texts map[string]string
}

// maxTexts limits how many texts are kept for sharing.
const maxTexts = 1 << 16

// text is an equal text that other findings use too. The renderer must be held.
func (s *shared) text(t string) string {
	if have, ok := s.texts[t]; ok {
		return have
	}
	if s.texts == nil {
		s.texts = map[string]string{}
	}
	if len(s.texts) < maxTexts {
		s.texts[t] = t
	}
	return t
}

// run runs all rules on one object, or on the unit as a whole if the object is nil.
// What they report is placed at once, so that only findings are kept.
func (s *shared) run(o *Object) outcome {
	c := s.checker
	if c.Begin != nil {
		c.Begin(o)
	}
	var out outcome
	buffer, _ := diagnosedPool.Get().(*[]diagnosed)
	if buffer == nil {
		buffer = new([]diagnosed)
	}
	p := &Pass{found: *buffer, Unit: s.unit, Version: c.Version, Profile: c.Profile, Settings: c.Settings, shared: s}
	for next := 0; next < len(c.Rules); {
		var failed *Problem
		if next, failed = runUntilPanic(p, o, c.Rules, next); failed != nil {
			out.problems = append(out.problems, *failed)
		}
	}
	if len(p.found) > 0 {
		out.findings, out.untried = s.place(p.found)
	}
	clear(p.found)
	*buffer = p.found[:0]
	diagnosedPool.Put(buffer)
	return out
}

// runUntilPanic runs rules from one on, and returns which is next: after a panic, with
// a Problem, the one that follows.
func runUntilPanic(p *Pass, o *Object, rules []*Rule, from int) (next int, failed *Problem) {
	next = from
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
			Code:    CodeDefect,
			Message: fmt.Sprintf("rule %s failed on %s: %v", p.Rule.ID, what, e),
			Help:    "this is a defect of kubevet; please report it",
			Detail:  string(debug.Stack()),
		}
	}()
	for next < len(rules) {
		p.Rule = rules[next]
		next++
		if o != nil {
			p.Rule.Check.object(p, o)
		} else {
			p.Rule.Check.unit(p)
		}
	}
	return next, nil
}

// place makes findings of what was reported of an object, or of the unit.
func (s *shared) place(found []diagnosed) (l []*Finding, open []untried) {
	s.renderer.Lock()
	defer s.renderer.Unlock()
	l = make([]*Finding, len(found))
	starts := map[*Object]Position{}
	for i, d := range found {
		of := d.of()
		start, ok := starts[of]
		if !ok {
			start = of.start()
			starts[of] = start
		}
		f := newFinding(s.unit, d.rule, d.Diagnostic, start, s.checker.Prefix)
		f.Message, f.Path, f.stable, f.Fix = s.text(f.Message), s.text(f.Path), s.text(f.stable), s.text(f.Fix)
		if i > 0 && l[i-1].Origin.Text == f.Origin.Text {
			f.Origin.Text = l[i-1].Origin.Text // most findings of an object are at a few lines
		}
		l[i] = f
		if sets := trialSets(&d.Diagnostic, f.Origin.Trail); len(sets) > 0 && s.unit.Try != nil {
			open = append(open, untried{f, d, sets, cmp.Or(d.Fix, d.rule.Fix)})
		}
	}
	return l, open
}

// diagnosedPool holds room for what rules report of one object.
var diagnosedPool sync.Pool

// diagnosed is what a rule reported.
type diagnosed struct {
	rule *Rule
	Diagnostic
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
