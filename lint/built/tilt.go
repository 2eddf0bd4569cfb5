package built

import (
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

var (
	// tiltBuild matches the call of a Tiltfile that builds an image, whose name comes first. Extensions end in _with_restart.
	tiltBuild = regexp.MustCompile(`(?m)^[^#\n]*\b(?:docker_build|custom_build)(?:_with_restart)?\(\s*(?:ref\s*=\s*)?["']([^"'\s]+)["']`)
	// tiltYAML matches the call that applies manifests: a file, a list of them, or what kustomize makes of a folder.
	tiltYAML = regexp.MustCompile(`(?m)^[^#\n]*\bk8s_yaml\(\s*((?:kustomize\()?[^()]*)\)`)
	// quoted matches a string without escapes.
	quoted = regexp.MustCompile(`"([^"\\\n]+)"|'([^'\\\n]+)'`)
)

// HasTilt is a fast test whether a text may build images and apply manifests by Tilt.
func HasTilt(text []byte) bool { return tiltBuild.Match(text) && tiltYAML.Match(text) }

// tiltfile notes the images that Tilt builds, and the manifests in which it puts them in place of what is written there.
func (x *Images) tiltfile(d *lint.Document) {
	text, _ := d.Data.(string)
	var applied []string
	for _, m := range tiltYAML.FindAllStringSubmatch(text, maxReplaced) {
		for _, q := range quoted.FindAllStringSubmatch(m[1], maxReplaced-len(applied)) {
			if name := path.Join(path.Dir(path.Clean(d.File)), q[1]+q[2]); name != "." && !strings.HasPrefix(name, "..") {
				applied = append(applied, name)
			}
		}
	}
	for _, m := range tiltBuild.FindAllStringSubmatch(text, maxTilt) {
		for _, name := range applied[:min(len(applied), maxTilt)] {
			addFolder(x.tilt, m[1], name)
		}
	}
}

// maxTilt limits how many images, and how many manifests of them, one Tiltfile has.
const maxTilt = 100
