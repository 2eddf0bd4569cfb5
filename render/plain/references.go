package plain

import (
	"bytes"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipReferences skips the releases of other projects that nobody applies. why says it of a file, or is empty.
func SkipReferences(read []Manifest, files []discover.File, why func(discover.File) string) {
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		if reason := why(f); reason != "" {
			read[i].drop(reason)
		}
	}
}

// SkipEmbedded skips the templates that Go programs embed and fill in: what is not YAML before that.
func SkipEmbedded(read []Manifest, files []discover.File) {
	var embedders discover.Embedders
	for i, f := range files {
		isBroken := func(p lint.Problem) bool { return p.Code == lint.CodeInvalidYAML }
		if f.Named || !bytes.Contains(read[i].Data, []byte("{{")) || !slices.ContainsFunc(read[i].Problems, isBroken) {
			continue
		}
		if by := embedders.Of(f); by != "" {
			read[i].drop("a template that " + by + " embeds and fills in")
		}
	}
}

// SkipAnsible skips the files that Ansible fills in, in the templates of a role or a scenario of Molecule, if they are not YAML before that, and lists
// them. Those with a document that can be read are linted.
func SkipAnsible(read []Manifest, files []discover.File) (skipped []discover.File) {
	isOther := func(p lint.Problem) bool { return p.Code != lint.CodeInvalidYAML || p.Help != lint.TemplateHelp }
	for i, f := range files {
		m := &read[i]
		isAction := bytes.Contains(m.Data, []byte("{{")) || bytes.Contains(m.Data, []byte("{%"))
		if f.Named || !isAction || len(m.Objects) > 0 || len(m.Problems) == 0 || slices.ContainsFunc(m.Problems, isOther) {
			continue
		}
		if dir := discover.FilledByAnsible(f); dir != "" {
			m.drop("a template of another program, as Ansible uses those in " + dir + ": lint what that makes of it")
			skipped = append(skipped, f)
		}
	}
	return skipped
}
