package lint

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// here is a Locator that knows nothing but the file.
type here struct{}

func (here) Locate(Value) Origin { return Origin{Position: Position{File: "a.yaml", Line: 1}} }

// An object that aliases expand without end is a problem; the others are checked.
func TestOversizedObjectIsNotChecked(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wide}\nl0: &l0 {a: 1}\n")
	for i := range 40 {
		fmt.Fprintf(&b, "l%d: &l%d {a: *l%d, b: *l%d}\n", i+1, i+1, i, i)
	}
	cyclic := parse(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: cyclic}, self: &s {a: b}, alias: *s}")
	self := cyclic.Get("self")
	self.Node.Content[1] = cyclic.Node.Content[9] // the alias
	u := &Unit{}
	for _, root := range []Value{parse(t, b.String()), cyclic, parse(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: plain}}")} {
		o, ok := NewObject(root.Node, here{})
		if !ok {
			t.Fatal("no object")
		}
		u.Objects = append(u.Objects, o)
	}
	var checked []string
	r := &Rule{ID: "any", Check: ObjectCheck(func(_ *Pass, o *Object) { checked = append(checked, o.Name) })}
	inUnit := &Rule{ID: "unit", Check: UnitCheck(func(p *Pass) { checked = append(checked, strconv.Itoa(len(p.Unit.Objects))) })}
	c := Checker{Rules: []*Rule{r, inUnit}}
	_, problems := c.Check(u)
	if got := strings.Join(checked, " "); got != "plain 1" {
		t.Errorf("checked %s", got)
	}
	if len(problems) != 2 || problems[0].Code != CodeLimit || problems[0].File != "a.yaml" || !strings.Contains(problems[1].Message, "ConfigMap/cyclic") {
		t.Errorf("problems: %v", problems)
	}
	if len(u.Objects) != 3 {
		t.Error("Check must not change the unit")
	}
}
