package plain

import (
	"regexp"

	"github.com/kubevet/kubevet/render/discover"
)

// unfilled matches an image with a placeholder of another program, which no cluster can pull: {{VERSION}}, @VERSION@.
var unfilled = regexp.MustCompile(`(?m)^[ \t-]*["']?image["']?:[ \t]*["']?[^#\s"']*(\{\{[^{}\n]{0,80}\}\}|@[A-Z][A-Z0-9_]*@|%[A-Z][A-Z0-9_]*%)`)

// loneAction matches a line that holds nothing but an action of a template which another program fills in.
var loneAction = regexp.MustCompile(`(?m)^[ \t]*\{\{[^\n]*\}\}[ \t]*\r?$`)

// HasLoneActions reports whether a text is a template with lines that hold nothing but an action.
func HasLoneActions(text []byte) bool { return loneAction.Match(text) }

// WithoutLoneActions is a template without these lines: what is left of it may be YAML. Lines are as before.
func WithoutLoneActions(text []byte) []byte { return loneAction.ReplaceAll(text, []byte("#")) }

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
