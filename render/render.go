// Package render turns the paths of a command line into Kubernetes objects,
// each of which knows where its YAML can be edited.
package render

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/optin"
	"github.com/kubevet/kubevet/lint/pods"
	"github.com/kubevet/kubevet/render/attributes"
	"github.com/kubevet/kubevet/render/commands"
	"github.com/kubevet/kubevet/render/definitions"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/embedded"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/helmfile"
	"github.com/kubevet/kubevet/render/namespaces"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/tree"
	"github.com/kubevet/kubevet/render/twins"
	"github.com/kubevet/kubevet/render/vendir"
)

// Options say how to render.
type Options struct {
	// Values are the files of -f, in order; the last one wins.
	Values []string
	// Set are the settings of --set, in order.
	Set []string
	// ReleaseName and Namespace are what a chart is rendered for. They are empty if the
	// chart's name, and a namespace that the person who installs it chooses.
	ReleaseName, Namespace string
	// Version is the Kubernetes version to render for.
	Version lint.Version
	// APIVersions are what charts see in .Capabilities.APIVersions besides what that
	// Kubernetes serves: the group and version of custom resources, or with their kind
	// (monitoring.coreos.com/v1/ServiceMonitor), as helm template --api-versions takes.
	APIVersions []string
	// Scenarios are values to render every chart with, besides those of Chart.
	Scenarios []Scenario
	// Chart says with which values a chart is rendered, given its directory as reports
	// call it. If it is nil, the chart is rendered with its defaults, and with each
	// ci/*-values.yaml.
	Chart func(dir string) ChartOptions
	// LoadRestrictor says what becomes of the files that overlays name outside of their
	// directories.
	LoadRestrictor LoadRestrictor
	// Explore renders charts with one value changed at a time too, to reach what
	// no scenario does.
	Explore bool
	// Lookup is files of YAML documents: the objects that Helm's lookup finds.
	// Config is the configuration that names them, relative to its directory; they
	// lie in its repository. An empty Config: the user names them.
	Lookup []string
	Config string
	// Includes reports whether a chart, an overlay or a manifest is wanted that the
	// arguments only lead to. It is nil if every one is.
	Includes func(name string) bool
	// Shapes are kinds that hold pods besides those that kubevet knows.
	Shapes []pods.Shape
	// Jobs limits how many inputs are rendered at the same time. Zero counts as one.
	Jobs int
	// Watch follows the run. Nil if unset.
	Watch *Watch
	// Stdin is read for the argument "-".
	Stdin io.Reader
	// Buffers take the place of files. It is nil if everything is as it is on disk.
	Buffers *tree.Buffers
}

// Plan is what the arguments hold, before anything is rendered.
type Plan struct {
	found  *discover.Found
	opts   Options
	values []helm.ValuesFile
	lookup []helm.ValuesFile
	stdin  bool
	// printing asks for the texts of plain manifests, which only package printer needs.
	printing bool
	// parts are what findings of an input must concern, by its name in reports. An
	// input without any is reported as a whole.
	parts map[string]parts
	// changed narrows the plan. It is nil if everything is wanted.
	changed *changed
	// progress is called with each unit that is begun. It is nil if there is none.
	progress func(Progress)
	// chartsOf are the charts by the name that they have, overlays the overlays by their directories as
	// reports call them, and trees all trees, found at the first question.
	chartsOf  map[string][]namedChart
	overlays  map[string]discover.File
	trees     []*tree.Tree
	namesOnce sync.Once
	// copies are the charts of which charts are copies, read once.
	copies     map[discover.ID]discover.File
	children   map[discover.ID]twins.Child
	copiesOnce sync.Once
	// optIn is the network policies of charts that pods of others choose, read once.
	optIn func() []optin.Policy
	// boundByCharts are the charts whose templates bind a ClusterRole, by its name, read once.
	boundByCharts func() map[string][]string
	// installersInCharts are the objects in the directories of charts that install these, read once.
	installersInCharts func() []*lint.Unit
	// charts loads the charts.
	charts helm.Loader
	// attributes are the .gitattributes files that were read.
	attributes attributes.Files
	// vendir are the configurations of vendir that were read.
	vendir vendir.Reader
	// archives are what scripts unpack in folders.
	archives commands.Archives
}

// NewPlan looks at the arguments: directories, files, and "-" for manifests on
// standard input. The error is about a values file that cannot be read.
func NewPlan(args []string, opts Options) (*Plan, error) {
	values, err := readValues(opts.Values, opts.Buffers)
	if err != nil {
		return nil, err
	}
	lookup, err := readLookup(opts)
	if err != nil {
		return nil, err
	}
	p := &Plan{opts: opts, values: values, lookup: lookup, charts: helm.Loader{Find: discover.Charts}}
	p.installersInCharts = sync.OnceValue(p.findInstallersInCharts)
	var paths []string
	for _, a := range args {
		if a == "-" {
			p.stdin = true
		} else {
			paths = append(paths, a)
		}
	}
	p.found = discover.In(paths, opts.Buffers)
	p.parts = partsByInput(p.found)
	charts := slices.Clone(p.found.Charts) // all, also if the plan is narrowed, or leaves some out
	p.optIn = sync.OnceValue(func() []optin.Policy { return optIn(charts) })
	p.boundByCharts = sync.OnceValue(func() map[string][]string { return boundByCharts(charts) })
	return p, nil
}

// Printing has the parts of the plan keep the texts that package printer needs.
func (p *Plan) Printing() { p.printing = true }

// Result is what a run over a plan leaves besides what it rendered.
type Result struct {
	Problems []lint.Problem
	Notes    []lint.Problem
	Summary  lint.Summary
}

// Part is what one unit adds to a run.
type Part struct {
	ID UnitID
	// Rendered is never nil; its Unit may be.
	*lint.Rendered
	// Summary counts what the unit adds.
	Summary lint.Summary
	// Reads are the files that an overlay was built from, by names in its tree.
	Reads []string
	// Content is that of the objects of an overlay: see plain.Content.
	Content string
	// Coverage is the text about the lines of a chart's templates that no scenario
	// reaches. Empty unless StreamCoverage makes it.
	Coverage string
	// GitOps is set if the unit has objects that say what else is rendered.
	GitOps bool
	// installs are these objects, where they are not all in the unit. Nil if they are.
	installs *lint.Unit
}

// Run renders everything and hands it on: Stream, for those who want units only.
// The result is that of all.
func (p *Plan) Run(ctx context.Context, each func(*lint.Rendered)) *Result {
	var mu sync.Mutex
	var sum Result
	closed := false
	rest := p.Stream(ctx, func(part Part) {
		if part.Unit != nil {
			each(part.Rendered)
		}
		mu.Lock()
		defer mu.Unlock()
		if !closed && ctx.Err() == nil {
			sum.Problems, sum.Notes = append(sum.Problems, part.Problems...), append(sum.Notes, part.Notes...)
			sum.Summary.Add(part.Summary)
		}
	})
	mu.Lock()
	defer mu.Unlock()
	closed = true
	sum.Problems, sum.Notes = slices.Concat(sum.Problems, rest.Problems), slices.Concat(sum.Notes, rest.Notes)
	sum.Summary.Add(rest.Summary)
	return &sum
}

// Stream renders everything and hands it on unit by unit, from up to Jobs
// goroutines at a time and in no particular order. Charts and overlays come
// first, since a file that an overlay was built from is not read as a manifest
// of its own. The result is what is of no unit.
//
// When the context ends, Stream returns with what was handed on until then, and
// a Problem that says what was not. What is under way is abandoned: each may
// still be in a call, or get one, and what comes of that does not count.
func (p *Plan) Stream(ctx context.Context, each func(Part)) *Result {
	r := &run{plan: p, each: each, definitions: definitions.Finder{Found: p.found}}
	over := make(chan struct{})
	go func() {
		defer close(over)
		if p := recovered("the paths", func() { r.all(ctx) }); p != nil {
			r.problem(*p)
		}
	}()
	return r.wait(ctx, over)
}

// all renders everything.
func (r *run) all(ctx context.Context) {
	p := r.plan
	manifests := slices.Clone(p.found.Manifests)
	if p.opts.Includes != nil {
		p.found.Narrow(p.opts.Includes)
	}
	if p.changed == nil { // what changed is in use, whatever its version
		p.found.SkipOlderReleases()
		p.found.SkipPromoted()
		p.found.SkipDeprecated()
		p.found.SkipUnpacked()
	}
	r.edit(func(out *Result) {
		out.Problems, out.Summary.Skipped = slices.Clone(p.found.Problems), p.found.Skipped
	})
	overlays, skipped, dead, ok := r.findRoots()
	if !ok {
		return
	}
	manifests = slices.DeleteFunc(manifests, func(f discover.File) bool { return dead[f.ID()] })
	overlays, components := r.splitComponents(overlays)
	r.changedByFlux(ctx, manifests, overlays)
	for _, s := range skipped {
		if !r.fluxComponents[s.File] && (p.changed == nil || p.changed.has(s.File)) {
			r.skip(s)
		}
	}
	r.findInstallers(overlays)
	r.policiesOf(ctx, manifests, overlays)
	r.installedCharts = sync.OnceValue(func() map[string][]helm.Scenario { return p.chartsInstalledBy(manifests) })
	r.policiesOfInstalls(ctx)
	for _, id := range r.componentFiles {
		r.owned[id] = true // no plain manifests
	}
	if p.changed != nil {
		p.changed.documentsIn(ctx, r)
		overlays = p.changed.addByImage(r, overlays)
	}
	r.findTakenIn()
	tasks := r.tasks(ctx, overlays, components)
	var plain *input
	if p.changed == nil && (p.stdin || len(p.found.Manifests) > 0) {
		plain = r.expect("manifests")
	}
	r.begin("", "") // how much there is to do
	if p.changed == nil {
		r.documents(ctx)
	}
	r.updatersOf(ctx, manifests)
	for _, group := range tasks {
		r.work(ctx, group)
	}
	r.buildUnbuilt(ctx, overlays)
	if ctx.Err() != nil { // nothing of standard input is read
		return
	}
	if p.changed != nil {
		p.changed.rest(ctx, r)
		return
	}
	r.manifests(ctx, plain)
	r.besideTemplates()
	r.deployed(ctx, overlays, r.gitOps, func(gitops.Deployment) bool { return true })
	r.noteOutside()
	if l := p.found.Packages; len(l) > 0 {
		r.note(lint.Problem{
			Position: lint.Position{File: l[0].Display()},
			Message:  changesOf(len(l)) + ", so nothing was linted of what is made of these",
		})
	}
	r.noteTemplates()
	if !r.found && len(r.result.Problems) == 0 {
		r.problem(lint.Problem{
			Code:    lint.CodeNothingToLint,
			Message: "no Kubernetes object found" + r.withoutTemplates(),
			Help:    "name a chart, an overlay, a manifest or a directory that holds one; -v lists the files that were skipped",
		})
	}
}

// noteTemplates says how many manifests were not read, since another program has to fill them in.
func (r *run) noteTemplates() {
	var l []string
	for _, f := range slices.Concat(r.plan.found.Templates, r.filled) {
		l = append(l, f.Display())
	}
	if len(l) == 0 {
		return
	}
	message := "1 manifest is a template of another program and was not read: lint what is made of it"
	if len(l) > 1 {
		message = fmt.Sprintf("%d manifests are templates of other programs and were not read: lint what is made of them", len(l))
	}
	r.note(lint.Problem{Position: lint.Position{File: slices.Min(l)}, Message: message})
}

// changesOf says of a number of packages that they only change charts.
func changesOf(packages int) string {
	if packages == 1 {
		return "1 package changes a chart that is not in the tree"
	}
	return fmt.Sprintf("%d packages change charts that are not in the tree", packages)
}

// withoutTemplates names the charts that have no templates. It is empty if there is none.
func (r *run) withoutTemplates() string {
	var l []string
	for _, f := range r.plan.found.Charts {
		if f.Tree.Exists(path.Join(f.Name, "Chart.yaml")) && !f.Tree.Exists(path.Join(f.Name, "templates")) {
			l = append(l, f.Display())
		}
	}
	switch len(l) {
	case 0:
		return ""
	case 1:
		return ": " + l[0] + " has no templates"
	}
	slices.Sort(l)
	return ": " + lint.AndOthers(l, 4) + " have no templates"
}

// splitComponents splits overlays that are to be built into those and the components that no overlay uses: these are in no namespace, and install
// nothing.
func (r *run) splitComponents(all []discover.File) (overlays, components []discover.File) {
	unused := map[discover.ID]bool{}
	for _, c := range r.plan.found.Components {
		unused[c.ID()] = true
	}
	for _, f := range all {
		if unused[f.ID()] {
			components = append(components, f)
		} else {
			overlays = append(overlays, f)
		}
	}
	return overlays, components
}

// findRoots finds the overlays and components that are built by themselves, manifests that are not deployed, and the components and makers of charts
// that are to be skipped. ok is false if the search was lost: then nothing can be rendered.
func (r *run) findRoots() (overlays []discover.File, skipped []lint.Skip, dead map[discover.ID]bool, ok bool) {
	p := r.plan
	v := p.opts.Watch.guard(Planning, nil, func(func(string), Verdict) {
		overlays, r.owned, skipped = p.found.Roots()
		r.fragments = maps.Clone(r.owned)
		r.roots = map[discover.ID]bool{}
		for _, f := range overlays {
			r.roots[f.ID()] = true
		}
		overlays = slices.Concat(overlays, p.found.Components)
		if p.changed != nil {
			overlays = p.changed.narrow(r, overlays)
		}
		var unlisted []lint.Skip
		unlisted, dead = p.found.SkipUnlisted()
		skipped = append(skipped, unlisted...)
	})
	if v.Lost != nil {
		r.problem(*v.Lost)
		return nil, nil, nil, false
	}
	return overlays, skipped, dead, true
}

// tasks are those that render the charts, overlays and components, in groups of which each comes after the one before. Components that Flux adds are
// built with what it adds them to.
func (r *run) tasks(ctx context.Context, overlays, components []discover.File) (groups [][]task) {
	if groups = r.chartTasks(ctx); groups == nil {
		groups = [][]task{nil}
	}
	r.findCopies(overlays)
	var later []task
	for _, o := range overlays {
		build := func() { r.overlay(ctx, o) }
		if h := r.held[o.ID()]; h != nil && !h.isPlain {
			build = func() { r.hold(ctx, h) }
		}
		t := task{r.expect(o.Display()), build}
		if r.listsBuild[o.ID()] {
			later = append(later, t)
		} else {
			groups[0] = append(groups[0], t)
		}
	}
	for _, c := range components {
		if !r.fluxComponents[c.Display()] {
			groups[0] = append(groups[0], task{r.expect(c.Display()), func() { r.overlay(ctx, c) }})
		}
	}
	return append(groups, later)
}

// run is one run over a plan.
type run struct {
	plan *Plan
	each func(Part)

	mu     sync.Mutex
	result Result
	// outside is what overlays read outside of their directories.
	outside outside
	// found is set once there is an object, or a problem of a unit.
	found bool
	// closed is set once the result is taken: what comes later does not count.
	closed bool
	inputs []*input
	// idle has an entry for each job that no task is left for.
	idle chan struct{}
	// owned are the files that overlays were built from, and those that only
	// make sense within one: patches.
	owned map[discover.ID]bool
	// fragments are those of them that make no sense by themselves.
	fragments map[discover.ID]bool
	// roots are the overlays that are built by themselves.
	roots map[discover.ID]bool
	// listsBuild are the overlays that only list what a program built, set before any overlay is built.
	listsBuild map[discover.ID]bool
	// filled are manifests that another program has to fill in, found where they were read.
	filled []discover.File
	// built is what the other overlays were built to.
	built plain.Built
	// definitions say which custom resources have pods.
	definitions definitions.Finder
	// wantCoverage asks for coverage, which costs time.
	wantCoverage bool
	// repository are the documents, which all units with objects know. It is set before any
	// of these is rendered.
	repository *lint.Repository
	// policies are the network policies in manifests, likewise, bindings those of roles, namespaces the Namespaces, ingresses those with TLS, and
	// releases what installs something, and pods what has pods that need more than others.
	policies, bindings, namespaces, ingresses, releases, pods []*lint.Object
	// released are the network policies of charts that commands and helmfiles install.
	released []ofChart
	// elsewhere reads the Services and the objects with pods of manifests for rules that miss some, once. It is nil if all are in one unit.
	elsewhere func() []*lint.Object
	// placed are the files with releases in namespaces that Flux fills in: releases has those of them that it applies.
	placed map[string]bool
	// takenIn are the charts that others take in.
	takenIn   takenIn
	helmfiles helmfile.Reader
	commands  commands.Reader
	// held are the overlays that Flux or Argo CD may change, set before any overlay is built.
	held map[discover.ID]*held
	// applied are the folders that Flux and Argo CD build, fluxComponents the
	// directories of components that Flux adds, as reports call them.
	applied        namespaces.Applied
	fluxComponents map[string]bool
	// mayInstall is set if a file may hold an object of Flux or Argo CD.
	mayInstall bool
	// fluxWrites is set if Flux may write a kustomization with changes for a folder without one.
	fluxWrites bool
	// argoApplies is set if Argo CD may apply a folder without a kustomization.
	argoApplies bool
	// componentFiles are what these components are made of.
	componentFiles []discover.ID
	// installedCharts are the values with which objects of Flux and Argo CD in manifests install charts of the trees, by the chart's directory as
	// reports call it. They are looked for at the first question, which only charts ask that fail with their own values.
	installedCharts func() map[string][]helm.Scenario
	// gitOps are the objects that may install charts and overlays of the trees. installing are
	// those of overlays that are not rendered.
	gitOps, installing []*lint.Unit
}

// RepositoryPrefix is the place of the working directory in the repository of some
// paths, as lint.Position.Under takes it: findings have the same fingerprint from every
// directory, and wherever the repository is. What is in no Git repository has its root at
// the outermost directory with a marker, the name of a file, if there is one; else see
// tree.Around. Without paths, and for those of several repositories, it is that of the
// working directory.
func RepositoryPrefix(marker string, paths ...string) string {
	root := ""
	for _, p := range paths {
		dir, err := tree.Names(p, marker)
		if err != nil {
			continue
		}
		if root != "" && dir != root {
			return RepositoryPrefix(marker)
		}
		root = dir
	}
	if root == "" {
		dir, err := tree.Names(".", marker)
		if err != nil {
			return ""
		}
		root = dir
	}
	return prefix(root, tree.Resolve("."))
}

// prefix is the place of a working directory in respect of a root, both absolute.
func prefix(root, working string) string {
	if root == working {
		return ""
	}
	if name, ok := tree.Below(root, working); ok {
		return name
	}
	for dir := filepath.Dir(root); ; dir = filepath.Dir(dir) {
		if name, ok := tree.Below(dir, working); ok {
			below, _ := tree.Below(dir, root)
			return below + "//" + name
		}
		if dir == filepath.Dir(dir) { // another volume
			return ""
		}
	}
}

// deliver hands on what a unit came to, unless the context ended meanwhile: then
// it may be a part only. A unit that is done already counts for others alone.
func (r *run) deliver(ctx context.Context, part Part, v Verdict) {
	if ctx.Err() != nil {
		return
	}
	if part.Unit != nil {
		part.Unit.Repository, part.Unit.Policies, part.Unit.Bindings, part.Unit.OptIn = r.repository, r.policiesFor(part.Unit), r.bindings, r.plan.optIn
		part.Unit.BoundByCharts = r.plan.boundByCharts
		part.Unit.Namespaces, part.Unit.Releases, part.Unit.Ingresses, part.Unit.Placed = r.namespaces, r.releases, r.ingresses, r.placed
		part.Unit.Pods, part.Unit.Elsewhere = r.pods, r.elsewhere
		part.Unit.AddLacking(part.Problems)
		part.Problems = append(part.Problems, embedded.Add(part.Unit)...)
		var defined []pods.Shape
		if p := recovered(part.Unit.Input, func() { defined = r.definitions.ShapesFor(part.Unit, r.plan.opts.Shapes) }); p != nil {
			part.Problems = append(part.Problems, *p)
		}
		part.Unit.AddWorkloads(slices.Concat(r.plan.opts.Shapes, defined))
		part.Unit.AddAdmission()
		part.Notes = append(part.Notes, part.Unit.UnknownPods()...)
	}
	r.edit(func(*Result) {
		r.found = r.found || v.Done || part.Unit != nil && len(part.Unit.Objects)+len(part.Unit.Documents) > 0 || len(part.Problems) > 0
	})
	if part.Unit != nil {
		part.Summary.Objects += len(part.Unit.Objects)
		if part.installs == nil {
			part.installs = gitops.Part(part.Unit)
		}
	}
	if part.installs != nil {
		part.GitOps = true
		r.install(part.installs)
	}
	if !v.Done {
		r.each(part)
	}
}

// install notes objects that may install something, if there are any, and what these may refer to. An object keeps all that its overlay
// was built from, so that nothing is noted to which no object can refer.
func (r *run) install(objects *lint.Unit) {
	if objects != nil && (r.mayInstall || gitops.HasInstaller(objects)) {
		r.edit(func(*Result) { r.gitOps = append(r.gitOps, objects) })
	}
}

// unit does a unit, and hands on the problem of one that was lost. Do returns
// what to hand on, nil for nothing.
func (r *run) unit(ctx context.Context, id UnitID, do func(at func(file string)) *Part) Verdict {
	v := r.plan.opts.Watch.guard(id, nil, func(at func(string), v Verdict) {
		if part := do(at); part != nil {
			part.ID = id
			r.deliver(ctx, *part, v)
		}
	})
	if v.Lost != nil {
		r.deliver(ctx, Part{ID: id, Rendered: &lint.Rendered{Problems: []lint.Problem{*v.Lost}}}, Verdict{})
	}
	if v.Done {
		r.edit(func(*Result) { r.found = true })
	}
	return v
}

// edit changes the result, unless it is taken already.
func (r *run) edit(change func(*Result)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		change(&r.result)
	}
}

func (r *run) count(change func(*lint.Summary)) {
	r.edit(func(out *Result) { change(&out.Summary) })
}

func (r *run) note(l ...lint.Problem) {
	r.edit(func(out *Result) { out.Notes = append(out.Notes, l...) })
}

func (r *run) skip(s lint.Skip) {
	r.count(func(sum *lint.Summary) { sum.Skipped = append(sum.Skipped, s) })
}

func (r *run) problem(p lint.Problem) {
	r.edit(func(out *Result) { out.Problems = append(out.Problems, p) })
}

func parallel(jobs, n int, do func(int)) {
	next := counter(n)
	var wg sync.WaitGroup
	for range min(max(jobs, 1), n) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	wg.Wait()
}
