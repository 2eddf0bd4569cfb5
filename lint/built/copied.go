package built

import (
	"cmp"
	"path"
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
