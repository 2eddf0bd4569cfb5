package render

import (
	"bytes"
	"context"
	"slices"

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
	r.note(gitops.Notes(installers)...)
	changed := changedOverlays(deployments, overlays)
	done := map[discover.ID]bool{}
	var tasks []task
	for _, f := range built {
		done[f.ID()] = r.held[f.ID()] == nil || !changed[f.ID()]
		tasks = r.release(ctx, tasks, f, changed[f.ID()])
	}
	for i, d := range deployments {
		switch {
		case d.Overlay && overlays[d.File.ID()] && (!done[d.File.ID()] || d.Variables != nil || d.Differs()):
			done[d.File.ID()] = true
			tasks = append(tasks, task{r.expect(d.Name()), func() { r.deployedOverlay(ctx, d) }})
		case !d.Overlay && want[i] && len(r.plan.opts.Values)+len(r.plan.opts.Set) == 0:
			tasks = append(tasks, task{r.expect(d.Name()), func() { r.deployedChart(ctx, d) }})
		}
	}
	r.work(ctx, tasks)
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

// release adds the task that builds an overlay by itself, if that was held and nothing changes it.
func (r *run) release(ctx context.Context, tasks []task, f discover.File, changed bool) []task {
	h := r.held[f.ID()]
	switch {
	case h == nil:
	case changed:
		r.count(func(s *lint.Summary) { s.Files += len(h.read) })
	default:
		tasks = append(tasks, task{r.expect(f.Display()), func() { r.overlay(ctx, f) }})
	}
	return tasks
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
		out := c.Render(limited, s)
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
		return &Part{Rendered: out, Summary: lint.Summary{Scenarios: 1}}
	})
}

// changedByFlux finds the overlays that Flux builds with changes of its own. They are built
// as Flux does, once all objects of Flux are known, and not by themselves.
func (r *run) changedByFlux(ctx context.Context, files, overlays []discover.File) {
	if len(overlays) == 0 || !slices.ContainsFunc(files, func(f discover.File) bool { return fluxText(f) != nil }) {
		return // without overlays, policiesOf asks for the targets: it reads the files then
	}
	r.unit(ctx, UnitID{Kind: lint.UnitManifests, Input: r.unitName(files), Scenario: "Flux"}, func(func(string)) *Part {
		r.findFluxTargets(files, overlays)
		return nil
	})
}

// findFluxTargets notes what objects of Flux and Argo CD in manifests change: overlays, and folders
// for which Flux writes a kustomization.
func (r *run) findFluxTargets(files, overlays []discover.File) {
	folders := fluxTargets(files)
	r.held, r.folders, r.fluxComponents = map[discover.ID]*held{}, folders, map[string]bool{}
	for _, folder := range folders {
		r.fluxWrites = r.fluxWrites || slices.ContainsFunc(folder.Targets, func(t gitops.Target) bool { return t.Generated })
	}
	for _, o := range overlays {
		targets := folders[o.ID()].Targets
		if targets == nil {
			continue
		}
		r.held[o.ID()] = &held{file: o}
		for _, t := range targets {
			for _, dir := range t.Components {
				r.addComponent(discover.File{Tree: o.Tree, Name: dir})
			}
		}
	}
}

// fluxTargets are the folders that Flux builds with changes of its own.
func fluxTargets(files []discover.File) map[discover.ID]namespaces.Folder {
	folders, all := map[discover.ID]namespaces.Folder{}, gitops.Targets{}
	for _, f := range files {
		data := fluxText(f)
		if data == nil {
			continue
		}
		for _, o := range plain.Parse(f.Display(), data, false).Objects {
			for _, target := range all.Of(f, o) {
				dir := discover.File{Tree: f.Tree, Name: target.Dir}
				folders[dir.ID()] = namespaces.Folder{File: dir, Targets: append(folders[dir.ID()].Targets, target)}
			}
		}
	}
	return folders
}

// fluxText is the text of a file that may hold a Kustomization of Flux, or an Application of Argo CD
// with such changes. Nil if it holds none, or is longer than what is read so early.
func fluxText(f discover.File) []byte {
	data, err := f.Tree.ReadFile(f.Name)
	if err != nil || len(data) > maxPolicies {
		return nil
	}
	has := func(word string) bool { return bytes.Contains(data, []byte(word)) }
	if has("kustomize.toolkit.fluxcd.io") || has(gitops.ArgoGroup) && has("kustomize") {
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

// held is an overlay that is not handed on by itself if Flux changes it.
type held struct {
	file discover.File
	read []string // the files that it was built from
}

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
		if objects := gitops.Part(out.Unit); objects != nil {
			r.edit(func(*Result) { r.gitOps = append(r.gitOps, objects) })
		}
	})
}
