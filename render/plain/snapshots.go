package plain

import (
	"slices"

	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipSnapshots skips what Helm rendered from charts of the input for tests, which compare it with what they render, and to show what some
// values give: Helm's heading is on each document, and nothing applies the file. hasChart reports whether the input has the chart of a template,
// inTests is the folder of tests of a file that is for them alone, and ofExample the values that a file is an example of.
func SkipSnapshots(read []Manifest, files []discover.File, hasChart func(template string) bool, inTests, ofExample func(discover.File) string) {
	isForeign := func(template string) bool { return !hasChart(template) }
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		templates := generated.Templates(read[i].Data)
		if len(templates) == 0 || slices.ContainsFunc(templates, isForeign) {
			continue
		}
		if folder := inTests(f); folder != "" {
			read[i].drop("what Helm renders from charts that are linted, for the tests in " + folder + ": name it to lint it")
		} else if values := ofExample(f); values != "" {
			read[i].drop("what Helm renders from charts that are linted with " + values + ", as an example: name it to lint it")
		}
	}
}
