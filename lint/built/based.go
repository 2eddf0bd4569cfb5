package built

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// IsOnlyCopied reports whether nobody runs the image of a Dockerfile: it has no command, and all that other
// Dockerfiles do with an image which is called as the file is, is to copy from it. envoy.Dockerfile and
// Dockerfile.envoy are called envoy, and so is the Dockerfile in the folder envoy.
func (x *Images) IsOnlyCopied(d *lint.Document) bool {
	f, ok := d.Data.(*dockerfile.File)
	if !ok || f.Final() == nil || f.Final().Last("CMD") != nil || f.Final().Last("ENTRYPOINT") != nil {
		return false
	}
	name := calledAs(d.File)
	return name != "" && x.copiedFrom[name] && !x.basedOn[name]
}

// IsOfAction reports whether a Dockerfile is beside an action of GitHub that runs an image: GitHub requires root of that.
func (x *Images) IsOfAction(d *lint.Document) bool {
	return slices.Contains(x.actions, path.Dir(d.File))
}

// calledAs is the name of the image that a Dockerfile's own name says. It is empty if it says none.
func calledAs(file string) string {
	base := strings.ToLower(path.Base(file))
	if name, ok := strings.CutSuffix(base, ".dockerfile"); ok {
		return name
	}
	if name, ok := strings.CutPrefix(base, "dockerfile."); ok {
		return name
	}
	if folder := strings.ToLower(path.Base(path.Dir(file))); base == "dockerfile" && !isCommonFolder(folder) {
		return folder
	}
	return ""
}

// addUses notes of which images the stages of a Dockerfile begin, and from which it only copies.
func (x *Images) addUses(d *lint.Document) {
	f, ok := d.Data.(*dockerfile.File)
	if !ok {
		return
	}
	x.given.comments(f)
	isParent := map[*dockerfile.Stage]bool{f.Final(): true}
	for _, s := range f.Stages {
		isParent[s.Parent] = true
	}
	for _, s := range f.Stages {
		if s.Parent == nil && runsAsBase(s) {
			x.addExtension(cmp.Or(s.Image, s.Ref.Text), d)
		}
		switch name := lastPart(s.Ref.Text); {
		case s.Parent != nil || name == "":
		case isParent[s] || len(s.Instructions) > 0:
			x.basedOn[name] = true
		default:
			x.copiedFrom[name] = true
		}
	}
}

// lastPart is the last part of the name of an image, whatever its tag is.
func lastPart(ref string) string {
	ref, _, _ = strings.Cut(ref[strings.LastIndex(ref, "/")+1:], "@")
	ref, _, _ = strings.Cut(ref, ":")
	if strings.ContainsAny(ref, "${}") {
		return ""
	}
	return strings.ToLower(ref)
}

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
