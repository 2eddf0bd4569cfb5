package ignore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// Comments are the directives of the files of a run. The zero value holds
// none. It may be filled from several goroutines.
type Comments struct {
	// Read gives the text of a file that was not added but that a finding
	// names. The second result is false if it cannot be read. May be nil.
	Read func(file string) ([]byte, bool)

	mu     sync.Mutex
	byFile map[string][]Directive
}

// Add scans a file. A file that was added before is not scanned again.
func (c *Comments) Add(sources ...lint.SourceText) {
	for _, s := range sources {
		c.mu.Lock()
		_, known := c.byFile[s.Name]
		c.mu.Unlock()
		if known {
			continue
		}
		found := Scan(s.Name, s.Text)
		c.mu.Lock()
		if c.byFile == nil {
			c.byFile = map[string][]Directive{}
		}
		c.byFile[s.Name] = found
		c.mu.Unlock()
	}
}

// Complete scans the files that findings name and that were not scanned, and
// returns the names of all that they name. Read gives the text of a file; the
// second result is false if it cannot be read.
func (c *Comments) Complete(findings []*lint.Finding, read func(file string) ([]byte, bool)) []string {
	var names []string
	seen := map[string]bool{"": true}
	for _, f := range findings {
		for _, p := range places(f) {
			if seen[p.File] {
				continue
			}
			seen[p.File] = true
			names = append(names, p.File)
			c.mu.Lock()
			_, known := c.byFile[p.File]
			c.mu.Unlock()
			if !known {
				text, _ := read(p.File)
				c.Add(lint.SourceText{Name: p.File, Text: text})
			}
		}
	}
	return names
}

// In gives the directives of some files that have any, by file.
func (c *Comments) In(files map[string]bool) map[string][]Directive {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := map[string][]Directive{}
	for file := range files {
		if found := c.byFile[file]; len(found) > 0 {
			l[file] = found
		}
	}
	return l
}

// Files lists the files that have directives, sorted.
func (c *Comments) Files() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var l []string
	for file, found := range c.byFile {
		if len(found) > 0 {
			l = append(l, file)
		}
	}
	slices.Sort(l)
	return l
}

// Put adds the directives of a file that another process scanned.
func (c *Comments) Put(file string, found []Directive) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byFile == nil {
		c.byFile = map[string][]Directive{}
	}
	c.byFile[file] = found
}

// complete adds the files that a finding names and that are not there yet.
func (c *Comments) complete(f *lint.Finding) {
	if c.Read == nil {
		return
	}
	for _, p := range places(f) {
		if _, known := c.byFile[p.File]; known || p.File == "" {
			continue
		}
		text, _ := c.Read(p.File)
		c.Add(lint.SourceText{Name: p.File, Text: text})
	}
}

// Options are what an Applier needs to know.
type Options struct {
	// Comments are those of the files of the run. They are nil if there is none.
	Comments *Comments
	// Entries are those of the configuration.
	Entries []Entry
	// Rules are all that there are: a directive that names another is reported.
	Rules []*lint.Rule
	// Ran are the rules that ran. Ignores of other rules are not reported as unused.
	Ran []*lint.Rule
	// Today is the day of the run.
	Today time.Time
	// Prefix is the path of the working directory relative to the root of the
	// repository, as in lint.Checker.
	Prefix string
	// Incomplete is set if a part of the paths could not be checked. No ignore is reported
	// as unused then.
	Incomplete bool
	// Narrow is set if the paths are only a part of what the configuration is for. Its
	// entries are not reported as unused then.
	Narrow bool
}

// Applier marks the findings that a comment or an entry ignores. It takes some of them at a
// time, as there may be very many, and gives the findings about comments and entries
// themselves in the end: unused, past their date, unreadable.
type Applier struct {
	Options
	known map[string]string     // ids of rules by id and former id
	ran   map[string]*lint.Rule // by id
	ids   []string
	// used holds the rules that a choice had findings of.
	used map[usedBy]bool
	// files are those with directives, sorted.
	files []string
	// byFile are the directives of files that findings name.
	byFile map[string]*fileDirectives
	turn   int // counts findings
}

// Apply gives findings, with copies in place of those that a comment or an entry ignores.
// They must be as Checker gives them, each of one object: an ignore of one object must not
// hide another's. lint.NewReport lists those that are ignored separately.
func (a *Applier) Apply(findings []*lint.Finding) []*lint.Finding {
	out := make([]*lint.Finding, 0, len(findings))
	for _, f := range findings {
		out = append(out, a.apply(f, true))
	}
	return out
}

// Finish gives the findings about comments and entries, when Apply has had all others.
func (a *Applier) Finish() []*lint.Finding {
	var out []*lint.Finding
	for _, f := range a.commentFindings() { // an entry may ignore these
		out = append(out, a.apply(f, false))
	}
	return append(out, a.entryFindings()...)
}

// usedBy is a rule of a choice: of a directive, which its position identifies, or of an
// entry, which its number identifies, counted from 1.
type usedBy struct {
	at    lint.Position
	entry int
	rule  string
}

// NewApplier begins to ignore findings.
func NewApplier(opts Options) *Applier {
	if opts.Comments == nil {
		opts.Comments = &Comments{}
	}
	a := &Applier{Options: opts, known: map[string]string{}, ran: map[string]*lint.Rule{}, used: map[usedBy]bool{}, byFile: map[string]*fileDirectives{}}
	for _, l := range [][]*lint.Rule{Rules(), opts.Rules, opts.Ran} {
		for _, r := range l {
			for _, alias := range r.Aliases {
				a.known[alias] = r.ID
			}
		}
		for _, r := range l {
			a.known[r.ID] = r.ID
		}
	}
	for id := range a.known {
		a.ids = append(a.ids, id)
	}
	slices.Sort(a.ids)
	for _, r := range opts.Ran {
		a.ran[r.ID] = r
	}
	return a
}

// places are those at which a comment counts for a finding: where it is, and
// how it came there. What was rendered is no file to comment.
func places(f *lint.Finding) []lint.Position {
	l := []lint.Position{f.Origin.Position, f.ValueAt}
	for _, s := range f.Origin.Trail {
		if s.Kind != lint.StepRendered {
			l = append(l, s.Position)
		}
	}
	return append(l, f.ObjectAt)
}

// objectPlaces are those whose document is of the finding's object.
func objectPlaces(f *lint.Finding) []lint.Position {
	l := []lint.Position{f.Origin.Printed(), f.ObjectAt}
	for _, s := range f.Origin.Trail {
		if s.Kind == lint.StepBase || s.Kind == lint.StepPatch {
			l = append(l, s.Position)
		}
	}
	return l
}

// apply gives a finding, or a copy that is ignored if anything ignores it, and
// notes all that does.
func (a *Applier) apply(f *lint.Finding, comments bool) *lint.Finding {
	var by *lint.Ignored
	note := func(entry int, chosen lint.Ignored) {
		a.used[usedBy{chosen.Position, entry, f.Rule.ID}] = true
		if by == nil && !a.past(chosen.Until) {
			by = &chosen
		}
	}
	if comments {
		a.Comments.complete(f)
		for _, d := range a.directivesFor(f) {
			note(0, lint.Ignored{By: lint.ByComment, Reason: d.Reason, Until: d.Until, Position: d.Position})
		}
	}
	for i := range a.Entries {
		e := &a.Entries[i]
		if a.names(e.Rules, f.Rule.ID) && e.matches(f, a.Prefix) {
			note(i+1, lint.Ignored{By: lint.ByConfig, Reason: e.Reason, Until: e.Until, Position: e.Position})
		}
	}
	if f.Ignored != nil || by == nil {
		return f
	}
	return f.AsIgnored(*by)
}

// directivesFor lists the directives that ignore a finding, the nearest first.
func (a *Applier) directivesFor(f *lint.Finding) []*Directive {
	var l []*Directive
	a.turn++
	add := func(at lint.Position, ranges func(*fileDirectives) *ranges) {
		in := a.directivesIn(at.File)
		if in == nil {
			return
		}
		for _, i := range ranges(in).at(at.Line) {
			if d := &in.all[i]; a.names(d.Rules, f.Rule.ID) && in.turns[i] != a.turn {
				in.turns[i] = a.turn
				l = append(l, d)
			}
		}
	}
	for _, at := range places(f) {
		add(at, func(in *fileDirectives) *ranges { return &in.lines })
	}
	for _, at := range objectPlaces(f) {
		add(at, func(in *fileDirectives) *ranges { return &in.objects })
	}
	return l
}

// directivesIn are the directives of a file. They are nil if there are none.
func (a *Applier) directivesIn(file string) *fileDirectives {
	all := a.Comments.byFile[file]
	if file == "" || len(all) == 0 {
		return nil
	}
	in := a.byFile[file]
	if in == nil {
		in = &fileDirectives{
			all: all, turns: make([]int, len(all)),
			lines:   newRanges(all, func(d *Directive) Lines { return d.Lines }),
			objects: newRanges(all, func(d *Directive) Lines { return d.Object }),
		}
		a.byFile[file] = in
	}
	return in
}

// fileDirectives are the directives of a file, to be found by line.
type fileDirectives struct {
	all            []Directive
	turns          []int // the last finding that each was listed for
	lines, objects ranges
}

// ranges finds the directives whose lines hold a line, in time that grows with how many
// are around it, not with how many there are.
type ranges struct {
	// sorted are the directives by their first lines.
	sorted []directiveRange
}

// directiveRange is the lines of a directive, which its number identifies. Around is the
// nearest one before it in the order that has not ended where this one begins. It is -1
// if there is none.
type directiveRange struct {
	Lines
	number, around int
}

func newRanges(all []Directive, of func(*Directive) Lines) ranges {
	var r ranges
	for i := range all {
		if l := of(&all[i]); all[i].Fault == nil && l.Last > 0 && l.First <= l.Last {
			r.sorted = append(r.sorted, directiveRange{l, i, -1})
		}
	}
	slices.SortStableFunc(r.sorted, func(a, b directiveRange) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(b.Last, a.Last))
	})
	open := -1
	for i := range r.sorted {
		for open >= 0 && r.sorted[open].Last < r.sorted[i].First {
			open = r.sorted[open].around
		}
		r.sorted[i].around = open
		open = i
	}
	return r
}

// at lists the numbers of the directives whose lines hold a line, sorted.
func (r *ranges) at(line int) []int {
	var l []int
	i, _ := slices.BinarySearchFunc(r.sorted, line+1, func(d directiveRange, line int) int { return cmp.Compare(d.First, line) })
	for i--; i >= 0; i = r.sorted[i].around {
		if r.sorted[i].Has(line) {
			l = append(l, r.sorted[i].number)
		}
	}
	slices.Sort(l)
	return l
}

// names reports whether a list of ids, former ones too, names a rule.
func (a *Applier) names(ids []string, rule string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return cmp.Or(a.known[id], id) == rule })
}

// past reports whether a date has come.
func (a *Applier) past(until time.Time) bool {
	return !until.IsZero() && a.Today.UTC().Format(dateForm) >= until.Format(dateForm)
}

// commentFindings reports the directives that ignore nothing.
func (a *Applier) commentFindings() []*lint.Finding {
	for file := range a.Comments.byFile {
		a.files = append(a.files, file)
	}
	slices.Sort(a.files)
	var out []*lint.Finding
	for _, file := range a.files {
		for _, d := range a.Comments.byFile[file] {
			at := lint.Origin{Position: d.Position, Text: d.Text}
			if d.Fault != nil {
				out = a.report(out, InvalidIgnore, at, d.Fault.Message, d.Fault.Help, d.Text)
				continue
			}
			out = a.unknown(out, &d, at)
			out = a.judge(out, choice{"the comment", 0, d.Rules, d.Until}, at, !a.Incomplete)
		}
	}
	return out
}

// entryFindings reports the entries that ignore nothing.
func (a *Applier) entryFindings() []*lint.Finding {
	var out []*lint.Finding
	for i, e := range a.Entries {
		at := lint.Origin{Position: e.Position}
		out = a.judge(out, choice{"the entry", i + 1, e.Rules, e.Until}, at, !a.Incomplete && !a.Narrow)
	}
	return out
}

// report adds a finding, if its rule ran.
func (a *Applier) report(out []*lint.Finding, r *lint.Rule, at lint.Origin, message, fix, part string) []*lint.Finding {
	if r = a.ran[r.ID]; r == nil {
		return out
	}
	return append(out, lint.NewFileFinding(r, at, message, fix, part, a.Prefix))
}

// unknown reports the rules of a directive that do not exist.
func (a *Applier) unknown(out []*lint.Finding, d *Directive, at lint.Origin) []*lint.Finding {
	for _, id := range d.Rules {
		if a.known[id] != "" {
			continue
		}
		help := "`kubevet rules` lists the rules"
		if c := suggest.Closest(id, a.ids); c != "" {
			help = fmt.Sprintf("write %q", c)
		}
		out = a.report(out, InvalidIgnore, at, fmt.Sprintf("the comment names the rule %q, which does not exist", id), help, id)
	}
	return out
}

// choice is what directives and entries have in common.
type choice struct {
	what  string
	entry int // as in usedBy
	rules []string
	until time.Time
}

// judge reports a choice that is past its date, or that ignores nothing.
func (a *Applier) judge(out []*lint.Finding, c choice, at lint.Origin, unused bool) []*lint.Finding {
	var ran, idle []string
	for _, id := range c.rules {
		id = cmp.Or(a.known[id], id)
		if a.ran[id] == nil {
			continue
		}
		ran = append(ran, id)
		if !a.used[usedBy{at.Position, c.entry, id}] {
			idle = append(idle, id)
		}
	}
	part := strings.Join(c.rules, ",")
	switch {
	case len(ran) == 0:
		return out
	case a.past(c.until):
		message := fmt.Sprintf("%s ignores %s until %s, which is past", c.what, lint.And(ran), c.until.Format(dateForm))
		fix := ""
		if len(idle) == len(ran) && unused {
			message += "; nothing is left to ignore"
			fix = "remove the ignore"
		}
		return a.report(out, ExpiredIgnore, at, message, fix, part)
	case len(idle) > 0 && unused:
		fix := ""
		if len(idle) < len(c.rules) {
			fix = "remove " + lint.And(idle) + " from the list"
		}
		return a.report(out, UnusedIgnore, at, fmt.Sprintf("%s ignores %s, of which nothing is found here", c.what, lint.And(idle)), fix, part)
	}
	return out
}
