package lint

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// Checker runs rules over units.
type Checker struct {
	Rules   []*Rule
	Version Version
	Profile Profile
	// Settings are those of the user's configuration.
	Settings Settings
	// Jobs limits how many objects of one unit are checked together.
	// Zero counts as one.
	Jobs int
	// Begin is called before the rules look at an object or another document, and with
	// nil before they look at the unit as a whole. It may be called from several
	// goroutines. May be nil.
	Begin func(*Document)
	// Exempt says of which objects a rule, that of the Pass, does not report: rules that
	// cannot apply to them. May be nil.
	Exempt func(*Pass, *Object) bool
	// Edits makes fixes have edits, where a Locator knows them.
	Edits bool
	// Prefix is the path of the working directory relative to the root of the
	// repository, with forward slashes. Fingerprints name files from there, so
	// that they are the same wherever the program is started.
	Prefix string
}

// Check runs every rule over a unit. The findings come in no particular order;
// NewReport sorts. A rule that panics is a Problem, and the others still run.
func (c *Checker) Check(u *Unit) ([]*Finding, []Problem) {
	var findings []*Finding
	problems := c.Each(u, func(l []*Finding) { findings = append(findings, l...) })
	return findings, problems
}

// Each is Check for large units: it hands on the findings in batches, by one goroutine
// at a time, so that they need not be held all at once.
func (c *Checker) Each(u *Unit, each func([]*Finding)) []Problem {
	u, problems := withoutOversized(u)
	s := &shared{checker: c, unit: u, out: &batches{each: each, secrets: newSecretTexts(u)}}
	objects, all := len(u.Objects), len(u.Objects)+len(u.Documents)
	outcomes := make([]outcome, all+1)
	c.parallel(all, func(i int) {
		if i < objects {
			outcomes[i] = s.run(subject{object: u.Objects[i]})
		} else {
			outcomes[i] = s.run(subject{other: u.Documents[i-objects]})
		}
	})
	outcomes[all] = s.run(subject{})
	t := trials{unit: c.variant(u), beside: besides(outcomes)}
	t.await(outcomes)
	t.unit.whole = outcomes[all].reported
	for i, o := range outcomes {
		if o.reported != nil && i < objects {
			t.unit.reported[u.Objects[i]] = o.reported
		}
		t.run(o.untried)
		for _, f := range o.untried {
			if f.finding.settle(u, &f.Diagnostic, c.Profile) {
				s.out.add(f.finding)
			}
		}
		problems = append(problems, o.problems...)
	}
	s.out.flush()
	return problems
}

// batchSize is how many findings are held before they are handed on.
const batchSize = 2048

// batches collects findings and hands them on.
type batches struct {
	each    func([]*Finding)
	secrets *secretTexts

	mu    sync.Mutex
	batch []*Finding
}

func (b *batches) add(l ...*Finding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.batch = append(b.batch, l...); len(b.batch) >= batchSize {
		b.handOn()
	}
}

func (b *batches) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handOn()
}

func (b *batches) handOn() {
	if len(b.batch) > 0 {
		b.secrets.hide(b.batch)
		b.each(b.batch)
		b.batch = nil
	}
}

// withoutOversized leaves out the objects and other documents that aliases and merge
// keys make too large to walk, each with a Problem.
func withoutOversized(u *Unit) (*Unit, []Problem) {
	var problems []Problem
	report := func(d *Document, name string) {
		problems = append(problems, Problem{
			Position: d.start(), Code: CodeLimit,
			Message: fmt.Sprintf("aliases and merge keys expand %s to more than %d nodes or %d levels; it was not checked", name, node.MaxExpansion, node.MaxDepth),
			Help:    "write out what the aliases name, or split the object",
		})
	}
	isFine := func(d *Document) bool { return d.Root.Node == nil || node.IsExpandable(d.Root.Node) }
	limited := *u
	limited.Objects, limited.Documents = nil, nil
	for _, o := range u.Objects {
		if isFine(&o.Document) {
			limited.Objects = append(limited.Objects, o)
		} else {
			report(&o.Document, o.Ref().String())
		}
	}
	for _, d := range u.Documents {
		if isFine(d) {
			limited.Documents = append(limited.Documents, d)
		} else {
			report(d, d.File)
		}
	}
	if len(problems) == 0 {
		return u, nil
	}
	return &limited, problems
}

// subject is what all rules look at together: an object, another document, or, if
// both are nil, the unit as a whole.
type subject struct {
	object *Object
	other  *Document
}

// document is the subject as a document. It is nil if it is the unit.
func (s subject) document() *Document {
	if s.object != nil {
		return &s.object.Document
	}
	return s.other
}

// check runs a check on the subject.
func (s subject) check(c Check, p *Pass) {
	switch {
	case s.object != nil:
		c.object(p, s.object)
	case s.other != nil:
		c.document(p, s.other)
	default:
		c.unit(p)
	}
}

// in names the subject in a message, with its unit.
func (s subject) in(u *Unit) string {
	switch {
	case s.object != nil:
		return s.object.Ref().String() + " of " + u.Name()
	case s.other != nil:
		return s.other.File
	}
	return u.Name()
}

// outcome is what is left to do and to say after the rules have looked at a subject.
type outcome struct {
	untried  []untried
	problems []Problem
	// reported is what the rules reported of the object, if there is a fix to be tried. It is nil
	// if it is not known.
	reported reports
}

// shared is what all passes over one unit have in common.
type shared struct {
	checker *Checker
	unit    *Unit
	// out takes the findings. It is nil if what rules report stays in the Pass.
	out     *batches
	indexes indexes
	// renderer is held by anyone who asks the renderer of the unit: its Locators,
	// Disabled and Unrendered are not safe for concurrent use.
	renderer sync.Mutex
	// texts has each text of findings once: most messages and paths are those of many
	// objects. It is guarded by renderer.
	texts map[string]string
	// undone runs rules on objects as they are without a part of a patch, and undoings counts them. Both are guarded by renderer.
	undone   *variant
	undoings int
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

// run runs all rules on a subject. What they report is placed at once, so that only
// findings are kept.
func (s *shared) run(of subject) outcome {
	c := s.checker
	if c.Begin != nil {
		c.Begin(of.document())
	}
	var out outcome
	buffer, _ := diagnosedPool.Get().(*[]diagnosed)
	if buffer == nil {
		buffer = new([]diagnosed)
	}
	p := &Pass{found: *buffer, Unit: s.unit, Version: c.Version, Profile: c.Profile, Settings: c.Settings, shared: s}
	for next := 0; next < len(c.Rules); {
		var failed *Problem
		if next, failed = runUntilPanic(p, of, c.Rules, next); failed != nil {
			out.problems = append(out.problems, *failed)
		}
	}
	inParts := p.placed
	p.place()
	if out.untried = p.untried; of.other == nil && !inParts {
		out.reported = p.reported
	}
	*buffer = p.found
	diagnosedPool.Put(buffer)
	return out
}

// maxHeld is how many diagnostics and related values a Pass keeps before it places them.
// An object with many containers may have very many.
const maxHeld = 1024

// place makes findings of what was reported since the last call, and hands them on.
func (p *Pass) place() {
	if len(p.found) == 0 {
		return
	}
	findings, open := p.shared.place(p.found)
	p.shared.out.add(findings...)
	if p.untried = append(p.untried, open...); len(open) > 0 {
		p.reported = reportsOf(p.found)
	}
	p.placed = true
	clear(p.found)
	p.found, p.held = p.found[:0], 0
}

// runUntilPanic runs rules from one on, and returns which is next: after a panic, with
// a Problem, the one that follows.
func runUntilPanic(p *Pass, of subject, rules []*Rule, from int) (next int, failed *Problem) {
	next = from
	defer func() {
		e := recover()
		if e == nil {
			return
		}
		failed = &Problem{
			Code:    CodeDefect,
			Message: fmt.Sprintf("rule %s failed on %s: %v", p.Rule.ID, of.in(p.Unit), e),
			Help:    "this is a defect of kubevet; please report it",
			Detail:  string(debug.Stack()),
		}
	}()
	for next < len(rules) {
		p.Rule = rules[next]
		next++
		of.check(p.Rule.Check, p)
	}
	return next, nil
}

// place makes findings of what was reported of a subject. Those of which fixes are to
// be tried are open.
func (s *shared) place(found []diagnosed) (l []*Finding, open []untried) {
	s.renderer.Lock()
	defer s.renderer.Unlock()
	l = make([]*Finding, 0, len(found))
	var last *Document // most findings are of one
	var start Position
	text := ""
	for _, d := range found {
		of := d.document()
		if of != last {
			last, start = of, of.start()
		}
		f := newFinding(s.unit, d.rule, d.Diagnostic, start, s.checker.Prefix)
		f.Message, f.Path, f.stable, f.Fix.Title = s.text(f.Message), s.text(f.Path), s.text(f.stable), s.text(f.Fix.Title)
		if s.checker.Edits {
			f.Fix.Edits = d.edits()
		}
		s.undo(f, d)
		if f.Origin.Text == text {
			f.Origin.Text = text // most findings of an object are at a few lines
		}
		text = f.Origin.Text
		sets, entries := trialSets(&d.Diagnostic, f.Origin.Trail), d.namedKeys()
		for _, e := range slices.Backward(entries) {
			sets = slices.Concat(d.Fix.Key.Sets(Step{Kind: StepDecides, Position: e.Position, Label: e.Key, Below: e.Below}), sets)
		}
		sets = slices.Concat(f.listSets(&d.Diagnostic), sets, d.setsWithout(f.Origin.Trail))
		own, shared, switches, leaving := f.ownKey(&d.Diagnostic), f.sharedKey(&d.Diagnostic), d.switches(), f.leaving(&d.Diagnostic)
		sets = d.withPrinted(sets, f.Origin.Trail, own)
		emptied, suppliers, parts := f.emptiedKey(&d.Diagnostic), f.suppliers(&d.Diagnostic), f.parts(&d.Diagnostic)
		var passed []Step
		if len(sets) == 0 && own.Label == "" && s.unit.Refuses != nil {
			passed = f.passedOn(&d.Diagnostic)
		}
		isTried := len(sets) > 0 || own.Label != "" || shared.Label != "" || len(switches) > 0 || len(leaving) > 0 || passed != nil || emptied.Label != "" || len(suppliers)+len(parts) > 0
		if isTried && f.Origin.Repair == "" && s.unit.Try != nil && d.of() != nil {
			open = append(open, untried{f, d, sets, d.fixText(d.rule, cmp.Or(d.Fix.Title, d.rule.Fix)), entries, own, switches, leaving, shared, passed, emptied, suppliers, parts})
		} else if f.settle(s.unit, &d.Diagnostic, s.checker.Profile) {
			l = append(l, f)
		}
	}
	return l, open
}

// RemovalLocator is a Locator that knows what removes a value.
type RemovalLocator interface {
	// Removal is the part of a patch, at the place of an absent value, that removes it. It is nil if there is none.
	Removal(v Value) *Removal
}

// Removal is a part of a patch that removes a value.
type Removal struct {
	// Part is what there is to delete: "this operation".
	Part string
	// Without is the object as it is without the part. It is nil if that is not known.
	Without *yaml.Node
	// LacksValue is set if the part removes what would be around the value, but does not hold it: without the part, the value is
	// not there either.
	LacksValue bool
}

// maxUndoings is how many objects of a unit are looked at without a part of a patch.
const maxUndoings = 256

// undo makes the fix of a finding to delete what removes the value of it from a patch, with what else there is to do unless
// the rule reports no more of the value then. The renderer must be held.
func (s *shared) undo(f *Finding, d diagnosed) {
	l, ok := d.place().locator.(RemovalLocator)
	if !ok || d.At.IsSet() || d.In != nil || d.of() == nil {
		return
	}
	r := l.Removal(d.At)
	if r == nil || strings.HasPrefix(f.Fix.Title, "ignore the finding") {
		return
	}
	f.Fix.Value, f.Fix.Addition, f.Fix.Edits = "", Addition{}, nil
	todo := "delete " + r.Part + " from the patch"
	switch {
	case r.LacksValue:
		f.Fix.Title = "make " + r.Part + " op: replace, with a value: " + f.Fix.Title
	case s.isRightWithout(r, d):
		if d.Fix.Mounted != "" {
			todo += ", and " + d.Fix.Also
		}
		f.Fix.Title = d.fixText(d.rule, todo)
	default:
		f.Fix.Title = todo + ", and " + f.Fix.Title
	}
}

// isRightWithout reports whether a rule reports no more of a value without a part of a patch.
func (s *shared) isRightWithout(r *Removal, d diagnosed) bool {
	if s.undoings++; r.Without == nil || s.undoings > maxUndoings || !node.IsExpandable(r.Without) {
		return false
	}
	o, ok := NewObject(r.Without, nowhere{})
	if !ok || !o.Root.At(d.At.Path()).IsSet() {
		return false
	}
	if s.undone == nil {
		s.undone = s.checker.variant(s.unit)
	}
	o.Namespace = d.of().Namespace
	was, with := s.undone.run(subject{object: d.of()}, d.rule), s.undone.run(subject{object: o}, d.rule)
	return slices.ContainsFunc(was.found, d.isAbout) && !with.failed && !slices.ContainsFunc(with.found, d.isAbout)
}

// nowhere is the Locator of objects of which nobody asks for places.
type nowhere struct{}

// Locate gives no place.
func (nowhere) Locate(Value) Origin { return Origin{} }

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
