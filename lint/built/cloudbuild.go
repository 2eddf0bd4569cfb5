package built

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// cloudBuild reads the steps of a Cloud Build configuration that call docker build, or the
// executor of kaniko. Steps that run a shell are not read.
func (r reader) cloudBuild(d *lint.Document) {
	for step := range d.Root.Get("steps").Items() {
		if step.Get("entrypoint").IsSet() || step.Get("script").IsSet() {
			continue
		}
		s := cloudStep{root: d.Root, dir: "."}
		s.dir = s.path(s.text(step.Get("dir")))
		for arg := range step.Get("args").Items() {
			s.args = append(s.args, arg)
		}
		switch image, _, _ := strings.Cut(step.Get("name").Written(), ":"); {
		case path.Base(image) == "docker":
			r.cloudImages(d, s.docker())
		case strings.HasSuffix(image, "kaniko-project/executor"):
			r.cloudImages(d, s.kaniko())
		}
	}
}

// cloudImages adds the images of a step. No file says which folder the sources are uploaded
// from: it is the one of the configuration or one above it. If the Dockerfile depends on
// that, the image has none.
func (r reader) cloudImages(d *lint.Document, c buildCommand) {
	var found []*lint.Document
	for dir := path.Dir(path.Clean(d.File)); ; dir = path.Dir(dir) {
		i := slices.IndexFunc(c.files, func(file string) bool { return isBelow(file) && r.files[path.Join(dir, file)] != nil })
		if i >= 0 {
			found = append(found, r.files[path.Join(dir, c.files[i])])
		}
		if dir == "." || dir == "/" || path.Base(dir) == ".." {
			break
		}
	}
	for _, tag := range c.tags {
		i := &Image{Name: tag.value, Target: c.target, By: d, At: tag.at, HasArgs: c.hasArgs, Args: argsOf(slices.Values(c.args))}
		if len(found) == 1 {
			i.Dockerfile = found[0]
		}
		r.add(i)
	}
}

// isBelow reports whether a clean path stays below the folder that it is relative to.
func isBelow(file string) bool {
	return !path.IsAbs(file) && file != ".." && !strings.HasPrefix(file, "../")
}

// cloudStep is the arguments of a step, and the folder that it runs in.
type cloudStep struct {
	root lint.Value
	dir  string
	args []lint.Value
}

// text is an argument with the values of its substitutions.
func (s cloudStep) text(v lint.Value) string { return substitute(s.root, v.Written(), 0) }

// buildCommand is what the arguments of a step say.
type buildCommand struct {
	tags []flag
	// files are the paths that the Dockerfile may have below the sources: the first that
	// exists counts. It is empty if they are not known.
	files   []string
	target  string
	hasArgs bool
	// args are NAME=VALUE.
	args []string
}

// flag is a flag with its value, or an argument without a name. At is where the value is.
type flag struct {
	name, value string
	at          lint.Value
}

// flags reads arguments. Of the flags that are not --name=value, those in values have
// their value in the next argument. others is the flags of which that is not known.
func (s cloudStep) flags(args []lint.Value, values, switches []string) (l []flag, others bool) {
	for i := 0; i < len(args); i++ {
		text := s.text(args[i])
		if !strings.HasPrefix(text, "-") {
			l = append(l, flag{"", text, args[i]})
			continue
		}
		name, value, hasValue := strings.Cut(text, "=")
		if !hasValue && slices.Contains(values, name) && i+1 < len(args) {
			i++
			value = s.text(args[i])
		} else if !hasValue && !slices.Contains(switches, name) {
			others = true
		}
		l = append(l, flag{name, value, args[i]})
	}
	return l, others
}

// dockerValues are the flags of docker build that have a value, and dockerSwitches those
// that have none.
var (
	dockerValues = []string{
		"--add-host", "--allow", "--annotation", "--attest", "--build-arg", "--build-context", "--builder", "--cache-from", "--cache-to", "--call", "--cgroup-parent",
		"--file", "--iidfile", "--isolation", "--label", "--memory", "--metadata-file", "--network", "--no-cache-filter", "--output", "--platform", "--progress",
		"--provenance", "--sbom", "--secret", "--security-opt", "--shm-size", "--ssh", "--tag", "--target", "--ulimit", "-f", "-m", "-o", "-t",
	}
	dockerSwitches = []string{"--check", "--compress", "--debug", "--force-rm", "--load", "--no-cache", "--pull", "--push", "--quiet", "--rm", "--squash", "-D", "-q"}
)

// docker reads docker build and docker buildx build. The Dockerfile is in the context, unless
// a flag names one: by its path from the step's folder.
func (s cloudStep) docker() (c buildCommand) {
	args := s.args
	for len(args) > 0 && slices.Contains([]string{"buildx", "image", "builder"}, args[0].Written()) {
		args = args[1:]
	}
	if len(args) == 0 || args[0].Written() != "build" {
		return c
	}
	file := ""
	var contexts []string
	flags, others := s.flags(args[1:], dockerValues, dockerSwitches)
	for _, f := range flags {
		switch f.name {
		case "":
			contexts = append(contexts, f.value)
		case "-t", "--tag":
			c.tags = append(c.tags, f)
		case "-f", "--file":
			file = f.value
		case "--target":
			c.target = f.value
		case "--build-arg":
			c.hasArgs, c.args = true, append(c.args, f.value)
		}
	}
	switch {
	case others || len(contexts) != 1 || isRemote(s.path(contexts[0])):
	case file != "":
		c.files = []string{s.path(file)}
	default:
		c.files = []string{path.Join(s.path(contexts[0]), "Dockerfile")}
	}
	return c
}

// kaniko reads the arguments of kaniko's executor. It looks for the Dockerfile in its folder
// and then in the context, which is all sources unless a flag says otherwise.
func (s cloudStep) kaniko() (c buildCommand) {
	file, context, sub := "Dockerfile", workspace, ""
	flags, _ := s.flags(s.args, []string{"--build-arg", "--context", "--context-sub-path", "--destination", "--dockerfile", "--target", "-c", "-d", "-f"}, nil)
	for _, f := range flags {
		switch f.name {
		case "-d", "--destination":
			c.tags = append(c.tags, f)
		case "-f", "--dockerfile":
			file = f.value
		case "-c", "--context":
			context = f.value
		case "--context-sub-path":
			sub = f.value
		case "--target":
			c.target = f.value
		case "--build-arg":
			c.hasArgs, c.args = true, append(c.args, f.value)
		}
	}
	if context = s.path(strings.TrimPrefix(context, "dir://")); !isRemote(context) {
		c.files = []string{s.path(file), path.Join(context, sub, file)}
	}
	return c
}

// workspace is the folder in which Cloud Build has the sources.
const workspace = "/workspace"

// path is a path below the sources. One that is absolute is elsewhere.
func (s cloudStep) path(text string) string {
	if strings.Contains(text, "://") {
		return text
	}
	if !path.IsAbs(text) {
		return path.Join(s.dir, text)
	}
	if below, ok := strings.CutPrefix(path.Clean(text)+"/", workspace+"/"); ok {
		return path.Clean(below)
	}
	return text
}

var substitution = regexp.MustCompile(`\$(\$|[A-Za-z_][A-Za-z0-9_]*|\{[^}]*\})`)

// substitute replaces the substitutions of a text by their values in the configuration.
// node.UnknownPart takes the place of those whose value is not there, such as $PROJECT_ID.
func substitute(root lint.Value, text string, depth int) string {
	return substitution.ReplaceAllStringFunc(text, func(whole string) string {
		name := strings.Trim(whole[1:], "{}")
		v := root.Get("substitutions").Child(name)
		switch {
		case name == "$":
			return name
		case !v.IsScalar() || depth > maxNested:
			return string(node.UnknownPart)
		}
		return substitute(root, v.Written(), depth+1)
	})
}
