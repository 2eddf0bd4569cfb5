package generated

import (
	"bytes"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// markers says in which markers of Go a finding is to be fixed whose file controller-gen makes.
func (f *file) markers(of *lint.Finding, made Made) string {
	const makes = " from which controller-gen makes this file"
	switch f.generator {
	case "crd":
		return "the Go types" + makes
	case "webhook":
		return "the +kubebuilder:webhook markers" + makes + ", or in a patch"
	}
	return f.rbacMarkers(of, made) + makes
}

// rbacMarkers names the markers of Go for a finding of a role: the one that alone grants the resource, if that is known.
func (f *file) rbacMarkers(of *lint.Finding, made Made) string {
	if at := f.marker(of, made); at.File != "" {
		of.Related = append(of.Related, lint.RelatedPlace{Position: at, Label: "grants it"})
		return "the +kubebuilder:rbac marker in " + at.File
	}
	return "the +kubebuilder:rbac markers"
}

// roleMarkers says in which markers of Go a finding of a role is to be fixed in a file that is built of what controller-gen makes. It is empty for
// others.
func (f *file) roleMarkers(of *lint.Finding, made Made) string {
	if of.Object.Kind != "ClusterRole" && of.Object.Kind != "Role" || !strings.HasPrefix(of.Path, "rules[") {
		return ""
	}
	by := lint.RelatedPlace{Position: made.RoleMaker(f.name, of.Object.Name), Label: "makes the role"}
	if by.File == "" {
		return ""
	}
	of.Related = append(of.Related, by)
	return f.rbacMarkers(of, made) + " from which controller-gen makes this role"
}

// marker is the line of Go that alone grants the resource at the place of a finding. It is empty if that is not known.
func (f *file) marker(of *lint.Finding, made Made) lint.Position {
	if i := strings.LastIndex(of.Path, ".resources["); i < 0 || !strings.HasPrefix(of.Path, "rules[") || of.Origin.Precision != lint.PrecisionExact {
		return lint.Position{}
	}
	n := 0
	for line := range bytes.Lines(f.text) {
		if n++; n < of.Origin.Line {
			continue
		}
		resource, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "- ")
		if !ok {
			break
		}
		return made.Marker(f.name, strings.Trim(strings.TrimSpace(resource), `"'`))
	}
	return lint.Position{}
}
