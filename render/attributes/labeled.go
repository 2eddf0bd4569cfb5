package attributes

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/tree"
)

// chartLabel matches the label for the chart as Helm writes it, with the name and the version of the chart. In a template of a
// chart of the project it is an action.
var chartLabel = regexp.MustCompile(`(?m)^[ \t]*["']?` + regexp.QuoteMeta(naming.ChartLabel) + `["']?: *["']?([\w.-]+?)-v?(\d+\.\d+\.\d+[\w.+-]*)["']?[ \t\r]*$`)

// Labeled is the line of a file which says that it is generated where it first has the label of a chart, and the name and the version of
// that chart: the file is what another project has published. It is empty if there is none, or if the file has labels of several.
func Labeled(t *tree.Tree, name string) (at lint.Position, chart, version string) {
	text, err := t.ReadFile(name)
	if err != nil || !bytes.Contains(text, []byte(naming.ChartLabel)) || !generated.SaysGenerated(text) {
		return at, "", ""
	}
	for _, m := range chartLabel.FindAllSubmatchIndex(text, -1) {
		of, v := string(text[m[2]:m[3]]), string(text[m[4]:m[5]])
		switch {
		case at.Line == 0:
			at = lint.Position{File: t.Display(name), Line: 1 + bytes.Count(text[:m[2]], []byte("\n"))}
			chart, version = of, v
		case of != chart || strings.TrimPrefix(v, "v") != version:
			return lint.Position{}, "", ""
		}
	}
	return at, chart, version
}
