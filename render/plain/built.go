package plain

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipBuilt skips the files that hold what an overlay was built to, which is linted: what is edited in
// them is lost when the overlay is built again. built are the overlays by their Content. A file with one
// object may be the same by chance, and be deployed by itself; the files of a folder that together hold what an
// overlay was built to are not.
func SkipBuilt(read []Manifest, files []discover.File, built map[string]string) {
	if len(built) == 0 {
		return
	}
	numbers := map[string]bool{}
	for content := range built {
		number, _, _ := strings.Cut(content, " ")
		numbers[number] = true
	}
	for i, f := range files {
		if n := len(read[i].Objects); f.Named || n < 2 || !numbers[strconv.Itoa(n)] {
			continue
		}
		if overlay := built[Content(read[i].Objects)]; overlay != "" {
			read[i].drop("holds what the overlay " + overlay + " was built to, which is linted")
		}
	}
	for _, folder := range foldersOf(read, files) {
		var objects []*lint.Object
		for _, i := range folder {
			objects = append(objects, read[i].Objects...)
		}
		if len(folder) < 2 || !numbers[strconv.Itoa(len(objects))] {
			continue
		}
		if overlay := built[Content(objects)]; overlay != "" {
			for _, i := range folder {
				read[i].drop("holds a part of what the overlay " + overlay + " was built to, which is linted")
			}
		}
	}
}

// foldersOf are the files with objects that are in one folder and not named, by their places.
func foldersOf(read []Manifest, files []discover.File) (folders [][]int) {
	index := map[discover.ID]int{}
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		of, known := index[folderOf(f)]
		if !known {
			of = len(folders)
			index[folderOf(f)] = of
			folders = append(folders, nil)
		}
		folders[of] = append(folders[of], i)
	}
	return folders
}

// IsGenerated reports whether a file says that it is generated, by its name or in its first lines.
func IsGenerated(f discover.File) bool {
	if generated.IsNamed(f.Name) {
		return true
	}
	data, err := f.Tree.ReadFile(f.Name)
	return err == nil && generated.Line(data) > 0
}

// Content is the same text for the same objects, in whatever order they and their fields are. It begins
// with their number. It is empty if there are none, or if one has aliases.
func Content(objects []*lint.Object) string {
	if len(objects) == 0 {
		return ""
	}
	sums := make([]string, len(objects))
	var text []byte
	for i, o := range objects {
		var ok bool
		if text, ok = appendContent(text[:0], o.Root.Node); !ok {
			return ""
		}
		sum := sha256.Sum256(text)
		sums[i] = string(sum[:])
	}
	slices.Sort(sums)
	return fmt.Sprintf("%d %x", len(objects), sha256.Sum256([]byte(strings.Join(sums, ""))))
}

// appendContent adds what a node holds to a text. ok is false if it has aliases.
func appendContent(text []byte, n *yaml.Node) (_ []byte, ok bool) {
	if n.Kind == yaml.AliasNode {
		return text, false
	}
	l := n.Content
	if n.Kind == yaml.MappingNode {
		l = slices.Concat(fieldsOf(n)...)
	}
	text = append(strconv.AppendInt(text, int64(n.Kind), 10), n.ShortTag()...)
	text = strconv.AppendInt(append(text, ' '), int64(len(l)), 10)
	text = strconv.AppendInt(append(text, ' '), int64(len(n.Value)), 10)
	text = append(append(text, ' '), n.Value...)
	for _, c := range l {
		if text, ok = appendContent(text, c); !ok {
			return text, false
		}
	}
	return text, true
}

// fieldsOf are the pairs of keys and values of a mapping, sorted by the keys. Checksums of what a pod
// mounts are left out: commands put them in after the overlay is built, and they change nothing but when pods restart.
func fieldsOf(n *yaml.Node) [][]*yaml.Node {
	pairs := slices.DeleteFunc(slices.Collect(slices.Chunk(n.Content, 2)), func(pair []*yaml.Node) bool {
		of := pair[1]
		return strings.HasPrefix(pair[0].Value, "checksum/") ||
			pair[0].Value == "annotations" && of.Kind == yaml.MappingNode && len(of.Content) > 0 && len(fieldsOf(of)) == 0
	})
	slices.SortStableFunc(pairs, func(a, b []*yaml.Node) int { return strings.Compare(a[0].Value, b[0].Value) })
	return pairs
}
