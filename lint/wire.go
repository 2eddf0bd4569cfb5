package lint

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"reflect"
	"time"

	"github.com/kubevet/kubevet/lint/texts"
)

// The JSON of this file is that of findings, problems and summaries without loss. Problems
// and summaries pass from one kubevet process to another as JSON, findings packed: see
// Pack. It may change with every version; the format that users read is that of package
// report.
//
// A Finding names its rule by ID. The reader puts the rule of its own set in
// its place.

// plainFinding is a Finding without its methods.
type plainFinding Finding

// wireFinding is a Finding as JSON has it.
type wireFinding struct {
	Rule   string // in place of the rule
	Stable string `json:",omitzero"`
	*plainFinding
}

// MarshalJSON writes the finding without loss, with its rule by ID.
func (f *Finding) MarshalJSON() ([]byte, error) {
	g := encodeStrings(plainFinding(*f))
	return json.Marshal(wireFinding{f.Rule.ID, texts.Escape(f.stable), &g})
}

// UnmarshalJSON reads what MarshalJSON wrote. The rule has nothing but an ID.
func (f *Finding) UnmarshalJSON(data []byte) error {
	*f = Finding{}
	w := wireFinding{plainFinding: (*plainFinding)(f)}
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	decodeStrings(f)
	f.Rule, f.stable = &Rule{ID: w.Rule}, texts.Unescape(w.Stable)
	return nil
}

type plainProblem Problem

// MarshalJSON writes the problem without loss.
func (p Problem) MarshalJSON() ([]byte, error) { //nolint:recvcheck // UnmarshalJSON changes it
	return json.Marshal(encodeStrings(plainProblem(p)))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Problem) UnmarshalJSON(data []byte) error {
	*p = Problem{}
	if err := json.Unmarshal(data, (*plainProblem)(p)); err != nil {
		return err
	}
	decodeStrings(p)
	return nil
}

type plainSummary Summary

// MarshalJSON writes the summary without loss.
func (s Summary) MarshalJSON() ([]byte, error) { //nolint:recvcheck // UnmarshalJSON changes it
	return json.Marshal(encodeStrings(plainSummary(s)))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Summary) UnmarshalJSON(data []byte) error {
	*s = Summary{}
	if err := json.Unmarshal(data, (*plainSummary)(s)); err != nil {
		return err
	}
	decodeStrings(s)
	return nil
}

// encodeStrings gives a value with all strings made valid UTF-8.
func encodeStrings[T any](v T) T {
	return MapStrings(v, func(_, s string) string { return texts.Escape(s) })
}

func decodeStrings[T any](v *T) {
	*v = MapStrings(*v, func(_, s string) string { return texts.Unescape(s) })
}

var ruleType = reflect.TypeFor[*Rule]()

// MapStrings gives a report, a finding or a part of either in which each text is what
// f makes of it and of the name of the field that it is in. Rules stay as they are.
// What v refers to is not changed: what f changes is in copies, and all else is shared.
func MapStrings[T any](v T, f func(field, text string) string) T { return texts.Map(v, f, ruleType) }

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
	visitPointer(v, &f.Origin.Switch, (*Entry).visit)
	visitPointer(v, &f.Origin.Shared, (*Entry).visit)
	v.text(&f.Origin.Repair)
	visitPointer(v, &f.Origin.Taken, (*Entry).visit)
	visitSlice(v, &f.Related, (*RelatedPlace).visit)
	f.visitOccurrences(v)
	f.Fix.visit(v)
	v.flag(&f.Advisory)
	v.flag(&f.Fails)
	v.flag(&f.Secret)
	f.ObjectAt.visit(v)
	f.ValueAt.visit(v)
	v.text(&f.Subchart)
	visitSlice(v, &f.MadeFrom, func(s *string, v fieldVisitor) { v.text(s) })
	v.text(&f.CopyOf)
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
	v.flag(&s.InText)
	v.flag(&s.IfNotEmpty)
	v.flag(&s.Missing)
	v.flag(&s.Off)
	v.text(&s.Below)
	v.text(&s.Instead)
	v.text(&s.Note)
	v.text(&s.Replaces)
	v.text(&s.Source)
}

func (e *Entry) visit(v fieldVisitor) {
	e.Position.visit(v)
	v.text(&e.Text)
	v.text(&e.Key)
	v.text(&e.Below)
	e.Addition.visit(v)
	v.text(&e.Source)
	v.text(&e.Unlisted)
	v.flag(&e.IsCommented)
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
	f.Addition.visit(v)
	visitSlice(v, &f.Edits, (*Edit).visit)
	v.text(&f.For)
	v.text(&f.Apart)
	v.text(&f.Together)
	visitSlice(v, &f.Files, func(s *string, v fieldVisitor) { v.text(s) })
	v.text(&f.InBase)
	visitSlice(v, &f.Bases, func(s *string, v fieldVisitor) { v.text(s) })
	v.text(&f.Beside)
	v.text(&f.In)
	v.flag(&f.AddsObject)
}

func (e *Edit) visit(v fieldVisitor) {
	v.text(&e.File)
	v.number(&e.Start)
	v.number(&e.End)
	v.text(&e.New)
}

func (g *Addition) visit(v fieldVisitor) {
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

// Pack packs findings. Store.AddPacked takes them.
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
	if u.failed || total > len(u.data) || len(data) > math.MaxInt32 {
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
