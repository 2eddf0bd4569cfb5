// Package gitops reads the objects of Flux and Argo CD: which charts and overlays of
// their own tree they install, and with which values.
package gitops

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/appset"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// ArgoGroup is the API group of Argo CD.
const ArgoGroup = "argoproj.io"

// The API groups of Flux.
const (
	helmGroup      = "helm.toolkit.fluxcd.io"
	kustomizeGroup = "kustomize.toolkit.fluxcd.io"
	sourceGroup    = "source.toolkit.fluxcd.io"
)

// MayBeIn reports whether a text may hold an object that installs something: it has the
// name of a group. Most kinds of Argo's install nothing, such as workflows.
func MayBeIn(text []byte) bool {
	return bytes.Contains(text, []byte("toolkit.fluxcd.io")) || bytes.Contains(text, []byte(ArgoGroup)) && bytes.Contains(text, []byte("Application"))
}

// isRelevant recognises the objects that install charts and overlays, and those that
// they refer to.
func isRelevant(o *lint.Object) bool {
	switch o.Group() {
	case helmGroup, kustomizeGroup, sourceGroup:
		return true
	case ArgoGroup:
		return o.Kind == "Application" || o.Kind == "ApplicationSet"
	}
	return o.Is("", "ConfigMap") || o.Is("", "Secret")
}

// installsCharts recognises the objects that may install a chart, and the sources of these.
func installsCharts(o *lint.Object) bool {
	return o.Is(ArgoGroup, "Application") || o.Is(helmGroup, "HelmRelease") || o.Group() == sourceGroup
}

// HasInstaller reports whether a part of a unit has an object that installs something, and not only what such an object may refer to.
func HasInstaller(part *lint.Unit) bool {
	return slices.ContainsFunc(part.Objects, func(o *lint.Object) bool { return o.Group() != "" })
}

// Deployment is what an object of the tree installs from the same tree: a chart
// with values, or an overlay.
type Deployment struct {
	File     discover.File
	By       *Installer
	Overlay  bool
	Scenario helm.Scenario // its name is the object's
	// Variables are what Flux substitutes in an overlay, nil if it substitutes nothing.
	Variables *Substitution
	// Changes are what Flux puts into the kustomization of an overlay, nil if nothing.
	Changes *kustomize.Changes
	// Metadata are labels and annotations that Flux gives to all objects, and the namespace that Argo CD gives to those
	// which name none. Nil if there are none.
	Metadata *Metadata
	// Components are the directories of those that Flux adds, names in the tree.
	Components []string
	// Resources are what Flux lists in the kustomization that it writes for a folder without one,
	// names in the tree.
	Resources []string
}

// Name is how reports call what is rendered.
func (d Deployment) Name() string { return d.File.Display() + " (" + d.Scenario.Name + ")" }

// search looks through objects for charts and overlays that they install.
type search struct {
	units       []*lint.Unit // sorted by input, of objects that may matter
	trees       []*tree.Tree
	version     lint.Version
	origins     origins
	sets        map[*tree.Tree]*appset.Repository
	folders     folders
	variables   given
	mu          sync.Mutex // held while objects are asked for places
	installers  []*Installer
	deployments []Deployment
}

// ofChart takes the charts that an object installs which another chart renders. What else it installs depends on the values with which somebody
// installs that one, and so do its problems.
func (in *Installer) ofChart() {
	before := len(in.deployments)
	switch {
	case in.object.Is(helmGroup, "HelmRelease"):
		in.fluxRelease()
	case in.object.Is(ArgoGroup, "Application"):
		in.application()
	}
	found := slices.DeleteFunc(slices.Clone(in.deployments[before:]), func(d Deployment) bool { return d.Overlay })
	if in.deployments = in.deployments[:before]; len(in.Problems) > 0 || len(found) == 0 {
		return
	}
	in.Folders, in.counts = nil, nil
	in.deployments, in.installers = append(in.deployments, found...), append(in.installers, in)
}

// counted is objects of a kind of which the same is to be said.
type counted struct {
	format, kind string
	at           lint.Position
	count        int
}

// Part is the part of a unit that Find needs, nil if it needs none. Of what a chart
// renders to with its own values, these are the objects that may install other charts.
func Part(u *lint.Unit) *lint.Unit {
	isPart := isRelevant
	if u.Kind == lint.UnitChart {
		if isPart = installsCharts; u.Scenario != lint.DefaultScenario {
			return nil
		}
	}
	part := &lint.Unit{Kind: u.Kind, Input: u.Input}
	for _, o := range u.Objects {
		if isPart(o) {
			part.Objects = append(part.Objects, o)
		}
	}
	if len(part.Objects) == 0 {
		return nil
	}
	return part
}

// Find lists the objects of some units that install charts and overlays of some
// trees, and what they install, sorted. The units are parts as Part makes them. A
// chart is rendered for a version unless the object names another.
func Find(units []*lint.Unit, trees []*tree.Tree, version lint.Version) ([]*Installer, []Deployment) {
	g := &search{units: units, trees: trees, version: version}
	g.find()
	return g.installers, g.deployments
}

// find lists what the objects install, sorted.
func (g *search) find() {
	slices.SortStableFunc(g.units, func(a, b *lint.Unit) int { return cmp.Compare(a.Input, b.Input) })
	g.origins, g.sets, g.folders = origins{}, map[*tree.Tree]*appset.Repository{}, folders{}
	for _, u := range g.units {
		for _, o := range u.Objects {
			in := &Installer{search: g, unit: u, object: o, Units: []*lint.Unit{u}}
			if u.Kind == lint.UnitChart {
				in.ofChart()
				continue
			}
			g.installers = append(g.installers, in)
			switch {
			case o.Is(helmGroup, "HelmRelease"):
				in.fluxRelease()
			case o.Is(kustomizeGroup, "Kustomization"):
				in.fluxKustomization()
			case o.Is(ArgoGroup, "Application"):
				in.application()
			case appset.IsSet(o):
				in.applicationSet()
			}
		}
	}
	slices.SortStableFunc(g.deployments, func(a, b Deployment) int {
		return cmp.Or(cmp.Compare(a.File.Display(), b.File.Display()), cmp.Compare(a.Scenario.Name, b.Scenario.Name))
	})
	g.nameApart(func(d Deployment, _ int) string { return " of " + d.By.unit.Input })      // one object through several overlays
	g.nameApart(func(_ Deployment, n int) string { return fmt.Sprintf(", source %d", n) }) // one chart with several values
}

// nameApart adds to the names of deployments of one file that have one name, if what is added tells them apart: a unit is known by its name. more is
// given the number of the deployment among those of its name, from 1.
func (g *search) nameApart(more func(d Deployment, n int) string) {
	same := map[string][]int{}
	var names []string
	for i, d := range g.deployments {
		name := d.Name()
		if same[name] == nil {
			names = append(names, name)
		}
		same[name] = append(same[name], i)
	}
	for _, name := range names {
		added := make([]string, len(same[name]))
		for n, i := range same[name] {
			added[n] = more(g.deployments[i], n+1)
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(added))); len(distinct) == 1 {
			continue
		}
		for n, i := range same[name] {
			g.deployments[i].Scenario.Name += added[n]
		}
	}
}

// Notes says of some objects what is not linted of them, each once and at the first
// object that it is about.
func Notes(installers []*Installer) []lint.Problem {
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
	return lint.Count(c.count, c.kind+" is", c.kind+"s are")
}

// Installer is an object that installs something.
type Installer struct {
	*search
	unit   *lint.Unit
	object *lint.Object
	name   string // of its file, in its tree
	values objectValues
	// Read are the names in the tree of the files that say what it installs:
	// its own, those of objects that it refers to, values files, also absent ones.
	// Units are those that the objects are of.
	Read  []string
	Units []*lint.Unit
	// Folders are those without a kustomization that it has Argo CD apply.
	Folders []Folder
	// Absent is set if it refers to values that are not in the tree.
	Absent   bool
	counts   []string // formats
	Problems []lint.Problem
}

// count counts the object as one about which something is to be reported. The format
// takes the number and kind of objects, with is or are.
func (in *Installer) count(format string) {
	if !slices.Contains(in.counts, format) {
		in.counts = append(in.counts, format)
	}
}

// LeaveOut notes that an overlay is not linted in the namespace in which the object installs it.
func (in *Installer) LeaveOut() {
	in.count("%s of overlays that others install in many namespaces: what is wrong in those alone that this one names was not looked for")
}

// File is the file of the object, as reports call it.
func (in *Installer) File() string { return in.at(in.object.Root).File }

func (in *Installer) at(v lint.Value) lint.Position {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.object.Locate(v).Position
}

func (in *Installer) problem(v lint.Value, message, help string) {
	in.Problems = append(in.Problems, lint.Problem{Code: lint.CodeInvalidValues, Position: in.at(v), Message: message, Help: help})
}

// open finds the tree that the object lies in. ok is false if it has none:
// standard input.
func (in *Installer) open() bool {
	at := in.at(in.object.Root).File
	for _, t := range in.trees {
		if name, ok := t.Name(at); ok && t.Exists(name) {
			in.name, in.values = name, objectValues{tree: t, mu: &in.mu}
			in.Read = append(in.Read, name)
			return true
		}
	}
	return false
}

// dir is the name in the tree of a path in a repository. ok is false if it is
// not there. A tree that is no checkout may hold several: the outermost folder
// around the object that has the path is taken for the repository.
func (in *Installer) dir(p string) (name string, ok bool) { return dirOf(in.values.tree, in.name, p) }

// dirOf is dir for an object in a file of a tree.
func dirOf(t *tree.Tree, file, p string) (name string, ok bool) {
	p = path.Clean(strings.TrimLeft(p, "/"))
	if p == ".." || strings.HasPrefix(p, "../") {
		return p, false
	}
	if t.Exists(p) || t.Exists(".git") {
		return p, t.Exists(p)
	}
	for i, c := range file {
		if name := path.Join(file[:i], p); c == '/' && t.Exists(name) {
			return name, true
		}
	}
	return p, false
}

// isChart reports whether a name in the tree is that of a chart.
func (in *Installer) isChart(name string) bool { return isChart(in.values.tree, name) }

func isChart(t *tree.Tree, name string) bool {
	return t.Exists(path.Join(name, "Chart.yaml")) || strings.HasSuffix(name, ".tgz")
}

// naming is the line of an object that names a chart to install. Nil if that is not sure.
func (in *Installer) naming(o *lint.Object, v lint.Value) *lint.Entry {
	at := in.values.locate(o, v)
	if at.Line == 0 {
		return nil
	}
	return &lint.Entry{Position: at, Text: in.values.tree.LineAt(at), Installer: in.object.Ref().String()}
}

// deploy notes what the object installs.
func (in *Installer) deploy(name string, overlay bool, s helm.Scenario) {
	s.Name = in.object.Ref().String()
	if s.Version == (lint.Version{}) {
		s.Version = in.version
	}
	in.deployments = append(in.deployments, Deployment{
		File: discover.File{Tree: in.values.tree, Name: name}, By: in, Overlay: overlay, Scenario: s,
	})
}

// referred finds an object of a kind that the installer names, first among those
// that are deployed with it.
func (in *Installer) referred(group, kind, namespace, name string) *lint.Object {
	for _, units := range [][]*lint.Unit{{in.unit}, in.units} {
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
func (in *Installer) reads(u *lint.Unit, o *lint.Object) {
	in.Units = append(in.Units, u)
	in.mu.Lock()
	at := o.Locate(o.Root)
	in.mu.Unlock()
	if name, ok := in.values.tree.Name(at.File); ok {
		in.Read = append(in.Read, name)
	}
}

// isOwn reports whether a URL may be that of the repository that the tree is a
// checkout of. If the checkout does not say, it is.
func (in *Installer) isOwn(url string) bool { return in.origins.isOwn(in.values.tree, url) }

// origins have OwnURL of trees, each read once.
type origins map[*tree.Tree]func(url string) bool

func (o origins) isOwn(t *tree.Tree, url string) bool {
	isOwn := o[t]
	if isOwn == nil {
		isOwn = OwnURL(t)
		o[t] = isOwn
	}
	return isOwn(url)
}

// OwnURL tells which URLs may be those of the repository that a tree is a checkout of: all, if the checkout does not say.
func OwnURL(t *tree.Tree) func(url string) bool {
	data, _ := t.ReadFile(".git/config")
	origin := originName(string(data))
	return func(url string) bool { return origin == "" || url == "" || repositoryName(url) == origin }
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
func (in *Installer) valuesFile(name string) (helm.ValuesFile, error) {
	in.Read = append(in.Read, name)
	data, err := in.values.tree.ReadFile(name)
	return helm.ValuesFile{Name: in.values.tree.Display(name), Data: data}, err
}

// unreadable reports a values file that an object names.
func (in *Installer) unreadable(v lint.Value, name string, err error) {
	in.problem(v, fmt.Sprintf("%s: cannot read the values file %s: %s", in.object.Ref(), name, tree.Cause(err)),
		"correct the path; the chart was rendered without the file")
}
