package plain

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipCopies skips the files that hold nothing but objects of other files: these are linted. It
// skips generated files, if the others have no more objects: they may be generated too, and a file
// of files is the copy, not its parts. And it skips files that are several smaller ones joined.
func SkipCopies(read []Manifest, files []discover.File) {
	type key struct{ apiVersion, kind, namespace, name string }
	keyOf := func(o *lint.Object) key { return key{o.APIVersion, o.Kind, o.Namespace, o.Name} }
	var candidates []int
	isGenerated := make([]bool, len(files))
	for i, f := range files {
		if n := len(read[i].Objects); !f.Named && n > 0 {
			isGenerated[i] = generated.Line(read[i].Data) > 0
			if isGenerated[i] || n > 1 {
				candidates = append(candidates, i)
			}
		}
	}
	if len(candidates) == 0 {
		return
	}
	type original struct {
		*lint.Object
		file int
	}
	originals := map[key][]original{}
	sizes := make([]int, len(files))
	for i := range files {
		sizes[i] = len(read[i].Objects)
		for _, o := range read[i].Objects {
			originals[keyOf(o)] = append(originals[keyOf(o)], original{o, i})
		}
	}
	// originalOf is the file of which an object of a file is a copy. ok is false if it is none.
	originalOf := func(o *lint.Object, i int) (file int, ok bool) {
		for _, of := range originals[keyOf(o)] {
			fits := sizes[of.file] < sizes[i] || isGenerated[i] && sizes[of.file] == sizes[i]
			if of.file != i && fits && read[of.file].Skip == "" && sameNode(o.Root.Node, of.Root.Node) {
				return of.file, true
			}
		}
		return 0, false
	}
	slices.SortStableFunc(candidates, func(a, b int) int { return sizes[b] - sizes[a] })
candidates:
	for _, i := range candidates {
		parts := map[int]bool{}
		for _, o := range read[i].Objects {
			of, ok := originalOf(o, i)
			if !ok {
				continue candidates
			}
			parts[of] = true
		}
		switch {
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

// sameNode reports whether two nodes have the same content, in the same order. Nodes with
// aliases are never the same.
func sameNode(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Kind != yaml.AliasNode && a.Value == b.Value && a.ShortTag() == b.ShortTag() && slices.EqualFunc(a.Content, b.Content, sameNode)
}
