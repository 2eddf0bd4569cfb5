package render

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/tree"
)

// overlay builds an overlay. What it was built from is not read again as plain
// manifests; if it could not be built, it is. One that waits for its namespace is not handed on.
func (r *run) overlay(ctx context.Context, f discover.File) {
	r.begin(f.Display(), "")
	h, waits := r.held[f.ID()], false
	built := false
	var read []string
	content := ""
	id := UnitID{Kind: lint.UnitOverlay, Input: f.Display()}
	v := r.unit(ctx, id, func(func(string)) *Part {
		var out *lint.Rendered
		out, read = kustomize.Build(ctx, f.Tree, f.Name, r.kustomizeOptions(f, id))
		if built = out.Unit != nil; built {
			content = plain.Content(out.Unit.Objects)
			if waits = h.waits(out.Unit); waits {
				h.read = read
				r.install(gitops.Part(out.Unit))
				return nil
			}
			if of := r.builtToSame(out.Unit); of != "" && r.listsBuild[f.ID()] && h.isNew() {
				skip := lint.Skip{File: f.Display(), Reason: "holds what the overlay " + of + " was built to, which is linted"}
				return &Part{Rendered: &lint.Rendered{}, Summary: lint.Summary{Skipped: []lint.Skip{skip}}, Reads: read, Content: content}
			}
		}
		sources := sourcesOf(f.Tree, read)
		out.Sources = append(out.Sources, sources...)
		part := &Part{Rendered: out, Summary: lint.Summary{Overlays: 1, Files: len(sources), Skipped: out.Skipped}}
		if built {
			part.Reads, part.Content = read, content
		}
		return part
	})
	if h != nil {
		h.whole = !waits
	}
	if v.Done && !built {
		read, content = v.Reads, v.Content
	} else if !built {
		return
	}
	r.own(f, read)
	if !r.listsBuild[f.ID()] { // of two with the same objects neither is the source of the other
		r.noteBuilt(f.Display(), content)
	}
}

// findCopies finds the overlays that only list what a program built: they are built after the others, of which they may be copies.
func (r *run) findCopies(overlays []discover.File) {
	r.listsBuild = map[discover.ID]bool{}
	for _, f := range overlays {
		if !f.Named && r.plan.attributes.ListsBuild(f.Tree, f.Name) {
			r.listsBuild[f.ID()] = true
		}
	}
}

// builtToSame is the overlay, as reports call it, that was built to the objects of a unit. It is empty if none was.
func (r *run) builtToSame(u *lint.Unit) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.built.Find(u.Objects)
}

// sourcesOf are the files of a tree that an overlay was built from. Of a symbolic link, it is what that leads to: that was
// read, too.
func sourcesOf(t *tree.Tree, read []string) (l []lint.SourceText) {
	for _, name := range read {
		if _, isLink := t.LinkTarget(name); isLink {
			continue
		}
		if data, err := t.ReadFile(name); err == nil { // it was read before
			l = append(l, lint.SourceText{Name: t.Display(name), Text: data})
		}
	}
	return l
}

// maxUnbuilt is how many bases are built by themselves since what uses them could not be built with them.
const maxUnbuilt = 64

// buildUnbuilt builds the kustomizations by themselves of which overlays are made that could not be built with them: their files are linted as they
// are built, and not as they are written.
func (r *run) buildUnbuilt(ctx context.Context, overlays []discover.File) {
	bases, left := unbuilt{run: r, seen: map[discover.ID]bool{}}, maxUnbuilt
	for level := overlays; len(level) > 0 && ctx.Err() == nil; {
		var tasks []task
		level = bases.below(level)
		for _, f := range level {
			if len(tasks) < left && !r.isBuilt(f) {
				tasks = append(tasks, task{r.expect(f.Display()), func() { r.overlay(ctx, f) }})
			}
		}
		left -= len(tasks)
		r.work(ctx, tasks)
	}
}

// unbuilt finds the bases of overlays.
type unbuilt struct {
	*run
	overlays discover.Overlays
	seen     map[discover.ID]bool
}

// below are the folders that some kustomizations name as bases, each once.
func (u *unbuilt) below(level []discover.File) (l []discover.File) {
	for _, k := range level {
		for _, name := range u.overlays.References(k).Paths {
			base := discover.File{Tree: k.Tree, Name: name}
			id := base.ID()
			if u.seen[id] || u.roots[id] || discover.HasManifestName(path.Base(name)) {
				continue
			}
			u.seen[id] = true
			if _, has := kustomize.File(base.Tree, base.Name); has && !u.overlays.References(base).Component {
				l = append(l, base)
			}
		}
	}
	return l
}

// isBuilt reports whether something was built with a kustomization.
func (r *run) isBuilt(f discover.File) bool {
	name, _ := kustomize.File(f.Tree, f.Name)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.owned[discover.ID{Dir: f.Tree.Dir(), Name: name}]
}

// maxBases is how many bases are built to find copies of them.
const maxBases = 16

// buildBases builds the kustomizations that are built only as bases of others, if one of the plain manifests
// may be what one of them was built to: first those from which commands build one, and those beside a manifest of the same name.
func (r *run) buildBases(ctx context.Context, files []discover.File) {
	var bases []discover.File
	for _, f := range r.plan.found.Kustomizations {
		if !r.roots[f.ID()] {
			bases = append(bases, f)
		}
	}
	if len(bases) == 0 || !slices.ContainsFunc(files, func(f discover.File) bool { return plain.MayBeBuilt(f) || r.builtFrom(f) != "" }) {
		return
	}
	isLikely := map[discover.ID]bool{}
	for _, f := range files {
		isLikely[discover.ID{Dir: f.Tree.Dir(), Name: r.plan.attributes.Overlay(f.Tree, f.Name)}] = true
		isLikely[discover.ID{Dir: f.Tree.Dir(), Name: strings.TrimSuffix(f.Name, path.Ext(f.Name))}] = true
	}
	isLast := func(f discover.File) int {
		if isLikely[f.ID()] {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(bases, func(a, b discover.File) int { return isLast(a) - isLast(b) })
	bases = bases[:min(len(bases), maxBases)]
	for _, f := range bases {
		id := UnitID{Kind: lint.UnitOverlay, Input: f.Display(), Scenario: "read for copies of it"}
		r.plan.opts.Watch.guard(id, nil, func(func(string), Verdict) {
			if out, _ := kustomize.Build(ctx, f.Tree, f.Name, r.kustomizeOptions(f, id)); out.Unit != nil && ctx.Err() == nil {
				r.noteBuilt(f.Display(), plain.Content(out.Unit.Objects))
			}
		})
	}
}

// builtFrom is the overlay from which a command builds a file, as reports call it. It is empty if there is none that is linted.
func (r *run) builtFrom(f discover.File) string {
	dir := discover.File{Tree: f.Tree, Name: r.plan.attributes.Overlay(f.Tree, f.Name)}
	if dir.Name == "" || !r.roots[dir.ID()] && !r.plan.found.Referred[dir.ID()] {
		return ""
	}
	return dir.Display()
}

// isOutput reports whether a command that builds overlays writes into the folder of a file, which is emptied before.
func (r *run) isOutput(f discover.File) bool {
	_, isBuilt := r.plan.attributes.Filled(f.Tree, f.Name)
	return isBuilt
}

// renderedFrom is the chart which a command renders to a file with the chart's own values, as reports call it. It is empty if there is
// none that is linted: one that lacks a chart that it needs is not.
func (r *run) renderedFrom(f discover.File) string {
	dir := discover.File{Tree: f.Tree, Name: r.plan.attributes.Chart(f.Tree, f.Name)}
	if dir.Name == "" || !slices.ContainsFunc(r.plan.found.Charts, func(c discover.File) bool { return c.ID() == dir.ID() }) {
		return ""
	}
	if c, problems := r.plan.charts.Load(dir.Tree, dir.Name); c == nil || c.Library || len(problems) > 0 {
		return ""
	}
	return dir.Display()
}

// noteBuilt notes what an overlay was built to: a manifest with the same objects is a copy.
func (r *run) noteBuilt(overlay, content string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.built.Note(overlay, content)
}

// own notes the files that an overlay was built from: they are no plain manifests.
func (r *run) own(f discover.File, read []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range read {
		r.owned[discover.ID{Dir: f.Tree.Dir(), Name: name}] = true
	}
}

func (r *run) kustomizeOptions(f discover.File, id UnitID) kustomize.Options {
	return kustomize.Options{
		LoadRestrictionsRootOnly: r.plan.opts.LoadRestrictor == LoadRestrictionsRootOnly,
		Outside:                  r.readOutside,
		HelmChart:                r.plan.helmChart(f.Tree, id),
		IgnoredBy:                func(name string) lint.Position { return discover.IgnoredBy(f.Tree, name) },
		ChartGiver:               sync.OnceValue(func() string { return fleetWithChart(f) }),
	}
}

// fleetWithChart is the fleet.yaml, as reports call it, by which Fleet renders a Helm chart and gives its objects to a kustomization:
// the nearest one, in the folder of the kustomization or above. It is empty if there is none.
func fleetWithChart(k discover.File) string {
	for dir := k.Name; ; dir = path.Dir(dir) {
		file := path.Join(dir, "fleet.yaml")
		if data, err := k.Tree.ReadFile(file); err == nil {
			if givesChart(k, dir, data) {
				return k.Tree.Display(file)
			}
			return ""
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}

// givesChart reports whether a fleet.yaml in a folder names a chart, or is beside one, and the folder of a kustomization.
func givesChart(k discover.File, dir string, data []byte) bool {
	hasChart, isNamed := k.Tree.Exists(path.Join(dir, "Chart.yaml")), false
	for d := range manifest.Each(data) {
		root := node.NewValue(d.Node)
		for _, options := range append(slices.Collect(root.Get("targetCustomizations").Items()), root) {
			hasChart = hasChart || options.Get("helm.chart").Text() != ""
			isNamed = isNamed || path.Join(dir, options.Get("kustomize.dir").Text()) == k.Name
		}
	}
	return hasChart && isNamed
}

// LoadRestrictor says what becomes of files that an overlay names outside of its
// directory. kustomize refuses them by default; Flux, and kustomize with
// --load-restrictor LoadRestrictionsNone, read them. Nothing outside the tree is ever read.
type LoadRestrictor int

const (
	// LoadAndNote reads them, and a note says so once for a run.
	LoadAndNote LoadRestrictor = iota
	// LoadRestrictionsRootOnly makes each a Problem, and the overlay is built without it.
	LoadRestrictionsRootOnly
	// LoadRestrictionsNone reads them.
	LoadRestrictionsNone
)

// outside is what overlays read outside of their directories.
type outside struct {
	files map[string]bool // kustomizations that name such files
	first lint.Position   // the least
}

// readOutside takes an entry of a kustomization that names a file outside of its directory.
func (r *run) readOutside(at lint.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.outside.files) == 0 {
		r.outside.files, r.outside.first = map[string]bool{}, at
	}
	r.outside.files[at.File] = true
	if at.Compare(r.outside.first) < 0 {
		r.outside.first = at
	}
}

// noteOutside says what kustomize would refuse by default.
func (r *run) noteOutside() {
	r.mu.Lock()
	n, first := len(r.outside.files), r.outside.first
	r.mu.Unlock()
	if n == 0 || r.plan.opts.LoadRestrictor != LoadAndNote {
		return
	}
	r.note(lint.Problem{
		Position: first,
		Message: lint.Count(n, "kustomization names", "kustomizations name") +
			" files outside of the kustomization's directory, which Flux reads, and kustomize with --load-restrictor LoadRestrictionsNone only",
	})
}
