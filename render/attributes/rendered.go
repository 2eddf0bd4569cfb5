package attributes

import (
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

var (
	// rendersChart matches a command that renders a chart.
	rendersChart = regexp.MustCompile(`\b(?i:helm)[\w.-]*\b["')}]* template\b`)
	// variableFolder matches a folder that a variable gives: that of the repository, often.
	variableFolder = regexp.MustCompile(`\$(?:\w+|\{\w+\}|\(\w+\))/`)
	// manifestIn matches the path of a manifest in a text.
	manifestIn = regexp.MustCompile(`[\w.-][\w./-]*\.(?:yaml|yml|json)\b`)
)

// Rendered is the line of a Makefile or a shell script which renders charts, where it names a file. It is empty if none does.
func (f *Files) Rendered(t *tree.Tree, name string) lint.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.downloadsOf(t).rendered[name]
}

// rendersFiles notes the manifests that the text of a program names, if it renders charts: it may write them line by line, and
// change what Helm gives.
func (s *instructions) rendersFiles(text string) {
	if !s.isShell || !rendersChart.MatchString(text) {
		return
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, word := range manifestIn.FindAllString(variableFolder.ReplaceAllString(line, " "), -1) {
			if !discover.HasManifestName(word) || isValues(word) {
				continue
			}
			if name, ok := s.find(word); ok && s.rendered[name].File == "" {
				s.rendered[name] = lint.Position{File: s.tree.Display(s.name), Line: n}
			}
		}
	}
}
