package render

import "github.com/kubevet/kubevet/lint"

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
