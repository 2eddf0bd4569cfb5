package generated

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// overlays are findings of kustomizations, of which files have copies that were built from these: by kustomize, or by operator-sdk, which
// puts the Deployments into a ClusterServiceVersion. A build may put the objects into another namespace, and a prefix or suffix around
// their names.
type overlays struct {
	// wanted are the originals by what a copy may have in common with them: one for each place. There are none until they are found.
	// It is nil if there are no copies.
	wanted map[origin][]*lint.Finding
	// around counts for each file how many of its findings an original has whose name differs by what is put around it.
	around map[string]map[affix]int
}

// maxPlaces is how many originals at different places are kept that are the same for a copy.
const maxPlaces = 8

// origin is a field of an object that came through a kustomization, and a rule that reports it.
type origin struct {
	rule, kustomization, container, field, kind, name string
}

func (at origin) named(name string) origin {
	at.name = name
	return at
}

// affix is what a build puts around the names of objects.
type affix struct{ prefix, suffix string }

func (a affix) isAround(name string) bool {
	return len(name) > len(a.prefix)+len(a.suffix) && strings.HasPrefix(name, a.prefix) && strings.HasSuffix(name, a.suffix)
}

func (a affix) within(name string) string { return name[len(a.prefix) : len(name)-len(a.suffix)] }

// isBuilt reports whether a finding is in a file that was built from kustomizations.
func isBuilt(f *lint.Finding) bool {
	return !slices.ContainsFunc(f.MadeFrom, func(name string) bool { return !isKustomization(name) })
}

const (
	bundleKind = "ClusterServiceVersion"
	// inBundle is where a ClusterServiceVersion has Deployments, up to their names.
	inBundle = "spec.install.spec.deployments["
)

// originOf is what other findings may have in common with one of an object, but for the kustomization.
func originOf(f *lint.Finding) origin {
	return origin{rule: f.Rule.ID, container: f.Container, field: fieldOf(f), kind: f.Object.Kind, name: f.Object.Name}
}

// originOfCopy is what a copy has in common with its original, but for the kustomization. In a ClusterServiceVersion it is that of a
// Deployment.
func originOfCopy(f *lint.Finding) origin {
	at := originOf(f)
	if rest, ok := strings.CutPrefix(at.field, inBundle); ok && at.kind == bundleKind {
		if name, field, ok := strings.Cut(rest, "]."); ok {
			at.kind, at.name, at.field = "Deployment", name, field
		}
	}
	return at
}

// maxParts is how many parts of a name are looked at that may have been put around it.
const maxParts = 16

// affixesOf are those that a name may have, with what remains of the name.
func affixesOf(name string) map[affix]string {
	l := map[affix]string{{}: name}
	for i, n := 0, 0; i < len(name)-1 && n < maxParts; i++ {
		if name[i] == '-' {
			l[affix{prefix: name[:i+1]}] = name[i+1:]
			n++
		}
	}
	for i, n := len(name)-1, 0; i > 0 && n < maxParts; i-- {
		if name[i] == '-' {
			l[affix{suffix: name[i:]}] = name[:i]
			n++
		}
	}
	return l
}

// look notes of what a copy may be one.
func (o *overlays) look(f *lint.Finding) {
	if o.wanted == nil {
		o.wanted, o.around = map[origin][]*lint.Finding{}, map[string]map[affix]int{}
	}
	at := originOfCopy(f)
	for _, at.kustomization = range f.MadeFrom {
		for _, name := range affixesOf(at.name) {
			o.wanted[at.named(name)] = nil
		}
		if at.kind == namespaceKind {
			o.wanted[at.named("")] = nil
		}
	}
}

// namespaceKind is the kind of object that a namespace gives its name, and that gets no prefix.
const namespaceKind = "Namespace"

// add notes a finding as the original of copies that were built from the kustomizations that its object came through.
func (o *overlays) add(f *lint.Finding) {
	if o.wanted == nil {
		return
	}
	at := originOf(f)
	for _, at.kustomization = range kustomizationsOf(f) {
		o.addAt(at, f)
		if at.kind == namespaceKind {
			o.addAt(at.named(""), f)
		}
	}
}

func (o *overlays) addAt(at origin, f *lint.Finding) {
	known, isWanted := o.wanted[at]
	isKnown := func(k *lint.Finding) bool { return k.Origin.Position == f.Origin.Position }
	if isWanted && len(known) < maxPlaces && !slices.ContainsFunc(known, isKnown) {
		o.wanted[at] = append(known, f)
	}
}

// kustomizationsOf are those that the object of a finding came through, as far as its trail says so.
func kustomizationsOf(f *lint.Finding) (l []string) {
	add := func(name string) {
		if isKustomization(name) && !slices.Contains(l, name) {
			l = append(l, name)
		}
	}
	add(f.Origin.File)
	for _, s := range f.Origin.Trail {
		if s.Kind == lint.StepRendered || s.Kind == lint.StepKustomization {
			add(s.Position.File)
		}
	}
	return l
}

// compareNames counts what was put around the names of copies.
func (o *overlays) compareNames(findings []*lint.Finding) []*lint.Finding {
	for _, f := range findings {
		if !isCopy(f) || !isBuilt(f) || f.Object.Kind == namespaceKind {
			continue
		}
		at := originOfCopy(f)
		for around, name := range affixesOf(at.name) {
			at := at.named(name)
			if !slices.ContainsFunc(f.MadeFrom, func(k string) bool { at.kustomization = k; return len(o.wanted[at]) > 0 }) {
				continue
			}
			counts := o.around[f.Origin.File]
			if counts == nil {
				counts = map[affix]int{}
				o.around[f.Origin.File] = counts
			}
			counts[around]++
		}
	}
	return findings
}

// affixOf is what the build to a file puts around names: what most of its findings have around those of originals.
func (o *overlays) affixOf(file string) (best affix) {
	counts := o.around[file]
	isLess := func(a, b affix) int {
		if n := len(a.prefix) + len(a.suffix) - len(b.prefix) - len(b.suffix); n != 0 {
			return n
		}
		return strings.Compare(a.prefix+" "+a.suffix, b.prefix+" "+b.suffix)
	}
	most := 0
	for _, a := range slices.SortedFunc(maps.Keys(counts), isLess) {
		if counts[a] > most {
			best, most = a, counts[a]
		}
	}
	return best
}

// originalOf is the original of a copy, and what the place of the copy is called. It is nil if none was found, or if it is not known
// which of several is.
func (o *overlays) originalOf(f *lint.Finding) (original *lint.Finding, label string) {
	label = "the same in a file that the overlay was built to"
	at := originOfCopy(f)
	if at.kind != f.Object.Kind {
		label = "the same in the bundle that operator-sdk makes of the overlay"
	}
	names := []string{at.name}
	if at.kind == namespaceKind {
		names = append(names, "")
	} else if own := o.affixOf(f.Origin.File); own.isAround(at.name) {
		names = []string{own.within(at.name), at.name}
	}
	for _, at.kustomization = range f.MadeFrom {
		for _, name := range names {
			if original = originalIn(o.wanted[at.named(name)], f); original != nil {
				return original, label
			}
		}
	}
	return nil, ""
}

// originalIn is the one of several originals at different places that is of the namespace of a copy, or the only one.
func originalIn(l []*lint.Finding, f *lint.Finding) *lint.Finding {
	i := 0
	if len(l) > 1 {
		i = slices.IndexFunc(l, func(g *lint.Finding) bool { return g.Object.Namespace == f.Object.Namespace })
	}
	if len(l) == 0 || i < 0 || imageOf(l[i]) != imageOf(f) {
		return nil
	}
	return l[i]
}

// usesImage matches the image that a message names, without its tag and digest.
var usesImage = regexp.MustCompile(` uses image "?([^\s"@;]+?)(?::[\w.-]+)?["@;\s]`)

// imageOf is the image of which a finding is. Where a copy has another one, an overlay that is not known sets it, or the place to
// edit is another. It is empty if the finding is of none.
func imageOf(f *lint.Finding) string {
	if m := usesImage.FindStringSubmatch(f.Message + " "); m != nil {
		return m[1]
	}
	return ""
}
