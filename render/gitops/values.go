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

// maxValueFiles limits how many files of an Application are read.
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
			isOfOwn := isOwn(source.Get("repoURL").Text())
			if own[source.Path()] = isOfOwn; source.Get("ref").IsSet() {
				own["$"+source.Get("ref").Text()] = isOfOwn
			}
		}
	}
	in := &Installer{name: f.Name, values: objectValues{tree: f.Tree}}
	for _, source := range sources {
		for v := range source.Get("helm.valueFiles").Items() {
			if name, ok := in.valuesName(source, v, own); ok && len(l) < maxValueFiles {
				l = append(l, r.file(discover.File{Tree: f.Tree, Name: name}))
			}
		}
		if text := source.Get("helm.values"); text.IsScalar() {
			l = append(l, parsedValues([]byte(text.Node.Value)))
		}
	}
	return l
}

// valuesName is the name in the tree of a values file.
func (in *Installer) valuesName(source, v lint.Value, own map[string]bool) (name string, ok bool) {
	p, base, of := rawText(v), source.Get("path").Text(), source.Path()
	if ref, rest, found := strings.Cut(p, "/"); found && strings.HasPrefix(p, "$") {
		base, p, of = ".", rest, ref
	}
	if base == "" || !own[of] || node.MayHavePlaceholder(p) || strings.Contains(p, "://") {
		return "", false
	}
	if !strings.HasPrefix(p, "/") {
		p = base + "/" + p
	}
	return in.dir(p)
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
