package discover

import (
	"bytes"
	"path"
	"regexp"
)

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
		} else if readme, err := c.Tree.ReadFile(path.Join(c.Name, "README.md")); err == nil && c.Name != "." && isHeadedDeprecated(readme) {
			by = "README.md"
		}
		switch {
		case by == "":
			maintained[c.Tree.Dir()] = maintained[c.Tree.Dir()] || !ofLibrary.Match(text)
		case !c.Named && f.Parts[c.ID()] == nil && !f.linked[c.ID()] && !f.usesOf(c.Tree).isDeployed(c.Tree, c.Name):
			deprecated[c.ID()] = by
		}
	}
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
