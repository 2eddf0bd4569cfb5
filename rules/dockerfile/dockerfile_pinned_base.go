package dockerfile

import (
	"os"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// DockerfilePinnedBase reports FROM with an image that has neither tag nor digest, or the
// tag latest.
//
// The same Dockerfile gives another image tomorrow: anyone who can push to the base's
// repository decides what is in it, and nobody can go back to yesterday's.
//
// Names of stages and scratch are no images. Variables have the defaults that ARG gives
// them; without a default, or with one such as mustoverride, they are not known, nor where each build in workflows and
// configurations of the repository passes another value, unless that has no version either. COPY --from and the from of a mount are
// checked as well. An image that the repository builds by a command and pushes nowhere has no digest yet, and is none,
// nor is a name without owner and tag of the folder of a Dockerfile, where a command builds images whose names are in a variable.
var DockerfilePinnedBase = &lint.Rule{
	ID:        "dockerfile-pinned-base",
	Title:     "Base image has no tag or the tag latest",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-pinned-no-secrets", "images-no-latest-no-remote-control"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "name a version of the base image: a tag that is never moved, or better a digest",
	Check: each(checkPinnedBase),
}

func checkPinnedBase(f file) {
	for _, s := range f.Stages {
		if i, at := f.base(s); s.Image != "" && !isToBePassed(i, at) && !f.isReplaced(s) {
			checkTag(f, i, "FROM", at, s.Image)
		}
		for _, i := range s.Instructions {
			from, ok := i.Flag("from")
			if image, isKnown := i.Expand(from); i.Name == "COPY" && ok && isKnown && f.Stage(from.Text) == nil && strings.ContainsAny(image, "/:") {
				checkTag(f, i, i.Name, from, image)
			}
		}
	}
}

// isToBePassed reports whether a base image is no more than a word in ARG that asks for one: each build passes another.
func isToBePassed(i *dockerfile.Instruction, at dockerfile.Word) bool {
	return i.Name == "ARG" && !strings.ContainsAny(at.Text, "/:@") && detect.IsPlaceholder(at.Text)
}

// isReplaced reports whether each known build of a Dockerfile, and at least one, passes values of ARG that name a version for the base image of a stage
// in place of what the defaults make of it.
func (f file) isReplaced(s *dockerfile.Stage) bool {
	if !strings.Contains(s.Ref.Text, "$") {
		return false
	}
	builds := built.Of(f.pass).Args(f.document)
	return len(builds) > 0 && !slices.ContainsFunc(builds, func(args map[string]string) bool {
		isPassed := false
		ref := os.Expand(s.Ref.Text, func(reference string) string {
			name, _, _ := strings.Cut(reference, ":")
			if value, ok := args[name]; ok {
				isPassed = true
				return value
			}
			return f.defaultOf(name)
		})
		image := dockerfile.ParseReference(ref)
		return !isPassed || image.Digest == "" && (image.Tag == "latest" || image.Tag == "" && !isUnknown(path.Base(ref)))
	})
}

// isUnknown reports whether the last part of a reference, which has the tag, is known to the build only.
func isUnknown(last string) bool { return strings.ContainsAny(last, "$"+string(node.UnknownPart)) }

// defaultOf is the default of a variable that ARG sets before the first FROM.
func (f file) defaultOf(name string) (value string) {
	for _, arg := range f.Args {
		for _, a := range arg.Assignments() {
			if a.Name.Text == name {
				value = a.Value.Text
			}
		}
	}
	return value
}

// checkTag reports an image without a version, at a word of an instruction. name is the instruction that uses it.
func checkTag(f file, i *dockerfile.Instruction, name string, at dockerfile.Word, ref string) {
	image := dockerfile.ParseReference(ref)
	if ref == "scratch" || image.Digest != "" && !isMalformed(image.Digest) || image.Name != strings.ToLower(image.Name) || f.isLocal(ref) { // no name of an image has capitals
		return
	}
	d, want := diagnostic(i, at), "a version"
	if i.Name == "COPY" {
		d.Fix = lint.Advice("name a version of the image: a tag that is never moved, or better a digest")
	}
	if dockerfile.IsDistroless(image) {
		want = "a digest"
		d.Fix = lint.Advice("append the digest of the image that was tested: @sha256:… (no tag of this image is a version)")
	}
	switch image.Tag {
	case "":
		f.reportIn(i, d, "%s uses image %s without a tag; want %s", name, ref, want)
	case "latest":
		f.reportIn(i, d, "%s uses image %s; want %s in place of latest", name, ref, want)
	}
}
