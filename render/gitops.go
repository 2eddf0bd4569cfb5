package render

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// The API groups of Flux and Argo CD.
const (
	helmGroup      = "helm.toolkit.fluxcd.io"
	kustomizeGroup = "kustomize.toolkit.fluxcd.io"
	sourceGroup    = "source.toolkit.fluxcd.io"
	argoGroup      = "argoproj.io"
)

// gitOpsKind tells the objects that install charts and overlays, and those that
// they refer to.
func gitOpsKind(o *lint.Object) bool {
	switch o.Group() {
	case helmGroup, kustomizeGroup, sourceGroup:
		return true
	case argoGroup:
		return o.Kind == "Application" || o.Kind == "ApplicationSet"
	}
	return o.Is("", "ConfigMap") || o.Is("", "Secret")
}

// deployment is what an object of the tree installs from the same tree: a chart
// with values, or an overlay.
type deployment struct {
	file     discover.File
	by       *installer
	overlay  bool
	scenario helm.Scenario // its name is the object's
	// variables are what Flux substitutes in an overlay. Nil: nothing.
	variables *substitution
}

// unit is the name of what is rendered.
func (d deployment) unit() string { return d.file.Display() + " (" + d.scenario.Name + ")" }

// gitOps looks through objects for charts and overlays that they install.
type gitOps struct {
	units       []*lint.Unit // sorted by input, of objects that may matter
	trees       []*tree.Tree
	version     lint.Version
	origins     map[*tree.Tree]string
	mu          sync.Mutex // held while objects are asked for places
	installers  []*installer
	deployments []deployment
}

// counted is objects of a kind of which the same is to be told.
type counted struct {
	format, kind string
	at           lint.Position
	count        int
}

// gitOpsUnit is the part of a unit that gitOps needs. Nil: it needs none. What
// charts render to is installed by others.
func gitOpsUnit(u *lint.Unit) *lint.Unit {
	if u.Kind == lint.UnitChart {
		return nil
	}
	part := &lint.Unit{Input: u.Input}
	for _, o := range u.Objects {
		if gitOpsKind(o) {
			part.Objects = append(part.Objects, o)
		}
	}
	if len(part.Objects) == 0 {
		return nil
	}
	return part
}

// find lists what the objects install, sorted.
func (g *gitOps) find() {
	slices.SortStableFunc(g.units, func(a, b *lint.Unit) int { return cmp.Compare(a.Input, b.Input) })
	g.origins = map[*tree.Tree]string{}
	for _, u := range g.units {
		for _, o := range u.Objects {
			in := &installer{gitOps: g, unit: u, object: o, units: []*lint.Unit{u}}
			g.installers = append(g.installers, in)
			switch {
			case o.Is(helmGroup, "HelmRelease"):
				in.fluxRelease()
			case o.Is(kustomizeGroup, "Kustomization"):
				in.fluxKustomization()
			case o.Is(argoGroup, "Application"):
				in.application()
			case o.Is(argoGroup, "ApplicationSet"):
				in.count("%s not expanded: what the applications would install was not linted with their values")
			}
		}
	}
	slices.SortStableFunc(g.deployments, func(a, b deployment) int {
		return cmp.Or(cmp.Compare(a.file.Display(), b.file.Display()), cmp.Compare(a.scenario.Name, b.scenario.Name))
	})
	names := map[string]int{}
	for _, d := range g.deployments {
		names[d.file.Display()+" "+d.scenario.Name]++
	}
	for i := range g.deployments { // one object through several overlays
		if d := &g.deployments[i]; names[d.file.Display()+" "+d.scenario.Name] > 1 {
			d.scenario.Name += " of " + d.by.unit.Input
		}
	}
}

// notes tells each count of some objects once, at the first that it is about.
func notes(installers []*installer) []lint.Problem {
	counts := map[string]*counted{}
	for _, in := range installers {
		for _, format := range in.counts {
			at := in.at(in.object.Root)
			key := format + in.object.Kind
			c := counts[key]
			if c == nil {
				c = &counted{format: format, kind: in.object.Kind, at: at}
				counts[key] = c
			}
			if c.count++; at.Compare(c.at) < 0 {
				c.at = at
			}
		}
	}
	var l []lint.Problem
	for _, c := range counts {
		l = append(l, lint.Problem{Position: c.at, Message: fmt.Sprintf(c.format, c.objects())})
	}
	slices.SortFunc(l, func(a, b lint.Problem) int { return cmp.Compare(a.Message, b.Message) })
	return l
}

func (c *counted) objects() string {
	if c.count == 1 {
		return "1 " + c.kind + " is"
	}
	return fmt.Sprintf("%d %ss are", c.count, c.kind)
}

// installer is an object that installs something.
type installer struct {
	*gitOps
	unit   *lint.Unit
	object *lint.Object
	name   string // of its file, in its tree
	values objectValues
	// read are the names in the tree of the files that say what it installs:
	// its own, those of objects that it refers to, values files, also absent ones.
	// units are those that the objects are of.
	read  []string
	units []*lint.Unit
	// absent is set if it refers to values that are not in the tree.
	absent   bool
	counts   []string // formats
	problems []lint.Problem
}

// count counts the object as one of which something is to be told. The format
// takes the number and kind of objects, with is or are.
func (in *installer) count(format string) {
	if !slices.Contains(in.counts, format) {
		in.counts = append(in.counts, format)
	}
}

func (in *installer) at(v lint.Value) lint.Position {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.object.Locate(v).Position
}

func (in *installer) problem(v lint.Value, message, help string) {
	in.problems = append(in.problems, lint.Problem{Position: in.at(v), Message: message, Help: help})
}

// open finds the tree that the object lies in. ok is false if it has none:
// standard input.
func (in *installer) open() bool {
	at := in.at(in.object.Root).File
	for _, t := range in.trees {
		if name, ok := t.Name(at); ok && t.Exists(name) {
			in.name, in.values = name, objectValues{tree: t, mu: &in.mu}
			in.read = append(in.read, name)
			return true
		}
	}
	return false
}

// dir is the name in the tree of a path in a repository. ok is false if it is
// not there. A tree that is no checkout may hold several: the outermost folder
// around the object that has the path is taken for the repository.
func (in *installer) dir(p string) (name string, ok bool) {
	t := in.values.tree
	p = path.Clean(strings.TrimLeft(p, "/"))
	if p == ".." || strings.HasPrefix(p, "../") {
		return p, false
	}
	if t.Exists(p) || t.Exists(".git") {
		return p, t.Exists(p)
	}
	for i, c := range in.name {
		if name := path.Join(in.name[:i], p); c == '/' && t.Exists(name) {
			return name, true
		}
	}
	return p, false
}

// isChart reports whether a name in the tree is that of a chart.
func (in *installer) isChart(name string) bool {
	return in.values.tree.Exists(path.Join(name, "Chart.yaml")) || strings.HasSuffix(name, ".tgz")
}

// deploy notes what the object installs.
func (in *installer) deploy(name string, overlay bool, s helm.Scenario) {
	s.Name = in.object.Ref().String()
	if s.Version == (lint.Version{}) {
		s.Version = in.version
	}
	in.deployments = append(in.deployments, deployment{
		file: discover.File{Tree: in.values.tree, Name: name}, by: in, overlay: overlay, scenario: s,
	})
}

// referred finds an object of a kind that the installer names, first among those
// that are deployed with it.
func (in *installer) referred(group, kind, namespace, name string) *lint.Object {
	for _, units := range [][]*lint.Unit{{in.unit}, in.gitOps.units} {
		for _, u := range units {
			for _, o := range u.Objects {
				if o.Is(group, kind) && o.Name == name && (o.Namespace == namespace || o.Namespace == "" || namespace == "") {
					in.reads(u, o)
					return o
				}
			}
		}
	}
	return nil
}

// reads notes an object of a unit as one that says what is installed.
func (in *installer) reads(u *lint.Unit, o *lint.Object) {
	in.units = append(in.units, u)
	in.mu.Lock()
	at := o.Locate(o.Root)
	in.mu.Unlock()
	if name, ok := in.values.tree.Name(at.File); ok {
		in.read = append(in.read, name)
	}
}

// isOwn reports whether a URL may be that of the repository that the tree is a
// checkout of. Where the checkout does not tell, it is.
func (in *installer) isOwn(url string) bool {
	t := in.values.tree
	origin, ok := in.origins[t]
	if !ok {
		data, _ := t.ReadFile(".git/config")
		origin = originName(string(data))
		in.origins[t] = origin
	}
	return origin == "" || url == "" || repositoryName(url) == origin
}

// originName is the name of the repository that a checkout was cloned from.
func originName(config string) string {
	section := ""
	for l := range strings.Lines(config) {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "[") {
			section = l
		}
		if k, v, ok := strings.Cut(l, "="); ok && section == `[remote "origin"]` && strings.TrimSpace(k) == "url" {
			return repositoryName(strings.TrimSpace(v))
		}
	}
	return ""
}

// repositoryName is the last part of a URL, by which forks and mirrors agree.
func repositoryName(url string) string {
	url = strings.TrimSuffix(strings.TrimRight(url, "/"), ".git")
	return strings.ToLower(url[strings.LastIndexAny(url, "/:")+1:])
}

// valuesFile is a values file of the tree.
func (in *installer) valuesFile(name string) (helm.ValuesFile, error) {
	in.read = append(in.read, name)
	data, err := in.values.tree.ReadFile(name)
	return helm.ValuesFile{Name: in.values.tree.Display(name), Data: data}, err
}

// unreadable reports a values file that an object names.
func (in *installer) unreadable(v lint.Value, name string, err error) {
	in.problem(v, fmt.Sprintf("%s: cannot read the values file %s: %s", in.object.Ref(), name, tree.Cause(err)),
		"correct the path; the chart was rendered without the file")
}

// deployed renders what Flux and Argo CD objects install from their own tree:
// a chart with their values, an overlay that is not among those built already.
// The units are what gitOpsUnit made of manifests and overlays. Wanted says of
// which deployments; what the others would give is left out.
func (r *run) deployed(ctx context.Context, built []discover.File, units []*lint.Unit, wanted func(deployment) bool) {
	g := &gitOps{units: units, trees: r.plan.found.Trees(), version: r.plan.opts.Version}
	g.find()
	told := map[*installer]bool{}
	overlays := map[discover.ID]bool{} // those of which any deployment is wanted
	want := make([]bool, len(g.deployments))
	deploys := map[*installer]bool{}
	for i, d := range g.deployments {
		deploys[d.by] = true
		if want[i] = wanted(d); want[i] {
			told[d.by] = true
			overlays[d.file.ID()] = overlays[d.file.ID()] || d.overlay
		}
	}
	g.installers = slices.DeleteFunc(g.installers, func(in *installer) bool {
		return !told[in] && (deploys[in] || !wanted(deployment{by: in}))
	})
	for _, in := range g.installers {
		for _, p := range in.problems {
			r.problem(p)
		}
	}
	r.note(notes(g.installers)...)
	done := map[discover.ID]bool{}
	for _, f := range built {
		done[f.ID()] = true
	}
	var tasks []task
	for i, d := range g.deployments {
		switch {
		case d.overlay && overlays[d.file.ID()] && (!done[d.file.ID()] || d.variables != nil):
			done[d.file.ID()] = true
			tasks = append(tasks, task{r.expect(d.unit()), func() { r.deployedOverlay(ctx, d) }})
		case !d.overlay && want[i] && len(r.plan.opts.Values)+len(r.plan.opts.Set) == 0:
			tasks = append(tasks, task{r.expect(d.unit()), func() { r.deployedChart(ctx, d) }})
		}
	}
	r.work(ctx, tasks)
}

func (r *run) deployedOverlay(ctx context.Context, d deployment) {
	r.begin(d.unit(), "")
	id := UnitID{Kind: lint.UnitOverlay, Input: d.file.Display(), Scenario: d.scenario.Name}
	r.unit(ctx, id, func(func(string)) *Part {
		out, read := kustomize.Build(ctx, d.file.Tree, d.file.Name, r.kustomizeOptions(d.file, id))
		if out.Unit != nil {
			out.Unit.Scenario = d.scenario.Name
			if d.variables != nil {
				d.variables.apply(out.Unit)
			}
		}
		for _, name := range read {
			if data, err := d.file.Tree.ReadFile(name); err == nil { // it was read before
				out.Sources = append(out.Sources, lint.SourceText{Name: d.file.Tree.Display(name), Text: data})
			}
		}
		return &Part{Rendered: out, Summary: lint.Summary{Overlays: 1}}
	})
}

func (r *run) deployedChart(ctx context.Context, d deployment) {
	r.begin(d.unit(), "")
	limited, cancel := context.WithTimeout(ctx, helm.ChartTime)
	defer cancel()
	id := UnitID{Kind: lint.UnitChart, Input: d.file.Display(), Scenario: d.scenario.Name}
	r.unit(ctx, id, func(at func(string)) *Part {
		c, problems := helm.Load(d.file.Tree, d.file.Name)
		if slices.ContainsFunc(r.plan.found.Charts, func(f discover.File) bool { return f.ID() == d.file.ID() }) {
			problems = nil // they are reported for the chart
		}
		if c == nil || c.Library {
			return &Part{Rendered: &lint.Rendered{Problems: problems}}
		}
		s := d.scenario
		s.Executing = at
		out := c.Render(limited, s)
		out.Problems = append(problems, out.Problems...)
		out.Sources = append(out.Sources, chartSources(d.file)...)
		for _, v := range d.scenario.Values {
			if v.At == nil { // a file as it is
				out.Sources = append(out.Sources, lint.SourceText{Name: v.Name, Text: v.Data})
			}
		}
		return &Part{Rendered: out, Summary: lint.Summary{Scenarios: 1}}
	})
}
