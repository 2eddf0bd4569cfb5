package render

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/attributes"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/namespaces"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/plain/words"
)

// manifests reads the plain manifests of all arguments as one unit: what is
// deployed together is judged together. The input is how they were expected.
func (r *run) manifests(ctx context.Context, in *input) {
	files := r.plain()
	name := r.unitName(files)
	if in != nil {
		r.mu.Lock()
		in.name = name
		r.mu.Unlock()
		r.begin(name, "")
	}
	r.buildBases(ctx, files)
	r.unit(ctx, UnitID{Kind: lint.UnitManifests, Input: name}, func(func(string)) *Part { return r.readManifests(name, files) })
	if in != nil {
		r.finish(ctx, in)
	}
}

// readManifests reads plain manifests as one unit.
func (r *run) readManifests(name string, files []discover.File) *Part {
	read := make([]plain.Manifest, len(files)+1)
	kustomized := r.kustomizationDirs()
	parallel(r.plan.opts.Jobs, len(files), func(i int) {
		read[i] = readRecovered(files[i])
		read[i].SkipBeside(files[i], kustomized, r.plan.found.Referred[files[i].ID()])
	})
	plain.SkipCopies(read, files, r.plan.isMarkedGenerated)
	plain.SkipOriginals(read, files, r.plan.found.MayBeApplied)
	plain.SkipRetired(read, files, r.plan.found.MayBeApplied)
	plain.SkipRecords(read, files, r.plan.found.MayBeApplied)
	plain.SkipBuilt(read, files, &r.built, r.builtFrom, r.isOutput)
	plain.SkipOutput(read, files, &r.built, r.plan.found.MayBeApplied)
	plain.SkipStale(read, files, &r.built, r.plan.found.IsBesideOnly)
	plain.SkipRendered(read, files, r.renderedFrom)
	plain.SkipSnapshots(read, files, r.plan.hasChartOf, r.plan.found.InTests(), r.plan.found.OfExample())
	plain.SkipEmbedded(read, files)
	filled := plain.SkipAnsible(read, files)
	plain.SkipUnfilled(read, files, r.plan.found.IsNamedAtAll, r.plan.found.IsNamedAnywhere)
	plain.SkipForKustomization(read, files, r.plan.found.ImageAliases, r.plan.found.MayBeApplied)
	plain.SkipReferences(read, files, r.referenceOnly)
	plain.SkipReplaced(read, files)
	plain.SkipCompared(read, files, r.plan.found.IsForTest)
	plain.SkipPatches(read, files, r.helmfiles.PatchOf)
	plain.SkipOtherPatches(read, files, r.plan.found.Patchings(), r.plan.found.MayBeApplied)
	words.Fill(read, files)
	if r.plan.stdin {
		read[len(files)] = plain.ReadStdin(r.plan.opts.Stdin)
	}
	part := &Part{Rendered: &lint.Rendered{Unit: &lint.Unit{Input: name, Incomplete: map[string]bool{}, Beside: map[string]bool{}, ByKustomize: map[string]bool{}}}}
	r.noteFilled(part.Unit, filled)
	flux := r.fluxPaths(read)
	plain.SkipCommentedOut(read, files, kustomized, r.plan.found.Referred, flux)
	for _, f := range files {
		for dir := range discover.Above(f.Name) {
			if flux[dir] {
				part.Unit.ByKustomize[f.Display()] = true
			}
		}
		r.noteNeighbours(part.Unit, f)
	}
	part.Unit.Skeletons = plain.Skeletons(read[:len(files)], files)
	by := r.installed(name, read)
	part.installs = by.objects
	by.folders.place(read, files)
	placeByCommands(read, files)
	for i, c := range read {
		if i < len(files) && by.written[c.Name] && !files[i].Named {
			continue
		}
		part.addManifest(c)
		if c.BuiltFrom != "" && !r.plan.takesOneFile(c.BuiltFrom) {
			part.Sources[len(part.Sources)-1].BuiltFrom = r.plan.kustomizationOf(c.BuiltFrom)
		}
		if r.plan.printing && len(c.Objects) > 0 {
			src := manifest.NewSource(c.Name, c.Data)
			part.Texts = append(part.Texts, lint.RenderedText{Name: c.Name, Text: string(c.Data), Origin: src.LocateLine})
		}
	}
	if len(part.Unit.Objects) == 0 {
		part.Unit = nil
	}
	return part
}

// noteFilled notes files that another program fills in: what a unit does not hold may be there.
func (r *run) noteFilled(u *lint.Unit, files []discover.File) {
	for _, f := range files {
		u.AddLacking([]lint.Problem{{Position: lint.Position{File: f.Display()}}})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.filled = append(r.filled, files...)
}

// noteNeighbours notes in a unit whether a manifest is in use with others that the unit does not have.
func (r *run) noteNeighbours(u *lint.Unit, f discover.File) {
	if r.plan.found.IsIncomplete(f) {
		u.Incomplete[f.Display()] = true
	}
	if r.plan.found.IsBesideListed(f) {
		u.Beside[f.Display()] = true
	}
}

// referenceOnly says why nobody applies the release of another project that a file is. It is empty if the file is none, or if somebody may.
func (r *run) referenceOnly(f discover.File) string {
	if version := attributes.ReleaseOf(f.Tree, f.Name); version != "" {
		return r.plan.found.ReferenceOnly(f, version)
	}
	return ""
}

// installed is what objects of Flux and Argo CD make of plain manifests.
type installed struct {
	// written are the files that Flux deploys only with changes, in a kustomization that it writes: they are linted as it
	// builds them.
	written map[string]bool
	// folders are those that Argo CD applies.
	folders applied
	// objects are those of Flux and Argo CD. It is nil if they make nothing else of the manifests.
	objects *lint.Unit
}

func (r *run) installed(name string, read []plain.Manifest) (by installed) {
	if !r.fluxWrites && !r.argoApplies {
		return by
	}
	all := &lint.Unit{Input: name}
	for _, m := range read {
		all.Objects = append(all.Objects, m.Objects...)
	}
	by.objects = gitops.Part(all)
	units := slices.Concat(r.gitOps, r.installing)
	if by.objects != nil {
		units = append(units, by.objects)
	}
	by.written, by.folders = map[string]bool{}, applied{}
	installers, deployments := gitops.Find(units, r.plan.found.Trees(), r.plan.opts.Version)
	for _, d := range deployments {
		for _, name := range d.Resources {
			name = d.File.Tree.Display(name)
			by.written[name] = by.written[name] || d.Replaces()
		}
	}
	for _, in := range installers {
		for _, f := range in.Folders {
			by.folders[f.ID()] = append(by.folders[f.ID()], f)
		}
	}
	return by
}

// applied are the folders without a kustomization that Argo CD applies.
type applied map[discover.ID][]gitops.Folder

// place puts what files hold into the namespaces that Applications name, where they name none themselves: into each, unless
// they are many.
func (a applied) place(read []plain.Manifest, files []discover.File) {
	if len(a) == 0 {
		return
	}
	for i, f := range files {
		if names := a.namespaces(f); len(names) > 0 && len(names) <= namespaces.Most {
			read[i].Objects = placed(read[i].Objects, names)
		}
	}
}

// placeByCommands puts what files hold into the namespaces in which commands of the repository apply it, where nothing else names one.
func placeByCommands(read []plain.Manifest, files []discover.File) {
	var commands namespaces.Placements
	for i, f := range files {
		if !slices.ContainsFunc(read[i].Objects, gitops.LacksNamespace) {
			continue
		}
		if names := commands.Of(f); len(names) > 0 && len(names) <= namespaces.Most {
			read[i].Objects = placed(read[i].Objects, names)
		}
	}
}

// namespaces are those that Applications name for a file, sorted.
func (a applied) namespaces(f discover.File) (names []string) {
	for dir := f.Name; dir != "."; {
		dir = path.Dir(dir)
		for _, folder := range a[discover.ID{Dir: f.Tree.Dir(), Name: dir}] {
			if folder.Files.Has(gitops.Below(dir, f.Name)) && !slices.Contains(names, folder.Namespace) {
				names = append(names, folder.Namespace)
			}
		}
	}
	slices.Sort(names)
	return names
}

// placed are objects in each of some namespaces, where they name none.
func placed(objects []*lint.Object, names []string) (l []*lint.Object) {
	for _, o := range objects {
		if !gitops.LacksNamespace(o) {
			l = append(l, o)
			continue
		}
		for _, name := range names {
			l = append(l, o.In(name))
		}
	}
	return l
}

// fluxPaths are the folders that Flux builds by kustomize, as the Kustomizations of overlays and of manifests name
// them, from the top of the repository.
func (r *run) fluxPaths(read []plain.Manifest) map[string]bool {
	paths := map[string]bool{}
	add := func(objects []*lint.Object) {
		for _, o := range objects {
			if o.Is("kustomize.toolkit.fluxcd.io", "Kustomization") {
				paths[path.Clean(strings.TrimLeft(o.Root.Get("spec.path").Text(), "/"))] = true
			}
		}
	}
	for _, u := range r.gitOps {
		add(u.Objects)
	}
	for _, m := range read {
		add(m.Objects)
	}
	return paths
}

// readRecovered reads a file. A panic is a Problem of it.
func readRecovered(f discover.File) (c plain.Manifest) {
	if p := recovered(f.Display(), func() { c = plain.Read(f) }); p != nil {
		p.File = f.Display()
		c = plain.Manifest{Name: f.Display(), Problems: []lint.Problem{*p}}
	}
	return c
}

// addManifest adds what a file holds to the part, and counts it.
func (p *Part) addManifest(c plain.Manifest) {
	p.Unit.Objects = append(p.Unit.Objects, c.Objects...)
	p.Problems = append(p.Problems, c.Problems...)
	if len(c.Objects) > 0 {
		p.Sources = append(p.Sources, lint.SourceText{Name: c.Name, Text: c.Data})
		p.Summary.Manifests++
	}
	if c.Skip != "" {
		p.Summary.Skipped = append(p.Summary.Skipped, lint.Skip{File: c.Name, Reason: c.Skip})
	}
	if c.Name != "" {
		p.Summary.Files++
	}
}

// plain lists the files that are manifests by themselves.
func (r *run) plain() []discover.File {
	var files []discover.File
	for _, f := range r.plan.found.Manifests {
		if f.Named || !r.owned[f.ID()] {
			files = append(files, f)
		}
	}
	return files
}

// unitName names the unit of plain manifests after the directory that holds them all.
func (r *run) unitName(files []discover.File) string {
	switch {
	case len(files) == 0:
		return plain.Stdin
	case len(files) == 1 && !r.plan.stdin:
		return files[0].Display()
	}
	dir := ""
	for i, f := range files {
		d := f.Display()
		d = d[:strings.LastIndexByte(d, '/')+1]
		if i == 0 {
			dir = d
		}
		for !strings.HasPrefix(d, dir) {
			dir = dir[:strings.LastIndexByte(strings.TrimSuffix(dir, "/"), '/')+1]
		}
	}
	if dir == "" {
		return "."
	}
	return strings.TrimSuffix(dir, "/")
}

// kustomizationDirs are the directories that hold a kustomization.
func (r *run) kustomizationDirs() map[discover.ID]bool {
	dirs := map[discover.ID]bool{}
	for _, f := range r.plan.found.Kustomizations {
		dirs[f.ID()] = true
	}
	return dirs
}

// besideTemplates lists the manifests in the directories of charts that are not
// among their templates, and that no overlay was built from: Helm does not render
// them, and they are linted if they are named. What they install of their chart is.
func (r *run) besideTemplates() {
	installs := map[string]bool{}
	for _, u := range r.installersBesideTemplates() {
		r.install(u)
		installs[u.Input] = true
	}
	for _, f := range r.plan.found.InCharts {
		if r.owned[f.ID()] || !f.LooksLikeManifest() {
			continue
		}
		reason := "in the directory of a chart, but not one of its templates: name it to lint it"
		if installs[f.Display()] {
			reason = "in the directory of the chart that it installs, which is linted with its values: name it to lint it as well"
		}
		r.skip(lint.Skip{File: f.Display(), Reason: reason})
	}
}

// installersBesideTemplates are the objects that install the chart of their directory, but for those of files from which overlays were built.
func (r *run) installersBesideTemplates() (units []*lint.Unit) {
	owned := map[string]bool{}
	for _, f := range r.plan.found.InCharts {
		owned[f.Display()] = r.owned[f.ID()]
	}
	v := r.plan.opts.Watch.guard(Planning, nil, func(func(string), Verdict) {
		for _, u := range r.plan.installersInCharts() {
			if !owned[u.Input] {
				units = append(units, u)
			}
		}
	})
	if v.Lost != nil {
		r.problem(*v.Lost)
	}
	return units
}
