package dockerfile

import (
	"strings"
)

// image is a reference in FROM, in its parts.
type image struct {
	// name is without tag and digest, and without the parts that Docker Hub's own
	// images need not have: docker.io/library/.
	name, tag, digest string
}

// parseImage splits a reference. A colon before the last slash belongs to the
// registry's port.
func parseImage(ref string) image {
	var i image
	i.name, i.digest, _ = strings.Cut(ref, "@")
	if at := strings.LastIndexByte(i.name, ':'); at > strings.LastIndexByte(i.name, '/') {
		i.name, i.tag = i.name[:at], i.name[at+1:]
	}
	for _, prefix := range []string{"index.docker.io/", "docker.io/", "library/"} {
		i.name = strings.TrimPrefix(i.name, prefix)
	}
	return i
}

// knownUser is who an image runs as.
type knownUser int

const (
	unknownUser knownUser = iota
	rootUser
	otherUser
)

// rootImages are images whose configuration names no user, and that so run as root:
// distributions and language runtimes of Docker Hub and of their makers.
var rootImages = words(`
	scratch
	almalinux alpine amazonlinux archlinux busybox centos clearlinux debian fedora mageia opensuse/leap opensuse/tumbleweed
	oraclelinux photon rockylinux ubuntu
	amazoncorretto buildpack-deps bash clojure composer dart docker eclipse-temurin elixir erlang gcc golang gradle haskell
	httpd ibm-semeru-runtimes julia maven memcached-root nginx node openjdk perl php pypy python r-base ruby rust sapmachine
	swift swipl tomcat traefik caddy haproxy-root
	mcr.microsoft.com/dotnet/aspnet mcr.microsoft.com/dotnet/runtime mcr.microsoft.com/dotnet/runtime-deps mcr.microsoft.com/dotnet/sdk
	mcr.microsoft.com/openjdk/jdk mcr.microsoft.com/azurelinux/base/core mcr.microsoft.com/cbl-mariner/base/core
	public.ecr.aws/amazonlinux/amazonlinux public.ecr.aws/docker/library/alpine public.ecr.aws/docker/library/debian
	public.ecr.aws/docker/library/golang public.ecr.aws/docker/library/node public.ecr.aws/docker/library/python
	registry.access.redhat.com/ubi8 registry.access.redhat.com/ubi9 registry.access.redhat.com/ubi10
	registry.access.redhat.com/ubi8/ubi registry.access.redhat.com/ubi9/ubi registry.access.redhat.com/ubi10/ubi
	registry.access.redhat.com/ubi8/ubi-minimal registry.access.redhat.com/ubi9/ubi-minimal registry.access.redhat.com/ubi10/ubi-minimal
	registry.access.redhat.com/ubi8/ubi-micro registry.access.redhat.com/ubi9/ubi-micro registry.access.redhat.com/ubi10/ubi-micro
	nvidia/cuda
`)

// userOf is who an image runs as, as far as its name says.
func userOf(ref string) knownUser {
	i := parseImage(ref)
	switch {
	case strings.HasPrefix(i.name, "gcr.io/distroless/"):
		if strings.Contains(i.tag, "nonroot") {
			return otherUser
		}
		if i.tag != "" || i.digest == "" {
			return rootUser
		}
		return unknownUser
	case strings.HasPrefix(i.name, "mcr.microsoft.com/dotnet/") && (strings.Contains(i.tag, "chiseled") || strings.Contains(i.tag, "distroless")):
		return otherUser
	case rootImages[i.name]:
		return rootUser
	case strings.Contains(i.name, "unprivileged"), strings.Contains(i.tag, "nonroot"), strings.Contains(i.tag, "rootless"):
		return otherUser
	}
	return unknownUser
}

// words is a set of the words of a text.
func words(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}
