package render

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/namespaces"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/timelimit"
)

// deployed renders what Flux and Argo CD objects install from their own tree:
// a chart with their values, an overlay that is not among those built already.
// The units are what gitops.Part made of manifests and overlays. Wanted says of
// which deployments; what the others would give is left out.
func (r *run) deployed(ctx context.Context, built []discover.File, units []*lint.Unit, wanted func(gitops.Deployment) bool) {
	installers, deployments := gitops.Find(units, r.plan.found.Trees(), r.plan.opts.Version)
	reported := map[*gitops.Installer]bool{}
	overlays := map[discover.ID]bool{} // those of which any deployment is wanted
	want := make([]bool, len(deployments))
	deploys := map[*gitops.Installer]bool{}
	for i, d := range deployments {
		deploys[d.By] = true
		if want[i] = wanted(d); want[i] {
			reported[d.By] = true
			overlays[d.File.ID()] = overlays[d.File.ID()] || d.Overlay
		}
	}
	installers = slices.DeleteFunc(installers, func(in *gitops.Installer) bool {
		return !reported[in] && (deploys[in] || !wanted(gitops.Deployment{By: in}))
	})
	for _, in := range installers {
		for _, p := range in.Problems {
			r.problem(p)
		}
	}
	changed := changedOverlays(deployments, overlays)
	done := builds{whole: map[discover.ID]bool{}, in: map[discover.ID][]string{}}
	var tasks []task
	for _, f := range built {
		h := r.held[f.ID()]
		done.whole[f.ID()] = h == nil || h.whole || !changed[f.ID()]
		if h != nil && !h.whole {
			tasks = r.release(ctx, tasks, h, changed[f.ID()])
		}
	}
	for i, d := range deployments {
		switch {
		case d.Overlay && overlays[d.File.ID()] && done.add(d):
			tasks = append(tasks, task{r.expect(d.Name()), func() { r.deployedOverlay(ctx, d) }})
		case !d.Overlay && want[i] && len(r.plan.opts.Values)+len(r.plan.opts.Set) == 0:
			tasks = append(tasks, task{r.expect(d.Name()), func() { r.deployedChart(ctx, d) }})
		}
	}
	r.note(gitops.Notes(installers)...)
	r.work(ctx, tasks)
}

// builds are the overlays that are built: whole are those that were built by themselves, and in has the namespaces of the
// others for objects that name none.
type builds struct {
	whole map[discover.ID]bool
	in    map[discover.ID][]string
}

// add reports whether an overlay is to be built as a deployment says, and notes it.
func (b *builds) add(d gitops.Deployment) bool {
	id, namespace := d.File.ID(), d.Destination()
	known := b.in[id]
	switch {
	case !d.IsPlain():
	case b.whole[id], slices.Contains(known, namespace), len(known) > 0 && namespace == "":
		return false
	case len(known) >= namespaces.Most:
		d.By.LeaveOut()
		return false
	}
	if !slices.Contains(known, namespace) {
		b.in[id] = append(known, namespace)
	}
	return true
}

// changedOverlays are the overlays that some deployments change, of those in wanted folders.
func changedOverlays(deployments []gitops.Deployment, wanted map[discover.ID]bool) map[discover.ID]bool {
	changed := map[discover.ID]bool{}
	for _, d := range deployments {
		if !d.Differs() || !wanted[d.File.ID()] {
			continue
		}
		changed[d.File.ID()] = true
		for _, name := range d.Resources {
			changed[discover.ID{Dir: d.File.Tree.Dir(), Name: name}] = true
		}
	}
	return changed
}

// release adds the task that builds a held overlay by itself, if nothing changes it.
func (r *run) release(ctx context.Context, tasks []task, h *held, changed bool) []task {
	if changed {
		r.count(func(s *lint.Summary) { s.Files += len(h.read) })
		return tasks
	}
	h.released = true
	return append(tasks, task{r.expect(h.file.Display()), func() { r.overlay(ctx, h.file) }})
}

func (r *run) deployedOverlay(ctx context.Context, d gitops.Deployment) {
	r.begin(d.Name(), "")
	id := UnitID{Kind: lint.UnitOverlay, Input: d.File.Display(), Scenario: d.Scenario.Name}
	r.unit(ctx, id, func(func(string)) *Part {
		opts := r.kustomizeOptions(d.File, id)
		opts.Changes = d.Changes
		out, read := kustomize.Build(ctx, d.File.Tree, d.File.Name, opts)
		if out.Unit != nil {
			out.Unit.Scenario, out.Unit.AllFiles = d.Scenario.Name, d.Changes != nil && d.Changes.Generated
			if d.Variables != nil {
				d.Variables.Apply(out.Unit)
			}
			if d.Metadata != nil {
				d.Metadata.Apply(out.Unit)
			}
		}
		out.Sources = append(out.Sources, sourcesOf(d.File.Tree, read)...)
		return &Part{Rendered: out, Summary: lint.Summary{Overlays: 1}}
	})
}

func (r *run) deployedChart(ctx context.Context, d gitops.Deployment) {
	r.begin(d.Name(), "")
	limited, cancel := timelimit.Context(ctx, helm.ChartTime)
	defer cancel()
	id := UnitID{Kind: lint.UnitChart, Input: d.File.Display(), Scenario: d.Scenario.Name}
	r.unit(ctx, id, func(at func(string)) *Part {
		c, problems := r.plan.charts.Load(d.File.Tree, d.File.Name)
		lacking := problems
		if slices.ContainsFunc(r.plan.found.Charts, func(f discover.File) bool { return f.ID() == d.File.ID() }) {
			problems = nil // they are reported for the chart
		}
		if c == nil || c.Library {
			return &Part{Rendered: &lint.Rendered{Problems: problems}}
		}
		s := d.Scenario
		s.Executing = at
		out, reach := c.RenderReach(limited, s)
		if out.Unit != nil {
			out.Unit.AddLacking(lacking)
		}
		out.Problems = append(problems, out.Problems...)
		out.Sources = append(out.Sources, chartSources(d.File)...)
		for _, v := range d.Scenario.Values {
			if v.At == nil { // a file as it is
				out.Sources = append(out.Sources, lint.SourceText{Name: v.Name, Text: v.Data})
			}
		}
		return &Part{Rendered: out, Summary: lint.Summary{Scenarios: 1, Rendered: c.PrintedIn(reach)}}
	})
}

// chartsInstalledBy are the values with which objects of Flux and Argo CD in some manifests install charts of the trees, by the chart's directory as
// reports call it: what a chart refuses of its own values is no problem if it is rendered with those. All of the manifests are read for them.
func (p *Plan) chartsInstalledBy(files []discover.File) map[string][]helm.Scenario {
	if len(p.found.Charts) == 0 || len(p.opts.Values)+len(p.opts.Set) > 0 {
		return nil
	}
	units := slices.Clone(p.installersInCharts())
	for _, f := range files {
		if u := installersIn(f); u != nil {
			units = append(units, u)
		}
	}
	installed := map[string][]helm.Scenario{}
	_, deployments := gitops.Find(units, p.found.Trees(), p.opts.Version)
	for _, d := range deployments {
		if !d.Overlay {
			installed[d.File.Display()] = append(installed[d.File.Display()], d.Scenario)
		}
	}
	return installed
}

// installersIn are the objects of a manifest that may install a chart, and those that they refer to. It is nil if there are none.
func installersIn(f discover.File) *lint.Unit {
	data, err := f.Tree.ReadFile(f.Name)
	if err != nil || len(data) > maxPolicies || !mayInstall(data) {
		return nil
	}
	m := plain.Parse(f.Display(), data, false)
	return gitops.Part(&lint.Unit{Kind: lint.UnitManifests, Input: f.Display(), Objects: m.Objects})
}

// findInstallersInCharts are the objects of the files in the directories of charts, beside their templates, that install the chart of the
// directory. Helm does not render such a file, so it is applied by itself.
func (p *Plan) findInstallersInCharts() []*lint.Unit {
	isManifest := map[discover.ID]bool{} // as well, since it is named
	for _, f := range p.found.Manifests {
		isManifest[f.ID()] = true
	}
	files := map[string]discover.File{}
	var units []*lint.Unit
	for _, f := range p.found.InCharts {
		if u := installersIn(f); u != nil && !isManifest[f.ID()] {
			units, files[u.Input] = append(units, u), f
		}
	}
	ofOwn := map[string]bool{}
	_, deployments := gitops.Find(units, p.found.Trees(), p.opts.Version)
	for _, d := range deployments {
		by := files[d.By.File()]
		if !d.Overlay && by.Tree == d.File.Tree && (d.File.Name == "." || strings.HasPrefix(by.Name, d.File.Name+"/")) {
			ofOwn[by.Display()] = true
		}
	}
	return slices.DeleteFunc(units, func(u *lint.Unit) bool { return !ofOwn[u.Input] })
}

// installsOf are the values with which objects of Flux and Argo CD install a chart.
func (r *run) installsOf(c *helm.Chart) []helm.Scenario { return r.installsAt(c.Dir) }

// installsAt is the same for the chart in a directory, as reports call it.
func (r *run) installsAt(dir string) []helm.Scenario {
	if r.installedCharts == nil { // the coverage of charts asks about no other files
		return nil
	}
	return r.installedCharts()[dir]
}

// setByInstalls reports which keys of a chart's values all objects of Flux and Argo CD set that install it. There must be one.
func (r *run) setByInstalls(c *helm.Chart) func(key string) bool {
	given := sync.OnceValue(func() (l []map[string]any) {
		for _, s := range r.installsOf(c) {
			l = append(l, s.Given())
		}
		return l
	})
	return func(key string) bool {
		lacks := func(values map[string]any) bool { return !helm.Sets(values, key) }
		return len(given()) > 0 && !slices.ContainsFunc(given(), lacks)
	}
}

// changedByFlux finds the overlays that Flux and Argo CD build with changes of their own. They are built
// as these do, once all of their objects are known, and not by themselves.
func (r *run) changedByFlux(ctx context.Context, files, overlays []discover.File) {
	if len(overlays)+len(r.roots) == 0 || !slices.ContainsFunc(files, func(f discover.File) bool { return fluxText(f) != nil }) {
		return // without overlays, policiesOf asks for the targets: it reads the files then
	}
	built, patched := r.patchedApplications(ctx, files)
	r.unit(ctx, UnitID{Kind: lint.UnitManifests, Input: r.unitName(files), Scenario: "Flux"}, func(func(string)) *Part {
		r.findFluxTargets(files, overlays, built, patched)
		return nil
	})
}

// patchedApplications builds the overlays that may change Applications of Argo CD, and lists the files of these. Nobody
// deploys them as they are written.
func (r *run) patchedApplications(ctx context.Context, files []discover.File) (built []*lint.Unit, patched map[discover.ID]bool) {
	wanted := map[discover.ID]bool{}
	for _, f := range files {
		if data := fluxText(f); data != nil && bytes.Contains(data, []byte(gitops.ArgoGroup)) {
			wanted[f.ID()] = true
		}
	}
	var by []discover.File
	r.plan.opts.Watch.guard(Planning, nil, func(func(string), Verdict) {
		var overlays discover.Overlays
		patched, by = overlays.Patched(r.rootOverlays(), wanted)
	})
	built = make([]*lint.Unit, len(by))
	parallel(r.plan.opts.Jobs, len(by), func(i int) { built[i] = r.installedBy(ctx, by[i]) })
	return slices.DeleteFunc(built, func(u *lint.Unit) bool { return u == nil }), patched
}

// rootOverlays are the overlays of the repository that are built by themselves.
func (r *run) rootOverlays() []discover.File {
	return slices.DeleteFunc(slices.Clone(r.plan.found.Kustomizations), func(f discover.File) bool { return !r.roots[f.ID()] })
}

// findFluxTargets notes what objects of Flux and Argo CD in manifests change: overlays, and folders
// for which Flux writes a kustomization. Built are objects as overlays have them that may change those of patched files.
func (r *run) findFluxTargets(files, overlays []discover.File, built []*lint.Unit, patched map[discover.ID]bool) {
	targets := fluxTargets{folders: map[discover.ID]namespaces.Folder{}, patched: patched, uncertain: map[discover.ID]bool{}}
	targets.Manifests = files
	targets.applied.Folders, targets.applied.Beside = map[discover.ID]namespaces.Folder{}, map[discover.ID]bool{}
	for _, f := range files {
		if data := fluxText(f); data != nil {
			for _, o := range plain.Parse(f.Display(), data, false).Objects {
				targets.add(f, o, true)
			}
		}
	}
	for _, u := range built {
		r.addBuiltTargets(&targets, u)
	}
	folders := targets.folders
	targets.applied.Unknown = targets.Unknown
	targets.applied.DropForeign()
	r.held, r.applied, r.fluxComponents = map[discover.ID]*held{}, targets.applied, map[string]bool{}
	for _, folder := range folders {
		r.fluxWrites = r.fluxWrites || slices.ContainsFunc(folder.Targets, func(t gitops.Target) bool { return t.Generated })
		r.argoApplies = r.argoApplies || slices.ContainsFunc(folder.Targets, func(t gitops.Target) bool { return t.Files != nil })
	}
	for _, o := range overlays {
		folder, known := folders[o.ID()]
		if !known && !targets.uncertain[o.ID()] {
			continue
		}
		r.held[o.ID()] = &held{file: o, isPlain: folder.IsPlain()}
		for _, t := range folder.Targets {
			for _, dir := range t.Components {
				r.addComponent(discover.File{Tree: o.Tree, Name: dir})
			}
		}
	}
}

// addBuiltTargets adds what the objects of Argo CD change that an overlay has built.
func (r *run) addBuiltTargets(targets *fluxTargets, u *lint.Unit) {
	for _, o := range u.Objects {
		if o.Group() != gitops.ArgoGroup {
			continue
		}
		at := o.Locate(o.Root).File
		for _, t := range r.plan.found.Trees() {
			if name, ok := t.Name(at); ok && t.Exists(name) {
				targets.add(discover.File{Tree: t, Name: name}, o, false)
				break
			}
		}
	}
}

// fluxTargets are the folders that Flux or Argo CD builds with changes of its own.
type fluxTargets struct {
	gitops.Targets
	folders map[discover.ID]namespaces.Folder
	// applied has the folders that are built without changes, too.
	applied namespaces.Applied
	// patched are the files of which overlays may change the Applications. uncertain are the folders that those
	// name as they are written.
	patched, uncertain map[discover.ID]bool
}

// add takes what an object of a file changes. asWritten is false if an overlay has built the object.
func (l *fluxTargets) add(f discover.File, o *lint.Object, asWritten bool) {
	l.applied.AddBeside(f, o)
	for _, target := range l.Of(f, o) {
		dir := discover.File{Tree: f.Tree, Name: target.Dir}
		if target.IsPlain && asWritten && l.patched[f.ID()] {
			l.uncertain[dir.ID()] = true
			continue
		}
		if !target.IsGuess {
			l.applied.Folders[dir.ID()] = namespaces.Folder{File: dir, Targets: append(l.applied.Folders[dir.ID()].Targets, target)}
		}
		if !target.IsUnchanged {
			l.folders[dir.ID()] = namespaces.Folder{File: dir, Targets: append(l.folders[dir.ID()].Targets, target)}
		}
	}
}

// fluxText is the text of a file that may hold a Kustomization of Flux, or an Application or ApplicationSet of Argo CD
// with such changes or a namespace. Nil if it holds none, or is longer than what is read so early.
func fluxText(f discover.File) []byte {
	data, err := f.Tree.ReadFile(f.Name)
	if err != nil || len(data) > maxPolicies {
		return nil
	}
	has := func(word string) bool { return bytes.Contains(data, []byte(word)) }
	if has("kustomize.toolkit.fluxcd.io") || has(gitops.ArgoGroup) && (has("kustomize") || has("destination")) {
		return data
	}
	return nil
}

// addComponent notes a component that Flux adds to an overlay, and what it is made of.
func (r *run) addComponent(f discover.File) {
	if r.fluxComponents[f.Display()] {
		return
	}
	refs, err := kustomize.References(f.Tree, f.Name)
	if err != nil {
		return
	}
	r.fluxComponents[f.Display()] = true
	for _, name := range append(refs.Paths, refs.Fragments...) {
		r.componentFiles = append(r.componentFiles, discover.ID{Dir: f.Tree.Dir(), Name: name})
		r.addComponent(discover.File{Tree: f.Tree, Name: name})
	}
}

// held is an overlay that is not handed on by itself if Flux or Argo CD changes it.
type held struct {
	file discover.File
	read []string // the files that it was built from
	// isPlain is set if nothing is changed but the namespace of objects that name none.
	isPlain bool
	// whole is set if the overlay was handed on all the same: all of its objects name a namespace. released is set if nothing
	// changes it.
	whole, released bool
}

// waits reports whether what an overlay was built to is not handed on until it is known in which namespaces it is.
func (h *held) waits(u *lint.Unit) bool {
	return h != nil && !h.released && slices.ContainsFunc(u.Objects, gitops.LacksNamespace)
}

// isNew reports whether an overlay is built for the first time.
func (h *held) isNew() bool { return h == nil || !h.released }

// hold builds an overlay for what others need of it: which files it is built from, and the
// objects that install something.
func (r *run) hold(ctx context.Context, h *held) {
	r.begin(h.file.Display(), "")
	id := UnitID{Kind: lint.UnitOverlay, Input: h.file.Display(), Scenario: "read for what it installs"}
	r.plan.opts.Watch.guard(id, nil, func(func(string), Verdict) {
		out, read := kustomize.Build(ctx, h.file.Tree, h.file.Name, r.kustomizeOptions(h.file, id))
		if out.Unit == nil || ctx.Err() != nil {
			return
		}
		h.read = read
		r.own(h.file, read)
		r.install(gitops.Part(out.Unit))
	})
}
