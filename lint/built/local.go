package built

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/variables"
)

// tool matches a program that builds images, also by a variable of a Makefile or script: $(DOCKER), ${CONTAINER_TOOL}.
const tool = `(?:^|[\s;&|@"'` + "`" + `(-])(?:(?:sudo\s+)?(?:docker|podman|nerdctl|buildah|finch)|\$[({]?\w*(?i:docker|podman|container|engine|runtime|builder|oci)\w*[)}]?)(?:\s+-\S+)*\s+`

var (
	// building matches the commands that build an image, and pushing those that push one. What follows has their flags
	// and names.
	building = regexp.MustCompile(tool + `(?:(?:buildx|image|builder)\s+)?(?:build|bud)\s([^;&|]*)`)
	pushing  = regexp.MustCompile(tool + `(?:(?:image|manifest)\s+)?push\s([^;&|]*)`)
)

// maxLocal limits how many names are known that commands build or push.
const maxLocal = 10_000

// HasBuild is a fast test whether a text may have a command that builds an image.
func HasBuild(text string) bool {
	return strings.Contains(text, "build") && strings.Contains(text, "-t") && tagFlag.MatchString(text)
}

// command notes what the commands of a line build and push.
func (x *Images) command(line string) {
	if strings.HasPrefix(strings.TrimSpace(line), "#") || !strings.Contains(line, "build") && !strings.Contains(line, "push") && !strings.Contains(line, "bud") {
		return
	}
	for _, m := range building.FindAllStringSubmatch(line, -1) {
		isPushed := strings.Contains(m[1], "--push") || strings.Contains(m[1], "type=registry")
		for _, tag := range tagFlag.FindAllStringSubmatch(m[1], -1) {
			x.buildsVariable = x.buildsVariable || nameInVariable.MatchString(tag[1])
			if x.note(x.byCommand, tagged(tag[1])); isPushed {
				x.note(x.pushed, fullName(strings.Trim(tag[1], `"'`)))
			}
		}
	}
	for _, m := range pushing.FindAllStringSubmatch(line, -1) {
		for word := range strings.FieldsSeq(m[1]) {
			if !strings.HasPrefix(word, "-") {
				x.note(x.pushed, fullName(strings.Trim(word, `"'`)))
			}
		}
	}
}

func (x *Images) note(to map[string]bool, ref string) {
	if ref != "" && len(to) < maxLocal {
		to[ref] = true
	}
}

// tagged is a reference with its tag, which is latest if it has none. It is empty if it is not known.
func tagged(ref string) string {
	ref = strings.Trim(ref, `"'`)
	name := fullName(ref)
	r := dockerfile.ParseReference(ref)
	if name == "" || r.Digest != "" || strings.ContainsAny(r.Tag, "${}<>`()") || strings.ContainsRune(r.Tag, node.UnknownPart) {
		return ""
	}
	return name + ":" + cmp.Or(r.Tag, "latest")
}

// commandsOf notes what the commands of a text for a shell build and push.
func (x *Images) commandsOf(text string, set variables.Set) {
	onNode := false
	for line := range strings.Lines(joined(text)) {
		if set.Assign(line) {
			continue
		}
		onNode = changesDaemon(line, onNode)
		expanded := set.Expand(line, variables.Shell)
		x.command(expanded)
		if onNode {
			x.onDaemon(expanded)
		}
	}
}

// joined is a text without the breaks of commands that go on in the next line.
func joined(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\\\n", " ")
}

// pipeline notes what the commands in a file of a CI system build and push.
func (x *Images) pipeline(d *lint.Document) {
	global := variables.Set{}
	for _, block := range [...]string{"env", "variables"} {
		for name, v := range d.Root.Get(block).Entries() {
			if v.IsScalar() && !strings.Contains(v.Written(), "$") {
				global[name] = v.Written()
			}
		}
	}
	own := ownVariables(d, global)
	dir := path.Dir(path.Clean(d.File))
	if d.Kind == lint.DocumentWorkflow { // it is in .github/workflows
		dir = path.Dir(path.Dir(dir))
	}
	for _, job := range d.Root.Get("jobs").Entries() {
		for step := range job.Get("steps").Items() {
			x.replacement(step, d.File, dir)
		}
	}
	for s := range node.Scalars(d.Root.Node) {
		x.given.makes(s.Value)
		known := expression.ReplaceAllString(own.Expand(s.Value, envExpression), string(node.UnknownPart))
		x.rewritesOf(known, d.File, dir, maps.Clone(own))
		if mayLoad(known) {
			x.nodesOf(joined(known), dir, maps.Clone(own))
		}
		x.packages(known)
		if HasBuild(s.Value) || strings.Contains(s.Value, "push ") {
			text := global.Expand(s.Value, envExpression)
			x.commandsOf(expression.ReplaceAllString(text, string(node.UnknownPart)), maps.Clone(global))
		}
	}
}

// envExpression matches where a workflow puts the value of a variable.
var envExpression = regexp.MustCompile(`\$\{\{\s*env\.\w+\s*\}\}`)

// IsLocal reports whether an image is one that the repository builds where it needs it, and that no registry has: a
// command or a Compose file builds it, its name has no registry, and nothing that is known pushes it. Its digest is not
// known before it is built.
func (x *Images) IsLocal(ref string) bool {
	full, name := tagged(ref), fullName(ref)
	first, _, _ := strings.Cut(full, "/")
	if full == "" || x.pushed[name] || strings.Contains(full, "/") && strings.ContainsAny(first, ".:") && !strings.HasPrefix(first, "localhost:") {
		return false
	}
	found := x.byCommand[full]
	for _, i := range x.named[name] {
		if i.By.Kind != lint.DocumentCompose { // which push, as a rule
			return false
		}
		found = found || tagged(i.At.PartialText()) == full
	}
	return found
}

var (
	// numberBefore matches the number before the name of a folder, which says in which order images are built.
	numberBefore = regexp.MustCompile(`^\d+[-_]`)
	// nameInVariable matches the name of an image that a variable has, with or without a tag.
	nameInVariable = regexp.MustCompile(`^["']?\$(?:\w+|\{\w+\})(?::[^"'/]*)?["']?$`)
)

// IsOfFolder reports whether an image without an owner and a tag is likely that of a Dockerfile: the folder of the Dockerfile has the image's name,
// with or without a number before it, and a command builds images whose names are in a variable, such as one for each folder. An image of Docker Hub
// that is known is not, nor one that the Dockerfile is made of.
func (x *Images) IsOfFolder(ref string) bool {
	if !x.buildsVariable || strings.ContainsAny(ref, "/:@") || dockerfile.UserOf(ref) != dockerfile.UnknownUser {
		return false
	}
	l := slices.Concat(x.folders[ref], x.numbered[ref])
	return len(l) > 0 && !slices.ContainsFunc(l, func(i *Image) bool { return isMadeOf(i, ref) })
}

// maxPackaging limits how many texts are known that package charts.
const maxPackaging = 32

// HasPackaging is a fast test whether a text may have a command that gives a chart another appVersion when it packages it.
func HasPackaging(text string) bool { return strings.Contains(text, "--app-version") }

// packages notes a text with commands that do.
func (x *Images) packages(text string) {
	if HasPackaging(text) && len(x.packaging) < maxPackaging {
		x.packaging = append(x.packaging, inCommand.ReplaceAllString(text, "*"))
	}
}

// inCommand matches what is not known in a command before it runs.
var inCommand = regexp.MustCompile(`\$(?:\w+|\{[^{}]*\}|\([^()]*\))|` + string(node.UnknownPart) + `+`)

// SetsAppVersion reports whether a command of a workflow, a pipeline, a Makefile or a script packages the chart in a folder with another appVersion
// than its Chart.yaml has.
func (x *Images) SetsAppVersion(folder string) bool {
	return slices.ContainsFunc(x.packaging, func(text string) bool {
		return slices.ContainsFunc(strings.FieldsFunc(text, endsWord), func(word string) bool { return namesFolder(word, folder) })
	})
}

// namesFolder reports whether a word of a command names a folder: by its name, or by the folders above it if the command has the name in a variable.
func namesFolder(word, folder string) bool {
	if base := path.Base(word); !strings.Contains(base, "*") {
		return base == path.Base(folder)
	}
	word = path.Clean(word)
	n := strings.Count(word, "/") + 1
	parts := strings.Split(folder, "/")
	if above := path.Dir(word); strings.Trim(above, "*./") == "" || len(parts) < n {
		return false
	}
	is, err := path.Match(word, strings.Join(parts[len(parts)-n:], "/"))
	return is && err == nil
}

// endsWord reports whether a character ends a word of a command.
func endsWord(r rune) bool { return strings.ContainsRune(" \t\r\n\"';&|=()", r) }
