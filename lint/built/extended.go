package built

import (
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// extension is a Dockerfile that runs commands as the user of an image, whose name has a part that a build gives.
type extension struct {
	// pattern is the last part of the name, with * for a variable.
	pattern string
	by      *lint.Document
}

// maxExtensions is how many Dockerfiles are kept for one name, and of those with variables in names.
const maxExtensions = 32

// ExtendedBy is the first other Dockerfile that runs commands as the user of an image which is called as a Dockerfile is: it likely
// builds on the image of that one. It is nil if there is none, or if the name may be that of another image.
func (x *Images) ExtendedBy(d *lint.Document) *lint.Document {
	name := calledAs(d.File)
	if name == "" || isMadeOf(&Image{Dockerfile: d}, name) {
		return nil
	}
	for _, by := range x.extended[name] {
		if by != d {
			return by
		}
	}
	for _, e := range x.extendedLike {
		if ok, _ := path.Match(e.pattern, name); ok && e.by != d {
			return e.by
		}
	}
	return nil
}

// variablePart matches a variable in the name of an image.
var variablePart = regexp.MustCompile(`\$(?:\{[^{}]*\}|\w+)`)

// addExtension notes that a Dockerfile runs commands as the user of an image, unless others publish an image with that name.
func (x *Images) addExtension(ref string, d *lint.Document) {
	ref = strings.ToLower(variablePart.ReplaceAllString(ref, "*"))
	owner, last := path.Split(ref)
	last, _, _ = strings.Cut(last, "@")
	last, _, _ = strings.Cut(last, ":")
	switch {
	case strings.Trim(last, "*") == "" || strings.ContainsAny(last, `${}[\?`):
	case owner == "" && dockerfile.UserOf(ref) != dockerfile.UnknownUser || isPublic(owner, last):
	case !strings.Contains(last, "*"):
		if len(x.extended[last]) < maxExtensions {
			x.extended[last] = append(x.extended[last], d)
		}
	case len(x.extendedLike) < maxExtensions:
		x.extendedLike = append(x.extendedLike, extension{last, d})
	}
}

// runsAsBase reports whether a stage runs commands before it sets a user of its own.
func runsAsBase(s *dockerfile.Stage) bool {
	for _, i := range s.Instructions {
		switch i.Name {
		case "RUN":
			return true
		case "USER":
			return false
		}
	}
	return false
}
