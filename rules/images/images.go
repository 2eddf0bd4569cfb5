// Package images holds the rules on the references to container images:
// section 7 of the security checklist.
package images

import (
	"embed"
	"regexp"
	"strings"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^t]est.go
var Source embed.FS

// cis is the standard that the rules of this package refer to.
const cis = "CIS Kubernetes Benchmark v1.12"

// reference is an image as a container names it: name[:tag][@digest].
type reference struct {
	name, tag, digest string
}

var (
	// imageName is registry and repository. It is looser than the registries' own
	// grammar: it need only tell a name from a placeholder.
	imageName = regexp.MustCompile(`^[A-Za-z0-9\[][A-Za-z0-9._:/\-\[\]]*$`)
	imageTag  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	// imageDigest is what registries and runtimes take for content: an algorithm
	// with as many digits as it yields.
	imageDigest = regexp.MustCompile(`^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`)
)

// parse reads a reference. It is not ok where the text is no reference, a
// placeholder such as ${IMAGE} perhaps.
func parse(image string) (r reference, ok bool) {
	r.name = image
	var hasTag, hasDigest bool
	r.name, r.digest, hasDigest = strings.Cut(image, "@")
	// A colon before the last slash is that of a registry's port.
	if i := strings.LastIndexByte(r.name, ':'); i > strings.LastIndexByte(r.name, '/') {
		r.name, r.tag, hasTag = r.name[:i], r.name[i+1:], true
	}
	if !imageName.MatchString(r.name) || hasTag && !imageTag.MatchString(r.tag) || hasDigest && r.digest == "" {
		return reference{}, false
	}
	return r, true
}

// registry is that of the image: docker.io where it names none.
func (r reference) registry() string {
	host, _, _ := strings.Cut(r.full(), "/")
	return host
}

// full is the name with the registry and the repository that Docker's rules add.
func (r reference) full() string {
	host, rest, ok := strings.Cut(r.name, "/")
	switch {
	case !ok:
		return "docker.io/library/" + r.name
	case !isHost(host):
		return "docker.io/" + r.name
	case host == "index.docker.io":
		return "docker.io/" + rest
	}
	return r.name
}
