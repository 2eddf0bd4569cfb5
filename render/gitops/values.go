package gitops

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/discover"
)

// ValuesReader reads values that Applications give to charts. It reads each file once, and is not safe for concurrent use.
type ValuesReader struct{ files map[discover.ID]lint.Value }

// maxValueFiles limits how many files of a source are read.
const maxValueFiles = 50

// Of are the values that an Application in a file gives to charts: those of files of the repository, and texts. They are
// for who wants to know what pods need; the chart is rendered with all of them.
func (r *ValuesReader) Of(app *lint.Object, f discover.File) (l []lint.Value) {
	if !app.Is(ArgoGroup, "Application") {
		return nil
	}
	var sources []lint.Value
	isOwn, own := OwnURL(f.Tree), map[string]bool{}
	for _, list := range [...]string{"spec.source", "spec.sources[]"} {
		for source := range app.Root.Each(list) {
			sources = append(sources, source)
			if ref := source.Get("ref"); ref.IsSet() {
				own[ref.Text()] = isOwn(source.Get("repoURL").Text())
			}
		}
	}
	for _, source := range sources {
		isInTree := source.Get("path").Text() != "" && isOwn(source.Get("repoURL").Text())
		l = append(l, r.filesOf(source, f, isInTree, own)...)
		if text := source.Get("helm.values"); text.IsScalar() {
			l = append(l, parsedValues([]byte(text.Node.Value)))
		}
	}
	return l
}

// filesOf are the values in the files of the tree that a source of an Application names. Own are the names of the sources
// that are the tree.
func (r *ValuesReader) filesOf(source lint.Value, f discover.File, isInTree bool, own map[string]bool) (l []lint.Value) {
	in := &Installer{name: f.Name, values: objectValues{tree: f.Tree}}
	for v := range source.Get("helm.valueFiles").Items() {
		if !isInTree && !strings.HasPrefix(rawText(v), "$") || len(l) == maxValueFiles {
			continue
		}
		name, ok := in.argoName(source.Get("path").Text(), v, own)
		if !ok || node.MayHavePlaceholder(name) {
			continue
		}
		if values := r.file(discover.File{Tree: f.Tree, Name: name}); values.IsSet() {
			l = append(l, values)
		}
	}
	return l
}

// file is what a file of the tree holds, absent if it cannot be read.
func (r *ValuesReader) file(f discover.File) lint.Value {
	if v, known := r.files[f.ID()]; known {
		return v
	}
	v := lint.Value{}
	if data, err := f.Tree.ReadFile(f.Name); err == nil {
		v = parsedValues(data)
	}
	if r.files == nil {
		r.files = map[discover.ID]lint.Value{}
	}
	r.files[f.ID()] = v
	return v
}

// parsedValues is what a text holds, absent if it is no YAML, or long.
func parsedValues(text []byte) lint.Value {
	const maxValues = 1 << 20
	var n yaml.Node
	if len(text) > maxValues || yaml.Unmarshal(text, &n) != nil || !node.IsExpandable(&n) {
		return lint.Value{}
	}
	return node.NewValue(&n)
}
