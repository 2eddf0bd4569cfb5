package generated

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// unknownSource is where a finding of a generated file is fixed whose source is not known.
const unknownSource = "the source of this generated file"

// isMadeFrom is said of the file from which a generator makes one.
const isMadeFrom = ", from which this file is generated"

// imageLine matches a line with an image, and nothing else.
var imageLine = regexp.MustCompile(`^\s*(?:- )?image: *["']?([^\s"'{}#]+)["']?\s*$`)

// ofVariable says in what a finding is to be fixed at an image which the recipe that writes the file takes of a variable.
func (f *file) ofVariable(of *lint.Finding, made Made, otherwise string) string {
	m := imageLine.FindSubmatch(f.lineAt(of.Origin.Line))
	if m == nil || otherwise != unknownSource {
		return otherwise
	}
	at, name := made.ImageVariable(f.written, string(m[1]))
	if at.File == "" {
		return otherwise
	}
	of.Related = append(of.Related, lint.RelatedPlace{Position: at, Label: "sets the image"})
	return "the variable " + name + " of " + at.File + ", which is written to this file"
}

// lister is where a kustomization lists the file of a finding, as the trail of the finding has it: a patch there stays when the file is made
// again. It is empty if none does.
func lister(of *lint.Finding) lint.Position {
	for _, s := range of.Origin.Trail {
		if s.Kind == lint.StepKustomization {
			if strings.HasPrefix(s.Label, "resources[") {
				return s.Position
			}
			break
		}
	}
	return lint.Position{}
}

// orPatch adds the kustomization to a source that is not known, which may be in no repository, or that is only the values of a release.
func (f *file) orPatch(of *lint.Finding, in string, made Made) string {
	by := lister(of)
	switch {
	case f.values != "" && f.madeOf == f.values && in == f.madeOf+isMadeFrom:
		return f.byRelease(of)
	case in != unknownSource || by.File == "" || by.File == f.mark.File: // which is generated, too
		return in
	case of.Fix.AddsObject:
		return "" // anywhere
	case isMade(by.File, made):
		return in
	}
	return "a patch of " + by.File + ", which lists this generated file, or in its source"
}

// isMade reports whether commands make a file anew.
func isMade(name string, made Made) bool {
	at, _, _ := made.Written(name)
	return at.File != "" || made.Filled(name).File != ""
}

// byRelease says in what a finding is to be fixed whose object Helm rendered of a chart that the repository does not have: in the values for it, or
// in the kustomization that lists the file. It is empty if neither is known, or if the fix says it itself.
func (f *file) byRelease(of *lint.Finding) string {
	by := lister(of)
	switch {
	case of.Fix.AddsObject:
		return ""
	case strings.HasPrefix(of.Fix.Title, "move the object to "):
		f.renderAgain(of, by.File)
		return ""
	case f.values != "" && by.File != "":
		return f.values + ", with which Helm renders this file, or in a patch of " + by.File
	case f.values != "":
		return f.values + ", with which Helm renders this file"
	case by.File != "":
		return "a patch of " + by.File + ", which lists what Helm rendered"
	}
	if h, ok := f.headingAt(of.Origin.Line); ok {
		chart, _, _ := strings.Cut(h.name, "/")
		return "the values of the chart " + chart + ", which is not in the input and from which Helm rendered this, or in a patch"
	}
	return ""
}

// renderAgain has the fix of an object at an old API say that Helm renders the file again: values do not set an apiVersion, templates do, by the
// version of the cluster that Helm is given.
func (f *file) renderAgain(of *lint.Finding, kustomization string) {
	chart := "its chart"
	if h, ok := f.headingAt(of.Origin.Line); ok {
		name, _, _ := strings.Cut(h.name, "/")
		chart = "the chart " + name
	}
	title := "render this file again with a newer version of " + chart + ", and with --kube-version"
	if kustomization != "" {
		title += ", or in a patch of " + kustomization + ", which lists what Helm rendered, " + of.Fix.Title
	}
	of.Fix.Title = title
	of.Fix.Value, of.Fix.Addition, of.Fix.Edits = "", lint.Addition{}, nil
}

// isComment reports whether a line of the file is a comment.
func (f *file) isComment(line int) bool { return bytes.HasPrefix(f.lineAt(line), []byte("#")) }

// lineAt is a line of the file. It is nil if the file does not have it.
func (f *file) lineAt(line int) []byte {
	n := 0
	for l := range bytes.Lines(f.text) {
		if n++; n == line {
			return l
		}
	}
	return nil
}
