package render

import (
	"context"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/kustomize"
)

// overlay builds an overlay. What it was built from is not read again as plain
// manifests; if it could not be built, it is.
func (r *run) overlay(ctx context.Context, f file) {
	r.begin(f.display(), "")
	built := false
	var read []string
	id := UnitID{Kind: lint.UnitOverlay, Input: f.display()}
	v := r.unit(ctx, id, func(func(string)) *Part {
		var out *lint.Rendered
		out, read = kustomize.Build(ctx, f.tree, f.name, r.kustomizeOptions(f, id))
		built = out.Unit != nil
		for _, name := range read {
			if data, err := f.tree.ReadFile(name); err == nil { // it was read before
				out.Sources = append(out.Sources, lint.SourceText{Name: f.tree.Display(name), Text: data})
			}
		}
		part := &Part{Rendered: out, Summary: lint.Summary{Overlays: 1, Files: len(read)}}
		if built {
			part.Reads = read
		}
		return part
	})
	if v.Done && !built {
		read = v.Reads
	} else if !built {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range read {
		r.owned[fileID{f.tree.Dir(), name}] = true
	}
}

func (r *run) kustomizeOptions(f file, id UnitID) kustomize.Options {
	return kustomize.Options{
		LoadRestrictionsNone: r.plan.opts.LoadRestrictionsNone,
		HelmChart:            helmChart(f.tree, r.plan.opts.Version, r.plan.opts.Watch, id),
	}
}

// kustomizationRoots lists the kustomizations that no other refers to, and
// those that the command line names. Components are never roots, unless named.
// Patches make no sense by themselves: they are owned from the start.
func (r *run) kustomizationRoots() (roots []file, owned map[fileID]bool) {
	owned = map[fileID]bool{}
	refs := map[fileID]kustomize.Refs{}
	referred := map[fileID]bool{}
	for _, f := range r.plan.found.kustomizations {
		own, err := kustomize.References(f.tree, f.name)
		if err != nil {
			continue // building it tells
		}
		refs[f.id()] = own
		for _, name := range own.Paths {
			referred[fileID{f.tree.Dir(), name}] = true
		}
		for _, name := range own.Fragments {
			owned[fileID{f.tree.Dir(), name}] = true
		}
	}
	reached := map[fileID]bool{}
	var reach func(id fileID)
	reach = func(id fileID) {
		if reached[id] {
			return
		}
		reached[id] = true
		for _, name := range refs[id].Paths {
			reach(fileID{id.dir, name})
		}
	}
	add := func(f file) {
		roots = append(roots, f)
		reach(f.id())
	}
	for _, f := range r.plan.found.kustomizations {
		if f.named || !referred[f.id()] && !refs[f.id()].Component {
			add(f)
		}
	}
	// What is left refers to itself in a circle, or is used by such alone: building
	// one of them tells. A component that nothing uses is passed over.
	for _, f := range r.plan.found.kustomizations {
		switch {
		case reached[f.id()]:
		case refs[f.id()].Component:
			r.skip(lint.Skip{File: f.display(), Reason: "a component that no overlay uses"})
		default:
			add(f)
		}
	}
	return roots, owned
}
