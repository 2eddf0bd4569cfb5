package dockerfile

import (
	"strconv"
	"strings"
)

// Reference is the parts of the reference of an image.
type Reference struct {
	// Name is without tag and digest, and without the parts that Docker Hub's own
	// images need not have: docker.io/library/.
	Name string
	// Tag and Digest are empty if the reference has none.
	Tag, Digest string
}

// ParseReference splits a reference into its parts. A colon before the last slash belongs to the
// registry's port.
func ParseReference(ref string) Reference {
	var r Reference
	r.Name, r.Digest, _ = strings.Cut(ref, "@")
	if at := strings.LastIndexByte(r.Name, ':'); at > strings.LastIndexByte(r.Name, '/') {
		r.Name, r.Tag = r.Name[:at], r.Name[at+1:]
	}
	for _, prefix := range []string{"index.docker.io/", "docker.io/", "library/"} {
		r.Name = strings.TrimPrefix(r.Name, prefix)
	}
	return r
}

// digestLengths is how many digits the algorithms of digests yield.
var digestLengths = map[string]int{"sha256": 64, "sha384": 96, "sha512": 128}

// IsDigest reports what registries and runtimes accept: an algorithm and as many digits as it
// yields.
func IsDigest(s string) bool {
	algorithm, digits, _ := strings.Cut(s, ":")
	n, ok := digestLengths[algorithm]
	return ok && len(digits) == n && strings.Trim(digits, "0123456789abcdef") == ""
}

// BaseUser is who an image runs as, by its name.
type BaseUser int

const (
	// UnknownUser is that of images whose name does not say it.
	UnknownUser BaseUser = iota
	// RootUser is root.
	RootUser
	// OtherUser is a user other than root.
	OtherUser
)

// rootImages are images whose configuration names no user, and that so run as root:
// distributions and language runtimes of Docker Hub and of their makers.
var rootImages = set(`
	scratch
	almalinux alpine amazonlinux archlinux busybox centos clearlinux debian fedora mageia opensuse/leap opensuse/tumbleweed
	oraclelinux photon rockylinux ubuntu
	amazoncorretto buildpack-deps bash clojure composer dart docker eclipse-temurin elixir erlang gcc golang gradle haskell
	httpd ibm-semeru-runtimes julia maven nginx node openjdk perl php pypy python r-base ruby rust sapmachine
	swift swipl tomcat traefik caddy
	mcr.microsoft.com/dotnet/aspnet mcr.microsoft.com/dotnet/runtime mcr.microsoft.com/dotnet/runtime-deps mcr.microsoft.com/dotnet/sdk
	mcr.microsoft.com/openjdk/jdk mcr.microsoft.com/azurelinux/base/core mcr.microsoft.com/cbl-mariner/base/core
	public.ecr.aws/amazonlinux/amazonlinux public.ecr.aws/ubuntu/ubuntu
	registry.access.redhat.com/ubi8 registry.access.redhat.com/ubi9 registry.access.redhat.com/ubi10
	registry.access.redhat.com/ubi8/ubi registry.access.redhat.com/ubi9/ubi registry.access.redhat.com/ubi10/ubi
	registry.access.redhat.com/ubi8/ubi-minimal registry.access.redhat.com/ubi9/ubi-minimal registry.access.redhat.com/ubi10/ubi-minimal
	registry.access.redhat.com/ubi8/ubi-micro registry.access.redhat.com/ubi9/ubi-micro registry.access.redhat.com/ubi10/ubi-micro
	nvidia/cuda
`)

// mirrorOfHub is how the names of Docker Hub's own images begin in the registry of Amazon that has copies of them.
const mirrorOfHub = "public.ecr.aws/docker/library/"

// isRootImage reports whether the image of a name is one of rootImages, or a copy of one.
func isRootImage(name string) bool { return rootImages[strings.TrimPrefix(name, mirrorOfHub)] }

// UserOf is who an image runs as, as far as its name says.
func UserOf(ref string) BaseUser {
	i := ParseReference(ref)
	switch {
	case IsDistroless(i):
		if strings.Contains(i.Tag, "nonroot") {
			return OtherUser
		}
		if i.Tag != "" || i.Digest == "" {
			return RootUser
		}
		return UnknownUser
	case strings.HasPrefix(i.Name, "mcr.microsoft.com/dotnet/") && (strings.Contains(i.Tag, "chiseled") || strings.Contains(i.Tag, "distroless")):
		return OtherUser
	case strings.TrimPrefix(i.Name, mirrorOfHub) == "docker" && strings.HasSuffix(i.Tag, "rootless"):
		return OtherUser
	case isRootImage(i.Name):
		return RootUser
	case strings.Contains(i.Name, "unprivileged"), strings.Contains(i.Tag, "nonroot"), strings.Contains(i.Tag, "rootless"):
		return OtherUser
	}
	return UnknownUser
}

// set is a set of the words of a text.
func set(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}

// exposing are images among rootImages that expose ports, or may.
var exposing = set(`
	caddy docker httpd nginx tomcat traefik
	mcr.microsoft.com/dotnet/aspnet mcr.microsoft.com/dotnet/runtime mcr.microsoft.com/dotnet/runtime-deps
`)

// ExposesNothing reports whether an image is known to expose no port, by its name.
func ExposesNothing(ref string) bool {
	r := ParseReference(ref)
	return isRootImage(r.Name) && !exposing[strings.TrimPrefix(r.Name, mirrorOfHub)] || IsDistroless(r)
}

// IsDistroless reports whether an image is one of the distroless project. None of their tags names a version: all are
// moved with each build.
func IsDistroless(r Reference) bool { return strings.HasPrefix(r.Name, "gcr.io/distroless/") }

// HasNoPrograms reports whether an image is known to have neither a shell nor the usual
// tools, by its name: it is made for one program.
func HasNoPrograms(ref string) bool {
	r := ParseReference(ref)
	switch {
	case IsDistroless(r):
		return r.Tag != "" && !strings.Contains(r.Tag, "debug") || r.Digest == "" && r.Tag == ""
	case strings.HasPrefix(r.Name, "mcr.microsoft.com/dotnet/"):
		return strings.Contains(r.Tag, "chiseled") || strings.Contains(r.Tag, "distroless")
	case r.Name == "cgr.dev/chainguard/static" || r.Name == "chainguard/static":
		return true
	}
	return r.Name == "scratch"
}

// ParsePorts reads the number of a port, or a range of them. A single port is a range from
// and to itself.
func ParsePorts(text string) (from, to int, ok bool) {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	if err != nil {
		return 0, 0, false
	}
	to, err = strconv.Atoi(last)
	if err != nil {
		return 0, 0, false
	}
	return from, to, 1 <= from && from <= to && to <= 65535
}
