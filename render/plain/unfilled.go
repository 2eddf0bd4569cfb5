package plain

import (
	"regexp"

	"github.com/kubevet/kubevet/render/discover"
)

// unfilled matches an image with a placeholder of another program, which no cluster can pull: {{VERSION}}, @VERSION@.
var unfilled = regexp.MustCompile(`(?m)^[ \t-]*["']?image["']?:[ \t]*["']?[^#\s"']*(\{\{[^{}\n]{0,80}\}\}|@[A-Z][A-Z0-9_]*@|%[A-Z][A-Z0-9_]*%)`)

// SkipUnfilled skips the manifests with a placeholder for an image, or a part of it, that nothing in the repository fills in: no text names
// them, but for those of tests, and nothing else applies them. isNamed reports whether something may.
func SkipUnfilled(read []Manifest, files []discover.File, isNamed func(discover.File) bool) {
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		if m := unfilled.FindSubmatch(read[i].Data); m != nil && !isNamed(f) {
			read[i].drop("its image has the placeholder " + string(m[1]) + ", and nothing here fills it in or applies the file: name it to lint it")
		}
	}
}
