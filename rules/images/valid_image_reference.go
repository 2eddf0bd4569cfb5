package images

import (
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// ValidImageReference reports images whose reference no container runtime takes: with upper-case
// letters in the repository, blanks, a scheme, or an empty or malformed tag.
//
// The pod never starts: it waits with InvalidImageName. Most often a value is missing that a
// template puts together, the tag for one.
//
// The grammar is that of the distribution specification: lower-case path components, a tag of at
// most 128 letters, digits, dots, dashes and underscores. Digests are judged by image-digest.
// Placeholders with $, {, <, % or @@, and images that are left out, for an operator to fill in, are
// not judged.
var ValidImageReference = &lint.Rule{
	ID:        "valid-image-reference",
	Title:     "Image reference is malformed",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"images-digest-or-signature"},
	Fix:       "write the image as registry/repository:tag or registry/repository@sha256:…, in lower case",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: checkReference},
}

var (
	imagePath = regexp.MustCompile(`^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$`)
	imageHost = regexp.MustCompile(`^(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]|\[[0-9A-Fa-f:]+\])(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*(?::[0-9]+)?$`)
)

func checkReference(p *lint.Pass, h lint.PodOrContainer) {
	v := h.Get("image")
	if fault := faultOf(v.Text()); fault != "" {
		p.Reportf(h, v, "uses image %q, %s; want a reference such as registry.example.com/app:1.0", v.Text(), fault)
	}
}

// faultOf says what is wrong with a reference. Empty: nothing, or it is none.
func faultOf(image string) string {
	if image == "" || strings.ContainsAny(image, "${}<>%") || strings.Contains(image, "@@") {
		return ""
	}
	if strings.ContainsAny(image, " \t\n") {
		return "which holds blanks"
	}
	if strings.Contains(image, "://") {
		return "which has a scheme"
	}
	name, digest, hasDigest := strings.Cut(image, "@")
	if hasDigest && digest == "" {
		return "whose digest is empty"
	}
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		switch tag := name[i+1:]; {
		case tag == "":
			return "whose tag is empty"
		case !imageTag.MatchString(tag):
			return "whose tag is malformed"
		}
		name = name[:i]
	}
	return faultOfName(name)
}

func faultOfName(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) > 1 && isHost(parts[0]) {
		if !imageHost.MatchString(parts[0]) {
			return "whose registry is malformed"
		}
		parts = parts[1:]
	}
	for _, part := range parts {
		switch {
		case part == "":
			return "whose repository has an empty part"
		case imagePath.MatchString(part):
		case imagePath.MatchString(strings.ToLower(part)):
			return "whose repository has upper-case letters"
		default:
			return "whose repository is malformed"
		}
	}
	return ""
}

// isHost reports whether the first part of a name is a registry, as runtimes tell
// it: it has a dot or a port, or is localhost.
func isHost(part string) bool {
	return strings.ContainsAny(part, ".:") || part == "localhost" || strings.ToLower(part) != part
}
