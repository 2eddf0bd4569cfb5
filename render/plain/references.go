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
