package lint

import (
	"path"
	"slices"
)

// UnitKind says what kind of input a unit comes from.
type UnitKind int

const (
	// UnitManifests is plain manifests. It is the zero value.
	UnitManifests UnitKind = iota
	// UnitChart is a Helm chart in one scenario.
	UnitChart
	// UnitOverlay is a Kustomize overlay.
	UnitOverlay
	// UnitRepository is the repository as a whole: its files that are no
	// Kubernetes objects, and what several inputs have in common.
	UnitRepository
)

// Unit is what one input renders to: a chart in one scenario, an overlay, or a tree
// of plain manifests. Rules that compare objects see one unit at a time.
type Unit struct {
	Kind UnitKind
	// Input is the path of the chart, overlay or tree, relative to the working directory.
	Input string
	// Scenario names the values of a chart: "default values". It is empty for other inputs.
	Scenario string
	Objects  []*Object
	// Documents are the files that are no Kubernetes objects.
	Documents []*Document
	// Repository are the Documents of the repository that a unit with Objects is from: how
	// its images are built, for one. All units of a run share them. Rules report nothing of
	// them alone.
	Repository []*Document
	// Disabled lists the objects of a kind that the unit lacks only because of some
	// values. It is nil if there are none. Rules ask by Pass.KeysToEnable.
	Disabled func(kind string) []DisabledObject
	// Unrendered lists the kinds in a chart's templates of which the chart rendered no
	// object. It is nil if there are none.
	Unrendered func() []UnrenderedKind
	// Try renders the unit with other values, each step's Set at its key. Nil is
	// returned if that leads to problems which the unit does not have. It is nil if the
	// unit has no values. It is safe for concurrent use.
	Try func(set []Step) *Unit
	// Unreadable are the files of which the unit lacks something, since it could not be
	// read, rendered or placed. What the unit does not hold may be there.
	Unreadable []string
}

// Name is how reports call the unit: charts/web (default values).
func (u *Unit) Name() string { return unitName(u.Input, u.Scenario) }

func unitName(input, scenario string) string {
	if scenario == "" {
		return input
	}
	return input + " (" + scenario + ")"
}

// Workloads lists those of all objects of the unit.
func (u *Unit) Workloads() []*Workload {
	var l []*Workload
	for _, o := range u.Objects {
		l = append(l, o.Workloads...)
	}
	return l
}

// UnrenderedKind is a kind that a template of a chart declares, although the chart
// rendered no object of it.
type UnrenderedKind struct {
	Kind string
	// Template is the file.
	Template string
	// Vendored names the third-party subchart that it belongs to. It is empty for the
	// linted chart's own.
	Vendored string
}

func (u *Unit) mayExistElsewhere(of *Object, kinds []string) bool {
	var unrendered []UnrenderedKind
	if u.Unrendered != nil {
		unrendered = u.Unrendered()
	}
	dir := path.Dir(of.start().File)
	return slices.ContainsFunc(u.Unreadable, func(file string) bool { return u.Kind == UnitChart || path.Dir(file) == dir }) ||
		slices.ContainsFunc(unrendered, func(k UnrenderedKind) bool {
			return slices.Contains(kinds, k.Kind) && k.Vendored == of.Vendored && path.Dir(k.Template) == dir
		})
}

// DisabledObject is an object that a chart's values keep out.
type DisabledObject struct {
	Kind string
	// APIGroup is empty for the core group, and where the template computes it.
	APIGroup string
	// Template is the file that would print it.
	Template string
	// Keys are the values to set, all of them, so that the object is there. Each
	// has a Set.
	Keys []Step
	// Vendored names the third-party subchart that it belongs to. It is empty for the
	// linted chart's own.
	Vendored string
	// Text is the object as the template has it, actions and all.
	Text string
}

func (u *Unit) keysToEnable(group, kind string, of *Object, serves func(DisabledObject) bool) []Step {
	if u.Disabled == nil {
		return nil
	}
	var all, beside [][]Step
	add := func(l [][]Step, keys []Step) [][]Step {
		if slices.ContainsFunc(l, func(have []Step) bool { return slices.Equal(have, keys) }) {
			return l
		}
		return append(l, keys)
	}
	for _, s := range u.Disabled(kind) {
		if s.APIGroup != group && s.APIGroup != "" || s.Vendored != of.Vendored || !serves(s) {
			continue
		}
		all = add(all, s.Keys)
		if path.Dir(s.Template) == path.Dir(of.start().File) {
			beside = add(beside, s.Keys)
		}
	}
	switch {
	case len(all) == 1:
		return all[0]
	case len(beside) == 1:
		return beside[0]
	}
	return nil
}

// Rendered is what one rendering of an input came to.
type Rendered struct {
	// Unit holds the objects. It is nil if nothing could be rendered; Problems say why.
	Unit *Unit
	// Texts are the rendered files, for people to read.
	Texts []RenderedText
	// Sources are the files that a person of the project can edit and that went
	// into the unit: manifests; templates, helpers and values files of the
	// project's own charts; kustomizations, bases and patches. Comments in them
	// may ignore findings.
	Sources []SourceText
	// Problems are what could not be read, rendered or placed.
	Problems []Problem
	// Notes are facts for the reader that need no action.
	Notes []Problem
}

// RenderedText is one rendered file.
type RenderedText struct {
	// Name is the file that the text was rendered from: a template, a kustomization.
	Name string
	Text string
	// Origin returns where a line of the text, counted from 1, came from. The
	// zero Origin: not known.
	Origin func(line int) Origin
	// Locator finds where the values of the text's documents can be edited. Their nodes
	// have the lines and columns of the text. Nil: only lines are known.
	Locator Locator
}

// SourceText is a file that an input was made of, as it was read.
type SourceText struct {
	// Name is how positions call the file.
	Name string
	Text []byte
}
