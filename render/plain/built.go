package plain

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/render/discover"
)

// Built is what overlays were built to. The zero value is ready for use.
type Built struct {
	// overlays are they, as reports call them, by what is the same for the same objects.
	overlays map[string]string
	// numbers are how many objects they have.
	numbers map[string]bool
	// named are they by the first of the names of their objects, and all by their names.
	named map[string][]named
	all   map[string]named
	// holders are those that have an object, by what names it, and inAny those that have it in whatever namespace, by what else names it.
	holders, inAny holders
}

// named are the objects of an overlay by what names them.
type named struct {
	overlay string
	objects map[string]bool
}

// minNamed is how many objects of an overlay a file must hold to be made from it, if they differ in a field.
const minNamed = 3

// Note notes the Content of an overlay. Of several overlays with the same, the first by name counts.
func (b *Built) Note(overlay, content string) {
	sum, names, _ := strings.Cut(content, "\n")
	if sum == "" {
		return
	}
	if b.overlays == nil {
		b.overlays, b.numbers, b.named, b.all = map[string]string{}, map[string]bool{}, map[string][]named{}, map[string]named{}
		b.holders, b.inAny = newHolders(), newHolders()
	}
	if known, ok := b.overlays[sum]; !ok || overlay < known {
		b.overlays[sum] = overlay
	}
	number, _, _ := strings.Cut(sum, " ")
	b.numbers[number] = true
	n := named{overlay, map[string]bool{}}
	for name := range strings.SplitSeq(names, "\n") {
		n.objects[name] = true
		b.holders.add(name, overlay)
		b.inAny.add(unplaced(name), overlay)
	}
	b.all[overlay] = n
	if len(n.objects) < minNamed {
		return
	}
	first, _, _ := strings.Cut(names, "\n")
	b.named[first] = append(b.named[first], n)
}

// Find is the overlay that was built to these objects. It is empty if none was.
func (b *Built) Find(objects []*lint.Object) string {
	if !b.numbers[strconv.Itoa(len(objects))] {
		return ""
	}
	sum, _, _ := strings.Cut(Content(objects), "\n")
	return b.overlays[sum]
}

// source is the overlay with the most objects of which each has an object of its name here: of several, the first by name. ok
// is false if there is none.
func (b *Built) source(objects []*lint.Object) (of named, ok bool) {
	here := map[string]bool{}
	for _, o := range objects {
		here[lineOf(o)] = true
	}
	for name := range here {
		for _, n := range b.named[name] {
			isBetter := len(n.objects) > len(of.objects) || len(n.objects) == len(of.objects) && n.overlay < of.overlay
			if isBetter && n.isIn(here) {
				of, ok = n, true
			}
		}
	}
	return of, ok
}

// holder is the nearest of the overlays that have all objects of a file by their names: of several, the first by name. It is empty if none
// has.
func (b *Built) holder(m *Manifest) (overlay string) {
	most := 0
	for _, of := range b.holders.first(lineOf(m.Objects[0])) {
		if n := commonFolders(of, m.Name); (overlay == "" || n > most) && !m.hasMore(b.all[of]) {
			overlay, most = of, n
		}
	}
	return overlay
}

// commonFolders is how many folders two names begin with that are the same.
func commonFolders(a, b string) (n int) {
	folders, others := strings.Split(a, "/"), strings.Split(b, "/")
	for n < min(len(folders), len(others)) && folders[n] == others[n] {
		n++
	}
	return n
}

func (n named) isIn(names map[string]bool) bool {
	for name := range n.objects {
		if !names[name] {
			return false
		}
	}
	return true
}

// SkipBuilt skips the files that hold what an overlay was built to, which is linted: what is edited in
// them is lost when the overlay is built again. A file with one object may be the same by chance, and be deployed by
// itself. So may the files of a folder that together hold what an overlay was built to: they count if they are beside the overlay's own
// kustomization, or if programs wrote all of them. Of a file that a program wrote,
// it is enough that it holds all objects of the overlay by their names: it may be of another version, and what the overlay
// has from elsewhere is not known here, so that a file with more stays. source gives the overlay from which a command builds a file,
// as reports call it: of such a file it is enough that the overlay has all of its objects by their names. isOutput reports whether a command
// which builds overlays writes into the folder of a file, which is emptied before: then the overlay may be any one that has them.
func SkipBuilt(read []Manifest, files []discover.File, built *Built, source func(discover.File) string, isOutput func(discover.File) bool) {
	if built.overlays == nil {
		return
	}
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		read[i].skipBuilt(built, source(f))
		if len(read[i].Objects) > 0 && isOutput(f) {
			read[i].skipOutput(built)
		}
	}
	for _, folder := range foldersOf(read, files) {
		if len(folder) > 1 {
			skipParts(read, files, folder, built, isOutput)
		}
	}
}

// skipParts skips the files of a folder that together hold what an overlay was built to.
func skipParts(read []Manifest, files []discover.File, folder []int, built *Built, isOutput func(discover.File) bool) {
	var objects []*lint.Object
	isWritten := true
	for _, i := range folder {
		objects = append(objects, read[i].Objects...)
		isWritten = isWritten && (isWrittenByProgram(&read[i]) || saysGenerated(&read[i], files[i]) || isOutput(files[i]))
	}
	first := files[folder[0]]
	_, isOverlay := built.all[first.Tree.Display(path.Dir(first.Name))]
	overlay := built.Find(objects)
	if overlay == "" || !isWritten && !isOverlay {
		return
	}
	for _, i := range folder {
		read[i].drop("holds a part of what the overlay " + overlay + " was built to, which is linted")
	}
}

// saysGenerated reports whether a file says that it is generated, by its name or in its first lines.
func saysGenerated(m *Manifest, f discover.File) bool {
	return generated.IsNamed(f.Name) || generated.Line(m.Data) > 0
}

// skipOutput skips a file which a command that builds overlays writes, if one has its objects.
func (m *Manifest) skipOutput(built *Built) {
	if of := built.holder(m); of != "" {
		m.drop("a command that builds overlays writes it to a folder which is emptied before; the overlay " + of + ", which is linted, has its objects")
	}
}

// SkipStale skips the files beside an overlay that is linted and does not list them, if it has most of their objects from elsewhere:
// they are what the overlay was once made of. isBesideOnly reports whether nothing lists or names a file.
func SkipStale(read []Manifest, files []discover.File, built *Built, isBesideOnly func(discover.File) bool) {
	for i, f := range files {
		of, ok := built.all[f.Tree.Display(path.Dir(f.Name))]
		if !ok || f.Named || len(read[i].Objects) < minNamed {
			continue
		}
		known := 0
		for _, o := range read[i].Objects {
			if of.objects[lineOf(o)] {
				known++
			}
		}
		if known >= minNamed && 2*known > len(read[i].Objects) && isBesideOnly(f) {
			read[i].drop("the kustomization beside it does not list it, and has its objects from elsewhere: name it to lint it")
		}
	}
}

// SkipRendered skips the files to which a command renders a chart that is linted. source gives the chart, as reports call it.
func SkipRendered(read []Manifest, files []discover.File, source func(discover.File) string) {
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		if chart := source(f); chart != "" {
			read[i].drop("a command renders it from the chart " + chart + ", which is linted")
		}
	}
}

// skipBuilt skips a file of which by is the overlay from which a command builds it, if it is known.
func (m *Manifest) skipBuilt(built *Built, by string) {
	if by != "" && !m.hasMore(built.all[by]) {
		m.drop("a command builds it from the overlay " + by + ", which is linted")
		return
	}
	if len(m.Objects) < 2 {
		return
	}
	if overlay := built.Find(m.Objects); overlay != "" {
		m.drop("holds what the overlay " + overlay + " was built to, which is linted")
	} else if isWrittenByProgram(m) {
		m.skipSource(built)
	}
}

// skipSource skips a file if an overlay has all its objects. If it has only some of them, the file has its overlay: what the
// overlay takes from elsewhere is only here.
func (m *Manifest) skipSource(built *Built) {
	of, ok := built.source(m.Objects)
	switch {
	case !ok:
	case m.hasMore(of):
		m.BuiltFrom = of.overlay
	default:
		m.drop("holds the objects of the overlay " + of.overlay + " as a program wrote them; the overlay is linted")
	}
}

// hasMore reports whether a file has objects that are not among those of an overlay.
func (m *Manifest) hasMore(of named) bool {
	return slices.ContainsFunc(m.Objects, func(o *lint.Object) bool { return !of.objects[lineOf(o)] })
}

// isWrittenByProgram reports whether a file is as kustomize writes it: without comments, and the fields of all maps in the order
// of their names.
func isWrittenByProgram(m *Manifest) bool {
	return !slices.ContainsFunc(m.Objects, func(o *lint.Object) bool { return o.Root.Node == nil || !isSorted(o.Root.Node) })
}

// IsWrittenByProgram reports whether a file is as kustomize writes it.
func IsWrittenByProgram(f discover.File) bool {
	m := Read(f)
	return len(m.Objects) > 0 && isWrittenByProgram(&m)
}

func isSorted(n *yaml.Node) bool {
	if n.HeadComment+n.LineComment+n.FootComment != "" || n.Kind == yaml.AliasNode {
		return false
	}
	if n.Kind == yaml.MappingNode {
		for i := 2; i < len(n.Content); i += 2 {
			if n.Content[i-2].Value > n.Content[i].Value {
				return false
			}
		}
	}
	return !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return !isSorted(c) })
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

// MayBeBuilt reports whether a file says that it is generated, by its name or in its first lines, or has several objects with
// their fields in the order of their names, as kustomize writes them.
func MayBeBuilt(f discover.File) bool {
	if generated.IsNamed(f.Name) {
		return true
	}
	data, err := f.Tree.ReadFile(f.Name)
	return err == nil && (generated.Line(data) > 0 || startsSorted(data))
}

// startsSorted reports whether a text has several documents, and the keys of the objects and of their metadata are sorted. It
// looks at lines only, and so may be wrong.
func startsSorted(text []byte) bool {
	documents := 1
	var last [2]string
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		switch key, _, isKey := bytes.Cut(line, []byte(":")); {
		case string(line) == "---":
			documents++
			last = [2]string{}
		case len(line) == 0 || line[0] == '-':
		case line[0] == '#':
			return false
		case isKey && line[0] != ' ':
			if string(key) < last[0] {
				return false
			}
			last = [2]string{string(key), ""}
		case isKey && last[0] == "metadata" && bytes.HasPrefix(line, []byte("  ")) && line[2] != ' ' && line[2] != '-':
			if string(key) < last[1] {
				return false
			}
			last[1] = string(key)
		}
	}
	return documents > 1
}

// Content is the same text for the same objects, in whatever order they and their fields are. It begins
// with a line with their number, and what is the same for the same objects; then comes a line for each object, which names
// it. It is empty if there are none, or if one has aliases.
func Content(objects []*lint.Object) string {
	if len(objects) == 0 {
		return ""
	}
	sums, names := make([]string, len(objects)), make([]string, len(objects))
	var text []byte
	for i, o := range objects {
		var ok bool
		if text, ok = appendContent(text[:0], o.Root.Node); !ok {
			return ""
		}
		sum := sha256.Sum256(text)
		sums[i], names[i] = string(sum[:]), lineOf(o)
	}
	slices.Sort(sums)
	slices.Sort(names)
	return fmt.Sprintf("%d %x\n%s", len(objects), sha256.Sum256([]byte(strings.Join(sums, ""))), strings.Join(names, "\n"))
}

// lineOf names an object in one line. The version of its API is left out.
func lineOf(o *lint.Object) string {
	group, _, _ := strings.Cut(o.APIVersion, "/")
	return fmt.Sprintf("%q", []string{group, o.Kind, o.Namespace, o.Name})
}

// unplaced is the line that names an object, without its namespace.
func unplaced(line string) string {
	parts := strings.Split(line, `" "`)
	if len(parts) != 4 {
		return line
	}
	return parts[0] + " " + parts[1] + " " + parts[3]
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
