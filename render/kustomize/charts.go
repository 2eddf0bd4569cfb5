package kustomize

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/edit"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/kustomize/walk"
	"github.com/kubevet/kubevet/render/manifest"
)

// renderCharts has the charts of a kustomization rendered. What they give is
// read by kustomize from files that exist in its view alone; the result names
// them. All entries are refused: kustomize would run helm.
func (f *files) renderCharts(k *kustomization, refused map[entry]bool) []string {
	var names []string
	for i := range k.spec.HelmChartInflationGenerator {
		e := entry{k.source.Name, "helmChartInflationGenerator", i}
		if !refused[e] && !f.build.dropped[e] {
			refused[e] = true
			f.problem(lint.CodeInvalidKustomization, k.position(k.at(e)), "helmChartInflationGenerator is out of use and was not rendered", "write it as an entry of helmCharts")
		}
	}
	for i, c := range k.spec.HelmCharts {
		e := entry{k.source.Name, "helmCharts", i}
		if refused[e] || f.build.dropped[e] {
			continue
		}
		refused[e] = true
		text, origins, texts, ok := f.renderChart(k, e, c)
		if !ok {
			f.lost = true
			continue
		}
		base := ".helmCharts-" + strconv.Itoa(i) + ".yaml"
		name := path.Join(k.dir, base)
		plain := f.newSource(name, text)
		marked, lines := edit.MarkHelm(text, plain.ParsedObjects())
		s := f.newSource(name, marked)
		s.Chart = func(line int) lint.Origin {
			if lines != nil {
				line = lines[min(line, len(lines)-1)]
			}
			return origins(line)
		}
		s.Printed = printedBy(s, texts)
		f.charts[name], f.sources[name] = s, s
		f.users[name] = []user{{k, ref{entry: e, use: useObjects, path: base}}}
		names = append(names, base)
	}
	return names
}

func (f *files) renderChart(k *kustomization, e entry, c types.HelmChart) ([]byte, func(int) lint.Origin, []lint.RenderedText, bool) {
	at := k.position(k.at(e))
	dir := chartDir(&k.spec, &c)
	name := path.Join(k.dir, dir)
	switch {
	case !f.build.tree.Exists(path.Join(name, "Chart.yaml")):
		message := fmt.Sprintf("chart %q is not in %s: kubevet fetches nothing; the rest was built without it", c.Name, dir)
		if c.Repo != "" {
			message = fmt.Sprintf("chart %q of %s is remote: kubevet fetches nothing; the rest was built without it", c.Name, printable(c.Repo))
			at = k.position(k.at(e, "repo"))
		}
		f.problem(lint.CodeRemoteBase, at, message, "keep a copy of the chart in the repository, in "+dir)
		return nil, nil, nil, false
	case f.build.opts.HelmChart == nil:
		f.problem(lint.CodePluginNotRun, at, fmt.Sprintf("chart %q of helmCharts was not rendered; the rest was built without it", c.Name), "lint the chart by itself: "+f.build.tree.Display(name))
		return nil, nil, nil, false
	}
	c.Namespace = cmp.Or(c.Namespace, f.namespaceFor(k))
	r := f.build.opts.HelmChart(f.build.ctx, HelmChart{
		HelmChart: c, Dir: name, Kustomization: k.dir, Position: at,
		Inline: func(steps []string) (lint.Position, bool) {
			key, v := walk.At(k.at(e, "valuesInline"), steps)
			return k.position(key), v != nil
		},
	})
	f.problems = append(f.problems, r.Problems...)
	f.notes = append(f.notes, r.Notes...)
	f.texts = append(f.texts, r.Sources...)
	var out bytes.Buffer
	var starts []int
	line := 1
	for _, t := range r.Texts {
		if line > 1 {
			out.WriteString("---\n")
			line++
		}
		starts = append(starts, line)
		out.WriteString(t.Text)
		if t.Text != "" && t.Text[len(t.Text)-1] != '\n' {
			out.WriteByte('\n')
		}
		line = bytes.Count(out.Bytes(), []byte("\n")) + 1
	}
	origin := func(line int) lint.Origin {
		i, found := slices.BinarySearch(starts, line)
		if !found {
			i--
		}
		if i < 0 || r.Texts[i].Origin == nil {
			return lint.Origin{Position: at, Precision: lint.PrecisionBlock}
		}
		return r.Texts[i].Origin(line - starts[i] + 1)
	}
	return out.Bytes(), origin, r.Texts, out.Len() > 0
}

// printedBy finds the objects of a source in the texts that it was joined from. Nothing
// is found if they do not have the same objects, in the same order.
func printedBy(s *source.Source, texts []lint.RenderedText) func(*yaml.Node) (source.Printed, bool) {
	objects := sync.OnceValue(func() map[*yaml.Node]source.Printed {
		all, read := printedIn(texts), s.ParsedObjects()
		if len(all) != len(read) {
			return nil
		}
		of := make(map[*yaml.Node]source.Printed, len(all))
		for i, o := range read {
			if node.Text(o, "kind") != node.Text(all[i].Node, "kind") || node.Text(o, "metadata", "name") != node.Text(all[i].Node, "metadata", "name") {
				return nil
			}
			of[o] = all[i]
		}
		return of
	})
	return func(o *yaml.Node) (source.Printed, bool) {
		p, ok := objects()[o]
		return p, ok
	}
}

// printedIn lists the objects of texts in their order.
func printedIn(texts []lint.RenderedText) (all []source.Printed) {
	for _, t := range texts {
		if t.Locator == nil {
			continue
		}
		for _, d := range manifest.HelmDocuments([]byte(t.Text)) {
			if d.Node == nil {
				continue
			}
			for _, o := range source.Listed(d.Node, 0) {
				all = append(all, source.Printed{Node: o, At: t.Locator})
			}
		}
	}
	return all
}

// inChart is a value that the object has as a chart printed it, in the chart's output, and
// what locates it there. ok is false for other values.
func (o *object) inChart(v lint.Value, c claim, steps []walk.Step, key bool) (at lint.Locator, w lint.Value, ok bool) {
	if c.kind != lint.StepBase || o.base == nil || o.base.source != c.source || c.source == nil || c.source.Printed == nil {
		return nil, w, false
	}
	p, ok := c.source.Printed(o.base.node)
	if !ok {
		return nil, w, false
	}
	w = node.NewValue(p.Node)
	for i, s := range steps {
		if s.Index < 0 {
			w = w.Child(s.Key)
			continue
		}
		at := walk.Place(w.Node, steps[:i+1])
		if at < 0 {
			return nil, w, false
		}
		w = w.Item(at)
	}
	switch {
	case v.Node == nil:
		_, missing := v.Anchor()
		w = w.Get(missing)
		if _, m := w.Anchor(); w.IsSet() || m != missing {
			return nil, w, false
		}
	case !w.IsSet():
		return nil, w, false
	case key && v.IsScalar():
		w = w.AtKey()
	case !key && (w.Node.Kind != v.Node.Kind || v.IsScalar() && trimEnd(w.Node.Value) != trimEnd(v.Node.Value)):
		return nil, w, false
	}
	return p.At, w, true
}

// trimEnd is a text without the line breaks at its end: Helm cuts those off a document, which
// may end with a text.
func trimEnd(s string) string { return strings.TrimRight(s, "\n") }

// chartHome is the directory of charts, relative to the kustomization.
func chartHome(s *types.Kustomization) string {
	if s.HelmGlobals != nil {
		return cmp.Or(s.HelmGlobals.ChartHome, types.HelmDefaultHome)
	}
	return types.HelmDefaultHome
}

// chartDir is where kustomize looks for a chart, relative to the kustomization:
// what it has fetched once is in a directory by version.
func chartDir(s *types.Kustomization, c *types.HelmChart) string {
	if c.Version != "" && c.Repo != "" {
		return path.Join(chartHome(s), c.Name+"-"+c.Version, c.Name)
	}
	return path.Join(chartHome(s), c.Name)
}

// namespaceFor is that of a kustomization, or else of the nearest one above.
func (f *files) namespaceFor(k *kustomization) string {
	for seen := map[*kustomization]bool{}; k != nil && !seen[k]; {
		if k.spec.Namespace != "" {
			return k.spec.Namespace
		}
		seen[k] = true
		users := f.users[k.dir]
		if len(users) == 0 {
			break
		}
		k = users[0].k
	}
	return ""
}
