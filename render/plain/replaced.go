package plain

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipReplaced skips the versions of operators that a later ClusterServiceVersion replaces or
// skips: they were published, and are kept so that the Operator Lifecycle Manager can upgrade from them.
func SkipReplaced(read []Manifest, files []discover.File) {
	isVersion := func(o *lint.Object) bool { return o.Is("operators.coreos.com", "ClusterServiceVersion") }
	replacedBy := map[string]string{}
	replace := func(old string, by *lint.Object) {
		if old != "" && old != by.Name && replacedBy[old] == "" {
			replacedBy[old] = by.Name
		}
	}
	for i := range files {
		for _, o := range read[i].Objects {
			if !isVersion(o) {
				continue
			}
			replace(o.Root.Get("spec.replaces").Text(), o)
			for old := range o.Root.Get("spec.skips").Items() {
				replace(old.Text(), o)
			}
		}
	}
	if len(replacedBy) == 0 {
		return
	}
	for i, f := range files {
		m := &read[i]
		isReplaced := func(o *lint.Object) bool { return isVersion(o) && replacedBy[o.Name] != "" }
		if f.Named || len(m.Objects) == 0 || slices.ContainsFunc(m.Objects, func(o *lint.Object) bool { return !isReplaced(o) }) {
			continue
		}
		m.drop("a published version that " + replacedBy[m.Objects[0].Name] + " replaces")
	}
}
