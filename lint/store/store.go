// Package store holds very many findings in little memory, and makes reports of them.
package store

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/packed"
)

// Store holds findings, many of them in little memory: all but the first are packed. The
// zero value holds none. It is not safe for concurrent use.
type Store struct {
	batches []batch
	n       int
	rules   map[string]*lint.Rule
}

// batch is some findings: a list, or packed.
type batch struct {
	list   []*lint.Finding
	packed *packed.Batch
	n      int
}

// maxUnpacked is how many findings a Store holds that are not packed, and more or less
// how many are unpacked at a time.
const maxUnpacked = 1 << 15

// Len is the number of findings.
func (s *Store) Len() int { return s.n }

// Add adds findings. They must not change any more.
func (s *Store) Add(l []*lint.Finding) {
	if len(l) == 0 {
		return
	}
	s.n += len(l)
	s.batches = append(s.batches, s.keep(l))
}

// keep is a batch of findings, packed if there are many.
func (s *Store) keep(l []*lint.Finding) batch {
	if s.n <= maxUnpacked {
		return batch{list: l, n: len(l)}
	}
	if s.rules == nil {
		s.rules = map[string]*lint.Rule{}
	}
	for _, f := range l {
		if s.rules[f.Rule.ID] == nil {
			s.rules[f.Rule.ID] = f.Rule
		}
	}
	b, err := packed.Open(string(Pack(l)))
	if err != nil { // there is too much to pack
		return batch{list: l, n: len(l)}
	}
	return batch{packed: b, n: len(l)}
}

// AddPacked adds what Pack wrote. Call Resolve before the findings are read.
func (s *Store) AddPacked(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	b, err := packed.Open(string(data))
	if err != nil {
		return err
	}
	s.n += b.Len()
	s.batches = append(s.batches, batch{packed: b, n: b.Len()})
	return nil
}

// Append moves the findings of another Store to the end of this one.
func (s *Store) Append(t *Store) {
	if t == nil {
		return
	}
	s.batches, s.n = append(s.batches, t.batches...), s.n+t.n
	if s.rules == nil {
		s.rules = map[string]*lint.Rule{}
	}
	maps.Copy(s.rules, t.rules)
}

// Resolve makes packed findings have these rules. The error of reading them names an ID
// that no rule has.
func (s *Store) Resolve(rules []*lint.Rule) {
	s.rules = map[string]*lint.Rule{}
	for _, r := range rules {
		s.rules[r.ID] = r
	}
}

// rule is the rule with an ID.
func (s *Store) rule(id string) (*lint.Rule, error) {
	if r := s.rules[id]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("a finding is of the rule %q, which does not exist", id)
}

// unpack gives the findings of a batch.
func (s *Store) unpack(b batch) ([]*lint.Finding, error) {
	if b.packed == nil {
		return b.list, nil
	}
	return readAll(b.packed, s.rule)
}

// Map puts what a function makes of the findings in their place. It is called with some
// of them at a time, and must not change them.
func (s *Store) Map(f func([]*lint.Finding) []*lint.Finding) error {
	for i, b := range s.batches {
		l, err := s.unpack(b)
		if err != nil {
			return err
		}
		mapped := f(l)
		if b.packed != nil && s.n > maxUnpacked && slices.Equal(mapped, l) {
			continue
		}
		s.n += len(mapped) - b.n
		s.batches[i] = s.keep(mapped)
	}
	return nil
}

// List gives all findings. They may take much memory.
func (s *Store) List() ([]*lint.Finding, error) {
	if s == nil {
		return nil, nil
	}
	out := make([]*lint.Finding, 0, s.n)
	for _, b := range s.batches {
		l, err := s.unpack(b)
		if err != nil {
			return nil, err
		}
		out = append(out, l...)
	}
	return out, nil
}

// Pack packs findings. Store.AddPacked takes them.
func Pack(findings []*lint.Finding) []byte {
	return packed.Pack(len(findings), func(i int, v packed.Visitor) { findings[i].Visit(v, &findings[i].Rule.ID) })
}

// readAll reads all findings of a batch.
func readAll(b *packed.Batch, rule func(id string) (*lint.Rule, error)) ([]*lint.Finding, error) {
	all := make([]lint.Finding, b.Len())
	out := make([]*lint.Finding, b.Len())
	at := 0
	for i := range all {
		out[i] = &all[i]
		next, err := read(b, at, out[i], rule)
		if err != nil {
			return nil, err
		}
		at = next
	}
	if at != b.End() {
		return nil, packed.ErrBroken
	}
	return out, nil
}

// read reads the finding at a place, and returns the place of the next one.
func read(b *packed.Batch, at int, f *lint.Finding, rule func(id string) (*lint.Rule, error)) (next int, err error) {
	id := ""
	if next, err = b.Read(at, func(v packed.Visitor) { f.Visit(v, &id) }); err != nil {
		return 0, err
	}
	f.Rule, err = rule(id)
	return next, err
}

// positions yields the place of each finding of a batch, and its position.
func positions(b *packed.Batch) iter.Seq2[int, lint.Position] {
	return func(yield func(int, lint.Position) bool) {
		at := 0
		for range b.Len() {
			var p lint.Position
			next, err := b.Begin(at, func(v packed.Visitor) { lint.VisitPosition(&p, v) })
			if err != nil || !yield(at, p) {
				return
			}
			at = next
		}
	}
}

// NewReport is lint.NewReport for findings that may be very many. Then Findings and
// Ignored of the report are empty: All and AllIgnored yield the findings, Whole has them.
func NewReport(findings *Store, problems, notes []lint.Problem, s lint.Summary) (*lint.Report, error) {
	if findings.Len() <= maxUnpacked {
		l, err := findings.List()
		return lint.NewReport(l, problems, notes, s), err
	}
	m, err := newStored(findings)
	if err != nil {
		return nil, err
	}
	return lint.NewReport(nil, problems, notes, s).Storing(m), nil
}

// stored is the findings of a report that are too many to be held as they are. They are
// merged and sorted part by part, each time that they are read.
type stored struct {
	store *Store
	// places are all findings in the order of their positions.
	places []storedPlace
	tally  lint.Tally // without those that are ignored
	hidden int        // those that are ignored
	fails  bool
	// changes are made to each finding, in order.
	changes []func(*lint.Finding) *lint.Finding
}

// storedPlace is a finding of a Store: its batch, its index or place there, and where
// it was found. The file is the number of its name in the order of names.
type storedPlace struct{ batch, at, file, line, column, end int32 }

// newStored sorts and counts the findings of a Store.
func newStored(s *Store) (*stored, error) {
	m := &stored{store: s}
	if err := m.sort(); err != nil {
		return nil, err
	}
	err := m.each(m.places, func(reported, ignored []*lint.Finding) bool {
		m.hidden += len(ignored)
		for _, f := range reported {
			m.tally[f.Severity]++
			m.fails = m.fails || f.Fails
		}
		return true
	})
	return m, err
}

// sort fills places.
func (m *stored) sort() error {
	m.places = make([]storedPlace, 0, m.store.n)
	numbers := map[string]int32{}
	var names []string
	add := func(batch, at int, p lint.Position) {
		file, ok := numbers[p.File]
		if !ok {
			file = int32(len(names))
			numbers[p.File] = file
			names = append(names, p.File)
		}
		small := func(n int) int32 { return int32(min(n, math.MaxInt32)) }
		m.places = append(m.places, storedPlace{small(batch), small(at), file, small(p.Line), small(p.Column), small(p.EndColumn)})
	}
	for i, b := range m.store.batches {
		for j, f := range b.list {
			add(i, j, f.Origin.Position)
		}
		if b.packed == nil {
			continue
		}
		n := len(m.places)
		for at, p := range positions(b.packed) {
			add(i, at, p)
		}
		if len(m.places) != n+b.n {
			return packed.ErrBroken
		}
	}
	slices.Sort(names)
	order := make([]int32, len(names))
	for i, name := range names {
		order[numbers[name]] = int32(i)
	}
	for i := range m.places {
		m.places[i].file = order[m.places[i].file]
	}
	slices.SortFunc(m.places, func(a, b storedPlace) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column), cmp.Compare(a.end, b.end),
			cmp.Compare(a.batch, b.batch), cmp.Compare(a.at, b.at))
	})
	return nil
}

// partSize is how many findings are unpacked and merged together, unless more are at one
// line.
const partSize = 4096

// each gives the findings of some places, merged and sorted, a part at a time, until the
// function returns false. Places of one line must be given together.
func (m *stored) each(places []storedPlace, do func(reported, ignored []*lint.Finding) bool) error {
	for len(places) > 0 {
		n := min(partSize, len(places))
		for n < len(places) && places[n].file == places[n-1].file && places[n].line == places[n-1].line {
			n++
		}
		l := make([]*lint.Finding, 0, n)
		for _, p := range places[:n] {
			f, err := m.read(p)
			if err != nil {
				return err
			}
			l = append(l, f)
		}
		places = places[n:]
		reported, ignored := lint.MergeAll(l)
		for _, change := range m.changes {
			for _, l := range [][]*lint.Finding{reported, ignored} {
				for i := range l {
					l[i] = change(l[i])
				}
			}
		}
		if !do(reported, ignored) {
			return nil
		}
	}
	return nil
}

// Files yields the findings of each file that are not ignored.
func (m *stored) Files() (l []iter.Seq[*lint.Finding]) {
	from := 0
	for i, p := range m.places {
		if p.file != m.places[from].file {
			l = append(l, m.seq(m.places[from:i], false))
			from = i
		}
	}
	return append(l, m.seq(m.places[from:], false))
}

// All yields the findings that are not ignored, or those that are.
func (m *stored) All(ignored bool) iter.Seq[*lint.Finding] {
	if ignored && m.hidden == 0 {
		return func(func(*lint.Finding) bool) {}
	}
	return m.seq(m.places, ignored)
}

// Count counts the findings, and says whether one of them fails.
func (m *stored) Count() (tally lint.Tally, ignored int, fails bool) {
	return m.tally, m.hidden, m.fails
}

// seq yields the findings of some places.
func (m *stored) seq(places []storedPlace, ignored bool) iter.Seq[*lint.Finding] {
	return func(yield func(*lint.Finding) bool) {
		// There is no error: all was read before, to count it.
		_ = m.each(places, func(reported, hidden []*lint.Finding) bool {
			if ignored {
				reported = hidden
			}
			for _, f := range reported {
				if !yield(f) {
					return false
				}
			}
			return true
		})
	}
}

// read reads a finding.
func (m *stored) read(p storedPlace) (*lint.Finding, error) {
	b := m.store.batches[p.batch]
	if b.packed == nil {
		return b.list[p.at], nil
	}
	f := &lint.Finding{}
	_, err := read(b.packed, int(p.at), f, m.store.rule)
	return f, err
}

// With is the findings with one more change.
func (m *stored) With(change func(*lint.Finding) *lint.Finding) lint.Stored {
	c := *m
	c.changes = append(slices.Clip(m.changes), change)
	return &c
}
