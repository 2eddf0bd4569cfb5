package render

import (
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/discover"
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
