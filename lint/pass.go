package lint

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubevet/kubevet/lint/fixes"
)

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
	// held counts the values of found: each diagnostic, and its related values.
	held int
	// untried are findings of the object whose fixes are to be tried, reported what was
	// placed together with the last of them. Placed is set once something was placed.
	untried  []untried
	reported reports
	placed   bool
	// shared is what all passes over the unit have in common. Nil in a Pass that no
	// Checker made.
	shared *shared
	// ofObject holds what ObjectIndex has built of one object, the last that a rule has
	// asked about, by the number of the index.
	ofObject []any
	indexed  *Object
}

// NewPass makes a Pass for anyone who reads a unit by its indexes and runs no rules.
func NewPass(u *Unit, settings Settings) *Pass {
	return &Pass{Unit: u, Settings: settings, shared: &shared{checker: &Checker{}, unit: u}}
}

// Runs reports whether a rule runs beside this one: a rule can leave to it what both
// would report.
func (p *Pass) Runs(id string) bool {
	return p.shared != nil && slices.ContainsFunc(p.shared.checker.Rules, func(r *Rule) bool { return r.ID == id })
}

// Locate is where a value of an Object or another Document can be edited.
func (p *Pass) Locate(of Locator, v Value) Origin {
	defer p.lock()()
	return of.Locate(v)
}

// LocatePart is where a part of the text of a value can be edited, nil for the whole.
func (p *Pass) LocatePart(of *Document, v Value, part *Range) Origin {
	defer p.lock()()
	return of.locate(Diagnostic{At: v, Range: part})
}

// Kustomization is one that an object came through.
type Kustomization struct {
	File string
	// Namespace is the one that it gives objects, by itself or by its components. It is empty if it gives none.
	Namespace string
}

// Kustomized is a Locator that knows through which kustomizations its object came.
type Kustomized interface {
	// Kustomizations are those, the one that is built first and last the one that declares the object. It is nil if they are
	// not known.
	Kustomizations() []Kustomization
}

// Kustomizations are those of a Kustomized. It is nil for an object that is of no overlay.
func (p *Pass) Kustomizations(of *Object) []Kustomization {
	defer p.lock()()
	return of.Kustomizations()
}

// Kustomizations is for renderers, whose objects can be made of others: rules ask the Pass.
func (o *Object) Kustomizations() []Kustomization {
	if k, ok := o.locator.(Kustomized); ok {
		return k.Kustomizations()
	}
	return nil
}

// KeyOfPart is the key of a chart that is to supply the empty part of a text at which a diagnostic reports. It is empty if
// that is not known.
func (p *Pass) KeyOfPart(d Diagnostic) string {
	defer p.lock()()
	trail := d.place().locate(d).Trail
	if d.Range == nil || d.Range.From != d.Range.To || len(trail) == 0 || trail[0].Kind != StepValues {
		return ""
	}
	return trail[0].Label
}

// OffersKey reports whether the values of a chart have a key with which a value can be set by itself.
func (p *Pass) OffersKey(of *Object, v Value) bool {
	return p.locatesStep(of, v, func(s Step, needsSwitch bool) bool { return s.Set == "" && !s.InText && !needsSwitch })
}

// DeclaresKey says how a chart's values file shows where to set an absent field of an object, by its path below the pod or container:
// the file has the key for the first part of the path, such as securityContext, or that is a new one, and it has the rest in a comment there.
func (p *Pass) DeclaresKey(of *Object, v Value, path string) (declared, isNew, commented bool) {
	if p.Unit.Try == nil {
		return false, false, false
	}
	e := p.Locate(of, v).Entry
	if e == nil {
		return false, false, false
	}
	declared = len(e.Addition.Keys()) < len(Addition{Path: path}.Keys())
	return declared, !declared, e.IsCommented
}

// IsForUser reports whether a value that is empty or absent is for the user of a chart to set: the chart refuses to be installed without
// values of its user, and prints the key of this one for them, or takes it from a key of its values. So it is if all that installs the chart sets it.
func (p *Pass) IsForUser(of *Object, v Value) bool {
	if p.IsSetByInstalls(of, v) {
		return true
	}
	if !p.Unit.IsRefused {
		return false
	}
	if _, missing := v.Anchor(); !v.IsSet() && missing == "" || v.IsScalar() && v.Node.Value == "" {
		return true
	}
	trail := p.Locate(of, v).Trail
	return !v.IsSet() && len(trail) > 0 && trail[0].Kind == StepValues
}

// IsSetByInstalls reports whether a value that is empty or absent is of a key of a chart's values to which all that installs the chart in the
// repository gives a value. These units are linted, too.
func (p *Pass) IsSetByInstalls(of *Object, v Value) bool {
	if p.Unit.SetByInstalls == nil {
		return false
	}
	trail := p.Locate(of, v).Trail
	return len(trail) > 0 && trail[0].Kind == StepValues && trail[0].Label != "" && p.Unit.SetByInstalls(trail[0].Label)
}

// IsSkeleton reports whether a program embeds or reads the file of an object and adds what it lacks.
func (p *Pass) IsSkeleton(of *Object) bool {
	if len(p.Unit.Skeletons) == 0 {
		return false
	}
	defer p.lock()()
	return p.Unit.Skeletons[of.start().File]
}

// OffersSwitch reports whether a chart may print an absent value if one of its values has another
// value: one that enables a block of a template.
func (p *Pass) OffersSwitch(of *Object, v Value) bool {
	return p.locatesStep(of, v, func(s Step, needsSwitch bool) bool { return s.Set != "" || needsSwitch })
}

// locatesStep reports whether the trail of a chart's value has a values key for which a test holds. The test is given whether the value
// is absent, and the switch of a block has to be set beside the key.
func (p *Pass) locatesStep(of *Object, v Value, test func(s Step, needsSwitch bool) bool) bool {
	if p.Unit.Try == nil {
		return false // no chart
	}
	trail := p.Locate(of, v).Trail
	for i, s := range trail {
		needsSwitch := !v.IsSet() && i+1 < len(trail) && trail[i+1].Kind == StepDecides && trail[i+1].Set != ""
		if s.Kind == StepValues && s.Label != "" && test(s, needsSwitch) {
			return true
		}
	}
	return false
}

// MayExistElsewhere reports whether an object may refer to another of one of some kinds
// that the unit does not show:
//
//   - something of the unit could not be read or rendered, see LacksInput;
//   - the object is a manifest beside a kustomization that lists others of the folder: these are another unit;
//   - the unit is a release beside others, whose Services, ConfigMaps and the like it may name;
//   - values of a chart prevent an object of these kinds from rendering whose template
//     is in the directory of the object's own.
func (p *Pass) MayExistElsewhere(of *Object, kinds ...string) bool {
	defer p.lock()()
	return p.Unit.mayExistElsewhere(of, kinds)
}

// LacksInput reports whether something of the unit could not be read or rendered that may hold what an
// object seems to lack: in a chart or an overlay anything, such as a dependency or a remote base, in manifests
// something of the same directory.
func (p *Pass) LacksInput(of *Object) bool {
	defer p.lock()()
	return p.Unit.lacksInput(of)
}

// KeysToEnable is the values of a chart to set so that the unit has an object of a kind
// for another: of several that are disabled it is the one whose template is beside that
// of the other. If it is not clear which, they are those of all, and the fewest of them are
// to be found. There is none if no keys do it. A group that a template computes
// counts as any. Serves says which objects count. In a trial of values there is none: its fixes are not printed.
func (p *Pass) KeysToEnable(group, kind string, of *Object, serves func(DisabledObject) Serving) Enabling {
	if p.shared != nil && p.shared.out == nil {
		return Enabling{}
	}
	defer p.lock()()
	return fixes.Lack{Group: group, Kind: kind, Vendored: of.Vendored, File: of.start().File, Serves: serves}.KeysToEnable(p.Unit.Disabled)
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

// Report reports a defect. An unknown value is no defect, and neither is an absent
// field where something else may set it: see PodOrContainer.IsDefinite.
func (p *Pass) Report(d Diagnostic) {
	if !d.KnownPart && !d.Secret && !d.Subject.IsDefinite(d.At) {
		return
	}
	if o := d.of(); o != nil && d.Absence && p.LacksInput(o) {
		return
	}
	if o := d.of(); o != nil && p.shared != nil && p.shared.checker.Exempt != nil && p.shared.checker.Exempt(p, o) {
		return
	}
	p.found = append(p.found, diagnosed{p.Rule, d})
	if p.held += 1 + len(d.Related); p.held >= maxHeld && p.shared != nil && p.shared.out != nil {
		p.place()
	}
}

// Reportf reports a defect of a pod or container. The message is its label, a
// space, and the formatted text.
func (p *Pass) Reportf(h PodOrContainer, at Value, format string, args ...any) {
	p.Report(Diagnostic{Subject: h, At: at, Message: h.Label() + " " + fmt.Sprintf(format, args...)})
}

// Diagnostic is what a check reports, before its place is known.
type Diagnostic struct {
	// Object that has the defect. It is nil if Subject or Document has it.
	Object *Object
	// Document that has the defect and is no Object. It is nil if Object or Subject has
	// it.
	Document *Document
	// Subject that has the defect. It is zero for the object as a whole.
	Subject PodOrContainer
	// At is the value that is wrong, or absent and should not be.
	At Value
	// Or is an absent value that does the same as At, such as the field of a container's pod. It is zero if there is none.
	Or Value
	// In is the document that At is a value of, if that is another than the one that has
	// the defect: the Dockerfile of a container's image. It is nil for the same.
	In *Document
	// Within is what At is a part of, such as the instruction of a Dockerfile: a
	// comment above it ignores the finding, too. It is zero if there is nothing.
	Within Value
	// Message names the pod or container, the path, what is and what should be, in lower case
	// without full stop. It is taken as it is.
	Message string
	// Fix is what to do about it. The zero Intent is the rule's own Fix.
	Fix Intent
	// Severity replaces the rule's. The zero value replaces nothing.
	Severity Severity
	// Related are other values that a reader needs to see.
	Related []Related
	// Secret says that At holds a secret: reports mask its line. Message, Fix
	// and Part never hold it.
	Secret bool
	// Credential is equal for findings of a rule that are about one credential, which several objects, or several fields, hold. It is empty if the
	// credential is not known. It must say nothing about the credential to anyone who does not have both the credential and the process.
	Credential string
	// KnownPart says that the message is true for any value of the placeholders in
	// At: it is about the rest of the text, see Value.PartialText, or about an
	// object that At, its name, identifies. Secret implies it.
	KnownPart bool
	// Absence says that the defect is that the unit has no other object which the subject should have. It is
	// not reported where input is missing that may hold the object: see Pass.LacksInput.
	Absence bool
	// Line, if not zero, is the line that is wrong within At, a text of many,
	// counted from 1. It is reported where its place is sure, else At's is.
	Line int
	// Decoded is the text of which Line is a line, if At holds it in base64. It is empty if
	// At is the text itself.
	Decoded string
	// Range is the part of the text of At that is to edit, if that is known: the tag of an
	// image. It is the place where something else supplies the rest, such as a values key of
	// its own. Nil for all of it.
	Range *Range
	// Part names what is wrong within At, where At is a text with names of its
	// own. It distinguishes findings of one value, and is not printed.
	Part string
	// Lacks says that other inputs lack the same. It is zero if they do not.
	Lacks Lack
}

// Range is a part of a text, from one byte to before another. Both are equal where the part is
// empty.
type Range struct{ From, To int }

// of is the object that has the defect. It is nil if it is a Document that is no
// object.
func (d *Diagnostic) of() *Object {
	switch {
	case d.Document != nil:
		return nil
	case d.Object != nil:
		return d.Object
	}
	return d.Subject.Workload.Object
}

// document is the document that has the defect, which may be an object.
func (d *Diagnostic) document() *Document {
	if o := d.of(); o != nil {
		return &o.Document
	}
	return d.Document
}

// place is the document that At is a value of.
func (d *Diagnostic) place() *Document {
	if d.In != nil {
		return d.In
	}
	return d.document()
}

// Related is another value that a finding refers to.
type Related struct {
	// Object holds the value. It is nil if Document does.
	Object   *Object
	Document *Document
	At       Value
	Label    string
	// IsEdited says that the label asks to change the value: the place is an entry of a chart's values, if the value is from there.
	IsEdited bool
}

// locateName is where the name of an object is written. What adds a prefix to names, or gives a chart's objects theirs, is not where the object is.
func (o *Object) locateName(name Value) Origin {
	at := o.Locate(name)
	if key := o.Locate(name.AtKey()); key.Line > 0 && key.File != at.File {
		return key
	}
	return at
}

func (r *Related) locate() Origin {
	switch {
	case r.Object != nil && r.IsEdited:
		return r.Object.Locate(r.At).AtEntry()
	case r.Object != nil && r.At.Path() == "metadata.name":
		return r.Object.locateName(r.At)
	case r.Object != nil:
		return r.Object.Locate(r.At)
	}
	return r.Document.Locate(r.At)
}

// Settings is what rules need to know from the configuration, since the input cannot say
// it. With the zero value, the rules that need a setting report nothing.
type Settings struct {
	// Registries lists where images may come from: registries
	// (registry.example.com) or repositories in them (docker.io/library). Empty:
	// anywhere.
	Registries []string
	// WorkloadWriters are globs over the names of roles that may create, change and
	// delete workloads.
	WorkloadWriters []string
	// Sensitive reports which workloads are sensitive. It is nil if there is none.
	Sensitive func(*Workload) bool
	// System is the information system that a workload belongs to, empty if none is known. It
	// is nil if a label of the workload says so: app.kubernetes.io/part-of.
	System func(*Workload) string
	// SandboxedRuntimes lists the runtime classes that isolate pods from the kernel of
	// their node. It is empty if every runtime class does.
	SandboxedRuntimes []string
	// Tiers lists the tiers of sensitivity and the nodes that each belongs on.
	Tiers []Tier
	// Cluster is what is known of all units of the run, if they are for one cluster. Package
	// cluster makes and reads it: OfCluster. It is nil if each unit is judged by itself.
	Cluster any
	// Now is the day that dates are compared with, such as those of certificates. Zero:
	// unknown, and rules about dates are silent.
	Now time.Time
	// CertificateDays is how many days before its end a certificate is reported. Zero: the
	// rule's own number.
	CertificateDays int
}

// IsSensitive reports whether a workload is said to be sensitive.
func (s Settings) IsSensitive(w *Workload) bool { return s.Sensitive != nil && s.Sensitive(w) }

// Tier is workloads of one sensitivity, and the nodes that they belong on.
type Tier struct {
	Name string
	// Holds reports which workloads are of the tier.
	Holds func(*Workload) bool
	// NodeLabels are those of the tier's nodes, of which a pod must select each.
	NodeLabels map[string]string
	// Taints are the keys of the taints of the tier's nodes, of which a pod must
	// tolerate each.
	Taints []string
	// RuntimeClasses are those that isolate the tier's pods, in place of
	// SandboxedRuntimes. They are empty if the tier asks for none.
	RuntimeClasses []string
}

// UnitIndex names a value that is computed from a whole unit, such as its Services by
// name. The result gives the value for the unit of a Pass: it is built when a rule
// first asks for it, and once for all rules and objects of the unit. Build may ask for
// other indexes, and must not report. No rule may change the value. The result is
// safe for concurrent use. The name is for people who debug.
func UnitIndex[T any](name string, build func(*Pass) T) func(*Pass) T {
	key := &indexKey{name: name}
	return func(p *Pass) T {
		if p.shared == nil { // a Pass that no Checker made
			return build(p)
		}
		return p.shared.indexes.get(key, func() any { return build(p) }).(T)
	}
}

// RepositoryIndex is UnitIndex for what is computed from the documents of a repository: it is built once for all units of it, and for all trials
// of values.
func RepositoryIndex[T any](name string, build func([]*Document) T) func(*Pass) T {
	key := &indexKey{name: name}
	return func(p *Pass) T {
		r := p.Unit.Repository
		if r == nil {
			return build(nil)
		}
		return r.indexes.get(key, func() any { return build(r.Documents) }).(T)
	}
}

// ObjectIndex is UnitIndex for what is computed from one object, for rules that look
// at the same object: it is kept until a rule asks about another one.
func ObjectIndex[T any](name string, build func(*Pass, *Object) T) func(*Pass, *Object) T {
	key := &indexKey{name, int(objectIndexes.Add(1)) - 1}
	return func(p *Pass, o *Object) T {
		if p.indexed == o && key.number < len(p.ofObject) {
			if v, ok := p.ofObject[key.number].(T); ok {
				return v
			}
		}
		v := build(p, o)
		if p.indexed != o {
			clear(p.ofObject)
			p.indexed = o
		}
		if more := int(objectIndexes.Load()) - len(p.ofObject); more > 0 {
			p.ofObject = append(p.ofObject, make([]any, more)...)
		}
		p.ofObject[key.number] = v
		return v
	}
}

// objectIndexes counts what ObjectIndex has made.
var objectIndexes atomic.Int64

// indexKey identifies an index by its address, and one of objects by its number.
type indexKey struct {
	name   string
	number int
}

// indexes are those of one unit.
type indexes struct {
	mu    sync.Mutex
	built map[*indexKey]*index
}

type index struct {
	once  sync.Once
	value any
}

// get builds a value once. Others who ask for it meanwhile wait; the index of
// another name may be built at the same time, also by build itself.
func (x *indexes) get(key *indexKey, build func() any) any {
	x.mu.Lock()
	if x.built == nil {
		x.built = map[*indexKey]*index{}
	}
	i := x.built[key]
	if i == nil {
		i = &index{}
		x.built[key] = i
	}
	x.mu.Unlock()
	i.once.Do(func() { i.value = build() })
	return i.value
}
