package plain

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipBuilt skips the files that hold what an overlay was built to, which is linted: what is edited in
// them is lost when the overlay is built again. built are the overlays by their Content.
func SkipBuilt(read []Manifest, files []discover.File, built map[string]string) {
	if len(built) == 0 {
		return
	}
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		if overlay := built[Content(read[i].Objects)]; overlay != "" {
			read[i].Skip = "holds what the overlay " + overlay + " was built to, which is linted"
			read[i].Objects, read[i].Problems = nil, nil
		}
	}
}

// Content is the same text for the same objects, in whatever order they and their fields are. It is
// empty if there are none, or if one has aliases.
func Content(objects []*lint.Object) string {
	if len(objects) == 0 {
		return ""
	}
	sums := make([]string, len(objects))
	for i, o := range objects {
		h := sha256.New()
		if !addContent(h, o.Root.Node) {
			return ""
		}
		sums[i] = fmt.Sprintf("%x", h.Sum(nil))
	}
	slices.Sort(sums)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(sums, " "))))
}

// addContent adds a node to a hash. ok is false if it has aliases.
func addContent(h hash.Hash, n *yaml.Node) (ok bool) {
	if n.Kind == yaml.AliasNode {
		return false
	}
	_, _ = fmt.Fprintf(h, "%d %s %d %d ", n.Kind, n.ShortTag(), len(n.Content), len(n.Value)) // a hash returns no error
	_, _ = io.WriteString(h, n.Value)
	l := n.Content
	if n.Kind == yaml.MappingNode {
		l = sortedFields(n)
	}
	for _, c := range l {
		if !addContent(h, c) {
			return false
		}
	}
	return true
}

// sortedFields are the keys and values of a mapping, sorted by the keys.
func sortedFields(n *yaml.Node) []*yaml.Node {
	pairs := slices.Collect(slices.Chunk(n.Content, 2))
	slices.SortStableFunc(pairs, func(a, b []*yaml.Node) int { return strings.Compare(a[0].Value, b[0].Value) })
	return slices.Concat(pairs...)
}
