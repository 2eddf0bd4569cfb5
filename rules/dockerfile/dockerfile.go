// Package dockerfile holds the rules on Dockerfiles: section 7 of the security
// checklist.
package dockerfile

import (
	"embed"
	"fmt"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go *[^t]est.go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	owasp = lint.OWASPTopTen
)

// file is a Dockerfile that a rule looks at.
type file struct {
	*dockerfile.File
	pass     *lint.Pass
	document *lint.Document
}

// each makes a check of a function that looks at a Dockerfile.
func each(check func(f file)) lint.DocumentCheck {
	return lint.DocumentCheck{Of: lint.DocumentDockerfile, Check: func(p *lint.Pass, d *lint.Document) {
		if f, ok := d.Data.(*dockerfile.File); ok {
			check(file{f, p, d})
		}
	}}
}

// isLocal reports whether an image is one that the repository builds itself, and that comes from no registry.
func (f file) isLocal(image string) bool {
	images := built.Of(f.pass)
	return images.IsLocal(image) || images.IsOfFolder(image)
}

// report reports a defect at a word of an instruction.
func (f file) report(i *dockerfile.Instruction, at dockerfile.Word, format string, args ...any) {
	f.reportIn(i, diagnostic(i, at), format, args...)
}

// diagnostic is one at a word of an instruction.
func diagnostic(i *dockerfile.Instruction, at dockerfile.Word) lint.Diagnostic {
	return lint.Diagnostic{At: at.Value(), Part: strings.Join([]string{i.Name, at.Text}, " ")}
}

// base is where the image of a stage is written: in FROM, or in the ARG before it that FROM names as a whole.
func (f file) base(s *dockerfile.Stage) (i *dockerfile.Instruction, at dockerfile.Word) {
	name := s.Ref.Text
	if inner, ok := strings.CutPrefix(name, "${"); ok {
		name = "$" + strings.TrimSuffix(inner, "}")
	}
	i, at = s.From, s.Ref
	for _, arg := range f.Args {
		for _, a := range arg.Assignments() {
			if a.HasValue && "$"+a.Name.Text == name {
				i, at = arg, a.Value
			}
		}
	}
	return i, at
}

// reportIn reports a defect of an instruction; the diagnostic says where it is.
func (f file) reportIn(i *dockerfile.Instruction, d lint.Diagnostic, format string, args ...any) {
	d.Document, d.Within, d.KnownPart = f.document, i.Within(), true
	d.Message = fmt.Sprintf(format, args...)
	f.pass.Report(d)
}

// words is a set of the words of a text.
func words(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}
