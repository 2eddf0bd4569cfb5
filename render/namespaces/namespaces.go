// Package namespaces knows in which namespaces kustomizations, Flux, Argo CD and commands put what a file holds.
package namespaces

import (
	"cmp"
	"iter"
	"maps"
	"path"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/kustomize"
)

// Most is in how many namespaces Applications may install one folder for all of them to count.
const Most = 16

// mostVariables is how many objects of Flux may name one folder for the variables of all to count.
const mostVariables = 256

// Folder is one of which Flux or Argo CD may change what is built, and what the objects that name it set.
type Folder struct {
	discover.File
	Targets []gitops.Target
}

// IsPlain reports whether nothing is changed but the namespace of objects that name none.
func (f Folder) IsPlain() bool {
	return !slices.ContainsFunc(f.Targets, func(t gitops.Target) bool { return !t.IsPlain })
}

// mayLabel reports whether more is changed than the namespace, and variables.
func (f Folder) mayLabel() bool {
	return slices.ContainsFunc(f.Targets, func(t gitops.Target) bool { return !t.IsPlain && !t.IsUnchanged })
}

// Namespace is the one that all objects set which name the folder. It is empty if they do not set the same one.
func (f Folder) Namespace() (namespace string) {
	for i, g := range f.given(nil) {
		if i > 0 && g.Namespace != namespace {
			return ""
		}
		namespace = g.Namespace
	}
	return namespace
}

// given are the namespaces that objects set for a file, nil for the folder as a whole, each once. One is empty if an object sets
// none. What is known of Applications is too much to use if they are many.
func (f Folder) given(file *discover.File) (l []Given) {
	many, variables := map[string]bool{}, 0
	seen := map[Given]bool{}
	for _, t := range f.Targets {
		if t.Files != nil && (file == nil || !t.Files.Has(gitops.Below(f.Name, file.Name))) {
			continue
		}
		if many[t.Destination] = true; len(many) > Most {
			return []Given{{}}
		}
		g := Given{Namespace: t.Namespace}
		if g.Namespace == "" {
			g.Fallback = t.Destination
		}
		if t.Variables != nil && variables < mostVariables {
			g.Variables = t.Variables
			variables++
		}
		if !seen[g] {
			seen[g] = true
			l = append(l, g)
		}
	}
	return l
}

// Given is a namespace that an overlay, Flux or Argo CD gives what a file holds.
type Given struct {
	// Namespace is empty if the one that the manifest names is left.
	Namespace string
	// Fallback is the namespace of objects for which nothing else names one. It is empty if there is none.
	Fallback string
	// Variables are those that Flux replaces in the objects of the file. It is nil if none are known.
	Variables *gitops.Substitution
	// root is the overlay, as reports call it, and by the folder of the kustomization that sets the namespace. They are empty
	// if that is the one which names the file, or none sets it.
	root, by string
	// isApplied is set if Flux or Argo CD names the overlay, isLabeled if it or a kustomization may give labels, and isEdited if it may change any
	// field. They are unset in the
	// results.
	isApplied, isLabeled, isEdited bool
}

// To is the namespace that an object of the file gets.
func (g Given) To(o *lint.Object) string {
	if gitops.LacksNamespace(o) {
		return g.Variables.Text(cmp.Or(g.Namespace, g.Fallback))
	}
	return g.Variables.Text(cmp.Or(g.Namespace, o.Namespace))
}

// Objects yields an object of a file as it is applied, once for each of what the file is given. What is equal is yielded once.
func Objects(o *lint.Object, given []Given) iter.Seq2[Given, *lint.Object] {
	return func(yield func(Given, *lint.Object) bool) {
		seen := map[Given]bool{}
		for _, g := range given {
			made := *g.Variables.Object(o)
			made.Namespace = g.To(o)
			without := g
			if made.Root.Node == o.Root.Node && made.Namespace == (Given{Namespace: g.Namespace, Fallback: g.Fallback}).To(o) {
				without.Variables = nil
			}
			if seen[without] {
				continue
			}
			seen[without] = true
			if !yield(g, &made) {
				return
			}
		}
	}
}

// In is what a file is given as far as its variables go, with a namespace.
func In(namespace string, given []Given) []Given {
	l := []Given{{Namespace: namespace}}
	if len(given) > 0 {
		l = nil
	}
	seen := map[Given]bool{}
	for _, g := range given {
		if g = (Given{Namespace: namespace, Variables: g.Variables}); !seen[g] {
			seen[g] = true
			l = append(l, g)
		}
	}
	return l
}

// Finder finds the namespaces that what files hold is given.
type Finder struct {
	// Overlays reads the kustomizations.
	Overlays discover.Overlays

	applied Applied
	// reachedByPath are the files that Flux or Argo CD applies.
	reachedByPath map[discover.ID]bool
	// labeled are the files whose objects may get labels from a kustomization, Flux or Argo CD, and edited those of which it may change any field.
	labeled, edited map[discover.ID]bool

	wanted map[discover.ID]bool
	given  map[discover.ID][]Given
	seen   map[reached]bool
	// bases are the folders that each overlay is built of, but for components, and users the overlays that are built of each.
	bases map[string][]discover.ID
	users map[discover.ID]map[string]bool
}

// reached is a file or folder that an overlay uses, with the namespace that it has there.
type reached struct {
	id discover.ID
	Given
}

// New is the Finder for overlays that are built by themselves, and for folders that Flux builds. Only of the wanted files it
// can tell.
func New(overlays []discover.File, applied Applied, wanted map[discover.ID]bool) *Finder {
	folders := applied.Folders
	f := &Finder{applied: applied, reachedByPath: map[discover.ID]bool{}, labeled: map[discover.ID]bool{}, edited: map[discover.ID]bool{}, wanted: wanted, given: map[discover.ID][]Given{}, seen: map[reached]bool{}}
	f.bases, f.users = map[string][]discover.ID{}, map[discover.ID]map[string]bool{}
	if len(wanted) == 0 {
		return f
	}
	for _, o := range overlays {
		if _, changed := folders[o.ID()]; !changed {
			f.walk(o, Given{root: o.Display()}, false)
		}
	}
	order := func(a, b discover.ID) int { return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Name, b.Name)) }
	for _, id := range slices.SortedFunc(maps.Keys(folders), order) {
		f.walkFolder(folders[id])
	}
	for id, l := range f.given {
		slices.SortStableFunc(l, func(a, b Given) int {
			return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Fallback, b.Fallback), cmp.Compare(a.root, b.root), cmp.Compare(a.by, b.by))
		})
		f.given[id] = slices.Compact(l)
	}
	return f
}

// walkFolder is walk for a folder that Flux or Argo CD builds, with the components that they add.
func (f *Finder) walkFolder(folder Folder) {
	own, at := f.Overlays.References(folder.File).Namespace, folder.Display()
	for _, given := range folder.given(nil) {
		given.root, given.isApplied, given.isLabeled, given.isEdited = at, true, folder.mayLabel(), folder.mayLabel()
		if given.Namespace != "" || given.Fallback != "" {
			given.by = at
		}
		f.walk(folder.File, given, false)
	}
	for _, t := range folder.Targets {
		for _, dir := range t.Components {
			f.walk(discover.File{Tree: folder.Tree, Name: dir}, Given{Namespace: cmp.Or(t.Namespace, own), Variables: t.Variables, root: at, by: at, isApplied: true}, true)
		}
	}
}

// walk visits what a kustomization uses. The outermost kustomization that sets a namespace decides.
func (f *Finder) walk(k discover.File, given Given, isComponent bool) {
	refs := f.Overlays.References(k)
	if given.Namespace == "" && refs.Namespace != "" {
		given.Namespace, given.Fallback, given.by = refs.Namespace, "", k.Display()
	}
	given.isLabeled = given.isLabeled || refs.Labels || refs.Edits
	given.isEdited = given.isEdited || refs.Edits
	for _, name := range refs.Paths {
		used := discover.File{Tree: k.Tree, Name: name}
		id := used.ID()
		isFile := discover.HasManifestName(path.Base(name))
		if f.seen[reached{id, given}] || isFile && !f.wanted[id] {
			continue
		}
		f.seen[reached{id, given}] = true
		if f.wanted[id] {
			f.add(id, given, k)
		}
		if isFile {
			continue
		}
		inComponent := isComponent || f.Overlays.References(used).Component
		if !inComponent {
			f.addBase(id, given.root)
		}
		f.walk(used, given, inComponent)
	}
}

// add notes what a file that a kustomization names is given.
func (f *Finder) add(id discover.ID, given Given, by discover.File) {
	if given.by == "" || given.by == by.Display() {
		given.by, given.root = "", ""
	}
	f.reachedByPath[id] = f.reachedByPath[id] || given.isApplied
	f.labeled[id] = f.labeled[id] || given.isLabeled
	f.edited[id] = f.edited[id] || given.isEdited
	given.isApplied, given.isLabeled, given.isEdited = false, false, false
	f.given[id] = append(f.given[id], given)
}

func (f *Finder) addBase(id discover.ID, root string) {
	if f.users[id] == nil {
		f.users[id] = map[string]bool{}
	}
	if !f.users[id][root] {
		f.users[id][root] = true
		f.bases[root] = append(f.bases[root], id)
	}
}

// Variants are the overlays that are built of the same bases as the one that gives the namespace, as reports call them: a
// cluster gets one of them in a namespace. It is empty for what the kustomization sets that names the file.
func (f *Finder) Variants(of Given) (l []map[string]bool) {
	for _, id := range f.bases[of.root] {
		if users := f.users[id]; len(users) > 1 {
			l = append(l, users)
		}
	}
	return l
}

// Of are the namespaces that overlays give what a file holds, sorted. It is empty for a file that none uses. It must not be changed.
func (f *Finder) Of(file discover.File) []Given {
	if l := f.given[file.ID()]; len(l) > 0 {
		return l
	}
	for dir := file.Name; dir != "."; {
		dir = path.Dir(dir)
		if _, has := kustomize.File(file.Tree, dir); has {
			return nil // it does not name the file
		}
		folder, ok := f.applied.Folders[discover.ID{Dir: file.Tree.Dir(), Name: dir}]
		if !ok {
			continue
		}
		if l := folder.given(&file); len(l) > 0 { // Flux lists the file in a kustomization
			return l
		}
	}
	return nil
}

// MayEdit reports whether an overlay, Flux or Argo CD may change any field of what a file holds. It can only tell of wanted files that one of
// these uses.
func (f *Finder) MayEdit(file discover.File) bool {
	return f.edited[file.ID()] || f.isInLabeledFolder(file)
}

// MayLabel reports whether an overlay, Flux or Argo CD may give labels to what a file holds.
func (f *Finder) MayLabel(file discover.File) bool {
	return f.labeled[file.ID()] || f.isInLabeledFolder(file)
}

// isInLabeledFolder reports whether Flux or Argo CD may change more than the namespace of what a folder holds that a file is in.
func (f *Finder) isInLabeledFolder(file discover.File) bool {
	for dir := file.Name; dir != "."; {
		dir = path.Dir(dir)
		if folder, ok := f.applied.Folders[discover.ID{Dir: file.Tree.Dir(), Name: dir}]; ok && folder.mayLabel() {
			return true
		}
	}
	return false
}

// Set is what Flux, or the nearest kustomization that names a file, sets. It is empty if it sets none.
func (f *Finder) Set(file discover.File) string {
	owner, refs, ok := f.Overlays.Of(file.Tree, file.Name)
	if !ok {
		return ""
	}
	return cmp.Or(f.applied.Folders[owner.ID()].Namespace(), refs.Namespace)
}

// Fallback is the namespace that Argo CD gives to objects of a file for which nothing else names one. It is empty if it is not
// known, or if they get several.
func (f *Finder) Fallback(file discover.File) string {
	l := f.Of(file)
	if owner, _, ok := f.Overlays.Of(file.Tree, file.Name); ok {
		l = f.applied.Folders[owner.ID()].given(nil)
	}
	if len(l) != 1 {
		return ""
	}
	return l[0].Fallback
}
