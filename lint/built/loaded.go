package built

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/lint/variables"
)

// loading matches the commands that put an image on nodes, or build it there: what follows names the images.
var loading = regexp.MustCompile(`\b(kind\s+(?:-\S+\s+)*load\s+(?:docker-image|image-archive)|minikube\s+(?:-\S+(?:\s+|=)\S+\s+)?image\s+load|k3d\s+image\s+import|minikube\s+(?:-\S+(?:\s+|=)\S+\s+)?image\s+build)\s+(.+)`)

// saving matches the commands that write images to an archive.
var saving = regexp.MustCompile(`\b(?:docker|podman|nerdctl)\s+(?:image\s+)?save\s+([^;&|]*)`)

// tagFlag matches the name that a build gives an image.
var tagFlag = regexp.MustCompile(`(?:^|\s)(?:-t|--tag)(?:\s+|=)(\S+)`)

// daemonOfNode matches the command that has docker use the daemon of minikube's node in the rest of a script, or its own again.
var daemonOfNode = regexp.MustCompile(`\bminikube\s[^;&|)]*\bdocker-env\b([^;&|)]*)`)

// changesDaemon reports whether docker builds on minikube's node from a line of a script on, given whether it did before.
func changesDaemon(line string, before bool) bool {
	if !strings.Contains(line, "docker-env") || strings.HasPrefix(strings.TrimSpace(line), "#") {
		return before
	}
	m := daemonOfNode.FindStringSubmatch(line)
	if m == nil {
		return before
	}
	return !slices.ContainsFunc(strings.Fields(m[1]), func(flag string) bool { return flag == "-u" || strings.HasPrefix(flag, "--unset") })
}

// onDaemon notes the images that a line of a script builds on minikube's node.
func (x *Images) onDaemon(line string) {
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return
	}
	for _, m := range building.FindAllStringSubmatch(line, -1) {
		for _, tag := range tagFlag.FindAllStringSubmatch(m[1], -1) {
			x.note(x.byDaemon, tagged(tag[1]))
		}
	}
}

// script notes the images that a shell script puts on nodes.
func (x *Images) script(d *lint.Document) {
	text, _ := d.Data.(string)
	text = joined(text)
	x.overlays(text, projectOf(d.File))
	x.commandsOf(text, variables.Set{})
	x.given.makes(text)
	x.rewritesOf(text, d.File, "", variables.Set{})
	for line := range strings.Lines(text) {
		x.packages(line)
	}
	x.nodesOf(text, projectOf(d.File), variables.Set{})
}

// nodesOf notes the images that the commands of a text put on nodes, for a folder.
func (x *Images) nodesOf(text, dir string, set variables.Set) {
	for line := range strings.Lines(text) {
		if set.Assign(line) || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if m := saving.FindStringSubmatch(line); m != nil {
			x.given.saves(set.Expand(m[1], variables.Shell))
		}
		m := loading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		images := set.Expand(m[2], variables.Shell)
		if strings.HasSuffix(m[1], "build") {
			for _, tag := range tagFlag.FindAllStringSubmatch(images, -1) {
				x.addLoaded(x.onNodes, tag[1], dir)
			}
			continue
		}
		x.loads(x.onNodes, dir, images)
	}
}

// mayLoad is a fast test whether a text may have a command that puts an image on nodes, or saves one in an archive.
func mayLoad(text string) bool {
	return strings.Contains(text, "load ") || strings.Contains(text, "image import ") || strings.Contains(text, "save ")
}

// projectOf is the folder whose manifests a script may be for: its own, or the one above a folder of scripts.
func projectOf(file string) string {
	dir := path.Dir(path.Clean(file))
	for slices.Contains(scriptFolders, strings.ToLower(path.Base(dir))) {
		dir = path.Dir(dir)
	}
	return dir
}

var scriptFolders = []string{"bin", "build", "ci", "contrib", "dev", "e2e", "hack", "kind", "local", "minikube", "script", "scripts", "test", "tests", "tools"}

// IsLoaded reports whether a script of the project, or Skaffold, puts an image on the nodes of a cluster of its own, or a script of
// the repository builds a local one by the daemon of minikube's node: no registry need have it. at is where the image is written. It is asked for only if one of them may.
func (x *Images) IsLoaded(image string, at func() lint.Origin) bool {
	if strings.HasPrefix(image, "localhost/") { // what Podman calls images that it has built
		return true
	}
	if x.byDaemon[tagged(image)] && x.IsLocal(image) {
		return true
	}
	dirs, ofSkaffold := x.onNodes[image], x.artifacts[dockerfile.ParseReference(image).Name]
	if len(dirs)+len(ofSkaffold) == 0 {
		return false
	}
	return isIn(at().File, func(dir string) bool { return dirs[dir] || ofSkaffold[dir] })
}

// IsBuiltHere reports whether an image is local, and its name has no owner, which it needs on Docker Hub, or a script of the project
// puts it on the nodes of a cluster. at is where the image is written.
func (x *Images) IsBuiltHere(image string, at func() lint.Origin) bool {
	return x.IsLocal(image) && (!strings.Contains(fullName(image), "/") || x.IsLoaded(image, at))
}
