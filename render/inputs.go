package render

import (
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm/values"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// Found is what a directory holds that can be linted, by paths relative to it.
type Found struct {
	Charts   []ChartFound
	Overlays []string
}

// ChartFound is a chart, and the values files beside its own.
type ChartFound struct {
	Path        string
	ValuesFiles []string
}

// Inputs looks at a directory without rendering anything.
func Inputs(dir string) (*Found, error) {
	found := discover.In([]string{dir}, nil)
	if len(found.Problems) > 0 {
		return nil, errors.New(found.Problems[0].Error())
	}
	roots, _, _ := found.Roots()
	in := &Found{}
	for _, c := range found.Charts {
		entries, err := c.Tree.ReadDir(c.Name)
		if err != nil {
			return nil, err
		}
		chart := ChartFound{Path: relative(dir, c.Display())}
		for _, e := range entries {
			base := e.Name()
			if !e.IsDir() && base != "values.yaml" && strings.HasPrefix(base, "values") && discover.HasManifestName(base) && path.Ext(base) != ".json" {
				chart.ValuesFiles = append(chart.ValuesFiles, base)
			}
		}
		in.Charts = append(in.Charts, chart)
	}
	for _, o := range roots {
		in.Overlays = append(in.Overlays, relative(dir, o.Display()))
	}
	slices.Sort(in.Overlays)
	return in, nil
}

// Names lists what the arguments lead to, as reports call it: charts, and all
// that could be linted, also what Options.Includes leaves out. It is to be
// called before Run.
func (p *Plan) Names() (charts, all []string) {
	for _, f := range p.found.Charts {
		charts = append(charts, f.Display())
	}
	all = slices.Clone(charts)
	for _, f := range slices.Concat(p.found.Kustomizations, p.found.Manifests, p.found.Documents) {
		all = append(all, f.Display())
	}
	return charts, all
}

// IsInput reports whether a directory is a chart or an overlay.
func IsInput(dir string) bool {
	t, err := tree.Open(dir)
	if err != nil {
		return false
	}
	defer t.Close() //nolint:errcheck // read only: nothing can be lost
	_, overlay := kustomize.File(t, ".")
	return overlay || t.Exists("Chart.yaml")
}

// relative is the part of a path below a directory.
func relative(dir, name string) string {
	dir = path.Clean(filepath.ToSlash(dir))
	if rest, ok := strings.CutPrefix(name, dir+"/"); ok {
		return rest
	}
	if name == dir {
		return "."
	}
	return name
}

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
