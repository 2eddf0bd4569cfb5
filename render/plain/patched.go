package plain

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipPatches skips the files of nothing but parts of objects that a document or program gives kubectl patch: they are
// merged into objects of the cluster.
func SkipPatches(read []Manifest, files []discover.File) {
	var patches discover.PatchFiles
	for i, f := range files {
		if m := &read[i]; !f.Named && m.Skip == "" && m.holdsParts() && patches.Has(f) {
			m.drop("a patch that kubectl merges into an object")
		}
	}
}

// holdsParts reports whether a file holds parts of objects alone, also without apiVersion and kind.
func (m *Manifest) holdsParts() bool {
	isMisspelt := func(p lint.Problem) bool { return p.Code == lint.CodeNotAnObject }
	switch {
	case len(m.Objects) > 0:
		return !slices.ContainsFunc(m.Objects, func(o *lint.Object) bool { return !isPartial(o) })
	case len(m.Problems) > 0:
		return !slices.ContainsFunc(m.Problems, func(p lint.Problem) bool { return !isMisspelt(p) })
	}
	return false
}
