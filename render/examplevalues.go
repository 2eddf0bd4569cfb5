package render

import (
	"path"
	"strings"

	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm/values"
)

// Limits of the values files of examples: how many folders with examples are listed, and how many files are tried.
const (
	maxExampleFolders = 100
	maxExampleValues  = 3
)

// exampleValues are the values files for a chart in the folders for examples of its own, and of those above it: shop-values.yaml or values-shop.yaml for a
// chart shop, in such a folder or one of its folders, and values.yaml in one called shop.
func exampleValues(f discover.File, chart string) []values.File {
	e := examples{in: f, chart: chart}
	for dir := f.Name; ; dir = path.Dir(dir) {
		for _, name := range [...]string{"examples", "example"} {
			e.folder(path.Join(dir, name), dir == f.Name, true)
		}
		if dir == "." {
			return e.files
		}
	}
}

// examples are those of a chart.
type examples struct {
	in      discover.File
	chart   string
	folders int
	files   []values.File
}

// folder adds the values files of a folder. isOwn says that all in it is for the chart.
func (e *examples) folder(dir string, isOwn, withFolders bool) {
	if e.folders++; e.folders > maxExampleFolders {
		return
	}
	entries, err := e.in.Tree.ReadDir(dir)
	if err != nil {
		return // the walk of what is linted reports what cannot be listed
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		switch {
		case len(e.files) == maxExampleValues:
			return
		case entry.IsDir() && withFolders:
			e.folder(name, isOwn || entry.Name() == e.chart, false)
		case entry.Type().IsRegular() && e.areFor(entry.Name(), isOwn):
			if data, err := e.in.Tree.ReadFile(name); err == nil {
				e.files = append(e.files, values.File{Name: e.in.Tree.Display(name), Data: data})
			}
		}
	}
}

// areFor reports whether a file has values for the chart, as its name says. In a folder of the chart's own the name of the chart may lack.
func (e *examples) areFor(file string, isOwn bool) bool {
	name, isYAML := strings.CutSuffix(strings.TrimSuffix(file, ".yml"), ".yaml")
	if isYAML = isYAML || strings.HasSuffix(file, ".yml"); !isYAML {
		return false
	}
	rest, isValues := strings.CutSuffix(name, "values")
	if !isValues {
		rest, isValues = strings.CutPrefix(name, "values")
	}
	return isValues && (isOwn || strings.Trim(rest, "-_.") == e.chart)
}
