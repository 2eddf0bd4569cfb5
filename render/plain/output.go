package plain

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/discover"
)

// SkipOutput skips the files in a folder for what programs print, as kustomize writes them, if kustomizations have their
// objects, in whatever namespaces. mayBeApplied reports whether something may apply a file by itself.
func SkipOutput(read []Manifest, files []discover.File, built *Built, mayBeApplied func(discover.File) bool) {
	for i, f := range files {
		if f.Named || len(read[i].Objects) < 2 || !isForOutput(f.Name) || !isWrittenByProgram(&read[i]) || mayBeApplied(f) {
			continue
		}
		if of := built.inAnyNamespace(&read[i]); of != "" {
			read[i].drop("output of a program, in a folder for it: the kustomization " + of + " has most of its objects: name it to lint it")
		}
	}
}

// isForOutput reports whether the folder of a file, or the one above, has a name for what programs print.
func isForOutput(name string) bool {
	dir := path.Dir(name)
	return slices.ContainsFunc([]string{path.Base(dir), path.Base(path.Dir(dir))}, func(base string) bool {
		switch strings.ReplaceAll(strings.ToLower(base), "_", "-") {
		case "output", "outputs", "built-output", "build-output", "example-output", "kustomize-output", "rendered", "rendered-output":
			return true
		}
		return false
	})
}

// inAnyNamespace is the kustomization that has most objects of a file, in whatever namespaces: of several, the first by name. Others must
// have the rest, such as components, but for bindings that were given to another account. It is empty if there is none.
func (b *Built) inAnyNamespace(m *Manifest) (most string) {
	counts := map[string]int{}
	bindings := 0
	for _, o := range m.Objects {
		of := b.inAny.first(unplaced(lineOf(o)))
		switch isBinding := o.Kind == "RoleBinding" || o.Kind == "ClusterRoleBinding"; {
		case len(of) == 0 && !isBinding:
			return ""
		case len(of) == 0:
			bindings++
		}
		for _, name := range of {
			counts[name]++
		}
	}
	if 2*bindings > len(m.Objects) {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] > counts[most] {
			most = name
		}
	}
	return most
}

// holders are overlays by what they have.
type holders struct {
	of map[string][]string
	// isSorted is set for those that are sorted.
	isSorted map[string]bool
}

func newHolders() holders { return holders{map[string][]string{}, map[string]bool{}} }

func (h holders) add(what, overlay string) { h.of[what] = append(h.of[what], overlay) }

// maxHolders is how many overlays are looked at that have something.
const maxHolders = 64

// first are the first overlays by name that have something. None is added later.
func (h holders) first(what string) []string {
	l := h.of[what]
	if !h.isSorted[what] && len(l) > 0 {
		slices.Sort(l)
		l = slices.Compact(l)
		h.of[what], h.isSorted[what] = l, true
	}
	return l[:min(len(l), maxHolders)]
}
