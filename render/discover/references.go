package discover

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// forReference matches what a document says of a file that is not there to be applied.
var forReference = regexp.MustCompile(`(?i)\b(?:only|just|purely) (?:as |for )(?:an? |the )?(?:[\w-]+ )?reference\b`)

// ReferenceOnly says why nobody applies the release of another project with a version: nothing names the file as a path, and commands apply
// the same version from the web, or a document beside the file says that it is a reference. It is empty if somebody may.
func (f *Found) ReferenceOnly(m File, version string) string {
	if m.Named || f.MayBeApplied(m) {
		return ""
	}
	base := path.Base(m.Name)
	u := f.usesOf(m.Tree)
	if hasUse(u.byPrograms, base, "") || hasUse(u.byDocuments, near(path.Dir(m.Name), base), "") {
		return ""
	}
	entries, _ := m.Tree.ReadDir(path.Dir(m.Name)) // the walk of what is linted reports what cannot be listed
	for _, e := range entries {
		if !e.Type().IsRegular() || !isForPeople(e.Name()) {
			continue
		}
		name := path.Join(path.Dir(m.Name), e.Name())
		text, err := m.Tree.ReadFile(name)
		isIt := func(line string) bool { return strings.Contains(line, base) && forReference.MatchString(line) }
		if err == nil && len(text) <= maxGoFile && slices.ContainsFunc(strings.Split(string(text), "\n"), isIt) {
			return m.Tree.Display(name) + " says that it is only for reference" + nothingElse
		}
	}
	project, _, _ := strings.Cut(base, "-")
	for address := range u.published {
		if strings.HasPrefix(address, "//") && strings.Contains(address, project) && strings.Contains(address, "/v"+version+"/") {
			return "commands apply this version from the web" + nothingElse
		}
	}
	return ""
}
