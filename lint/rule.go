package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint/suggest"
)

// Severity is how bad a finding is. The zero value means that nothing else was
// chosen: the rule's own severity counts. No Rule and no Finding has it.
type Severity int

// From worst to least.
const (
	Critical Severity = iota + 1 // a way to own the node or the cluster
	High
	Medium
	Low
)

// Severities lists the severities from worst to least. It must not be changed.
var Severities = []Severity{Critical, High, Medium, Low}

var severityNames = []string{Critical: "critical", High: "high", Medium: "medium", Low: "low"}

// String gives critical, high, medium or low. It is empty for the zero value.
func (s Severity) String() string { return severityNames[s] }

// Or gives the severity, or another one if it is the zero value.
func (s Severity) Or(other Severity) Severity { return cmp.Or(s, other) }

// If gives the severity where a condition holds, else the zero value.
func (s Severity) If(condition bool) Severity {
	if condition {
		return s
	}
	return 0
}

// Tally counts by severity. The zero Severity has no count.
type Tally [Low + 1]int

// Total is the sum of all counts.
func (t Tally) Total() int {
	n := 0
	for _, m := range t {
		n += m
	}
	return n
}

// Profile is the set of rules that run by default.
type Profile int

const (
	// Recommended is what most sane teams enforce. It is the default.
	Recommended Profile = iota
	// Strict is all rules, those included that not every team wants.
	Strict
)

var profileNames = []string{"recommended", "strict"}

// String gives recommended or strict.
func (p Profile) String() string { return profileNames[p] }

// Standards that a Ref names, in their newest version. The controls of the CIS
// Benchmark are those of version 2.0, for Kubernetes 1.34 and 1.35; it kept the
// numbers of version 1.12.
const (
	CISBenchmark   = "CIS Kubernetes Benchmark v2.0.0"
	HardeningGuide = "NSA/CISA Kubernetes Hardening Guide"
	OWASPTopTen    = "OWASP Kubernetes Top Ten 2025"
)

// Ref is where a standard asks for what a rule checks.
type Ref struct {
	Standard string // one of those above, or "Pod Security Standards (restricted)"
	Control  string // the control's name or number there
}

// Rule is one thing that is checked. It is a value: nothing is registered by
// import, and rules keep no state. Its doc comment is its only prose; see
// rules.Doc.
type Rule struct {
	// ID is in kebab case and reads as what the manifest must satisfy; a
	// prohibition starts with no-.
	ID string
	// Title is a short sentence without full stop that names the defect.
	Title    string
	Severity Severity
	// Profile is the smallest profile that includes the rule.
	Profile Profile
	// Checklist lists the items of the security checklist that the rule decides.
	Checklist []string
	Refs      []Ref
	// Fix is one imperative clause, in lower case without full stop.
	Fix string
	// Unless is when the fix would stop the program, which is a reason to ignore the finding: "the program must
	// start as root". It is empty if the fix stops none, or says itself on what it depends.
	Unless string
	// ImpliedBy is the ID of a rule whose finding about an object says what that of this rule does, and more: at one place a report has
	// that one alone. It is empty if there is none.
	ImpliedBy string
	// Aliases are former IDs, which stay usable.
	Aliases []string
	Check   Check
}

// isProhibition reports whether the rule is about what should not be there.
func (r *Rule) isProhibition() bool { return strings.HasPrefix(r.ID, "no-") }

// isRefusal reports whether the rule is about what the API server refuses or ignores: that is a defect of the templates, whoever applies the
// object.
func (r *Rule) isRefusal() bool { return slices.Contains(r.Checklist, "infra-upgrades") }

// IsCalled reports whether a name is the rule's ID or one of its former IDs.
func (r *Rule) IsCalled(name string) bool { return r.ID == name || slices.Contains(r.Aliases, name) }

// FindRule returns the rule that is called by a name. The error suggests a name that
// comes close.
func FindRule(rules []*Rule, name string) (*Rule, error) {
	var names []string
	for _, r := range rules {
		if r.IsCalled(name) {
			return r, nil
		}
		names = append(append(names, r.ID), r.Aliases...)
	}
	if near := suggest.Closest(name, names); near != "" {
		return nil, fmt.Errorf("unknown rule %q; did you mean %q", name, near)
	}
	return nil, fmt.Errorf("unknown rule %q; `kubevet rules` lists them", name)
}

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
	// Also is what there is to do beside giving the field its value: see Intent.Also.
	Also string
	// AlsoFor is more of it, for one container. It is empty if there is no more. AlsoFor may be nil.
	AlsoFor func(c PodOrContainer) string
	// Mounted is as in an Intent.
	Mounted string
	// FixFor is what to do about the field of a pod or container where the rule's Fix is not enough. Its Title is
	// empty where it is. FixFor may be nil.
	FixFor func(h PodOrContainer) Intent
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
	d := Diagnostic{Subject: h, At: v, Fix: Intent{Also: f.Also, Mounted: f.Mounted}}
	if f.AlsoFor != nil {
		if more := f.AlsoFor(h); more != "" {
			d.Fix.Also += ", and " + more
			d.Fix.Title = p.Rule.Fix + ", and " + more
		}
	}
	if len(f.Allow) == 0 {
		d.Fix.Do = Remove
	}
	if len(f.Allow) == 1 {
		d.Fix.Value = f.Allow[0]
	}
	if f.FixFor != nil {
		if in := f.FixFor(h); in.Title != "" {
			d.Fix = in
		}
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

// Version is a minor version of Kubernetes. The zero value is no version.
type Version struct{ Major, Minor int }

// Newest is the newest Kubernetes that kubevet's libraries know; rules and
// rendering assume it by default.
var Newest = Version{1, 37}

// ParseVersion reads 1.31, v1.31 or v1.31.2; the patch does not matter.
func ParseVersion(s string) (Version, error) {
	parts := strings.SplitN(strings.TrimPrefix(s, "v"), ".", 3)
	if len(parts) >= 2 {
		major, err1 := strconv.Atoi(parts[0])
		minor, err2 := strconv.Atoi(parts[1])
		if err1 == nil && err2 == nil && major >= 1 && minor >= 0 {
			return Version{major, minor}, nil
		}
	}
	return Version{}, fmt.Errorf("invalid Kubernetes version %q; want a form like 1.31 or v1.31.2", s)
}

// String gives the form v1.31.
func (v Version) String() string { return fmt.Sprintf("v%d.%d", v.Major, v.Minor) }

// AtLeast reports whether v is 1.minor or newer.
func (v Version) AtLeast(minor int) bool {
	return v.Major > 1 || v.Major == 1 && v.Minor >= minor
}
