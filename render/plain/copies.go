package plain

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipCopies skips the generated files that hold nothing but objects of other files: these
// are linted. Those have no more objects, and may be generated too: a file of files is
// the copy, not its parts.
func SkipCopies(read []Manifest, files []discover.File) {
	type key struct{ apiVersion, kind, namespace, name string }
	keyOf := func(o *lint.Object) key { return key{o.APIVersion, o.Kind, o.Namespace, o.Name} }
	var copies []int
	for i, f := range files {
		if !f.Named && len(read[i].Objects) > 0 && generated.Line(read[i].Data) > 0 {
			copies = append(copies, i)
		}
	}
	if len(copies) == 0 {
		return
	}
	type original struct {
		*lint.Object
		file int
	}
	originals := map[key][]original{}
	for i := range files {
		for _, o := range read[i].Objects {
			originals[keyOf(o)] = append(originals[keyOf(o)], original{o, i})
		}
	}
	sizes := make([]int, len(files))
	for i := range files {
		sizes[i] = len(read[i].Objects)
	}
	slices.SortStableFunc(copies, func(a, b int) int { return sizes[b] - sizes[a] })
	for _, i := range copies {
		isCopy := func(o *lint.Object) bool {
			return slices.ContainsFunc(originals[keyOf(o)], func(of original) bool {
				return of.file != i && sizes[of.file] <= sizes[i] && read[of.file].Skip == "" && sameNode(o.Root.Node, of.Root.Node)
			})
		}
		if !slices.ContainsFunc(read[i].Objects, func(o *lint.Object) bool { return !isCopy(o) }) {
			read[i].Objects, read[i].Problems = nil, nil
			read[i].Skip = "generated from objects of other files, which are linted"
		}
	}
}

// sameNode reports whether two nodes have the same content, in the same order. Nodes with
// aliases are never the same.
func sameNode(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Kind != yaml.AliasNode && a.Value == b.Value && a.ShortTag() == b.ShortTag() && slices.EqualFunc(a.Content, b.Content, sameNode)
}
