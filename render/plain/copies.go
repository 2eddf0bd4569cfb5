package plain

import (
	"path"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipCopies skips the files that hold nothing but objects of other files: these are linted. It
// skips generated files, if the others have no more objects: they may be generated too, and a file
// of files is the copy, not its parts. And it skips files that are several smaller ones joined. isMarked reports what
// another file says is generated.
func SkipCopies(read []Manifest, files []discover.File, isMarked func(discover.File) bool) {
	var candidates []int
	isGenerated := make([]bool, len(files))
	for i, f := range files {
		if n := len(read[i].Objects); !f.Named && n > 0 {
			isGenerated[i] = generated.IsNamed(f.Name) || generated.Line(read[i].Data) > 0 || isMarked(f)
			if isGenerated[i] || n > 1 {
				candidates = append(candidates, i)
			}
		}
	}
	if len(candidates) == 0 {
		return
	}
	all := newOriginals(read[:len(files)])
	slices.SortStableFunc(candidates, func(a, b int) int { return all.sizes[b] - all.sizes[a] })
	for _, i := range candidates {
		parts, ok := all.partsOf(i, isGenerated[i])
		switch {
		case !ok:
			continue
		case isGenerated[i]:
			read[i].Skip = "generated from objects of other files, which are linted"
		case len(parts) > 1:
			read[i].Skip = "nothing but objects of other files, which are linted"
		default:
			continue
		}
		read[i].Objects, read[i].Problems = nil, nil
	}
}

// originals are the objects of files, by what names them.
type originals struct {
	read   []Manifest
	byName map[objectName][]original
	sizes  []int // how many objects a file has
}

type objectName struct{ apiVersion, kind, namespace, name string }

func nameOf(o *lint.Object) objectName {
	return objectName{o.APIVersion, o.Kind, o.Namespace, o.Name}
}

type original struct {
	*lint.Object
	file int
}

func newOriginals(read []Manifest) *originals {
	all := &originals{read, map[objectName][]original{}, make([]int, len(read))}
	for i := range read {
		all.sizes[i] = len(read[i].Objects)
		for _, o := range read[i].Objects {
			all.byName[nameOf(o)] = append(all.byName[nameOf(o)], original{o, i})
		}
	}
	return all
}

// partsOf is the files that hold all objects of a file. ok is false if there are none.
func (all *originals) partsOf(file int, isGenerated bool) (parts map[int]bool, ok bool) {
	parts = map[int]bool{}
	for _, o := range all.read[file].Objects {
		of, ok := all.find(o, file, isGenerated)
		if !ok {
			return nil, false
		}
		parts[of] = true
	}
	return parts, true
}

// find is the file of which an object of a file is a copy. ok is false if it is none.
func (all *originals) find(o *lint.Object, file int, isGenerated bool) (of int, ok bool) {
	for _, of := range all.byName[nameOf(o)] {
		fits := all.sizes[of.file] < all.sizes[file] || isGenerated && all.sizes[of.file] == all.sizes[file]
		if of.file != file && fits && all.read[of.file].Skip == "" && sameNode(o.Root.Node, of.Root.Node) {
			return of.file, true
		}
	}
	return 0, false
}

// sameNode reports whether two nodes have the same content, in the same order. Nodes with
// aliases are never the same.
func sameNode(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Kind != yaml.AliasNode && a.Value == b.Value && a.ShortTag() == b.ShortTag() && slices.EqualFunc(a.Content, b.Content, sameNode)
}

// untouched are the names of folders for what a file was before somebody changed it.
var untouched = []string{"bak", "backup", "backups", "old", "orig", "original", "originals"}

// SkipOriginals skips the files in a folder such as original, if the folder that it is in has a file of the same name with their
// objects: that one is applied. mayBeApplied reports whether something may apply a file by itself.
func SkipOriginals(read []Manifest, files []discover.File, mayBeApplied func(discover.File) bool) {
	at := map[discover.ID]int{}
	for i, f := range files {
		at[f.ID()] = i
	}
	for i, f := range files {
		dir, base := path.Split(f.Name)
		if f.Named || len(read[i].Objects) == 0 || !slices.Contains(untouched, path.Base(dir)) {
			continue
		}
		of, ok := at[discover.ID{Dir: f.Tree.Dir(), Name: path.Join(path.Dir(path.Clean(dir)), base)}]
		if ok && hasMost(read[of].Objects, read[i].Objects) && !mayBeApplied(f) {
			read[i].drop("the copy of " + files[of].Display() + " from before it was changed: name it to lint it")
		}
	}
}

// hasMost reports whether some objects have the names of at least two thirds of others.
func hasMost(objects, others []*lint.Object) bool {
	names := map[objectName]bool{}
	for _, o := range objects {
		names[nameOf(o)] = true
	}
	n := 0
	for _, o := range others {
		if names[nameOf(o)] {
			n++
		}
	}
	return 3*n >= 2*len(others)
}
