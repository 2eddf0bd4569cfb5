package lint

import (
	"slices"
	"sync/atomic"
	"testing"
)

// An index of a unit is built once, also for objects that are checked together; one of
// an object is built for each.
func TestIndexesAreBuiltOnce(t *testing.T) {
	var units, objects, nested atomic.Int32
	inner := UnitIndex("inner", func(*Pass) int { nested.Add(1); return 2 })
	ofUnit := UnitIndex("unit", func(p *Pass) int { units.Add(1); return inner(p) + len(p.Unit.Objects) })
	ofObject := ObjectIndex("object", func(_ *Pass, o *Object) string { objects.Add(1); return o.Name })
	ask := ObjectCheck(func(p *Pass, o *Object) {
		if got := ofUnit(p); got != 102 {
			t.Errorf("index of the unit is %d", got)
		}
		if got := ofObject(p, o); got != o.Name {
			t.Errorf("index of %s is %s", o.Name, got)
		}
	})
	u := &Unit{}
	for range 100 {
		o, _ := NewObject(parse(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").Node, here{})
		u.Objects = append(u.Objects, o)
	}
	c := Checker{Rules: []*Rule{{ID: "a", Check: ask}, {ID: "b", Check: ask}}, Jobs: 4}
	if _, problems := c.Check(u); len(problems) > 0 {
		t.Fatal(problems)
	}
	if units.Load() != 1 || nested.Load() != 1 || objects.Load() != 100 {
		t.Errorf("built %d, %d and %d times, want 1, 1 and 100", units.Load(), nested.Load(), objects.Load())
	}
}

// counting is a Locator that notices when it is called from two goroutines at a time.
type counting struct {
	t      *testing.T
	inside *atomic.Int32
}

func (c counting) Locate(Value) Origin {
	if c.inside.Add(1) != 1 {
		c.t.Error("the renderer is asked for two places at a time")
	}
	defer c.inside.Add(-1)
	return Origin{Position: Position{File: "a.yaml", Line: 1}}
}

func TestRendererIsAskedByOneAtATime(t *testing.T) {
	at := counting{t, &atomic.Int32{}}
	u := &Unit{}
	for range 200 {
		o, _ := NewObject(parse(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").Node, at)
		u.Objects = append(u.Objects, o)
	}
	u.Disabled = func(string) []DisabledObject { at.Locate(Value{}); return nil }
	c := Checker{Jobs: 8, Rules: []*Rule{{ID: "a", Check: ObjectCheck(func(p *Pass, o *Object) {
		p.Locate(o, o.Root)
		p.KeysToEnable("", "Pod", o, nil)
		p.MayExistElsewhere(o, "Pod")
		p.Report(Diagnostic{Object: o, At: o.Root})
	})}}}
	if findings, problems := c.Check(u); len(findings) != 200 || len(problems) > 0 {
		t.Errorf("%d findings, problems %v", len(findings), problems)
	}
}

// A rule that looks at the objects of a unit one by one leaves no index of each behind.
func TestIndexOfLastObjectIsKept(t *testing.T) {
	built := 0
	ofObject := ObjectIndex("object", func(_ *Pass, o *Object) string { built++; return o.Name })
	u := &Unit{}
	for range 100 {
		o, _ := NewObject(parse(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").Node, here{})
		u.Objects = append(u.Objects, o)
	}
	p := NewPass(u, Settings{})
	for _, o := range u.Objects {
		for range 2 {
			if ofObject(p, o) != "a" {
				t.Error("wrong index")
			}
		}
	}
	kept := slices.DeleteFunc(p.ofObject, func(v any) bool { return v == nil })
	if built != 100 || len(kept) != 1 {
		t.Errorf("built %d times and kept %d, want 100 and 1", built, len(kept))
	}
}

// Diagnostics with many related values are placed before there are many of them.
func TestRelatedValuesArePlaced(t *testing.T) {
	o, _ := NewObject(parse(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").Node, here{})
	check := UnitCheck(func(p *Pass) {
		for range 10 {
			d := Diagnostic{Object: o, At: o.Root, Related: make([]Related, maxHeld/4)}
			for i := range d.Related {
				d.Related[i] = Related{Object: o, At: o.Root}
			}
			p.Report(d)
			if n := len(p.found); n > 3 {
				t.Errorf("%d diagnostics are held", n)
			}
		}
	})
	c := Checker{Rules: []*Rule{{ID: "a", Check: check}}}
	if found, problems := c.Check(&Unit{Objects: []*Object{o}}); len(found) != 10 || len(problems) > 0 {
		t.Errorf("%d findings, problems: %v", len(found), problems)
	}
}
