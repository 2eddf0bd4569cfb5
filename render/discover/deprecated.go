package discover

import (
	"bytes"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

const readme = "README.md"

// SkipDeprecated skips the charts of which Chart.yaml, or the heading of the README, says that nobody maintains them, where a tree has others that programs are installed
// with. What the command line names, and what Flux or Argo CD deploys, is kept.
func (f *Found) SkipDeprecated() {
	deprecated, maintained := map[ID]string{}, map[string]bool{}
	for _, c := range f.Charts {
		text, err := c.Tree.ReadFile(path.Join(c.Name, "Chart.yaml"))
		if err != nil {
			continue
		}
		by := ""
		if saysDeprecated.Match(text) {
			by = "Chart.yaml"
		} else if told, err := c.Tree.ReadFile(path.Join(c.Name, readme)); err == nil && c.Name != "." && isHeadedDeprecated(told) {
			by = readme
		}
		switch {
		case by == "":
			maintained[c.Tree.Dir()] = maintained[c.Tree.Dir()] || !ofLibrary.Match(text)
		case !c.Named && f.Parts[c.ID()] == nil && !f.linked[c.ID()] && !f.usesOf(c.Tree).isDeployed(c.Tree, c.Name):
			deprecated[c.ID()] = by
		}
	}
	f.dropNamed(deprecated)
	if len(deprecated) == 0 {
		return
	}
	why := func(id ID) string {
		if by := deprecated[id]; by != "" && maintained[id.Dir] {
			return "deprecated, as its " + by + " says: name it to lint it"
		}
		return ""
	}
	f.skipEach(func(file File) (name, reason string) {
		if file.Named {
			return "", ""
		}
		if reason := why(file.ID()); reason != "" {
			return file.Name, reason
		}
		for dir := range Above(file.Name) {
			if reason := why(ID{file.Tree.Dir(), dir}); reason != "" && HasManifestName(file.Name) {
				return dir, reason
			}
		}
		return "", ""
	})
}

// dropNamed takes out the charts whose README alone says that they are deprecated, and whose path a file with YAML or JSON has that is in
// another folder: something is still made of them.
func (f *Found) dropNamed(deprecated map[ID]string) {
	toldOf := func(id ID) bool { return deprecated[id] == readme }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(deprecated)), toldOf) {
		return
	}
	for _, l := range [][]File{f.InCharts, f.Manifests} {
		for _, file := range l {
			text, err := file.Tree.ReadFile(file.Name)
			if err != nil || len(text) > maxGoFile {
				continue
			}
			for word := range strings.FieldsFuncSeq(string(text), isBetweenSteps) {
				if id := (ID{file.Tree.Dir(), strings.Trim(strings.TrimPrefix(word, "./"), "/")}); toldOf(id) && !strings.HasPrefix(file.Name, id.Name+"/") {
					delete(deprecated, id)
				}
			}
		}
	}
}

// maxHeading is in how many lines of a README the heading may be.
const maxHeading = 10

// saysSoInHeading matches the heading of a document about something that is deprecated, and not of one about a part of it that is, such as
// deprecated values.
var saysSoInHeading = regexp.MustCompile(`^#[^#\pL\pN]*(?i:deprecated|deprecation (?:notice|warning))(?:$|[^\pL\pN]*$|[^\pL\pN\s]|\s+[^\pL\pN\s])`)

// isHeadedDeprecated reports whether a heading of the first level at the top of a README says that its subject is deprecated.
func isHeadedDeprecated(text []byte) bool {
	n := 0
	for line := range bytes.Lines(text) {
		if n++; n > maxHeading {
			break
		}
		if saysSoInHeading.Match(bytes.TrimSpace(line)) {
			return true
		}
	}
	return false
}
