package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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

// ParseSeverity reads the name of a severity.
func ParseSeverity(name string) (Severity, error) {
	if i := slices.Index(severityNames, name); i > 0 {
		return Severity(i), nil
	}
	return 0, fmt.Errorf("unknown severity %q; want %s", name, strings.Join(severityNames[Critical:], ", "))
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

// Ref is where a standard asks for what a rule checks.
type Ref struct {
	Standard string // "Pod Security Standards (restricted)", "CIS Kubernetes Benchmark", "NSA/CISA"
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
	// Profile is the smallest profile that holds the rule.
	Profile Profile
	// Checklist lists the items of the security checklist that the rule decides.
	Checklist []string
	Refs      []Ref
	// Fix is one imperative clause, in lower case without full stop.
	Fix string
	// Aliases are former IDs, which stay usable.
	Aliases []string
	Check   Check
}

// Check is what a rule does: a Field, or one of the functions PodCheck,
// ContainerCheck, ObjectCheck and UnitCheck.
type Check interface {
	// object is called for each object of a unit, from several goroutines.
	object(p *Pass, o *Object)
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

func (PodOrContainerCheck) unit(*Pass) {}

// ObjectCheck looks at each object by itself.
type ObjectCheck func(p *Pass, o *Object)

func (f ObjectCheck) object(p *Pass, o *Object) { f(p, o) }

func (ObjectCheck) unit(*Pass) {}

// UnitCheck looks at a unit as a whole: it compares objects with each other.
type UnitCheck func(p *Pass)

func (UnitCheck) object(*Pass, *Object) {}

func (f UnitCheck) unit(p *Pass) { f(p) }

// Pass is what a check sees, and where it reports.
type Pass struct {
	Rule *Rule
	Unit *Unit
	// Version is the Kubernetes version that the input is meant for.
	Version Version
	// Profile is the one that the user chose.
	Profile Profile
	// Settings are those of the user's configuration.
	Settings Settings

	found []diagnosed
	// untried are findings of the object whose fixes are to be tried.
	untried []untried
	// shared is what all passes over the unit have in common. Nil in a Pass that no
	// Checker made.
	shared *shared
	// ofObject holds what ObjectIndex has built.
	ofObject map[objectKey]any
}

// Runs reports whether a rule runs beside this one: a rule can leave to it what both
// would report.
func (p *Pass) Runs(id string) bool {
	return p.shared != nil && slices.ContainsFunc(p.shared.checker.Rules, func(r *Rule) bool { return r.ID == id })
}

// Locate is where a value of an object can be edited.
func (p *Pass) Locate(o *Object, v Value) Origin {
	defer p.lock()()
	return o.Locate(v)
}

// PodsMayExistElsewhere reports whether pods that the unit does not show may be meant
// by an object, a Service for one:
//
//   - something of the unit could not be read or rendered: in a chart anything, in
//     manifests something of the same directory;
//   - values of a chart prevent a workload from rendering whose template is beside the
//     object's;
//   - a Role of the unit lets something create pods in the object's namespace.
func (p *Pass) PodsMayExistElsewhere(of *Object) bool {
	defer p.lock()()
	return p.Unit.podsMayExistElsewhere(of)
}

// MayExistElsewhere reports whether an object of a kind that the unit does not show
// may be meant by another: see PodsMayExistElsewhere.
func (p *Pass) MayExistElsewhere(of *Object, kind string) bool {
	defer p.lock()()
	return p.Unit.mayExistElsewhere(of, func(k string) bool { return k == kind })
}

// KeysToEnable is the values of a chart to set so that the unit has an object of a
// kind for another: of several that are disabled it is the one whose template is beside
// that of the other. Nil: there is none, or it is not clear which. A group that a
// template computes counts as any. Objects for which serves is false do not count.
func (p *Pass) KeysToEnable(group, kind string, of *Object, serves func(DisabledObject) bool) []Step {
	defer p.lock()()
	return p.Unit.keysToEnable(group, kind, of, serves)
}

// lock makes the caller the only one that asks a renderer for places and for what
// it has not rendered. The result unlocks.
func (p *Pass) lock() (unlock func()) {
	if p.shared == nil {
		return func() {}
	}
	p.shared.renderer.Lock()
	return p.shared.renderer.Unlock
}

// Diagnostic is what a check reports, before its place is known.
type Diagnostic struct {
	// Object that has the defect. Nil: that of Subject.
	Object *Object
	// Subject that has the defect. Zero: the object as a whole.
	Subject PodOrContainer
	// At is the value that is wrong, or absent and should not be.
	At Value
	// Message names the pod or container, the path, what is and what should be, in lower case
	// without full stop. It is taken as it is.
	Message string
	// Want is the value that At should have, if there is just one.
	Want string
	// Severity replaces the rule's. Zero: it does not.
	Severity Severity
	// Fix replaces the rule's, if not empty.
	Fix string
	// KeepFix says that another value at At does not mend the defect by itself, so
	// that Fix stands even where At comes from a values key.
	KeepFix bool
	// Keys are values of a chart to set, all of them, so that the defect is gone,
	// where At has none that does it: see Unit.KeysToEnable.
	Keys []Step
	// Related are other values that a reader needs to see.
	Related []Related
	// Secret says that At holds a secret: reports mask its line. Message, Fix
	// and Part never hold it.
	Secret bool
	// KnownPart says that the message is true whatever the placeholders in At stand
	// for: it is about the rest of the text, see Value.PartialText, or about an
	// object for which At, its name, stands. Secret implies it.
	KnownPart bool
	// Line, if not zero, is the line that is wrong within At, a text of many,
	// counted from 1. It is reported where its place is sure, else At's is.
	Line int
	// Part names what is wrong within At, where At is a text with names of its
	// own. It tells findings of one value apart, and is not printed.
	Part string
}

// of is the object that has the defect.
func (d *Diagnostic) of() *Object {
	if d.Object != nil {
		return d.Object
	}
	return d.Subject.Workload.Object
}

// Related is another value that a finding refers to.
type Related struct {
	Object *Object
	At     Value
	Label  string
}

// Report reports a defect. An unknown value is no defect, and neither is an absent
// field where something else may set it: see PodOrContainer.IsDefinite.
func (p *Pass) Report(d Diagnostic) {
	if d.KnownPart || d.Secret || d.Subject.IsDefinite(d.At) {
		p.found = append(p.found, diagnosed{p.Rule, d})
		if len(p.found) >= maxFound && p.shared != nil && p.shared.out != nil {
			p.place()
		}
	}
}

// Reportf reports a defect of a pod or container. The message is its label, a
// space, and the formatted text.
func (p *Pass) Reportf(h PodOrContainer, at Value, format string, args ...any) {
	p.Report(Diagnostic{Subject: h, At: at, Message: h.Label() + " " + fmt.Sprintf(format, args...)})
}
