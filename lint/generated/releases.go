package generated

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// releases are findings of the templates of which files were rendered, whose objects have other names there: Helm rendered the files for
// other releases.
type releases struct {
	// wanted are the originals by what a copy has in common with them, but for the name of the object: one for each name. It is nil if
	// there are no copies.
	wanted map[likeness][]*lint.Finding
	// firsts are the first of several copies, which the chart does not have with its own values, by their messages, too: other values
	// made all of them.
	firsts map[likeness]first
}

// first is the first of several copies. isUnclear is set if one file has several such: then it is not known which of another file is
// the same.
type first struct {
	*lint.Finding
	isUnclear bool
	// inFile is the name of the object by the file that has it.
	inFile map[string]string
}

// releaseOf is what a copy has in common with its original in another release. ok is false if it is not known from which template it is.
func releaseOf(f *lint.Finding, template string) (like likeness, ok bool) {
	like = likenessesOf(f, template)[1]
	like.name = ""
	return like, strings.Contains(template, "/templates/")
}

// inDependency is how the place of a finding is called that is in a dependency.
const inDependency = "takes in another release of the chart, with the same"

// isTaken reports whether the place of a finding is a dependency.
func isTaken(f *lint.Finding) bool {
	return len(f.Origin.Trail) > 0 && f.Origin.Trail[0].Kind == lint.StepDependency
}

// templateOf is the template of a chart of the repository of which a finding is in another release, that a dependency takes in. It is
// empty if it is in none.
func templateOf(f *lint.Finding) []string {
	if !isTaken(f) || f.Origin.Trail[0].Source == "" {
		return nil
	}
	for _, s := range f.Origin.Trail {
		if i := strings.LastIndex(s.Position.File, "/templates/"); s.Kind == lint.StepTemplate && i >= 0 {
			return []string{f.Origin.Trail[0].Source + s.Position.File[i:]}
		}
	}
	return nil
}

// look notes of what a copy may be one.
func (r *releases) look(f *lint.Finding) {
	like, ok := releaseOf(f, f.MadeFrom[0])
	if !ok {
		return
	}
	if r.wanted == nil {
		r.wanted, r.firsts = map[likeness][]*lint.Finding{}, map[likeness]first{}
	}
	r.wanted[like] = nil
}

// add notes a finding as the original of copies that Helm rendered from a template.
func (r *releases) add(f *lint.Finding, template string) {
	if r.wanted == nil || hasKey(f) {
		return
	}
	like, _ := releaseOf(f, template)
	known, isWanted := r.wanted[like]
	isKnown := func(k *lint.Finding) bool { return k.Object.Name == f.Object.Name }
	if isWanted && len(known) < maxPlaces && !slices.ContainsFunc(known, isKnown) {
		r.wanted[like] = append(known, f)
	}
}

// originalOf is the only original of a copy whose object may have its name in another release: of several, the one with the most words
// in common. It is nil if there is none, or if it is not known which.
func (r *releases) originalOf(f *lint.Finding) (original *lint.Finding) {
	like, _ := releaseOf(f, f.MadeFrom[0])
	known := r.wanted[like]
	if len(known) == maxPlaces { // there may be more
		return nil
	}
	most := 0
	for _, k := range known {
		switch n := commonWords(k.Object.Name, f.Object.Name); {
		case n > most:
			original, most = k, n
		case n == most:
			original = nil
		}
	}
	return original
}

// hasNone reports whether no finding may be the original of a copy.
func (r *releases) hasNone(f *lint.Finding) bool {
	like, _ := releaseOf(f, f.MadeFrom[0])
	return len(r.wanted[like]) == 0
}

// commonWords is how many words two names have in common, at the beginning and at the end: what is between them, or before or
// behind, may be the name of a release.
func commonWords(a, b string) (n int) {
	words, others := strings.Split(a, "-"), strings.Split(b, "-")
	for len(words) > 0 && len(others) > 0 && words[0] == others[0] {
		words, others = words[1:], others[1:]
		n++
	}
	for len(words) > 0 && len(others) > 0 && words[len(words)-1] == others[len(others)-1] {
		words, others = words[:len(words)-1], others[:len(others)-1]
		n++
	}
	return n
}

// compareCopies finds the first of the copies that have no original.
func (c *Copies) compareCopies(findings []*lint.Finding) []*lint.Finding {
	for _, f := range findings {
		if !isCopy(f) || isBuilt(f) || isTaken(f) {
			continue
		}
		if c.exactOf(likenessesOf(f, f.MadeFrom[0]), f.Origin.File) == nil && c.releases.hasNone(f) {
			c.releases.compare(f)
		}
	}
	return findings
}

func (r *releases) compare(f *lint.Finding) {
	like, ok := withMessage(f)
	if !ok {
		return
	}
	of := r.firsts[like]
	if of.inFile == nil {
		of.inFile = map[string]string{}
	}
	name, known := of.inFile[f.Origin.File]
	of.isUnclear = of.isUnclear || known && name != f.Object.Name
	of.inFile[f.Origin.File] = f.Object.Name
	if of.Finding == nil || comparePlaces(f, of.Finding) < 0 {
		of.Finding = f
	}
	r.firsts[like] = of
}

// withMessage is what copies have in common that have no original: the message as well, but for the name of the object.
func withMessage(f *lint.Finding) (like likeness, ok bool) {
	like, ok = releaseOf(f, f.MadeFrom[0])
	like.message = f.Message
	if f.Object.Name != "" {
		like.message = strings.ReplaceAll(f.Message, f.Object.Name, " ")
	}
	return like, ok
}

func comparePlaces(f, g *lint.Finding) int {
	return cmp.Or(strings.Compare(f.Origin.File, g.Origin.File), f.Origin.Line-g.Origin.Line)
}

// firstOf is the first of the copies like one, if that is another one in another file whose object may be the same in another release. It is
// nil if it is this one.
func (r *releases) firstOf(f *lint.Finding) *lint.Finding {
	like, ok := withMessage(f)
	if of := r.firsts[like]; ok && of.Finding != nil && !of.isUnclear && of.Origin.File != f.Origin.File && commonWords(of.Object.Name, f.Object.Name) > 0 {
		return of.Finding
	}
	return nil
}
