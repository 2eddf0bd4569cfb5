package lint

import (
	"slices"
	"strings"
)

// Check is what a rule does: a Field, or one of PodCheck, PodOrContainerCheck,
// ObjectCheck, DocumentCheck and UnitCheck, which have functions.
type Check interface {
	// object is called for each object of a unit, from several goroutines.
	object(p *Pass, o *Object)
	// document is called for each other document of a unit, from several goroutines.
	document(p *Pass, d *Document)
	// unit is called once for each unit.
	unit(p *Pass)
}

// PodCheck looks at each workload.
type PodCheck func(p *Pass, w *Workload)

func (f PodCheck) object(p *Pass, o *Object) {
	for _, w := range o.Workloads {
		f(p, w)
	}
}

func (PodCheck) document(*Pass, *Document) {}

func (PodCheck) unit(*Pass) {}

// PodOrContainerCheck looks at each pod and container of the kinds in Of.
type PodOrContainerCheck struct {
	Of    ContainerKind
	Check func(p *Pass, h PodOrContainer)
}

func (c PodOrContainerCheck) object(p *Pass, o *Object) {
	for _, w := range o.Workloads {
		for _, h := range w.Select(c.Of) {
			c.Check(p, h)
		}
	}
}

func (PodOrContainerCheck) document(*Pass, *Document) {}

func (PodOrContainerCheck) unit(*Pass) {}

// ObjectCheck looks at each object by itself.
type ObjectCheck func(p *Pass, o *Object)

func (f ObjectCheck) object(p *Pass, o *Object) { f(p, o) }

func (ObjectCheck) document(*Pass, *Document) {}

func (ObjectCheck) unit(*Pass) {}

// DocumentCheck looks at each document of a kind that is no Kubernetes object.
type DocumentCheck struct {
	// Of is the kind: one of the Document constants.
	Of    string
	Check func(p *Pass, d *Document)
}

func (DocumentCheck) object(*Pass, *Object) {}

func (c DocumentCheck) document(p *Pass, d *Document) {
	if d.Kind == c.Of {
		c.Check(p, d)
	}
}

func (DocumentCheck) unit(*Pass) {}

// Checks is several checks of one rule: one for objects and one for other documents.
type Checks []Check

func (l Checks) object(p *Pass, o *Object) {
	for _, c := range l {
		c.object(p, o)
	}
}

func (l Checks) document(p *Pass, d *Document) {
	for _, c := range l {
		c.document(p, d)
	}
}

func (l Checks) unit(p *Pass) {
	for _, c := range l {
		c.unit(p)
	}
}

// UnitCheck looks at a unit as a whole: it compares objects with each other.
type UnitCheck func(p *Pass)

func (UnitCheck) object(*Pass, *Object) {}

func (UnitCheck) document(*Pass, *Document) {}

func (f UnitCheck) unit(p *Pass) { f(p) }

// Verdict is what a Field says about an absent value.
type Verdict int

const (
	// Good says that an absent value is fine. It is the zero value.
	Good Verdict = iota
	// Bad says that an absent value is reported.
	Bad
)

// Field is the declarative check: one path below pods or containers, and the
// values allowed there.
type Field struct {
	// Of says which pods and containers have the field.
	Of ContainerKind
	// Path starts at the pod or container. "[]" after a key means each element:
	// ports[].hostPort.
	Path string
	// Inherit: a container that leaves the field unset takes its pod's. What
	// the pod sets wrong is reported once, on the pod.
	Inherit bool
	// Allow lists the values that are fine. If it is empty, the field must not be set.
	Allow []string
	// Absent is the verdict if neither the container nor, with Inherit, its pod sets the field.
	Absent Verdict
	// Unless exempts a pod from the rule. If it is nil, no pod is exempt.
	Unless func(p *Pass, w *Workload) bool
}

func (f Field) object(p *Pass, o *Object) {
	for _, w := range o.Workloads {
		if f.Unless == nil || !f.Unless(p, w) {
			f.workload(p, w)
		}
	}
}

func (f Field) workload(p *Pass, w *Workload) {
	podReported := false
	for _, h := range w.Select(f.Of) {
		if v, from := h.Effective(f.Path); f.Inherit && from.Kind == KindPod {
			if !podReported {
				podReported = f.judge(p, from, v)
			}
			continue
		}
		for v := range h.Each(f.Path) {
			f.judge(p, h, v)
		}
	}
}

func (Field) document(*Pass, *Document) {}

func (Field) unit(*Pass) {}

// judge reports the value unless it is fine.
func (f Field) judge(p *Pass, h PodOrContainer, v Value) (reported bool) {
	set := v.IsSet()
	if !set && f.Absent == Good || v.IsScalar() && slices.Contains(f.Allow, v.Text()) {
		return false
	}
	path := trimPath(v.Path(), h.Path())
	d := Diagnostic{Subject: h, At: v}
	if len(f.Allow) == 1 {
		d.Want = f.Allow[0]
	}
	want := strings.Join(f.Allow, " or ")
	switch {
	case !set:
		d.Message = h.Label() + " does not set " + path + "; want " + want
	case len(f.Allow) == 0:
		d.Message = h.Label() + " sets " + path + shown(v) + "; want it unset"
	default:
		d.Message = h.Label() + " sets " + path + shown(v) + "; want " + want
	}
	p.Report(d)
	return true
}

// shown is the value as messages print it.
func shown(v Value) string {
	if !v.IsScalar() {
		return ""
	}
	if v.Node.Value == "" {
		return `: ""`
	}
	return ": " + v.Node.Value
}
