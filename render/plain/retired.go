package plain

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipRetired skips the files in a folder whose name says that it is not in use, such as old_versions, if files outside of such folders have
// all their objects, by kind and name. A folder such as web-old beside web goes as a whole, if web has most of its objects, and so do the
// parts of a folder such as v1 of which the README of v2 says that they moved there. mayBeApplied reports whether something may apply a file
// by itself.
func SkipRetired(read []Manifest, files []discover.File, mayBeApplied func(discover.File) bool) {
	r := retired{read: read, files: files, of: make([]string, len(files)), moves: moves{}}
	for i, f := range files {
		r.of[i] = outermostUnused(path.Dir(f.Name))
		r.isAny = r.isAny || r.of[i] != ""
		if readme := r.moves.of(f); readme != "" && !f.Named && len(read[i].Objects) > 0 && !mayBeApplied(f) {
			read[i].drop("moved to another folder, as " + readme + " says: name it to lint it")
		}
	}
	if !r.isAny {
		return
	}
	r.count()
	for i, f := range files {
		if f.Named || r.of[i] == "" || len(read[i].Objects) == 0 || mayBeApplied(f) {
			continue
		}
		if sibling := r.replacedBy[discover.ID{Dir: f.Tree.Dir(), Name: r.of[i]}]; sibling != "" {
			read[i].drop("in a folder for what is no longer used, and " + f.Tree.Display(sibling) + " has most of its objects: name it to lint it")
		} else if of, ok := r.elsewhere(i); ok {
			read[i].drop("in a folder for what is no longer used, and " + of.Display() + " has the object: name it to lint it")
		}
	}
}

// retired are the objects of folders whose names say that they are not in use, and of others.
type retired struct {
	read  []Manifest
	files []discover.File
	// of is the outermost such folder of each file. It is empty for others.
	of    []string
	isAny bool
	moves moves
	// current has the first file outside of such folders with an object.
	current map[inTree]int
	// replacedBy is the folder beside such a folder that has most of its objects.
	replacedBy map[discover.ID]string
}

// inTree names an object of a tree. dir may be a folder in it.
type inTree struct{ dir, kind, namespace, name string }

func treeName(dir string, o *lint.Object) inTree { return inTree{dir, o.Kind, o.Namespace, o.Name} }

func (r *retired) count() {
	r.current, r.replacedBy = map[inTree]int{}, map[discover.ID]string{}
	siblings := map[discover.ID]map[inTree]bool{} // the objects of each folder beside one that is not in use
	for i, f := range r.files {
		if sibling := currentName(r.of[i]); sibling != "" {
			siblings[discover.ID{Dir: f.Tree.Dir(), Name: sibling}] = map[inTree]bool{}
		}
	}
	for i := range r.files {
		if r.of[i] == "" && len(r.read[i].Objects) > 0 {
			r.addCurrent(i, siblings)
		}
	}
	all, inSibling := map[discover.ID]int{}, map[discover.ID]int{}
	for i, f := range r.files {
		sibling := currentName(r.of[i])
		if sibling == "" {
			continue
		}
		id, has := discover.ID{Dir: f.Tree.Dir(), Name: r.of[i]}, siblings[discover.ID{Dir: f.Tree.Dir(), Name: sibling}]
		for _, o := range r.read[i].Objects {
			all[id]++
			if has[treeName(f.Tree.Dir(), o)] {
				inSibling[id]++
			}
		}
		r.replacedBy[id] = sibling
	}
	for id, n := range all {
		if 2*inSibling[id] <= n {
			delete(r.replacedBy, id)
		}
	}
}

// addCurrent adds the objects of a file that is in use to those of the folders above it which are beside one that is not.
func (r *retired) addCurrent(i int, siblings map[discover.ID]map[inTree]bool) {
	f := r.files[i]
	var has []map[inTree]bool
	for dir := range discover.Above(f.Name) {
		if of := siblings[discover.ID{Dir: f.Tree.Dir(), Name: dir}]; of != nil {
			has = append(has, of)
		}
	}
	for _, o := range r.read[i].Objects {
		if o.Name == "" {
			continue
		}
		key := treeName(f.Tree.Dir(), o)
		if _, known := r.current[key]; !known {
			r.current[key] = i
		}
		for _, of := range has {
			of[key] = true
		}
	}
}

// elsewhere is the file that has the first object of one, if files that are in use have all its objects.
func (r *retired) elsewhere(i int) (of discover.File, ok bool) {
	dir := r.files[i].Tree.Dir()
	isMissing := func(o *lint.Object) bool { _, has := r.current[treeName(dir, o)]; return !has }
	if slices.ContainsFunc(r.read[i].Objects, isMissing) {
		return of, false
	}
	return r.files[r.current[treeName(dir, r.read[i].Objects[0])]], true
}

// outermostUnused is the highest folder, of one and those above it, whose name says that it is not in use: one with another word, such as web-old,
// comes first. It is empty if there is none.
func outermostUnused(dir string) (first string) {
	for end := 0; end < len(dir); end++ {
		start := end
		if n := strings.IndexByte(dir[end:], '/'); n >= 0 {
			end += n
		} else {
			end = len(dir)
		}
		if !discover.SaysUnused(dir[start:end]) {
			continue
		}
		if currentName(dir[:end]) != "" {
			return dir[:end]
		}
		first = cmp.Or(first, dir[:end])
	}
	return first
}

// currentName is a folder without the word that says that it is not in use: web for web-old and old_web. It is empty if there is no other
// word.
func currentName(dir string) string {
	parent, base := path.Split(dir)
	if i := strings.IndexAny(base, "-_. "); i > 0 && discover.SaysUnused(base[:i]) {
		return parent + base[i+1:]
	}
	if i := strings.LastIndexAny(base, "-_. "); i > 0 && discover.SaysUnused(base[i:]) {
		return parent + base[:i]
	}
	return ""
}
