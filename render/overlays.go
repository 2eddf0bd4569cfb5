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
	out, read := kustomize.Build(ctx, f.Tree, f.Name, r.kustomizeOptions(f))
	if out.Unit != nil {
		r.mu.Lock()
		for _, name := range read {
			r.owned[discover.ID{Dir: f.Tree.Dir(), Name: name}] = true
		}
		r.mu.Unlock()
	}
	for _, name := range read {
		if data, err := f.Tree.ReadFile(name); err == nil { // it was read before
			out.Sources = append(out.Sources, lint.SourceText{Name: f.Tree.Display(name), Text: data})
		}
	}
	r.deliver(ctx, out, func(s *lint.Summary) {
		s.Overlays++
		s.Files += len(read)
	})
}

func (r *run) kustomizeOptions(f discover.File) kustomize.Options {
	return kustomize.Options{
		LoadRestrictionsNone: r.plan.opts.LoadRestrictionsNone,
		HelmChart:            helmChart(f.Tree, r.plan.opts.Version, r.plan.opts.Watch),
	}
}
