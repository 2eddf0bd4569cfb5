package kustomize

import (
	"net/url"
	"regexp"
	"strings"
)

var userAtHost = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*@`)

// isRemote reports whether kustomize would fetch a path with Git or HTTP. It
// holds for some paths that kustomize would only refuse; never the other way.
func isRemote(path string) bool {
	if isURL(path) {
		return true
	}
	p := strings.ToLower(path)
	for strings.HasPrefix(p, "git::") {
		p = p[len("git::"):]
	}
	for _, scheme := range [...]string{"http://", "https://", "ssh://", "file://", "git://"} {
		if strings.HasPrefix(p, scheme) {
			return true
		}
	}
	p = strings.TrimPrefix(p, userAtHost.FindString(p))
	return len(p) < len(path) && userAtHost.MatchString(path) ||
		strings.HasPrefix(p, "github.com/") || strings.HasPrefix(p, "github.com:") ||
		strings.HasPrefix(strings.ToLower(path), "git::")
}

// isURL reports whether kustomize would read a file from the web.
func isURL(path string) bool {
	u, err := url.Parse(path)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}
