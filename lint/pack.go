package lint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// The packed form passes many findings from one kubevet process to another. Each text
// is written once, and so is held once by the process that reads it: most texts of a
// batch are those of many findings. It is lossless, and may change with every version.
//
// It begins with the texts: their number, the length of each, and their bytes. The
// fields of the findings follow in their order, numbers as varints, texts by their
// number. A rule is written as its ID.

// Pack packs findings.
func Pack(findings []*Finding) []byte {
	if len(findings) == 0 {
		return nil
	}
	p := &packer{known: map[string]uint64{}}
	p.fields = binary.AppendUvarint(p.fields, uint64(len(findings)))
	for _, f := range findings {
		p.text(f.Rule.ID)
		p.text(f.stable)
		p.value(reflect.ValueOf(f).Elem())
	}
	out := binary.AppendUvarint(nil, uint64(len(p.texts)))
	for _, t := range p.texts {
		out = binary.AppendUvarint(out, uint64(len(t)))
	}
	for _, t := range p.texts {
		out = append(out, t...)
	}
	return append(out, p.fields...)
}

// Unpack reads what Pack wrote. The rules have nothing but an ID until Resolve finds
// them.
func Unpack(data []byte) ([]*Finding, error) {
	if len(data) == 0 {
		return nil, nil
	}
	u := &unpacker{data: data, rules: map[string]*Rule{}}
	u.readTexts()
	n := u.length()
	all := make([]Finding, n)
	out := make([]*Finding, n)
	for i := range all {
		f := &all[i]
		out[i] = f
		id := u.text()
		f.stable = u.text()
		u.value(reflect.ValueOf(f).Elem())
		if u.rules[id] == nil {
			u.rules[id] = &Rule{ID: id}
		}
		f.Rule = u.rules[id]
	}
	if u.broken {
		return nil, errors.New("packed findings are broken")
	}
	return out, nil
}

type packer struct {
	fields []byte
	texts  []string
	known  map[string]uint64
}

func (p *packer) text(s string) {
	n, ok := p.known[s]
	if !ok {
		n = uint64(len(p.texts))
		p.known[s] = n
		p.texts = append(p.texts, s)
	}
	p.number(n)
}

func (p *packer) number(n uint64) { p.fields = binary.AppendUvarint(p.fields, n) }

func (p *packer) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		p.text(v.String())
	case reflect.Bool:
		p.fields = append(p.fields, byte(boolNumber(v.Bool())))
	case reflect.Int:
		p.fields = binary.AppendVarint(p.fields, v.Int())
	case reflect.Pointer:
		if v.Type() == ruleType {
			return
		}
		p.number(boolNumber(!v.IsNil()))
		if !v.IsNil() {
			p.value(v.Elem())
		}
	case reflect.Slice:
		if v.IsNil() {
			p.number(0)
			return
		}
		p.number(uint64(v.Len()) + 1)
		for i := range v.Len() {
			p.value(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == timeType {
			p.text(v.Interface().(time.Time).Format(time.RFC3339Nano))
			return
		}
		for _, f := range exportedFields(v.Type()) {
			p.value(v.Field(f.index))
		}
	default:
		panic(fmt.Sprintf("findings have no %s", v.Type()))
	}
}

func boolNumber(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// unpacker reads packed findings. After the first fault everything reads as zero.
type unpacker struct {
	data   []byte
	texts  []string
	rules  map[string]*Rule
	broken bool
}

// readTexts reads the texts. All are parts of one string.
func (u *unpacker) readTexts() {
	lengths := make([]int, u.length())
	total := 0
	for i := range lengths {
		lengths[i] = u.length()
		total += lengths[i]
	}
	if total < 0 || total > len(u.data) {
		u.broken = true
		return
	}
	all := string(u.data[:total])
	u.data = u.data[total:]
	u.texts = make([]string, len(lengths))
	for i, n := range lengths {
		u.texts[i], all = all[:n], all[n:]
	}
}

func (u *unpacker) number() uint64 {
	n, size := binary.Uvarint(u.data)
	if size <= 0 {
		u.broken, u.data = true, nil
		return 0
	}
	u.data = u.data[size:]
	return n
}

// length is a number of things that take a byte each, at least.
func (u *unpacker) length() int {
	n := u.number()
	if n > uint64(len(u.data)) {
		u.broken = true
		return 0
	}
	return int(n)
}

func (u *unpacker) text() string {
	n := u.number()
	if n >= uint64(len(u.texts)) {
		u.broken = true
		return ""
	}
	return u.texts[n]
}

func (u *unpacker) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(u.text())
	case reflect.Bool:
		v.SetBool(u.number() != 0)
	case reflect.Int:
		n, size := binary.Varint(u.data)
		if size <= 0 {
			u.broken = true
			return
		}
		u.data = u.data[size:]
		v.SetInt(n)
	case reflect.Pointer:
		if v.Type() != ruleType && u.number() != 0 {
			v.Set(reflect.New(v.Type().Elem()))
			u.value(v.Elem())
		}
	case reflect.Slice:
		if n := u.length(); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range v.Len() {
				u.value(v.Index(i))
			}
		}
	case reflect.Struct:
		if v.Type() == timeType {
			t, err := time.Parse(time.RFC3339Nano, u.text())
			u.broken = u.broken || err != nil
			v.Set(reflect.ValueOf(t))
			return
		}
		for _, f := range exportedFields(v.Type()) {
			u.value(v.Field(f.index))
		}
	default:
		panic(fmt.Sprintf("findings have no %s", v.Type()))
	}
}
