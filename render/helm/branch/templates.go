package branch

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// ChartFiles is the unrendered templates of a chart and its subcharts.
type ChartFiles struct {
	Dir     string // as reports print it
	Library bool
	Files   []ChartFile
	Subs    []*ChartFiles
}

// ChartFile is a file of a chart: its name in the chart, its name in reports, and its
// text.
type ChartFile struct {
	Name, Path string
	Text       []byte
}

// templates are the parse trees of a chart's and its subcharts' templates, without trace
// nodes.
type templates struct {
	files   map[*ChartFiles][]*templateFile
	defines map[string]*parse.Tree
}

type templateFile struct {
	src   *trace.Source
	trees []*parse.Tree // the tree of the file, then those of its defines
}

// parseTemplates parses the templates of a chart. Those with errors are left out, because
// rendering reports them.
func parseTemplates(root *ChartFiles) *templates {
	all := &templates{files: map[*ChartFiles][]*templateFile{}, defines: map[string]*parse.Tree{}}
	all.add(root)
	return all
}

func (all *templates) add(s *ChartFiles) {
	for _, sub := range s.Subs {
		all.add(sub)
	}
	for _, f := range s.Files {
		if !strings.HasPrefix(f.Name, "templates/") || s.Library && !IsPartial(f.Name) {
			continue
		}
		t := &templateFile{src: &trace.Source{File: f.Path, Text: string(f.Text)}}
		trees, err := parseAlone(f.Name, t.src.Text)
		if err != nil {
			continue
		}
		for _, name := range trace.SortedKeys(trees) {
			if name != f.Name {
				all.defines[name] = trees[name] // the outer chart's template wins
				t.trees = append(t.trees, trees[name])
			}
		}
		slices.SortFunc(t.trees, func(a, b *parse.Tree) int { return int(a.Root.Pos - b.Root.Pos) })
		if main := trees[f.Name]; main != nil {
			t.trees = slices.Insert(t.trees, 0, main)
		}
		all.files[s] = append(all.files[s], t)
	}
}

// parseAlone parses a template without knowing any functions.
func parseAlone(name, text string) (trees map[string]*parse.Tree, err error) {
	defer func() {
		if p := recover(); p != nil { // the parser has limits that it enforces by panics
			err = fmt.Errorf("parsing the template failed: %v", p)
		}
	}()
	if err := trace.CheckBlocks(text); err != nil {
		return nil, err
	}
	trees = map[string]*parse.Tree{}
	t := parse.New(name)
	t.Mode = parse.SkipFuncCheck
	_, err = t.Parse(text, "", "", trees)
	return trees, err
}

// IsPartial reports whether a file has only helpers, which print nothing by themselves.
func IsPartial(name string) bool { return strings.HasPrefix(path.Base(name), "_") }
