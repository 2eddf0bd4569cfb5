// Package packed has the packed form of findings, which passes them from one kubevet process to another, and keeps
// many of them in little memory. Each text is there once: most texts of a batch are
// those of many findings. It is lossless, and may change with every version.
//
// It begins with the texts: their number, the length of each, and their bytes. The number
// of findings follows. Each finding is the length of its fields and the fields, in the order of a
// visit: numbers as varints, texts by their number.
package packed

import (
	"encoding/binary"
	"errors"
	"math"
)

// Visitor goes through the fields of a finding, to write or to read them.
type Visitor interface {
	Text(*string)
	Number(*int)
	Flag(*bool)
	// Length takes the length of a slice plus one, zero for nil, and returns the one to
	// go through.
	Length(n int) int
	// Broken notes that what is read makes no sense.
	Broken()
}

// Slice goes through the elements of a slice.
func Slice[T any](v Visitor, l *[]T, each func(*T, Visitor)) {
	n := 0
	if *l != nil {
		n = len(*l) + 1
	}
	if n = v.Length(n); n == 0 {
		return
	}
	if *l == nil {
		*l = make([]T, n-1)
	}
	for i := range *l {
		each(&(*l)[i], v)
	}
}

// Pointer goes through what a pointer leads to.
func Pointer[T any](v Visitor, p **T, each func(*T, Visitor)) {
	has := *p != nil
	if v.Flag(&has); !has {
		return
	}
	if *p == nil {
		*p = new(T)
	}
	each(*p, v)
}

// writer writes the fields of a finding.
type writer struct {
	fields []byte
	texts  []string
	known  map[string]uint64
}

func (p *writer) Text(s *string) {
	n, ok := p.known[*s]
	if !ok {
		n = uint64(len(p.texts))
		p.known[*s] = n
		p.texts = append(p.texts, *s)
	}
	p.fields = binary.AppendUvarint(p.fields, n)
}

func (p *writer) Number(n *int) { p.fields = binary.AppendVarint(p.fields, int64(*n)) }

func (p *writer) Flag(b *bool) {
	var n byte
	if *b {
		n = 1
	}
	p.fields = append(p.fields, n)
}

func (p *writer) Length(n int) int {
	p.fields = binary.AppendUvarint(p.fields, uint64(n))
	return n
}

func (p *writer) Broken() {}

// Pack packs n findings. Visit goes through the fields of each.
func Pack(n int, visit func(i int, v Visitor)) []byte {
	if n == 0 {
		return nil
	}
	p := &writer{known: map[string]uint64{}}
	var all []byte
	for i := range n {
		p.fields = p.fields[:0]
		visit(i, p)
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
	out = binary.AppendUvarint(out, uint64(n))
	return append(out, all...)
}

// ErrBroken is the error of packed findings that Pack did not write.
var ErrBroken = errors.New("packed findings are broken")

// Batch is packed findings, any of which can be read.
type Batch struct {
	// texts are all texts, and ends where each one ends.
	texts string
	ends  []uint32
	n     int
	// fields is the rest: the findings.
	fields string
}

// Open finds the texts of packed findings. All are parts of one string.
func Open(data string) (*Batch, error) {
	u := &reader{data: data}
	b := &Batch{ends: make([]uint32, u.size())}
	total := 0
	for i := range b.ends {
		if total += u.size(); total > len(data) {
			return nil, ErrBroken
		}
		b.ends[i] = uint32(total)
	}
	if u.failed || total > len(u.data) || len(data) > math.MaxInt32 {
		return nil, ErrBroken
	}
	b.texts, u.data = u.data[:total], u.data[total:]
	b.n = u.size()
	b.fields = u.data
	if u.failed {
		return nil, ErrBroken
	}
	return b, nil
}

// Len is the number of findings.
func (b *Batch) Len() int { return b.n }

// End is the place after the last finding.
func (b *Batch) End() int { return len(b.fields) }

// Read reads the finding at a place, and returns the place of the next one. Visit goes through its fields.
func (b *Batch) Read(at int, visit func(Visitor)) (next int, err error) {
	u := &reader{data: b.fields[at:], batch: b}
	n := u.size()
	if u.failed {
		return 0, ErrBroken
	}
	next = len(b.fields) - len(u.data) + n
	u.data = u.data[:n]
	visit(u)
	if u.failed || u.data != "" {
		return 0, ErrBroken
	}
	return next, nil
}

// Begin reads what the finding at a place begins with, and returns the place of the next one.
func (b *Batch) Begin(at int, visit func(Visitor)) (next int, err error) {
	u := &reader{data: b.fields[at:], batch: b}
	n := u.size()
	next = len(b.fields) - len(u.data) + n
	if visit(u); u.failed {
		return 0, ErrBroken
	}
	return next, nil
}

// reader reads the fields of a finding. After the first fault everything reads as zero.
type reader struct {
	data   string
	batch  *Batch
	failed bool
}

func (u *reader) Broken() { u.failed, u.data = true, "" }

func (u *reader) uvarint() uint64 {
	var n uint64
	for i := range min(len(u.data), binary.MaxVarintLen64) {
		c := u.data[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			u.data = u.data[i+1:]
			return n
		}
	}
	u.Broken()
	return 0
}

// size is a number of things that take a byte each, at least.
func (u *reader) size() int {
	n := u.uvarint()
	if n > uint64(len(u.data)) {
		u.Broken()
		return 0
	}
	return int(n)
}

func (u *reader) Text(s *string) {
	n := u.uvarint()
	if u.failed || n >= uint64(len(u.batch.ends)) {
		u.Broken()
		return
	}
	from := uint32(0)
	if n > 0 {
		from = u.batch.ends[n-1]
	}
	*s = u.batch.texts[from:u.batch.ends[n]]
}

func (u *reader) Number(n *int) {
	x := u.uvarint()
	*n = int(x>>1) ^ -int(x&1)
}

func (u *reader) Flag(b *bool) { *b = u.uvarint() != 0 }

func (u *reader) Length(int) int {
	n := u.uvarint()
	if n > uint64(len(u.data))+1 {
		u.Broken()
		return 0
	}
	return int(n)
}
