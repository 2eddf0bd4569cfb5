package lint

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubevet/kubevet/lint/packed"
	"github.com/kubevet/kubevet/lint/texts"
)

// Every field of every type is filled by reflection, so that none that is added
// later is forgotten.
func TestReportSurvivesJSON(t *testing.T) {
	rules := []*Rule{{ID: "no-a", Severity: High, Title: "A"}, {ID: "no-b", Severity: Low}}
	for seed := range uint64(300) {
		g := generator{rand.New(rand.NewPCG(seed, 1)), rules}
		var want Report
		g.fill(reflect.ValueOf(&want).Elem())
		data, err := json.Marshal(&want)
		if err != nil {
			t.Fatal(err)
		}
		var got Report
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		for _, f := range slices.Concat(got.Findings, got.Ignored) {
			f.Rule = rules[slices.IndexFunc(rules, func(r *Rule) bool { return r.ID == f.Rule.ID })]
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: report differs after JSON:\n got %#v\nwant %#v\n%s", seed, got, want, data)
		}
		if again, err := json.Marshal(&got); err != nil || string(again) != string(data) {
			t.Fatalf("seed %d: a second time it is other JSON (%v)", seed, err)
		}
	}
}

// The packed form loses nothing either, and what is cut off is an error.
func TestFindingsSurvivePacking(t *testing.T) {
	rules := []*Rule{{ID: "no-a", Severity: High, Title: "A"}, {ID: "no-b", Severity: Low}}
	unpack := func(data []byte) ([]*Finding, error) {
		if len(data) == 0 {
			return nil, nil
		}
		b, err := packed.Open(string(data))
		if err != nil {
			return nil, err
		}
		var l []*Finding
		at := 0
		for range b.Len() {
			f, id := &Finding{}, ""
			if at, err = b.Read(at, func(v packed.Visitor) { f.Visit(v, &id) }); err != nil {
				return nil, err
			}
			f.Rule, _ = FindRule(rules, id)
			l = append(l, f)
		}
		return l, nil
	}
	for seed := range uint64(300) {
		g := generator{rand.New(rand.NewPCG(seed, 2)), rules}
		var want []*Finding
		g.fill(reflect.ValueOf(&want).Elem())
		data := packed.Pack(len(want), func(i int, v packed.Visitor) { want[i].Visit(v, &want[i].Rule.ID) })
		got, err := unpack(data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: findings differ:\n got %#v\nwant %#v", seed, got, want)
		}
		if seed >= 10 { // each cut costs as much as reading the whole
			continue
		}
		for n := 1; n < len(data); n++ {
			if _, err := unpack(data[:n]); err == nil {
				t.Fatalf("seed %d: %d of %d bytes are read without an error", seed, n, len(data))
			}
		}
	}
}

type generator struct {
	*rand.Rand
	rules []*Rule
}

func (g generator) fill(v reflect.Value) {
	switch v.Interface().(type) {
	case *Rule:
		v.Set(reflect.ValueOf(g.rules[g.IntN(len(g.rules))]))
		return
	case time.Time:
		if g.IntN(2) == 0 {
			v.Set(reflect.ValueOf(time.Date(2020+g.IntN(20), time.Month(1+g.IntN(12)), 1+g.IntN(28), 0, 0, 0, 0, time.UTC)))
		}
		return
	case Finding: // its unexported field too
		v.Addr().Interface().(*Finding).stable = g.text()
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(g.text())
	case reflect.Int:
		v.SetInt(int64(g.IntN(7)))
	case reflect.Bool:
		v.SetBool(g.IntN(2) == 0)
	case reflect.Pointer:
		if v.Type() != reflect.TypeFor[*Finding]() && g.IntN(2) == 0 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		g.fill(v.Elem())
	case reflect.Slice:
		if n := g.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				g.fill(v.Index(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			g.fill(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				g.fill(v.Field(i))
			}
		}
	default:
		panic("a kind that no report has: " + v.Kind().String())
	}
}

// text is also what is no UTF-8, and what looks like an escaped byte.
func (g generator) text() string {
	parts := []string{"", "a", "spec.containers[0]", "\n", "\u2028", "\x00", "\xff", "\xe2\x80", "ü", "\ufffd", texts.Mark, texts.Mark + "ff", "<&>", `"\`}
	var b strings.Builder
	for range g.IntN(4) {
		b.WriteString(parts[g.IntN(len(parts))])
	}
	return b.String()
}
