package lint

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"
)

// The packed form of findings passes them from one kubevet process to another, and keeps
// many of them in little memory. Each text is there once: most texts of a batch are
// those of many findings. It is lossless, and may change with every version.
//
// It begins with the texts: their number, the length of each, and their bytes. The number
// of findings follows. Each finding is the length of its fields and the fields, as visit
// goes through them: numbers as varints, texts by their number.

// fieldVisitor goes through the fields of a finding, to write or to read them.
type fieldVisitor interface {
	text(*string)
	number(*int)
	flag(*bool)
	// length takes the length of a slice plus one, zero for nil, and returns the one to
	// go through.
	length(n int) int
	// broken notes that what is read makes no sense.
	broken()
}

// visit goes through all fields of a finding. The rule is visited by its ID. The position
// comes first, since findings are sorted by it without reading the rest.
func (f *Finding) visit(v fieldVisitor, rule *string) {
	f.Origin.visit(v)
	v.text(rule)
	v.number((*int)(&f.Severity))
	v.text(&f.Message)
	v.text(&f.Subject)
	f.Object.visit(v)
	v.text(&f.Container)
	v.text(&f.Path)
	v.text(&f.stable)
	v.text(&f.Fingerprint)
	v.number((*int)(&f.Origin.Precision))
	v.text(&f.Origin.Text)
	visitSlice(v, &f.Origin.Trail, (*Step).visit)
	visitPointer(v, &f.Origin.Entry, (*Entry).visit)
	visitSlice(v, &f.Related, (*RelatedPlace).visit)
	f.visitOccurrences(v)
	f.Fix.visit(v)
	v.flag(&f.Advisory)
	v.flag(&f.Fails)
	v.flag(&f.Secret)
	f.ObjectAt.visit(v)
	f.ValueAt.visit(v)
	v.text(&f.Subchart)
	v.flag(&f.Unchanged)
	visitPointer(v, &f.Ignored, (*Ignored).visit)
}

// visitOccurrences goes through the occurrences. The only one of a finding that says all
// of it is no more than its unit.
func (f *Finding) visitOccurrences(v fieldVisitor) {
	whole := f.isWhole()
	v.flag(&whole)
	if !whole {
		visitSlice(v, &f.Occurrences, (*Occurrence).visit)
		return
	}
	if f.Occurrences == nil {
		f.Occurrences = []Occurrence{{Object: f.Object, Container: f.Container, Path: f.Path, Fingerprint: f.Fingerprint}}
	}
	v.text(&f.Occurrences[0].Input)
	v.text(&f.Occurrences[0].Scenario)
}

func (p *Position) visit(v fieldVisitor) {
	v.text(&p.File)
	v.number(&p.Line)
	v.number(&p.Column)
	v.number(&p.EndColumn)
}

func (r *ObjectRef) visit(v fieldVisitor) {
	v.text(&r.APIVersion)
	v.text(&r.Kind)
	v.text(&r.Namespace)
	v.text(&r.Name)
}

func (s *Step) visit(v fieldVisitor) {
	v.text((*string)(&s.Kind))
	s.Position.visit(v)
	v.text(&s.Label)
	v.text(&s.Set)
	v.flag(&s.Chosen)
	v.flag(&s.Missing)
}

func (e *Entry) visit(v fieldVisitor) {
	e.Position.visit(v)
	v.text(&e.Text)
	v.text(&e.Key)
	e.Gap.visit(v)
}

func (r *RelatedPlace) visit(v fieldVisitor) {
	r.Position.visit(v)
	v.text(&r.Label)
}

func (o *Occurrence) visit(v fieldVisitor) {
	o.Object.visit(v)
	v.text(&o.Container)
	v.text(&o.Path)
	v.text(&o.Message)
	v.text(&o.Input)
	v.text(&o.Scenario)
	v.text(&o.Fingerprint)
	visitSlice(v, &o.Trail, (*Step).visit)
}

func (f *Fix) visit(v fieldVisitor) {
	v.text(&f.Title)
	v.text(&f.Value)
	f.Gap.visit(v)
	visitSlice(v, &f.Edits, (*Edit).visit)
}

func (e *Edit) visit(v fieldVisitor) {
	v.text(&e.File)
	v.number(&e.Start)
	v.number(&e.End)
	v.text(&e.New)
}

func (g *Gap) visit(v fieldVisitor) {
	v.text(&g.Path)
	v.number(&g.Indent)
	v.number(&g.Step)
	v.flag(&g.Flow)
}

func (i *Ignored) visit(v fieldVisitor) {
	v.text((*string)(&i.By))
	v.text(&i.Reason)
	before := i.Until.Format(time.RFC3339Nano)
	until := before
	v.text(&until)
	if until != before { // it is read
		t, err := time.Parse(time.RFC3339Nano, until)
		if err != nil {
			v.broken()
		}
		i.Until = t
	}
	i.Position.visit(v)
}

func visitSlice[T any](v fieldVisitor, l *[]T, each func(*T, fieldVisitor)) {
	n := 0
	if *l != nil {
		n = len(*l) + 1
	}
	if n = v.length(n); n == 0 {
		return
	}
	if *l == nil {
		*l = make([]T, n-1)
	}
	for i := range *l {
		each(&(*l)[i], v)
	}
}

func visitPointer[T any](v fieldVisitor, p **T, each func(*T, fieldVisitor)) {
	has := *p != nil
	if v.flag(&has); !has {
		return
	}
	if *p == nil {
		*p = new(T)
	}
	each(*p, v)
}

// Pack packs findings. Unpack reads them.
func Pack(findings []*Finding) []byte {
	if len(findings) == 0 {
		return nil
	}
	p := &packer{known: map[string]uint64{}}
	var all []byte
	for _, f := range findings {
		p.fields = p.fields[:0]
		f.visit(p, &f.Rule.ID)
		all = binary.AppendUvarint(all, uint64(len(p.fields)))
		all = append(all, p.fields...)
	}
	size := 0
	for _, t := range p.texts {
		size += len(t)
	}
	out := make([]byte, 0, size+len(all)+binary.MaxVarintLen32*(len(p.texts)+2))
	out = binary.AppendUvarint(out, uint64(len(p.texts)))
	for _, t := range p.texts {
		out = binary.AppendUvarint(out, uint64(len(t)))
	}
	for _, t := range p.texts {
		out = append(out, t...)
	}
	out = binary.AppendUvarint(out, uint64(len(findings)))
	return append(out, all...)
}

// packer writes the fields of a finding.
type packer struct {
	fields []byte
	texts  []string
	known  map[string]uint64
}

func (p *packer) text(s *string) {
	n, ok := p.known[*s]
	if !ok {
		n = uint64(len(p.texts))
		p.known[*s] = n
		p.texts = append(p.texts, *s)
	}
	p.fields = binary.AppendUvarint(p.fields, n)
}

func (p *packer) number(n *int) { p.fields = binary.AppendVarint(p.fields, int64(*n)) }

func (p *packer) flag(b *bool) {
	var n byte
	if *b {
		n = 1
	}
	p.fields = append(p.fields, n)
}

func (p *packer) length(n int) int {
	p.fields = binary.AppendUvarint(p.fields, uint64(n))
	return n
}

func (p *packer) broken() {}

// errBroken is the error of packed findings that Pack did not write.
var errBroken = errors.New("packed findings are broken")

// Unpack reads what Pack wrote. The rules have nothing but an ID until Resolve finds
// them.
func Unpack(data []byte) ([]*Finding, error) {
	if len(data) == 0 {
		return nil, nil
	}
	b, err := openBatch(string(data))
	if err != nil {
		return nil, err
	}
	rules := map[string]*Rule{}
	return b.findings(func(id string) (*Rule, error) {
		if rules[id] == nil {
			rules[id] = &Rule{ID: id}
		}
		return rules[id], nil
	})
}

// openedBatch is packed findings, any of which can be read.
type openedBatch struct {
	// texts are all texts, and ends where each one ends.
	texts string
	ends  []uint32
	n     int
	// fields is the rest: the findings.
	fields string
}

// openBatch finds the texts of packed findings. All are parts of one string.
func openBatch(data string) (*openedBatch, error) {
	u := &unpacker{data: data}
	b := &openedBatch{ends: make([]uint32, u.size())}
	total := 0
	for i := range b.ends {
		if total += u.size(); total > len(data) {
			return nil, errBroken
		}
		b.ends[i] = uint32(total)
	}
	if u.failed || total > len(u.data) || len(data) > math.MaxUint32 {
		return nil, errBroken
	}
	b.texts, u.data = u.data[:total], u.data[total:]
	b.n = u.size()
	b.fields = u.data
	if u.failed {
		return nil, errBroken
	}
	return b, nil
}

// findings reads all findings.
func (b *openedBatch) findings(rule func(id string) (*Rule, error)) ([]*Finding, error) {
	all := make([]Finding, b.n)
	out := make([]*Finding, b.n)
	at := 0
	for i := range all {
		out[i] = &all[i]
		next, err := b.read(at, out[i], rule)
		if err != nil {
			return nil, err
		}
		at = next
	}
	if at != len(b.fields) {
		return nil, errBroken
	}
	return out, nil
}

// read reads the finding at a place, and returns the place of the next one.
func (b *openedBatch) read(at int, f *Finding, rule func(id string) (*Rule, error)) (next int, err error) {
	u := &unpacker{data: b.fields[at:], batch: b}
	n := u.size()
	if u.failed {
		return 0, errBroken
	}
	next = len(b.fields) - len(u.data) + n
	u.data = u.data[:n]
	id := ""
	f.visit(u, &id)
	if u.failed || u.data != "" {
		return 0, errBroken
	}
	f.Rule, err = rule(id)
	return next, err
}

// positions yields the place of each finding in the fields, and its position.
func (b *openedBatch) positions() iter.Seq2[int, Position] {
	return func(yield func(int, Position) bool) {
		at := 0
		for range b.n {
			u := &unpacker{data: b.fields[at:], batch: b}
			n := u.size()
			next := len(b.fields) - len(u.data) + n
			var p Position
			p.visit(u)
			if u.failed || !yield(at, p) {
				return
			}
			at = next
		}
	}
}

// unpacker reads the fields of a finding. After the first fault everything reads as zero.
type unpacker struct {
	data   string
	batch  *openedBatch
	failed bool
}

func (u *unpacker) broken() { u.failed, u.data = true, "" }

func (u *unpacker) uvarint() uint64 {
	var n uint64
	for i := range min(len(u.data), binary.MaxVarintLen64) {
		c := u.data[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			u.data = u.data[i+1:]
			return n
		}
	}
	u.broken()
	return 0
}

// size is a number of things that take a byte each, at least.
func (u *unpacker) size() int {
	n := u.uvarint()
	if n > uint64(len(u.data)) {
		u.broken()
		return 0
	}
	return int(n)
}

func (u *unpacker) text(s *string) {
	n := u.uvarint()
	if u.failed || n >= uint64(len(u.batch.ends)) {
		u.broken()
		return
	}
	from := uint32(0)
	if n > 0 {
		from = u.batch.ends[n-1]
	}
	*s = u.batch.texts[from:u.batch.ends[n]]
}

func (u *unpacker) number(n *int) {
	x := u.uvarint()
	*n = int(x>>1) ^ -int(x&1)
}

func (u *unpacker) flag(b *bool) { *b = u.uvarint() != 0 }

func (u *unpacker) length(int) int {
	n := u.uvarint()
	if n > uint64(len(u.data))+1 {
		u.broken()
		return 0
	}
	return int(n)
}

// Store holds findings, many of them in little memory: all but the first are packed. The
// zero value holds none. It is not safe for concurrent use.
type Store struct {
	batches []batch
	n       int
	rules   map[string]*Rule
}

// batch is some findings: a list, or packed.
type batch struct {
	list   []*Finding
	packed *openedBatch
	n      int
}

// maxUnpacked is how many findings a Store holds that are not packed, and more or less
// how many are unpacked at a time.
const maxUnpacked = 1 << 15

// Len is the number of findings.
func (s *Store) Len() int { return s.n }

// Add adds findings. They must not change any more.
func (s *Store) Add(l []*Finding) {
	if len(l) == 0 {
		return
	}
	s.n += len(l)
	s.batches = append(s.batches, s.keep(l))
}

// keep is a batch of findings, packed if there are many.
func (s *Store) keep(l []*Finding) batch {
	if s.n <= maxUnpacked {
		return batch{list: l, n: len(l)}
	}
	if s.rules == nil {
		s.rules = map[string]*Rule{}
	}
	for _, f := range l {
		if s.rules[f.Rule.ID] == nil {
			s.rules[f.Rule.ID] = f.Rule
		}
	}
	b, err := openBatch(string(Pack(l)))
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
	b, err := openBatch(string(data))
	if err != nil {
		return err
	}
	s.n += b.n
	s.batches = append(s.batches, batch{packed: b, n: b.n})
	return nil
}

// Append moves the findings of another Store to the end of this one.
func (s *Store) Append(t *Store) {
	if t == nil {
		return
	}
	s.batches, s.n = append(s.batches, t.batches...), s.n+t.n
	for id, r := range t.rules {
		if s.rules == nil {
			s.rules = map[string]*Rule{}
		}
		s.rules[id] = r
	}
}

// Resolve makes packed findings have these rules. The error of reading them names an ID
// that no rule has.
func (s *Store) Resolve(rules []*Rule) {
	s.rules = map[string]*Rule{}
	for _, r := range rules {
		s.rules[r.ID] = r
	}
}

// rule is the rule with an ID.
func (s *Store) rule(id string) (*Rule, error) {
	if r := s.rules[id]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("a finding is of the rule %q, which does not exist", id)
}

// unpack gives the findings of a batch.
func (s *Store) unpack(b batch) ([]*Finding, error) {
	if b.list != nil {
		return b.list, nil
	}
	return b.packed.findings(s.rule)
}

// Map puts what a function makes of the findings in their place. It is called with some
// of them at a time, and must not change them.
func (s *Store) Map(f func([]*Finding) []*Finding) error {
	for i, b := range s.batches {
		l, err := s.unpack(b)
		if err != nil {
			return err
		}
		mapped := f(l)
		if b.list == nil && s.n > maxUnpacked && slices.Equal(mapped, l) {
			continue
		}
		s.n += len(mapped) - b.n
		s.batches[i] = s.keep(mapped)
	}
	return nil
}

// List gives all findings. They may take much memory.
func (s *Store) List() ([]*Finding, error) {
	if s == nil {
		return nil, nil
	}
	out := make([]*Finding, 0, s.n)
	for _, b := range s.batches {
		l, err := s.unpack(b)
		if err != nil {
			return nil, err
		}
		out = append(out, l...)
	}
	return out, nil
}

// stored is the findings of a report that are too many to be held as they are. They are
// merged and sorted part by part, each time that they are read.
type stored struct {
	store *Store
	// places are all findings in the order of their positions.
	places []storedPlace
	tally  Tally // without those that are ignored
	hidden int   // those that are ignored
	fails  bool
	// changes are made to each finding, in order.
	changes []func(*Finding) *Finding
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
	err := m.each(m.places, func(reported, ignored []*Finding) bool {
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
	add := func(batch, at int, p Position) {
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
		if b.list != nil {
			continue
		}
		n := len(m.places)
		for at, p := range b.packed.positions() {
			add(i, at, p)
		}
		if len(m.places) != n+b.n {
			return errBroken
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
func (m *stored) each(places []storedPlace, do func(reported, ignored []*Finding) bool) error {
	for len(places) > 0 {
		n := min(partSize, len(places))
		for n < len(places) && places[n].file == places[n-1].file && places[n].line == places[n-1].line {
			n++
		}
		l := make([]*Finding, 0, n)
		for _, p := range places[:n] {
			f, err := m.read(p)
			if err != nil {
				return err
			}
			l = append(l, f)
		}
		places = places[n:]
		reported, ignored := mergeAll(l)
		for _, change := range m.changes {
			for _, l := range [][]*Finding{reported, ignored} {
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

// files are the places of each file.
func (m *stored) files() (l [][]storedPlace) {
	from := 0
	for i, p := range m.places {
		if p.file != m.places[from].file {
			l = append(l, m.places[from:i])
			from = i
		}
	}
	return append(l, m.places[from:])
}

// seq yields the findings of some places, those that which picks.
func (m *stored) seq(places []storedPlace, which func(reported, ignored []*Finding) []*Finding) iter.Seq[*Finding] {
	return func(yield func(*Finding) bool) {
		// There is no error: all was read before, to count it.
		_ = m.each(places, func(reported, ignored []*Finding) bool {
			for _, f := range which(reported, ignored) {
				if !yield(f) {
					return false
				}
			}
			return true
		})
	}
}

// read reads a finding.
func (m *stored) read(p storedPlace) (*Finding, error) {
	b := m.store.batches[p.batch]
	if b.list != nil {
		return b.list[p.at], nil
	}
	f := &Finding{}
	_, err := b.packed.read(int(p.at), f, m.store.rule)
	return f, err
}

// with is the findings with one more change.
func (m *stored) with(change func(*Finding) *Finding) *stored {
	if m == nil {
		return nil
	}
	c := *m
	c.changes = append(slices.Clip(m.changes), change)
	return &c
}
