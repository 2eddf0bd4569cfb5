package render

import (
	"context"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
)

// overlay builds an overlay. What it was built from is not read again as plain
// manifests; if it could not be built, it is.
func (r *run) overlay(ctx context.Context, f discover.File) {
	r.begin(f.Display(), "")
	built := false
	var read []string
	id := UnitID{Kind: lint.UnitOverlay, Input: f.Display()}
	v := r.unit(ctx, id, func(func(string)) *Part {
		var out *lint.Rendered
		out, read = kustomize.Build(ctx, f.Tree, f.Name, r.kustomizeOptions(f, id))
		built = out.Unit != nil
		for _, name := range read {
			if data, err := f.Tree.ReadFile(name); err == nil { // it was read before
				out.Sources = append(out.Sources, lint.SourceText{Name: f.Tree.Display(name), Text: data})
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
		r.owned[discover.ID{Dir: f.Tree.Dir(), Name: name}] = true
	}
}

func (r *run) kustomizeOptions(f discover.File, id UnitID) kustomize.Options {
	return kustomize.Options{
		LoadRestrictionsRootOnly: r.plan.opts.LoadRestrictor == LoadRestrictionsRootOnly,
		Outside:                  r.readOutside,
		HelmChart:                helmChart(f.Tree, r.plan.opts.Version, r.plan.opts.Watch, id),
	}
}
